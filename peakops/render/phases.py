"""The figures of probed pages for people: a bar of letters for each kind of sample, in a pipe as on a terminal."""

from collections.abc import Iterator, Sequence

from peakops.model import Row

Line = tuple[tuple[str, str], ...]

PHASES = {
    "dns_ms": ("d", "DNS", "magenta"),
    "connect_ms": ("c", "connect", "blue"),
    "tls_ms": ("t", "TLS", "cyan"),
    "wait_ms": ("w", "wait", "yellow"),
    "download_ms": ("r", "receive", "green"),
}
"""Each phase with its letter in the bar, its name and its colour; the letters tell it where there is no colour."""
KINDS = {"first": "first visit", "cold": "new connection", "warm": "open connection"}
WIDTH = 40
"""Of the longest bar of a page."""
PARTS = {
    "redirects": "redirects",
    "network": "network",
    "server": "server",
    "database": "database",
    "external": "other APIs",
    "download": "download",
    "bundle": "scripts, styles",
}
LEGEND = ", ".join(f"{letter} {name}" for letter, name, _ in PHASES.values())


def lines(pages: Sequence[Row]) -> Iterator[Line]:
    """A block for each page that was measured: its samples, and what takes the time of the typical one."""
    for page in pages:
        if page["kinds"]:
            yield ()
            yield ((str(page["measured"]), "bold"), (f"  {LEGEND}; milliseconds, p50 (p95)", "dim"))
            yield from _samples(page["kinds"])
            yield from _parts(page["parts"])


def _samples(kinds: Sequence[Row]) -> Iterator[Line]:
    scale = max(each["p50"]["total_ms"] for each in kinds) or 1
    for each in kinds:
        head = f"  {KINDS[each['kind']]:<15}  {each['samples']:>2} x  "
        total = f"{each['p50']['total_ms']:,} ({each['p95']['total_ms']:,})"
        apart = ", ".join(f"{name} {each['p50'][phase]:,}" for phase, (_, name, _) in PHASES.items())
        yield (head, "dim"), *_bar(each["p50"], scale), (f"  {total:<16}", ""), (apart, "dim")


def _bar(p50: Row, scale: int) -> Iterator[tuple[str, str]]:
    """A letter for each fortieth of the longest; a phase too short for one has none."""
    drawn = 0
    for phase, (letter, _, colour) in PHASES.items():
        width = round(p50[phase] / scale * WIDTH)
        width = min(width, WIDTH - drawn)
        drawn += width
        if width:
            yield letter * width, colour
    yield " " * (WIDTH - drawn), ""


def _parts(parts: Sequence[Row]) -> Iterator[Line]:
    for each in parts:
        if round(each["ms"]):
            row = f"  {PARTS[each['part']]:<15}  {round(each['ms']):>7,} ms  {each['share'] * 100:>4.0f} %"
            yield ((row, ""),)
