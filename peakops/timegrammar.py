"""How operators write lengths of time: 90s, 15m, 2h, 3d, 2w, and sums such as 1h30m."""

import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 10 * 365 * 86400
"""Ten years, in seconds: what is longer is a typing error, and no clock waits for it."""
PIECE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def duration(text: str) -> float:
    """The length in seconds. Raises ValueError for anything else, a bare number too: it has no unit."""
    pieces = PIECE.findall(text)
    if not pieces or "".join(number + unit for number, unit in pieces) != text:
        raise ValueError(f"'{text}' is not a length of time such as 90s, 15m, 2h, 3d, 2w or 1h30m")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in pieces)
    if seconds > LONGEST:
        raise ValueError(f"'{text}' is longer than ten years")
    return seconds


def shift(text: str) -> float:
    """A length with its sign, in seconds: +2h, -30m. Raises ValueError."""
    if text[:1] not in ("+", "-"):
        raise ValueError(f"'{text}' is not a shift such as +2h or -30m")
    return duration(text[1:]) * (-1 if text[0] == "-" else 1)
