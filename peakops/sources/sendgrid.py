"""SendGrid, read only: its five lists of addresses, and its log of mails."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from peakops.errors import Denied, NotFound, PeakopsError
from peakops.model import Brought
from peakops.sources.email_key import opened
from peakops.sources.http_errors import Answer, Api
from peakops.sources.http_rows import brought, nothing
from peakops.sources.moments import moment
from peakops.sources.threads import at_once

KEY = "PEAKOPS_SENDGRID_API_KEY"
LISTS = {"bounces": "bounce", "blocks": "block", "spam_reports": "spam_report", "invalid_emails": "invalid_email"}
"""SendGrid's lists, and what peakops calls being on one."""
MOST = 1000
"""The most that one search brings; it has no second page."""
KEPT = "SendGrid's log goes back 30 days."
MARKS = ("reason", "response")
"""Where an event of a mail says why: of a bounce and a drop the first, of a deferral the second."""
READ_ANY_LIST = "suppression.read"
READ_LISTS = tuple(f"suppression.{each}.read" for each in (*LISTS, "unsubscribes"))
READ_LOG = ("email_activity.read", "email_logs.read", "messages.read")
TOLD = ("mail.send", READ_ANY_LIST, *READ_LISTS, *READ_LOG)
"""The scopes that are shown; a key with all of them has hundreds."""


class SendGrid:
    """The looks at SendGrid."""

    def __init__(self, key: str | None, *, url: str, deadline: float) -> None:
        api = Api(
            source="email",
            title="SendGrid",
            key=KEY,
            address="PEAKOPS_SENDGRID_URL",
            page="https://status.sendgrid.com",
            refusal=_refusal,
        )
        self._http = opened(api, key, url=url, deadline=deadline)

    def suppressions(self, email: str) -> Brought:
        """The lists that an address is on; all are asked at once."""
        path = quote(email, safe="")
        ways = [partial(self._http.get, f"/v3/suppression/{name}/{path}", kind=list) for name in LISTS]
        *lists, everything = at_once([*ways, partial(self._http.get, f"/v3/asm/suppressions/global/{path}")])
        rows = [row for kind, answer in zip(LISTS.values(), lists, strict=True) for row in self._listed(kind, answer)]
        if everything.body.get("recipient_email"):
            rows.append(_row("unsubscribe", {"email": email}))
        return brought([*lists, everything], rows, "GET /v3/suppression and /v3/asm/suppressions by address")

    def _listed(self, kind: str, answer: Answer) -> list[dict[str, Any]]:
        with self._http.reading(answer):
            return [_row(kind, each) for each in answer.body]

    def messages(self, email: str | None, since: datetime, id: str | None) -> Brought:
        """
        A mail by its id, else the mails to an address.

        The portal keeps what SendGrid answered when the mail was sent, which is only the beginning of the log's id: so
        where the log does not have the id, it is looked for among the mails to the address.
        """
        if not id:
            return self._to(str(email), since, "")
        try:
            answer = self._http.get(f"/v3/logs/{quote(id, safe='')}")
        except NotFound as absent:
            return self._to(email, since, id) if email else nothing("GET /v3/logs/{id}", absent.request_id)
        with self._http.reading(answer):
            row = _one(answer.body)
        return brought([answer], [row], "GET /v3/logs/{id}", notes=(KEPT,))

    def _to(self, email: str, since: datetime, id: str) -> Brought:
        quoted = email.replace("'", "''")
        moment_of = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        query = f"to_email = '{quoted}' AND sg_message_id_created_at >= TIMESTAMP \"{moment_of}\""
        answer = self._http.search("/v3/logs", {"query": query, "limit": MOST})
        with self._http.reading(answer):
            found = [_summary(each) for each in answer.body["messages"]]
            # An address with a quote in it could have asked for somebody else's.
            rows = [each for each in found if each["to"].lower() == email and each["id"].startswith(id)]
            rows.sort(key=lambda each: each["at"], reverse=True)
        cut = (f"Only {MOST} mails were read.",) if len(found) >= MOST else ()
        return brought([answer], rows, "POST /v3/logs by address", notes=(KEPT, *cut))

    def scopes(self) -> Brought:
        """The scopes of the key that peakops cares about, and whether they suffice."""
        answer = self._http.get("/v3/scopes")
        with self._http.reading(answer):
            has = set(answer.body["scopes"])
        row = {
            "provider": "sendgrid",
            "scopes": [each for each in TOLD if each in has],
            "can_read_suppressions": READ_ANY_LIST in has or has >= set(READ_LISTS),
            "can_read_messages": bool(has & set(READ_LOG)),
        }
        return brought([answer], [row], "GET /v3/scopes", single=True)


def _refusal(answer: Answer) -> PeakopsError | None:
    """A 403 of SendGrid's is a scope that the key lacks; it does not say which."""
    if answer.status != 403:
        return None
    return Denied(
        "The SendGrid key lacks a scope.",
        code="email.permission_denied",
        hint=f"Give the key in {KEY} suppression.read and email_activity.read in SendGrid's settings.",
    )


def _row(kind: str, listed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "email": listed["email"],
        "reason": listed.get("reason") or None,
        "created": moment(listed.get("created")),
        "provider": "sendgrid",
    }


def _summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """A mail as a search shows it."""
    at = moment(found["sg_message_id_created_at"])
    if at is None:
        raise ValueError("a mail without a time")
    return _mail(found, found.get("reason"), at)


def _one(found: Mapping[str, Any]) -> dict[str, Any]:
    """A mail as its own page shows it: with what happened to it instead of a reason and a time."""
    events = sorted(found["events"], key=lambda each: each["timestamp"])
    reasons = [each[mark] for each in events for mark in MARKS if each.get(mark)]
    return _mail(found, reasons[-1] if reasons else None, moment(events[0]["timestamp"]) if events else None)


def _mail(found: Mapping[str, Any], reason: str | None, at: datetime | None) -> dict[str, Any]:
    return {
        "id": found["sg_message_id"],
        "to": found["to_email"],
        "status": found["status"],
        "reason": reason or None,
        "at": at,
        "provider": "sendgrid",
    }
