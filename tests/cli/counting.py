"""A list command of its own for the tests: it counts, and stops, fails or waits where it is told to."""

import sys
import time
from typing import Annotated

import typer

from peakops.cli import groups, main
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import Unreachable
from peakops.model import Finding, Report, Ruling, Severity, Status

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="Counts.")
FINDING = {"question": "q", "title": "Counted", "means": "", "do": "", "playbook": "count.up.q.counted"}


@list_command(app, "count", "", Listing(columns=("number", "word", "detail"), limit="5", since="24h"))
def count(
    run: Run,
    rows: Annotated[int, typer.Argument()] = 3,
    word: Annotated[str, typer.Option()] = "row",
    fails: Annotated[str, typer.Option()] = "",
    pause: Annotated[float, typer.Option()] = 0.0,
) -> Report:
    """Count."""
    for number in range(1, rows + 1):
        run.emit({"number": number, "word": word, "detail": {"of": rows}, "says": f"{number}: {word}"})
        time.sleep(pause)
    if fails == "bug":
        raise RuntimeError("it broke")
    if fails:
        raise Unreachable("Nobody is there.")
    since, until = run.window(run.frame.started_at)
    verdict = Ruling(code="counted", title="Counted", says=f"{rows} of them, {until - since}.", do="")
    finding = Finding(code="counted", severity=Severity.WARNING, says=f"{rows} of them.", **FINDING)
    return run.frame.report(status=Status.WARNING, exit_code=1, verdict=verdict, findings=(finding,))


if __name__ == "__main__":
    groups.COMMANDS["count"] = (__name__, "Counts.")
    sys.modules["counting"] = sys.modules[__name__]
    sys.exit(main())
