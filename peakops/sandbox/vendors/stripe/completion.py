"""Completes a world's Stripe objects: refused where Stripe has no such field, filled with what Stripe would say."""

from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from peakops.sandbox.refusals import listing, mapping, only, refuse
from peakops.sandbox.vendors.stripe import derive, refunds
from peakops.sandbox.vendors.stripe.blanks import (
    BLANKS,
    WITHOUT_CURRENCY,
    WITHOUT_LIVEMODE,
    WITHOUT_METADATA,
    fill,
)
from peakops.sandbox.vendors.stripe.fields import FIELDS
from peakops.sandbox.vendors.stripe.relations import Relations
from peakops.sandbox.vendors.stripe.resources import COLLECTION_OF, RESOURCES, Resource
from peakops.sandbox.vendors.stripe.store import Object
from peakops.sandbox.vendors.stripe.times import absolute
from peakops.sandbox.wire import State

MODES = ("test", "live")

DERIVE: dict[str, Callable[[Object, Relations], None]] = {
    "charges": derive.charge,
    "payment_intents": derive.payment_intent,
    "refunds": derive.refund,
    "disputes": derive.dispute,
    "early_fraud_warnings": derive.early_fraud_warning,
    "reviews": derive.review,
    "checkout_sessions": derive.checkout_session,
}
"""In the order in which one kind needs another's result."""

ABOUT_A_CHARGE = ("disputes", "early_fraud_warnings")
"""Objects that Stripe never has without a charge."""

PARENTS = (("payment_intent", "payment_intents"), ("charge", "charges"))
"""Whose mode and currency an object shares."""


NUMBERS = (
    *("amount", "amount_received", "amount_capturable", "amount_captured", "amount_refunded"),
    "pending_webhooks",
)
UNDATED_AGE_S = 3600
"""How old an object is that a world does not date: old enough for Stripe's search to know it."""


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and Stripe's defaults."""
    only(mapping(part, "stripe"), (*RESOURCES, "key", refunds.BEHAVIOUR), "stripe", "resource")
    key = part.get("key", MODES[0])
    if key not in MODES:
        refuse("stripe.key", f"{key!r} is neither test nor live.")
    state: State = {"key": key, **refunds.behaviour(part)}
    for collection, resource in RESOURCES.items():
        state[collection] = checked(resource, part.get(collection, []), now, f"stripe.{collection}")
    lift_refunds(state, now)
    among = Relations(state)
    for collection in (*DERIVE, *(name for name in RESOURCES if name not in DERIVE)):
        for number, found in enumerate(state[collection]):
            finish(among, collection, found, f"stripe.{collection}[{number}]")
    return state


def complete_one(state: State, collection: str, found: Object) -> None:
    """Complete one object that comes to a state that is complete already."""
    found["object"] = RESOURCES[collection].kind
    finish(Relations(state), collection, found, f"stripe.{collection}")


def checked(resource: Resource, objects: Any, now: datetime, place: str) -> list[Object]:
    """The objects of one list, each with an id of its own and with known fields only, and absolute times."""
    seen: set[str] = set()
    found = []
    for number, given in enumerate(listing(objects, place)):
        here = f"{place}[{number}]"
        one = known(resource, absolute(given, now, here), here)
        identifier = one.setdefault("id", f"{resource.prefix}_{number + 1}")
        if not isinstance(identifier, str) or not identifier:
            refuse(f"{here}.id", "must be a string.")
        if identifier in seen:
            refuse(f"{here}.id", f"{identifier} occurs twice.")
        seen.add(identifier)
        if not isinstance(one.setdefault("created", int(now.timestamp()) - UNDATED_AGE_S), int):
            refuse(f"{here}.created", "must be a time.")
        typed(one, here)
        found.append(one)
    return found


def typed(found: Object, place: str) -> None:
    """Refuse a number or a mapping that is none: the client would fail on it later, and less plainly."""
    for name, value in found.items():
        if name in NUMBERS and type(value) is not int:
            refuse(f"{place}.{name}", "must be an integer (money in minor units).")
        if name == "metadata" and not isinstance(value, dict):
            refuse(f"{place}.{name}", "must be an object.")


def known(resource: Resource, given: Object, place: str) -> Object:
    """An object all of whose fields Stripe has."""
    fields = FIELDS[resource.kind]
    for name in mapping(given, place):
        if name not in fields:
            no_such_field(resource, name, fields, place)
    kind = given.setdefault("object", resource.kind)
    if kind != resource.kind:
        refuse(f"{place}.object", f"a {resource.name} is a {resource.kind}, not a {kind}.")
    return given


def no_such_field(resource: Resource, name: str, fields: Iterable[str], place: str) -> NoReturn:
    """Refuse a field that Stripe's object does not have, and name the one that was perhaps meant."""
    near = get_close_matches(name, sorted(fields), n=1)
    meant = f"; did you mean {near[0]}?" if near else "."
    refuse(f"{place}.{name}", f"Stripe's {resource.name} has no such field{meant}")


def lift_refunds(state: State, now: datetime) -> None:
    """Refunds that are given within a charge are refunds of the world too."""
    ids = {refund["id"] for refund in state["refunds"]}
    for number, charge in enumerate(state["charges"]):
        within = charge.get("refunds") or {}
        place = f"stripe.charges[{number}].refunds.data"
        for refund in checked(RESOURCES["refunds"], within.get("data", []), now, place):
            if refund["id"] not in ids:
                ids.add(refund["id"])
                state["refunds"].append({"charge": charge["id"], **refund})


def finish(among: Relations, collection: str, found: Object, place: str) -> None:
    """Fill one object: what follows from others first, then what does not."""
    kind = RESOURCES[collection].kind
    if found.get("deleted"):
        return
    parent = next((owner for name, of in PARENTS if (owner := among.get(of, found.get(name)))), {})
    if kind not in WITHOUT_LIVEMODE:
        found.setdefault("livemode", parent.get("livemode", among.state["key"] == "live"))
    if kind not in WITHOUT_CURRENCY:
        found.setdefault("currency", parent.get("currency", "usd"))
    if kind not in WITHOUT_METADATA:
        found.setdefault("metadata", {})
    if collection in DERIVE:
        DERIVE[collection](found, among)
    if collection in ABOUT_A_CHARGE and not found["charge"]:
        refuse(f"{place}.charge", f"a {RESOURCES[collection].name} needs the charge that it is about.")
    if kind == "event":
        event_object(among, found, f"{place}.data.object")
    fill(found, BLANKS[kind])


def event_object(among: Relations, event: Object, place: str) -> None:
    """What an event is about: the world's object, with what the event itself says about it on top."""
    given = (event.get("data") or {}).get("object")
    collection = collection_of_event(given, str(event.get("type")))
    if not isinstance(given, dict) or collection is None:
        return
    event["data"]["object"] = given = known(RESOURCES[collection], given, place)
    whole = among.get(collection, given)
    if whole is not None:
        fill(given, whole)
    elif "id" in given:
        given.setdefault("created", event["created"])
        finish(among, collection, given, place)


def collection_of_event(given: Any, event_type: str) -> str | None:
    """The list that an event's object is of: by the object itself, or by the event's type."""
    if isinstance(given, dict) and isinstance(given.get("object"), str):
        return COLLECTION_OF.get(given["object"])
    subject = event_type.rpartition(".")[0]
    return COLLECTION_OF.get(subject) or COLLECTION_OF.get(subject.removeprefix("charge."))
