"""What the doors remove besides the shapes that they know: what the scan's detectors find in a text."""

from peakops.redact import masks, named, numbers
from peakops.redact.shapes import REMOVED, compiled
from peakops.redact.view import Span, View

LONGEST_PHONE = 20
"""Characters of a phone number that may stand behind the end of what is removed."""


def spans(text: str, *, numbered: bool, named_too: bool) -> list[tuple[int, int]]:
    """Where they begin and end, the last one first."""
    view, high = View.of(text), len(text)
    found: list[Span] = []
    if numbered:
        found += [*numbers.cards(view, 0, high), *numbers.social(view, 0, high)]
    if named_too:
        found += named.secrets(view, 0, high)
    return sorted(((start, _past(text, start, end)) for _, start, end, _ in found), reverse=True)


def _past(text: str, start: int, end: int) -> int:
    """The end: of a long value, and behind a phone number or what an earlier shape left, for they have blanks."""
    if end - start >= named.LONGEST_PLAIN:
        goes_on = compiled(f"{named.PLAIN}+").match(text, end)
        end = goes_on.end() if goes_on else end
    left = text.find(REMOVED, start, end + len(REMOVED))
    end = max(end, left + len(REMOVED)) if 0 <= left < end else end
    phones = (each.end() for each in masks.PHONE.finditer(text, start, end + LONGEST_PHONE) if each.start() < end)
    return max((end, *phones))
