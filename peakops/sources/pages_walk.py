"""The first visit: redirects are followed, and the cookie goes to the portal alone."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from peakops import __version__
from peakops.endpoints import is_safe, is_web, shown
from peakops.errors import NotConfigured
from peakops.settings import Settings
from peakops.sources.pages_address import port
from peakops.sources.pages_wire import Heard, Line, Silence

HOPS = 5
REDIRECTS = (301, 302, 303, 307, 308)
SENDABLE = re.compile(r"[ -~]+")
"""What a header may hold."""
BASE = {
    "User-Agent": f"peakops/{__version__}",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
}
"""A browser takes br and zstd too, which make a body somewhat smaller still."""


@dataclass(kw_only=True)
class Walk:
    """What the first visit came to: the last address, its answer, and what led there."""

    url: SplitResult
    heard: Heard | None = None
    opening: Mapping[str, float] = field(default_factory=dict)
    hops: list[dict[str, Any]] = field(default_factory=list)
    ended: str | None = None
    """Why it ended without an answer: `loop`, `too_many`, `nowhere` (no address that is followed), or a silence."""
    silence: Silence | None = None


class Visitor:
    """Who visits: the headers for each address. The cookie is sent to the portal's own, and never in the clear."""

    def __init__(self, settings: Settings) -> None:
        """Raises NotConfigured where the cookie is none that can be sent."""
        if settings.portal_cookie and not SENDABLE.fullmatch(settings.portal_cookie):
            says = "PEAKOPS_PORTAL_COOKIE holds a character that no header has."
            raise NotConfigured(says, hint="See docs/settings.md.", code="pages.malformed", source="pages")
        self._portal = urlsplit(settings.portal_url or "")
        self._cookie = settings.portal_cookie

    def at_portal(self, url: SplitResult) -> bool:
        """Whether an address is the portal's own: the same scheme, host and port, below its path."""
        below = f"{url.path}/".startswith(f"{self._portal.path}/")
        return bool(self._portal.hostname) and _origin(url) == _origin(self._portal) and below

    def path(self, url: SplitResult) -> str:
        """The path as the portal's routes have it."""
        path = url.path.removeprefix(self._portal.path) if self.at_portal(url) else url.path
        return path or "/"

    def known_at(self, url: SplitResult) -> bool:
        """Whether the cookie goes there."""
        return bool(self._cookie) and self.at_portal(url) and is_safe(url.geturl())

    def headers(self, url: SplitResult) -> dict[str, str]:
        """Those of one request."""
        return {**BASE, "Cookie": self._cookie} if self._cookie and self.known_at(url) else BASE

    def walk(self, given: str, until: float) -> Walk:
        """Go to an address, and on from there at most five times; each hop is a new connection, as across hosts."""
        walk = Walk(url=urlsplit(given))
        seen = {walk.url.geturl()}
        for _ in range(HOPS + 1):
            began = time.perf_counter()
            try:
                heard = self._visited(walk, until)
            except Silence as silence:
                walk.silence, walk.ended = silence, silence.what
                return walk
            sent_on = heard.headers.get("location", "")
            if heard.status not in REDIRECTS or not sent_on:
                walk.heard = heard
                return walk
            following = joined(walk.url, sent_on)
            walk.hops.append(
                {
                    "status": heard.status,
                    "to": shown(following) if following else None,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                }
            )
            if following is None or following.geturl() in seen:
                walk.ended = "loop" if following else "nowhere"
                return walk
            walk.url = following
            seen.add(following.geturl())
        walk.ended = "too_many"
        return walk

    def _visited(self, walk: Walk, until: float) -> Heard:
        line = Line(walk.url, until)
        try:
            walk.opening = line.opening
            return line.get(self.headers(walk.url), until)
        finally:
            line.close()


def joined(here: SplitResult, location: str) -> SplitResult | None:
    """Where a link of a page, or an answer, leads; None where it is no address of HTTP, or holds a password."""
    try:
        there = urljoin(here.geturl(), location)
    except ValueError:
        return None
    return urlsplit(there)._replace(fragment="") if is_web(there) else None


def _origin(url: SplitResult) -> tuple[str, str, int]:
    return url.scheme, url.hostname or "", port(url)
