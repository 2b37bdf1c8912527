"""The sections of a sweep one after the other, each within its share of the time, and none ending another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from peakops import sweeps
from peakops.cli.commands import Run
from peakops.cli.sweeping import apart, sections
from peakops.cli.sweeping.sections import Section
from peakops.errors import Bug, PeakopsError, TimedOut
from peakops.model import Report, Row, Status
from peakops.mutes import Mutes
from peakops.render import Unread
from peakops.scenarios.words import day
from peakops.sightings import Sightings
from peakops.sources import Shared

LOT = 100
"""How many findings are claimed at once, before they are told."""
ENOUGH_SECONDS = 1.0
"""What a section needs to begin at all; of less for all, the first ones have it, and the last ones none."""


@dataclass
class Rounds:
    """The sections that are looked at, and what becomes of their findings."""

    run: Run
    chosen: Sequence[Section]
    mutes: Mutes
    memory: Sightings | None = None
    every: bool = False
    """Whether what is muted is listed too."""
    said: tuple[str, ...] = ()
    """What is to be known of the whole of it."""
    warnings: dict[str, list[str]] = field(default_factory=dict)
    """What the sections say besides, with the names of those that say it."""
    done: list[sweeps.Section] = field(default_factory=list)
    leads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By severity, the commands of its first finding."""
    _lot: list[dict[str, Any]] = field(default_factory=list)
    _expired: set[str] = field(default_factory=set)
    _emitted: int = 0
    _forgetful: bool = False
    """Whether the memory has failed."""
    _unwritten: Exception | None = None
    """Why a finding could not be let out."""

    def go(self) -> Report:
        """Look at every section, and report on all of them."""
        shared = self.run.shared or Shared()
        for number, section in enumerate(self.chosen):
            left = self.run.frame.remaining(self.run.timeout)
            share = max(left / (len(self.chosen) - number), min(left, ENOUGH_SECONDS))
            self._one(section, share, shared)
            shared.collect()
        lead = next((self.leads[each] for each in sweeps.LEVELS if each in self.leads), ())
        told = (f"{', '.join(names)}: {each}" for each, names in self.warnings.items())
        return sweeps.of_sections(self.run.frame, self.done, lead, (*self.said, *told))

    @property
    def complete(self) -> list[str]:
        """The sections that were read whole: what they did not find is gone."""
        return [each.name for each in self.done if not each.silent]

    def _one(self, section: Section, seconds: float, shared: Shared) -> None:
        now, began = sweeps.Section(section.name), time.monotonic()
        self.done.append(now)
        try:
            if seconds < ENOUGH_SECONDS:
                over = f"The time limit of {self.run.timeout:g} s was over before it was looked at."
                raise TimedOut(over, hint="Give more time with --timeout.", code="timeout")
            self._ended(now, section, self._report(now, section, seconds, shared))
        except Exception as wrong:  # noqa: BLE001  (a mistake of ours in one section must not end the others)
            self._failed(now, section, wrong)
        self._flush(now)
        now.seconds = time.monotonic() - began

    def _report(self, now: sweeps.Section, section: Section, seconds: float, shared: Shared) -> Report:
        """What the section says, once its rows were taken. Raises TimedOut where it does not end."""
        run = replace(self.run, shared=shared)
        try:
            return apart.looked(
                lambda relay: section.look(sections.own(section, run, relay, seconds)),
                lambda row: self._take(now, sweeps.finding(section.name, row)),
                seconds,
            )
        except apart.Endless:
            shared.forsake()
            over = f"It did not end within its share of the time, {seconds:.0f} s."
            raise TimedOut(over, hint="Give more time with --timeout.", code="timeout") from None

    def _ended(self, now: sweeps.Section, section: Section, report: Report) -> None:
        """What a section's report says beside its rows."""
        now.subjects = report.data.get("summary", {}).get("subjects")
        if row := sweeps.unexplained(now, section.command, report):
            self._take(now, row)
        if sweeps.unsure(now, report):
            now.silent = True
            fault = next((each.error for each in report.evidence if each.error), None)
            now.why = sweeps.reason(report)
            self._count(now, sweeps.silence(section.name, section.command, fault.code if fault else "silent", now.why))
        for each in report.warnings:
            # Why it is unknown is told with the section.
            if not (now.why and now.why in each):
                self.warnings.setdefault(each, []).append(section.name)

    def _failed(self, now: sweeps.Section, section: Section, wrong: Exception) -> None:
        """A section that an error ended is unknown; that a finding could not be let out ends them all."""
        if wrong is self._unwritten:
            raise wrong
        bug = Bug(f"peakops failed: {type(wrong).__name__}: {wrong}.")
        self._silent(now, section, wrong if isinstance(wrong, PeakopsError) else bug)

    def _silent(self, now: sweeps.Section, section: Section, wrong: PeakopsError) -> None:
        now.silent, now.why = True, f"{wrong.says} {wrong.hint}".strip()
        self._count(now, sweeps.silence(section.name, section.command, wrong.code, now.why))

    def _take(self, now: sweeps.Section, row: dict[str, Any]) -> None:
        """A finding of a section: muted, known, or to be told."""
        if row["severity"] == Status.OK.value:
            return
        now.found[row["severity"]] += 1
        mute = self.mutes.of_finding(row["fingerprint"], row["subject"])
        if mute and mute["state"] == "active":
            now.muted[row["severity"]] += 1
            if self.every:
                row |= {"muted": True, "says": f"{row['says']}  muted until {day(mute['expires_at'])}"}
                self._emit(row)
            return
        self._told(now, row)
        if mute and mute["fingerprint"] not in self._expired:
            self._expired.add(mute["fingerprint"])
            now.expired += 1
            self._told(now, sweeps.expired(row, mute, day(mute["expires_at"])))

    def _told(self, now: sweeps.Section, row: dict[str, Any]) -> None:
        if self.memory is None:
            self._count(now, row)
            return
        self._lot.append(row)
        if len(self._lot) >= LOT:
            self._flush(now)

    def _flush(self, now: sweeps.Section) -> None:
        """Of the findings that wait, tell those that nobody has told."""
        lot, self._lot = self._lot, []
        if not lot or self.memory is None:
            return
        new = self._news(lot, self.memory)
        for row in lot:
            if row["fingerprint"] in new:
                self._count(now, {**row, "new": True})
            else:
                now.known += 1

    def _news(self, lot: list[dict[str, Any]], memory: Sightings) -> set[str]:
        """What nobody has told; all of it, better twice than never, once the memory failed: it is asked no more."""
        if not self._forgetful:
            try:
                return memory.news(lot, max(0, self.run.limit - self._emitted))
            except (PeakopsError, OSError) as wrong:
                self._forgetful = True
                why = wrong.says if isinstance(wrong, PeakopsError) else f"{wrong.filename}: {wrong.strerror}."
                self.said += (f"Whether these were told before is not known, so that they are told. {why}",)
        return {row["fingerprint"] for row in lot}

    def _count(self, now: sweeps.Section, row: Row) -> None:
        """A finding that decides."""
        now.counted[row["severity"]] += 1
        self.leads.setdefault(row["severity"], tuple(row["next"]))
        self._emit(row)

    def _emit(self, row: Row) -> None:
        self._emitted += 1
        try:
            self.run.emit(row)
        except (PeakopsError, OSError, Unread) as wrong:
            self._unwritten = wrong
            raise
