"""What the scenarios of one invitation look at: how it was named, and the newest one to its address found."""

from collections.abc import Callable
from typing import Any

from peakops.model import typed
from peakops.scenario import Answer, Facts, Look, Promise, Row
from peakops.scenarios import addresses
from peakops.scenarios.invitation.standing import OPEN


def ways(given: str) -> list[list[Any]]:
    """The query that finds the invitation by whatever was typed: an address, one that a page has masked, or an id."""
    if id := addresses.identifier(given):
        return [["invitation/newest", {"id": id}]]
    if masked := addresses.pattern(given):
        return [["invitation/newest", {"masked": masked}]]
    return [["invitation/newest", {"emails": addresses.forms(given)}]]


def newest(look: Look, given: str) -> Answer:
    """The look that finds the newest invitation to the address, and where there is none the one for near misses."""
    found = look.at("database", "invitation", "find", ways=ways(given))
    missed = addresses.missed(given)
    look.rows("similar", "user/similar", email=found.then(lambda row: None if row else missed))
    return found


def profile_id(rows: list[Row]) -> str | None:
    """The id under which the account of a profile is, also where it has lost its address."""
    return next((str(row["id"]) for row in rows), None)


def address(row: Row | None) -> str | None:
    """The invited address, to ask the e-mail provider about."""
    return row["email"] if row else None


def awaited_mail(invitations: Answer) -> dict[str, Promise]:
    """To whom the newest invitation went, when and as what: None where nobody waits for it, and nothing is asked."""

    def of(field: str) -> Callable[[list[Row]], Any]:
        return lambda rows: next((row[field] for row in rows[:1] if row["status"] in OPEN), None)

    return {
        "email": invitations.then(of("email")),
        "since": invitations.then(of("created_at")),
        "id": invitations.then(of("provider_message_id")),
    }


def called(facts: Facts) -> str:
    """How the invitation is named in a command: by the address that was typed, else by its id."""
    row = facts["invitation"]
    return str(row["given"] or row["id"])


def user_check(facts: Facts) -> str:
    """The command that looks at whoever has the address, which an id of an invitation does not name."""
    row = facts["invitation"]
    return typed("peakops user check", str(row["given"] or row["email"]))


def near(facts: Facts) -> tuple[Row, ...]:
    """The invited addresses that resemble the one that is not there; accounts and profiles are another command's."""
    return addresses.likest(each for each in facts["similar"] if each["id"] is None)


def absent(given: str) -> str:
    """The sentence for an address that nobody has invited."""
    return f"Nobody has invited '{given.strip()}'."


def candidate(row: Row) -> Row:
    """What is listed of each invitation that was meant, or of a similar address."""
    says = f"{row['email']}  {row['practice']}" if row["id"] else "similar address"
    return {"id": str(row["id"] or row["email"]), "email": row["email"], "says": says}
