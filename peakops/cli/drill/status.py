"""peakops drill status: where the drill stands."""

import typer

from peakops import escalation
from peakops.cli.commands import Run, command
from peakops.cli.drill.running import Drill, in_sandbox, row, running, table
from peakops.drilled import lasted
from peakops.model import Report
from peakops.render import moment
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "status", section="drill")
def status(run: Run) -> Report:
    """
    Say where the drill stands: the complaint, the clock, whom the matrix calls now and next, and your steps so far.

    Example: peakops drill status
    """
    run = in_sandbox(run)
    drill = running(run)
    taken, (now, coming) = drill.steps, _matrix(drill)
    passed = (drill.now - drill.incident.opened_at).total_seconds()
    lines = [
        f"The drill '{drill.name}' runs for {lasted(passed)}: incident {drill.incident.number}, "
        f"{drill.incident.severity}.",
        "",
        f'  "{drill.said["says"]}"',
        "",
        f"  clock   {moment(drill.now)} and runs",
        f"  matrix  {now}",
        f"  next    {coming}",
    ]
    lines += [*(f"  {each}" for each in drill.warnings), "", "Your steps", *(table(taken) or ["  none yet"])]
    data = {
        "drill": drill.name,
        "says": drill.said["says"],
        "incident": drill.incident.number,
        "severity": drill.incident.severity,
        "clock": drill.now,
        "passed_s": passed,
        "matrix": {"now": now, "next": coming},
        "steps": [row(each) for each in taken],
    }
    next_ = (f"peakops --sandbox {drill.said['begin']}", "peakops drill finish")
    return of_lines(run.frame, lines, data, next=next_, warnings=drill.warnings, invented=True)


def _matrix(drill: Drill) -> tuple[str, str]:
    """Whose time it is by the matrix, and who is called next and when, if nothing happens."""
    if drill.book is None:
        return "not known", "not known"
    tiers = {each.n: each for each in drill.book.tiers}
    here = max((n for n, at in drill.tiers if at <= drill.now), default=1)
    stands = escalation.due(drill.events, drill.book, drill.now)
    had = stands.stands.acked_at
    now = f"tier {here}, {tiers[here].name}{', and somebody has it' if had else ''}"
    if stands.next is None:
        return now, "nobody"
    n, at = stands.next
    return now, f"tier {n}, {tiers[n].name}, in {lasted((at - drill.now).total_seconds())}"
