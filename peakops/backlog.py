"""A backlog: every subject of a window, one verdict each by the check of one of them, and a summary of them all."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peakops import playbook, verdict
from peakops.errors import NotConfigured, PeakopsError
from peakops.investigate import diagnose, fault_of
from peakops.model import Brought, Evidence, Finding, Report, Row, Ruling, Severity, Sources, Status, placed, typed
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.scenarios.backlogs import Subject

WORST_FIRST = (Severity.CRITICAL, None, Severity.WARNING)
"""The order in which severities decide; None is unknown."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One subject with the verdict that its check has; `severity` is None where it is unknown."""

    subject: Subject
    judged: verdict.Judged
    evidence: tuple[Evidence, ...]
    severity: Severity | None
    next: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.judged.ruling.code

    @property
    def level(self) -> str:
        """The severity by its name."""
        return self.severity.value if self.severity else "unknown"

    @property
    def told(self) -> bool:
        """Whether it is listed by itself; what a source's silence hides of many is only counted."""
        return self.severity is not None or not any(each.error for each in self.evidence)

    @property
    def finding(self) -> Finding | None:
        """The finding that the verdict is."""
        return next((each for each in self.judged.findings if each.code == self.code), None)

    def row(self, frame: Frame, **more: Any) -> Row:
        """The item as it is let out; `says` is the line for people, with what is next as it is to be typed."""
        ruling, lead = self.judged.ruling, placed(self.next[0], frame.environment, frame.env_file)
        return {
            "subject": self.subject.name,
            "practice": self.subject.practice,
            "verdict": ruling.code,
            "severity": self.level,
            "cause": ruling.cause,
            "at": self.subject.at,
            "says": f"{self.subject.name}  {ruling.code}  {ruling.says}  Next: {lead}",
            "next": list(self.next),
            **more,
        }


@dataclass
class Tally:
    """What is counted of all items."""

    counts: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    leads: dict[Severity | None, tuple[str, ...]] = field(default_factory=dict)
    """By severity, the commands of its first item."""
    hidden: int = 0
    """How many are unknown since a source was silent."""
    news: Counter[str] = field(default_factory=Counter)
    """The severities of those that decide: all, or those that no run before this one has told."""

    def add(self, item: Item, *, news: bool = True) -> None:
        """Count an item."""
        self.counts[item.code] += 1
        self.severities[item.level] += 1
        self.news[item.level] += news
        self.hidden += not item.told
        if item.told and news:
            self.leads.setdefault(item.severity, item.next)

    @property
    def lead(self) -> tuple[str, ...]:
        """The commands of the first item of the worst severity."""
        return next((self.leads[each] for each in WORST_FIRST if each in self.leads), ())

    @property
    def needing(self) -> int:
        """How many need somebody, as is proven."""
        return self.severities["critical"] + self.severities["warning"]

    def worst(self, *, unknown: bool) -> Severity | None:
        """The worst of all verdicts; None where nothing critical is proven and something is unknown."""
        if self.news["critical"]:
            return Severity.CRITICAL
        if unknown:
            return None
        return Severity.WARNING if self.news["warning"] else Severity.OK


def judge(scenario: Scenario, subject: Subject, sources: Mapping[str, str], now: datetime) -> Item:
    """The verdict of the check on what is known of a subject; `sources` tells from where each look is."""
    evidence = tuple(_evidence(name, sources[name], answer, now) for name, answer in subject.looks.items())
    judged = verdict.rule(scenario, diagnose(scenario, evidence), evidence)
    ruling = judged.ruling
    finding = next((each for each in judged.findings if each.code == ruling.code), None)
    severity: Severity | None = finding.severity if finding else Severity.WARNING
    lead = typed(f"peakops {scenario.command}", subject.name)
    return Item(
        subject=subject,
        judged=judged,
        evidence=evidence,
        severity=None if ruling.code == "unknown" else severity,
        # What can be done comes first, then what looks at all of it.
        next=tuple(dict.fromkeys((*(finding.next if finding else ()), lead))),
    )


