"""Everything outside the house that may be read; a source is opened by the first look that needs it."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from peakops.model import Brought
from peakops.settings import Settings

if TYPE_CHECKING:
    from peakops.sources.database import Database
    from peakops.sources.stripe import Stripe


class Sources:
    """The readers, by name. `deadline` is a moment of the monotonic clock that no call may outlive."""

    def __init__(self, settings: Settings, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline
        self._opening = {"database": threading.Lock(), "stripe": threading.Lock()}

    def read(self, source: str, call: str, params: dict[str, Any]) -> Brought:
        """One call of one source. Raises PeakopsError when the source does not answer it."""
        with self._opening[source]:
            opened = getattr(self, source)
        brought: Brought = getattr(opened, call)(**params)
        return brought

    @cached_property
    def database(self) -> "Database":
        """PostgreSQL; importing its driver takes a fifth of a second."""
        from peakops.sources.database import Database

        settings = self._settings
        return Database(settings.database_url, ca=settings.database_ca, now=settings.now(), deadline=self._deadline)

    @cached_property
    def stripe(self) -> "Stripe":
        """Stripe; importing its SDK takes a fifth of a second."""
        from peakops.sources.stripe import Stripe

        settings = self._settings
        return Stripe(settings.stripe_api_key, url=settings.stripe_url, now=settings.now(), deadline=self._deadline)
