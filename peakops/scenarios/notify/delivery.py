"""The questions of `notify check` about the address, and what became of the mail to it. Pure."""

from peakops.model import spelt, typed
from peakops.scenario import Facts, Outcome, Row, found, ok, skip, unknown
from peakops.scenarios import mails
from peakops.scenarios.notify import standing
from peakops.scenarios.notify.refusals import NOT_ASKED, again
from peakops.scenarios.notify.standing import instead
from peakops.scenarios.words import day

COMPLAINT, UNSUBSCRIBED, BOUNCE = "spam_report", "unsubscribe", "bounce"
WISHES = (COMPLAINT, UNSUBSCRIBED, mails.OF_A_GROUP)
"""Kinds of suppressions that the person asked for."""
INVALID = "invalid_email"
"""SendGrid's list of addresses that cannot be: misspelt, or of a domain that takes no mail."""


def suppression(facts: Facts) -> Outcome:
    if "email" not in standing.wanted(facts):
        return skip(NOT_ASKED)
    if note := standing.nobody_asked(facts):
        return skip(note)
    if complaints := standing.held(facts, COMPLAINT):
        return found("suppressed_complaint", _held(complaints[0]))
    if bounces := standing.held(facts, BOUNCE):
        return _bounced_before(facts, bounces)
    if gone := standing.held(facts, UNSUBSCRIBED):
        return found("suppressed_unsubscribe", _held(gone[0]))
    if left := standing.held(facts, mails.OF_A_GROUP):
        return _left_a_group(facts, left[0])
    return ok(f"{spelt(str(standing.configured(facts)))} sends to the address.")


def _bounced_before(facts: Facts, bounces: list[Row]) -> Outcome:
    """A bounce that is hard is not lifted: the next mail bounces again, and costs the sender's good name."""
    hard = [each for each in bounces if each["hard"]]
    one = (hard or bounces)[0]
    if hard:
        return found("suppressed_bounce", _held(one), cause="hard", instead=instead("bounce_hard"), curable=False)
    return found("suppressed_bounce", _held(one), cause=_hardness(one), without=_no_list(facts))


def _no_list(facts: Facts) -> tuple[str, ...]:
    """What the row leads to where the provider is none that has an allowlist: only SendGrid is."""
    return () if standing.configured(facts) == "sendgrid" else ("notify allow",)


def _left_a_group(facts: Facts, left: Row) -> Outcome:
    """Somebody who left a group gets what names none of it: it is why a mail is missing only where that was dropped."""
    seen = standing.message(facts)
    if seen and seen["status"] in standing.DROPPED:
        return found("suppressed_unsubscribe", _held(left), cause="group")
    return ok(f"The person has left a group of mails ({left['reason']}); others are sent.")


def _held(row: Row) -> str:
    since = f", since {day(row['created'])}" if row["created"] else ""
    return f"{mails.suppressed(row)}{since}."


def _hardness(row: Row) -> str | None:
    """Whether a bounce is hard or soft; None where the provider does not say why."""
    return {True: "hard", False: "soft", None: None}[row["hard"]]


def delivery(facts: Facts) -> Outcome:
    row = standing.newest(facts, "email")
    if row is None:
        return skip("There is no mail to judge.")
    code = standing.refused(facts, "address", "returned", "suppressed")
    if code and (not facts.known("messages") or standing.message(facts) is None):
        return _returned_to_the_portal(facts, code)
    if standing.read(row):
        return skip("It was read.")
    if note := standing.nobody_asked(facts):
        return _unheard(row, note)
    seen = standing.message(facts)
    if standing.elsewhere(facts):
        return skip("The mail went to another address: see below.")
    if seen and seen["status"] in standing.RETURNED:
        return _bounced(facts, f"The {standing.called(row)} did not arrive: {mails.said(seen)}.", _cause(seen))
    if seen and seen["status"] in standing.DROPPED:
        if _listed(facts):
            return skip(f"It was dropped for what the provider holds against the address: {mails.said(seen)}.")
        says = f"The {standing.called(row)} was not sent on: {mails.said(seen)}."
        return found("dropped", says, without=_no_list(facts), **again(facts))
    if not standing.arrived(facts) and (blocked := standing.block(facts)):
        return _bounced(facts, f"The {standing.called(row)} was refused: {mails.blocked(blocked)}.", "soft")
    return ok(f"{mails.said(seen)}.") if seen else skip("The provider knows of no such mail.")


def _listed(facts: Facts) -> bool:
    """Whether the provider has an entry for which it drops mails to the address. Raises Missing."""
    return bool(standing.held(facts, *WISHES, BOUNCE, INVALID))


def _unheard(row: Row, note: str) -> Outcome:
    """Without a provider the portal's word is all there is: it knows that a mail went out, and not whether it came."""
    if row["status"] != "sent":
        return skip(note)
    return unknown(f"{note} The portal has sent it; whether it arrived, nobody can say.")


def _cause(seen: Row) -> str | None:
    return "soft" if seen["status"] == "blocked" and not seen["hard"] else _hardness(seen)


def _bounced(facts: Facts, says: str, cause: str | None) -> Outcome:
    if cause == "hard":
        return found("bounced", says, cause=cause, instead=instead("bounce_hard"), curable=False)
    return found("bounced", says, cause=cause, **again(facts))


def _returned_to_the_portal(facts: Facts, code: str) -> Outcome:
    """What the receiving server said when the portal sent the mail, where the provider knows no more of it."""
    hard = standing.kind(code) == "address"
    if standing.kind(code) == "suppressed":
        return found("dropped", standing.told(code), without=_no_list(facts), **again(facts))
    return _bounced(facts, standing.told(code), "hard" if hard else "soft")


def address(facts: Facts) -> Outcome:
    mine = standing.profile(facts)
    if "email" not in standing.wanted(facts) or mine is None:
        return skip("There is no address to compare.")
    if went := standing.elsewhere(facts):
        says = f"The mail went to {went['to']}, and the person's address is {mine['email']} now: {mails.said(went)}."
        return found("wrong_address", says, cause="old_address", **again(facts))
    if standing.configured(facts) and (invalid := standing.held(facts, INVALID)):
        words = instead("address_invalid")
        return found("wrong_address", _held(invalid[0]), cause="invalid_address", instead=words, curable=False)
    account = mine["account_email"]
    if account and account.strip().lower() != mine["email"].strip().lower():
        says = f"Mail goes to {mine['email']}, the profile's address; the person logs in with {account}."
        next, words = (typed("peakops user check", str(mine["id"])),), instead("addresses_differ")
        return found("wrong_address", says, cause="addresses_differ", next=next, instead=words, curable=False)
    return ok("The mail goes to the address that the person has.")
