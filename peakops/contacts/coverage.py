"""Whether somebody can be called at every minute of the week, by every clock's summer and winter. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

from peakops.contacts.hours import DAY, DAYS, WEEK, Minutes, merged, minute_of
from peakops.contacts.shapes import CALLS, Book, Contact

YEAR = timedelta(days=366)
"""How far it is looked ahead: each clock has its summer and its winter in it."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A stretch of the week in which nobody can be called by the clock."""

    begins: int
    ends: int
    """Minutes of the week in UTC, from Monday; the end is not counted, and is after Sunday where it goes on then."""
    first: datetime
    """When it is for the first time."""
    last: datetime
    """Until when it comes back, with the clocks as they then are; a year ahead where they never change."""

    @property
    def stretch(self) -> str:
        """As people say it, in UTC: Sat 02:00 to Mon 14:00, Tue 02:00 to 14:00."""
        if self.ends - self.begins == WEEK:
            return "the whole week"
        begins, ends = (divmod(each, DAY) for each in (self.begins, self.ends))
        day = f"{DAYS[ends[0] % 7]} " if ends[0] != begins[0] else ""
        return f"{DAYS[begins[0]]} {_time(begins[1])} to {day}{_time(ends[1])}"


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def gaps(book: Book, now: datetime, unset: Collection[str] = (), *, mail: bool = True) -> tuple[Gap, ...]:
    """
    The stretches of a week in which nobody is called by the automatic tiers that are for every incident.

    A deputy of theirs counts, and who is always there, as in Book.reached and Book.spare. Only who has a channel by
    which a machine can call counts, by a variable that leads somewhere (`unset` are the names of those that do not), or
    by `mail` where it can be sent. The year from `now` on is looked at in the stretches in which no clock of the book
    changes: within one, each week is like the other.
    """
    watch = [each for each in _watch(book) if _can_be_called(each, unset, mail=mail)]
    start = now.astimezone(UTC).replace(second=0, microsecond=0)
    found: list[Gap] = []
    for begins, ends in _steady(watch, start):
        covered = merged(span for each in watch for span in _in_utc(each, begins))
        found = _joined(found, _between(covered, begins, ends), begins)
    return tuple(found)


def _joined(found: list[Gap], more: Iterable[Gap], begins: datetime) -> list[Gap]:
    """What was found, and what comes after `begins`: a stretch that goes on as it was is the same one."""
    going_on = {(each.begins, each.ends): number for number, each in enumerate(found) if each.last == begins}
    for gap in more:
        number = going_on.get((gap.begins, gap.ends))
        if number is None:
            found.append(gap)
        else:
            found[number] = replace(found[number], last=gap.last)
    return found


def _watch(book: Book) -> Iterator[Contact]:
    """Who is called by the clock alone, who stands in for them, and who is called where nobody is; each once."""
    tiers = [each for each in book.tiers if (each.mode, each.severity) == ("auto", "warning")]
    waiting = [id for tier in tiers for id in tier.contacts] + [each.id for each in book.always[:1] if tiers]
    seen = set[str]()
    while waiting:
        contact = book.contact(waiting.pop(0))
        if contact.id not in seen and contact.kind == "person":
            seen.add(contact.id)
            waiting += [contact.deputy] if contact.deputy else []
            yield contact


def _can_be_called(contact: Contact, unset: Collection[str], *, mail: bool) -> bool:
    """Whether one of the channels leads to somebody; what stands behind a `stdout` is never tried."""
    tried = takewhile(lambda each: each.kind != "stdout", contact.channels)
    return any(mail if each.kind == "email" else each.kind in CALLS and each.value not in unset for each in tried)


def _offset(contact: Contact, at: datetime) -> timedelta:
    return contact.local(at).utcoffset() or timedelta()


def _steady(watch: list[Contact], start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of the year in which no clock changes."""
    one_of_each_zone = list({each.zone: each for each in watch}.values())
    changes = sorted({moment for each in one_of_each_zone for moment in _changes(each, start)})
    edges = [start, *changes, start + YEAR]
    yield from pairwise(edges)


def _changes(contact: Contact, start: datetime) -> Iterator[datetime]:
    """The minutes of the year at which the contact's clock is changed."""
    for day in range(YEAR.days):
        low, high = start + timedelta(days=day), start + timedelta(days=day + 1)
        if _offset(contact, low) == _offset(contact, high):
            continue
        before = _offset(contact, low)
        while high - low > MINUTE:
            middle = low + (high - low) // 2 // MINUTE * MINUTE
            low, high = (middle, high) if _offset(contact, middle) == before else (low, middle)
        yield high


def _in_utc(contact: Contact, at: datetime) -> Iterator[tuple[int, int]]:
    """The contact's hours in minutes of the week in UTC, with its clock as it is at a moment."""
    east = _offset(contact, at) // MINUTE
    for begins, ends in contact.hours:
        length, first = ends - begins, (begins - east) % WEEK
        yield first, first + length


def _between(covered: Minutes, begins: datetime, ends: datetime) -> Iterator[Gap]:
    """What is not covered of a stretch of time in which all weeks are alike."""
    edges = [0, *(edge for span in covered for edge in span), WEEK]
    bare = [(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if first < last]
    if len(bare) > 1 and (bare[0][0], bare[-1][1]) == (0, WEEK):
        # It goes over the end of the week.
        bare = [*bare[1:-1], (bare[-1][0], WEEK + bare[0][1])]
    for first, last in bare:
        gap = _met(first, last, begins, ends)
        if gap:
            yield gap


def _met(first: int, last: int, begins: datetime, ends: datetime) -> Gap | None:
    """The stretch of the week where it comes up between two moments; shorter than a week, it may not."""
    into = (minute_of(begins) - first) % WEEK
    if into < last - first:
        return Gap(begins=first, ends=last, first=begins, last=ends)
    next_time = begins + (WEEK - into) * MINUTE
    return Gap(begins=first, ends=last, first=next_time, last=ends) if next_time < ends else None
