"""Salesforce's ids: 15 characters that mind upper and lower case, or 18 with a suffix that makes up for it."""

import re

SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""One letter for each pattern of capitals among five characters, the first of them the lowest bit."""
PREFIX = {"Account": "001", "Case": "500", "User": "005", "Organization": "00D"}
"""The first three characters of an id say of what object it is."""
MADE_AT = "SB0"
"""The instance that the ids of the sandbox's own making name."""

_SHORT = re.compile(r"[A-Za-z0-9]{15}")
_LONG = re.compile(r"[A-Za-z0-9]{18}")


def is_id(text: object) -> bool:
    """Whether it has the form of an id."""
    return isinstance(text, str) and bool(_SHORT.fullmatch(text) or _LONG.fullmatch(text))


def long(text: str) -> str:
    """The id in 18 characters; one that has 18 is left as it is, whatever its suffix."""
    if not _SHORT.fullmatch(text):
        return text
    parts = (text[start : start + 5] for start in (0, 5, 10))
    return text + "".join(SUFFIX[sum(each.isupper() << place for place, each in enumerate(part))] for part in parts)


def made(kind: str, number: int) -> str:
    """The id of the sandbox's own making with this number; the same number gives the same id every time."""
    return long(f"{PREFIX[kind]}{MADE_AT}{number:09d}")
