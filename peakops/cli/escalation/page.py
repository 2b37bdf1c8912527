"""The lines of `escalation show`."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from peakops.model import Row

WAITING = {"confirm": "critical and confirmed"}
CRITICAL_ONLY = "critical alone"
"""What stands at a tier that hears of no warning."""


def lines(data: Row, place: Callable[[str], str], *, one: bool, whole: bool) -> Iterator[str]:
    """The page: each incident with its ladder, or the matrix where there is none; `whole` is whether all were read."""
    now = data["now"]
    for each in data["incidents"]:
        yield _heading(each, now, place)
        if one or len(data["incidents"]) == 1:
            yield from (_tier(step, each, now) for step in each["tiers"])
            yield from _stands(each, place)
    if not data["incidents"]:
        yield f"{'No incident is open' if whole else 'No incident could be read'}. The matrix, with who is there now:"
        yield from (_tier(step, None, now) for step in data["matrix"])
    yield from data["readings"]
    if data["tick"]:
        yield f"The last tick ran {_ago(now - data['tick']['ended_at'])} ago on {data['tick']['host']}."


def _heading(seen: Row, now: datetime, place: Callable[[str], str]) -> str:
    said = f"{seen['incident']}  {seen['severity']}  open {_ago(now - seen['opened_at'])}"
    if seen["over_at"]:
        return f"{said}, over since {_clock(seen['over_at'])}: nobody is told any more"
    if seen["due"]:
        return f"{said}, tier {', '.join(map(str, seen['due']))} is to be told now: {place('peakops escalation tick')}"
    if seen["next"]:
        return f"{said}, tier {seen['next']['tier']} in {_countdown(seen['next']['at'] - now)}"
    return f"{said}, everybody was told"


def _stands(seen: Row, place: Callable[[str], str]) -> Iterator[str]:
    if seen["acked_at"]:
        yield f"  {seen['acked_by']} has it since {_clock(seen['acked_at'])}"
    if seen["quiet_until"] and not seen["over_at"]:
        yield f"  put off until {_clock(seen['quiet_until'])}"
    for n in seen["unconfirmed"]:
        confirm = place(f"peakops incident confirm {seen['incident']} --component NAME")
        yield f"  tier {n} waits for '{confirm}'"


def _tier(step: Row, seen: Row | None, now: datetime) -> str:
    if step["mode"] == "confirm" and not step["reached"]:
        who = f"one of {', '.join(each['id'] for each in step['contacts'])}"
    else:
        who = ", ".join(_person(each, step["reached"]) for each in step["contacts"] if _named(each, step))
    stand_in = [each for each in step["reached"] if each not in {one["id"] for one in step["contacts"]}]
    who = f"{who}; in their place {', '.join(stand_in)}" if stand_in else who
    return f"  {step['tier']}  {step['name']:<18}  {_when(step, seen, now):<24}  {who}".rstrip()


def _named(contact: Row, step: Row) -> bool:
    """Of vendors only the one that is chosen is named."""
    return step["mode"] != "confirm" or contact["id"] in step["reached"]


def _person(contact: Row, reached: list[str]) -> str:
    local = datetime.fromisoformat(contact["local"])
    there = "there" if contact["there"] else "not there"
    deputy = f", deputy {contact['deputy']}" if contact["deputy"] and contact["id"] not in reached else ""
    return f"{contact['role']} ({local:%a %H:%M}, {there}{deputy})"


def _when(step: Row, seen: Row | None, now: datetime) -> str:
    if seen is None:
        later = _ago(timedelta(seconds=step["after_seconds"]))
        return WAITING.get(step["mode"], f"{later} later" if step["after_seconds"] else "at once")
    if step["told_at"]:
        channel = step["last_page"]["channel"]
        how = "a ticket by hand" if channel == "by_hand" else f"told by {channel}"
        return f"{how} {_clock(step['told_at'])}"
    if step["last_page"]:
        return "NOT REACHED"
    if seen["over_at"]:
        return "not told"
    if step["severity"] == "critical" != seen["severity"]:
        return CRITICAL_ONLY
    if seen["next"] and seen["next"]["tier"] == step["tier"]:
        return f"next in {_countdown(seen['next']['at'] - now)}"
    if step["mode"] == "confirm":
        return WAITING["confirm"] if not seen["component"] else _at(step["starts_at"], now)
    return _at(step["starts_at"], now)


def _at(moment: datetime, now: datetime) -> str:
    return f"in {_countdown(moment - now)}" if moment > now else "not told"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"


def _ago(passed: timedelta) -> str:
    from peakops.escalation.words import lasting

    return lasting(max(0.0, passed.total_seconds()))


def _countdown(left: timedelta) -> str:
    """Minutes and seconds, as a clock that runs down: 12:31; hours where there are any."""
    seconds = max(0, round(left.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