def _evidence(name: str, source: str, answer: Any, now: datetime) -> Evidence:
    if isinstance(answer, PeakopsError):
        return Evidence(name=name, source=source, at=now, error=fault_of(answer))
    if isinstance(answer, Brought):
        return Evidence(name=name, source=source, at=now, rows=answer.rows, single=answer.single, notes=answer.notes)
    single = not isinstance(answer, list)
    rows = tuple(answer) if isinstance(answer, list) else (answer,) if answer else ()
    return Evidence(name=name, source=source, at=now, single=single, rows=rows)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep has come to."""

    report: Report
    tally: Tally
    whole: bool
    """Whether both sides were read to their end, and every look answered."""


def of_backlog(
    frame: Frame,
    scenario: Scenario,
    items: Iterable[Item],
    silent: Mapping[str, PeakopsError],
    told: Callable[[Item], bool | None],
    words: str = "backlog",
) -> Swept:
    """
    Hand on every item as soon as it is known, and report on all of them, in the `words` of the playbook's table.

    An item of which `told` says False is no news: it is counted, and decides nothing.
    `silent` has, when all is read, the looks for all of them that failed. A source that ends it in the middle makes
    the report unknown, and what was let out before holds. Raises NotConfigured where a setting is malformed.
    """
    tally, ended = Tally(), None
    try:
        for item in items:
            tally.add(item, news=told(item) is not False)
    except PeakopsError as wrong:
        if wrong.code.endswith(".malformed"):
            raise NotConfigured(wrong.says, hint=wrong.hint, code=wrong.code, source=wrong.source) from wrong
        ended = wrong
    return Swept(report=_report(frame, scenario, tally, ended, silent, words), tally=tally, whole=not (ended or silent))


def _report(
    frame: Frame,
    scenario: Scenario,
    tally: Tally,
    ended: PeakopsError | None,
    silent: Mapping[str, PeakopsError],
    table: str,
) -> Report:
    unknown = bool(ended or tally.news["unknown"])
    # Where the vendor itself refuses, that is the cause of all of it, and no silence.
    refusals = playbook.words(scenario.section)[table].get("refused", {})
    refused = refusals.get(ended.source, {}).get(ended.category) if ended else None
    worst = Severity.CRITICAL if refused else tally.worst(unknown=unknown)
    status = verdict.STATUS[worst] if worst else Status.UNKNOWN
    words = playbook.guide(scenario.section, table).ends[refused or _end(tally, worst)]
    failed = {each.source or "peakops" for each in silent.values()} | ({ended.source or "peakops"} if ended else set())
    missing = tuple(sorted(failed))
    reasons = tuple(dict.fromkeys(_why(each) for each in (*silent.values(), *([ended] if ended else []))))
    ruling = Ruling(
        code=words.code,
        title=words.title,
        says=_says(tally, ended),
        complete=not (tally.severities["unknown"] or missing),
        sources=Sources(asked=2, answered=2 - len(missing), missing=missing),
        do=words.do,
    )
    counts = [f"{count:>9}  {code}" for code, count in tally.counts.most_common()]
    said = (ruling.says, *counts, *reasons, ruling.do)
    return frame.report(
        status=status,
        exit_code=verdict.exit_code(status, frame.fail_on),
        verdict=ruling,
        data={"summary": summary(tally, complete=ruling.complete)},
        lines=(f"{status.value.upper()}  {words.title}  [{words.code}]", *(f"  {each}" for each in said)),
        next=tally.lead,
        warnings=reasons,
    )


def _why(wrong: PeakopsError) -> str:
    return f"{wrong.says} {wrong.hint}".strip()


def _end(tally: Tally, worst: Severity | None) -> str:
    """Which of the playbook's ends it is."""
    if worst is not Severity.OK:
        return "waiting" if worst else "unknown"
    if tally.needing or tally.severities["unknown"]:
        return "nothing_new"
    return "clear" if tally.counts else "empty"


def summary(tally: Tally, *, complete: bool) -> Row:
    """What `data.summary` says."""
    return {
        "subjects": tally.counts.total(),
        "counts": dict(sorted(tally.counts.items())),
        "severities": dict(sorted(tally.severities.items())),
        "complete": complete,
    }


def _says(tally: Tally, ended: PeakopsError | None) -> str:
    said = f"{tally.counts.total()} were looked at, and {tally.needing} of them need somebody"
    said += f"; unknown: {tally.severities['unknown']}." if tally.severities["unknown"] else "."
    return f"Only a part was read: {said} {ended.says}" if ended else said
