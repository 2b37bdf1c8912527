"""The questions of `notify check` about whether there was anything to send, and whether the person wants it. Pure."""

from peakops.model import typed
from peakops.scenario import Facts, Missing, Outcome, Row, found, ok, skip
from peakops.scenarios.notify import standing
from peakops.scenarios.notify.standing import CHANNELS, instead
from peakops.scenarios.words import day

MOST = 50
"""How many notifications of a channel are read, as sql/notify/notifications.sql says."""


def creation(facts: Facts) -> Outcome:
    if rows := facts["notifications"]:
        counts = [sum(each["channel"] == channel for each in rows) for channel in CHANNELS]
        more = "at least " if max(counts) >= MOST else ""
        return ok(f"The portal has made {more}{len(rows)} since then, the newest at {day(rows[0]['created_at'])}.")
    if standing.asked(facts, "notification"):
        raise Missing("The notification that was named is not this person's, or is gone.")
    mine = standing.profile(facts)
    kind = f" of the type '{type}'" if (type := standing.asked(facts, "type")) else ""
    if mine is None:
        return _none(facts, "The person has no profile in the portal, so that nobody is notified.", "no_profile")
    if _off(facts):
        return skip("It is switched off: see below.")
    says = f"The portal has made no notification{kind} for the person since {day(mine['asked_since'])}."
    if not mine["is_active"]:
        return _none(facts, f"{says} The profile is switched off.", "inactive")
    beside = next(iter(facts["earlier"]), None) if facts.known("earlier") else None
    if beside and beside["practice_at"]:
        says = f"{says} One went to the practice as a whole, at {day(beside['practice_at'])}."
        return found("no_notification", says, cause="to_the_practice", instead=instead("to_the_practice"))
    if beside and beside["last_at"]:
        says = f"{says} The last one before that is of {day(beside['last_at'])}: look further back with --since."
        return found("no_notification", says, cause="earlier_ones")
    return found("no_notification", f"{says}{_of_others(facts, beside)}")


def _of_others(facts: Facts, beside: Row | None) -> str:
    """Which types the person was ever notified of, where one was asked for: it may be written otherwise."""
    types = beside["types"] if beside and standing.asked(facts, "type") else []
    return f" There are others, of the type {', '.join(types)}." if types else ""


def _none(facts: Facts, says: str, cause: str) -> Outcome:
    next = (typed("peakops user check", str(facts["person"]["id"] or facts["person"]["email"])),)
    return found("no_notification", says, cause=cause, next=next, instead=instead("nobody_to_notify"))


def preference(facts: Facts) -> Outcome:
    if standing.profile(facts) is None:
        return skip("There is no profile with preferences.")
    off = _off(facts)
    if not off:
        return ok(f"What is asked about is switched on.{_also_off(facts)}")
    told = ", ".join(f"{type or 'everything'} {CHANNELS[channel]}" for channel, type in off)
    channel, type = off[0]
    says = f"Switched off: {told}.{_by_whom(facts, channel, type)}"
    if type is None:
        return found("preference_off", says, cause=channel, instead=instead("channel_off"), curable=False)
    if len(off) > 1:
        return found("preference_off", says, cause=channel, instead=instead("several_off"), curable=False)
    return found("preference_off", says, cause=channel, arguments=("--channel", channel, "--type", type))


def _off(facts: Facts) -> list[tuple[str, str | None]]:
    """
    The channels and types that are switched off, of those that are asked about; no type where a whole channel is.

    Without a type that was asked for they are those of the newest notifications, and all where there is none.
    """
    mine, asked = standing.profile(facts), standing.asked(facts, "type")
    found: list[tuple[str, str | None]] = []
    for channel in standing.wanted(facts) if mine else ():
        row = standing.newest(facts, channel)
        if mine and mine[f"{channel}_off"]:
            found.append((channel, None))
            continue
        types = mine[f"{channel}_types_off"] if mine else []
        judged = asked or (row["type"] if row else None)
        found += [
            (channel, each) for each in types if each == judged or (judged is None and not facts["notifications"])
        ]
    return found


def _also_off(facts: Facts) -> str:
    """What else the person has switched off, which nobody asked about."""
    mine = standing.profile(facts) or {}
    others = [f"{each} {CHANNELS[name]}" for name in standing.wanted(facts) for each in mine[f"{name}_types_off"]]
    return f" Switched off are {', '.join(others)}." if others else ""


def _by_whom(facts: Facts, channel: str, type: str | None) -> str:
    """Who switched it off and when, as far as the portal's log tells."""
    if not facts.known("preference_changes"):
        return " The portal's log could not be read, so that it is not known by whom."
    last = switched_off(facts["preference_changes"], channel, type)
    if last is None:
        return " The portal's log does not say by whom."
    who = "by the person" if last["by_self"] else f"by {last['by_id'] or 'nobody that is noted'}"
    return f" The log notes a change {who} at {day(last['created_at'])}."


def switched_off(changes: list[Row], channel: str, type: str | None) -> Row | None:
    """The newest noted change that may have switched a type off, or a whole channel where there is no type."""
    fits = (each for each in changes if each["channel"] in (None, channel) and not each["enabled"])
    return next((each for each in fits if type is None or each["type"] in (None, type)), None)
