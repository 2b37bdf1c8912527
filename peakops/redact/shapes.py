"""
What secrets look like: one table, for the doors, which remove them, and for the scan, which tells where they are.

The doors remove whatever has the shape. A scan of other people's files also asks whether it `fits`: a key is as long
as a key, a token's header can be decoded. Where a door looks for more than a scan does, or otherwise, a shape has a
pattern for one of the two alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

REMOVED = "[secret removed]"

AHEAD = 4096
"""Characters that a shape may take in a scan; what is longer is found by its first ones."""

QUOTED_OR_PLAIN = r"""(?:'(?:\\.|[^'\\\n])+'|"(?:\\.|[^"\\\n])+"|[^\s"',;&]{4,})"""
"""A value after its name: in quotes it may hold blanks."""


def _long(least: int) -> Callable[[re.Match[str]], bool]:
    """Whether it is as long as the real ones are, and not one letter again and again, as in a manual."""

    def fits(match: re.Match[str]) -> bool:
        return len(match[0]) >= least and len(set(match[0][-10:])) > 3

    return fits


def _has_header(match: re.Match[str]) -> bool:
    """Whether the first part of a JSON Web Token is a JSON document that names an algorithm."""
    from binascii import Error, a2b_base64

    header = match[0].partition(".")[0].translate({45: "+", 95: "/"})
    try:
        said = a2b_base64(header + "=" * (-len(header) % 4))
    except Error:
        return False
    return said.startswith(b"{") and b'"alg"' in said


def _names_two(match: re.Match[str]) -> bool:
    """Whether what Basic is followed by is a name and a password."""
    from binascii import Error, a2b_base64

    try:
        return b":" in a2b_base64(match[0] + "=" * (-len(match[0]) % 4))
    except Error:
        return False


def _mixed(match: re.Match[str]) -> bool:
    """Whether a bearer is a token and no word; one that is known by its beginning is found as what it is."""
    said = match[0]
    known = any(proven(each, match.string, match.start()) for each in KEYS)
    return len(said) >= 16 and any(each.isdigit() for each in said) and not known


def _is_password(match: re.Match[str]) -> bool:
    """Whether what stands between a URL's colon and its @ is a password, and not a mark in its place."""
    return not stands_for_one(match[1])


@cache
def _marks() -> re.Pattern[str]:
    words = (
        "null|none|nil|undefined|true|false|n/?a|empty|redacted|filtered|masked|hidden|removed|omitted|unset|not set"
    )
    types = "str|string|text|varchar|number|int|integer|date|boolean|bool|any|object|optional|bytes"
    return re.compile(
        rf"(?i)[\s*•.#?_-]*|%\(\w*|os\.environ\[.*|x+|\[.*\]?|<[^>]*>?|\([^)]*\)?|(?-i:\$\{{?[A-Z0-9_]*\}}?)|\$[{{(].*|%\(?\w*\)?s|%s"
        rf"|\{{+.*\}}*|@\w+|:\w+|{words}|{types}"
        r"|(?:process\.env|os\.environ|env|excluded|new|old|args|self|this|req|request|body|data|form)\.[\w.\[\]]+"
    )


