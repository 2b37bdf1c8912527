"""How a person is named by an e-mail address or an id, and which other addresses resemble one. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from peakops.scenario import Row

MASKED = re.compile(r"(?P<first>[^@…]+)…@(?P<domain>[^@]+)")
"""An address as a page shows it, with its first letter: j…@smilecare.example."""
NEAR = 5
"""How many near misses are listed."""
LIKENESS = 0.6
"""Below this ratio of common letters two names, or two domains, are two people's."""


def forms(email: str) -> list[str]:
    """
    An address as it may be stored: trimmed and in lower case, as Supabase stores it; the likeliest form first.

    A database with the locale C lowers only the letters of ASCII, so that 'JÖRG' is 'jÖrg' there; and an umlaut is
    one letter, or from some keyboards a letter and an accent. Letters that only share their capital are different
    people's: 'straße' is not 'strasse', and a dotless i is no i; nor is what only resembles ASCII (the Kelvin sign).
    """
    ascii_lower = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
    typed, found = email.strip(), list[str]()
    for form in ("NFC", "NFD"):
        said = unicodedata.normalize(form, typed)
        found += [said.lower(), said.translate(ascii_lower)]
        if said.upper().lower() == said.lower():
            found.append(said.upper().translate(ascii_lower))
    found.append(typed.translate(ascii_lower))
    return list(dict.fromkeys(each for each in found if each.isascii() == typed.isascii()))


def known(row: Row | None) -> list[str]:
    """A subject's own address and the one that was typed, as they may be stored."""
    said = [row["email"], row["given"]] if row else []
    return list(dict.fromkeys(form for each in said if each for form in forms(each)))


def identifier(typed: str) -> str | None:
    """The id that was typed; None where it is none."""
    try:
        return str(UUID(typed.strip()))
    except ValueError:
        return None


def pattern(typed: str) -> str | None:
    """The LIKE pattern of an address that a page has masked; None where it is none."""
    masked = MASKED.fullmatch(typed.strip().lower())
    if not masked:
        return None
    first, domain = (re.sub(r"([\\%_])", r"\\\1", masked[each]) for each in ("first", "domain"))
    return f"{first}%@{domain}"


def missed(typed: str) -> str | None:
    """What was typed, to look for what resembles it; None for an id, and for what is masked."""
    return None if identifier(typed) or "…" in typed else forms(typed)[0]


def _bare(name: str) -> str:
    """A name without what people leave out or add: its dots and dashes, and what follows a plus sign."""
    return re.sub(r"[._-]|\+.*", "", name)


def likest(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The likest addresses of those that share the domain, or most of the name, with the one that is `missed`."""
    from difflib import SequenceMatcher

    def likeness(row: Row) -> float:
        name, _, domain = row["email"].rpartition("@")
        missed, _, elsewhere = row["missed"].rpartition("@") if "@" in row["missed"] else (row["missed"], "", domain)
        pairs = ((_bare(name), _bare(missed)), (domain, elsewhere))
        return min(SequenceMatcher(None, *pair).ratio() for pair in pairs)

    told = {each["email"]: each for each in sorted(rows, key=lambda row: str(row["id"] or ""))}
    ranked = sorted(((likeness(row), row) for row in told.values()), key=lambda pair: -pair[0])
    return tuple(row for ratio, row in ranked if ratio >= LIKENESS)[:NEAR]
