"""From Stripe's pages to what a look brings: rows, the requests that brought them, and what was cut."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from peakops.model import Brought, Row
from peakops.sources.stripe_calls import MOST_PAGES, PAGE, Page


def brought(
    pages: Sequence[Page], rows: Sequence[Row], asked: str, *, single: bool = False, notes: tuple[str, ...] = ()
) -> Brought:
    """The rows of a look; a note says that a page was cut, and whatever else the pages note."""
    ids = tuple(each for page in pages for each in page.request_ids if each)
    cut = (f"Only the newest {MOST_PAGES * PAGE} of a list were read.",) if any(page.cut for page in pages) else ()
    said = tuple(note for page in pages for note in page.notes)
    return Brought(rows=tuple(rows), single=single, asked=asked, request_ids=ids, notes=notes + said + cut)


def newest_first(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stripe's objects by when they were created."""
    return sorted(items, key=lambda each: -each["created"])


def unix(moment: datetime) -> int:
    """A moment in whole seconds, as Stripe writes it."""
    return int(moment.timestamp())
