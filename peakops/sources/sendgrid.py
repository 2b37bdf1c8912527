"""SendGrid's people, read only: its lists of addresses, and its log of mails."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from peakops.errors import Denied, NotFound
from peakops.model import Brought
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought
from peakops.sources.moments import moment
from peakops.sources.smtp_codes import hard
from peakops.sources.threads import at_once

LISTS = {"bounces": "bounce", "blocks": "block", "spam_reports": "spam_report", "invalid_emails": "invalid_email"}
"""SendGrid's lists, and what peakops calls being on one."""
MOST = 1000
"""The most that one search brings; it has no second page."""
KEPT = "SendGrid's log goes back 30 days."
NO_GROUPS = "The unsubscribe groups could not be read: the SendGrid key lacks asm.groups.suppressions.read."
MARKS = ("reason", "response")
"""Where an event of a mail says why: of a bounce and a drop the first, of a deferral the second."""
REFUSED = ("bounced", "blocked", "deferred")
"""The statuses whose reason is the receiving server's answer; that of a drop is SendGrid's own."""


class SendGrid:
    """The looks at an address."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def suppressions(self, email: str) -> Brought:
        """The lists that an address is on, and the groups that it left; all are asked at once."""
        path = quote(email, safe="")
        ways = [partial(self._http.get, f"/v3/suppression/{name}/{path}", kind=list) for name in LISTS]
        everything = partial(self._http.get, f"/v3/asm/suppressions/global/{path}")
        *lists, everywhere, groups = at_once([*ways, everything, partial(self._groups, path)])
        rows = [row for kind, answer in zip(LISTS.values(), lists, strict=True) for row in self._listed(kind, answer)]
        with self._http.reading(everywhere):
            if everywhere.body.get("recipient_email"):
                rows.append(entry("unsubscribe", {"email": email}))
        rows += self._left(email, groups)
        asked = "GET /v3/suppression and /v3/asm/suppressions by address"
        notes = (NO_GROUPS,) if groups.body is None else ()
        return brought([*lists, everywhere, groups], rows, asked, notes=notes)

    def _groups(self, path: str) -> Answer:
        """The groups of an address; without a body where the key may not read them, which is a right of its own."""
        try:
            return self._http.get(f"/v3/asm/suppressions/{path}")
        except Denied as refused:
            return Answer(status=refused.http_status)

    def _listed(self, kind: str, answer: Answer) -> list[dict[str, Any]]:
        with self._http.reading(answer):
            return [entry(kind, each) for each in answer.body]

    def _left(self, email: str, answer: Answer) -> list[dict[str, Any]]:
        """A row for each group that an address left: SendGrid drops those mails only that name the group."""
        if answer.body is None:
            return []
        with self._http.reading(answer):
            left = [each for each in answer.body["suppressions"] if each["suppressed"]]
            return [entry("group_unsubscribe", {"email": email, "reason": each["name"]}) for each in left]

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
        except NotFound:
            # The search tells a mail that is not there from a log that is not.
            if email:
                return self._to(email, since, id)
            return self._searched(f"sg_message_id = {text(id)}", "POST /v3/logs by id")
        with self._http.reading(answer):
            row = _one(answer.body)
        return brought([answer], [row], "GET /v3/logs/{id}", notes=(KEPT,))

    def _to(self, email: str, since: datetime, id: str) -> Brought:
        query = f"to_email = {text(email)} AND sg_message_id_created_at >= {timestamp(since)}"
        return self._searched(query, "POST /v3/logs by address", email, id)

    def tagged(self, reference: str, email: str | None) -> Brought:
        """The mails of a category, newest first, which peakops makes of each resend's reference."""
        found = self._searched(f"categories IN ({text(reference)})", "POST /v3/logs by category", email)
        return replace(found, rows=tuple({**each, "reference": reference} for each in found.rows))

    def _searched(self, query: str, asked: str, email: str | None = None, id: str = "") -> Brought:
        answer = self._http.search("/v3/logs", {"query": query, "limit": MOST})
        with self._http.reading(answer):
            found = [summary(each) for each in answer.body["messages"]]
            # An address with a quote in it could have asked for somebody else's.
            wanted = [each for each in found if email is None or each["to"].lower() == email]
            rows = [each for each in wanted if each["id"].startswith(id)]
            rows.sort(key=lambda each: each["at"], reverse=True)
        cut = (f"Only {MOST} mails were read.",) if len(found) >= MOST else ()
        return brought([answer], rows, asked, notes=(KEPT, *cut))


def text(value: str) -> str:
    """A text as SendGrid's queries quote it."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def timestamp(at: datetime) -> str:
    """A moment, likewise."""
    return f'TIMESTAMP "{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'


def entry(kind: str, listed: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `suppressions`, of an entry of the list of this kind."""
    return {
        "kind": kind,
        "email": listed["email"],
        "reason": listed.get("reason") or None,
        "created": moment(listed.get("created")),
        "provider": "sendgrid",
        "hard": _hard(kind, listed),
    }


def _hard(kind: str, listed: Mapping[str, Any]) -> bool | None:
    """Whether the address is at fault for good; a block is of one mail, and what is no address never takes one."""
    match kind:
        case "bounce":
            return hard(listed.get("status"), listed.get("reason"))
        case "block":
            return False
        case "invalid_email":
            return True
    return None


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
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
    status = found["status"]
    return {
        "id": found["sg_message_id"],
        "to": found["to_email"],
        "status": status,
        "reason": reason or None,
        "at": at,
        "provider": "sendgrid",
        "hard": hard(reason) if status in REFUSED else None,
    }
