"""Resend, to change: a mail's reference is its idempotency key, under which it goes out once in 24 hours."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from peakops.errors import PeakopsError, Refused, before_writing
from peakops.sources import email_errors
from peakops.sources.email_errors import ABSENT, SENDING_ONLY, unless
from peakops.sources.email_key import RESEND_WRITE_KEY, opened
from peakops.sources.email_outcome import lost_of, made, need, only_bounces, reading_back, unsure
from peakops.sources.http import Http
from peakops.sources.http_errors import timed_out
from peakops.sources.patience import LEAST_WRITE_S

SPARE_S = 8.0
"""What is kept of the time of a write for asking again, should its answer be lost."""
PAUSES_S = (0.5, 1.0, 2.0)
"""Before a mail is asked for again under its key."""
NEWEST = 100
"""The mails among which one that is found is known to have been sent before."""
TAG = "peakops"
BOUNCE = "bounce"
LIST = "suppressions"
"""What stands in the journal for an entry that is gone, whose id is not known."""


class ResendWriter:
    """The writes at Resend."""

    def __init__(self, key: str | None, *, url: str, deadline: float) -> None:
        self._api = email_errors.resend(RESEND_WRITE_KEY)
        self._http = opened(self._api, key, url=url, deadline=deadline)
        self._writing = opened(self._api, key, url=url, deadline=deadline - SPARE_S)
        self._last_write = deadline - SPARE_S - LEAST_WRITE_S

    def send(self, message: Mapping[str, str], reference: str, sender: str) -> dict[str, Any]:
        """Send a mail under its reference: Resend answers with the id of the first one. See EmailWriter."""
        body = _body(message, reference, sender)
        with before_writing():
            before = self._newest()
            if time.monotonic() > self._last_write:
                raise timed_out(self._api)
        id = self._sent(body, reference)
        return made(id, "found" if id in before else "sent", already=id in before)

    def _newest(self) -> frozenset[str]:
        """The ids of the newest mails; none where the key may only send, which is enough for that."""
        answer = unless(SENDING_ONLY, lambda: self._http.get("/emails", {"limit": NEWEST}))
        if answer is None:
            return frozenset()
        with self._http.reading(answer):
            return frozenset(str(each["id"]) for each in answer.body["data"])

    def _sent(self, body: Mapping[str, Any], reference: str) -> str:
        """The mail's id. Where the first answer is lost the same is asked again, which is safe; raises what is open."""
        try:
            return _posted(self._writing, body, reference)
        except PeakopsError as wrong:
            if wrong.nothing_done:
                raise
            lost = last = wrong
        for pause in PAUSES_S:
            time.sleep(pause)
            try:
                return _posted(self._http, body, reference)
            except PeakopsError as wrong:
                last = wrong
        why = f"it was asked for again under the same key, which sends no second one: {last.says}"
        raise unsure("the mail was sent", why, lost) from lost

    def release(self, address: str, kind: str) -> dict[str, Any]:
        """Take an address off the list, and look whether it is gone. See EmailWriter."""
        with before_writing():
            if kind != BOUNCE:
                raise only_bounces(kind)
            path = f"/suppressions/{quote(address, safe='')}"
            found = self._listed(path)
            if found is None:
                return made(LIST, "released", already=True)
            if found["origin"] != BOUNCE:
                raise only_bounces(found["origin"])
        # By its id, so that a complaint that takes its place meanwhile is not lifted.
        entry = f"/suppressions/{quote(found['id'], safe='')}"
        what = "the address is released"
        lost = lost_of(partial(self._writing.write, "DELETE", entry), over=(ABSENT,))
        with reading_back(what):
            left = self._listed(path)
        need(left is None, what, "Resend's list still has it.", lost, "email.still_suppressed")
        return made(found["id"], "released", already=False)

    def _listed(self, path: str) -> dict[str, str] | None:
        """The entry of an address; None where Resend says that there is none."""
        answer = unless(ABSENT, lambda: self._http.get(path))
        if answer is None:
            return None
        with self._http.reading(answer):
            if not answer.body["id"]:
                raise ValueError("an entry without an id")
            return {name: str(answer.body[name]) for name in ("id", "origin")}

    def allow(self, address: str) -> dict[str, Any]:  # noqa: ARG002  (as SendGrid's)
        """Resend has no allowlist. Raises Refused."""
        with before_writing():
            says = "Resend has no allowlist: it sends to every address that is not suppressed."
            hint = "Lift a bounce instead: peakops notify release"
            raise Refused(says, code="email.no_allowlist", hint=hint, source="email")


def _posted(http: Http, body: Mapping[str, Any], reference: str) -> str:
    answer = http.write("POST", "/emails", body, headers={"Idempotency-Key": reference})
    with http.reading(answer):
        return str(answer.body["id"])


def _body(message: Mapping[str, str], reference: str, sender: str) -> dict[str, Any]:
    """A mail as Resend takes it."""
    kind = "html" if message["body"].lstrip().startswith("<") else "text"
    return {
        "from": sender,
        "to": [message["to"]],
        "subject": message["subject"],
        kind: message["body"],
        "tags": [{"name": TAG, "value": reference}],
    }
