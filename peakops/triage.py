"""
What a pasted text names: numbers of invoices, cases and shipments, addresses, ids of Stripe and Salesforce. Pure.

A ticket comes out of a mail program or a chat, so that invisible characters, full-width letters and long dashes are
read as what they stand for. An address is taken as it stands: letters that only look alike are other people's. What is
secret is taken out first, by the doors' own table (peakops/redact), and nothing of it is kept.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from peakops.networks import network_of, plain
from peakops.redact import REMOVED, Door

MOST = 6
"""Subjects of one run: each is looked for in up to four sections, with some twenty looks in each."""
LONGEST = 50_000
"""Characters that are read; a ticket with its whole thread has fewer."""
LONGEST_ADDRESS = 254
"""Characters of an e-mail address (RFC 5321, 4.5.3.1.3)."""

WORDS = {
    "invoice": "an invoice number (INV-123)",
    "email": "an e-mail address",
    "case": "a case number (CASE-1042)",
    "shipment": "a shipment number (SHP-77)",
    "tracking": "a tracking number of UPS's (1Z…)",
    "stripe": "an id of Stripe's (pi_…, ch_…, evt_…, cus_…, re_…, dp_…, cs_…, in_…)",
    "salesforce": "the id of a case in Salesforce (500…)",
    "uuid": "a UUID",
    "network": "an IP address or network",
}
"""By kind, what it is called; also what can be recognised at all."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that a text names."""

    kind: str
    name: str
    """As the commands take it: INV-123 of 'inv-123'."""
    doubt: str = ""
    """Why it may be mistyped; said where it is not found."""


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What a text names, each once, in the text's order."""

    things: tuple[Thing, ...]
    more: int = 0
    """How many there are beyond MOST."""
    secrets: int = 0
    """How many secrets were in the text; nothing of them is kept."""
    unread: bool = False
    """Whether the text is longer than what is read."""


def recognise(text: str) -> Recognised:
    """What a text names, the first MOST things of it. Never raises."""
    door = Door(reveal=True)
    unread, text = len(text) > LONGEST, BROKEN.sub(REPLACED, INVISIBLE.sub("", text[:LONGEST]))
    text, clients = CLIENT_SECRET.subn(rf"\1 {REMOVED}", text)
    shown = door.text(text)
    # Of two that begin at one place the longer comes first: an address may begin with the number of a case.
    met = sorted(_met(shown, "".join(map(_folded, shown))), key=lambda each: (each[0][0], -each[0][1]))
    things, end = dict[str, Thing](), 0
    for (start, stop), thing in met:
        # What lies within another is a part of it: the number in an address, the id in a link's name.
        if start >= end:
            things.setdefault(thing.name.lower(), thing)
            end = stop
    listed = tuple(things.values())
    secrets = door.removed + clients
    return Recognised(things=listed[:MOST], more=max(0, len(listed) - MOST), secrets=secrets, unread=unread)


Span = tuple[int, int]
INVISIBLE = re.compile(
    "\x1b\\[[0-9;]*[A-Za-z]|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""A terminal's colours, soft hyphens, joiners and marks of direction, which come along when a text is copied."""
BROKEN, REPLACED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]"), "\ufffd"
"""Control characters and halves of characters: no name holds one, and what would be left without it is another name."""
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
CLIENT_SECRET = re.compile(r"\b((?:pi|seti|cs)_(?:test_|live_)?[A-Za-z0-9]{1,255})_secret_[A-Za-z0-9]+")
"""Stripe's client secret: the object's id, and behind it what lets a browser pay with it."""
EMAIL = re.compile(
    r"(?<![^\s<>()\[\]{},;:\"'|=])[^\s<>()\[\]{},;:\"|@=]{1,64}@(?:[^\s<>()\[\]{},;:\"'|@=/?.]{1,63}\.){1,8}"
    r"(?:xn--[A-Za-z0-9-]{1,59}|[^\W\d_]{2,63})(?!-?[^\W_])"
)
QUOTES, MARKUP = "„“”‚‘’‹›«»`•\ufffd", "*_~"
"""What stands before an address and is none of it: quotation marks; a chat's marks where they stand behind it too."""
NUMBER = re.compile(
    r"(?<![A-Z0-9_-])(INV|CASE|SHP)-(?=[A-Z-]{0,20}\d)([A-Z0-9]{1,20}(?:-[A-Z0-9]{1,20}){0,4})(?![A-Z0-9_])",
    re.I | re.A,
)
TRACKING = re.compile(r"(?<![A-Z0-9])1Z(?: ?[A-Z0-9]){16}(?![A-Z0-9])", re.I | re.A)
STRIPE = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?:pi|ch|py|evt|cus|re|pyr|dp|du|in)_(?=[A-Za-z]{0,64}\d)[A-Za-z0-9]{1,64}"
    r"|cs_(?:test|live)_[A-Za-z0-9]{1,128})(?![A-Za-z0-9_])"
)
SHORTEST = {"re": 8, "in": 8, "cs": 8}
"""Characters that such an id has at least: `in_2026` and `re_2` stand in ordinary texts."""
SALESFORCE = re.compile(r"(?<![A-Za-z0-9_-])500[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9_-])")
UUID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])", re.I | re.A)
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?!\w|/\d|\.\d)", re.A)
IPV6 = re.compile(
    r"(?<![\w.:])(?=[0-9A-F:.]{0,40}\d)(?:[0-9A-F]{0,4}:){2,7}[0-9A-F.]{0,15}(?:/\d{1,3})?(?![\w:/])", re.I | re.A
)
CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def _folded(character: str) -> str:
    """A character as the commands' identifiers have it: one for one, so that the places stay."""
    if character.isascii():
        return character
    plainer = unicodedata.normalize("NFKC", character).translate(DASHES)
    return plainer if len(plainer) == 1 and plainer.isascii() else character.translate(DASHES)


