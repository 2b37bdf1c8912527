"""The figures of a span, in one shape for both providers. Pure."""

from collections.abc import Mapping
from typing import Any


def rates_row(
    provider: str, counts: Mapping[str, int | None], *, told: Mapping[str, float | None] | None = None
) -> dict[str, Any]:
    """
    The counts (None where the provider tells none), and the rates of bounces and complaints as fractions of 0 to 1.

    The rates are those that the provider `told`; without them bounces are measured by the mails that were asked for,
    and complaints by those delivered. A rate without a mail is None.
    """
    return {
        "provider": provider,
        **counts,
        "bounce_rate": _rate(counts["bounces"], counts["requests"], (told or {}).get("bounce_rate")),
        "complaint_rate": _rate(counts["complaints"], counts["delivered"], (told or {}).get("complaint_rate")),
    }


def _rate(part: int | None, whole: int | None, told: float | None) -> float | None:
    if whole == 0:
        return None
    if told is not None or part is None or whole is None:
        return told
    return part / whole