def stands_for_one(value: str) -> bool:
    """Whether a value is a mark in the place of a secret: stars, [removed], ${VARIABLE}, null, a type's name."""
    return bool(_marks().fullmatch(value)) or (value.endswith(("…", "\xe2\x80\xa6", "***")) and len(value) < 12)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One kind of secret: what it is looked for by, and the patterns that prove it."""

    kind: str
    needles: tuple[str, ...]
    """In lower case; only where a text holds one of them, the pattern is tried."""
    removes: str = ""
    """What a door removes; a first group is what stands before the secret and stays. Empty: nothing."""
    seen: str = ""
    """What a scan looks for, from `back` characters before the needle on. Empty: the same."""
    back: int = 0
    of_doors: bool = False
    """A scan has other means for it."""
    fits: Callable[[re.Match[str]], bool] = lambda match: True  # noqa: ARG005  (the default takes what all take)


KEYS = (
    Shape(
        kind="key",
        needles=("k_live_", "k_test_"),
        removes=r"\b(?:sk|rk|pk)_(?:live|test)_\w{3,}",  # Stripe's; a publishable one is public
        seen=r"\b[sr]k_(?:live|test)_\w{3,}",
        back=1,
        fits=_long(20),
    ),
    Shape(kind="key", needles=("whsec_",), removes=r"\bwhsec_\w{3,}", seen=r"\bwhsec_[\w+/]{3,}", fits=_long(20)),
    # Supabase's; sb_publishable_ is public.
    Shape(kind="key", needles=("sbp_", "sb_secret_"), removes=r"\bsb(?:p|_secret)_\w{3,}", fits=_long(20)),
    Shape(kind="key", needles=("sg.",), removes=r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),  # SendGrid's
    Shape(kind="key", needles=("re_",), removes=r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}"),  # Resend's
    Shape(kind="key", needles=("00d",), removes=r"\b00D\w{12}(?:\w{3})?(?:!|%21)[\w.]{16,}"),  # Salesforce's sessions
    Shape(kind="key", needles=("akia",), removes=r"\bAKIA[A-Z0-9]{16}\b", fits=_long(20)),  # AWS's
    Shape(kind="key", needles=("xox",), removes=r"\bxox[bp]-\d{8,}-[\w-]{20,}"),  # Slack's
    Shape(kind="key", needles=("ghp_",), removes=r"\bghp_[A-Za-z0-9]{30,}", fits=_long(30)),
    Shape(kind="key", needles=("github_pat_",), removes=r"\bgithub_pat_\w{30,}", fits=_long(40)),
    Shape(
        kind="private_key",
        needles=("-----begin ",),
        removes=r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*KEY(?: BLOCK)?-----|$)",
        seen=r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:\\{1,4}[nr]|\s){0,4}[\w+/:=-]{4}|[^\n]{0,9}\n[^\n]{0,99}?[\w+/]{40})",
    ),
    Shape(
        kind="jwt",
        needles=("eyj",),
        removes=r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
        seen=r"(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{8,}(?:\.[\w-]*|$)",
        fits=_has_header,
    ),
)
"""Keys and tokens that are known by their beginning."""
LOGIN = r"(?i)(?<=://)(?!(?:(?<=http://)|(?<=https://))[^\s/:@]+:\d{1,5}(?!\w|@))[^\s/:]*:"
"""How user and password begin in a URL; a web address may have a port instead. They end at the word's last @."""
_LOGIN = r"[^\s/:@?#\"'<>]{0,100}:(?!\d{1,5}(?:[/?#\s\"',;)\]}]|$))([^\s\"'<>]{1,200})@[\w.\[-]"
WORN = (
    # User and password in a URL, also with the slashes of a JSON text; the doors take LOGIN.
    Shape(kind="password", needles=("://",), seen=rf"(?<=[A-Za-z]://){_LOGIN}", back=-3, fits=_is_password),
    Shape(kind="password", needles=(":\\/\\/",), seen=rf"(?<=[A-Za-z]:\\/\\/){_LOGIN}", back=-5, fits=_is_password),
    Shape(kind="token", needles=("bearer ",), removes=r"(?i)(?<=bearer )[\w.~+/-]{8,}=*", back=-7, fits=_mixed),
    Shape(
        kind="password",
        needles=("basic ",),
        removes=r"(?i)(authorization\W{1,5}basic )[\w.~+/-]{4,}=*",
        seen=r"(?i)(?<=basic )[\w+/-]{6,}(?=[=\s\"',;\\]|$)",
        back=-6,
        fits=_names_two,
    ),
)
"""What is worn before a host or behind a scheme."""
_BCRYPT = r"2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
_MODERN = r"(?:argon2\w{0,2}|fbscrypt)\$[^\s\"']{8,300}|(?:scrypt|pbkdf2[\w-]*)\$[\w.,=$/+]{30,}"
_CRYPT = r"[156]\$(?:rounds=\d+\$)?[./\w]{1,16}\$[./\w]{22,86}|y\$[./\w]+\$[./\w]+\$[./\w]{40,}|7\$[./\w$]{40,}"
HASHES = (
    Shape(
        kind="password_hash",
        needles=("$",),
        removes=rf"\$(?:{_BCRYPT}|(?:argon2\w*|fbscrypt)\$[^\s\"']+|{_MODERN}|{_CRYPT})",
        seen=rf"\$(?:{_BCRYPT}|{_MODERN}|{_CRYPT})",
    ),
    Shape(
        kind="password_hash",
        needles=("pbkdf2", "scrypt:"),
        removes=r"\b(?:pbkdf2_sha\d+\$\d+\$|pbkdf2:sha\d+(?::\d+)?\$|scrypt:\d+:\d+:\d+\$)[\w./+=]+\$[\w./+=]{20,}",
    ),
    Shape(
        kind="password_hash", needles=("scram-sha-",), removes=r"(?i)scram-sha-\d+\$\d+:[\w+/=:$]{40,}"
    ),  # PostgreSQL
)
"""Hashes of passwords, which are guessed at leisure by whoever has them."""
LINKS = (
    # Links that log in, also one that is a parameter of another.
    Shape(
        kind="token",
        needles=("token",),
        removes=r"(?i)(token(?:_hash)?(?:=|%3D))(?:\d{6,}|[\w.~%+/-]{8,}=*)",
        of_doors=True,
    ),
    Shape(
        kind="token",
        needles=("code",),
        removes=r"(?i)((?:(?:[?&#;]|%3F|%26|%23)code|code_verifier)(?:=|%3D))[\w.~%+/-]{8,}=*",
        of_doors=True,
    ),
)
NAMED = (
    Shape(
        kind="password",
        needles=("s",),
        removes=rf"(?i)((?:pass|password|secret)=|password: )(?!\[secret){QUOTED_OR_PLAIN}",
        of_doors=True,
    ),
    Shape(
        kind="secret",
        needles=("key",),
        removes=rf"(?i)(\bapi[_-]?key(?:=|: ))(?!\[secret){QUOTED_OR_PLAIN}",
        of_doors=True,
    ),
    # A field of a JSON document that is part of a text.
    Shape(
        kind="password",
        needles=(":",),
        removes=r"(?i)((\\?[\"'])[\w-]*(?:password|secret|token|token_hash|otp)\2\s*:\s*\2)(?!\[secret)[^\"'\\]+",
        of_doors=True,
    ),
    # A door takes any number of this form for a social security number; which ones are issued, numbers.py knows.
    Shape(kind="ssn", needles=("-",), removes=r"\b\d{3}-\d{2}-\d{4}\b", of_doors=True),
)
"""Secrets that are known by the name before them. A scan reads the name with more care (named.py)."""

SHAPES = (*KEYS, *WORN, *HASHES, *LINKS, *NAMED)
REMOVES = tuple((needle, shape.removes) for shape in SHAPES if shape.removes for needle in shape.needles)
"""What the doors look for: each pattern only where a text, in lower case, holds the needle."""
SEEN = tuple(shape for shape in SHAPES if not shape.of_doors)
"""What a scan looks for by a needle."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled with the first text that holds its needle: a help page has none."""
    return re.compile(pattern)


@cache
def ascii_only(pattern: str) -> re.Pattern[str]:
    """The same for the scan, whose characters are bytes: only ASCII has letters there."""
    return re.compile(pattern, re.ASCII)


def proven(shape: Shape, text: str, start: int) -> re.Match[str] | None:
    """What has the shape at this place and fits it; a pure function of the next AHEAD characters and the few before."""
    match = ascii_only(shape.seen or shape.removes).match(text, start, start + AHEAD)
    return match if match and shape.fits(match) else None
