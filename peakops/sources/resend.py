"""Resend, read only: its suppression list, and what became of a mail."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from peakops.errors import Denied, NotFound, PeakopsError, Unauthenticated
from peakops.model import Brought
from peakops.sources.email_key import opened
from peakops.sources.http_errors import Answer, Api
from peakops.sources.http_rows import brought, nothing
from peakops.sources.moments import moment

KEY = "PEAKOPS_RESEND_API_KEY"
ORIGINS = {"bounce": "bounce", "complaint": "spam_report", "manual": "unsubscribe"}
"""Resend's reasons for a suppression, in the words of peakops; one by hand was asked for by somebody."""
BY_HAND = "Put on Resend's list by hand."
PAGE = 100
MOST_PAGES = 5
"""Resend's list cannot be filtered: more than 500 mails since a moment are cut, and the look says so."""
SENDING = "email.sending_key"
Ask = Callable[[], Answer]


class Resend:
    """The looks at Resend."""

    def __init__(self, key: str | None, *, url: str, deadline: float) -> None:
        api = Api(
            source="email",
            title="Resend",
            key=KEY,
            address="PEAKOPS_RESEND_URL",
            page="https://resend-status.com",
            refusal=_refusal,
        )
        self._http = opened(api, key, url=url, deadline=deadline)

    def suppressions(self, email: str) -> Brought:
        """Whether an address is on Resend's list."""
        asked = "GET /suppressions by address"
        try:
            answer = self._http.get(f"/suppressions/{quote(email, safe='')}")
        except NotFound as absent:
            return _absent(absent, asked)
        with self._http.reading(answer):
            row = {
                "kind": ORIGINS[answer.body["origin"]],
                "email": answer.body["email"],
                "reason": BY_HAND if answer.body["origin"] == "manual" else None,
                "created": moment(answer.body.get("created_at")),
                "provider": "resend",
            }
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
            row = _mail(answer.body, email)
        return brought([answer], [row], asked)

    def _to(self, email: str, since: datetime) -> Brought:
        answers: list[Answer] = []
        rows: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = self._http.get("/emails", {"limit": PAGE, **after})
            answers.append(answer)
            with self._http.reading(answer):
                page = [_mail(each, email) for each in answer.body["data"]]
                ended = not page or not answer.body["has_more"] or page[-1]["at"] < since
            rows += [each for each in page if each["to"].lower() == email and each["at"] >= since]
            if ended:
                return brought(answers, rows, "GET /emails, those to the address")
            after = {"after": page[-1]["id"]}
        note = f"Only the newest {MOST_PAGES * PAGE} mails to anybody were read."
        return brought(answers, rows, "GET /emails, those to the address", notes=(note,))

    def scopes(self) -> Brought:
        """What the key may do, which only shows in what is refused to it."""
        refused, lists = self._tried(lambda: self._http.get("/suppressions", {"limit": 1}))
        also_refused, emails = self._tried(lambda: self._http.get("/emails", {"limit": 1}))
        row = {
            "provider": "resend",
            "scopes": ["sending_access" if refused and also_refused else "full_access"],
            "can_read_suppressions": not refused,
            "can_read_messages": not also_refused,
        }
        return brought([*lists, *emails], [row], "GET /suppressions and GET /emails", single=True)

    def _tried(self, ask: Ask) -> tuple[bool, list[Answer]]:
        """Whether a request is refused because the key may only send, and its answer where it is not."""
        try:
            return False, [ask()]
        except Denied as wrong:
            if wrong.code != SENDING:
                raise
            return True, []


def _refusal(answer: Answer) -> PeakopsError | None:
    """What Resend's `name` of an error means; the key's faults come under 401 and 403 alike."""
    name = answer.body.get("name") if isinstance(answer.body, dict) else None
    match name:
        case "restricted_api_key":
            hint = f"Set {KEY} to a key with full access."
            return Denied("The Resend key may only send mails, and read nothing.", code=SENDING, hint=hint)
        case "invalid_api_key" | "missing_api_key":
            says = "Resend does not accept the key."
            return Unauthenticated(says, code="email.invalid_key", hint=f"Check {KEY}.")
        case "not_found" if "endpoint" not in str(answer.body.get("message")):
            return NotFound("Resend does not have it.", code=_ABSENT)
    return None


_ABSENT = "email.absent"
"""Resend has the endpoint and not the object; a 404 without that is no answer to the question."""


def _absent(wrong: NotFound, asked: str) -> Brought:
    if wrong.code != _ABSENT:
        raise wrong
    return nothing(asked, wrong.request_id)


def _mail(found: Mapping[str, Any], email: str | None) -> dict[str, Any]:
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
    }
