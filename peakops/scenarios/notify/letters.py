"""A notification's mail before it is sent again: what is against it, and what is known to have gone out. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peakops.errors import Refused
from peakops.fix import Plan
from peakops.model import spelt
from peakops.scenario import Facts, Row
from peakops.scenarios.mails import said
from peakops.scenarios.notify import recipient, standing
from peakops.scenarios.notify.looks import LOG_LAG
from peakops.scenarios.user import looks as people
from peakops.scenarios.words import ago, day, lasting

WINDOW_HOURS = 24
"""Within which nobody gets the same mail twice; as long as Resend knows an Idempotency-Key."""
EXPIRING = (
    r"https?://[^\s\"'<>]*([?&#;][a-z_-]*(code|otp|key|sig|expires|jwt|token|secret|hash|invit|pass)[a-z_-]*=|/\w{32,})"
)
"""A link that carries a secret: in a parameter of such a name, or as a part of its path that is longer than an id's."""
GONE = (*standing.RETURNED, *standing.DROPPED)
"""What a provider says of a mail that did not arrive and will not; whoever complained has had it."""
LINK_LIFE = timedelta(hours=24)
"""Supabase lets no link of a mail live longer (mailer_otp_exp); what the portal signs is not known to live longer."""
RENEWED_BY = {"invitation": "peakops invitation reissue", "security": "peakops user reset-password"}
"""Types whose links let somebody in, and end: the command that makes a fresh one. An old one is never sent again."""


def allowed(facts: Facts) -> Row:
    """The letter that may be sent again. Raises Refused where something is against it."""
    row = _letter(facts)
    if row is None:
        says = "There is no e-mail notification that could be sent again."
        raise Refused(says, hint=f"peakops notify check {people.called(facts)}", code="fix.no_letter")
    _addressed(facts, row)
    _still_theirs(facts, row)
    _lasting(facts, row)
    _new(facts, row)
    return row


def _letter(facts: Facts) -> Row | None:
    return next(iter(facts["letters"]), None)


def sender(facts: Facts) -> str:
    """The provider that sends it. Raises Refused where there is none, or nobody whom the mail is from."""
    used = recipient.provider(facts)
    if facts["provider"]["from_domain"] is None:
        says = "It is not configured whom the portal's e-mail is from."
        raise Refused(says, hint="Set PEAKOPS_EMAIL_FROM; see docs/settings.md.", code="fix.no_sender")
    return used


def _addressed(facts: Facts, row: Row) -> None:
    if not (row["has_subject"] and row["has_body"]):
        lacks = "text" if row["has_subject"] else "subject"
        says = f"The portal stores no {lacks} of this notification, so that there is nothing to send."
        raise Refused(says, hint="Ask the technical lead: the portal has to render it.", code="fix.nothing_to_send")
    known = facts["person"]["email"]
    if not row["email"] or row["email"] != (known or "").strip().lower():
        says = "The profile has another address than the account: it is not sure which one is right."
        raise Refused(says, hint=f"peakops user check {people.called(facts)}", code="fix.no_address")


def _still_theirs(facts: Facts, row: Row) -> None:
    """Raises Refused where the person has left since: what was meant for them then is not sent to them now."""
    mine = standing.profile(facts) or {}
    if not facts["person"]["has_account"]:
        left = "has no account in the portal"
    elif not mine.get("is_active"):
        left = "is switched off in the portal"
    elif row["practice_id"] and mine["practice_id"] and row["practice_id"] != mine["practice_id"]:
        left = "belongs to another practice now than the notification"
    else:
        return
    hint = f"peakops user check {people.called(facts)}"
    raise Refused(f"The person {left}: nothing is sent to them again.", hint=hint, code="fix.has_left")


