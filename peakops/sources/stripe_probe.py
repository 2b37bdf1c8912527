"""Stripe, asked what the key may read: one object of each list that a command reads."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from peakops.errors import Denied
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.stripe import Stripe


class StripeProbe(Stripe):
    """Stripe as the doctor looks at it; the objects that come are thrown away."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings = settings
        super().__init__(settings.stripe_api_key, url=settings.stripe_url, now=settings.now(), deadline=deadline)

    def key(self) -> Brought:
        """What the configured key tells of itself: whether it is restricted, and its mode; nobody is asked."""
        return Brought(rows=(kind_of_key(self._settings.stripe_api_key or ""),), single=True)

    def permission(self, *, resource: str) -> Brought:
        """
        Whether the key may read a list, with Stripe's reason, and how far Stripe's clock is ahead, in seconds.

        Raises Unauthenticated where Stripe does not accept the key at all.
        """
        row: dict[str, Any] = {"resource": resource, "granted": True, "clock_ahead_s": None, "says": None}
        asked = f"GET /v1/{resource} with limit=1"
        try:
            answer = self._calls.answer(f"/v1/{resource}", {"limit": 1})
        except Denied as denied:
            row |= {"granted": False, "says": denied.says}
            return Brought(rows=(row,), single=True, asked=asked, request_ids=(denied.request_id,))
        row["clock_ahead_s"] = _ahead(str(answer.headers.get("date") or ""), self._settings.now())
        return Brought(rows=(row,), single=True, asked=asked)


def kind_of_key(key: str) -> dict[str, Any]:
    """What the prefix of a Stripe key says: rk_test_… is a restricted one of the test mode."""
    return {"kind": "restricted" if key.startswith("rk_") else "unrestricted", "mode": key[3:7]}


def _ahead(date: str, now: datetime) -> float | None:
    """How far the clock of an answer's Date header is ahead, in seconds; it has no fractions of them."""
    try:
        return round((parsedate_to_datetime(date) - now).total_seconds(), 1) + 0.0  # no minus before nought
    except (TypeError, ValueError):
        return None
