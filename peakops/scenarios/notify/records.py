"""The questions of `notify check` about the portal's own rows: sent, under way, read. Pure."""

from datetime import timedelta

from peakops.model import Verdict, spelt
from peakops.scenario import Facts, Outcome, Row, found, ok, skip, unknown
from peakops.scenarios import mails
from peakops.scenarios.notify import standing
from peakops.scenarios.notify.looks import UNSENT, looked_up
from peakops.scenarios.notify.refusals import again
from peakops.scenarios.notify.standing import called, instead
from peakops.scenarios.words import ago, day

KEPT_DAYS = 30
"""How long SendGrid's log keeps a mail; Resend's list is longer."""
ATTEMPTS = timedelta(days=3)
"""How long a provider tries to deliver a mail; SendGrid gives up after 72 hours."""
KNOWN = ("queued", "sent", "failed", "read")
"""The stored states of a notification."""


def sending(facts: Facts) -> Outcome:
    mail, shown = standing.newest(facts, "email"), standing.newest(facts, "in_app")
    if mail is None and shown is None:
        return skip("There is no notification.")
    told = _sent(facts, mail) if mail else ok("None of them goes by e-mail.")
    return told if told.verdict is not Verdict.OK or shown is None else _shown(facts, shown, told)


def _sent(facts: Facts, row: Row) -> Outcome:
    if standing.read(row) or standing.arrived(facts):
        return ok(f"The {called(row)} was sent.")
    if row["status"] == "failed":
        return _failed(facts, row)
    if row["status"] == "queued" and not row["provider_message_id"]:
        return _waiting(facts, row)
    if standing.nobody_asked(facts):
        return ok(f"The portal has sent the {called(row)}.")
    if standing.message(facts):
        return ok(f"The {called(row)} was sent: the provider knows the mail.")
    return _not_there(facts, row) if row["status"] in KNOWN else skip(f"It is stored as '{row['status']}'.")


def _failed(facts: Facts, row: Row) -> Outcome:
    """A mail that the portal could not send, for a reason that is no row of its own above."""
    if standing.message(facts):
        return ok("The portal noted a failure, and the provider has the mail all the same.")
    code = str(standing.stored(facts))
    if standing.kind(code) in standing.TOLD:
        return skip(f"It could not be sent: see above, of {code}.")
    about = f"The {called(row)} could not be sent. {standing.told(code)}"
    if standing.kind(code) == "lost":
        if why := _unknowable(facts, row):
            return unknown(f"{standing.told(code)} {why}")
        if standing.unshown(facts, row):
            return skip(f"{standing.told(code)} The provider may not show it yet.")
        says = f"{about} The provider knows of no mail to the address from then."
        return found("send_failed", says, cause="no_answer", **again(facts))
    return found("send_failed", about, cause=standing.kind(code), **again(facts))


def _waiting(facts: Facts, row: Row) -> Outcome:
    now = facts.at("notifications")
    if standing.young(facts, row) or now is None:
        return skip(f"The {called(row)} is waiting to be sent, which takes some minutes.")
    says = f"The {called(row)} waits in the portal's queue: it was made {ago(row['created_at'], now)}."
    return found("not_sent", says, cause="queued", **again(facts))


def _not_there(facts: Facts, row: Row) -> Outcome:
    """A mail that the portal holds for sent, and that the provider does not know."""
    provider = spelt(str(standing.configured(facts)))
    if standing.sent_by_another(facts, row) or not standing.listed_whole(facts):
        return unknown(_unknowable(facts, row))
    if why := _unknowable(facts, row):
        return skip(why)
    if standing.unshown(facts, row):
        return skip(f"The {called(row)} was sent just now; the provider shows mails after some minutes.")
    says = f"The portal holds the {called(row)} for sent, and {provider} knows of no such mail to the present address."
    return found("not_sent", says, cause="not_at_provider", instead=instead("not_at_provider"), **again(facts))


def _unknowable(facts: Facts, row: Row) -> str:
    """Why a mail that the provider does not know may be there all the same; empty where it would know."""
    if note := standing.nobody_asked(facts):
        return note
    provider = spelt(str(standing.configured(facts)))
    if other := standing.sent_by_another(facts, row):
        return f"It was sent with {spelt(other)}, and {provider} is the provider in use."
    if not standing.listed_whole(facts):
        return " ".join(facts.notes("messages"))
    now = facts.at("notifications")
    if now is None or (now - row["created_at"]).days >= KEPT_DAYS:
        return f"{provider} may have forgotten a mail that is {KEPT_DAYS} days old."
    return ""


