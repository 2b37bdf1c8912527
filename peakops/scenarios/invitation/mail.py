"""The questions of `invitation check` about the mail: whether it can arrive, did not, or was never sent. Pure."""

from datetime import timedelta

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios import mails
from peakops.scenarios.invitation import renewal, standing
from peakops.scenarios.words import ago, day

GRACE = timedelta(minutes=2)
"""An invitation that is younger may still be on its way: the portal notes the mail's id once it was sent."""
NOBODY = "Nobody waits for an invitation mail."


def suppression(facts: Facts) -> Outcome:
    if standing.awaited(facts) is None:
        return skip(NOBODY)
    held = mails.suppressions(facts)
    if held:
        says = f"{'; '.join(map(mails.suppressed, held))}."
        return found("suppressed", says, **renewal.offer(facts))
    if note := _nobody_asked(facts):
        return skip(note)
    return ok("The e-mail provider sends to the address.")


def delivery(facts: Facts) -> Outcome:
    row = standing.awaited(facts)
    if row is None:
        return skip(NOBODY)
    lost = mails.lost(facts["messages"])
    if lost:
        return found("bounced", f"The mail did not arrive: {mails.said(lost[0])}.", **renewal.offer(facts))
    if blocked := _blocked(facts, row):
        says = f"The mail was refused: {mails.blocked(blocked)}."
        return found("bounced", says, **renewal.offer(facts))
    if note := _nobody_asked(facts):
        return skip(note)
    newest = next(iter(facts["messages"]), None)
    if newest is None:
        return ok("The e-mail provider knows of no mail that was lost.")
    return ok(f"{mails.said(newest)}.")


def _blocked(facts: Facts, row: Row) -> Row | None:
    """A note of SendGrid's that a server refused a mail to the address, since the invitation was made."""
    listed = facts["suppressions"] if facts.known("suppressions") else []
    blocks = [each for each in listed if each["kind"] == mails.OF_ONE_MAIL and each["created"]]
    return next((each for each in blocks if each["created"] >= row["created_at"]), None)


def sending(facts: Facts) -> Outcome:
    row = standing.awaited(facts)
    if row is None or row["status"] != "pending":
        return skip("Nobody waits for the mail of a pending invitation.")
    if row["provider_message_id"]:
        return ok(f"It was sent: the portal has noted the mail's id, {row['provider_message_id']}.")
    now = facts.at("invitations")
    if now and now - row["created_at"] < GRACE:
        return skip(f"It was made {ago(row['created_at'], now)}; the mail may be on its way.")
    if facts["messages"]:
        return ok(f"It was sent: {mails.said(facts['messages'][0])}.")
    because = _nobody_asked(facts) or "The e-mail provider knows of no mail to the address since."
    says = f"The invitation of {day(row['created_at'])} has no id of a mail. {because}"
    return found("never_sent", says, **renewal.offer(facts))


def _nobody_asked(facts: Facts) -> str:
    """Why no provider was asked, empty where one was: without one the looks bring nothing but that note."""
    silent = not facts.known("suppressions") or facts["suppressions"]
    return "" if silent else " ".join(facts.notes("suppressions"))
