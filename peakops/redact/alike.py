"""A door whose masks keep equal values equal and different ones different, so that what it let out can be judged."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from itertools import count
from typing import Any

from peakops.redact import masks
from peakops.redact.door import NEVER, Door
from peakops.redact.shapes import REMOVED

WORD = "masked"
"""In every pseudonym that has letters: nobody takes it for somebody's address."""
NUMBERS = 10**6
A_ROW = re.compile(r"[a-z]+[._][a-z_.]+ (?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?: and \d+ more)?")
"""A line of a log, by its table and id: `line` is a street's name elsewhere, and this one names nobody."""
SHOWN_DIGITS = 2
"""Of a phone number, as the doors show it."""
TRIES = 200
"""After so many a mask that is made in the same way is taken to be used up: 'none' and 'null' are both xxxx."""


@dataclass
class Alike(Door):
    """
    A passage that masks by the doors' rules with pseudonyms, and keeps every value's type.

    owner@smilecare.example becomes o-masked-481920@smilecare.example wherever it stands, and any door makes of both
    the same: o…@smilecare.example. What differs in upper and lower case alone gets pseudonyms that differ likewise.
    """

    key: bytes = b""
    """What the numbers are made with; without it nobody can try whose they are."""
    names: tuple[str, ...] = ()
    """Texts that are somebody's name wherever they stand alone."""
    _owners: dict[str, str] = field(default_factory=dict, init=False)
    """Each pseudonym that was given, with what it stands for."""
    _spellings: dict[str, list[str]] = field(default_factory=dict, init=False)

    def clean(self, value: Any, key: str = "") -> Any:
        """The value as it may leave, of the same type."""
        if key in NEVER and value:
            self.removed += 1
            return REMOVED
        if isinstance(value, str):
            return self._said(value, key)
        if isinstance(value, IPv4Address | IPv6Address):
            return value if self.reveal or self.addresses else type(value)(self._address(str(value)))
        if isinstance(value, Mapping):
            return {
                self.text(name) if isinstance(name, str) else name: self.clean(each, str(name))
                for name, each in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(self.clean(each, key) for each in value)
        return value

    def _said(self, said: str, key: str) -> str:
        text = self.text(said)
        if key == "line" and A_ROW.fullmatch(text):
            return text
        if said in self.names and text == said and not self.reveal:
            return self._worded(text, text)
        local, _, domain = text.partition("@")
        masked = text in self._owners or (local in self._owners and masks.DOMAIN.fullmatch(domain))
        return text if masked and text != said else self._keyed(text, key)

    def _address(self, said: str) -> str:
        """An address of a network, or an address in one: the length of the network stays."""
        address, slash, length = said.partition("/")
        return (self._ipv6(address) if ":" in address else self._ipv4(address)) + slash + length

    def _local(self, local: str, domain: str) -> str:
        around, name = masks.apart(local)
        return f"{around}{self._worded(name, f'{name}@{domain}')}"

    def _initial(self, text: str) -> str:
        return self._worded(text, text)

    def _phone(self, said: str) -> str:
        places = [place for place, each in enumerate(said) if each.isdigit()][:-SHOWN_DIGITS]

        def made(numbers: Iterator[int]) -> str:
            letters = [each if each.isdigit() or not each.isalpha() else "x" for each in said]
            for place in places:
                letters[place] = str(next(numbers) % 10)
            return "".join(letters)

        return self._once("".join(each for each in said if each.isdigit()) or said, made)

    def _ipv4(self, said: str) -> str:
        def made(numbers: Iterator[int]) -> str:
            return ".".join([said.partition(".")[0], *(str(next(numbers) % 256) for _ in range(3))])

        return self._once(said, made)

    def _ipv6(self, said: str) -> str:
        if masks.first_group(said) == said:
            return said
        first = said.partition(":")[0]
        return self._once(said.lower(), lambda numbers: f"{first}::{next(numbers):x}:{next(numbers):x}")

    def _worded(self, text: str, whole: str) -> str:
        """The first letter, the word in the case of this spelling, and the number of the whole."""
        folded, begin = whole.lower(), text[:1]
        spellings = self._spellings.setdefault(folded, [folded])
        if whole not in spellings:
            spellings.append(whole)
        word = _cased(WORD, spellings.index(whole))
        return self._once(
            folded, lambda numbers: f"{begin}-{word}-{(next(numbers) << 16 | next(numbers)) % NUMBERS:06d}"
        )

    def _once(self, same: str, made: Callable[[Iterator[int]], str]) -> str:
        """What is made of the key and of what counts as the same, and has not been made of anything else."""
        tries = ("x" * max(0, attempt - TRIES) + made(self._numbers(same, attempt)) for attempt in count())
        return next(each for each in tries if self._owners.setdefault(each, same) == same)

    def _numbers(self, same: str, attempt: int) -> Iterator[int]:
        """Numbers without end, from 0 to 65535."""
        for block in count():
            digest = hmac.digest(self.key, f"{same}\n{attempt}\n{block}".encode("utf-8", "replace"), hashlib.sha256)
            yield from (digest[place] << 8 | digest[place + 1] for place in range(0, len(digest), 2))


def _cased(word: str, number: int) -> str:
    """The word in one of its spellings, the 0th in lower case."""
    return "".join(each.upper() if number >> place & 1 else each for place, each in enumerate(word))
