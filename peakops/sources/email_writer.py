"""The e-mail provider in use, to change: a mail is sent again, an address is released or allowed."""

import re
from collections.abc import Mapping
from typing import Any

from peakops.errors import NotConfigured, Refused, before_writing
from peakops.settings import Settings, WriteKeys
from peakops.settings.checks import EMAIL
from peakops.sources.email_key import plain
from peakops.sources.resend_writer import ResendWriter
from peakops.sources.sendgrid_writer import SendGridWriter

Made = Mapping[str, Any]
SEVERAL = re.compile(r"[,;<>]")
"""In an address: a list of them, or a name beside it."""
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
"""In a subject: what might begin another header."""


class EmailWriter:
    """
    The writes. Each returns an `id` that names nobody, its `status`, and `already` where it had been done before.

    Errors say `nothing_done` where they are raised before the request that writes, or are its certain refusal. What
    is not certain is email.outcome_unknown, or Unverified where the provider took the request and shows another state.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, *, deadline: float) -> None:
        self._settings, self._keys, self._deadline = settings, keys, deadline

    def send(self, *, message: Mapping[str, str], reference: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Send a mail {to, subject, body}, once for its reference; a body that begins with "<" is HTML, any other text.

        `reference` (A-Z, a-z, 0-9, - and _, at most 255) is what it is found by where a run died or an answer was
        lost; the mail is then "found". Raises Refused where it has no text or no recipient.
        """
        with before_writing():
            sender = self._sender()
            _need_whole(message)
            _need_one_line(message)
            writer = self._writer()
        return writer.send(message, reference, sender)

    def release(self, *, address: str, kind: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Take one address off one list: kind is bounce, block or invalid_email. Off it already is done before.

        Raises Refused for a complaint and for whoever unsubscribed: only that person may lift it.
        """
        with before_writing():
            writer = self._writer()
        return writer.release(plain(address), kind)

    def allow(self, *, address: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Add one address to SendGrid's allowlist, whose other entries stay as they are.

        Raises Refused where the allowlist is switched off, and at Resend, which has none.
        """
        with before_writing():
            writer = self._writer()
        return writer.allow(plain(address))

    def _writer(self) -> SendGridWriter | ResendWriter:
        settings, keys = self._settings, self._keys
        match settings.email_provider:
            case "sendgrid":
                return SendGridWriter(keys.sendgrid_key, url=settings.sendgrid_url, deadline=self._deadline)
            case "resend":
                return ResendWriter(keys.resend_key, url=settings.resend_url, deadline=self._deadline)
        raise _not_set("PEAKOPS_EMAIL_PROVIDER", "email.not_configured")

    def _sender(self) -> str:
        if not self._settings.email_from:
            raise _not_set("PEAKOPS_EMAIL_FROM", "email.no_sender")
        return self._settings.email_from


def _need_whole(message: Mapping[str, str]) -> None:
    """Raises Refused where a mail lacks what it is made of; the sentence names the part."""
    for part in ("to", "subject", "body"):
        if not (message.get(part) or "").strip():
            says = f"The notification cannot be sent as a mail: it has no {part}."
            raise Refused(says, code="email.not_whole", hint="Look at the notification in the portal.", source="email")


def _need_one_line(message: Mapping[str, str]) -> None:
    """Raises Refused where a recipient is not one address, or what becomes a header is not one line."""
    one = EMAIL.fullmatch(message["to"].strip()) and not SEVERAL.search(message["to"])
    for part, fits in (("recipient", one), ("subject", not CONTROL.search(message["subject"]))):
        if not fits:
            says = f"The notification cannot be sent as a mail: its {part} would make more than one line or address."
            raise Refused(says, code="email.not_whole", hint="Look at the notification in the portal.", source="email")


def _not_set(setting: str, code: str) -> NotConfigured:
    return NotConfigured(f"{setting} is not set.", code=code, hint="See docs/settings.md.", source="email")
