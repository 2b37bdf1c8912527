"""
The team's book as commands show it, and what of it is masked.

The contract masks names, phone numbers and e-mail addresses, a colleague's too: what is shown at any time is who is
there by id and role, until when, and by which channels; --reveal with a reason, which is journalled, shows the rest.
At three in the morning that is one option more, and the command that is named next has it already.
"""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from peakops.cli.commands import Run
from peakops.contacts import Book, Channel, Contact, load
from peakops.errors import NotConfigured
from peakops.model import Row, placed
from peakops.settings import contacts_path, told

CHECK = "peakops contacts check"


def book_of(run: Run) -> Book:
    """The environment's book. Raises NotConfigured with file and line where it cannot be used."""
    return _loaded(run, run.invocation.settings().contacts or contacts_path())


def _loaded(run: Run, file: Path) -> Book:
    """The book of a file; the command of a hint is for the environment that is asked about."""
    try:
        return load(file)
    except NotConfigured as wrong:
        wrong.hint = wrong.hint.replace(CHECK, placed(CHECK, run.frame.environment, run.frame.env_file))
        raise


def opened(run: Run) -> tuple[Book, datetime, tuple[str, ...]]:
    """
    The book, the present, and what is wrong with the settings: a fault of another one keeps nobody from being called.

    Raises NotConfigured where there is no book that can be used, or no such environment.
    """
    try:
        settings = run.invocation.settings()
    except NotConfigured as wrong:
        if run.invocation.in_sandbox or wrong.code == "config.no_environment":
            raise
        given = next(each for each in told(run.invocation.environment) if each.setting == "contacts")
        file = Path(given.value) if given.value else contacts_path()
        return _loaded(run, file), run.invocation.now(), (f"{wrong.says} {wrong.hint}".strip(),)
    return _loaded(run, settings.contacts or contacts_path()), settings.now(), ()


def warnings(book: Book) -> tuple[str, ...]:
    """What is still TBD, each with its line."""
    return tuple(each.told(book.file) for each in book.flaws)


def ways(run: Run, contact: Contact) -> list[Row]:
    """The channels in their order; the door masks what is a person's."""
    return [{"kind": each.kind, "value": _way(run, contact, each)} for each in contact.channels]


def _way(run: Run, contact: Contact, channel: Channel) -> str:
    """The value of a channel; of a person's page only the host, since the rest may be a name or a token."""
    if channel.kind != "url" or contact.kind == "vendor" or run.style.reveal:
        return channel.value
    page = urlsplit(channel.value)
    return f"{page.scheme}://{page.hostname}/…"


def way_words(run: Run, contact: Contact) -> str:
    """The channels in one line."""
    told = (f"{each['kind']} {each['value']}" for each in ways(run, contact))
    return ", ".join(told) or "nobody can be called (TBD)"


def called(run: Run, contact: Contact) -> str:
    """The id and the role, and the name where names are to be shown."""
    name = f" ({contact.name})" if contact.name and run.style.reveal else ""
    return f"{contact.id}{name}  {contact.role}"


def clock(contact: Contact, at: datetime) -> str:
    """The contact's own time of the day: Fri 08:00 America/Denver."""
    return f"{contact.local(at):%a %H:%M} {contact.zone}"


def masked(run: Run) -> tuple[str, ...]:
    """What a person is told of what is masked; nothing where it is shown."""
    return () if run.style.reveal else ("  Names, numbers and addresses in full: add --reveal --reason 'why'.",)


def revealing(run: Run, command: str) -> tuple[str, ...]:
    """The command that shows what is masked; none where it is shown."""
    return () if run.style.reveal else (f"peakops {command} --reveal --reason 'calling because of …'",)
