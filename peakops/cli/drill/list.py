"""peakops drill list: the drills that there are."""

import typer

from peakops import sandbox
from peakops.cli.commands import Run, command
from peakops.model import Report
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "list", section="drill")
def list_(run: Run) -> Report:
    """
    List the drills that there are, each with what the customer says; what is wrong you find out.

    Example: peakops drill list
    """
    known = sandbox.drills()
    width = max(map(len, known))
    lines = [f"{name:<{width}}  {each['section']:<10}  {each['says']}" for name, each in known.items()]
    rows = [
        {"name": name, "section": each["section"], "severity": each["severity"], "says": each["says"]}
        for name, each in known.items()
    ]
    return of_lines(run.frame, lines, {"drills": rows}, invented=True)
