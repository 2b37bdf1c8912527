"""The team's file of contacts as a scenario looks at it: what is wrong with it, who is in it, when nobody is there."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from peakops import contacts
from peakops.contacts import Book, Channel, Contact, Gap
from peakops.endpoints import is_safe
from peakops.errors import NotConfigured
from peakops.model import Brought
from peakops.settings import Settings, contacts_path, told

ALWAYS_THERE = ("supabase", "stripe", "vercel", "ups", "salesforce")
"""The vendors that the portal cannot do without; who sends its e-mail is a setting."""
NAMELESS = "default"
"""What the environment is called where no --env names one."""
UNSET, NO_ADDRESS = "not set", "no https address"
"""What is wrong with a variable."""


class Contacts:
    """
    The looks at contacts.toml. No look brings the name or the address of a person.

    A file that cannot be used has nobody in it; `file` says why.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline
        self._file = settings.contacts or contacts_path()

    def file(self) -> Brought:
        """One row: where it is, why it is not there (None where it is), whether it can be used, and each flaw."""
        told: dict[str, Any] = {"file": str(self._file), "absent": None, "usable": False, "flaws": []}
        try:
            reading = contacts.read(self._file)
        except NotConfigured as wrong:
            return _brought([{**told, "absent": wrong.says}], single=True)
        flaws = [{"code": each.code, "line": each.line, "says": each.says, "hint": each.hint} for each in reading.flaws]
        return _brought([{**told, "usable": reading.book is not None, "flaws": flaws}], single=True)

    def people(self) -> Brought:
        """Everybody by id and role, vendors with their addresses, people with the kinds of theirs."""
        book = self._book()
        return _brought([_contact(each) for each in book.people] if book else [])

    def gaps(self) -> Brought:
        """The stretches of the week, in minutes of UTC's week from Monday, in which nobody can be called."""
        book = self._book()
        if book is None:
            return _brought([])
        unset, now = {each["variable"] for each in self.unset().rows}, self._settings.now()
        return _brought([_gap(each) for each in contacts.gaps(book, now, unset, mail=not self._mail_lacks)])

    def unset(self) -> Brought:
        """The variables that a channel needs and that lead nowhere, with whose they are and why."""
        found: dict[tuple[str, str], list[str]] = {}
        for each in book.people if (book := self._book()) else ():
            for lacks in dict.fromkeys(lacks for channel in each.channels for lacks in self._lacks(channel)):
                found.setdefault(lacks, []).append(each.id)
        return _brought([{"variable": name, "why": why, "contacts": ids} for (name, why), ids in found.items()])

    def _lacks(self, channel: Channel) -> Iterator[tuple[str, str]]:
        """Each variable without which nothing goes out by a channel, and why there is nothing in it."""
        if channel.kind == "email":
            yield from ((each, UNSET) for each in self._mail_lacks)
        elif channel.named and channel.value not in self._settings.pages:
            yield channel.value, UNSET
        elif channel.named and not is_safe(self._settings.pages[channel.value]):
            yield channel.value, NO_ADDRESS

    @cached_property
    def _mail_lacks(self) -> tuple[str, ...]:
        """What is not set and without which no mail goes out: the provider, the sender, or the key that writes."""
        settings, provider = self._settings, self._settings.email_provider
        if settings.environment == "sandbox":
            return ()
        name = None if settings.environment == NAMELESS else settings.environment
        key = (f"{provider}_write_key",) if provider else ()
        needed = ("email_provider", "email_from", *key)
        return tuple(each.variable for each in told(name) if each.setting in needed and not each.present)

    def vendors(self) -> Brought:
        """The vendors that the portal needs, by the name that a contact's components give them."""
        provider = self._settings.email_provider
        names = (*ALWAYS_THERE, *([provider] if provider else []))
        return Brought(rows=tuple({"component": each} for each in names), asked="the settings")

    def answers(self, *, probe: bool) -> Brought:
        """Whether each address that can be asked answers; nobody is asked without `probe`, nor out of the sandbox."""
        book = self._book()
        if not probe or book is None:
            return _brought([])
        if self._settings.environment == "sandbox":
            return replace(_brought([]), notes=("The sandbox asks nobody outside of this machine.",))
        from peakops.sources.contacts_probe import answers

        return answers(book, self._deadline)

    def _book(self) -> Book | None:
        try:
            return contacts.read(self._file).book
        except NotConfigured:
            return None


def _contact(contact: Contact) -> dict[str, Any]:
    """A contact without what is personal: of a person's channels the kinds, and the names of variables."""
    vendor = contact.kind == "vendor"
    channels = [{"kind": each.kind, "value": each.value if vendor or each.named else None} for each in contact.channels]
    told = {name: getattr(contact, name) for name in ("id", "role", "kind", "zone")}
    return {
        **told,
        "hours": contact.availability,
        "deputy": contact.deputy or None,
        "components": list(contact.components),
        "channels": channels,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"begins": gap.begins, "ends": gap.ends, "stretch": gap.stretch, "first": gap.first, "last": gap.last}


def _brought(rows: list[dict[str, Any]], *, single: bool = False) -> Brought:
    return Brought(rows=tuple(rows), single=single, asked="the file of contacts")
