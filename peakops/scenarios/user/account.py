"""The questions of `user check` about the account in Supabase Auth, from the gravest on. Pure."""

from peakops.model import typed
from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios import mails
from peakops.scenarios.user import looks, person
from peakops.scenarios.words import ago, day

OPEN_INVITATIONS = ("pending", "expired")
"""Stored states of an invitation that nobody has accepted."""


def deletion(facts: Facts) -> Outcome:
    row = person.account(facts)
    if row is None:
        return skip("There is no account.")
    if row["deleted_at"]:
        says = (
            f"The account was deleted at {day(row['deleted_at'])}; Supabase keeps a row without address and password."
        )
        other, next = _another(facts)
        return found("deleted", f"{says}{other}", next=next, instead=person.while_contained(facts))
    return ok("The account is not deleted.")


def _another(facts: Facts) -> tuple[str, tuple[str, ...]]:
    """The living account of the address that has another id, as a sentence, and the command that looks at it."""
    others = [each for each in facts["accounts"] if each["id"] != facts["person"]["id"] and not each["deleted_at"]]
    if not others:
        return "", ()
    id = str(others[0]["id"])
    return f" The address has another account, {id}.", (typed("peakops user check", id),)


def containment(facts: Facts) -> Outcome:
    if facts["person"]["id"] is None:
        return skip("There is neither an account nor a profile.")
    action = person.contained(facts)
    if action is None:
        return ok("No security action is open.")
    by = f"{action['operator']} contained it at {day(action['made_at'])} ({action['reason']})"
    release = typed("peakops security release", looks.called(facts))
    return found("contained", f"{_held(facts)}: {by}. Only '{release}' ends it.")


def _held(facts: Facts) -> str:
    """What an open security action has made of the account."""
    if person.living(facts) is None:
        return "The account is gone, and the security action is open still"
    until = person.banned(facts)
    return f"The account is banned until {day(until)}" if until else "The account is not banned, though"


def ban(facts: Facts) -> Outcome:
    row, until = person.living(facts), person.banned(facts)
    if row is None:
        return skip("There is no account.")
    if until and not facts.known("containment"):
        says = f"The account is banned until {day(until)}. Whether it is a security action could not be read."
        return found("banned", says, instead=person.while_contained(facts), curable=False)
    if until and not person.contained(facts):
        return found("banned", f"The account is banned until {day(until)}.")
    return skip("It is banned on purpose.") if until else ok("The account is not banned.")


def existence(facts: Facts) -> Outcome:
    if person.account(facts):
        return ok("There is an account in Supabase Auth.")
    mine = person.profile(facts)
    if mine:
        return _no_account(facts, mine)
    newest = person.invitation(facts)
    if newest and newest["status"] == "accepted":
        says = f"An invitation was accepted at {day(newest['accepted_at'])}, and there is no account."
        return found("auth_account_missing", says, cause="accepted_invitation", next=_invitation(facts))
    return skip("Nobody has made an account: there is only an invitation.")


def _no_account(facts: Facts, mine: Row) -> Outcome:
    """A profile without an account of its id: under another id, invited again already, or with none at all."""
    says = f"The portal has a profile of {mine['email']}, and Supabase Auth has no account of its id."
    held = person.while_contained(facts)
    other, next = _another(facts)
    if other:
        instead = held or person.instead("account_under_another_id")
        return found("auth_account_missing", f"{says}{other}", cause="under_another_id", next=next, instead=instead)
    newest = person.invitation(facts) if facts.known("invitations") else None
    if newest and newest["status"] in OPEN_INVITATIONS:
        says = f"{says} An invitation to {newest['practice']} of {day(newest['created_at'])} is not accepted."
        instead = held or person.instead("account_invited")
        return found("auth_account_missing", says, cause="invited", next=_invitation(facts), instead=instead)
    return found("auth_account_missing", says, instead=held)


def invitation(facts: Facts) -> Outcome:
    row = person.living(facts)
    if row and person.invited(facts):
        return _invited(facts, row)
    if row or person.account(facts) or person.profile(facts):
        return ok("The account does not wait for an invitation to be accepted.")
    newest = person.invitation(facts)
    if newest is None or newest["status"] not in OPEN_INVITATIONS:
        return skip("No invitation is open.")
    says = f"No account; an invitation to {newest['practice']} of {day(newest['created_at'])} is not accepted."
    instead = person.instead("only_invited")
    return found("invited_not_accepted", says, next=_invitation(facts), instead=instead, curable=False)


def _invited(facts: Facts, row: Row) -> Outcome:
    """An account that was made by an invitation: whether its link works, and what is against sending it again."""
    says = f"The account was made by an invitation at {day(row['invited_at'])} and is not confirmed yet{_link(facts)}."
    if facts.known("invitations") and facts["invitations"] and not person.invitation(facts):
        says, instead = f"{says} The portal's own invitation was revoked.", person.instead("invitation_revoked")
        return found("invited_not_accepted", says, next=_invitation(facts), instead=instead, curable=False)
    if lost := _not_delivered(facts):
        says, instead = f"{says} The mail did not arrive: {lost}.", person.instead("invitation_not_delivered")
        return found("invited_not_accepted", says, instead=instead, curable=not person.suppressions(facts))
    return found("invited_not_accepted", says)


def _link(facts: Facts) -> str:
    """Until when the link of the last mail works; empty where that is not known."""
    until, now = person.link_until(facts), facts.at("accounts")
    if until is None or now is None:
        return ""
    return f"; its link ended at {day(until)}" if until <= now else f"; its link works until {day(until)}"


def _invitation(facts: Facts) -> tuple[str, ...]:
    return (typed("peakops invitation check", facts["person"]["given"] or facts["person"]["email"]),)


def confirmation(facts: Facts) -> Outcome:
    row = person.living(facts)
    if row is None or person.invited(facts):
        return skip("There is no account that waits for its address to be confirmed.")
    if row["email_confirmed_at"]:
        return ok(f"The address was confirmed at {day(row['email_confirmed_at'])}.")
    if row["is_anonymous"] or not row["email"]:
        return skip("The account has no e-mail address.")
    lost = _not_delivered(facts)
    if lost:
        says = f"The address is not confirmed, and the mail did not arrive: {lost}."
        return found("confirmation_not_delivered", says, curable=not person.suppressions(facts))
    return _not_confirmed(facts, row)


def _not_delivered(facts: Facts) -> str:
    """What the e-mail provider says against the delivery; empty where it says nothing."""
    held, lost = person.suppressions(facts), person.lost_mails(facts)
    if held:
        return mails.suppressed(held[0])
    return mails.said(lost[0]) if lost else ""


def _not_confirmed(facts: Facts, row: Row) -> Outcome:
    sent, now = row["confirmation_sent_at"], facts.at("accounts")
    if not sent:
        says = "The address is not confirmed, and no confirmation mail was ever sent."
        return found("email_not_confirmed", says, cause="never_sent")
    until = person.link_until(facts)
    over = bool(until and now and until <= now)
    when = f"{day(sent)}, {ago(sent, now)}" if now else day(sent)
    link = f"; its link {'ended' if over else 'works until'} {day(until)}" if until else ""
    says = f"The address is not confirmed; the mail was sent at {when}{link}."
    return found("email_not_confirmed", says, cause="link_expired" if over else None)
