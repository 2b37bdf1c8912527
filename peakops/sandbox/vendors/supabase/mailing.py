"""The mails that Auth sends: what is thrown away in silence, what is throttled, and what a mail leaves behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peakops.sandbox.times import written
from peakops.sandbox.vendors.supabase import people
from peakops.sandbox.vendors.supabase.asked import Asked
from peakops.sandbox.vendors.supabase.changes import audit, change, create, keep_token, of_user, token
from peakops.sandbox.vendors.supabase.envelope import Refusal
from peakops.sandbox.vendors.supabase.people import Row
from peakops.sandbox.wire import Answer

MAILS = "_mails"
"""Where the state keeps the mails that were sent: {to, kind, at}, without their links."""
WINDOW = timedelta(hours=1)
"""What `rate_limit_email_sent` counts in."""
TAKEN = "A user with this email address has already been registered"


@dataclass(frozen=True)
class Mail:
    """One kind of mail: the columns of its token and of its times, and whether a user must wait for the next one."""

    kind: str
    token: str
    sent: tuple[str, ...]
    waits: bool = True


SIGNUP = Mail("signup", "confirmation_token", ("confirmation_sent_at",))
RECOVERY = Mail("recovery", "recovery_token", ("recovery_sent_at",))
INVITE = Mail("invite", "confirmation_token", ("confirmation_sent_at", "invited_at"), waits=False)
EMAIL_CHANGE = Mail("email_change", "email_change_token_new", ("email_change_sent_at",))
TYPES = ("signup", "email_change", "sms", "phone_change")
"""What can be sent again; an invitation cannot."""


def recover(asked: Asked) -> Answer:
    """POST /recover: 200 and {} for everybody, a mail for those who exist."""
    if not asked.text("email"):
        raise Refusal(400, "validation_failed", "Password recovery requires an email")
    user = people.by_email(asked, asked.email())
    if user is not None:
        audit(asked, "user_recovery_requested", user)
        send(asked, user, RECOVERY, user["email"])
    return Answer(body={})


def resend(asked: Asked) -> Answer:
    """POST /resend: 200 and {} for everybody, a mail for those who wait for one of this type."""
    kind, email, phone = asked.text("type"), asked.text("email"), asked.text("phone")
    if kind not in TYPES:
        raise Refusal(400, "validation_failed", f"Missing one of these types: {', '.join(TYPES)}")
    if kind == "signup" and not email:
        raise Refusal(400, "validation_failed", "Type provided requires an email address")
    if kind == "sms" and not phone:
        raise Refusal(400, "validation_failed", "Type provided requires a phone number")
    if email and phone:
        raise Refusal(400, "validation_failed", "Only an email address or phone number should be provided.")
    if email:
        return resend_mail(asked, kind)
    if not phone:
        raise Refusal(400, "validation_failed", "Missing email address or phone number")
    if not asked.config["external_phone_enabled"]:
        raise Refusal(400, "phone_provider_disabled", "Phone logins are disabled")
    return Answer(body={})


def resend_mail(asked: Asked, kind: str) -> Answer:
    """Send the confirmation of the address, or of its change, again."""
    if not asked.config["external_email_enabled"]:
        raise Refusal(400, "email_provider_disabled", "Email logins are disabled")
    user = people.by_email(asked, asked.email())
    if user is not None and kind == "signup" and user["email_confirmed_at"] is None:
        audit(asked, "user_confirmation_requested", user)
        send(asked, user, SIGNUP, user["email"])
    elif user is not None and kind == "email_change" and user["email_change"]:
        send(asked, user, EMAIL_CHANGE, user["email_change"])
    return Answer(body={})


def invite(asked: Asked) -> Answer:
    """POST /invite: a new account, or the link anew for one that is not confirmed."""
    email = asked.email()
    user = people.by_email(asked, email)
    if user is not None and user["email_confirmed_at"] is not None:
        raise Refusal(422, "email_exists", TAKEN)
    user = user or create(asked, email)
    audit(asked, "user_invited", None, of_user(user))
    send(asked, user, INVITE, email)
    return Answer(body=people.shown(asked, user))


def send(asked: Asked, user: Row, mail: Mail, to: str) -> None:
    """Send a mail, whatever the provider does with it. Raises Refusal for one too soon, or too many in the hour."""
    wait(asked, user[mail.sent[0]] if mail.waits else None)
    since = asked.now - WINDOW
    sent = [each for each in asked.state.get(MAILS, []) if since < datetime.fromisoformat(each["at"])]
    if len(sent) >= asked.config["rate_limit_email_sent"]:
        raise Refusal(429, "over_email_send_rate_limit", "email rate limit exceeded")
    renew(asked, user, mail, to)
    asked.state.setdefault(MAILS, []).append({"to": to, "kind": mail.kind, "at": written(asked.now)})


def wait(asked: Asked, sent_at: datetime | None) -> None:
    """Refuse a second mail to one user within `smtp_max_frequency` seconds."""
    if sent_at is None:
        return
    left = (sent_at - asked.now).total_seconds() + asked.config["smtp_max_frequency"]
    if left > 0:
        message = f"For security purposes, you can only request this after {int(left)} seconds."
        raise Refusal(429, "over_email_send_rate_limit", message)


def renew(asked: Asked, user: Row, mail: Mail, address: str) -> str:
    """A new token in place of the last one, and the time of it; the token."""
    value = token(asked, mail.kind)
    change(asked, user, **{mail.token: value}, **dict.fromkeys(mail.sent, asked.now))
    keep_token(asked, user, mail.token, value, address)
    return value