def _met(shown: str, folded: str) -> Iterator[tuple[Span, Thing]]:
    """Everything that has the form of something, with its place; what overlaps is sorted out later."""
    for match in EMAIL.finditer(shown):
        start, end = _undressed(shown, *match.span())
        if len(name := shown[start:end]) <= LONGEST_ADDRESS and not name.startswith("@"):
            yield (start, end), Thing(kind="email", name=name)
    for pattern, made in FORMS:
        for match in pattern.finditer(folded):
            if thing := made(match[0]):
                yield match.span(), thing


def _undressed(text: str, start: int, end: int) -> Span:
    """Where an address begins, behind the marks that a mail program or a chat has put before it."""
    behind = text[end : end + 1]
    while text[start] in QUOTES or (text[start] in MARKUP and text[start] == behind):
        start += 1
    return start, end


def _numbered(text: str) -> Thing | None:
    """A number of the portal's own, in capitals unless it was typed with capitals and small letters."""
    kinds = {"INV": "invoice", "CASE": "case", "SHP": "shipment"}
    prefix, _, rest = text.partition("-")
    name = text if prefix.isupper() else f"{prefix}-{rest}".upper()
    return Thing(kind=kinds[prefix.upper()], name=name)


def _tracked(text: str) -> Thing | None:
    """
    A tracking number of UPS's; a wrong check digit only makes it doubtful.

    A letter counts by its place in the alphabet from A = 2, without the tens; every second character counts twice.
    """
    number = text.replace(" ", "").upper()
    body, last = number[2:-1], number[-1]
    values = [int(each) if each.isdigit() else (ord(each) - ord("A") + 2) % 10 for each in body]
    digit = -sum(value * (1 + place % 2) for place, value in enumerate(values)) % 10
    if sum(map(str.isdigit, body)) < len(body) // 2:
        return None
    doubt = "" if last == str(digit) else "its last digit does not fit the others: one of them may be mistyped"
    return Thing(kind="tracking", name=number, doubt=doubt)


def _of_stripe(text: str) -> Thing | None:
    kind, _, rest = text.partition("_")
    return None if len(rest) < SHORTEST.get(kind, 1) else Thing(kind="stripe", name=text)


def _of_salesforce(text: str) -> Thing | None:
    """An id in 15 characters, or in 18 whose last three say which of the others are capitals."""
    if len(text) == 15:
        return Thing(kind="salesforce", name=text)
    parts = (text[start : start + 5] for start in (0, 5, 10))
    suffix = "".join(CHECKSUM[sum(each.isupper() << place for place, each in enumerate(part))] for part in parts)
    doubt = "" if suffix == text[15:].upper() else "its last three characters do not fit the others"
    return Thing(kind="salesforce", name=text, doubt=doubt)


def _network(text: str) -> Thing | None:
    """An address or a network; None for what only looks like one, such as a time of day."""
    text = text.rstrip(".")
    found = network_of(text.rstrip(":") if not text.endswith("::") else text)
    return Thing(kind="network", name=plain(found)) if found and found.prefixlen else None


FORMS: tuple[tuple[re.Pattern[str], Callable[[str], Thing | None]], ...] = (
    (NUMBER, _numbered),
    (TRACKING, _tracked),
    (UUID, lambda text: Thing(kind="uuid", name=text.lower())),
    (STRIPE, _of_stripe),
    (SALESFORCE, _of_salesforce),
    (IPV4, _network),
    (IPV6, _network),
)
