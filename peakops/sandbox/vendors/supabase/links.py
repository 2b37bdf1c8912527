"""POST /admin/generate_link: the link that a mail would carry, without the mail and without its limits."""

from fnmatch import fnmatchcase
from urllib.parse import urlencode, urlsplit

from peakops.sandbox.vendors.supabase import people
from peakops.sandbox.vendors.supabase.asked import Asked
from peakops.sandbox.vendors.supabase.changes import audit, change, create, of_user
from peakops.sandbox.vendors.supabase.envelope import Refusal
from peakops.sandbox.vendors.supabase.mailing import INVITE, RECOVERY, SIGNUP, TAKEN, Mail, renew
from peakops.sandbox.vendors.supabase.people import Row
from peakops.sandbox.wire import Answer

PROJECT = "https://sandbox.supabase.co/auth/v1/verify"
"""Where a link leads: to the project, as in the cloud, and not to a port that changes with each start."""

MAGIC_LINK = Mail("magiclink", "recovery_token", ("recovery_sent_at",))
CHANGE_CURRENT = Mail("email_change_current", "email_change_token_current", ("email_change_sent_at",))
CHANGE_NEW = Mail("email_change_new", "email_change_token_new", ("email_change_sent_at",))
LINKS = {mail.kind: mail for mail in (SIGNUP, INVITE, MAGIC_LINK, RECOVERY, CHANGE_CURRENT, CHANGE_NEW)}


def generate(asked: Asked) -> Answer:
    """Make a link. It overwrites the last one of its kind, so that a link in a mail of before is dead."""
    email, kind = asked.email(), asked.text("type")
    user = people.by_email(asked, email)
    if user is None and kind == MAGIC_LINK.kind:
        kind = SIGNUP.kind
    if kind not in LINKS:
        raise Refusal(400, "validation_failed", f"Invalid email action link type requested: {kind}")
    if user is None:
        user = made(asked, email, kind)
    elif LINKS[kind] in (SIGNUP, INVITE) and user["email_confirmed_at"] is not None:
        raise Refusal(422, "email_exists", TAKEN)
    value = renew(asked, user, LINKS[kind], prepared(asked, user, LINKS[kind]))
    back = redirect(asked)
    query = urlencode({"token": value, "type": kind, "redirect_to": back})
    return Answer(
        body={
            **people.shown(asked, user),
            "action_link": f"{PROJECT}?{query}",
            "email_otp": f"{int(value[-12:], 16) % 10**6:06}",
            "hashed_token": value,
            "verification_type": kind,
            "redirect_to": back,
        }
    )


def made(asked: Asked, email: str, kind: str) -> Row:
    """An account for somebody who has none: only a signup, an invitation and a magic link make one."""
    if kind not in (SIGNUP.kind, INVITE.kind):
        raise Refusal(404, "user_not_found", "User with this email not found")
    asked_for_magic_link = asked.text("type") == MAGIC_LINK.kind
    if kind == SIGNUP.kind and not asked.text("password") and not asked_for_magic_link:
        raise Refusal(400, "validation_failed", "Signup requires a valid password")
    return create(asked, email, "" if kind == INVITE.kind else "given or generated")


def prepared(asked: Asked, user: Row, mail: Mail) -> str:
    """Note the act, and make ready for a change of address; the address that the link is for."""
    if mail in (RECOVERY, MAGIC_LINK):
        audit(asked, "user_recovery_requested", user)
    elif mail is INVITE:
        audit(asked, "user_invited", None, of_user(user))
    elif mail in (CHANGE_CURRENT, CHANGE_NEW):
        new = asked.email("new_email")
        if people.by_email(asked, new) is not None:
            raise Refusal(422, "email_exists", TAKEN)
        change(asked, user, email_change=new, email_change_confirm_status=0)
        return new if mail is CHANGE_NEW else str(user["email"])
    return str(user["email"])


def redirect(asked: Asked) -> str:
    """Where the link leads in the end: as asked for if the project allows it, else to its site."""
    site, wanted = (
        str(asked.config["site_url"]),
        asked.text("redirect_to") or dict(asked.request.query).get("redirect_to"),
    )
    allowed = [pattern.strip() for pattern in str(asked.config["uri_allow_list"] or "").split(",")]
    if wanted and (
        urlsplit(wanted).hostname == urlsplit(site).hostname or any(fnmatchcase(wanted, each) for each in allowed)
    ):
        return wanted
    return site
