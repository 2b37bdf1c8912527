"""Resend's account, read only: what the key may do, the domains, the figures, and how much of the quota is used."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from peakops.model import Brought
from peakops.sources.email_errors import SENDING_ONLY, unless
from peakops.sources.email_rates import rates_row
from peakops.sources.http import Http
from peakops.sources.http_rows import brought

PAGE = 100
MOST_RECORDS = 5
"""Of so many domains that are not verified the records are read, one request each; Resend takes five a second."""
SENDS = ("SPF", "DKIM")
"""The records without which a domain sends nothing; the others are of tracking and of mails that come in."""
IN_PART = ("partially_verified", "partially_failed")
METRICS = {
    "requests": "sent",
    "delivered": "delivered",
    "bounces": "bounced",
    "complaints": "complained",
    "unsubscribes": "unsubscribed",
}
"""The counts of peakops, and Resend's names of them; a block is a bounce there."""
RATES = ("bounce_rate", "complaint_rate")
PERCENT = 100
"""Resend tells rates in per cent."""
USED, USED_TODAY = "x-resend-monthly-quota", "x-resend-daily-quota"
"""The headers in which every answer says how many mails were sent; the limit is told nowhere."""
NO_QUOTA = "Resend does not say how much of the quota is used."
NO_LIMIT = "Resend says how many mails of the month are used, and not how many there are."
FREE = {USED_TODAY: 100, USED: 3000}
"""The limits of the free plan (Resend's documentation), the only one whose answers have a figure of the day."""
FREE_PLAN = "The limits are those of Resend's free plan: 100 mails a day, 3,000 a month."
NO_ALLOWLIST = "Resend has no allowlist."


class ResendAccount:
    """The looks at the account."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def scopes(self) -> Brought:
        """What the key may do, which only shows in what is refused to it."""
        lists = unless(SENDING_ONLY, lambda: self._http.get("/suppressions", {"limit": 1}))
        emails = unless(SENDING_ONLY, lambda: self._http.get("/emails", {"limit": 1}))
        answers = [each for each in (lists, emails) if each]
        reads = bool(answers)
        row = {
            "provider": "resend",
            "scopes": ["full_access" if reads else "sending_access"],
            "can_read_suppressions": lists is not None,
            "can_read_messages": emails is not None,
            "can_send": True,
            "can_read_stats": reads,
            "can_read_domains": reads,
            "missing": [] if reads else ["full_access"],
        }
        return brought(answers, [row], "GET /suppressions and GET /emails", single=True)

    def domains(self) -> Brought:
        """The domains that mails may be from; of those that are not verified, the records that are wrong too."""
        answer = self._http.get("/domains", {"limit": PAGE})
        answers = [answer]
        with self._http.reading(answer):
            rows = [_domain(each) for each in answer.body["data"]]
            ids = [each["id"] for each in answer.body["data"]]
            cut = (f"Only {PAGE} domains were read.",) if answer.body["has_more"] else ()
        waiting = [(row, id) for row, id in zip(rows, ids, strict=True) if not row["verified"]]
        for row, id in waiting[:MOST_RECORDS]:
            alone = self._http.get(f"/domains/{quote(str(id), safe='')}")
            answers.append(alone)
            with self._http.reading(alone):
                row.update(_records(row["status"], alone.body["records"]))
        return brought(answers, rows, "GET /domains, and the records of those not verified", notes=cut)

    def rates(self, since: datetime, until: datetime) -> Brought:
        """The figures of a span. Resend began to tell them in 2026: an account without them is NotFound."""
        wanted = ",".join((*METRICS.values(), *RATES))
        given = {"start_date": _written(since), "end_date": _written(until)}
        answer = self._http.get("/emails/metrics", {**given, "metrics": wanted})
        with self._http.reading(answer):
            totals = answer.body["totals"]
            counts = {name: _whole(totals, theirs) for name, theirs in METRICS.items()}
            told = {name: _fraction(totals, name) for name in RATES}
        row = {**rates_row("resend", {**counts, "blocks": None}, told=told), "days": []}
        return brought([answer], [row], "GET /emails/metrics", single=True)

    def quota(self) -> Brought:
        """The mails of the month, or of the day where those end sooner; no row where Resend does not tell how many."""
        answer, asked = self._http.get("/domains", {"limit": 1}), "GET /domains, its headers"
        told = {name: int(answer.headers[name]) for name in FREE if answer.headers.get(name, "").isdigit()}
        if not told:
            return brought([answer], [], asked, single=True, notes=(NO_QUOTA,))
        row = {"provider": "resend", "limit": None, "used": told.get(USED), "remaining": None, "resets_at": None}
        if USED_TODAY not in told:
            return brought([answer], [row], asked, single=True, notes=(NO_LIMIT,))
        nearest = min(told, key=lambda name: FREE[name] - told[name])
        left = max(0, FREE[nearest] - told[nearest])
        row |= {"limit": FREE[nearest], "used": told[nearest], "remaining": left}
        return brought([answer], [row], asked, single=True, notes=(FREE_PLAN,))

    def allowlist(self) -> Brought:
        """No row: Resend has none."""
        return Brought(notes=(NO_ALLOWLIST,))


def _domain(found: Mapping[str, Any]) -> dict[str, Any]:
    verified = found["status"] == "verified"
    said = {"domain": found["name"], "verified": verified, "status": found["status"]}
    return {**said, "missing": [], "provider": "resend"}


def _records(status: str, records: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The records that are wrong, and whether a domain in part of order sends all the same."""
    wrong = [each for each in records if each["status"] != "verified"]
    verified = status in IN_PART and not any(each["record"] in SENDS for each in wrong)
    return {"verified": verified, "missing": [f"{each['record']} {each['type']} {each['name']}" for each in wrong]}


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _whole(totals: Mapping[str, Any], name: str) -> int | None:
    return int(totals[name]) if totals.get(name) is not None else None


def _fraction(totals: Mapping[str, Any], name: str) -> float | None:
    return float(totals[name]) / PERCENT if totals.get(name) is not None else None
