"""What the looks at an HTTP API hand back."""

from collections.abc import Mapping, Sequence
from typing import Any

from peakops.model import Brought
from peakops.sources.http_errors import Answer


def brought(
    answers: Sequence[Answer],
    rows: Sequence[Mapping[str, Any]],
    asked: str,
    *,
    single: bool = False,
    notes: tuple[str, ...] = (),
) -> Brought:
    """The rows of a look, with the names that the vendor gave the requests which brought them."""
    ids = tuple(each.request_id for each in answers if each.request_id)
    return Brought(rows=tuple(rows), single=single, asked=asked, request_ids=ids, notes=notes)


def nothing(asked: str, request_id: str, *, single: bool = False) -> Brought:
    """The answer of a look whose subject the vendor says that it does not have."""
    return Brought(single=single, asked=asked, request_ids=(request_id,) if request_id else ())
