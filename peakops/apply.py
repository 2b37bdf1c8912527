"""From a confirmed plan to the change: locked, looked at again, journalled before and after, compared, done once."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peakops import journal, lease
from peakops.errors import Changed, Partial, PeakopsError, Refused, Unverified, before_writing, certain
from peakops.journal import Entry
from peakops.lease import Lease
from peakops.plan import SCHEMA, Action, Plan, Step, Subject, filled, from_data
from peakops.redact import Door
from peakops.settings import Settings, WriteKeys
from peakops.sources.writers import Writers
from peakops.unfinished import Begun

PRIVATE = ("link",)
"""What a vendor's write may bring that is for one person alone, and is not journalled."""
LOOKED = ("ups.outcome_unknown", "email.outcome_unknown")
"""Errors of a writer that has looked itself: it knows how long the vendor's search may lag, and says so."""
AGAIN = "Run the same command again: it looks at what was done, and does only the rest."


@dataclass(frozen=True, kw_only=True)
class Desk:
    """From where a change is made: who asked for it and why, with what, and how it is looked at once more."""

    folder: Path
    """Where the journal is."""
    command: str
    reason: str
    settings: Settings
    keys: WriteKeys
    still: Callable[[], None]
    """Raises Changed where a look under the lease leads to another plan."""
    refused: Mapping[int, int] = field(default_factory=dict)
    """How often a step of this very plan was refused before, so that it is asked under a new key."""
    private: dict[str, str] = field(default_factory=dict, repr=False)
    """What the plan's {"private": name} parameters stand for; what a vendor hands out for one person is added."""


