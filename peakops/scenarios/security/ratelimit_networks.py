"""What is to be thought of each network that ran into a limit, and whom a block of it would hit. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

from peakops.model import Row
from peakops.scenario import Facts
from peakops.scenarios.security import needed
from peakops.scenarios.security import ratelimit_signs as signs
from peakops.scenarios.security.cover import narrowest
from peakops.scenarios.security.crawlers import FORGED, UNKNOWABLE, VERIFIED
from peakops.scenarios.security.ratelimit_signs import share

ATTACK_POINTS, HEAVY_POINTS = 5, -2
STEADY = 0.25
"""The coefficient of variation of a page that asks again and again; retries disturb its beat."""
POLLS = 30
WORKS = 10
"""Requests that succeeded, from which on a client whom many were refused is spared: it works there, and retries."""
MOST_COVERS = 8
"""Blocks for one network; where it takes more, a block is no remedy."""
MOST_ASKED = 50
"""Networks whose people are asked for: the query's limit."""


def judged(facts: Facts) -> list[Row]:
    """Each network with its verdict, its signs, and its covers with their collateral; attacks first, remembered."""
    if "judged" not in facts.kept:
        people = {each["network"]: each for each in facts["people"]} if facts.known("people") else None
        asked = set(to_ask(facts["logs"]))
        own = tuple(facts["logs"]["own"])
        rows = (network(each, people, asked, own) for each in facts["logs"]["networks"])
        facts.kept["judged"] = sorted(rows, key=lambda each: each["verdict"] != "attack")
    found: list[Row] = facts.kept["judged"]
    return found


def network(row: Row, people: Mapping[str, Row] | None, asked: set[str], own: tuple[str, ...] = ()) -> dict[str, Any]:
    """One network, judged; `people` by network, None where the portal did not answer; `own` are our own networks."""
    known = people.get(row["network"]) if people is not None else None
    kept = needed.near(row["network"], own)
    weighed = [*signs.signs(row, known["people"] if known else None), *signs.of_needed(row, kept)]
    verdict = _verdict(row, sum(int(str(each["points"])) for each in weighed))
    covers = covers_of(row, own) if verdict == "attack" else []
    return {
        **{name: row[name] for name in SHOWN},
        "first": _at(row["first"]),
        "last": _at(row["last"]),
        "verdict": verdict,
        "crawler": _identity(row),
        "signs": weighed,
        "people": None if people is None else (known["people"] if known else 0),
        "people_some": list(known["emails"] or ()) if known else [],
        "agents": [{name: each[name] for name in ("name", "requests", "clients")} for each in row["agents"]],
        "paths": row["paths"],
        "blocks": [{**collateral(each, row, people, asked), "needed": needed.first(each, kept)} for each in covers],
    }


SHOWN = (
    *("network", "requests", "limited", "refused", "done", "failed", "auth", "attempts", "assets", "logins"),
    *("clients", "folded", "peak", "hours", "period"),
)


def _verdict(row: Row, points: int) -> str:
    of = row["requests"]
    claims = signs.claims(row)
    if share(claims.get(VERIFIED, 0), of) >= signs.MOST:
        return "crawler"
    if _is_polling(row):
        return "client_bug"
    if points >= ATTACK_POINTS:
        return "attack"
    if share(claims.get(UNKNOWABLE, 0), of) >= signs.MOST:
        return "crawler"
    return "legitimate_heavy" if points <= HEAVY_POINTS else "unclear"


def _is_polling(row: Row) -> bool:
    """One page of ours that asks for one path at an even pace, in browsers: not who guesses passwords."""
    of, top, beat = row["requests"], (row["paths"] or [None])[0], row["period"]
    return bool(
        top
        and beat
        and beat["gaps"] >= POLLS
        and beat["variation"] < STEADY
        and share(top["requests"], of) >= signs.MOST
        and share(signs.by_kind(row)["browser"], of) >= signs.MOST
        and share(row["refused"], of) < signs.TURNED_AWAY
        and not (row["logins"] or _posts_log_ins(row))
    )


