"""What Stripe answers to a GET: one object, a page of a list, or a page of a search."""

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from peakops.sandbox.vendors.stripe import expand, search
from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.vendors.stripe.parameters import Parameters
from peakops.sandbox.vendors.stripe.resources import RESOURCES, Resource
from peakops.sandbox.vendors.stripe.store import (
    Index,
    Object,
    at,
    identifier_of,
    in_other_mode,
    index_of,
    mode_of,
)
from peakops.sandbox.wire import State

EVENTS_KEPT_S = 30 * 24 * 3600
"""Stripe gives out events of the last 30 days only."""

TYPES_AT_MOST = 20

PARAMETER_OF_ID = {"payment_intents": "intent"}
"""What Stripe calls the id in the path, where it is not `id`."""

LISTED_KINDS = {"customer": "customers", "payment_intent": "payment_intents", "charge": "charges"}
"""Filters that name an object of the world."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request on its way to an answer: who asks (in which mode), about what, and when."""

    state: State
    collection: str
    parameters: Parameters
    mode: str
    now: datetime

    @property
    def view(self) -> expand.View:
        """What this key sees."""
        return expand.View(self.state, self.mode)

    @property
    def resource(self) -> Resource:
        """What is asked about."""
        return RESOURCES[self.collection]

    @property
    def index(self) -> Index:
        """The list that it is in."""
        return index_of(self.state, self.collection)


def missing(call: Call, collection: str, identifier: str, status: int, param: str) -> Refusal:
    """The refusal for an id that does not exist, with Stripe's hint if it exists in the other mode."""
    other = {"test": "live", "live": "test"}[call.mode]
    hint = ""
    if in_other_mode(call.state, collection, identifier, call.mode):
        hint = f"; a similar object exists in {other} mode, but a {call.mode} mode key was used to make this request."
    message = f"No such {RESOURCES[collection].kind}: '{identifier}'{hint}"
    return Refusal(status, message, code="resource_missing", param=param)


def visible(call: Call, collection: str, found: Object) -> bool:
    """Whether an object exists for this key and at this time."""
    if collection == "events" and found["created"] <= call.now.timestamp() - EVENTS_KEPT_S:
        return False
    return mode_of(call.state, collection, found) == call.mode


def find(call: Call, collection: str, identifier: str, *, param: str = "", status: int = 404) -> Object:
    """The object with this id; a refusal if this key does not see it."""
    found = index_of(call.state, collection).get(identifier)
    if found is None or not visible(call, collection, found):
        raise missing(call, collection, identifier, status, param or PARAMETER_OF_ID.get(collection, "id"))
    return found


def retrieve(call: Call, identifier: str) -> Object:
    """One object."""
    call.parameters.only(("expand", "client_secret") if call.collection == "payment_intents" else ("expand",))
    tree = expand.tree_for(call.resource.kind, call.parameters.many("expand"))
    return expand.render(call.view, call.collection, find(call, call.collection, identifier), tree)


def page(call: Call) -> dict[str, Any]:
    """One page of a list, newest first."""
    call.parameters.only(call.resource.list_parameters)
    tree = expand.tree_for(call.resource.kind, call.parameters.many("expand"), in_list=True)
    limit = call.parameters.limit()
    after, before = call.parameters.text("starting_after"), call.parameters.text("ending_before")
    if after and before:
        raise Refusal(400, "Give starting_after or ending_before, not both.", param="starting_after")
    ranks = candidates(call, after, before)
    found = list(islice(matching(call, reversed(ranks) if before else iter(ranks)), limit + 1))
    shown = found[:limit][::-1] if before else found[:limit]
    data = [expand.render(call.view, call.collection, one, tree) for one in shown]
    return {"object": "list", "url": call.resource.path, "has_more": len(found) > limit, "data": data}