def _shown(facts: Facts, row: Row, told: Outcome) -> Outcome:
    """The newest notification in the portal itself, which no provider is needed for."""
    words = instead("in_app")
    if row["status"] == "failed":
        return found(
            "send_failed",
            f"The {called(row)} could not be put into the portal ({row['id']}).",
            cause="in_app",
            instead=words,
            curable=False,
        )
    if row["status"] == "queued" and not row["read_at"] and not standing.young(facts, row):
        says = f"The {called(row)} still waits to be put into the portal ({row['id']})."
        return found("not_sent", says, cause="in_app", instead=words, curable=False)
    return told


def progress(facts: Facts) -> Outcome:
    row = standing.newest(facts, "email")
    if row is None or standing.read(row):
        return skip("No mail is waited for.")
    if row["status"] == "queued" and not row["provider_message_id"]:
        now = facts.at("notifications")
        if now is None or not standing.young(facts, row):
            return skip("It was not sent: see above.")
        says = f"The {called(row)} waits to be sent: it was made {ago(row['created_at'], now)}."
        return found("deferred", says, cause="queued")
    if standing.nobody_asked(facts) or (row["status"] == "failed" and not looked_up(row)):
        return skip("No mail is under way.")
    seen = standing.message(facts)
    if seen is None:
        young = standing.unshown(facts, row) and not standing.sent_by_another(facts, row)
        if young and standing.refused(facts, "lost"):
            says = f"The portal heard no answer when it sent the {called(row)}: it may be under way."
            return found("deferred", says, cause="no_answer")
        says = f"The {called(row)} was sent just now; {spelt(str(standing.configured(facts)))} does not show it yet."
        return found("deferred", says, cause="under_way") if young else skip("No mail is under way.")
    if seen["status"] not in standing.UNDER_WAY:
        return ok(f"{mails.said(seen)}.")
    return _under_way(facts, row, seen)


def _under_way(facts: Facts, row: Row, seen: Row) -> Outcome:
    """A mail that waits; whose end was not told after all attempts is waited for no more."""
    says, now = f"The {called(row)} is under way: {mails.said(seen)}.", facts.at("notifications")
    if seen["status"] != "scheduled" and now and seen["at"] and now - seen["at"] > ATTEMPTS:
        says = f"The end of the {called(row)} was never told: {mails.said(seen)}."
        return found("deferred", says, cause="no_end", instead=instead("no_end"))
    put_off = seen["status"] in ("deferred", "delivery_delayed")
    return found("deferred", says, cause=None if put_off else "under_way")


def in_app(facts: Facts) -> Outcome:
    row = standing.newest(facts, "in_app")
    if row is None:
        return skip("Nothing was put into the portal.")
    if standing.read(row):
        return ok(f"The {called(row)} was read.")
    if row["status"] != "sent" and not (row["status"] == "queued" and standing.young(facts, row)):
        return skip(f"It is stored as '{row['status']}'.")
    # It is no answer to what became of a mail.
    standing.mail_needed(facts)
    says = f"The {called(row)} is in the portal, and was not opened ({row['id']}).{_others(facts)}"
    return found("unread_in_app", says)


def settled(facts: Facts) -> Outcome:
    mail, shown = standing.newest(facts, "email"), standing.newest(facts, "in_app")
    for row in (mail, shown):
        if row and standing.read(row):
            return found("read", f"The {called(row)} was read{_when(row)}.{_others(facts)}")
    if mail and standing.arrived(facts):
        seen = standing.message(facts)
        says = f"The {called(mail)} arrived: {mails.said(seen)}." if seen else "It arrived."
        unsure = "" if mail["provider_message_id"] else " The portal has no id of it: it was found by address and time."
        return found("delivered", f"{says}{unsure}{_others(facts)}")
    return skip("Nothing of it is known to have arrived.")


def _others(facts: Facts) -> str:
    """What was not judged, and may be what is missed: other types, and older ones that were not sent."""
    judged = [row["id"] for channel in standing.wanted(facts) if (row := standing.newest(facts, channel))]
    others = [each for each in facts["notifications"] if each["id"] not in judged]
    newest = [each["type"] for each in facts["notifications"] if each["id"] in judged]
    types = sorted({each["type"] for each in others} - set(newest))
    failed = [each for each in others if each["status"] in UNSENT and not standing.read(each)]
    told = f" The newest is judged; others are of the type {', '.join(types)}: name one with --type." if types else ""
    one = f" An earlier one was not sent: {called(failed[0])} (--notification {failed[0]['id']})." if failed else ""
    return f"{told}{one}"


def _when(row: Row) -> str:
    return f" at {day(row['read_at'])}" if row["read_at"] else ""
