"""
Rate limit exceeded (429): who asked, from which networks, when and for what, and whom a block would hit.

FILE is of Vercel's log drain: NDJSON or JSON, packed by gzip or not; several in the order of time; - is standard input.
Vercel's runtime logs, and 'vercel logs --json', name no client: then only when and what can be told. A request counts
once however many rows it has. The portal's log says whom a block would hit.

Example: peakops security ratelimit drain-2026-11-20.ndjson.gz
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from peakops.model import Row, Severity, typed
from peakops.promise import Missing
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip
from peakops.scenarios.security.crawlers import claimed, kind
from peakops.scenarios.security.ratelimit_networks import harmless, judged, to_ask
from peakops.scenarios.security.ratelimit_signs import counted, percent, share

NAMED = 3
"""Networks in a sentence, and commands that are named next; the others are listed."""
ROOM = 1.25
"""What a limit should leave above the busiest minute that was seen."""
MOST_UNREADABLE = 0.05
"""Of the lines, beyond which what they hide is too much to say that nobody was held back."""
ROWS_EACH = 200
"""Rows of a request, on the average, beyond which the ids are hardly each one request's."""
MOST_NOWHERE = 0.5
"""Of the limited requests without a client's address, beyond which nobody can be judged."""
BY = {
    "vercel_firewall": "Vercel's firewall",
    "supabase": "Supabase, whose answer the portal passed on",
    "elsewhere": "another host behind a rewrite",
    "portal": "the portal itself, or what it asked",
    "unknown": "nobody knows whom",
}
FIREWALL = "vercel_firewall"


def gather(look: Look, files: Sequence[str] = ()) -> None:
    """Declare the looks: the files once, then whom the portal knows in the networks; the firewall's rules beside."""
    logs = look.at("weblogs", "logs", "count", files=files)
    look.rows("people", "security/people_of_networks", networks=logs.then(to_ask))
    look.at("firewall", "rules", "rules")


def attack(facts: Facts) -> Outcome:
    worst = _with(facts, "attack")
    if not worst:
        return _none(facts, "Nothing looks like an attack.")
    blocks = [block for each in worst for block in each["blocks"]]
    safe = [typed("peakops security block", each["cidr"]) + " --for 24h" for each in blocks if harmless(each)]
    unknown = bool(blocks) and all(each["people"] is None for each in blocks)
    return found(
        "attack",
        f"{_sentence(worst, 1)} {_hit(blocks)}",
        cause=None if safe else "not_known" if unknown else "hits_others",
        row="attack" if safe else "attack_not_blockable",
        next=tuple(safe[:NAMED]),
    )


def _hit(blocks: Sequence[Row]) -> str:
    """What a block would have hit, in the log and in the portal."""
    nobody = [each["cidr"] for each in blocks if harmless(each)]
    told = [f"Blocking {', '.join(nobody[:NAMED])} would have hit nobody."] if nobody else []
    for each in [each for each in blocks if not harmless(each)][:NAMED]:
        hits = f"{each['done']:,} successful requests of others and {each['logins']:,} log-ins"
        people = "whom the portal knows there could not be asked"
        if each["people"] is not None:
            people = f"the portal knows {counted(each['people'], 'person', 'people')} there"
        needed = f"; {each['needed']}" if each["needed"] else ""
        told.append(f"Blocking {each['cidr']} would have hit {hits}; {people}{needed}.")
    return " ".join(told) or "No block is proposed: a log-in succeeded among the addresses, or good ones lie between."


def bug(facts: Facts) -> Outcome:
    polling = _with(facts, "client_bug")
    if not polling:
        return _none(facts, "Nothing looks like a page that asks again and again.")
    beat, path = polling[0]["period"], polling[0]["paths"][0]["name"]
    says = f"{_sentence(polling, 0)} {path} is asked every {beat['mean_ms'] / 1000:.1f} s, {beat['gaps']:,} times."
    return found("client_bug", says)


def heavy(facts: Facts) -> Outcome:
    people = _with(facts, "legitimate_heavy")
    if not people:
        return _none(facts, "Nobody who seems to work there ran into a limit.")
    mine = facts["logs"]["answered_by"]
    if not mine.get(FIREWALL):
        return found(
            "legitimate_heavy", f"{_sentence(people, -1)} {_by(facts['logs'])}", row="legitimate_heavy_elsewhere"
        )
    raised = _raised(facts, people)
    command = f"{typed('peakops security limit', raised[0])} --to {raised[1]} --for 2h" if raised else ""
    return found(
        "legitimate_heavy", _sentence(people, -1), next=(command,) if command else ("peakops security blocks",)
    )


def _raised(facts: Facts, people: Sequence[Row]) -> tuple[str, int] | None:
    """
    The rule that limited them, and what it would have to allow; None where the record does not tell which.

    Of several rules one may be what holds an attack back.
    """
    rules = {each["id"]: each for each in facts["rules"]} if facts.known("rules") else {}
    named = next(iter(facts["logs"]["rules"] or rules), "")
    if len(facts["logs"]["rules"] or rules) != 1:
        return None
    rule = rules.get(named, {"limit": 0, "window_s": 60})
    needed = max(each["peak"] for each in people) * (rule["window_s"] or 60) / 60 * ROOM
    return named, _rounded(max(needed, (rule["limit"] or 0) * ROOM))


