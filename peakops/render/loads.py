"""
A log of requests for people: when they came, as a bar for each stretch of time, from where, for what, with what.

Bars are letters, in a pipe as on a terminal: # for requests that were answered 429, - for the others.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from peakops.model import Row

Line = tuple[tuple[str, str], ...]

WIDTH = 50
"""Of the longest bar."""
STYLES = {
    "attack": "bold red",
    "legitimate_heavy": "yellow",
    "client_bug": "yellow",
    "unclear": "yellow",
    "crawler": "cyan",
}
SIGNS, NAMES, NETWORKS, BLOCKS = 6, 5, 10, 5
"""Of each that a page shows; --json has all."""


def lines(data: Row) -> Iterator[Line]:
    """The time line, the networks with their signs and what a block of them would hit, the paths and the agents."""
    if "histogram" not in data:
        return
    yield from _bars(data["histogram"])
    yield from _networks(data["networks"], data["log"]["networks_total"])
    yield from _ranking("Paths", data["paths"], "")
    yield from _ranking("Agents", data["agents"], "kind")


def _bars(histogram: Row) -> Iterator[Line]:
    bars, step = histogram["bars"], histogram["step"]
    most = max((each["requests"] for each in bars), default=0)
    if not most:
        return
    each_is = "a minute" if step == 1 else f"{step} minutes"
    yield ()
    yield (("When", "bold"), (f"  {each_is} a line (UTC): # answered 429, - others; the longest is {most:,}", "dim"))
    for each in bars:
        limited = _length(each["limited"], most)
        others = max(0, _length(each["requests"], most) - limited)
        said = f"  {each['requests']:,}" + (f", {each['limited']:,} times 429" if each["limited"] else "")
        yield (f"  {_clock(each['at'], step)}  ", "dim"), ("#" * limited, "red"), ("-" * others, "green"), (said, "")


def _length(number: int, most: int) -> int:
    """At least one where there is any."""
    return -(-number * WIDTH // most)


def _clock(at: datetime, step: int) -> str:
    return f"{at:%m-%d %H:%M}" if step > 1 else f"{at:%H:%M}"


def _networks(networks: Sequence[Row], total: int) -> Iterator[Line]:
    if not networks:
        return
    yield ()
    yield (("Networks", "bold"), ("  that were answered 429; + speaks for an attack, - against it", "dim"))
    width = max(len(each["network"]) for each in networks)
    for each in networks[:NETWORKS]:
        who = f" ({each['crawler']})" if each["crawler"] else ""
        figures = f"{who}  {each['limited']:,} of {each['requests']:,} answered 429, {_addresses(each)}"
        yield (f"  {each['network']:<{width}}  ", ""), (each["verdict"], STYLES[each["verdict"]]), (figures, "")
        for sign in sorted(each["signs"], key=lambda sign: -abs(sign["points"]))[:SIGNS]:
            mark = "+" if sign["points"] > 0 else "-"
            yield ((f"    {mark} {sign['says']}", "dim"),)
        for block in each["blocks"][:BLOCKS]:
            yield ((f"    a block of {block['cidr']}: {_hits(block)}", ""),)
        if len(each["blocks"]) > BLOCKS:
            yield ((f"    and {len(each['blocks']) - BLOCKS} more blocks", ""),)
    if total > NETWORKS:
        yield ((f"  and {total - NETWORKS:,} more", "dim"),)


def _addresses(row: Row) -> str:
    """How many; there are more where some are counted with their network alone."""
    number = row["clients"]
    return f"{number:,} address{'' if number == 1 else 'es'}{' or more' if row.get('folded') else ''}"


def _hits(block: Row) -> str:
    people = "people not known" if block["people"] is None else f"people of the portal: {block['people']}"
    some = f" ({', '.join(block['people_some'])})" if block["people_some"] else ""
    hits = f"successful requests of others: {block['done']:,}, log-ins: {block['logins']:,}, {people}{some}"
    hits += f"; not to be blocked: {block['needed']}" if block["needed"] else ""
    return f"{_addresses(block)}, ends {block['stops']:,} answers of 401, 403 or 429; hits {hits}"


def _ranking(title: str, rows: Sequence[Row], kind: str) -> Iterator[Line]:
    limited = [each for each in rows if each["limited"]][:NAMES]
    if not limited:
        return
    yield ()
    yield (title, "bold"), ("  times answered 429, of all their requests", "dim")
    width = max(len(f"{each['limited']:,}") for each in limited)
    for each in limited:
        what = f"  [{each[kind]}]" if kind else ""
        yield (f"  {each['limited']:>{width},} of {each['requests']:,}  ", "dim"), (each["name"], ""), (what, "dim")
