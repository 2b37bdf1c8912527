"""What is known by the name before it: passwords and tokens, and the fields of health that are configured."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from peakops.redact.shapes import AHEAD, SEEN, ascii_only, proven, stands_for_one
from peakops.redact.view import Span, View

NEEDLES = {
    **dict.fromkeys((b"pass", b"pwd"), "password"),
    **dict.fromkeys((b"secret", b"token", b"key", b"otp"), "token"),
}
"""What a secret's name ends with, and the kind of what follows it; of keys, those of an API."""
_SUFFIX = r"(?:[_-]?(?:hash|key|digest|confirmation)|[12])?"
_QUOTED = r"(?P<mark>\\{0,3}[\"'])(?P<quoted>(?:(?!(?P=mark))(?:\\.|[^\n\\])){1,3000})"
PLAIN = r"[^\s\"'\\,;&)}\]]"
"""What an unquoted value is made of."""
LONGEST_PLAIN = 128
"""Of these, so many characters tell whether it is one; with more, a line of names alone would take minutes."""
_VALUE = rf"(?:{_QUOTED}|(?P<plain>{PLAIN}{{1,{LONGEST_PLAIN}}}))"
_ELEMENT = r"(?<![\"'])>(?=[^<>\s]{4,200}</)"
_JOINTS = rf"=>?|:=?|%3D|%3A|\\{{1,2}}u003[dD]|{_ELEMENT}|(?=[ \t]\\{{0,3}}[\"'][^\s\"']{{4,60}}[\"'])"
"""What joins a name and its value; SQL puts a quoted one behind a blank, password 'x', and XML a plain one behind >."""
_JOINT = rf"(?P<close>\\{{0,3}}[\"'])?[ \t]{{0,2}}(?P<joint>{_JOINTS})(?P<blank>[ \t]{{0,2}})"
_SECRET = rf"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|otp){_SUFFIX}{_JOINT}{_VALUE}"
_BEFORE = r"(?i)(?:page|next|prev|continuation|sync|cursor|max|num|per)[_-]?$"
"""What stands before `token` where it is no secret: nextPageToken, max_token."""
WORDS = {
    *("invalid", "incorrect", "wrong", "expired", "missing", "required", "changed", "reset", "mismatch", "bad", "weak"),
    *("rejected", "accepted", "valid", "verified", "failed", "bearer", "basic", "unknown", "yes", "no", "ok", "must"),
    *("should", "too", "is", "was", "not", "the", "for", "and", "has", "updated", "string;", "text,", "required,"),
}
"""What follows the name where somebody talks of a secret instead of telling it."""
_OF_KEYS = r"(?i)(?:api|access|private|signing|encryption)[_-]?$"
"""What stands before `key` where it is a secret."""
_MIXED = r"(?=[^\d]*\d)[\w+/]{16,}=*"
"""How a token looks that prose quotes: the token 'a1b2...'; a name in its place has dashes or no digits."""
_WORDS = r"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})+"
"""The name of a program's class: TokenExpired."""
_CODE = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(.*)?|[A-Za-z_]\w*\(.*"
"""A name of a program's, and no value: user.password, getToken("""
FEWEST_PASSWORD, FEWEST_TOKEN = 4, 6


def secrets(view: View, low: int, high: int) -> Iterator[Span]:
    """Passwords, tokens and keys after their names, in JSON, in a query, in a log's words."""
    pattern = ascii_only(_SECRET)
    for needle, kind in NEEDLES.items():
        for place in view.named(needle, low, high):
            if needle == b"key" and not ascii_only(_OF_KEYS).search(view.before(place, 12)):
                continue
            match = pattern.match(view.text, place, place + AHEAD)
            if match and _is_told(match, kind) and not _is_other(view, place, match):
                start = match.start("quoted") if match["quoted"] else match.start("plain")
                if not any(proven(shape, view.text, start) for shape in SEEN):
                    end = match.end() if match["joint"] != ">" else view.text.index("</", start)
                    yield place, start, end, kind


def _is_other(view: View, place: int, match: re.Match[str]) -> bool:
    """Whether the name is another: a shell's folder, a page's token, a word that ends alike."""
    said, name = view.before(place, 14), match[0][:3].lower()
    short = name in ("pwd", "otp") or (name == "pas" and not match[0][4].isalpha())
    if short and said[-1:].isalpha() and not match[0][0].isupper():
        return True
    if name == "pwd" and (match["plain"] or match["quoted"] or "").startswith(("/", "~")):
        return True
    return name == "tok" and bool(ascii_only(_BEFORE).search(said))


def _is_told(match: re.Match[str], kind: str) -> bool:
    """Whether the value is one, and not a mark in its place or a word about it."""
    if match["quoted"]:
        named = match["joint"] and kind == "password"
        talk = not named and (match["quoted"].lower() in WORDS or len(match["quoted"]) < FEWEST_TOKEN)
        prose = kind == "token" and not match["joint"] and not ascii_only(_MIXED).fullmatch(match["quoted"])
        return not talk and not prose and not stands_for_one(match["quoted"])
    plain = match["plain"].partition("</")[0] if match["joint"] == ">" else match["plain"]
    fewest = FEWEST_PASSWORD if kind == "password" else FEWEST_TOKEN
    if len(plain) < fewest or is_talk(match) or ascii_only(_CODE).fullmatch(plain):
        return False
    word = plain.islower() or plain.istitle() or ascii_only(_WORDS).fullmatch(plain)
    return kind == "password" or any(map(str.isdigit, plain)) or not word


def is_talk(match: re.Match[str]) -> bool:
    """Whether an unquoted value is a mark, or the first word of a sentence about it."""
    plain, text = match["plain"].partition("</")[0], match.string
    if stands_for_one(plain) or plain.lower().rstrip(".;:") in WORDS:
        return True
    goes_on = text[match.end() : match.end() + 1] == " " and text[match.end() + 1 : match.end() + 2].islower()
    return bool(match["blank"]) and match["joint"].startswith(":") and plain.isalpha() and plain.islower() and goes_on


@cache
def _field(name: str) -> tuple[bytes, int, re.Pattern[str]]:
    """Literal, its place and pattern of a configured field: patient_name is also patientName and Patient-Name."""
    parts = re.split(r"[_\s-]+", name.lower())
    spelt = r"[_ -]?".join(map(re.escape, parts))
    content = rf"(?P<open>\\{{0,3}}[\[{{]\s{{0,4}}[^\s\]}}])|{_VALUE}"
    literal = max(parts, key=len)
    pattern = rf"(?i)(?<![A-Za-z0-9]){spelt}{_JOINT}(?:{content})"
    return literal.encode(), "_".join(parts).find(literal), re.compile(pattern, re.ASCII)


def health(view: View, low: int, high: int, fields: Sequence[str]) -> Iterator[Span]:
    """The configured fields of patients, where they have content, as keys of JSON or with = and :."""
    for name in fields:
        needle, offset, pattern = _field(name)
        # A name may be spelt without its joints, and begins so many characters earlier.
        offsets = range(offset, offset - len(re.findall(r"[_\s-]+", name)) - 1, -1)
        for place in view.named(needle, low, high):
            starts = (place - each for each in offsets if 0 <= each <= place)
            match = next((found for each in starts if (found := pattern.match(view.text, each, each + AHEAD))), None)
            if match and _has_content(match):
                yield place, match.start(), match.end(), "health"


def _has_content(match: re.Match[str]) -> bool:
    if match["open"]:
        return True
    if match["quoted"]:
        return bool(match["quoted"].strip(" \\")) and not stands_for_one(match["quoted"])
    return (
        not is_talk(match)
        and not ascii_only(_CODE).fullmatch(match["plain"])
        and match["plain"] not in ("[", "{", "[]")
    )