def _lasting(facts: Facts, row: Row) -> None:
    """An old link is worse than no mail: it does not work, or lets somebody in whom it should not."""
    now, typed = facts.at("letters"), people.called(facts)
    if command := RENEWED_BY.get(row["type"]):
        says = f"A notification of the type '{row['type']}' leads in by a link that ends; an old one is not sent again."
        raise Refused(says, hint=f"{command} {typed if '@' in typed else 'EMAIL'}", code="fix.link_ends")
    if row["has_expiring_link"] and now and now - row["created_at"] > LINK_LIFE:
        life = lasting(LINK_LIFE.total_seconds())
        says = f"It was written {ago(row['created_at'], now)}, and has a link that lasts {life} at most."
        raise Refused(says, hint="Have the portal make the notification anew.", code="fix.link_ended")


def _new(facts: Facts, row: Row) -> None:
    """Raises Refused where the same went to the person of late, unless it is known not to have arrived."""
    for each in facts["repeats"]:
        if not _lost(facts, each):
            about = f" (notification {each['id']})" if each["id"] != row["id"] else ""
            says = f"The same went to this person by {each['how']}{about} at {day(each['at'])}."
            after = day(each["at"] + timedelta(hours=WINDOW_HOURS))
            hint = f"Wait until {after}: one mail of a kind and subject in {WINDOW_HOURS} hours."
            raise Refused(says, hint=hint, code="fix.sent_already")


def _lost(facts: Facts, sent: Row) -> bool:
    """Whether the provider says of a mail that it did not arrive; silence is no such word."""
    id = sent["provider_message_id"]
    told = [each for name in ("messages", "recent") if facts.known(name) for each in facts[name]]
    return bool(id) and any(each["status"] in GONE for each in told if each["id"].startswith(id))


def notes(facts: Facts, row: Row) -> tuple[str, ...]:
    """What to know of the mail before it goes."""
    told = [f"It says what it said when it was written, {day(row['created_at'])}: nothing in it is brought up to date."]
    if row["has_link"]:
        told.append("It has a link; peakops has not tried whether that still leads anywhere.")
    told += recipient.groups(facts)
    if tagged(facts, row["reference"]):
        told.append("An earlier run sent it, and did not note it: it is noted now, and no second one goes out.")
    return tuple(told)


def tagged(facts: Facts, reference: str) -> Row | None:
    """The mail that the provider has under a reference of ours; None where it has none, or cannot tell."""
    rows = facts["tagged"] if facts.known("tagged") else []
    return next((each for each in rows if each["reference"] == reference), None)


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The step that sent the mail, where the provider has one under the plan's reference."""
    row = tagged(facts, plan.actions[0].params["reference"])
    return {1: {"id": row["id"], "status": "found", "already": True}} if row else {}


def not_noted(facts: Facts, plan: Plan) -> str:
    """Why the look afterwards does not show that the mail was noted and is on its way; empty where it does."""
    row, was = _letter(facts), plan.actions[-1].params["was_message"]
    if row and row["status"] == "sent" and row["was_message"] != was:
        seen = standing.heard(facts)
        return f"shows that it did not arrive: {said(seen)}." if seen and seen["status"] in GONE else ""
    return f"shows the notification as '{row['status']}'." if row else "shows no notification."


def overtaken(facts: Facts, plan: Plan) -> bool:
    """Whether the portal has noted another attempt since the mail went: its note is not written over."""
    note, row = plan.actions[-1].params, _letter(facts)
    if row is None or str(row["id"]) != note["notification"]:
        return False
    return (row["status"], row["was_message"]) != (note["was_status"], note["was_message"])


def lag(plan: Plan) -> timedelta:
    """How long the provider may not show a mail; Resend's key finds it at once."""
    return LOG_LAG if plan.actions[0].via == "sendgrid" else timedelta(0)


def doubt(plan: Plan) -> str:
    """Of a plan in the place of one whose outcome the provider does not show: that it may be the second."""
    (send, *_) = plan.actions
    told = f"The last attempt may have sent a mail that {spelt(send.via)} does not show"
    if send.via == "resend":
        return (
            f"{told}: within {WINDOW_HOURS} hours of it no second one goes out, and after that this one is the second."
        )
    return f"{told}: then this one is the second."