def candidates(call: Call, after: str | None, before: str | None) -> Sequence[int]:
    """The ranks between the cursors, within the window, and with the first filter's value."""
    index = call.index
    start, stop = index.span(call.parameters.created()) if call.resource.by_created else (0, index.length)
    if after:
        find(call, call.collection, after, param="starting_after", status=400)
        start = max(start, index.rank[after] + 1)
    if before:
        find(call, call.collection, before, param="ending_before", status=400)
        stop = min(stop, index.rank[before])
    for name, value in filters(call).items():
        if not is_pattern(name, value):
            return [rank for rank in index.where(field_of(name), value) if start <= rank < stop]
    return range(start, stop)


def matching(call: Call, ranks: Iterator[int]) -> Iterator[Object]:
    """Those of the ranks' objects that every filter of the request lets through."""
    wanted = filters(call)
    types = event_types(call)
    delivered = call.parameters.flag("delivery_success") if call.collection == "events" else None
    for rank in ranks:
        found = call.index.objects[rank]
        if found.get("deleted") or not visible(call, call.collection, found):
            continue
        if delivered is not None and delivered is (found["pending_webhooks"] > 0):
            continue
        if types and found["type"] not in types:
            continue
        if all(holds(found, name, value) for name, value in wanted.items()):
            yield found


def filters(call: Call) -> dict[str, str]:
    """The equality filters that were given; an id that exists only in the other mode is refused."""
    given = {name: value for name in call.resource.filters if (value := call.parameters.text(name)) is not None}
    for name, value in given.items():
        collection = LISTED_KINDS.get(name)
        if collection and in_other_mode(call.state, collection, value, call.mode):
            raise missing(call, collection, value, 400, name)
    return given


def event_types(call: Call) -> set[str]:
    """The `types` of a list of events."""
    types = set(call.parameters.many("types"))
    if len(types) > TYPES_AT_MOST:
        raise Refusal(400, f"At most {TYPES_AT_MOST} types can be given.", param="types")
    if types and call.parameters.text("type"):
        raise Refusal(400, "Give type or types, not both.", param="types")
    return types


def field_of(parameter: str) -> str:
    """The field that a filter compares: `customer_details[email]` is `customer_details.email`."""
    return parameter.replace("[", ".").removesuffix("]")


def is_pattern(name: str, value: str) -> bool:
    """Whether a filter is an event's type with a star, which stands for anything: `payment_intent.*`."""
    return name == "type" and "*" in value


def holds(found: Object, name: str, value: str) -> bool:
    """Whether an object has the value that a filter asks for."""
    own = identifier_of(at(found, field_of(name)))
    return fnmatch.fnmatchcase(str(own), value) if is_pattern(name, value) else own == value


def search_page(call: Call) -> dict[str, Any]:
    """One page of a search, newest first; what is younger than a minute is not in it."""
    call.parameters.only(("expand", "limit", "page", "query"))
    query = call.parameters.text("query")
    if query is None:
        raise Refusal(400, "Missing required param: query.", code="parameter_missing", param="query")
    asked = call.parameters.many("expand")
    tree = expand.tree_for(call.resource.kind, [path for path in asked if path != "total_count"], in_list=True)
    test = search.test_of(call.resource, query)
    found = [rank for rank, one in enumerate(call.index.objects) if searchable(call, one) and test(one)]
    limit, first = call.parameters.limit(), search.rank_of(call.parameters.text("page"))
    rest = [rank for rank in found if rank >= first]
    shown = [call.index.objects[rank] for rank in rest[:limit]]
    answer = {
        "object": "search_result",
        "url": f"{call.resource.path}/search",
        "has_more": len(rest) > limit,
        "next_page": search.page_token(rest[limit]) if len(rest) > limit else None,
        "data": [expand.render(call.view, call.collection, one, tree) for one in shown],
    }
    return answer | ({"total_count": len(found)} if "total_count" in asked else {})


def searchable(call: Call, found: Object) -> bool:
    """Whether the search has had time to learn of an object that this key sees."""
    old_enough = found["created"] <= call.now.timestamp() - search.DELAY_S
    return old_enough and not found.get("deleted") and visible(call, call.collection, found)
