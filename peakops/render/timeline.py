"""A person's score for people: each point with its line, what could not be had, who else is near, and the time line."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from peakops.model import Row

Line = tuple[tuple[str, str], ...]

SHOWN = 25
"""Lines of the time line on a page, the newest; what counts is shown however old it is. --json has all of it."""
PEOPLE = 10
"""Other people whom a pivot found that a page lists."""


def lines(data: Row) -> Iterator[Line]:
    """The sections of a report that has a time line."""
    yield from _signals(data["signals"], data["score"], data["levels"])
    yield from _missing(data["missing"])
    yield from _pivots(data["shared"])
    yield from _timeline(data["timeline"])


def _signals(signals: Sequence[Row], score: float | None, levels: Row) -> Iterator[Line]:
    if score is None:
        return
    likely, unusual = levels["likely_compromised"], levels["unusual"]
    yield from _headed(
        "Signals", f"the highest score is {score:g}; {likely:g} is likely compromised, {unusual:g} unusual"
    )
    visit = None
    for each in signals:
        if visit != each["visit"]:
            visit = each["visit"]
            yield (
                (f"  visit of {visit}  ", ""),
                (f"{each['score']:g} points", "bold" if each["score"] >= unusual else "dim"),
            )
        yield (
            (f"  {each['points']:>+6g}  ", "red" if each["score"] >= unusual else "dim"),
            (f"{each['says']}", ""),
            (f"  [{each['code']}; {_at(each['at'])}, {each['record']}]", "dim"),
        )
    if not signals:
        yield (("  none", "dim"),)


def _missing(missing: Sequence[Row]) -> Iterator[Line]:
    if not missing:
        return
    yield from _headed("Signals that could not be had", "")
    told: dict[tuple[str, str], list[str]] = {}
    for each in missing:
        told.setdefault((each["state"], each["why"]), []).append(each["signal"])
    for (state, why), codes in told.items():
        mark = "?" if state == "not_available" else "–"
        yield ((f"  {mark} {', '.join(codes)}: ", "yellow"), (why, ""))


def _pivots(shared: Row) -> Iterator[Line]:
    if shared["address"] is not None:
        yield from _headed("Others at this address", "")
        for each in shared["address"][:PEOPLE]:
            who = each["email"] or each["user"] or "nobody known"
            span = f"{_at(each['first_at'])} to {_at(each['last_at'])}"
            yield ((f"  {who}  {each['practice'] or ''}  ", ""), (f"{each['source']}, {span}", "dim"))
        yield from _rest(shared["address"])
    if shared["session"] is not None:
        yield from _headed("The session, and others like it", "")
        for each in shared["session"][:PEOPLE]:
            who = "this person" if each["own"] else each["email"] or each["user"]
            yield ((f"  {each['id']}  {who}  ", ""), (f"{each['ip']}, last seen {_at(each['last_at'])}", "dim"))
        yield from _rest(shared["session"])


def _rest(rows: Sequence[Row]) -> Iterator[Line]:
    """What of a pivot is not listed, or that it brought nothing."""
    if not rows:
        yield (("  none", "dim"),)
    elif len(rows) > PEOPLE:
        yield ((f"  and {len(rows) - PEOPLE} more; --json lists them", "dim"),)


def _timeline(told: Sequence[Row]) -> Iterator[Line]:
    if not told:
        return
    kept = [each for place, each in enumerate(told) if each["points"] or place >= len(told) - SHOWN]
    left = len(told) - len(kept)
    cut = f", the newest {SHOWN} and what counts; {left} more with --json" if left else ""
    yield from _headed("Time line", f"UTC, oldest first{cut}")
    width = max(len(each["source"]) for each in kept)
    for each in kept:
        points = f"  {each['points']:+g}" if each["points"] else ""
        yield (
            (f"  {_at(each['at'])}  {each['source']:<{width}}  ", "dim"),
            (each["says"], "red" if points else ""),
            (points, "bold red"),
        )


def _at(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S}"


def _headed(title: str, more: str) -> Iterator[Line]:
    yield ()
    yield ((title, "bold"), (f"  {more}" if more else "", "dim"))
