"""Resend's people, read only: its suppression list, and what became of a mail."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from peakops.errors import NotFound
from peakops.model import Brought
from peakops.sources.email_errors import ABSENT
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought, nothing
from peakops.sources.moments import moment

ORIGINS = {"bounce": "bounce", "complaint": "spam_report", "manual": "unsubscribe"}
"""Resend's reasons for a suppression, in the words of peakops; one by hand was asked for by somebody."""
BY_HAND = "Put on Resend's list by hand."
PAGE = 100
MOST_PAGES = 5
"""Resend's list cannot be filtered: more than 500 mails since a moment are cut, and the look says so."""
NO_TAGS = "Resend cannot be asked for the mails of a tag."


class Resend:
    """The looks at an address. What Resend keeps of a bounce has no code: whether it is for good is not known."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def suppressions(self, email: str) -> Brought:
        """Whether an address is on Resend's list."""
        asked = "GET /suppressions by address"
        try:
            answer = self._http.get(f"/suppressions/{quote(email, safe='')}")
        except NotFound as absent:
            return _absent(absent, asked)
        with self._http.reading(answer):
            row = entry(answer.body)
        return brought([answer], [row], asked)

    def messages(self, email: str | None, since: datetime, id: str | None) -> Brought:
        """A mail by its id, else those to an address: Resend's list has everybody's, and is read back to `since`."""
        if not id:
            return self._to(str(email), since)
        asked = "GET /emails/{id}"
        try:
            answer = self._http.get(f"/emails/{quote(id, safe='')}")
        except NotFound as absent:
            return _absent(absent, asked)
        with self._http.reading(answer):
            row = mail(answer.body, email)
        return brought([answer], [row], asked)

    def _to(self, email: str, since: datetime) -> Brought:
        answers: list[Answer] = []
        rows: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = self._http.get("/emails", {"limit": PAGE, **after})
            answers.append(answer)
            with self._http.reading(answer):
                page = [mail(each, email) for each in answer.body["data"]]
                ended = not page or not answer.body["has_more"] or page[-1]["at"] < since
            rows += [each for each in page if each["to"].lower() == email and each["at"] >= since]
            if ended:
                return brought(answers, rows, "GET /emails, those to the address")
            after = {"after": page[-1]["id"]}
        note = f"Only the newest {MOST_PAGES * PAGE} mails to anybody were read."
        return brought(answers, rows, "GET /emails, those to the address", notes=(note,))

    def tagged(self, reference: str, email: str | None) -> Brought:  # noqa: ARG002  (as SendGrid's)
        """No row: a reference is found at Resend by sending the same mail again, which then goes out once."""
        return Brought(notes=(NO_TAGS,))


def _absent(wrong: NotFound, asked: str) -> Brought:
    if wrong.code != ABSENT:
        raise wrong
    return nothing(asked, wrong.request_id)


def entry(found: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `suppressions`, of an entry of Resend's list."""
    return {
        "kind": ORIGINS[found["origin"]],
        "email": found["email"],
        "reason": BY_HAND if found["origin"] == "manual" else None,
        "created": moment(found.get("created_at")),
        "provider": "resend",
        "hard": None,
    }


def mail(found: Mapping[str, Any], email: str | None) -> dict[str, Any]:
    """A mail without its text; of several recipients, the one that was asked for."""
    recipients = [parseaddr(each)[1] or each for each in found["to"]]
    at = moment(found["created_at"])
    if at is None or not recipients:
        raise ValueError("a mail without a time or a recipient")
    return {
        "id": found["id"],
        "to": next((each for each in recipients if each.lower() == email), recipients[0]),
        "status": found["last_event"],
        "reason": None,
        "at": at,
        "provider": "resend",
        "hard": None,
    }
