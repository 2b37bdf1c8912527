"""The words of a book of contacts: plain, frozen data, and who of it is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from peakops.contacts.hours import WEEK, Minutes, within

CALLS = ("slack", "webhook", "email")
"""Kinds of channels by which a machine can call somebody; a phone and a web site need a person."""
SENT = (*CALLS, "stdout")
"""Those to which a page can be written; whoever reads the output of a tick is called by nobody."""
REARM_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class Channel:
    """
    One way to somebody.

    `kind` is slack, webhook, email, stdout, phone or url; `value` the address, or for slack and webhook the name of
    the variable that holds it, since it is a secret: PEAKOPS_PAGE_ONCALL.
    """

    kind: str
    value: str

    @property
    def named(self) -> bool:
        """Whether the value is a variable's name and no address."""
        return self.kind in ("slack", "webhook")


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A person or a vendor."""

    id: str
    role: str
    name: str = ""
    kind: str = "person"
    """person or vendor."""
    components: tuple[str, ...] = ()
    """What of the portal a vendor answers for: stripe."""
    channels: tuple[Channel, ...] = ()
    """In the order in which they are tried; empty where none is known yet (TBD)."""
    availability: str = ""
    """The hours as they are written; empty where they are not known yet."""
    hours: Minutes = ()
    zone: str = "UTC"
    deputy: str = ""
    """The id of who stands in; empty where nobody does."""

    def there(self, at: datetime) -> bool:
        """Whether the contact is there at a moment: it has hours, this is one of them, and it can be called."""
        return bool(self.channels) and (self.always or within(self.hours, self.local(at)))

    def local(self, at: datetime) -> datetime:
        """The moment by the contact's own clock."""
        # UTC needs no data, which a machine may lack.
        return at.astimezone(UTC if self.zone == "UTC" else ZoneInfo(self.zone))

    @property
    def always(self) -> bool:
        """Whether it is there at every minute of every week."""
        return self.hours == ((0, WEEK),)

    @property
    def sent(self) -> tuple[Channel, ...]:
        """The channels to which a page can be written, in their order."""
        return tuple(each for each in self.channels if each.kind in SENT)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One step of the escalation matrix."""

    n: int
    """From 1."""
    name: str
    contacts: tuple[str, ...]
    """Ids."""
    after: float = 0.0
    """Seconds since the tier before it was due; 0 for the first."""
    unless: str = "resolved"
    """What makes it unnecessary: acked or resolved."""
    severity: str = "warning"
    """The least severity of an incident that it is for: warning is any, or critical."""
    mode: str = "auto"
    """auto is called by the clock, confirm only when a person says so."""


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """Something in the file that is wrong, or not known yet."""

    code: str
    """malformed: the file cannot be used; tbd: it can, and somebody in it cannot be called yet."""
    line: int
    """From 1; 0 where it is of the whole file."""
    says: str
    hint: str = ""

    def told(self, file: Path) -> str:
        """The sentence, with its place in front."""
        return f"{file}, line {self.line}: {self.says}" if self.line else f"{file}: {self.says}"


@dataclass(frozen=True, kw_only=True)
class Book:
    """Whom to call, and in which order."""

    file: Path
    people: tuple[Contact, ...]
    """Everybody, vendors too, in the file's order."""
    tiers: tuple[Tier, ...]
    """By their number."""
    rearm: float = REARM_SECONDS
    """Seconds that an acknowledgement holds while nothing is resolved."""
    flaws: tuple[Flaw, ...] = ()
    """What is not known yet (TBD); whom it is about can be called by what is left, or not at all."""

    def contact(self, id: str) -> Contact:
        """The contact of this id. Raises KeyError."""
        return self._by_id[id]

    def reached(self, tier: Tier, at: datetime) -> tuple[Contact, ...]:
        """
        Who is called of a tier at a moment: who is there, a deputy for who is not; each once, in the tier's order.

        A vendor is called whenever it is needed: a ticket waits. Beside who can only be dialled stands the next deputy
        who can be written to, since the clock dials nobody. Where no page could be written to anybody of an automatic
        tier, whoever is there at all hours is called too; nobody only where there is no such person.
        """
        return self.called(tier, lambda each: each.there(at))

    def called(self, tier: Tier, there: Callable[[Contact], bool]) -> tuple[Contact, ...]:
        """As `reached`, where `there` says who is there."""
        found = [each for id in tier.contacts for each in self._standing_in(self.contact(id), there)]
        if not found or (tier.mode == "auto" and not any(each.sent for each in found)):
            found += [each for each in self.always if each.sent or not found][:1]
        return tuple({each.id: each for each in found}.values())

    def spare(self, tier: Tier, there: Callable[[Contact], bool]) -> tuple[Contact, ...]:
        """Who is told where every channel of those called has failed: deputies who are there, then who always is."""
        called = self.called(tier, there)
        found = [each for id in tier.contacts for each in self._chain(self.contact(id))]
        found = [each for each in found if each.kind == "person" and there(each)]
        found += [each for each in self.always if each.sent][:1]
        known = {each.id for each in called}
        return tuple({each.id: each for each in found if each.id not in known}.values())

    def _standing_in(self, contact: Contact, there: Callable[[Contact], bool]) -> Iterator[Contact]:
        """The contact, or the first of its deputies that is there; on to the next while only a phone is found."""
        for each in self._chain(contact):
            vendor = each.kind == "vendor"
            if there(each) or (vendor and each.channels):
                yield each
                if vendor or each.sent:
                    return

    def _chain(self, contact: Contact) -> Iterator[Contact]:
        """The contact, its deputy, and so on; each once, since two may stand in for each other."""
        asked = set[str]()
        while contact.id not in asked:
            asked.add(contact.id)
            yield contact
            contact = self.contact(contact.deputy or contact.id)

    @cached_property
    def always(self) -> tuple[Contact, ...]:
        """The people who are there at all hours and can be called, those first to whom a page can be written."""
        found = [each for each in self.people if each.kind == "person" and each.always and each.channels]
        return tuple(sorted(found, key=lambda each: not each.sent))

    @cached_property
    def _by_id(self) -> dict[str, Contact]:
        return {each.id: each for each in self.people}
