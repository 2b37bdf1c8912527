"""A shipment's address beside the ones that UPS knows: what differs, field by field, and what cannot be. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from peakops.scenario import Row

FIELDS = {"lines": "street", "city": "city", "state": "state", "postal_code": "postal code"}
"""What is compared, and what each is called."""
FIVE = 5
"""The digits of a postal code that name a place; UPS often adds four."""
OF_TOWNS = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
"""How towns' names begin when they are written short: UPS writes SAINT LOUIS."""
BY_FIRST_DIGIT = {
    "0": "CT MA ME NH NJ NY PR RI VT VI AE",
    "1": "DE NY PA",
    "2": "DC MD NC SC VA WV",
    "3": "AL FL GA MS TN AA",
    "4": "IN KY MI OH",
    "5": "IA MN MT ND SD WI DC",
    "6": "IL KS MO NE",
    "7": "AR LA OK TX",
    "8": "AZ CO ID NM NV TX UT WY",
    "9": "AK CA HI OR WA AS FM GU MH MP PW AP",
}
"""The states whose postal codes begin with each digit (United States Postal Service, Publication 65)."""


def belong(postal_code: str, state: str) -> bool:
    """Whether a state can have such a postal code; an unknown state or digit is not held against it."""
    name = state.strip().upper()
    states = BY_FIRST_DIGIT.get(postal_code.strip()[:1], "").split()
    return name in states or not any(name in each.split() for each in BY_FIRST_DIGIT.values()) or not states


def differences(stored: Row, known: Row) -> list[str]:
    """The fields in which an address that UPS knows is another than the stored one, however both are written."""
    return [
        name for name in FIELDS if _plain(name, stored[name], known[name]) != _plain(name, known[name], stored[name])
    ]


def _plain(name: str, value: Any, other: Any) -> str:
    """A field without case, signs, accents and blanks; four more digits of a postal code count where both have them."""
    parts = value if isinstance(value, list | tuple) else (value,)
    text = unicodedata.normalize("NFKD", " ".join(str(each) for each in parts if each).casefold())
    words = re.findall(r"[^\W_]+", "".join(each for each in text if not unicodedata.combining(each)))
    if name == "city" and words:
        words[0] = OF_TOWNS.get(words[0], words[0])
    plain = "".join(words)
    digits = re.sub(r"\D", "", str(other or ""))
    return plain[:FIVE] if name == "postal_code" and len(digits) <= FIVE else plain


def compared(stored: Row, candidates: Sequence[Row]) -> list[dict[str, Any]]:
    """Each address that UPS knows, with the fields in which it differs."""
    return [{**{name: each[name] for name in FIELDS}, "differs": differences(stored, each)} for each in candidates]


def told(stored: Row, known: Row) -> str:
    """
    An address that UPS knows, as people are told it: its town, and what differs from the stored one.

    A street is personal, so that it is only said to differ.
    """
    differing = differences(stored, known)
    parts = [_part(name, stored[name], known[name]) for name in differing]
    state = f"{known['state']} {known['postal_code']}".strip()
    return f"{known['city']}, {state} ({', '.join(parts) or 'the same, otherwise written'})"


def _part(name: str, stored: Any, known: Any) -> str:
    return "another street" if name == "lines" else f"{FIELDS[name]} {stored or 'none'} → {known or 'none'}"
