"""The provider's log of mails and its lists of suppressed addresses, read whole and bit by bit: for a sweep."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from peakops.errors import PeakopsError, Unreachable
from peakops.settings import Settings
from peakops.sources import email_key, resend, sendgrid
from peakops.sources.email_errors import SCOPES_OF_PEOPLE
from peakops.sources.http import Http

MOST_MAILS = 100_000
"""Of a run: so many are kept in memory, at some 350 bytes each."""
MOST_ENTRIES = 50_000
"""Of each list of addresses."""
MOST_PAGES = 200
"""Requests for one list; Resend's pages have 100 rows, SendGrid's 500."""
SECOND = timedelta(seconds=1)
ROOM = 2
"""A span of the log is doubled where it is not even filled to this part of a page."""
UNSUBSCRIBED = "unsubscribes"
LISTS = {**sendgrid.LISTS, UNSUBSCRIBED: "unsubscribe"}
SENDGRID_PAGE = 500
PACE_S = 0.2
"""Between two requests to Resend, which takes five a second."""
MAIL = ("id", "to", "status")
"""What a mail of the log is found and judged by."""
Row = dict[str, Any]
Rows = Iterator[Row]


class EmailLists:
    """
    The rows of `Email.messages` and `Email.suppressions`, of everybody.

    Raises what Email raises, also in the middle; and Unreachable with the code email.cut at the end of a list that was
    not read whole.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline

    def mails(self, *, since: datetime) -> Rows:
        """Every mail since a moment, the newest first; none without a provider."""
        match self._settings.email_provider:
            case "sendgrid":
                yield from _logged(self._sendgrid(), since, self._settings.now())
            case "resend":
                yield from _sent(email_key.resend(self._settings, deadline=self._deadline), since)

    def suppressed(self) -> Rows:
        """Every address that the provider does not deliver to; of SendGrid without the groups that somebody left."""
        match self._settings.email_provider:
            case "sendgrid":
                http = self._sendgrid()
                for name, kind in LISTS.items():
                    yield from _listed(http, name, kind)
            case "resend":
                http = email_key.resend(self._settings, deadline=self._deadline)
                yield from _pages(http, "/suppressions", lambda each: [_named(resend.entry(each), "email")])

    def _sendgrid(self) -> Http:
        return email_key.sendgrid(self._settings, SCOPES_OF_PEOPLE, deadline=self._deadline)


def _cut(what: str) -> PeakopsError:
    """What ends a list that goes on."""
    hint = "Take a shorter window, or look at one person: peakops notify check"
    return Unreachable(f"Only {what} were read.", code="email.cut", hint=hint, source="email")


def _logged(http: Http, since: datetime, now: datetime) -> Rows:
    """
    SendGrid's log, which has no second page: span by span, each halved until its mails fit into one answer.

    Raises Unreachable where more came in one second than one answer holds, or in all than is kept.
    """
    until, whole = now + SECOND, True
    span, read = max(until - since, SECOND), 0
    for _ in range(MOST_PAGES):
        if until <= since or read >= MOST_MAILS:
            break
        begin = max(since, until - span)
        page = _between(http, begin, until)
        full = len(page) >= sendgrid.MOST
        if full and until - begin > SECOND:
            span = max((until - begin) / ROOM, SECOND)
            continue
        whole = whole and not full
        yield from page
        until, read = begin, read + len(page)
        span *= ROOM if len(page) * ROOM < sendgrid.MOST else 1
    if until > since:
        raise _cut(f"the newest {read} mails of SendGrid's log")
    if not whole:
        raise _cut(f"{sendgrid.MOST} of the mails of a second of SendGrid's log")


def _between(http: Http, begin: datetime, until: datetime) -> list[Row]:
    """The mails of a span, the newest first; its end is not part of it."""
    created = "sg_message_id_created_at"
    query = f"{created} >= {sendgrid.timestamp(begin)} AND {created} < {sendgrid.timestamp(until)}"
    answer = http.search("/v3/logs", {"query": query, "limit": sendgrid.MOST})
    with http.reading(answer):
        found = [_named(sendgrid.summary(each), *MAIL) for each in answer.body["messages"]]
    return sorted(found, key=lambda each: each["at"], reverse=True)


def _listed(http: Http, name: str, kind: str) -> Rows:
    """One of SendGrid's lists by pages."""
    for offset in range(0, MOST_ENTRIES, SENDGRID_PAGE):
        given = {"limit": SENDGRID_PAGE, "offset": offset}
        answer = http.get(f"/v3/suppression/{name}", given, kind=list)
        with http.reading(answer):
            page = [_named(sendgrid.entry(kind, each), "email") for each in answer.body]
        yield from page
        if len(page) < SENDGRID_PAGE:
            return
    raise _cut(f"{MOST_ENTRIES} addresses of SendGrid's list of {name}")


def _sent(http: Http, since: datetime) -> Rows:
    """Resend's list of mails, a row for each recipient."""
    for each in _pages(http, "/emails", _copies):
        if each["at"] < since:
            return
        yield each


def _copies(found: Row) -> list[Row]:
    return [_named(resend.mail(found, parseaddr(to)[1].lower()), *MAIL) for to in found["to"]]


def _named(row: Row, *fields: str) -> Row:
    """The row, where it has what it is found by. Raises ValueError."""
    if not all(row[each] and isinstance(row[each], str) for each in fields):
        raise ValueError("an entry without an id, an address or a state")
    return row


def _pages(http: Http, path: str, rows_of: Callable[[Row], list[Row]]) -> Rows:
    """A list of Resend's by pages, the newest first; `rows_of` is what is read of an entry."""
    after: dict[str, str] = {}
    for number in range(MOST_PAGES):
        if number:
            time.sleep(PACE_S)
        answer = http.get(path, {"limit": resend.PAGE, **after})
        with http.reading(answer):
            page, more = answer.body["data"], answer.body["has_more"]
            after = {"after": page[-1]["id"]} if page else {}
            rows = [row for each in page for row in rows_of(each)]
        yield from rows
        if not page or not more:
            return
    raise _cut(f"the newest {MOST_PAGES * resend.PAGE} entries of Resend's {path}")
