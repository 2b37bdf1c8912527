"""
The sources as the doctor asks them: about themselves, and what the credentials may do there.

Each is imported by the first look at it, so that the slowest answer is waited for while the others are imported.
"""

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from peakops.settings import Settings, WriteKeys
from peakops.sources import Sources

if TYPE_CHECKING:
    from peakops.sources.database_probe import DatabaseProbe
    from peakops.sources.portal_probe import PortalProbe
    from peakops.sources.stripe_probe import StripeProbe
    from peakops.sources.writing_probe import WritingProbe


class Probes(Sources):
    """The readers by name, four of which know more of themselves; see `peakops.sources.probing`."""

    def __init__(self, settings: Settings, keys: WriteKeys, deadline: float, folder: Path) -> None:
        # What is waited for longest is asked first: once all looks run, their imports hold each other up.
        from peakops.sources import http  # noqa: F401

        super().__init__(settings, deadline, folder)
        self._keys = keys
        self._opening["writing"] = threading.Lock()

    @cached_property
    def database(self) -> "DatabaseProbe":
        """PostgreSQL under the role that reads."""
        from peakops.sources.database_probe import DatabaseProbe

        settings = self._settings
        return DatabaseProbe(
            settings.database_url, ca=settings.database_ca, now=settings.now(), deadline=self._deadline
        )

    @cached_property
    def stripe(self) -> "StripeProbe":
        """Stripe with the key that reads."""
        from peakops.sources.stripe_probe import StripeProbe

        return StripeProbe(self._settings, deadline=self._deadline)

    @cached_property
    def pages(self) -> "PortalProbe":  # type: ignore[override]  # the doctor asks it for an answer alone
        """The portal's pages."""
        from peakops.sources.portal_probe import PortalProbe

        return PortalProbe(self._settings, deadline=self._deadline)

    @cached_property
    def writing(self) -> "WritingProbe":
        """The credentials that write."""
        from peakops.sources.writing_probe import WritingProbe

        return WritingProbe(self._settings, self._keys, deadline=self._deadline)
