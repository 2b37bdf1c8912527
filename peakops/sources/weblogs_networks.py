"""What was counted, by networks (/24, and /48 of IPv6), as plain rows: those that ran into a limit, worst first."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from peakops.sources.weblogs_counted import OTHERS, Counted
from peakops.sources.weblogs_places import network_of, spelt
from peakops.sources.weblogs_tally import Tally

NETWORKS = 20
"""That are told of; how many more there are is told too."""
CLIENTS = 512
"""Of a network that are told one by one: all of a /24."""
NAMES = 8
"""Agents, and paths, of a network."""
SOME = 16
"""Clients of an agent that are named, to hold its claim against what is published."""
NUMBERS = (*("requests", "limited", "refused", "done", "failed", "auth", "attempts", "assets", "logins"),)
OF_CLIENT = ("requests", "limited", "refused", "done", "logins")
Members = Mapping[str, Tally]


def networks(counted: Counted) -> tuple[list[dict[str, Any]], int, Tally]:
    """The networks with limited requests, how many of them there are, and what came without a client's address."""
    limited = Counter[str]()
    nowhere = Tally()
    for address, tally in counted.addresses.items():
        network = network_of(address)
        if network is None:
            nowhere.merge(tally, joined=False)
        elif tally.limited:
            limited[network] += tally.limited
    for network, tally in counted.networks.items():
        if not network:
            nowhere.merge(tally, joined=False)
        elif network != OTHERS and tally.limited:
            limited[network] += tally.limited
    worst = sorted(limited, key=lambda each: (-limited[each], each))[:NETWORKS]
    members = _members(counted, frozenset(worst))
    rows = [_network(each, members[each], counted.networks.get(each)) for each in worst]
    return rows, len(limited), nowhere


def _members(counted: Counted, wanted: frozenset[str]) -> dict[str, dict[str, Tally]]:
    """The clients of these networks; an address that is written in two ways is one of them."""
    found: dict[str, dict[str, Tally]] = {each: {} for each in wanted}
    for address, tally in counted.addresses.items():
        network = network_of(address)
        if network in wanted and network is not None:
            found[network].setdefault(spelt(address) or address, Tally()).merge(tally, joined=False)
    return found


def _network(network: str, members: Members, folded: Tally | None) -> dict[str, Any]:
    whole = Tally()
    for tally in (*members.values(), *([folded] if folded else ())):
        whole.merge(tally, joined=False)
    told = sorted(members, key=lambda each: (-_turned_away(members[each]), -members[each].requests, each))
    heaviest = max(members.values(), key=lambda each: each.requests, default=whole)
    agents, paths = whole.every_agent(), whole.every_path()
    # A log may be in another order than time's.
    ends = [at for each in (*members.values(), whole) for at in (each.first, each.last) if at]
    return {
        "network": network,
        **{name: getattr(whole, name) for name in NUMBERS},
        "first": min(ends, default=0),
        "last": max(ends, default=0),
        "peak": max((max(each.peak, each.in_minute) for each in members.values()), default=0),
        "hours": whole.hours.bit_count(),
        "clients": len(members),
        "folded": folded.requests if folded else 0,
        "agents": [{**each, **_with(members, each["name"])} for each in ranked(agents)],
        "agents_total": len(agents),
        "agents_of_one": max((len(each.every_agent()) for each in members.values()), default=0),
        "paths": ranked(paths),
        "paths_total": len(paths),
        "period": period(heaviest),
        "members": [
            {"client": each, **{name: getattr(members[each], name) for name in OF_CLIENT}} for each in told[:CLIENTS]
        ],
    }


def _turned_away(tally: Tally) -> int:
    return tally.limited + tally.refused


def _with(members: Members, agent: str) -> dict[str, Any]:
    """How many clients have this agent, and some of them."""
    having = [client for client, each in members.items() if agent == each.agent or agent in (each.agents or ())]
    return {"clients": len(having), "some": sorted(having)[:SOME]}


def ranked(names: Mapping[str, int], most: int = NAMES) -> list[dict[str, Any]]:
    """The names with the most requests; those that were not told apart have none."""
    told: Iterable[str] = sorted((each for each in names if each), key=lambda each: (-names[each], each))
    return [{"name": each, "requests": names[each]} for each in list(told)[:most]]


def period(tally: Tally) -> dict[str, Any] | None:
    """Of one client: the mean gap between requests (ms), and how far gaps differ from it (coefficient of variation)."""
    if tally.gaps < 2 or not tally.gap_sum:
        return None
    mean = tally.gap_sum / tally.gaps
    variance = max(0.0, tally.gap_squares / tally.gaps - mean * mean)
    return {"gaps": tally.gaps, "mean_ms": round(mean), "variation": round(math.sqrt(variance) / mean, 3)}