def _rounded(number: float) -> int:
    """Up to two digits that count."""
    step = 10 ** max(0, int(math.log10(max(number, 1))) - 1)
    return int(math.ceil(number / step) * step)


def crawlers(facts: Facts) -> Outcome:
    seen = _with(facts, "crawler")
    if not seen:
        return _none(facts, "No crawler ran into a limit.")
    known = all(each["crawler"] == "verified" for each in seen)
    says = ", ".join(f"{each['network']}: {_crawler(each)}" for each in seen[:NAMED])
    return found("crawler", f"{says}.", cause="verified" if known else "unknowable")


def _crawler(network: Row) -> str:
    name = next((found for each in network["agents"] if (found := claimed(each["name"]))), "a crawler")
    return f"{name}, {network['crawler']}, {network['limited']:,} times 429"


def doubtful(facts: Facts) -> Outcome:
    seen = _with(facts, "unclear")
    return found("unclear", _sentence(seen, 0)) if seen else _none(facts, "What each network is can be told.")


def addresses(facts: Facts) -> Outcome:
    log = facts["logs"]
    if not log["limited"]:
        return skip("No request was answered 429.")
    if log["addressless_limited"] <= log["limited"] * MOST_NOWHERE:
        without = log["addressless_limited"]
        return ok(f"{percent(without, log['limited'])} of them do not." if without else "All that were limited do.")
    told = "; ".join(f"{each['name']} {each['limited']:,}" for each in log["paths"][:NAMED] if each["limited"])
    says = (
        f"{log['addressless_limited']:,} of {log['limited']:,} requests that were answered 429 name no client: {told}."
    )
    return found("no_addresses", f"{says} {_by(log)}")


def quiet(facts: Facts) -> Outcome:
    log = facts["logs"]
    if log["limited"]:
        return skip("Requests were answered 429.")
    if hidden := _hidden(log):
        raise Missing(hidden)
    return found("quiet", f"None of {counted(log['requests'], 'request', 'requests')} was answered 429.")


def _hidden(log: Row) -> str:
    """What of the log could not be read, or told apart; nothing where it is too little to hide anybody."""
    if log["damaged"]:
        return f"Damaged, or cut off: {', '.join(log['damaged'])}."
    if log["rows"] > ROWS_EACH * log["requests"]:
        return f"{log['rows']:,} rows have {counted(log['requests'], 'requestId', 'requestIds')}, hardly their own."
    many = share(log["unreadable"], log["lines"]) > MOST_UNREADABLE
    return f"{log['unreadable']:,} of {log['lines']:,} lines could not be read." if many else ""


def _none(facts: Facts, says: str) -> Outcome:
    return ok(says) if facts["logs"]["networks"] else skip("No network ran into a limit.")


def _with(facts: Facts, verdict: str) -> list[Row]:
    return [each for each in judged(facts) if each["verdict"] == verdict]


def _sentence(networks: Sequence[Row], side: int) -> str:
    """The first networks, each with the signs that weigh most: those for an attack, those against it (-1), or both."""
    told = []
    for each in networks[:NAMED]:
        signs = sorted(each["signs"], key=lambda sign: -abs(sign["points"]))
        why = ", ".join(sign["says"] for sign in [sign for sign in signs if sign["points"] * side >= 0][:NAMED])
        told.append(f"{each['network']}, {each['limited']:,} times 429: {why or 'no sign at all'}.")
    more = len(networks) - NAMED
    return " ".join(told) + (f" And {counted(more, 'more network', 'more networks')}." if more > 0 else "")


def _by(log: Row) -> str:
    """Who answered 429, as far as the record shows it."""
    told = sorted(log["answered_by"].items(), key=lambda each: -each[1])
    return "429 came from " + ", ".join(f"{BY[name]} ({hits:,})" for name, hits in told) + "."


COUNTS = (
    *(
        "lines",
        "unreadable",
        "damaged",
        "rows",
        "output",
        "requests",
        "limited",
        "repeated",
        "unmarked",
        "folded",
        "error",
    ),
    *("clients", "addressless", "addressless_limited", "answered_by", "rules", "networks_total", "first", "last"),
)


def data(facts: Facts) -> Row:
    """The totals, the time line, what was asked with what, and the networks as they are judged."""
    log = facts["logs"]
    agents = [{**each, "kind": kind(each["name"])} for each in log["agents"]]
    return {
        "log": {name: log[name] for name in COUNTS},
        "histogram": log["histogram"],
        "paths": log["paths"],
        "agents": agents,
        "networks": judged(facts),
    }


def whole(facts: Facts) -> bool:
    """Whether the log was read, each limited request has an address, and each network was looked at."""
    log: dict[str, Any] = facts["logs"]
    told = sum(each["limited"] for each in log["networks"])
    return not _hidden(log) and log["limited"] == told


CHECKS: tuple[Callable[[Facts], Outcome], ...] = (attack, bug, heavy, crawlers, doubtful, addresses, quiet)
SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=CHECKS,
    subject=(),
    needs={Severity.WARNING: ("logs",), Severity.OK: ("logs",)},
    plural="networks",
    data=data,
    whole=whole,
)
