"""
The portal's pages, read only: fetched as a browser's first request does, again and again, with a clock in hand.

A probe knows the document and the files that it names. It runs no script and draws nothing, so that it is no LCP. A
proxy of the environment is not used: it would be measured in the page's place.
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from peakops.endpoints import LONGEST_SHOWN, shown
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.pages_body import READABLE
from peakops.sources.pages_bundle import bundle
from peakops.sources.pages_head import timings, told
from peakops.sources.pages_walk import Visitor
from peakops.sources.pages_wire import HUNG_UP, Heard, Line, Silence

PROBE_SECONDS = 10.0
"""A page that takes longer is given up: it is three times as slow as a slow one."""
MARGIN_SECONDS = 0.3
"""What is left of the time when the last probe must have ended, so that what was measured is still told."""
TOLD = (
    *("status", "spoken", "encoding", "bytes", "plain_bytes", "cut"),
    *("cache", "region", "age_s", "cache_control", "content_type", "challenged"),
)
"""What a row says of the last answer; None each where there was none."""
ENOUGH_ASKED = 429
"""A page that asks to wait is left alone."""
ENOUGH = 1.3
"""A probe is begun where there is this many times the time that the last one took."""


class Pages:
    """The probes. They raise nothing of a page that is silent: that is what was measured."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        """`deadline` is a moment of the monotonic clock."""
        self._visitor = Visitor(settings)
        self._until = deadline - MARGIN_SECONDS

    def probe(self, urls: Sequence[str], times: int) -> Brought:
        """
        One row for each address: the first visit, its bundle, and so many cold and warm samples.

        A cold sample opens a connection, a warm one asks again over it. Pages take turns, so that where the time ends
        each has had its share of it; then there are fewer samples, and a note says so.
        """
        probes = [_Probe(each, self._visitor, self._until) for each in urls]
        for _ in range(times):
            for each in probes:
                each.sample()
        short = [each for each in probes if each.heard and not each.is_over and len(each.cold) < times]
        notes = [
            f"{each.shown}: {len(each.cold)} of {times} rounds in the time that there was; --timeout gives more."
            for each in short
        ]
        return Brought(rows=tuple(each.row() for each in probes), asked="GET of each page", notes=tuple(notes))


class _Probe:
    """One page under the clock; making it is the first visit."""

    def __init__(self, url: str, visitor: Visitor, until: float) -> None:
        self._visitor, self._until = visitor, until
        self._walk = visitor.walk(url, min(until, time.monotonic() + PROBE_SECONDS))
        self.heard = self._walk.heard
        self.shown = shown(self._walk.url)
        self._given = url
        self._samples: list[dict[str, Any]] = []
        self._last_s, self._dropped = 0.0, list[str]()
        self._bundle: dict[str, Any] | None = None
        if self.heard:
            self._keep("first", self.heard, self._walk.opening)
            # A first visit may have waited for a start: only the next one tells how long it takes.
            self._last_s = 0.0
            if self.heard.status < 400:
                self._bundle = bundle(self._walk.url, self.heard, until)

    @property
    def cold(self) -> list[dict[str, Any]]:
        """The samples over a new connection, but for the first visit."""
        return [each for each in self._samples if each["kind"] == "cold"]

    @property
    def is_over(self) -> bool:
        """Whether the page does not want to be asked any more."""
        return bool(self.heard and self.heard.status == ENOUGH_ASKED)

    def sample(self) -> None:
        """One cold and one warm sample, where there is time for each; one that breaks is counted."""
        if not self.heard or self.is_over or not self._has_time():
            return
        until = min(self._until, time.monotonic() + PROBE_SECONDS)
        line: Line | None = None
        try:
            line = Line(self._walk.url, until)
            heard = line.get(self._visitor.headers(self._walk.url), until)
            self._keep("cold", heard, line.opening)
            if not heard.closes and self._has_time():
                self._keep("warm", line.get(self._visitor.headers(self._walk.url), until), {})
        except Silence as silence:
            # That our own time is over is nothing that the page did, nor that an idle connection was closed.
            if silence.what != HUNG_UP and time.monotonic() < self._until:
                self._dropped.append(silence.what)
            self._last_s = silence.waited_ms / 1000
        finally:
            if line:
                line.close()

    def _has_time(self) -> bool:
        return time.monotonic() + self._last_s * ENOUGH < self._until

    def _keep(self, kind: str, heard: Heard, opening: Any) -> None:
        phases = {"dns_ms": 0.0, "connect_ms": 0.0, "tls_ms": 0.0, **opening, **heard.phases}
        self._last_s = sum(phases.values()) / 1000
        self._samples.append(
            {
                "kind": kind,
                "status": heard.status,
                **{name: round(each, 1) for name, each in phases.items()},
                "total_ms": round(sum(phases.values()), 1),
                "cache": told(heard.headers)["cache"],
                "server_timing": timings(heard.headers),
            }
        )
        self.heard = heard

    def row(self) -> dict[str, Any]:
        """All that was measured of the page."""
        walk, heard = self._walk, self.heard
        silence = walk.silence
        return {
            "url": shown(urlsplit(self._given)),
            "measured": self.shown,
            "path": self._visitor.path(walk.url)[:LONGEST_SHOWN],
            "portal": self._visitor.at_portal(walk.url),
            "cookie": self._visitor.known_at(walk.url),
            "cookie_at_first": self._visitor.known_at(urlsplit(self._given)),
            "redirects": walk.hops,
            "ended": walk.ended,
            "waited_ms": round(silence.waited_ms) if silence else None,
            "detail": silence.detail if silence else None,
            "dropped": self._dropped,
            "samples": self._samples,
            "bundle": self._bundle,
            **(_told(heard) if heard else dict.fromkeys(TOLD)),
        }


def _told(heard: Heard) -> dict[str, Any]:
    """What the last answer was, besides its times."""
    return {
        "status": heard.status,
        "spoken": heard.spoken,
        "encoding": heard.packed or None,
        "bytes": heard.sent,
        "plain_bytes": len(heard.body) if heard.packed in READABLE else None,
        "cut": heard.cut,
        **told(heard.headers),
    }
