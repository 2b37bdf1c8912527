"""The path to a verdict, line by line: each question with its answer, its evidence and its place in the playbook."""

from collections.abc import Iterator, Sequence

from peakops.model import Row, Verdict

MARKS = {
    Verdict.OK: ("✓", "green"),
    Verdict.FOUND: ("✗", "red"),
    Verdict.SKIPPED: ("–", "dim"),
    Verdict.UNKNOWN: ("?", "yellow"),
    Verdict.BY_HAND: ("☐", "cyan"),
}


FEW = 8
"""Rows of a question that are named; --json has all."""
OPEN = (Verdict.UNKNOWN, Verdict.BY_HAND)
Line = tuple[tuple[str, str], ...]


def lines(why: Sequence[Row]) -> Iterator[Line]:
    """The section, its heading first; a look is named with the number of its rows."""
    yield ()
    if not why:
        yield (("Why", "bold"), ("  no question was asked: it was not one subject that was found", "dim"))
        return
    yield (
        ("Why", "bold"),
        ("  each question, what was read for it (looks and their rows), and what it was not", "dim"),
    )
    for each in why:
        mark, style = MARKS[Verdict(each["verdict"])]
        yield ((f"  {mark} ", style), (each["asks"], "bold" if each["decides"] else ""))
        yield ((f"      {each['says']}", ""), ("  This is the verdict." if each["decides"] else "", "bold"))
        if each["verdict"] != Verdict.SKIPPED:
            yield from _from(each)


def _from(step: Row) -> Iterator[Line]:
    """Where an answer comes from, and what else it might have been."""
    read = [_read(each, named=step["decides"]) for each in step["evidence"]]
    if read:
        yield ((f"      read: {'; '.join(read)}", "dim"),)
    yield ((f"      playbook: {step['playbook']}", "dim"),)
    codes = [row["code"] for row in step["not_taken"]]
    if codes:
        more = f" and {len(codes) - FEW} more" if len(codes) > FEW else ""
        word = "it may be" if step["verdict"] in OPEN else "not taken:"
        yield ((f"      {word} {', '.join(codes[:FEW])}{more}", "dim"),)


def _read(look: Row, *, named: bool) -> str:
    """A look and how many rows it brought; of the verdict's own also which."""
    ids = f": {', '.join(look['ids'])}{', …' if look['rows'] > len(look['ids']) else ''}" if look["ids"] else ""
    return f"{look['name']} {look['rows']}{ids if named else ''}"
