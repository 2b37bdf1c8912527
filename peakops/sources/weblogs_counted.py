"""What was counted of a log, or of a stretch of it, as it goes from one process to the other."""

from msgspec import Struct

from peakops.sources.weblogs_places import network_of
from peakops.sources.weblogs_tally import Tally

NETWORKS = 20_000
"""Networks of a stretch whose clients were folded; further ones are counted as one."""
NAMES = 20_000
"""Different paths, and agents, of a stretch."""
OTHERS = "(others)"


class Named(Struct, array_like=True, gc=False):
    """A folded path, or an agent, with how often it was asked and limited; `kind` is a path's."""

    name: str
    kind: int
    requests: int = 0
    limited: int = 0


class Counted(Struct):
    """What a stretch, or all of them together, holds."""

    lines: int = 0
    """All but blank ones."""
    unreadable: int = 0
    where: str = ""
    """The first line that could not be read: FILE:LINE."""
    damaged: list[str] = []
    """Files that end before they should, or are not what was packed: what is behind the damage is not counted."""
    rows: int = 0
    """Rows of the log, of which one request may have several."""
    output: int = 0
    """Rows that are of no request: of a build, say."""
    requests: int = 0
    limited: int = 0
    repeated: int = 0
    """Requests that were counted twice, since more than NEAR others lie between their rows."""
    unmarked: int = 0
    """Requests of which that is not known."""
    folded: int = 0
    """Clients that were counted with their network alone, to save memory: those with the fewest requests."""
    error: int = 0
    """By how many requests a client may be told short for that."""
    minutes: dict[int, list[int]] = {}
    """By minutes since 1970: requests, and limited ones. Those without a time, and of too many minutes, are at 0."""
    answered_by: dict[str, int] = {}
    """Who answered 429; see weblogs_record."""
    rules: dict[str, int] = {}
    """Rules of Vercel's firewall that answered 429."""
    paths: dict[str, Named] = {}
    agents: dict[str, Named] = {}
    addresses: dict[str, Tally] = {}
    networks: dict[str, Tally] = {}
    """The clients that were folded, by their network."""


SUMS = ("lines", "unreadable", "output", "rows", "requests", "limited", "unmarked", "folded", "error")


def entry(names: dict[str, Named], name: str, kind: int) -> Named:
    """The entry of a name; where there are too many names, the others are counted together."""
    name = name if name in names or len(names) < NAMES else OTHERS
    if name not in names:
        names[name] = Named(name, kind)
    return names[name]


def fold(counted: Counted, most: int) -> None:
    """Keep so many clients, those with the most requests; the others are counted with their networks alone."""
    clients, networks = counted.addresses, counted.networks
    dropped = sorted(clients, key=lambda each: -clients[each].requests)[most:]
    counted.error += clients[dropped[0]].requests
    counted.folded += len(dropped)
    for client in dropped:
        network = network_of(client) or ""
        if network not in networks and len(networks) >= NETWORKS:
            network = OTHERS
        networks.setdefault(network, Tally()).merge(clients.pop(client), joined=False)
