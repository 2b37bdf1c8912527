"""Stripe's lists as a stream, newest first: read in parallel windows of time, each as wide as the list is dense."""

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from peakops.errors import PeakopsError, RateLimited, TimedOut
from peakops.model import Batch, Row
from peakops.sources.rate import Ceiling
from peakops.sources.stripe_calls import KINDS, PAGE, Calls
from peakops.sources.stripe_errors import unreadable
from peakops.sources.stripe_fields import CHARGE_FIELDS, DISPUTE_FIELDS, INTENT_FIELDS, REFUND_FIELDS, row, whole

CREW = 12
"""Requests that may be under way at once: enough for 100 a second at 0.1 s each, or 20 a second at 0.6 s."""
MOST_WAITING = 32
"""Pages that may wait to be taken; then the crew waits too, so that memory stays as it is."""
WIDEST = 10
"""Pages in a window, at most; the first windows are narrower, so that the newest are whole soon."""
SHORT = 20
"""Words up to this length recur (succeeded, usd, visa), and are kept once."""

FIELDS = {
    "payment_intents": INTENT_FIELDS,
    "charges": CHARGE_FIELDS,
    "refunds": REFUND_FIELDS,
    "disputes": DISPUTE_FIELDS,
}
PARENTS = {"payment_intent": "payment_intents", "charge": "charges"}
"""What an object hangs on, expanded in its list: that may be older than all that is listed."""


@dataclass(frozen=True, kw_only=True)
class _Window:
    """A part of one list that is still to be read, in Unix seconds, both inclusive."""

    kind: str
    first: int
    last: int
    after: str | None = None
    """The id of the last object that was read of it."""

    @property
    def seconds(self) -> int:
        return self.last - self.first + 1


@dataclass
class _State:
    """What the crew shares; its lock guards all of it."""

    lock: threading.Condition = field(default_factory=threading.Condition)
    waiting: list[_Window] = field(default_factory=list)
    asked: list[_Window] = field(default_factory=list)
    pages: deque[Batch | None] = field(default_factory=deque)
    density: dict[str, float] = field(default_factory=dict)
    """Objects a second, by list, as lately seen."""
    taken: int = 0
    over: bool = False


class Windows:
    """The lists of one run. `rate` is in requests a second, `deadline` a moment of the monotonic clock."""

    def __init__(self, calls: Calls, *, rate: float, deadline: float) -> None:
        self._calls, self._deadline = calls, deadline
        self._ceiling = Ceiling(rate)

    def stream(self, since: datetime, until: datetime, kinds: tuple[str, ...] = tuple(FIELDS)) -> Iterator[Batch]:
        """
        Every object made from `since` to `until`, page by page; the crew begins at once.

        `down_to` of a batch says that all that was made from then on has been handed over. A list that fails ends
        with its error, and the others go on. Raises TimedOut.
        """
        state, since_s = _State(), int(since.timestamp())
        state.waiting = [_Window(kind=kind, first=since_s, last=int(until.timestamp())) for kind in kinds]
        for _ in range(CREW):
            threading.Thread(target=self._work, args=(state, since_s), daemon=True).start()
        return self._handed(state)

    def _handed(self, state: _State) -> Iterator[Batch]:
        try:
            while (batch := self._next(state)) is not None:
                yield batch
        finally:
            with state.lock:
                state.over = True
                state.lock.notify_all()

    def _next(self, state: _State) -> Batch | None:
        with state.lock:
            left = self._deadline - time.monotonic()
            if not state.lock.wait_for(lambda: state.pages, timeout=max(0.0, left)):
                raise TimedOut(
                    "Stripe's lists could not be read to their end before the time limit.",
                    code="stripe.timeout",
                    hint="Give more time with --timeout, or a later --since.",
                    source="stripe",
                )
            state.lock.notify_all()
            return state.pages.popleft()

    def _work(self, state: _State, since: int) -> None:
        while self._wanted(state):
            self._ceiling.wait()
            with state.lock:
                window = _taken(state)
            if window:
                self._read(state, window, since)

    def _wanted(self, state: _State) -> bool:
        """Wait until there is something to read and room for it; False when all is read, or nobody wants it."""
        with state.lock:
            ready = lambda: state.over or bool(state.waiting and len(state.pages) < MOST_WAITING)  # noqa: E731
            left = max(0.0, self._deadline - time.monotonic())
            return state.lock.wait_for(ready, timeout=left) and not state.over

    def _read(self, state: _State, window: _Window, since: int) -> None:
        try:
            bodies, more = self._page(window)
        except RateLimited as wrong:
            self._ceiling.lower(wrong.retry_after_s)
            with state.lock:
                state.asked.remove(window)
                state.waiting.append(window)
                state.lock.notify_all()
            return
        except PeakopsError as wrong:
            with state.lock:
                state.asked.remove(window)
                state.waiting = [each for each in state.waiting if each.kind != window.kind]
                _hand(state, Batch(name=window.kind, error=wrong), since)
            return
        older = _parents_before(bodies, since)
        rows = tuple(_compact(each, window.kind) for each in bodies)
        with state.lock:
            state.asked.remove(window)
            state.waiting += _rest(state, window, rows, more)
            for kind, found in older.items():
                state.pages.append(Batch(name=kind, rows=tuple(_compact(each, kind) for each in found)))
            _hand(state, Batch(name=window.kind, rows=rows), since)

    def _page(self, window: _Window) -> tuple[list[dict[str, Any]], bool]:
        given: dict[str, Any] = {"limit": PAGE, "created": {"gte": window.first, "lte": window.last}}
        names = [each for each in PARENTS if each in FIELDS[window.kind]]
        if names:
            given["expand"] = [f"data.{each}" for each in names]
        if window.after:
            given["starting_after"] = window.after
        body = self._calls.plain(f"/v1/{window.kind}", given)
        data = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(data, list) or not all(whole(each, KINDS[window.kind]) for each in data):
            raise unreadable(f"it is no list of {window.kind}")
        return data, bool(body.get("has_more")) and bool(data)


