"""Everything outside the house that may be changed; the door to which only `apply` has the key."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from peakops.errors import NotConfigured, TimedOut
from peakops.settings import Settings, WriteKeys

if TYPE_CHECKING:
    from peakops.sources.database_writer import DatabaseWriter, Statement
    from peakops.sources.stripe_writer import StripeWriter

WRITE_SECONDS = 20.0
"""What one write may take: it is not cut short by a time limit that the looks have used up."""
FOREVER_SECONDS = 3600.0
"""Longer than any plan: each call has its own time limit, see _heard."""
T = TypeVar("T")


class Writers:
    """The writers, by name, with the credentials that write."""

    def __init__(self, settings: Settings, keys: WriteKeys) -> None:
        self._settings, self._keys = settings, keys

    def commit(self, statements: "Sequence[Statement]") -> list[list[dict[str, Any]]]:
        """Named writes in one transaction; see DatabaseWriter.commit. Raises TimedOut where nothing is heard of it."""
        return self._heard(lambda: self.database.commit(statements))

    def rows(self, query: str, **params: Any) -> tuple[Mapping[str, Any], ...]:
        """A named query under the role that writes: what it may see is what it may compare with."""
        return self._heard(lambda: self.database.rows(query, **params).rows)

    def call(self, call: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One of Stripe's writes; see StripeWriter. Raises TimedOut where nothing is heard of it."""
        made: Mapping[str, Any] = self._heard(lambda: getattr(self._stripe(), call)(**params), "stripe")
        return made

    def _heard(self, work: Callable[[], T], source: str = "database") -> T:
        """
        What `work` brings, in a thread of its own: a pooler that went mute keeps a socket waiting for ever, and so
        does an answer that comes byte by byte.

        The database's connection is given up then, so that the next call has a new one.
        """
        heard: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def run() -> None:
            try:
                heard.put((work(), None))
            except BaseException as wrong:  # noqa: BLE001  (it is raised where it is waited for)
                heard.put((None, wrong))

        threading.Thread(target=run, daemon=True).start()
        try:
            brought, wrong = heard.get(timeout=WRITE_SECONDS)
        except Empty:
            self.__dict__.pop("database", None)
            says = f"Nothing was heard of a write within {WRITE_SECONDS:.0f} s."
            raise TimedOut(says, code=f"{source}.timeout", source=source) from None
        if wrong:
            raise wrong
        return brought  # type: ignore[return-value]  # without an error it is what work brought

    @cached_property
    def database(self) -> "DatabaseWriter":
        """The portal's database under the role that may write."""
        from peakops.sources.database_writer import DatabaseWriter

        settings, deadline = self._settings, time.monotonic() + FOREVER_SECONDS
        return DatabaseWriter(self._keys.database_url, ca=settings.database_ca, now=settings.now(), deadline=deadline)

    def _stripe(self) -> "StripeWriter":
        """Stripe with the key that may write, and the time of one write."""
        from peakops.sources.stripe_writer import StripeWriter

        if not self._keys.stripe_key:
            raise NotConfigured("PEAKOPS_STRIPE_WRITE_KEY is not set.", code="stripe.no_write_key")
        deadline = time.monotonic() + WRITE_SECONDS
        return StripeWriter(self._keys.stripe_key, url=self._settings.stripe_url, deadline=deadline)
