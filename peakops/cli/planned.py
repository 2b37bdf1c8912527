"""One of many fixes: what is to be done about one subject of a sweep, and its line in the list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peakops.backlog import Item
from peakops.cli.commands import Run
from peakops.cli.errand import Errand
from peakops.errors import PeakopsError
from peakops.fix import Fix
from peakops.investigate import fault_of
from peakops.model import Fault, Row
from peakops.plan import Plan
from peakops.remedy import Course

UNFINISHED = "fix.unfinished_change"
"""Why a plan is refused while what another verb began is open."""
DONE = ("changed", "unchanged")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One of the batch: what is to be done, or why nothing is."""

    item: Item
    errand: Errand
    course: Course | None
    refused: Fault | None = None

    @property
    def plan(self) -> Plan | None:
        return self.course.plan if self.course else None

    @property
    def idle(self) -> str:
        """What becomes of it where there is no plan."""
        return "refused" if self.refused else "unchanged"

    @property
    def says(self) -> str:
        """The plan in one line."""
        actions = self.plan.actions if self.plan else ()
        told = "; ".join(f"{each.target}: {each.was} -> {each.becomes}" for each in actions)
        return f"{self.item.subject.name}  {self.errand.fix.command}  for {self.item.code}: {told}"

    def row(self, outcome: str, error: Fault | None = None) -> Row:
        """What became of it, as the list lets it out."""
        why = f": {error.message}" if error else ""
        says = f"{self.item.subject.name}  {self.errand.fix.command}  {outcome.replace('_', ' ')}{why}"
        says = self.says if outcome == "planned" else says
        told = {"code": error.code, "message": error.message, "hint": error.hint} if error else None
        row = self.item.row(self.errand.ran.frame, fix=self.errand.fix.command, result=outcome, error=told)
        return {**row, "says": says, "next": row["next"][-1:] if outcome in DONE else row["next"]}


def plan(run: Run, item: Item, fixes: Sequence[Fix]) -> Planned:
    """
    What is to be done about one subject of a sweep, from what the sweep has seen of it.

    The first of the fixes is the one that its verdict names; what another of them began is finished by that one.
    """
    frame = replace(run.frame, given={fixes[0].scenario.arguments[0].name: item.subject.name})
    judged = item.judged
    found = frame.report(status=judged.status, verdict=judged.ruling, findings=judged.findings, evidence=item.evidence)
    for fix in fixes:
        errand = Errand(fix, replace(run, frame=frame), {})
        try:
            course = errand.planned(found)
        except PeakopsError as wrong:
            if wrong.code == UNFINISHED and fix is not fixes[-1]:
                continue
            return Planned(item=item, errand=errand, course=None, refused=fault_of(wrong))
        refusal = fault_of(course.refusal) if course.refusal else None
        return Planned(item=item, errand=errand, course=course, refused=refusal)
    raise AssertionError("the last fix returns")
