"""What may leave the house: no secrets and control characters, personal data only masked."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

REMOVED = "[secret removed]"

QUOTED_OR_PLAIN = r"""(?:'(?:\\.|[^'\\\n])+'|"(?:\\.|[^"\\\n])+"|[^\s"',;&]{4,})"""
"""A value after its name: in quotes it may hold blanks."""
SECRETS = (
    ("k_", r"\b(?:sk|rk|pk)_(?:live|test)_\w{3,}"),  # Stripe keys
    ("whsec_", r"\bwhsec_\w{3,}"),  # Stripe webhook secrets
    ("sb", r"\bsb(?:p|_secret)_\w{3,}"),  # Supabase keys and access tokens; sb_publishable_ is public
    ("sg.", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),  # SendGrid keys
    ("re_", r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}"),  # Resend keys
    ("00d", r"\b00D\w{12}(?:\w{3})?(?:!|%21)[\w.]{16,}"),  # Salesforce sessions
    (
        "private key-----",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|$)",
    ),
    ("eyj", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # JSON Web Tokens
    # User and password in a URL, to the last @, since a password may hold one; a web address may have a port instead.
    ("://", r"(?i)(?<=://)(?!(?:(?<=http://)|(?<=https://))[^\s/:@]+:\d{1,5}(?!\w|@))[^\s/:]*:\S+(?=@)"),
    ("bearer ", r"(?i)(?<=bearer )[\w.~+/-]{8,}=*"),
    ("basic ", r"(?i)(authorization\W{1,5}basic )[\w.~+/-]{4,}=*"),
    ("$", r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$(?:argon2\w*|fbscrypt)\$[^\s\"']+"),  # password hashes
    # Links that log in, also one that is a parameter of another.
    ("token", r"(?i)(token(?:_hash)?(?:=|%3D))(?:\d{6,}|[\w.~%+/-]{8,}=*)"),
    ("code", r"(?i)((?:(?:[?&#;]|%3F|%26|%23)code|code_verifier)(?:=|%3D))[\w.~%+/-]{8,}=*"),
    ("s", rf"(?i)((?:pass|password|secret)=|password: )(?!\[secret){QUOTED_OR_PLAIN}"),
    ("key", rf"(?i)(\bapi[_-]?key(?:=|: ))(?!\[secret){QUOTED_OR_PLAIN}"),
    # A field of a JSON document that is part of a text.
    (
        ":",
        r"(?i)((\\?[\"'])[\w-]*(?:password|secret|token|token_hash|otp)\2\s*:\s*\2)(?!\[secret)[^\"'\\]+",
    ),
    ("-", r"\b\d{3}-\d{2}-\d{4}\b"),  # social security numbers
)
"""What secrets look like; each is looked for only where the text, in lower case, holds its needle."""
CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
PHONE = re.compile(r"(?<![\w+])(?:\+\d[\d ().-]{7,14}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w)")
IPV4 = re.compile(r"(?<![\w.])(?!127\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\w|\.\d)")
IPV6 = re.compile(r"(?<![\w.…])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?![\w:]|\.[\d…])")
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

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

NAMES = {"full_name", "customer_name", "cardholder_name", "street", "address", "line", "lines", "line1", "line2"}
PHONES = {"phone", "phone_number"}
IPS = {"ip", "ip_address"}
NEVER = {
    *("password", "encrypted_password", "secret", "api_key", "token", "access_token", "refresh_token", "token_hash"),
    *("hashed_token", "confirmation_token", "recovery_token", "reauthentication_token", "phone_change_token"),
    *("email_change_token_new", "email_change_token_current", "invite_token", "provider_access_token"),
    *("provider_refresh_token", "refresh_token_hmac_key", "auth_code", "code_challenge", "email_otp"),
    *("patient_name", "clinical_notes"),
}
"""Keys whose value never leaves, whatever it looks like; they are not selected in the first place."""


@dataclass
class Door:
    """One passage through a door of the house, with what it removed on the way."""

    typed: tuple[str, ...] = ()
    """What the operator typed; it is shown as typed wherever it recurs."""
    reveal: bool = False
    addresses: bool = False
    """Whether IP addresses are what the command is about."""
    removed: int = field(default=0, init=False)

    def clean(self, value: Any, key: str = "") -> Any:
        """The value as it may leave: the same shape, every text in it cleaned."""
        if key in NEVER and value:
            self.removed += 1
            return REMOVED
        if isinstance(value, str):
            return self._keyed(self.text(value), key)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.clean(each, str(name)) for name, each in value.items()}
        if isinstance(value, Iterable) and not isinstance(value, bytes):
            return [self.clean(each, key) for each in value]
        return value if isinstance(value, int | float | bool | datetime | date | None) else self.text(str(value))

    def text(self, text: str) -> str:
        """A text without control characters and secrets, its e-mail and IP addresses masked."""
        if not text.isprintable():
            # A byte that is no UTF-8 comes in as a surrogate, which no encoding prints.
            text = CONTROL.sub("", ESCAPE.sub("", text.replace("\r", " "))).encode("utf-8", "replace").decode("utf-8")
        lower = text.lower()
        for needle, pattern in SECRETS:
            if needle in lower:
                text = _compiled(pattern).sub(self._remove, text)
        text = CARD.sub(self._card, text)
        return text if self.reveal else self._masked(text)

    def line(self, text: str) -> str:
        """A text as one line of a page."""
        return self.text(text).replace("\n", " ")

    def _masked(self, text: str) -> str:
        if "@" in text or "%40" in text or "\uff20" in text:
            text = self._mails(text)
        text = PHONE.sub(self._unless_typed(_last_digits), text)
        if self.addresses:
            return text
        if ":" in text:
            text = IPV6.sub(self._unless_typed(_first_group), text)
        return IPV4.sub(self._unless_typed(lambda said: f"{said.split('.')[0]}.…"), text) if "." in text else text

    def _mails(self, text: str) -> str:
        """Each e-mail address as its first letter and its domain: found at its sign, then read to both sides."""
        parts, done, floor = list[str](), 0, 0
        for at in AT.finditer(text):
            local = LOCAL_BACKWARDS.match(text[max(floor, at.start() - LONGEST_LOCAL) : at.start()][::-1])
            domain = DOMAIN.match(text, at.end())
            if local and domain:
                parts += [text[done : at.start() - local.end()], self._local(local[0][::-1], domain[0])]
                done = at.start()
                floor = at.end() if AT.match(text, domain.end()) else domain.end()
        return "".join(parts) + text[done:]

    def _local(self, local: str, domain: str) -> str:
        """One local part; its first letter is looked for behind what belongs to the text around it."""
        starts = (0, *(joint.end() for joint in JOINT.finditer(local)))
        if any(f"{local[start:]}@{domain}".lower() in self._typed for start in starts):
            return local
        around, name = _apart(local)
        return f"{around}{name[:1]}…"

    def _keyed(self, text: str, key: str) -> str:
        if self.reveal or not text or text.lower() in self._typed:
            return text
        if key in NAMES:
            return f"{text[0]}…"
        if key in PHONES:
            return _last_digits(text)
        if key in IPS and not self.addresses and "…" not in text and not text.startswith(("127.", "::1")):
            return f"{text[0]}…"
        return text

    @cached_property
    def _typed(self) -> set[str]:
        return {each.strip().lower() for each in self.typed}

    def _unless_typed(self, mask: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
        return lambda match: match[0] if match[0].lower() in self._typed else mask(match[0])

    def _remove(self, match: re.Match[str]) -> str:
        """The removed part; a pattern's first group is what stands before the secret and stays."""
        self.removed += 1
        return f"{match[1]}{REMOVED}" if match.re.groups else REMOVED

    def _card(self, match: re.Match[str]) -> str:
        digits = [int(each) for each in match[0] if each.isdigit()]
        doubled = [each * 2 if index % 2 else each for index, each in enumerate(reversed(digits))]
        if sum(each - 9 if each > 9 else each for each in doubled) % 10:
            return match[0]
        return self._remove(match)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled with the first text that holds its needle: a help page has none."""
    return re.compile(pattern)


def _apart(local: str) -> tuple[str, str]:
    """What of a local part is the surrounding text's (a mark, a parameter's name), and it from its first letter on."""
    if local.startswith(('"', "\\")):
        return "", local.strip('\\"').lstrip()
    before = BEFORE_LOCAL.match(local)
    begin = before.end() if before else 0
    letter = next((place for place in range(begin, len(local)) if local[place].isalnum()), begin)
    return local[:letter], local[letter:]


def _last_digits(phone: str) -> str:
    """A phone number keeps two digits."""
    digits = re.sub(r"\D", "", phone)
    return f"…{digits[-2:]}"


def _first_group(said: str) -> str:
    """An IPv6 address keeps its first group; a time and a hardware address, which look alike, stay."""
    groups = said.count(":") + said.count(".") // 3
    return f"{said.partition(':')[0]}:…" if ("::" in said or groups == 7) and said not in ("::", "::1") else said


class Open(Door):
    """The door of the sandbox's own world, whose people and secrets are all invented: nothing is held back."""

    def clean(self, value: Any, key: str = "") -> Any:  # noqa: ARG002  (as every door)
        """The value as it is."""
        return value

    def text(self, text: str) -> str:
        """The text without control characters."""
        return CONTROL.sub("", ESCAPE.sub("", text))
