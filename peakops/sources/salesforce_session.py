"""One log-in to Salesforce for all that a run asks, and each call behind the shields that the library lacks."""

import copy
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests

from peakops.errors import (
    Locked,
    NotConfigured,
    PeakopsError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unreachable,
    unsent,
)
from peakops.sources.http_errors import timed_out, unreadable
from peakops.sources.patience import LEAST_WRITE_S, RETRIES, jittered, patiently
from peakops.sources.salesforce_door import Door, Straight
from peakops.sources.salesforce_errors import api_for, of_transport, reading, told
from peakops.sources.salesforce_library import Salesforce, SalesforceError
from peakops.sources.salesforce_login import ENDS, Login, log_in

LOCK_TRIES = 3
"""For a write that another change of the same record keeps off; it did nothing."""
BACK_SECONDS = 5.0
"""What a write leaves of its time, to read back what became of it."""
CERTAIN = (300, 400, 401, 403, 404, 405, 410, 415, 429)
"""Refusals of a write before anything is done; a 503 leaves that open."""
ENDED_SESSION = "Bad_OAuth_Token"
"""How the user's own page (userinfo) says with a 403 what all others say with a 401."""
MORE = re.compile(r"/services/data/v[\d.]+/query(All)?/[\w-]+", re.ASCII)
LASTING = (
    "Look in Salesforce's Setup: is the user frozen or inactive, do its IP range and login hours allow this machine, "
    "does the session policy (Session Settings) end its sessions, is the app blocked?"
)
Call = Callable[[Salesforce], Any]


