"""The door: what may leave the house, without secrets and control characters, personal data only masked."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from peakops.redact import masks, shapes
from peakops.redact.shapes import REMOVED

DIGITS = b"0123456789"
FEWEST_DIGITS = 9
"""Of a social security number; a text with fewer holds no number that must go."""
ENDS = (b"pass", b"pwd", b"secret", b"token", b"key", b"otp")
"""How the names of secrets end, as named.py has them."""
JOINTS = (b"=", b":", b"'", b'"')
"""What joins a name and its value, or quotes it."""
CARD = re.compile(r"(?<![\w.-])(?:\d(?:[ \u00a0\u2010-\u2014-]|%20)?){12,18}\d(?![\w.-])")
WORD = re.compile(r"\S+")
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

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
        for needle, pattern in shapes.REMOVES:
            if needle in lower:
                text = shapes.compiled(pattern).sub(self._remove, text)
        if "://" in lower and "@" in lower:
            text = WORD.sub(self._login, text)
        text = self._further(CARD.sub(self._card, text))
        return text if self.reveal else self._masked(text)

    def _further(self, text: str) -> str:
        """What the detectors of the scan know besides: cards before a full stop, undashed numbers, further names."""
        raw = text.encode("ascii", "replace")
        numbered = len(raw) - len(raw.translate(None, DIGITS)) >= FEWEST_DIGITS
        named = any(map(raw.__contains__, JOINTS)) and any(map(raw.lower().__contains__, ENDS))
        if not (numbered or named):
            return text
        from peakops.redact import further

        parts, last = list[str](), len(text)
        for start, end in further.spans(text, numbered=numbered, named_too=named):
            if end <= last:
                self.removed += 1
                parts += (text[end:last], REMOVED)
                last = start
        return text[:last] + "".join(reversed(parts))

    def line(self, text: str) -> str:
        """A text as one line of a page."""
        return self.text(text).replace("\n", " ")

    def _masked(self, text: str) -> str:
        if "@" in text or "%40" in text or "\uff20" in text:
            text = self._mails(text)
        text = masks.PHONE.sub(self._unless_typed(self._phone), text)
        if self.addresses:
            return text
        if ":" in text:
            text = masks.IPV6.sub(self._unless_typed(self._ipv6), text)
        return masks.IPV4.sub(self._unless_typed(self._ipv4), text) if "." in text else text

    def _mails(self, text: str) -> str:
        """Each e-mail address as its first letter and its domain: found at its sign, then read to both sides."""
        parts, done, floor = list[str](), 0, 0
        for at in masks.AT.finditer(text):
            local = masks.LOCAL_BACKWARDS.match(text[max(floor, at.start() - masks.LONGEST_LOCAL) : at.start()][::-1])
            domain = masks.DOMAIN.match(text, at.end())
            if local and domain:
                parts += [text[done : at.start() - local.end()], self._local(local[0][::-1], domain[0])]
                done = at.start()
                floor = at.end() if masks.AT.match(text, domain.end()) else domain.end()
        return "".join(parts) + text[done:]

    def _local(self, local: str, domain: str) -> str:
        """One local part; its first letter is looked for behind what belongs to the text around it."""
        starts = (0, *(joint.end() for joint in masks.JOINT.finditer(local)))
        if any(f"{local[start:]}@{domain}".lower() in self._typed for start in starts):
            return local
        around, name = masks.apart(local)
        return f"{around}{name[:1]}…"

    def _keyed(self, text: str, key: str) -> str:
        if self.reveal or not text or text.lower() in self._typed:
            return text
        if key in NAMES:
            return self._initial(text)
        if key in PHONES:
            return self._phone(text)
        if key in IPS and not self.addresses and "…" not in text and not text.startswith(("127.", "::1")):
            return self._initial(text)
        return text

    def _initial(self, text: str) -> str:
        return f"{text[0]}…"

    def _phone(self, said: str) -> str:
        return masks.last_digits(said)

    def _ipv4(self, said: str) -> str:
        return f"{said.partition('.')[0]}.…"

    def _ipv6(self, said: str) -> str:
        return masks.first_group(said)

    @cached_property
    def _typed(self) -> set[str]:
        return {each.strip().lower() for each in self.typed}

    def _unless_typed(self, mask: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
        return lambda match: match[0] if match[0].lower() in self._typed else mask(match[0])

    def _remove(self, match: re.Match[str]) -> str:
        """The removed part; a pattern's first group is what stands before the secret and stays."""
        self.removed += 1
        return f"{match[1]}{REMOVED}" if match.re.groups else REMOVED

    def _login(self, word: re.Match[str]) -> str:
        """A word without a URL's user and password, to its last @, since a password may hold one."""
        said = word[0]
        at = said.rfind("@")
        begin = shapes.compiled(shapes.LOGIN).search(said) if at > 0 else None
        if begin is None or begin.end() >= at:
            return said
        self.removed += 1
        return f"{said[: begin.start()]}{REMOVED}{said[at:]}"

    def _card(self, match: re.Match[str]) -> str:
        digits = [int(each) for each in match[0].replace("%20", "") if each.isdigit()]
        doubled = [each * 2 if index % 2 else each for index, each in enumerate(reversed(digits))]
        if sum(each - 9 if each > 9 else each for each in doubled) % 10:
            return match[0]
        return self._remove(match)


class Open(Door):
    """The door of the sandbox's own world, whose people and secrets are all invented: nothing is held back."""

    def clean(self, value: Any, key: str = "") -> Any:  # noqa: ARG002  (as every door)
        """The value as it is."""
        return value

    def text(self, text: str) -> str:
        """The text without control characters."""
        return CONTROL.sub("", ESCAPE.sub("", text))
