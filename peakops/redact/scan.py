"""
A scan of text of any length for what must not be logged: how often, of which kind, and where; never what.

It is fed in pieces of any size, and what it finds does not depend on them: whether something stands at a place is
decided by the place's surroundings alone, BEHIND characters before it and AHEAD after it, once all of them are there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from peakops.redact import named, numbers, people
from peakops.redact.shapes import AHEAD, SEEN, proven
from peakops.redact.view import Span, View

BEHIND = 512
"""Characters before a place that a detector may look at; the longest look-back takes 264."""
NEVER_LOG = ("password", "password_hash", "card", "ssn", "key", "private_key", "jwt", "token", "health")
"""Kinds that must never be logged, as the playbook lists them, keys among the passwords."""
CAUTION = ("email", "phone", "ip")
"""Kinds that tell of a person, and may be logged where they are needed."""
KEPT = {True: 5_000, False: 200}
"""Places that are kept of each text: of what must never be logged (True), and of cautions; all are counted."""


@dataclass(frozen=True)
class Place:
    """Where something stands: lines and columns from 1, the column and the offset in bytes."""

    kind: str
    line: int
    column: int
    offset: int


@dataclass
class Scan:
    """One text, looked through as it comes: `feed` its pieces, then `finish`."""

    health: tuple[str, ...] = ()
    """Names of fields that hold patients' health."""
    counts: Counter[str] = field(default_factory=Counter)
    places: list[Place] = field(default_factory=list)
    """The first ones, in the order of the text."""
    lines: int = 0
    _kept: Counter[bool] = field(default_factory=Counter)
    _text: bytes = b""
    _begins: int = 0
    """Where `_text` begins in the whole."""
    _judged: int = 0
    """Up to where `_text` is judged."""
    _line_begins: int = 0
    """Where the line begins, in the whole, in which the judged part ends."""

    def feed(self, piece: bytes) -> None:
        """The next bytes, as many as there are."""
        self._text += piece
        if len(self._text) - AHEAD > self._judged:
            self._judge(len(self._text) - AHEAD)
            cut = max(0, self._judged - BEHIND)
            self._text, self._begins, self._judged = self._text[cut:], self._begins + cut, self._judged - cut

    def finish(self) -> None:
        """Nothing comes any more; a last line without its end is counted too."""
        self._judge(len(self._text))
        if self._begins + len(self._text) > self._line_begins:
            self.lines += 1

    def _judge(self, high: int) -> None:
        view = View(self._text)
        spans = chain(never_log(view, self._judged, high, self.health), cautions(view, self._judged, high))
        for _, start, _, kind in sorted(spans, key=lambda span: (span[0], span[3])):
            self.counts[kind] += 1
            grave = kind not in CAUTION
            if self._kept[grave] < KEPT[grave]:
                self._kept[grave] += 1
                self.places.append(self._place(kind, start))
        self.lines += self._text.count(b"\n", self._judged, high)
        newline = self._text.rfind(b"\n", self._judged, high)
        self._line_begins = self._begins + newline + 1 if newline >= 0 else self._line_begins
        self._judged = high

    def _place(self, kind: str, start: int) -> Place:
        """A place of the buffer in the whole: what lies before the judged part is at most BEHIND characters away."""
        at, low = self._judged, min(start, self._judged)
        ends = self._text.count(b"\n", low, max(start, at))
        line = self.lines + 1 + (ends if start >= at else -ends)
        newline = self._text.rfind(b"\n", 0, start)
        begins = self._begins + newline + 1 if newline >= 0 else self._line_begins
        offset = self._begins + start
        return Place(kind, line, offset - begins + 1, offset)


def never_log(view: View, low: int, high: int, fields: Sequence[str] = ()) -> Iterator[Span]:
    """What must never be logged, and is met between two places."""
    for shape in SEEN:
        for needle in shape.needles:
            for place in view.named(needle.encode(), low, high):
                match = proven(shape, view.text, place - shape.back) if place >= shape.back else None
                if match:
                    yield place, match.start(), match.end(), shape.kind
    yield from numbers.cards(view, low, high)
    yield from numbers.social(view, low, high)
    yield from named.secrets(view, low, high)
    yield from named.health(view, low, high, fields)


def cautions(view: View, low: int, high: int) -> Iterator[Span]:
    """What tells of a person, and is met between two places."""
    yield from people.addresses(view, low, high)
    yield from people.phones(view, low, high)
    yield from people.networks(view, low, high)
