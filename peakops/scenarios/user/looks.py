"""What the scenarios of one person look at in common: how the person was named, and the account and profile found."""

import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from peakops.redact import Door
from peakops.scenario import Answer, Facts, Look, Promise, Row
from peakops.scenarios.addresses import forms, known, likest, missed, pattern
from peakops.scenarios.addresses import identifier as id_of

SKEW = timedelta(seconds=30)
"""How far the clocks of Supabase and the e-mail provider may differ; the mail before was sent 60 s earlier or more."""


def ways(given: str) -> list[list[Any]]:
    """The queries that find a person by whatever was typed: an id, an address, or one that a page has masked."""
    if id := id_of(given):
        return [["user/person", {"id": id}]]
    if masked := pattern(given):
        return [["user/person", {"masked": masked}], ["user/invited", {"masked": masked}]]
    return [["user/person", {"emails": forms(given)}], ["user/invited", {"emails": forms(given)}]]


def person(look: Look, given: str, *further: list[Any]) -> Answer:
    """The look that finds the person, in `further` ways too, and where there is none the one for near misses."""
    found = look.at("database", "person", "find", ways=[*ways(given), *further])
    look.rows("similar", "user/similar", email=found.then(lambda row: None if row else missed(given)))
    return found


def identifier(who: Answer) -> Promise:
    """The person's id; None of somebody who is only invited, or not there."""
    return who.then(lambda row: row["id"] if row else None)


def addresses(who: Answer) -> Promise:
    """The person's address and the one that was typed, as they may be stored."""
    return who.then(known)


def address(row: Row | None) -> str | None:
    """The person's address, to ask the e-mail provider about."""
    return row["email"] if row and "@" in (row["email"] or "") else None


def each(field: str) -> Callable[[list[Row]], list[Any]]:
    """A field of every row, for a promise."""
    return lambda rows: [row[field] for row in rows]


def confirmation_mail(accounts: Answer) -> dict[str, Promise]:
    """To whom the confirmation went, and when: None where no confirmation is open, and then nothing is asked."""

    def waiting(rows: list[Row]) -> Row | None:
        return next((row for row in rows if _waits_for_confirmation(row)), None)

    def email(rows: list[Row]) -> Any:
        row = waiting(rows)
        return row["email"] if row else None

    def since(rows: list[Row]) -> Any:
        row = waiting(rows)
        return row["confirmation_sent_at"] - SKEW if row else None

    return {"email": accounts.then(email), "since": accounts.then(since)}


def _waits_for_confirmation(account: Row) -> bool:
    return bool(account["confirmation_sent_at"] and not account["email_confirmed_at"] and not account["deleted_at"])


def called(facts: Facts) -> str:
    """
    How the person is named in a command: by the address that was typed, else by the id.

    An address that a shell must quote, or of which a filter would take a part for a secret or a phone number, could
    not be pasted.
    """
    row = facts["person"]
    given = row["given"] or ""
    as_it_is = shlex.quote(given) == given and Door(typed=(given,)).text(given) == given
    return given if given and (as_it_is or not row["id"]) else str(row["id"])


def near(facts: Facts) -> tuple[Row, ...]:
    """The likest addresses of those that share the domain, or most of the name, with the one that is not there."""
    return likest(facts["similar"])


def absent(given: str) -> str:
    """The sentence for a person who is not there."""
    return f"Neither Supabase Auth nor the portal knows '{given.strip()}'."


def candidate(row: Row) -> Row:
    """What is listed of each person whom an identifier may mean."""
    have = [name for name in ("account", "profile") if row.get(f"has_{name}")]
    says = "  ".join((row["email"], " and ".join(have) or "similar address", row.get("practice") or "")).rstrip()
    return {"id": row["id"] or row["email"], "email": row["email"], "says": says}