def _taken(state: _State) -> _Window | None:
    """The newest part that waits, no wider than its list is dense; what is left of it waits on."""
    if not state.waiting:
        return None
    newest = max(state.waiting, key=lambda each: each.last)
    state.waiting.remove(newest)
    width = _width(state, newest.kind)
    if width and not newest.after and newest.seconds > width + width // 2:
        state.waiting.append(replace(newest, last=newest.last - width))
        newest = replace(newest, first=newest.last - width + 1)
    state.taken += 1
    state.asked.append(newest)
    return newest


def _width(state: _State, kind: str) -> int | None:
    """How many seconds of a list make a window; None before anything of it was seen."""
    density = state.density.get(kind)
    pages = min(WIDEST, 4 + state.taken // CREW)
    return None if density is None else max(1, int(pages * PAGE / max(density, 1e-9)))


def _rest(state: _State, window: _Window, rows: tuple[Row, ...], more: bool) -> list[_Window]:
    """What is still to be read of a window; what is older than the list's density lets expect is anyone's."""
    reached = int(rows[-1]["created"].timestamp()) if more else window.first
    seen = len(rows) / max(1, window.last - reached + (not more))
    state.density[window.kind] = (state.density.get(window.kind, seen) + seen) / 2
    if not more:
        return []
    rest = replace(window, last=reached, after=str(rows[-1]["id"]))
    width = _width(state, window.kind)
    if width is None or rest.seconds <= 2 * width:
        return [rest]
    return [replace(rest, first=reached - width + 1), _Window(kind=rest.kind, first=rest.first, last=reached - width)]


def _hand(state: _State, batch: Batch, since: int) -> None:
    """Put a batch where it is taken from, with how far all lists have come; after the last one comes None."""
    unread = [*state.waiting, *state.asked]
    down_to = max((each.last + 1 for each in unread), default=since)
    state.pages.append(replace(batch, down_to=datetime.fromtimestamp(down_to, UTC)))
    if not unread:
        state.pages.append(None)
        state.over = True
    state.lock.notify_all()


def _parents_before(bodies: list[dict[str, Any]], since: int) -> dict[str, list[dict[str, Any]]]:
    """What the objects hang on and no list will bring, since it is older; each object then names it by its id."""
    older: dict[str, list[dict[str, Any]]] = {}
    for body in bodies:
        for name, kind in PARENTS.items():
            parent = body.get(name)
            if isinstance(parent, Mapping):
                body[name] = parent["id"]
                if whole(parent, KINDS[kind]) and parent["created"] < since:
                    older.setdefault(kind, []).append(dict(parent))
    return older


def _compact(body: Mapping[str, Any], kind: str) -> Row:
    found = row(body, FIELDS[kind])
    return {
        key: sys.intern(value) if value.__class__ is str and len(value) < SHORT else value
        for key, value in found.items()
    }
