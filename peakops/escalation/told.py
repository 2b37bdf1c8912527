"""What a tick did, in the operator's words, and as data."""

from collections.abc import Callable, Sequence
from typing import Any

from peakops.contacts import Book, Contact
from peakops.escalation.calling import Attempt, Paged
from peakops.escalation.standing import DONE, place_of

RESULTS = {
    "sent": "told",
    "elsewhere": "another run tells it",
    "by_hand": "A PERSON MUST OPEN A TICKET",
    "unreached": "NOBODY WAS REACHED",
    "planned": "would be told",
    "over": "it is over, or somebody has it",
    "not_done": "not done in time",
}
Place = Callable[[str], str]
"""A command as it is to be typed in this environment."""
HAS_IT = "nobody was reached, and somebody has it"


def alarming(paged: Paged) -> bool:
    """Whether somebody must do it by hand: no machine can, or nobody was reached and nobody has it."""
    return paged.result == "by_hand" or (paged.result == "unreached" and not paged.has_it)


def lines_of(paged: Paged, book: Book, place: Place) -> list[str]:
    """A page as it is told: who by what, what failed on the way, and what is left to do by hand."""
    page = paged.page
    name = next(each.name for each in book.tiers if each.n == page.tier)
    told = next((each for each in paged.attempts if each.outcome.code in DONE), None)
    way = told.way if told else paged.ways[0] if paged.ways and paged.result == "planned" else None
    by = f": {way.contact.role} by {way.channel.kind.replace('by_', '')}" if way else ""
    marked = f", attempt {place_of(told.number)}" if told and place_of(told.number) > 1 else ""
    missed = f"; tier {', '.join(map(str, page.missed))} missed" if page.missed else ""
    said = HAS_IT if paged.result == "unreached" and paged.has_it else RESULTS[paged.result]
    lines = [f"{paged.incident.number}  tier {page.tier} ({name})  {said}{by}{marked}{missed}"]
    lines += [f"  {each.way.name}: {each.outcome.says}" for each in paged.attempts if each.outcome.code not in DONE]
    lines += [f"  {paged.why}"] if paged.why else []
    if alarming(paged):
        lines += [f"  {each}" for each in by_hand(paged, place)]
    return lines


def by_hand(paged: Paged, place: Place) -> list[str]:
    """What a person can do where no machine has reached anybody. Phone numbers stay in the file of contacts."""
    if not paged.contacts:
        if paged.page.component:
            return ["No vendor in contacts.toml answers for the component that was confirmed: open a ticket by hand."]
        return ["Nobody of this tier is there, and nobody at all hours: tell somebody by hand."]
    found = []
    for each in paged.contacts:
        # A person's may hold a name, or a token.
        sites = [channel.value for channel in each.channels if channel.kind == "url" and each.kind == "vendor"]
        if any(channel.kind == "phone" for channel in each.channels):
            found.append(f"By hand: call {each.role}; the number: {place(_number(paged, each))}")
        found += [f"By hand: open a ticket of {each.role} at {site}." for site in sites]
    told = found or [f"By hand: tell {each.role}; contacts.toml knows no phone." for each in paged.contacts]
    again = [f"It is tried again at {paged.again_at:%H:%M:%S} UTC."] if paged.again_at else []
    return [*told, f"Then: {place(_then(paged))}", *again]


def next_of(paged: Paged) -> list[str]:
    """The commands that a person needs for it."""
    phones = [each for each in paged.contacts if any(channel.kind == "phone" for channel in each.channels)]
    return [*(_number(paged, each) for each in phones[:1]), _then(paged)]


def _number(paged: Paged, contact: Contact) -> str:
    return f"peakops contacts show {contact.id} --reveal --reason 'calling because of {paged.incident.number}'"


def _then(paged: Paged) -> str:
    """How it is noted that a person did it."""
    number = paged.incident.number
    return (
        f"peakops incident note {number} 'ticket opened'"
        if paged.result == "by_hand"
        else f"peakops incident ack {number}"
    )


def row_of(paged: Paged, book: Book, place: Place) -> dict[str, Any]:
    """A page as data."""
    page = paged.page
    return {
        **{"incident": paged.incident.number, "tier": page.tier},
        "tier_name": next(each.name for each in book.tiers if each.n == page.tier),
        **{"due_at": page.since, "again": page.round > 0, "missed": list(page.missed), "component": page.component},
        **{"result": paged.result, "acked": paged.has_it, "again_at": paged.again_at},
        "ways": [each.name for each in paged.ways],
        "attempts": [_attempt(each) for each in paged.attempts],
        "by_hand": by_hand(paged, place) if alarming(paged) else [],
    }


def headline(pages: Sequence[Paged], open_: int, *, whole: bool) -> str:
    """How many were told what, and of how many open incidents; `whole` is whether all were read."""
    counts = {name: sum(each.result == name for each in pages) for name in RESULTS}
    said = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    seen = f"{open_} open" if whole else f"not all incidents could be read, {open_} open of those that could"
    return f"{', '.join(said) or 'nobody is to be told now'}; {seen}."


def _attempt(made: Attempt) -> dict[str, Any]:
    return {
        **{"contact": made.way.contact.id, "channel": made.way.channel.kind, "attempt": made.number},
        **{"second": place_of(made.number) > 1, "outcome": made.outcome.code, "says": made.outcome.says},
    }
