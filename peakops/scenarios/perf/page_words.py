"""How what was measured of a page is put into words. Pure."""

from collections.abc import Sequence

from peakops.model import Row
from peakops.scenarios.perf import page_figures as figures

NAMES = {
    "redirects": "redirects",
    "network": "the network (DNS, connection, TLS)",
    "server": "the server itself",
    "database": "the database",
    "external": "other APIs",
    "download": "the download of the page",
    "bundle": "its scripts and styles",
}
SILENCES = {
    "dns": "its host's name does not resolve",
    "connect": "no connection is made",
    "tls": "no encrypted connection comes about",
    "certificate": "its certificate could not be verified",
    "timeout": "no answer came",
    "slow_dns": "its host's name was not resolved",
    "slow_connect": "no connection came about",
    "slow_tls": "no encrypted connection came about",
    "broken": "the connection broke, or what came is no HTTP",
}
"""Why there was no answer, by what failed."""
LATE = ("timeout", "slow_dns", "slow_connect", "slow_tls")
"""Where the time ended: in waiting for the page, or on the way to it."""


def named(page: Row) -> str:
    """A page as a sentence speaks of it: its path where it is the portal's."""
    return str(page["path"] if page["portal"] else page["measured"])


def ms(value: float) -> str:
    """Milliseconds, or seconds where there are many."""
    return f"{value / 1000:.1f} s" if value >= 9950 else f"{round(value):,} ms"


def size(count: float) -> str:
    """Bytes as people write them, in powers of ten."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{round(count / 1000):,} kB"


def took(page: Row) -> str:
    """How long a page takes, beside what it may."""
    whole, first = figures.whole_ms(page), figures.ttfb_ms(page)
    return (
        f"{named(page)} takes {ms(whole)} with its scripts and styles (the playbook allows {ms(figures.PAGE_MS)}), and "
        f"{ms(first)} to its first byte (good up to {ms(figures.TTFB_GOOD_MS)}, poor from {ms(figures.TTFB_POOR_MS)})"
    )


def split(page: Row, part: str) -> str:
    """A part of the whole: 2,100 ms (93 %) of it are the database."""
    length, share = figures.share(page, part)
    return f"{ms(length)} ({share * 100:.0f} %) of it are {NAMES[part]}"


def silence(page: Row) -> str:
    """Why a page gave no answer."""
    ended, count = page["ended"], len(page["dropped"])
    if not ended:
        visits = len(page["samples"]) + count
        return f"{named(page)}: {SILENCES.get(figures.mostly(page) or '', '')}, {count} of {visits} times."
    if ended in LATE and not page["waited_ms"]:
        return f"{named(page)}: it was not asked, there was no time left; --timeout gives more."
    after = f" within {ms(page['waited_ms'])}" if ended in LATE else ""
    return f"{named(page)}: {SILENCES.get(ended, '')}{after}."


def several(pages: Sequence[Row], says: str) -> str:
    """What is said of the first page, and of which others the same holds."""
    others = ", ".join(named(each) for each in pages[1:])
    return f"{says} The same holds of {others}." if others else says
