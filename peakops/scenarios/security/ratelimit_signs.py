"""What speaks for an attack and what against it, in one network's requests: each sign with its number. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from peakops.model import Row
from peakops.scenarios.security.crawlers import FORGED, identity, kind
from peakops.scenarios.security.needed import Needed, holds
from peakops.scenarios.words import lasting

TURNED_AWAY = 0.5
"""Of the requests were answered 401, 403 or 429: hardly anybody's day looks like that."""
AUTH = 0.6
ONE_AGENT_CLIENTS = 20
MANY_AGENTS = 10
CLOCKWORK = 0.1
"""The coefficient of variation of the gaps below which a machine keeps the beat."""
GAPS = 20
"""Of fewer gaps their variation says nothing."""
ENOUGH = 50
"""Requests from which on the absence of something says anything."""
PROBED = 10
LIMITED_LITTLE = 0.2
OFFICE_AGENTS = 5
OFFICE_HOURS = 12
ALL_DAY = 22
DAY_MS = 86_400_000
SOME_DONE = 0.2
"""Of the requests succeeded: who only guesses or floods gets less."""
MACHINE_PATH = re.compile(
    r"(?i)(?:^|[/_-])(?:webhooks?|hooks|health|healthz|healthcheck|ping|ready|readyz|livez)(?:$|[/_-])"
)
"""Asked by a vendor, or by a probe that watches the portal."""
MOST = 0.8
"""A share that stands for all of it."""
Sign = dict[str, object]


def signs(network: Row, people: int | None) -> list[Sign]:
    """Every sign that the figures show, weighed: above nothing it speaks for an attack, below against it."""
    told = [
        {"sign": name, "points": points, "says": says}
        for judge in SIGNS
        for name, points, says in judge(network)
        if points
    ]
    if people:
        told.append(
            {
                "sign": "people",
                "points": -3,
                "says": f"the portal knows {counted(people, 'person', 'people')} there, in 30 days",
            }
        )
    return told


def of_needed(network: Row, those: Iterable[Needed]) -> Iterator[Sign]:
    """The sign of requests that come from where they are needed: of a vendor's webhooks, or of our own office."""
    of = network["requests"]
    for each in (each for each in those if each.expected):
        hits = sum(member["requests"] for member in network["members"] if holds(member["client"], [each]))
        if hits:
            yield {
                "sign": "needed",
                "points": -5 if share(hits, of) >= TURNED_AWAY else -1,
                "says": f"{percent(hits, of)} of the requests come from {each.network}, which is {each.what}",
            }


Found = Iterator[tuple[str, int, str]]


def share(part: int, whole: int) -> float:
    """A share, of nothing too."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """A share as people read it."""
    return f"{share(part, whole) * 100:.0f} %"


def counted(number: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else several}"


def _answers(network: Row) -> Found:
    of, away = network["requests"], network["limited"] + network["refused"]
    if share(away, of) > TURNED_AWAY:
        yield "turned_away", 3, f"{percent(away, of)} of {of:,} requests were answered 401, 403 or 429"
    if share(network["limited"], of) < LIMITED_LITTLE:
        yield "little_limited", -2, f"{percent(network['limited'], of)} of {of:,} requests were answered 429"
    if share(network["done"], of) >= TURNED_AWAY:
        yield "mostly_done", -3, f"{percent(network['done'], of)} of the requests succeeded"
    elif share(network["done"], of) >= SOME_DONE:
        yield "some_done", -2, f"{percent(network['done'], of)} of the requests succeeded"
    if network["logins"]:
        yield "logins", -2, f"{network['logins']:,} posts to log-in paths succeeded"


def _paths(network: Row) -> Found:
    of = network["requests"]
    if share(network["auth"], of) >= AUTH:
        yield "log_in_paths", 3, f"{percent(network['auth'], of)} of the requests are to log-in paths"
    if network["paths_total"] >= PROBED and share(network["failed"], of) >= TURNED_AWAY:
        yield (
            "probing",
            2,
            f"{percent(network['failed'], of)} of the requests failed, on {network['paths_total']}+ paths",
        )
    machine = sum(each["requests"] for each in network["paths"] if MACHINE_PATH.search(each["name"]))
    if share(machine, of) >= MOST and network["clients"] < ONE_AGENT_CLIENTS and not network["folded"]:
        yield "machine_paths", -4, f"{percent(machine, of)} of the requests are to paths of webhooks and of probes"
    if of >= ENOUGH and not network["assets"] and network["assets_told"]:
        yield "no_assets", 1, "no script, style or picture was asked for"
    elif share(network["assets"], of) >= 0.05:
        yield "assets", -1, f"{percent(network['assets'], of)} of the requests are for scripts, styles and pictures"


def _agents(network: Row) -> Found:
    of, top = network["requests"], (network["agents"] or [None])[0]
    kinds = by_kind(network)
    if share(kinds["library"], of) >= TURNED_AWAY:
        yield "library", 2, f"{percent(kinds['library'], of)} of the requests come from programs, no browsers"
    if top and top["clients"] >= ONE_AGENT_CLIENTS and share(top["requests"], of) >= MOST:
        yield "one_agent", 2, f"{top['clients']} addresses say the same agent"
    if network["agents_of_one"] >= MANY_AGENTS and share(network["done"], of) < TURNED_AWAY:
        yield "many_agents", 1, f"one address says {network['agents_of_one']} different agents or more"
    browsers = sum(kind(each["name"]) == "browser" for each in network["agents"])
    if browsers >= OFFICE_AGENTS and share(network["done"], of) >= TURNED_AWAY:
        yield "browsers", -2, f"{browsers} different browsers or more"


def _forged(network: Row) -> Found:
    claim = claims(network)
    if share(claim.get(FORGED, 0), network["requests"]) >= TURNED_AWAY:
        yield "forged_crawler", 8, "the crawler that it names does not publish these addresses"


def _times(network: Row) -> Found:
    beat = network["period"]
    if beat and beat["gaps"] >= GAPS and beat["variation"] < CLOCKWORK:
        every = lasting(beat["mean_ms"] / 1000) if beat["mean_ms"] >= 1000 else f"{beat['mean_ms']} ms"
        yield "clockwork", 2, f"one request every {every}, give or take {beat['variation'] * 100:.0f} %"
    if network["last"] - network["first"] >= DAY_MS:
        if network["hours"] >= ALL_DAY:
            yield "all_day", 1, f"requests in {network['hours']} of 24 hours of the day"
        elif network["hours"] <= OFFICE_HOURS:
            yield "office_hours", -1, f"requests in {network['hours']} of 24 hours of the day"


SIGNS: tuple[Callable[[Row], Found], ...] = (_answers, _paths, _agents, _forged, _times)


def by_kind(network: Row) -> Mapping[str, int]:
    """Requests by what the agents say that they are."""
    counts = dict.fromkeys(("crawler", "library", "browser", "other"), 0)
    for each in network["agents"]:
        counts[kind(each["name"])] += each["requests"]
    return counts


def claims(network: Row) -> Mapping[str, int]:
    """Requests of agents that name a crawler, by whether it is one: verified, forged, unknowable."""
    counts: dict[str, int] = {}
    for each in network["agents"]:
        if found := identity(each["name"], each["some"], day_of(network)):
            counts[found] = counts.get(found, 0) + each["requests"]
    return counts


def day_of(network: Row) -> date:
    """The day of the last request."""
    return datetime.fromtimestamp(network["last"] / 1000, UTC).date()
