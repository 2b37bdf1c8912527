"""What the doctor found, for people: one line each, by source, and under it the hint where something is to be done."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from peakops.model import Row

MARK = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "critical": ("✗", "bold red"),
    "unknown": ("?", "magenta"),
    "skipped": ("–", "dim"),
}
"""By state; the mark tells it where there is no colour."""

SHOWN = 3
"""Problems of a question that a page shows."""
HEADS = {"ups": "UPS"}
"""Sources whose name has more capitals than its first."""


def lines(checks: Sequence[Row]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The lines, each as pieces of text with their styles."""
    for source, of_source in groupby(checks, key=lambda each: str(each["source"])):
        yield ()
        yield ((HEADS.get(source, source.capitalize()), "bold"),)
        for (state, says, hint), equal in groupby(of_source, key=_told):
            several = list(equal)
            mark, style = MARK[state]
            more = len(several) - 1
            also = f" ({more} more question{'s' * (more > 1)})" if more else ""
            yield (f"  {mark} ", style), (says, _look(state)), (also, "dim")
            if hint:
                yield ((f"    {hint}", "dim"),)
            yield from _problems(several[0].get("problems", ()))


def _problems(problems: Sequence[Row]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The first few things that a line is about, each with what hangs on it, and the statements for and against it."""
    for number, each in enumerate(problems[:SHOWN]):
        if number:
            yield ((f"    · {each['says']}", ""),)
        yield from (((f"      {line}", ""),) for line in each["lines"])
        for word in ("run", "undo"):
            if each[word]:
                yield (f"      {word:<4}  ", "dim"), (str(each[word]), "cyan")
    if len(problems) > SHOWN:
        yield ((f"    {len(problems) - SHOWN} more are in --json.", "dim"),)


def _told(check: Row) -> tuple[str, str, str]:
    """What a line says; of a look that did not answer without its name, so that several questions become one line."""
    says = str(check["says"])
    return check["state"], says.partition(": ")[2] or says if check["state"] == "unknown" else says, check["hint"]


def _look(state: str) -> str:
    return "dim" if state == "skipped" else ""
