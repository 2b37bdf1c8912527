"""Card numbers and social security numbers: by form, by who issues them, and by what stands around them."""

import re
from collections.abc import Iterator

from peakops.redact.shapes import ascii_only
from peakops.redact.view import Span, View

RUN = b"0000000000000"
JOINTS = (b" ", b"-", b"%00", b"\xe2\x80\x93", b"\xe2\x80\x91", b"\xc2\xa0")
"""What stands between the groups on a card: %20 (its digits alike) in a link, and what word processors make of it."""
GROUPS = {
    **{b"%b0000%b0000%b" % (each, each, each): each.join((b"0000",) * 4) for each in JOINTS},
    **{b"%b000000%b" % (each, each): each.join((b"0000", b"000000", b"00000")) for each in JOINTS[:2]},
}
"""The groups on a card, by their middle, which is quickly found."""
FEWEST, LONGEST = 13, 19
"""Digits of a card (ISO/IEC 7812); a longer run is none."""
FIRST = "23456"
"""What cards begin with; the milliseconds since 1970 begin with 1."""
USUAL = (15, 16)
"""Lengths that prove themselves. 13, 14, and 17 to 19 are those of ids too: a word must say that it is a card."""
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_CARD_WORD = r"(?i)(?:card|\bpan\b|\bcc\b|credit|debit|visa|diners|maestro|unionpay|discover|account_?number)"
_OF_AN_ID = r"(?i:(?:^|[^a-z])(?:[a-z]{0,20}_)?ids?|track[a-z]{0,10}|order[a-z_]{0,10}|trace[a-z_]{0,8})|[a-z]Id"
_NAMED_ID = rf"(?:{_OF_AN_ID})(?:[ _]?(?i:number|no|nr))?[\"']?\s?[:=#]?\s?[\\\"']{{0,2}}$"
_SSN_NAME = (
    r"(?:(?<![A-Za-z])(?:ssn|SSN|Ssn)|(?<=[a-z])S(?:SN|sn)|(?i:(?<![a-z])social[ _-]?security))"
    r"(?:[ _-]?(?i:number|num|no\.?|#))?[\\\"']{0,4}(?:\s?[:=#]>?|\s(?i:is|was|of))?\s?[\\\"'#(]{0,4}"
    r"(\d{9}|\d{3}([ .])\d{2}\2\d{4})(?![\w-])"
)


def cards(view: View, low: int, high: int) -> Iterator[Span]:
    """Full card numbers, without blanks or in the groups that are printed on cards."""
    for place in view.formed(RUN, low, high):
        end = _run_end(view.flat, place) if view.text[place] in FIRST else place
        if FEWEST <= end - place <= LONGEST and is_card(view.text[place:end]) and _stands_alone(view, place, end):
            said = view.before(place, 40)
            usual = end - place in USUAL or ascii_only(_CARD_WORD).search(said)
            if usual and not ascii_only(_NAMED_ID).search(said):
                yield place, place, end, "card"
    for middle, form in GROUPS.items():
        for met in view.formed(middle, low, high):
            place, end = met - 4, met - 4 + len(form)
            if place >= 0 and view.flat[place:end] == form and _is_grouped_card(view, place, end):
                yield met, place, end, "card"


def _is_grouped_card(view: View, start: int, end: int) -> bool:
    said = re.sub(r"\D", "", view.text[start:end].replace("%20", ""), flags=re.ASCII)
    return is_card(said) and _stands_alone(view, start, end)


def _run_end(flat: bytes, place: int) -> int:
    """Where the digits end, looked for no further than a number is long."""
    end = place
    while end < len(flat) and flat[end] == 48 and end - place <= LONGEST:
        end += 1
    return end


def is_card(digits: str) -> bool:
    """Whether an issuer gives numbers that begin so, of this length, and the last digit is right (Luhn)."""
    return _issued(digits) and _luhn(digits)


def _issued(digits: str) -> bool:
    """The issuers' ranges, of 13 to 19 digits: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay."""
    first, length = int(digits[:4]), len(digits)
    two, three = first // 100, first // 10
    if length == 15:
        return two in (34, 37)
    if length == 14:
        return 300 <= three <= 305 or two in (36, 38, 39)
    if length == 13:
        return digits[0] == "4"
    if length == 16 and (51 <= two <= 55 or 2221 <= first <= 2720):
        return True
    visa = digits[0] == "4" and length in (16, 19)
    return visa or first == 6011 or 644 <= three <= 649 or two in (62, 65) or 3528 <= first <= 3589


def _luhn(digits: str) -> bool:
    odd = sum(map(int, digits[::-2]))
    return (odd + sum(DOUBLED[int(each)] for each in digits[-2::-2])) % 10 == 0


def _stands_alone(view: View, start: int, end: int) -> bool:
    """Whether it is a number of its own, and no part of an id, a path, a fraction, or a longer one."""
    before, after = view.before(start), view.text[end : end + 2]
    if before and (before.isalnum() or before in "_-./+%@~"):
        return False
    if before == " " and ascii_only(r"\d{4} $").search(view.before(start, 5)):
        return False
    if not after:
        return True
    return not (after[0].isalnum() or after[0] in "_-@%" or (after[0] in ". " and after[1:].isdigit()))


def social(view: View, low: int, high: int) -> Iterator[Span]:
    """Social security numbers: with dashes by their form, otherwise where a word says that it is one."""
    for met in view.formed(b"-00-0000", low, high):
        place, end = met - 3, met + 8
        if view.flat[max(0, place) : met] == b"000" and _is_ssn(view, place, end):
            yield met, place, end, "ssn"
    for needle in (b"ssn", b"social"):
        for place in view.named(needle, low, high):
            match = ascii_only(_SSN_NAME).match(view.text, place, place + 100)
            if match and is_issued(match[1]):
                yield place, match.start(1), match.end(1), "ssn"


def _is_ssn(view: View, start: int, end: int) -> bool:
    before, after = view.before(start), view.text[end : end + 2]
    if before and (before.isalnum() or before in "_-.+"):
        return False
    goes_on = after and (after[0].isalnum() or after[0] in "_-" or (after[0] == "." and after[1:].isdigit()))
    return not goes_on and is_issued(view.text[start:end])


def is_issued(said: str) -> bool:
    """Whether the administration gives such numbers: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    digits = re.sub(r"\D", "", said)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"
