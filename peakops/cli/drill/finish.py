"""peakops drill finish: the end of a drill, and its score."""

from dataclasses import replace
from typing import Annotated

import typer

from peakops import drilled, sandbox, verdict
from peakops.cli.commands import Run, command
from peakops.cli.drill.running import Drill, in_sandbox, ledger_of, row, running, table
from peakops.ledger import is_open
from peakops.model import Report, Status
from peakops.redact import Door
from peakops.report import of_lines
from peakops.settings import state_home

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Named = Annotated[
    str | None,
    typer.Option(
        "--verdict", metavar="CODE", help="What you say it was; without it, what your checks have found counts."
    ),
]


@command(app, "finish", section="drill")
def finish(run: Run, verdict: Named = None) -> Report:
    """
    End the drill: whether the verdict was found, the right remedy carried out, no harm done, and all of it in time.

    It ends with 0 where all of it was right, and with 1 where not. The world stays as you left it; its clock stands.

    Example: peakops drill finish
    """
    run = in_sandbox(run)
    if verdict is not None:
        # What a drill tells is the sandbox's own and passes no door; this was typed.
        verdict = Door().line(verdict)
        run = replace(run, frame=replace(run.frame, given={"verdict": verdict}))
    drill = running(run)
    taken = drill.steps
    points = drilled.points(taken, drill.task, drill.tiers, verdict)
    _ended(run, drill)
    return _report(run, drill, taken, points)


def _ended(run: Run, drill: Drill) -> None:
    """Nobody is called any more, no further command is a step, and the clock stands."""
    ledger = ledger_of(run)
    if is_open(drill.events):
        ledger.append(drill.incident, "resolved", "The drill is over.")
    up = sandbox.run_clock(state_home(), runs=False)
    sandbox.note_drill(up, None)


def _report(run: Run, drill: Drill, taken: list[drilled.Step], points: list[drilled.Point]) -> Report:
    got, wrong, times = sum(each.passed for each in points), drilled.wrong(taken), drilled.times(taken)
    status = Status.OK if got == len(points) else Status.WARNING
    word = "passed" if status is Status.OK else "not passed"
    told = ", ".join(f"{name} {'–' if each is None else drilled.lasted(each)}" for name, each in times.items())
    lines = [
        f"{status.value.upper()}  The drill '{drill.name}' is {word}: {got} of {len(points)}",
        *(f"  {'✓' if each.passed else '✗'} {each.name:<13} {each.says}" for each in points),
        f"    {'time':<13} {told}",
        f"    {'wrong':<13} {wrong} command{'s' * (wrong != 1)}",
        *(f"  {each}" for each in drill.warnings),
        "",
        f"  {drill.said['right']}",
        "",
        "Your steps",
        *(table(taken) or ["  none"]),
    ]
    data = {
        "drill": drill.name,
        "incident": drill.incident.number,
        "passed": status is Status.OK,
        "score": {"got": got, "of": len(points)},
        "points": [dict(vars(each)) for each in points],
        "times_s": times,
        "wrong": wrong,
        "right": drill.said["right"],
        "steps": [row(each) for each in taken],
    }
    code = verdict.exit_code(status, run.frame.fail_on)
    return of_lines(run.frame, lines, data, status=status, exit_code=code, warnings=drill.warnings, invented=True)
