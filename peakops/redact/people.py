"""Where to write to people, and where they were: e-mail addresses, phone numbers, IP addresses."""

from collections.abc import Iterator

from peakops.redact.shapes import ascii_only
from peakops.redact.view import Span, View

LOCAL = (
    "".join(map(chr, (*range(48, 58), *range(65, 91), *range(97, 123), *range(0x80, 0x100)))) + ".!#$%&'*+/=?^_`{|}~-"
)
"""What a local part is made of (RFC 5322), bytes of other scripts among it."""
LONGEST_LOCAL = 64
_DOMAIN = r"(?:[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\x80-\xff-]{0,62})\.){1,8}([A-Za-z\x80-\xff]{2,24})(?![\w-])"
FILES = {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "mjs", "ts", "map", "ico", "html", "json", "service"}
"""What ends a file's name, or a unit's, and no address: logo@2x.png."""
_IS_VERSION = r"\d+\.\d+\."
_IN_URL = r"://[^\s/@\"'<>]{0,160}$"
_NAME = r"(?i)^.*(?:[?&/|{'`]|(?:e-?mail|filter|user|username|login|to|from|cc|q)=)"
_NUMBER = r"\+(?:1[ .-]?\(?[2-9]\d\d\)?[ .-]?[2-9]\d\d[ .-]?\d{4}|[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5})(?!\w)"
_NAMED_PHONE = r"(?i)phone(?:_?number)?[\\\"']{0,4}\s?[:=]\s?[\\\"']{0,4}(1?[2-9]\d\d[2-9]\d{6})(?!\w)"
FEWEST, MOST = 9, 15
LASTS = {b"000-0000": (b"000-", b"(000) ", b"(000)"), b".000.0000": (b"000",)}
"""How the last digits of a number of North America are written, and the area before them."""
_FOUR = r"\.(?<![A-Za-z]/\d\d\.)(?<![A-Za-z]/\d\d\d\.)\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)"
_SIX = r":(?:[0-9A-Fa-f]{1,4}:){6}"
HEXADECIMAL = "0123456789abcdefABCDEF:."
_VERSION = r"(?i)(?:version|ver|release|build|\bv)[ :=\"']{0,3}$"
UNTELLING = ("127.", "0.", "255.")
"""How addresses of nobody begin."""


def addresses(view: View, low: int, high: int) -> Iterator[Span]:
    """E-mail addresses, also as a link and a JSON text write them."""
    for sign in (b"@", b"%40", b"\\u0040"):
        for place in view.named(sign, low, high):
            domain = ascii_only(_DOMAIN).match(view.text, place + len(sign), place + 300)
            if domain and domain[1].lower() not in FILES and not ascii_only(_IS_VERSION).match(domain[0]):
                start = _local(view, place)
                if start < place:
                    yield place, start, domain.end(), "email"


def _local(view: View, sign: int) -> int:
    """Where the local part begins that ends here; here, where there is none, or it is masked, or a URL's password."""
    said = view.before(sign, LONGEST_LOCAL)
    local = said[len(said.rstrip(LOCAL)) :]
    name = ascii_only(_NAME).match(local)
    local = local[name.end() :] if name else local
    masked = local.endswith(("\xe2\x80\xa6", "***")) or local in ("git", "svn", "hg")
    in_url = ascii_only(_IN_URL).search(view.before(sign, 200))
    return sign if masked or in_url or not any(map(str.isalnum, local)) else sign - len(local)


def phones(view: View, low: int, high: int) -> Iterator[Span]:
    """Phone numbers: international ones with their +, those of North America in their usual forms."""
    for place in view.named(b"+", low, high):
        match = ascii_only(_NUMBER).match(view.text, place, place + 40)
        if match and _is_international(match[0]) and not _continues(view, place):
            yield place, place, match.end(), "phone"
    for last, areas in LASTS.items():
        for place in view.formed(last, low, high):
            for area in areas:
                start, end = place - len(area), place + len(last)
                if view.flat[max(0, start) : place] == area and _is_north_american(view, start, end):
                    yield place, start, end, "phone"
    for place in view.named(b"phone", low, high):
        match = ascii_only(_NAMED_PHONE).match(view.text, place, place + 50)
        if match:
            yield place, match.start(1), match.end(1), "phone"


