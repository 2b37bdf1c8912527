"""The ranked causes of a slow page for people: a line each, with the share of the page's time that was measured."""

from collections.abc import Iterator, Sequence

from peakops.model import Row

Line = tuple[tuple[str, str], ...]

COLOURS = {"critical": "bold red", "warning": "yellow"}
UNMEASURED = "share not known"


def lines(causes: Sequence[Row]) -> Iterator[Line]:
    """The lines, the verdict's first."""
    if not causes:
        return
    yield ()
    yield (("Causes", "bold"), ("  by their share of the page's time", "dim"))
    shares = [_share(each) for each in causes]
    width = max(map(len, shares))
    for number, (each, share) in enumerate(zip(causes, shares, strict=True), 1):
        of_all = f"  {each['statements_share'] * 100:.0f} % of all statements' time" if each["statements_share"] else ""
        yield (
            (f"  {number}  {share:<{width}}  ", "" if each["share"] is not None else "dim"),
            (str(each["title"]), COLOURS[each["severity"]]),
            (f"  [{each['code']}]{of_all}", "dim"),
        )


def _share(cause: Row) -> str:
    if cause["share"] is None:
        return UNMEASURED
    return f"{cause['share'] * 100:>3.0f} %  {cause['ms']:,} of {cause['of_ms']:,} ms"
