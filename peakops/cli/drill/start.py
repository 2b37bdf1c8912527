"""peakops drill start: a fault in the sandbox, and the clock runs."""

from typing import Annotated, Literal

import typer

from peakops import sandbox
from peakops.cli import prompt
from peakops.cli.commands import Run, command
from peakops.cli.drill.running import in_sandbox, ledger_of, left
from peakops.errors import NotConfirmed
from peakops.model import Report
from peakops.report import of_lines
from peakops.settings import state_home

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Name = Annotated[
    str, typer.Argument(metavar="NAME|random", help="A drill of 'peakops drill list', or any.", show_default=False)
]
Severity = Annotated[
    Literal["warning", "critical"] | None, typer.Option("--severity", help="Another severity than the drill's own.")
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="With random: the same drill for the same number.")
]
Abandon = Annotated[bool, typer.Option("--abandon", help="Give up the drill that runs, without its score.")]

TEAM = "peakops.incidents"
"""A world that names a table of the team's has them all: incidents are then kept where a team keeps them."""


@command(app, "start", section="drill")
def start(run: Run, name: Name, severity: Severity = None, seed: Seed = None, abandon: Abandon = False) -> Report:
    """
    Put a fault into the sandbox, open its incident, and let the clock of the escalation matrix run.

    It prints what the customer says, and the command to begin with. Every command with --sandbox is a step of the drill
    from then on, and stands in the time line of its incident.

    Example: peakops drill start random
    """
    run, home = in_sandbox(run), state_home()
    chosen, drill = sandbox.drill_named(name, seed)
    _left(run, abandon=abandon)
    document = sandbox.named(drill["world"])
    sandbox.load(home, {**document, "tables": {TEAM: [], **document.get("tables", {})}}, source=drill["world"])
    sandbox.run_clock(home)
    ledger, grade = ledger_of(run), severity or drill["severity"]
    incident = ledger.open(drill["subject"], grade, f"Drill {chosen}. {drill['says']}")
    sandbox.note_drill(sandbox.ensure(home), {"name": chosen, "incident": incident.number})
    begin = f"peakops --sandbox {drill['begin']}"
    ack = f"peakops --sandbox incident ack {incident.number}"
    lines = [
        f"The drill '{chosen}' has begun: incident {incident.number}, {grade}. The clock runs.",
        "",
        f'  "{drill["says"]}"',
        "",
        f"  Say that you have it  {ack}",
        f"  Begin                 {begin}",
        "  See where you are     peakops --sandbox drill status",
        "  End it                peakops --sandbox drill finish",
    ]
    lines += [f"  {each}" for each in ledger.warnings]
    data = {
        "drill": chosen,
        "section": drill["section"],
        "severity": grade,
        "says": drill["says"],
        "incident": incident.number,
    }
    return of_lines(run.frame, lines, data, next=(ack, begin), warnings=ledger.warnings, invented=True)


def _left(run: Run, *, abandon: bool) -> None:
    """A drill that runs is given up only by somebody who says so. Raises NotConfirmed."""
    noted = None if abandon else left()
    if noted is None:
        return
    says = f"The drill '{noted['name']}' was left and runs still"
    if prompt.on_terminal() and prompt.line(f"{says}. Give it up? [y/N] ").strip().lower() in ("y", "yes"):
        return
    given = str(run.frame.given["name"])
    raise NotConfirmed(f"{says}; nothing was changed.", hint=f"peakops drill start {given} --abandon")
