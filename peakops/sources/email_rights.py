"""What a key of the e-mail provider that writes may do, asked with one GET; nothing is written with it."""

from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources import email_errors
from peakops.sources.email_key import RESEND_WRITE_KEY, SENDGRID_WRITE_KEY, opened
from peakops.sources.http_rows import brought
from peakops.sources.sendgrid_account import READ_ANY_LIST, READ_LOG, SEND

NEEDED = (SEND, READ_ANY_LIST, "suppression.delete")
ALLOWLIST = ("mail_settings.address_whitelist.read", "mail_settings.address_whitelist.update")
FULL_ACCESS = "full_access"


def sendgrid_rights(settings: Settings, key: str, deadline: float) -> Brought:
    """Whether a SendGrid key may send, and which scopes the fixes lack. Raises what the provider refuses."""
    api = email_errors.sendgrid(SENDGRID_WRITE_KEY, email_errors.SCOPES_OF_WRITING)
    http = opened(api, key, url=settings.sendgrid_url, deadline=deadline)
    answer = http.get("/v3/scopes")
    with http.reading(answer):
        has = set(answer.body["scopes"])
    log = () if has.intersection(READ_LOG) else READ_LOG[:1]
    missing = [*(each for each in (*NEEDED, *ALLOWLIST) if each not in has), *log]
    row = {"provider": "sendgrid", "can_send": SEND in has, "missing": missing}
    return brought([answer], [row], "GET /v3/scopes", single=True)


def resend_rights(settings: Settings, key: str, deadline: float) -> Brought:
    """Whether a Resend key may do more than send, which shows in what is refused to it. Raises likewise."""
    http = opened(email_errors.resend(RESEND_WRITE_KEY), key, url=settings.resend_url, deadline=deadline)
    answer = email_errors.unless(email_errors.SENDING_ONLY, lambda: http.get("/domains", {"limit": 1}))
    row = {"provider": "resend", "can_send": True, "missing": [] if answer else [FULL_ACCESS]}
    return brought([answer] if answer else [], [row], "GET /domains with limit=1", single=True)
