"""A piece of text as the detectors look at it: one character a byte, in lower case too, and its digits alike."""

from collections.abc import Iterator
from functools import cached_property

ZEROS = bytes.maketrans(b"123456789", b"000000000")

Span = tuple[int, int, int, str]
"""Where a thing was met (its @, its name, its first digit), where it begins and ends, and of which kind it is."""


class View:
    """
    A text and what is worked out of it once, all of the same length.

    A scan's text is bytes, each taken for one character; a door's is the text itself.
    """

    def __init__(self, raw: bytes, text: str | None = None) -> None:
        self.raw = raw
        self.text = raw.decode("latin-1") if text is None else text

    @classmethod
    def of(cls, text: str) -> "View":
        """A door's text; what is not ASCII is no part of any number or name that is looked for."""
        return cls(text.encode("ascii", "replace"), text)

    @cached_property
    def lower(self) -> bytes:
        """In lower case, where names are looked for."""
        return self.raw.lower()

    @cached_property
    def flat(self) -> bytes:
        """With 0 for every digit, so that numbers are looked for by their form: 000-00-0000."""
        return self.raw.translate(ZEROS)

    def before(self, place: int, length: int = 1) -> str:
        """The characters before a place; fewer at the beginning."""
        return self.text[max(0, place - length) : place]

    def named(self, needle: bytes, low: int, high: int) -> Iterator[int]:
        """Each place from `low` on, and before `high`, where this stands in lower case."""
        return _each(self.lower, needle, low, high)

    def formed(self, form: bytes, low: int, high: int) -> Iterator[int]:
        """Each place where a number of this form begins; it is not the middle of a longer run of digits."""
        flat, begins = self.flat, form[:1] == b"0"
        for place in _each(flat, form, low, high):
            if not (begins and place and flat[place - 1] == 48):
                yield place


def _each(text: bytes, needle: bytes, low: int, high: int) -> Iterator[int]:
    end = high + len(needle) - 1
    place = text.find(needle, low, end)
    while place >= 0:
        yield place
        place = text.find(needle, place + 1, end)
