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

HEADS = {"ups": "UPS"}
"""Sources whose name has more capitals than its first."""


def lines(checks: Sequence[Row]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The lines, each as pieces of text with their styles."""
    for source, of_source in groupby(checks, key=lambda each: str(each["source"])):
        yield ()
        yield ((HEADS.get(source, source.capitalize()), "bold"),)
        for (state, says, hint), several in groupby(of_source, key=_told):
            mark, style = MARK[state]
            more = sum(1 for _ in several) - 1
            also = f" ({more} more question{'s' * (more > 1)})" if more else ""
            yield (f"  {mark} ", style), (says, _look(state)), (also, "dim")
            if hint:
                yield ((f"    {hint}", "dim"),)


def _told(check: Row) -> tuple[str, str, str]:
    """What a line says; of a look that did not answer without its name, so that several questions become one line."""
    says = str(check["says"])
    return check["state"], says.partition(": ")[2] or says if check["state"] == "unknown" else says, check["hint"]


def _look(state: str) -> str:
    return "dim" if state == "skipped" else ""