def apply(
    plan: Plan, desk: Desk, goes_on: Begun | None = None, closes: tuple[Begun, ...] = ()
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """
    Carry a plan out, or what is left of one that was begun; returns the steps, and what an operator is warned of.

    Raises Locked, Changed, Refused and whatever a source raises, with nothing done; Partial once a step was done.
    """
    writers = Writers(desk.settings, desk.keys, desk.folder)
    with lease.held(plan.subject, desk.folder, desk.settings, writers) as held:
        desk.still()
        _close(desk, closes, "no step of it was done", held, writers)
        run = _Run(plan, desk, writers, held)
        if goes_on:
            run.name, run.brought = goes_on.run, dict(goes_on.done)
        steps = run.steps()
        if goes_on:
            _close(desk, (goes_on,), "what was still asked for is done", held, writers)
        alone = not held.team and plan.subject.kind != SCHEMA
        return steps, (lease.NO_TEAM_LOCK,) if alone else ()


def settle(desk: Desk, closes: tuple[Begun, ...]) -> None:
    """Close what was begun where nothing of it is left to do. Raises Locked."""
    subject, why = closes[0].plan.subject, "nothing is left of it to do"
    if desk.keys.missing(("database",)):
        with lease.of_this_machine(subject, desk.folder):
            desk.still()
            _close(desk, closes, why)
        return
    writers = Writers(desk.settings, desk.keys, desk.folder)
    with lease.held(subject, desk.folder, desk.settings, writers) as held:
        desk.still()
        _close(desk, closes, why, held, writers)


def _close(
    desk: Desk, closes: tuple[Begun, ...], why: str, held: Lease | None = None, writers: Writers | None = None
) -> None:
    """Say in the journal that plans which were begun are over, and in the team's copy where there is one."""
    for each in closes:
        because = f"'{each.overruled}' came before it" if each.overruled else why
        detail = {"run": each.run, "step": 0, "of": 0, "why": because}
        _write_down(desk, each.plan.subject, each.name, "closed", detail, held, writers)


def _write_down(
    desk: Desk,
    subject: Subject,
    plan: str,
    kind: str,
    detail: dict[str, Any],
    held: Lease | None,
    writers: Writers | None,
) -> Entry:
    """A line of the journal, on the disk before anything goes on; the team's copy where there is a place for it."""
    entry = journal.record(
        desk.folder,
        kind=kind,
        command=desk.command,
        subject=subject.key,
        detail={"plan": plan, **detail},
        now=desk.settings.now(),
        addresses=subject.is_network,
    )
    if held and writers:
        # The file is the proof; a copy that cannot be made stops nothing.
        with suppress(PeakopsError):
            writers.commit(held.copies_of(entry, plan))
    return entry


@dataclass
class _Run:
    """One run of a plan under its lease."""

    plan: Plan
    desk: Desk
    writers: Writers
    lease: Lease
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of a run that goes on, the name that it began under."""
    brought: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    did: list[Step] = field(default_factory=list)

    def steps(self) -> tuple[Step, ...]:
        for number, actions in self.plan.steps():
            if number in self.brought:
                self.did.append(Step(number=number, actions=actions, brought={**self.brought[number], "already": True}))
            elif number not in self.plan.skips:
                self._step(number, actions)
        return tuple(self.did)

    def _step(self, number: int, actions: tuple[Action, ...]) -> None:
        try:
            self._intend(number)
            brought = self._carried_out(number, actions)
            self.brought[number] = brought
            self.did.append(Step(number=number, actions=actions, brought=brought))
            self._note("done", number, brought=brought)
        except PeakopsError as wrong:
            if not self.plan.changed_by(self.brought):
                raise
            done = " and ".join(f"step {each}" for each in sorted(self.brought))
            rest = "the rest was not" if len(self.brought) < self._of else "and only the journal's last line is missing"
            says = f"{done.capitalize()} of {self._of} was done, {rest}: {wrong.says}"
            partial = Partial(says, hint=AGAIN, source=wrong.source, request_id=wrong.request_id)
            partial.steps = tuple(self.did)
            raise partial from wrong

    def _intend(self, number: int) -> None:
        """
        The line before a step, in which nobody is named but by an id.

        Raises Refused where the journal's filter would not let the plan be resumed.
        """
        entry = self._note("intended", number, body=self.plan.as_data(), reason=self.desk.reason)
        if from_data(entry.detail["body"]).hash != self.plan.hash:
            says = "The journal's filter takes a part of this plan for a secret, so that it could not be resumed."
            self._failed(number, Refused(says))
            raise Refused(says, hint="Ask the technical lead; nothing was changed.", code="fix.unrecordable")

    def _carried_out(self, number: int, actions: tuple[Action, ...]) -> Mapping[str, Any]:
        try:
            if actions and actions[0].at_vendor:
                return self._called(number, actions[0])
            return self._committed(number, actions)
        except BaseException as wrong:
            self._failed(number, wrong)
            if isinstance(wrong, PeakopsError) and not certain(wrong) and not isinstance(wrong, Unverified):
                wrong.hint = f"It is not certain whether it was done. {wrong.hint if wrong.code in LOOKED else AGAIN}"
            raise

    def _failed(self, number: int, wrong: BaseException) -> None:
        """The line after a step that failed; where it cannot be written, the error itself is what matters."""
        code = wrong.code if isinstance(wrong, PeakopsError) else type(wrong).__name__
        settled = certain(wrong)
        try:
            self._note("failed", number, error=code, says=str(wrong), settled=settled)
        except PeakopsError as unwritten:
            if isinstance(wrong, PeakopsError):
                wrong.says = f"{wrong.says} {unwritten.says}"

    def _committed(self, number: int, actions: tuple[Action, ...]) -> Mapping[str, Any]:
        """A transaction with its row in the audit log, which also says that it was committed."""
        subject, mark = self.plan.subject, {"peakops_run": self.name, "step": number}
        if self.writers.rows("change/applied", kind=subject.kind, id=subject.afterwards, mark=json.dumps(mark)):
            return {"already": True}
        details = {
            **mark,
            "peakops_plan": self.plan.hash,
            "fix": self.plan.fix,
            "finding": self.plan.finding,
            "reason": self.desk.reason,
            "operator": self.lease.station,
            "changes": [
                {"target": each.target, "was": each.was, "becomes": each.becomes}
                for each in (*self._at_vendors(), *actions) or self.plan.actions
            ],
        }
        audit: dict[str, Any] = {"action": self.plan.audit, "kind": subject.kind, "practice": subject.practice_id}
        audit |= {"id": subject.afterwards, "details": Door(addresses=subject.is_network).clean(details)}
        holds = [self.plan.holds] if self.plan.holds and actions else []
        first = [*self.lease.statements(self.desk.settings.now()), *holds]
        own = {"plan": self.plan.hash, "station": self.lease.station}
        writes = [(each.call, {**own, **self._filled(each.params)}) for each in actions]
        self.writers.commit([*first, *writes, ("change/audit", audit)])
        return {"already": False}

    def _at_vendors(self) -> list[Action]:
        """What this plan has changed at the vendors by now."""
        done = [actions for number, actions in self.plan.steps() if number in self.brought]
        return [each for actions in done for each in actions if each.at_vendor]

    def _called(self, number: int, action: Action) -> Mapping[str, Any]:
        key = f"peakops-{self.plan.hash}-{number}-{self.desk.refused.get(number, 0)}"
        params = {**self._filled(action.params), "plan": self.plan.hash, "key": key}
        made = self.writers.call(action.via, action.call, params)
        self.desk.private.update({name: made[name] for name in PRIVATE if name in made})
        return {key: made[key] for key in ("id", "status", "already")}

    def _filled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters, in which {"of": 1, "field": "id"} is what step 1 brought, and the private ones are known."""
        return filled(params, self.brought, self.desk.private, self._read)

    def _read(self, *, read: str, **params: Any) -> Any:
        """What a named query brings now. Raises Changed where it finds nothing, since what was seen is gone."""
        with before_writing():
            rows = self.writers.rows(read, **params)
        if not rows:
            says = "What the plan rests on is not what was looked at any more."
            raise Changed(says, hint="Run the check again.", source="database")
        return next(iter(rows[0].values()))

    @property
    def _of(self) -> int:
        return sum(1 for _ in self.plan.steps())

    def _note(self, kind: str, step: int, **detail: Any) -> Entry:
        told = {"run": self.name, "step": step, "of": self._of, **detail}
        return _write_down(self.desk, self.plan.subject, self.plan.hash, kind, told, self.lease, self.writers)
