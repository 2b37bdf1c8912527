"""What the journals say was begun and not finished: the plan, which steps of it are done, and what they brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from peakops import journal, plan
from peakops.plan import Plan

KINDS = ("intended", "done", "failed", "closed")
Line = Mapping[str, Any]
"""A line of a journal, this station's or the team's copy of another's: operator, at, kind, detail, hash."""


@dataclass
class Begun:
    """A run of a plan: `done` is what each finished step brought, `refused` how often each was refused for certain."""

    name: str
    """The plan's hash when it was made; a journal that was tampered with holds another plan under it."""
    body: Mapping[str, Any]
    of: int
    """How many steps the plan has."""
    run: str
    """By which its transactions are known in the audit log."""
    since: str
    operator: str
    done: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    uncertain: bool = False
    """A step of it failed in a way that does not tell whether it was done."""
    failed: bool = False
    closed: bool = False
    overruled: str = ""
    """The verb that puts an end to it, although it is not finished; empty for none."""

    @property
    def open(self) -> bool:
        """Neither finished nor closed, and not refused before anything was done."""
        nothing = self.failed and not self.uncertain and not self.done
        return not (self.closed or nothing or len(self.done) >= self.of)

    @property
    def readable(self) -> bool:
        """Whether its plan is one of this version's."""
        try:
            return bool(self.plan.actions)
        except (KeyError, TypeError, ValueError):
            return False

    @property
    def plan(self) -> Plan:
        """The plan. Raises KeyError, TypeError or ValueError where another version made it."""
        return plan.from_data(self.body)


def lines(folder: Path, subject: str = "") -> list[Line]:
    """What this station's journal says of changes of a subject, or of all, oldest first. Raises as `journal.read`."""
    fields = ("operator", "seq", "at", "kind", "detail", "hash")
    found = journal.read(folder, subject=subject)
    return [{each: getattr(entry, each) for each in fields} for entry in found if entry.kind in KINDS]


def runs(*journals: Iterable[Line]) -> list[Begun]:
    """
    Every run that these journals tell of, oldest first; a line that several have counts once.

    What another station is doing just now is not told of: it holds the lease.
    """
    known = {each["hash"]: each for several in journals for each in several if not each.get("held")}
    told: dict[str, Begun] = {}
    for each in known.values():
        if each["kind"] == "intended" and each["detail"]["run"] not in told:
            told[each["detail"]["run"]] = _begun(each)
    for each in known.values():
        begun = told.get(each["detail"]["run"])
        # Without the line that began it nothing can be said; `peakops journal verify` names a damaged one.
        if begun:
            _take(begun, each)
    return sorted(told.values(), key=lambda each: each.since)


def busy(own: Iterable[Line], team: Iterable[Line]) -> str:
    """Another station that is carrying a change out now, or died so lately that its lease lasts; empty for none."""
    ours = {each["hash"] for each in own}
    at_it = [{**each, "held": False} for each in team if each.get("held") and each["hash"] not in ours]
    return next((each.operator for each in runs(at_it) if each.open), "")


def _begun(line: Line) -> Begun:
    detail, at = line["detail"], line["at"]
    since = f"{at:%Y-%m-%dT%H:%M:%SZ}" if isinstance(at, datetime) else str(at)
    return Begun(
        name=detail["plan"],
        body=detail.get("body") or {},
        of=detail["of"],
        run=detail["run"],
        since=since,
        operator=line["operator"],
    )


def _take(begun: Begun, line: Line) -> None:
    detail, step = line["detail"], line["detail"]["step"]
    if line["kind"] == "closed":
        begun.closed = True
    elif line["kind"] == "done":
        begun.done[step] = detail["brought"]
    elif line["kind"] == "failed":
        begun.failed = True
        begun.uncertain |= not detail["settled"]
        begun.refused[step] = begun.refused.get(step, 0) + detail["settled"]


def refused(told: Iterable[Begun], name: str) -> dict[int, int]:
    """How often each step of a plan was refused for certain, in all its runs."""
    found: dict[int, int] = {}
    for each in told:
        for step, times in each.refused.items():
            found[step] = found.get(step, 0) + (times if each.name == name else 0)
    return found
