"""Reads durations as Go's time.ParseDuration does, which is what Auth's `ban_duration` takes: no days, no weeks."""

import re
from datetime import timedelta
from decimal import Decimal

UNITS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "μs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}
LONGEST_S = Decimal(2**63 - 1) / 10**9
"""Go counts nanoseconds in 64 bits: 292 years."""

PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")


def parsed(text: str) -> timedelta:
    """The span of `876000h`, `1h30m`, `-1.5s` or `0`. Raises ValueError with Go's words."""
    said = f'"{text}"'
    span = text[1:] if text[:1] in ("+", "-") else text
    if span == "0":
        return timedelta()
    parts = PART.findall(span)
    if not parts or "".join(number + unit for number, unit in parts) != span:
        raise ValueError(f"time: invalid duration {said}")
    total = Decimal()
    for number, unit in parts:
        if not unit:
            raise ValueError(f"time: missing unit in duration {said}")
        if unit not in UNITS:
            raise ValueError(f'time: unknown unit "{unit}" in duration {said}')
        total += Decimal(number) * UNITS[unit]
    if total > LONGEST_S:
        raise ValueError(f"time: invalid duration {said}")
    return timedelta(seconds=float(-total if text[0] == "-" else total))
