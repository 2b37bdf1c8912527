"""What a drill is worth: the operator's steps, from the incident's time line, held against what is right. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peakops.errors import Exit

if TYPE_CHECKING:
    from peakops.ledger import Event

CALLED = 2
"""The tier that an acknowledgement must be before: whoever has it has said so by then."""
ENDED = ("resolved", "closed")
EVERY = ("triage", "playbook run")
"""Commands that run the check of any section."""
FAILED = (Exit.NOT_FOUND, Exit.AMBIGUOUS, Exit.REFUSED, Exit.USAGE, Exit.BAD_INPUT)
"""Ends of a command that led nowhere: another subject, a guard, a mistyped line."""
Tiers = Sequence[tuple[int, datetime]]
"""The tiers of the matrix that hear of the incident, and when the time of each comes."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is right in a drill."""

    verdicts: tuple[str, ...]
    checks: tuple[str, ...]
    """The commands whose verdict counts, beside those of EVERY."""
    fixes: tuple[str, ...]
    """Any of them; none where the right step is done by hand."""
    never: Mapping[str, str]
    """What must not be carried out, and why."""
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that the operator did: when, in which tier's time, and how it counts."""

    at: datetime
    after_s: float
    tier: int
    kind: str
    what: str
    verdict: str
    counts: str
    """found, fixed, harm, wrong, or empty."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One thing that is scored."""

    name: str
    passed: bool
    says: str


def task(drill: Mapping[str, Any]) -> Task:
    """What a drill of the sandbox holds to be right."""
    said = drill["verdict"]
    return Task(
        verdicts=tuple([said] if isinstance(said, str) else said),
        checks=tuple(drill["checks"]),
        fixes=tuple(drill.get("fixes", ())),
        never={each["command"]: each["why"] for each in drill.get("never", ())},
        by_hand=drill.get("by_hand", ""),
    )


def steps(events: "Sequence[Event]", task: Task, tiers: Tiers) -> list[Step]:
    """The operator's steps in their order; what the escalation itself wrote down is none."""
    opened = next((each.at for each in events if each.kind == "opened"), None)
    if opened is None:
        return []
    told = sorted((each for each in events if each.kind not in ("opened", "paged")), key=lambda each: each.at)
    taken = [_step(each, opened, task, tiers) for each in told]
    found = _first(taken, "found")
    # What is noted before it is known what is wrong is no remedy of it.
    early = taken.index(found) if found else 0
    return [replace(each, counts="") if each.kind == "note" else each for each in taken[:early]] + taken[early:]


def _step(event: "Event", opened: datetime, task: Task, tiers: Tiers) -> Step:
    is_command = event.kind == "command"
    return Step(
        at=event.at,
        after_s=(event.at - opened).total_seconds(),
        tier=max((n for n, at in tiers if at <= event.at), default=1),
        kind=event.kind,
        what=str(event.detail.get("command") or event.says) if is_command else f"{event.kind}: {event.says}",
        verdict=str(event.detail.get("verdict") or "") if is_command else "",
        counts=_counts(event, task) if is_command else "fixed" if event.kind == "note" and not task.fixes else "",
    )


def _counts(event: "Event", task: Task) -> str:
    detail = event.detail
    command, done = str(detail.get("command", "")), bool(detail.get("changes"))
    if done and command in task.never:
        return "harm"
    if done:
        return "fixed" if command in task.fixes else "wrong"
    of_all = ((each.get("command"), each.get("verdict")) for each in detail.get("checks") or ())
    told = ((command, detail.get("verdict")), *of_all)
    if any(each in (*task.checks, *task.fixes, *EVERY) and code in task.verdicts for each, code in told):
        return "found"
    return "wrong" if detail.get("exit_code") in FAILED else ""


def points(taken: Sequence[Step], task: Task, tiers: Tiers, named: str | None = None) -> list[Point]:
    """What is scored: the verdict, the remedy, that no harm was done, and that somebody had it in time."""
    return [_verdict(taken, task, named), _remedy(taken, task), _harm(taken, task), *_acknowledged(taken, tiers)]


def _verdict(taken: Sequence[Step], task: Task, named: str | None) -> Point:
    right = " or ".join(task.verdicts)
    if named:
        passed = named in task.verdicts
        return Point(name="verdict", passed=passed, says=f"'{named}' was named; it is {right}.")
    found = _first(taken, "found") or (_first(taken, "fixed") if task.fixes else None)
    if found:
        return Point(name="verdict", passed=True, says=f"{right}, found {_when(found)}.")
    return Point(name="verdict", passed=False, says=f"It was {right}, and no check that was run has said so.")


def _remedy(taken: Sequence[Step], task: Task) -> Point:
    done = _first(taken, "fixed")
    if done:
        return Point(name="remedy", passed=True, says=f"{done.what}, {_when(done)}.")
    if task.fixes:
        return Point(name="remedy", passed=False, says=f"peakops {' or '.join(task.fixes)} was not carried out.")
    says = f"Nothing was noted to the incident. By hand: {task.by_hand}"
    return Point(name="remedy", passed=False, says=says)


def _harm(taken: Sequence[Step], task: Task) -> Point:
    harm = _first(taken, "harm")
    if harm:
        why = task.never[harm.what]
        return Point(name="no harm", passed=False, says=f"peakops {harm.what} was carried out {_when(harm)}. {why}")
    return Point(name="no harm", passed=True, says="Nothing was done that must not be done.")


def _acknowledged(taken: Sequence[Step], tiers: Tiers) -> Iterator[Point]:
    """Somebody had it, or it was over, before the next tier was called; nothing where the matrix is not known."""
    called = next((at for n, at in tiers if n >= CALLED), None)
    if called is None:
        return
    given_back = max((each.at for each in taken if each.kind == "unacked" and each.at <= called), default=None)
    kept = [each for each in taken if given_back is None or each.at > given_back]
    had = next((each for each in kept if each.kind in ("acked", *ENDED)), None)
    name = "acknowledged"
    if had is None:
        yield Point(name=name, passed=False, says="Nobody said that they have it: peakops incident ack.")
    else:
        late = had.at > called
        yield Point(name=name, passed=not late, says=f"{_when(had)}{', after tier 2 was called' * late}.")


def wrong(taken: Iterable[Step]) -> int:
    """Commands that led nowhere, or changed what needed no change."""
    return sum(each.counts in ("wrong", "harm") for each in taken)


def times(taken: Sequence[Step]) -> dict[str, float | None]:
    """Seconds from the complaint to the first look, the verdict and the remedy; None of what did not happen."""
    look = next((each for each in taken if each.kind == "command"), None)
    of = {"look": look, "verdict": _first(taken, "found"), "remedy": _first(taken, "fixed")}
    return {name: step.after_s if step else None for name, step in of.items()}


def _first(taken: Sequence[Step], counts: str) -> Step | None:
    return next((each for each in taken if each.counts == counts), None)


def _when(step: Step) -> str:
    return f"after {lasted(step.after_s)} (tier {step.tier})"


def lasted(seconds: float) -> str:
    """A time that somebody took, as it is said: 4 s, 12 min 5 s, 1 h 3 min."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
