"""peakops contacts show: everybody in the book."""

from datetime import datetime
from typing import Annotated

import typer

from peakops.cli.commands import Run, list_command
from peakops.cli.contacts.book import called, clock, masked, opened, revealing, warnings, way_words, ways
from peakops.cli.lists import Listing
from peakops.contacts import Book, Contact
from peakops.errors import NotFound
from peakops.model import Report, Row

COLUMNS = ("id", "role", "full_name", "kind", "hours", "zone", "there", "deputy", "components", "tiers", "channels")
Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...", help="Only these contacts, or who answers for these vendors.", show_default=False
    ),
]


def make(app: typer.Typer) -> None:
    """Add the command to a group."""
    list_command(app, "show", "contacts", Listing(columns=COLUMNS))(show)


def show(run: Run, ids: Ids = None) -> Report:
    """
    List people and vendors: what for, at which hours, and by which channels.

    'peakops contacts' alone does the same. Names, phone numbers and e-mail addresses are masked unless --reveal; a
    channel slack or webhook names the variable that holds its address. Whether it all holds, 'contacts check' says.

    Example: peakops contacts show stripe
    """
    book, now, faults = opened(run)
    for each in _chosen(book, ids or []):
        run.emit(_row(run, book, each, now))
    told = revealing(run, " ".join(("contacts show", *(ids or []))))
    warned = (*faults, *warnings(book))
    lines = (*warned, f"  {book.file}", *masked(run))
    return run.frame.report(data={"file": str(book.file)}, lines=lines, warnings=warned, next=told)


def _chosen(book: Book, ids: list[str]) -> list[Contact]:
    """Those that are named by id or by what they answer for; all where none is. Raises NotFound."""
    for id in ids:
        if not any(id in (each.id, *each.components) for each in book.people):
            known = ", ".join(each.id for each in book.people)
            raise NotFound(f"There is no contact '{id}' in {book.file}.", hint=f"There are {known}.")
    return [each for each in book.people if not ids or {each.id, *each.components} & set(ids)]


def _row(run: Run, book: Book, contact: Contact, now: datetime) -> Row:
    there = contact.there(now)
    hours = f"{contact.availability or 'hours TBD'}, now {'there' if there else 'not there'} ({clock(contact, now)})"
    deputy = f", deputy {contact.deputy}" if contact.deputy else ""
    says = f"{called(run, contact)}: {hours}{deputy}; {way_words(run, contact)}"
    return {
        "id": contact.id,
        "role": contact.role,
        "full_name": contact.name or None,
        "kind": contact.kind,
        "hours": contact.availability or None,
        "zone": contact.zone,
        "there": there,
        "deputy": contact.deputy or None,
        "components": list(contact.components),
        "tiers": [each.n for each in book.tiers if contact.id in each.contacts],
        "channels": ways(run, contact),
        "says": says,
    }
