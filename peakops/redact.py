"""What may leave the house: no secrets and control characters, personal data only masked."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

REMOVED = "[secret removed]"

SECRETS = (
    re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_\w{3,}"),  # Stripe keys
    re.compile(r"\bwhsec_\w{3,}"),  # Stripe webhook secrets
    re.compile(r"\bsb(?:p|_secret)_\w{3,}"),  # Supabase keys and access tokens
    re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),  # SendGrid keys
    re.compile(r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}"),  # Resend keys
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # JSON Web Tokens
    re.compile(r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"),  # user and password in a URL
    re.compile(r"(?i)(?<=bearer )[\w.~+/-]{8,}=*"),
    re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"),  # bcrypt hashes
    re.compile(r"(?i)(?<=token=)[\w.~-]{8,}"),  # links that log in
    re.compile(r"(?i)(?<=pass=)[^\s\"',;&]{4,}|(?<=password=)[^\s\"',;&]{4,}|(?<=secret=)[^\s\"',;&]{4,}"),
    re.compile(r"(?i)(?<=password: )[^\s\"',;&]{4,}|(?<=password\": \")[^\"]+|(?<=secret\": \")[^\"]+"),
    re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),  # social security numbers
)
CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w+])(?:\+\d[\d ().-]{7,14}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w)")
IP = re.compile(r"(?<![\w.])(?!127\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])")
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

NAMES = {"full_name", "customer_name", "cardholder_name", "patient_name", "street", "address", "line", "line1", "line2"}
PHONES = {"phone", "phone_number"}
NEVER = {"password", "encrypted_password", "token", "api_key", "secret", "clinical_notes"}
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
        # A byte that is no UTF-8 comes in as a surrogate, which no encoding prints.
        text = CONTROL.sub("", ESCAPE.sub("", text.replace("\r", " "))).encode("utf-8", "replace").decode("utf-8")
        for pattern in SECRETS:
            text = pattern.sub(self._remove, text)
        text = CARD.sub(self._card, text)
        if self.reveal:
            return text
        text = EMAIL.sub(self._unless_typed(lambda said: f"{said[0]}…@{said.split('@')[1]}"), text)
        text = PHONE.sub(self._unless_typed(_last_digits), text)
        return text if self.addresses else IP.sub(self._unless_typed(lambda said: f"{said.split('.')[0]}.…"), text)

    def line(self, text: str) -> str:
        """A text as one line of a page."""
        return self.text(text).replace("\n", " ")

    def _keyed(self, text: str, key: str) -> str:
        if self.reveal or not text or text.lower() in self._typed:
            return text
        if key in NAMES:
            return f"{text[0]}…"
        if key in PHONES:
            return _last_digits(text)
        return text

    @cached_property
    def _typed(self) -> set[str]:
        return {each.strip().lower() for each in self.typed}

    def _unless_typed(self, mask: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
        return lambda match: match[0] if match[0].lower() in self._typed else mask(match[0])

    def _remove(self, _: re.Match[str]) -> str:
        self.removed += 1
        return REMOVED

    def _card(self, match: re.Match[str]) -> str:
        digits = [int(each) for each in match[0] if each.isdigit()]
        doubled = [each * 2 if index % 2 else each for index, each in enumerate(reversed(digits))]
        if sum(each - 9 if each > 9 else each for each in doubled) % 10:
            return match[0]
        return self._remove(match)


def _last_digits(phone: str) -> str:
    """A phone number keeps two digits."""
    digits = re.sub(r"\D", "", phone)
    return f"…{digits[-2:]}"


class Open(Door):
    """The door of the sandbox's own world, whose people and secrets are all invented: nothing is held back."""

    def clean(self, value: Any, key: str = "") -> Any:  # noqa: ARG002  (as every door)
        """The value as it is."""
        return value

    def text(self, text: str) -> str:
        """The text without control characters."""
        return CONTROL.sub("", ESCAPE.sub("", text))
