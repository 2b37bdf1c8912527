"""What is held on a person, for people: a line a table, with what a deletion would do with its rows."""

from collections.abc import Iterator, Sequence

from peakops.model import Row

Line = tuple[tuple[str, str], ...]

WORDS = {
    "delete": ("delete", "red"),
    "null": ("keep, without the person", "yellow"),
    "pseudonymise": ("keep under a pseudonym", "yellow"),
    "keep": ("keep", ""),
    "auth": ("Supabase Auth deletes it", "red"),
    "outside": ("by hand", "cyan"),
    "unclassified": ("not classified", "bold red"),
    "blocked": ("blocked", "bold red"),
}


def lines(held: Sequence[Row]) -> Iterator[Line]:
    """The lines, in the order in which the tables hang on the person."""
    if not held:
        return
    yield ()
    yield (("What is held", "bold"), ("  and what a deletion would do with it", "dim"))
    places = [f"{each['table']} ({'; '.join(each['columns'])})" for each in held]
    width, digits = max(map(len, places)), max(len(_rows(each)) for each in held)
    for each, place in zip(held, places, strict=True):
        does, style = WORDS[each["effect"]]
        stays = f"  {each['ground']} Until: {each['until']}." if each["ground"] else ""
        yield (
            (f"  {place:<{width}}  {_rows(each):>{digits}}  ", ""),
            (does, style),
            (stays, "dim"),
        )


def _rows(each: Row) -> str:
    return "?" if each["rows"] is None else f"{each['rows']:,}"