def _is_international(said: str) -> bool:
    """9 to 15 digits (E.164); where it is written in groups, what follows may have been taken for one."""
    digits = sum(map(str.isdigit, said))
    return digits >= FEWEST and (digits <= MOST or " " in said)


def _continues(view: View, place: int) -> bool:
    before = view.before(place)
    return bool(before) and (before.isalnum() or before in "_+/")


def _is_north_american(view: View, start: int, end: int) -> bool:
    """Area and exchange begin with 2 to 9; it is no part of something longer, and not told with its + already."""
    said, before = view.text[start:end], view.before(start, 5)
    digits = "".join(filter(str.isdigit, said))
    if len(digits) != 10 or digits[0] in "01" or digits[3] in "01":
        return False
    after = view.text[end : end + 2]
    ends = not after or not (after[0].isalnum() or after[0] in "_-" or (after[0] == "." and after[1:].isdigit()))
    alone = not before or not (before[-1].isalnum() or before[-1] in "_./%")
    if before[-1:] in ("-", ".", " ") and ascii_only(r"(?:\+\d{1,3}|[\w-]{2})[-. ]$").search(before):
        alone = before[-1] == " " and "+" not in before
    return ends and alone


def networks(view: View, low: int, high: int) -> Iterator[Span]:
    """IP addresses of both kinds; not versions, times and hardware's addresses, which look alike."""
    for match in ascii_only(_FOUR).finditer(view.text, low, high + 12):
        dot = match.start()
        start = _four_from(view, dot) if dot < high else dot
        if start < dot and _is_four(view, start, match.end()):
            yield dot, start, match.end(), "ip"
    for place in view.named(b"::", low, high):
        # Two of them are a program's names, and no address: std::chrono::system_clock.
        if view.text.find("::", place + 1, place + 8) < 0:
            yield from _six(view, place, compressed=True)
    for match in ascii_only(_SIX).finditer(view.text, low, high + 31):
        if match.start() < high:
            yield from _six(view, match.start(), compressed=False)


def _four_from(view: View, dot: int) -> int:
    """Where an address of four numbers begins whose first dot this is; the dot itself where it cannot."""
    said = view.before(dot, 5)
    digits = len(said) - len(said.rstrip("0123456789"))
    before = said[-digits - 1 : -digits] if digits else ""
    if not 1 <= digits <= 3 or before.isalpha() or before in tuple("_.-\xa6…"):
        return dot
    if before == "/" and not view.before(dot - digits, 4).endswith(("//", "\\/\\/")):
        return dot
    return dot - digits


def _is_four(view: View, start: int, end: int) -> bool:
    whole, after = view.text[start:end], view.text[end : end + 2]
    if any(int(each) > 255 for each in whole.split(".")) or whole.startswith(UNTELLING):
        return False
    if after[:1] and (after[0].isalpha() or after[0] in "_" or (after[0] in ".-+" and after[1:].isalnum())):
        return False
    return not ascii_only(_VERSION).search(view.before(start, 14))


def _six(view: View, place: int, *, compressed: bool) -> Iterator[Span]:
    before, after = view.before(place, 40), view.text[place : place + 46]
    start = place - (len(before) - len(before.rstrip(HEXADECIMAL)))
    end = place + len(after) - len(after.lstrip(HEXADECIMAL))
    said = view.text[start:end].rstrip(".:") if not compressed else view.text[start:end].rstrip(".")
    groups = said.split(":")
    if view.before(start).isalnum() or view.text[end : end + 1].isalnum() or view.before(start) in ("_", "-"):
        return
    whole = len(groups) == 8 and all(groups) and any(len(each) > 2 for each in groups)
    short = compressed and said.count("::") == 1 and ":::" not in said and 3 <= len(groups) <= 8
    telling = any(map(str.isdigit, said)) and said not in ("::1", "::") and not said.endswith(":0.0.0.0")
    if (short or whole) and telling and all(len(each) <= 4 or "." in each for each in groups):
        yield place, start, end, "ip"
