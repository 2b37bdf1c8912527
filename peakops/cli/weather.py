"""The weather: whether a vendor that a command used reports an incident; looked up beside it, never waited for."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peakops import render
from peakops.cli import cache_files
from peakops.model import Report, spelt
from peakops.render import Style
from peakops.settings import STATUS_PAGES, SUMMARY, Settings, cache_home

FRESH_S = 60
"""How long what a page said is taken as said now, and a page that did not answer is left alone."""
PAGE_SECONDS = 3.0
LARGEST_BYTES = 1 << 20
"""A summary has some 20 kB."""
INCIDENTS = ("minor", "major", "critical")
OF_SOURCE = {"stripe": "stripe", "stripe_windows": "stripe", "supabase": "supabase"}
"""Whose weather a source stands in, where it is always the same vendor's."""
Page = Mapping[str, Any]
"""What a page said: `at` (Unix time), `indicator` (None where it did not answer), `says`."""


@dataclass
class Sky:
    """What is known of the vendors' pages, and what a look beside the command may add to it."""

    settings: Settings
    place: str
    """Of which world, or which machine, the cache must be: the sandbox's worlds have weather of their own."""
    pages: dict[str, Page] = field(default_factory=dict)

    def told(self, report: Report, style: Style, also: tuple[str, ...] = ()) -> Report:
        """
        The report with one warning for each vendor among its sources that reports an incident.

        `also` are sources that were used and left no evidence, as a sweep's.
        """
        now = time.time()
        used = {*also, *(each.source for each in report.evidence)}
        known = dict(self.pages)
        lines = tuple(
            _line(vendor, known[vendor], now)
            for vendor in dict.fromkeys(filter(None, map(self._vendor_of, sorted(used))))
            if vendor in known and known[vendor]["indicator"] in INCIDENTS and _is_fresh(known[vendor], now)
        )
        if not (style.json or style.jsonl or style.csv or style.quiet):
            for each in lines:
                _say(each, style)
        return replace(report, warnings=(*report.warnings, *lines)) if lines else report

    def _vendor_of(self, source: str) -> str | None:
        if source == "database":
            # Only the address tells that it is Supabase's; no other host has a page that is known here.
            host = urlsplit(self.settings.database_url or "").hostname or ""
            return "supabase" if host.endswith((".supabase.co", ".supabase.com")) else None
        return self.settings.email_provider if source == "email" else OF_SOURCE.get(source)

    def _wanted(self) -> list[str]:
        """The vendors whose page is to be asked: those that are configured, and of whom nothing fresh is known."""
        sources = ("stripe", "supabase", "database", "email")
        configured = (self.settings.stripe_api_key, self.settings.supabase_url, self.settings.database_url, True)
        vendors = [self._vendor_of(name) for name, there in zip(sources, configured, strict=True) if there]
        now = time.time()
        return [each for each in dict.fromkeys(filter(None, vendors)) if not _is_fresh(self.pages.get(each), now)]

    def _look(self, vendors: list[str], file: Path) -> None:
        """Ask the pages one by one, and keep what each said; whatever goes wrong, nobody hears of it."""
        for vendor in vendors:
            # The command may end before the next page has answered.
            with suppress(Exception):
                url = self.settings.status_urls.get(vendor) or f"{STATUS_PAGES[vendor]}{SUMMARY}"
                self.pages[vendor] = {"at": time.time(), "indicator": None, "says": "", **_page(url)}
                cache_files.write(file, {"of": self.place, "pages": self.pages})


def watched(settings: Settings, folder: Path) -> Sky:
    """
    What is known of the weather, with a look at what is not fresh begun in a daemon thread.

    `folder` is the journal's, which is another for each world of the sandbox.
    """
    file = cache_home() / f"weather-{settings.environment}.json"
    sky = Sky(settings, str(folder))
    sky.pages |= _cached(file, sky.place)
    if wanted := sky._wanted():
        with suppress(RuntimeError):  # no thread is to be had
            threading.Thread(target=sky._look, args=(wanted, file), daemon=True).start()
    return sky


def _cached(file: Path, place: str) -> dict[str, Page]:
    """What an earlier run has kept, if it is of this place and has the shape that this version writes."""
    kept = cache_files.read(file)
    try:
        if kept["of"] != place:
            return {}
        return {
            str(vendor): {"at": float(page["at"]), "indicator": page["indicator"], "says": str(page["says"])}
            for vendor, page in kept["pages"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return {}


def _page(url: str) -> dict[str, str]:
    """The indicator of a status page and what it says of it; nothing where it does not answer, or not readably."""
    # Not httpx, which takes a tenth of a second to import; and only here, where somebody is asked.
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=PAGE_SECONDS)
        connection.request("GET", parts.path, headers={"Accept": "application/json", "User-Agent": "peakops"})
        response = connection.getresponse()
        body = json.loads(response.read(LARGEST_BYTES)) if response.status == 200 else {}
        names = [str(each["name"]) for each in body["incidents"] if each["status"] not in ("resolved", "postmortem")]
        says = names[0] if names else str(body["status"]["description"])
        return {"indicator": body["status"]["indicator"], "says": says}
    except Exception:  # noqa: BLE001  (whatever a page answers, it is one that tells nothing)
        return {}


def _is_fresh(page: Page | None, now: float) -> bool:
    return page is not None and 0 <= now - page["at"] <= FRESH_S


def _line(vendor: str, page: Page, now: float) -> str:
    return f"{spelt(vendor)} reports an incident: {page['says']} (status page, {now - page['at']:.0f} s ago)."


@cache  # a fix looks several times, and says it once
def _say(line: str, style: Style) -> None:
    render.notice(line, style)
