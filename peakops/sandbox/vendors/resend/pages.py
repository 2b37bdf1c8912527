"""What Resend lists: by page, the newest first, behind or before an object."""

from collections.abc import Sequence

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.wire import Answer, Request

MOST = 100
USUAL = 20


def page(found: Sequence[Object], request: Request, hidden: tuple[str, ...] = ()) -> Answer:
    """A page of a list, without the fields that only an object by itself shows. Raises Refusal."""
    query = dict(request.query)
    limit = size(query)
    if "after" in query and "before" in query:
        raise Refusal("validation_error", "The `after` and `before` parameters cannot be used together.")
    if "before" in query:
        rest = found[: position(found, query["before"])]
        shown = rest[-limit:]
    else:
        rest = found[position(found, query["after"]) + 1 :] if "after" in query else found
        shown = rest[:limit]
    data = [{key: value for key, value in each.items() if key not in hidden} for each in shown]
    return Answer(body={"object": "list", "has_more": len(rest) > limit, "data": data})


def size(query: dict[str, str]) -> int:
    """How many a page has."""
    value = query.get("limit", str(USUAL))
    if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= MOST):
        raise Refusal("validation_error", f"The `limit` must be a number between 1 and {MOST}.")
    return int(value)


def position(found: Sequence[Object], identifier: str) -> int:
    """Where the object with this id is."""
    for place, each in enumerate(found):
        if each["id"] == identifier:
            return place
    raise Refusal("validation_error", "The pagination cursor is not valid.")
