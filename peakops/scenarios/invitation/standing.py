"""Where an invitation stands, out of the facts: which one counts, which are pending, who has an account. Pure."""

from peakops.scenario import Facts, Missing, Row
from peakops.scenarios import addresses

OPEN = ("pending", "expired")
"""Stored states in which somebody may still wait for the mail."""


def newest(facts: Facts) -> Row:
    """The newest invitation to the address. Raises Missing where it went away between two looks."""
    rows = facts["invitations"]
    if not rows:
        raise Missing("The invitation went away while it was looked at.")
    row: Row = rows[0]
    return row


def pending(facts: Facts) -> list[Row]:
    """Those that are stored as pending, newest first, also past their date."""
    return [each for each in facts["invitations"] if each["status"] == "pending"]


def live(facts: Facts) -> list[Row]:
    """Those of the pending ones whose link works."""
    return [each for each in pending(facts) if not over(facts, each)]


def over(facts: Facts, row: Row) -> bool:
    """Whether an invitation is past its date."""
    now = facts.at("invitations")
    return bool(now and row["expires_at"] <= now)


def accounts(facts: Facts) -> list[Row]:
    """The accounts of Supabase Auth that have the address, newest first."""
    forms = addresses.known(facts["invitation"])
    return [each for each in facts["accounts"] if not each["deleted_at"] and (each["email"] or "").lower() in forms]


def confirmed(facts: Facts) -> Row | None:
    """The account with which the person can log in already."""
    return next((each for each in accounts(facts) if each["email_confirmed_at"]), None)


def deleted(facts: Facts) -> Row | None:
    """The account of the portal's profile that was deleted, and has lost its address by that."""
    return next((each for each in facts["accounts"] if each["deleted_at"]), None)


def awaited(facts: Facts) -> Row | None:
    """The newest invitation, where somebody may still wait for its mail: nobody does who has an account."""
    row = newest(facts)
    return row if row["status"] in OPEN and not confirmed(facts) else None
