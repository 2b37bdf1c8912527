"""The portal's pages as the doctor asks for them: one visit, of which only the answer counts."""

import time
from urllib.parse import urlsplit

from peakops.endpoints import shown
from peakops.errors import PeakopsError, Unreachable
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.http import soon
from peakops.sources.pages_walk import Visitor


class PortalProbe:
    """One page, fetched once, after at most five redirects."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        """Raises NotConfigured where the cookie is none that can be sent."""
        self._visitor, self._until = Visitor(settings), soon(deadline)

    def answer(self, *, url: str) -> Brought:
        """The status of the answer, the address that it came from, and how long it took (ms). Raises Unreachable."""
        begun = time.monotonic()
        walk = self._visitor.walk(url, self._until)
        if walk.heard is None:
            raise _silent(walk.ended or "silence", urlsplit(url).hostname or "")
        took = round((time.monotonic() - begun) * 1000)
        row = {"url": shown(walk.url), "status": walk.heard.status, "took_ms": took}
        return Brought(rows=(row,), single=True, asked="GET of PEAKOPS_PORTAL_URL")


def _silent(why: str, host: str) -> PeakopsError:
    hint = "Compare PEAKOPS_PORTAL_URL with the address that people open, then: peakops perf page /"
    return Unreachable(f"The portal at {host} does not answer ({why}).", code="pages.silent", hint=hint, source="pages")
