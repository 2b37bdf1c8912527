"""SendGrid, to change: it knows no idempotency keys, so that each mail has a category of its own and is looked for."""

import time
from collections.abc import Mapping
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import quote

from peakops.errors import PeakopsError, Refused, before_writing
from peakops.sources import email_errors
from peakops.sources.email_key import SENDGRID_WRITE_KEY, opened
from peakops.sources.email_outcome import LATER, lost_of, made, need, only_bounces, reading_back, unsure, unverified
from peakops.sources.http_errors import timed_out
from peakops.sources.patience import LEAST_WRITE_S
from peakops.sources.sendgrid import LISTS, SendGrid

SPARE_S = 8.0
"""What is kept of the time of a write for the looks that say whether it was done, should its answer be lost."""
LOOKS_AFTER_S = (0.0, 1.0, 2.0, 3.0)
"""The pauses before the looks for a mail whose answer was lost: the log lags."""
RELEASED = {kind: name for name, kind in LISTS.items() if kind != "spam_report"}
"""The lists that an address may be taken off, by what peakops calls being on one."""
GONE = "email.not_found"
"""What SendGrid answers to the release of an address that is not on the list."""
ALLOWLIST = "/v3/mail_settings/address_whitelist"
ALLOWED = "address_whitelist"
"""What stands in the journal for an entry of the allowlist, which has no id."""


class SendGridWriter:
    """The writes at SendGrid; a request that writes is sent once."""

    def __init__(self, key: str | None, *, url: str, deadline: float) -> None:
        self._api = email_errors.sendgrid(SENDGRID_WRITE_KEY, email_errors.SCOPES_OF_WRITING)
        self._http = opened(self._api, key, url=url, deadline=deadline)
        self._writing = opened(self._api, key, url=url, deadline=deadline - SPARE_S)
        self._last_write = deadline - SPARE_S - LEAST_WRITE_S
        self._looks = SendGrid(self._http)

    def send(self, message: Mapping[str, str], reference: str, sender: str) -> dict[str, Any]:
        """Send a mail, unless the log has one of its category. See EmailWriter."""
        with before_writing():
            twin = self._twin(reference)
            if twin is None and time.monotonic() > self._last_write:
                raise timed_out(self._api)
        if twin:
            return made(twin, "found", already=True)
        try:
            answer = self._writing.write("POST", "/v3/mail/send", _body(message, reference, sender), kind=object)
            with self._writing.reading(answer):
                return made(answer.headers["x-message-id"], "sent", already=False)
        except PeakopsError as wrong:
            if wrong.nothing_done:
                raise
            return made(self._after(wrong, reference), "sent", already=False)

    def _twin(self, reference: str) -> str | None:
        rows = self._looks.tagged(reference, None).rows
        return str(rows[0]["id"]) if rows else None

    def _after(self, lost: PeakopsError, reference: str) -> str:
        """The mail whose answer was lost. Raises what leaves it open whether it was sent where the log has none yet."""
        what = "the mail was sent"
        for pause in LOOKS_AFTER_S:
            time.sleep(pause)
            try:
                if twin := self._twin(reference):
                    return twin
            except PeakopsError as wrong:
                raise unsure(what, f"the look for it failed: {wrong.says}", lost, hint=LATER) from wrong
        raise unsure(what, "SendGrid's log, which lags, does not show it yet.", lost, hint=LATER) from lost

    def release(self, address: str, kind: str) -> dict[str, Any]:
        """Take an address off a list, and look whether it is gone. See EmailWriter."""
        with before_writing():
            if kind not in RELEASED:
                raise only_bounces(kind)
            path = f"/v3/suppression/{RELEASED[kind]}/{quote(address, safe='')}"
            if not self._http.get(path, kind=list).body:
                return made(RELEASED[kind], "released", already=True)
        what = "the address is released"
        lost = lost_of(partial(self._writing.write, "DELETE", path, kind=object), over=(GONE,))
        with reading_back(what):
            left = self._http.get(path, kind=list).body
        need(not left, what, "SendGrid's list still has it.", lost, "email.still_suppressed")
        return made(RELEASED[kind], "released", already=False)

    def allow(self, address: str) -> dict[str, Any]:
        """
        Add an address to the allowlist, which SendGrid takes as a whole: read, merged, written, read back.

        SendGrid has no versions: an entry that somebody adds between the read and the write is lost, and cannot be
        noticed; one that is taken away afterwards is. Raises Refused where the list is switched off.
        """
        with before_writing():
            enabled, before = self._allowlist()
            if not enabled:
                raise _switched_off()
            if address in _plain(before):
                return made(ALLOWED, "allowed", already=True)
        what, body = "the address is allowed", {"enabled": enabled, "list": [*before, address]}
        lost = lost_of(partial(self._writing.write, "PATCH", ALLOWLIST, body))
        with reading_back(what):
            after = _plain(self._allowlist()[1])
        need(address in after, what, "SendGrid's list does not have it.", lost, "email.not_allowed")
        if gone := len(_plain(before) - after):
            says = f"The address is allowed, and {gone} other entries of SendGrid's list are gone."
            hint = "Compare the list in SendGrid's settings with who else changes it, and put back what is missing."
            raise unverified(says, "email.entries_lost", hint=hint)
        return made(ALLOWED, "allowed", already=False)

    def _allowlist(self) -> tuple[bool, list[str]]:
        answer = self._http.get(ALLOWLIST)
        with self._http.reading(answer):
            return bool(answer.body["enabled"]), [str(each) for each in answer.body["list"]]


def _body(message: Mapping[str, str], reference: str, sender: str) -> dict[str, Any]:
    """A mail as SendGrid takes it."""
    name, address = parseaddr(sender)
    kind = "text/html" if message["body"].lstrip().startswith("<") else "text/plain"
    return {
        "personalizations": [{"to": [{"email": message["to"]}]}],
        "from": {"email": address, **({"name": name} if name else {})},
        "subject": message["subject"],
        "content": [{"type": kind, "value": message["body"]}],
        "categories": [reference],
    }


def _plain(entries: list[str]) -> set[str]:
    """Entries as they are compared: letters and spaces do not count."""
    return {each.strip().lower() for each in entries}


def _switched_off() -> Refused:
    says = "SendGrid's allowlist is switched off, so that an entry would have no effect; nothing was done."
    hint = "Have it switched on in SendGrid's mail settings if all of its entries are meant, then run it again."
    return Refused(says, code="email.allowlist_off", hint=hint, source="email")