def _posts_log_ins(row: Row) -> bool:
    """Whether it mostly tries to log in: guesses keep an even pace as well."""
    return share(row["attempts"], row["requests"]) >= signs.AUTH


def _identity(row: Row) -> str | None:
    """What the crawlers of the network are, where most requests are of crawlers."""
    claims = signs.claims(row)
    most = max(claims, key=lambda each: claims[each], default=None)
    return most if most and share(claims[most], row["requests"]) >= signs.TURNED_AWAY else None


def bad(member: Row) -> bool:
    """Whether a client was turned away more often than not."""
    return share(member["limited"] + member["refused"], member["requests"]) > signs.TURNED_AWAY


def works(member: Row) -> bool:
    """Whether much of what a client asked for succeeded: a clinic that retries is turned away often."""
    return member["done"] >= WORKS and share(member["done"], member["requests"]) >= signs.SOME_DONE


def covers_of(row: Row, own: tuple[str, ...] = ()) -> list[str]:
    """
    The narrowest networks that hold the bad clients; no good log-in is in one, no needed sender, nobody who works.

    Where clients were folded, nobody knows who is where in the network: then it is the whole of it or nothing.
    """
    members, worst = row["members"], _worst(row)
    if row["folded"] or row["clients"] > len(members):
        away = share(row["limited"] + row["refused"], row["requests"])
        return [row["network"]] if away > signs.TURNED_AWAY and not row["logins"] else []
    kept = needed.near(row["network"], own)
    forged = _forged(row)
    spared = [
        each["client"]
        for each in members
        if each["logins"] or needed.holds(each["client"], kept) or (works(each) and not forged)
    ]
    return narrowest(worst, [each["client"] for each in members], spared)


def _worst(row: Row) -> list[str]:
    """The bad clients; of a crawler that is forged all of them are, whatever they were answered."""
    forged = _forged(row)
    return [each["client"] for each in row["members"] if forged or bad(each)]


def _forged(row: Row) -> bool:
    return share(signs.claims(row).get(FORGED, 0), row["requests"]) >= signs.MOST


def to_ask(row: Row | None) -> list[str]:
    """The networks, and what one would block of them, whose people the portal is asked for."""
    found = (row or {"networks": []})["networks"]
    own = tuple((row or {"own": ()})["own"])
    covers = [cover for each in found for cover in covers_of(each, own)[:MOST_COVERS]]
    return list(dict.fromkeys((*(each["network"] for each in found), *covers)))[:MOST_ASKED]


def collateral(cover: str, row: Row, people: Mapping[str, Row] | None, asked: set[str]) -> dict[str, Any]:
    """
    Whom a block would hit: successful requests of clients that are not bad, log-ins, and people of the portal.

    `people` is None where the portal did not answer. `stops` are the limited and refused requests that end with it.
    """
    within = [each for each in row["members"] if ip_address(each["client"]) in ip_network(cover)]
    worst = set(_worst(row))
    good = [each for each in within if each["client"] not in worst]
    whole = cover == row["network"]
    known = people.get(cover) if people is not None and cover in asked else None
    unknown = people is None or cover not in asked
    turned = ("limited", "refused")
    return {
        "cidr": cover,
        "clients": len(within),
        "stops": sum(row[each] for each in turned) if whole else sum(each[name] for each in within for name in turned),
        "done": row["done"] if whole and row["folded"] else sum(each["done"] for each in good),
        "logins": row["logins"] if whole else sum(each["logins"] for each in within),
        "people": None if unknown else (known["people"] if known else 0),
        "people_some": list(known["emails"] or ()) if known else [],
    }


def harmless(block: Row) -> bool:
    """Whether it is known that a block would have hit nobody."""
    return block["people"] == 0 and not (block["done"] or block["logins"] or block["needed"])


def _at(ms: int) -> datetime | None:
    return datetime.fromtimestamp(ms / 1000, UTC) if ms else None
