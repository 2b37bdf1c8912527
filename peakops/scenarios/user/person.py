"""The person out of the facts: the account, the profile, what is open for them. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from peakops import playbook
from peakops.scenario import Facts, Row
from peakops.scenarios import mails


def account(facts: Facts) -> Row | None:
    """The account of Supabase Auth that is the person's: the one with the person's id."""
    return next((each for each in facts["accounts"] if each["id"] == facts["person"]["id"]), None)


def living(facts: Facts) -> Row | None:
    """The account, where it is there and not deleted."""
    row = account(facts)
    return None if row is None or row["deleted_at"] else row


def profile(facts: Facts) -> Row | None:
    """The profile of the portal that is the person's: the one with the person's id."""
    return next((each for each in facts["profiles"] if each["id"] == facts["person"]["id"]), None)


def other_profiles(facts: Facts) -> list[Row]:
    """Profiles with the person's address and another id."""
    return [each for each in facts["profiles"] if each["id"] != facts["person"]["id"]]


def banned(facts: Facts) -> datetime | None:
    """Until when the account is banned; None where it is not, or not any more."""
    row, now = living(facts), facts.at("accounts")
    until = row["banned_until"] if row else None
    return until if until and now and until > now else None


def contained(facts: Facts) -> Row | None:
    """The security action that is open for the person."""
    return next(iter(facts["containment"]), None)


def invited(facts: Facts) -> bool:
    """Whether the account is one that was made by an invitation and is not confirmed yet."""
    row = living(facts)
    return bool(row and row["invited_at"] and not row["email_confirmed_at"])


def while_contained(facts: Facts) -> Mapping[str, str]:
    """
    What takes the place of a row's words where a security action is open, or may be: nobody is let in by another way,
    and the customer is told nothing. Empty where none is open.
    """
    if not facts.known("containment"):
        return instead("containment_unread")
    return instead("contained") if contained(facts) else {}


def suppressions(facts: Facts) -> list[Row]:
    """Why the e-mail provider sends nothing to the address; empty where that could not be read."""
    return mails.suppressions(facts) if facts.known("suppressions") else []


def lost_mails(facts: Facts) -> list[Row]:
    """Messages to the address since the confirmation was sent that did not arrive, newest first; none once one did."""
    return mails.lost(facts["messages"]) if facts.known("messages") else []


def invitation(facts: Facts) -> Row | None:
    """The newest invitation to the address that was not revoked."""
    return next((each for each in facts["invitations"] if each["status"] != "revoked"), None)


def instead(name: str) -> Mapping[str, str]:
    """Words of the playbook (do, customer) that take the place of a row's own, where more is known than its code."""
    words: Mapping[str, str] = playbook.words("user")["instead"][name]
    return words


def link_until(facts: Facts) -> datetime | None:
    """Until when the link of the last confirmation or invitation mail works, where the limits are known."""
    row = living(facts)
    if row is None or not row["confirmation_sent_at"] or not facts.known("limits"):
        return None
    lasts: int = facts["limits"]["mailer_otp_exp"]
    sent: datetime = row["confirmation_sent_at"]
    return sent + timedelta(seconds=lasts)
