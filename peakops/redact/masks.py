"""What a mask leaves of a person: how addresses, phone numbers and IP addresses look, and what is shown of them."""

import re

PHONE = re.compile(r"(?<![\w+])(?:\+\d[\d ().-]{7,14}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w)")
IPV4 = re.compile(r"(?<![\w.])(?!127\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\w|\.\d)")
IPV6 = re.compile(r"(?<![\w.…])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?![\w:]|\.[\d…])")

AT = re.compile("@|%40|\uff20")
"""What makes an e-mail address: the sign, as a link writes it, and as a Japanese keyboard does."""
_STOP = r"\s()<>\[\]:;,\"\\@\uff20…«»\u2012-\u2015\u201a-\u2027\u3001\u3002\u3008-\u3011\uff08\uff09\uff0c\uff1a\uff1b"
"""What ends an unquoted local part: RFC 5322's specials, and the punctuation of the languages that RFC 6531 adds."""
_PART = rf"[^{_STOP}!#$%&'*+/=?^`{{|}}~._\u2018\u2019\uff0e\uff61-]+"
_LABEL = rf"{_PART}(?:[-_]+{_PART})*"
DOMAIN = re.compile(rf"{_LABEL}(?:[.\u3002\uff0e\uff61]{_LABEL})+|\[[^\[\]\s]+\]")
LOCAL_BACKWARDS = re.compile(rf'"\\[^"\n]*"\\|"(?:"\\|[^"\n])*"(?!\\)|"?[^{_STOP}]+')
"""A local part, read from the sign to the left: quoted within a JSON text, quoted, or plain."""
BEFORE_LOCAL = re.compile(
    r"(?i)(?:.*[?&/|{'`]|)(?:e-?mail|filter|user|username|login|to|from|cc|recipient|sender|address|query|q)=|/[^=]*/|"
)
"""What stands before an address without a blank, though a local part might hold it: a parameter's name, a path."""
JOINT = re.compile(r"[=/?&|{'`]")
"""After which of these the address may begin that the operator typed."""
LONGEST_LOCAL = 1000
"""How far to the left a local part is looked for; mail systems take 64 characters."""


def apart(local: str) -> tuple[str, str]:
    """What of a local part is the surrounding text's (a mark, a parameter's name), and it from its first letter on."""
    if local.startswith(('"', "\\")):
        return "", local.strip('\\"').lstrip()
    before = BEFORE_LOCAL.match(local)
    begin = before.end() if before else 0
    letter = next((place for place in range(begin, len(local)) if local[place].isalnum()), begin)
    return local[:letter], local[letter:]


def last_digits(phone: str) -> str:
    """A phone number keeps two digits."""
    digits = re.sub(r"\D", "", phone)
    return f"…{digits[-2:]}"


def first_group(said: str) -> str:
    """An IPv6 address keeps its first group; a time and a hardware address, which look alike, stay."""
    groups = said.count(":") + said.count(".") // 3
    return f"{said.partition(':')[0]}:…" if ("::" in said or groups == 7) and said not in ("::", "::1") else said
