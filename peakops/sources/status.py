"""The vendors' status pages (Statuspage v2), read only: what they say of themselves, which need not be so."""

import time
from collections.abc import Mapping
from typing import Any

from peakops.errors import NotConfigured
from peakops.model import Brought, spelt
from peakops.settings import STATUS_PAGES as PAGES
from peakops.settings import SUMMARY
from peakops.sources.http import Http
from peakops.sources.http_errors import Api
from peakops.sources.http_rows import brought
from peakops.sources.moments import moment

PAGE_SECONDS = 3.0
"""A page that takes longer tells nothing in time; one answer may take all of it."""
LONGEST_NAME = 200
"""Characters of an incident's name; some are a whole report."""
FOLLOWED = frozenset(
    {
        *(address.removeprefix("https://") for address in PAGES.values()),
        *("status.stripe.com", "stripestatus.com", "vercel-status.com", "www.resend-status.com", "status.twilio.com"),
    }
)
"""The hosts that a page may send us on to."""
INDICATORS = ("none", "minor", "major", "critical", "maintenance")
OVER = ("resolved", "postmortem", "completed")


class Status:
    """The looks at status pages. A page that does not answer raises: it says nothing of the vendor itself."""

    def __init__(self, urls: Mapping[str, str], *, deadline: float) -> None:
        """`urls` are addresses of summary.json, by vendor, that take the place of the usual ones."""
        self._urls = {**{vendor: f"{page}{SUMMARY}" for vendor, page in PAGES.items()}, **urls}
        self._deadline = deadline

    def page(self, *, vendor: str | None) -> Brought:
        """
        What a vendor's page says: the indicator, a sentence, and the incidents that are not over.

        Without a vendor nobody is asked.
        """
        if vendor is None:
            return Brought(single=True)
        url = self._urls.get(vendor)
        if not url:
            raise NotConfigured(
                f"No status page of {vendor} is known.",
                code="status.no_page",
                hint="Set PEAKOPS_STATUS_URLS; see docs/settings.md.",
                source="status",
            )
        api = Api(
            source="status",
            title=f"The status page of {spelt(vendor)}",
            key="",
            address="PEAKOPS_STATUS_URLS",
            page=PAGES.get(vendor, url),
        )
        deadline = min(self._deadline, time.monotonic() + PAGE_SECONDS)
        page = Http(api, url, deadline=deadline, retries=0, follows=FOLLOWED)
        answer = page.get("")
        with page.reading(answer):
            row = {"vendor": vendor, **_said(answer.body)}
        return brought([answer], [row], f"GET {SUMMARY}", single=True)


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    """The page's words. Raises KeyError, TypeError or ValueError where it is no Statuspage."""
    indicator = body["status"]["indicator"]
    if indicator not in INDICATORS:
        raise ValueError("an indicator that Statuspage does not have")
    works = [
        each for each in body.get("scheduled_maintenances") or () if each["status"] in ("in_progress", "verifying")
    ]
    incidents = [_incident(each) for each in (*body["incidents"], *works) if each["status"] not in OVER]
    return {
        "indicator": "maintenance" if indicator == "none" and works else indicator,
        "description": str(body["status"]["description"]),
        "incidents": incidents,
    }


def _incident(body: Mapping[str, Any]) -> dict[str, Any]:
    link = body.get("shortlink")
    return {
        "name": _short(" ".join(str(body["name"]).split())),
        "impact": body.get("impact"),
        "status": body["status"],
        "since": moment(body.get("started_at") or body.get("created_at")),
        "link": link if isinstance(link, str) and link.startswith("https://") else "",
    }


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
