"""Answers queries: finds the records once, and gives them out in pages under a locator."""

import itertools
from collections import OrderedDict
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce import described, soql
from peakops.sandbox.vendors.salesforce.asked import Asked
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.filters import stored
from peakops.sandbox.wire import Answer, State

PAGE, SMALLEST = 2000, 200
"""Records of a page, and the least that Sforce-Query-Options may ask for."""
RESULTS_KEPT = 10
"""As many open queries a user has at Salesforce."""


@dataclass(frozen=True)
class Result:
    """What a query found; it is not evaluated again for its further pages."""

    state: State
    """Of which world: a locator of the world before is worth nothing in the next one."""
    query: soql.Query
    found: list[Object]
    size: int


_RESULTS: OrderedDict[str, Result] = OrderedDict()
_NUMBERS = itertools.count(1)


def query(asked: Asked) -> Answer:
    """GET /query: without the records in the bin."""
    return begun(asked, deleted=False)


def query_all(asked: Asked) -> Answer:
    """GET /queryAll: those in the bin too."""
    return begun(asked, deleted=True)


def begun(asked: Asked, *, deleted: bool) -> Answer:
    """The first page of a query."""
    state = asked.state
    understood = soql.read(asked.query.get("q", ""), lambda kind: described.columns(state, kind))
    found = [each for each in records(state, understood.kind) if deleted or not each.get("IsDeleted")]
    if understood.where is not None:
        found = list(filter(understood.where, found))
    found = ordered(state, understood, found)
    last = None if understood.limit is None else understood.offset + understood.limit
    found = found[understood.offset : last]
    if not understood.names:
        return Answer(body={"totalSize": len(found), "done": True, "records": []})
    return page(asked, Result(state, understood, found, size(asked)), "", 0)


def records(state: State, kind: str) -> list[Object]:
    """All records of an object."""
    if kind == "Organization":
        return [state["organization"]]
    return list(state[{"Case": "cases", "Account": "accounts", "User": "users"}[kind]])


def ordered(state: State, query: soql.Query, found: list[Object]) -> list[Object]:
    """The records in the order of ORDER BY, those without a value apart."""
    columns = described.columns(state, query.kind) or {}
    for order in reversed(query.orders):
        fold, name = stored(columns[order.name]), order.name
        valued = [(fold(each.get(name)), each) for each in found]
        empty = [each for value, each in valued if value is None]
        full = sorted((each for each in valued if each[0] is not None), key=itemgetter(0), reverse=order.descending)
        rest = [each for _, each in full]
        found = [*rest, *empty] if order.nulls_last else [*empty, *rest]
    return found


def size(asked: Asked) -> int:
    """How many records a page has: Sforce-Query-Options: batchSize=200."""
    _, _, given = asked.request.headers.get("sforce-query-options", "").partition("batchSize=")
    return min(PAGE, max(SMALLEST, int(given))) if given.isdecimal() else PAGE


def more(asked: Asked, locator: str) -> Answer:
    """GET /query/{locator}: a further page."""
    name, _, start = locator.partition("-")
    result = _RESULTS.get(name)
    if result is None or result.state is not asked.state or not start.isdecimal():
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    return page(asked, result, name, int(start))


def page(asked: Asked, result: Result, name: str, start: int) -> Answer:
    """The page from a record on; a result that does not fit into one is kept."""
    stop = start + result.size
    shown = [told(asked, result.query, each) for each in result.found[start:stop]]
    body: dict[str, Any] = {"totalSize": len(result.found), "done": stop >= len(result.found)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"{asked.root}/query/{name or kept(result)}-{stop}"
    return Answer(body={**body, "records": shown})


def kept(result: Result) -> str:
    """The locator under which a result is kept; the oldest one gives way."""
    name = f"01gSB0{next(_NUMBERS):09d}"
    _RESULTS[name] = result
    while len(_RESULTS) > RESULTS_KEPT:
        _RESULTS.popitem(last=False)
    return name


def told(asked: Asked, query: soql.Query, record: Object) -> dict[str, Any]:
    """A record as a query gives it: the fields that were asked for."""
    attributes = {"type": query.kind, "url": f"{asked.root}/sobjects/{query.kind}/{record['Id']}"}
    return {"attributes": attributes, **{name: record.get(name) for name in query.names}}