class Session:
    """
    Calls of the library as one user. Raises the errors of peakops.errors only; none holds a secret or an address.

    The threads of a run share it: they log in once. `deadline` is a moment of the monotonic clock.
    """

    def __init__(self, login: Login, *, deadline: float) -> None:
        self.login, self.api = login, api_for(login.secret)
        self.notes = (ENDS,) if login.flow == "password" else ()
        self._deadline = deadline
        self._door = Door(login.url, hosts=login.hosts, deadline=deadline)
        self._straight = Straight(self._door)
        self._opening = threading.Lock()
        self._client: Salesforce | None = None
        self._failed = 0
        self._over: PeakopsError | None = None
        """Why no session is to be had: what refused once is not asked again, which would lock the user."""
        self._untried: Salesforce | None = None
        """The client that was logged in anew and has brought nothing yet: refused, it is not replaced once more."""

    @property
    def usage(self) -> tuple[int, int] | None:
        """The API requests of the day, used and allowed, as the last answer said, be it an error."""
        return self._door.usage

    def log_in(self) -> None:
        """Log in, where that is not done, and ask for nothing."""
        self._opened()

    def ask(self, call: Call) -> Any:
        """What a call that only reads brings; asked again where that may help and the time allows it."""
        return patiently(partial(self._once, call), self._pause, tries=RETRIES + 1, deadline=self._deadline)

    def write(self, call: Call) -> Any:
        """
        What a call that changes something brings: sent once, and again only where another change held the record.

        Errors say `nothing_done` where that is certain.
        """
        self._door.longest = self._deadline - time.monotonic() - BACK_SECONDS
        if self._door.longest < LEAST_WRITE_S:
            raise unsent(timed_out(self.api))
        for attempt in range(LOCK_TRIES):
            try:
                return self._once(call)
            except PeakopsError as wrong:
                wrong.nothing_done |= wrong.http_status in CERTAIN
                pause = jittered(attempt)
                late = time.monotonic() + pause + LEAST_WRITE_S + BACK_SECONDS >= self._deadline
                if not isinstance(wrong, Locked) or attempt == LOCK_TRIES - 1 or late:
                    raise
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def pages(self, soql: str, *, size: int | None = None) -> Iterator[list[dict[str, Any]]]:
        """The records of a query, deleted ones included, page by page as Salesforce cuts them; `size` at most."""
        headers = {"Sforce-Query-Options": f"batchSize={size}"} if size else {}
        found = self.ask(lambda client: client.query(soql, include_deleted=True, headers=headers))
        while True:
            with reading(self.api):
                records, done = list(found["records"]), found["done"]
                more = "" if done else found["nextRecordsUrl"]
                if not done and not (records and MORE.fullmatch(more)):
                    raise ValueError("a page that leads nowhere")
            yield records
            if done:
                return
            found = self.ask(_next(more, headers))

    def _once(self, call: Call) -> Any:
        """A call, and the same again after a new log-in where its session had ended; a refused new one is the end."""
        client = self._opened()
        try:
            return self._told(client, call)
        except PeakopsError as wrong:
            if not _ended(wrong):
                raise
            if client is self._untried:
                raise self._lasting() from wrong
        try:
            return self._told(self._opened(instead=client), call)
        except PeakopsError as wrong:
            if not _ended(wrong):
                raise
            raise self._lasting() from wrong

    def _lasting(self) -> PeakopsError:
        """What ends the run's talk with Salesforce: a session that was made anew is not accepted either."""
        says = "Salesforce does not accept the session, not even a new one."
        over = Unauthenticated(says, code="salesforce.invalid_session_id", hint=LASTING, source="salesforce")
        over.http_status = 401
        self._over = over
        return copy.copy(over)

    def _opened(self, instead: Salesforce | None = None) -> Salesforce:
        """The library's client, logged in to where there is none, or where it is the one that is not accepted."""
        if not self._opening.acquire(timeout=max(0.0, self._deadline - time.monotonic())):
            raise unsent(timed_out(self.api))
        try:
            if self._over:
                raise copy.copy(self._over)
            if self._client is None or self._client is instead:
                self._client = self._logged_in()
                self._untried = self._client if instead else None
            return self._client
        finally:
            self._opening.release()

    def _logged_in(self) -> Salesforce:
        try:
            token = log_in(self.login, self._door, self._straight)
        except PeakopsError as wrong:
            self._failed += 1
            # The looks of a run share this: each of them trying again would make it a storm.
            if isinstance(wrong, Unauthenticated | NotConfigured | RateLimited) or self._failed > RETRIES:
                self._over = wrong
            raise unsent(wrong) from wrong.__cause__
        self._failed = 0
        # Given no more than this, the library logs in no second time by itself: that would not end.
        return Salesforce(
            session_id=token, instance=self.login.host, version=self.login.version, session=self._straight
        )

    def _told(self, client: Salesforce, call: Call) -> Any:
        """What a call brings. Raises for every answer but a good one."""
        try:
            brought = call(client)
        except SalesforceError:
            raise self._refused() from None
        except requests.JSONDecodeError:
            raise unreadable(self.api, self._door.answer, "it is no JSON") from None
        except requests.RequestException as wrong:
            raise of_transport(self.api, wrong) from None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise unreadable(self.api, self._door.answer, "it is of another kind") from None
        if not 200 <= self._door.answer.status < 300:
            raise self._refused()
        if client is self._untried:
            self._untried = None
        return brought

    def _refused(self) -> PeakopsError:
        wrong = told(self.api, self._door.answer)
        if isinstance(wrong, RateLimited) and self.usage:
            wrong.says += " {:,} of {:,} are used.".format(*self.usage)
        return wrong

    def _pause(self, wrong: PeakopsError, attempt: int) -> float | None:
        """How long to wait before asking again; None where that is no use."""
        passing = isinstance(wrong, Unreachable | TimedOut) and (not wrong.http_status or wrong.http_status >= 500)
        # A limit with a name is of hours: asking again would only use it up.
        busy = isinstance(wrong, RateLimited) and wrong.code == "salesforce.rate_limited"
        if attempt >= RETRIES or not (passing or busy):
            return None
        late = time.monotonic() + self._door.longest >= self._deadline
        return None if isinstance(wrong, TimedOut) and late else wrong.retry_after_s or jittered(attempt)


def _ended(wrong: PeakopsError) -> bool:
    return wrong.http_status == 401 or wrong.code == f"salesforce.{ENDED_SESSION.lower()}"


def _next(more: str, headers: dict[str, str]) -> Call:
    return lambda client: client.query_more(more, identifier_is_url=True, headers=headers)
