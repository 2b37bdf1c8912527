"""Checks a world's `ups` part, and fills in what UPS would know."""

from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import only, refuse, unknown
from peakops.sandbox.times import written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, objects, one_of, text, texts, time
from peakops.sandbox.vendors.ups.numbers import new_number
from peakops.sandbox.wire import State

PRODUCTS = ("shipping", "address_validation", "tracking")
ADDRESS = ("line", "city", "state", "postal_code", "result", "classification", "candidates")
CANDIDATE = ("line", "city", "state", "postal_code")
RESULTS = ("valid", "ambiguous", "none")
CLASSES = ("unknown", "commercial", "residential")
SHIPMENT = ("shipment_id", "tracking_number", "reference", "account", "voided", "created_at", "label")
ACCOUNT = "A1B2C3"
GROUND = "03"


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with absolute times and UPS's defaults."""
    only(part, RESOURCES["ups"], "ups", "resource")
    products = texts(part.get("products", list(PRODUCTS)), "ups.products")
    for number, product in enumerate(products):
        if product not in PRODUCTS:
            unknown(f"ups.products[{number}]", "product", product, PRODUCTS)
    state: State = {
        "accounts": texts(part.get("accounts", [ACCOUNT]), "ups.accounts"),
        "products": products,
        "addresses": [address(*each) for each in objects(part.get("addresses", []), ADDRESS, "ups.addresses")],
        "shipments": [],
    }
    for given, place in objects(part.get("shipments", []), SHIPMENT, "ups.shipments"):
        state["shipments"].append(shipment(given, now, place, state))
    return state


def address(given: Object, place: str) -> Object:
    """An address about which UPS has something to say; a candidate's missing parts are the address's own."""
    found = {name: text(given, name, place) for name in CANDIDATE}
    result = one_of(given, "result", RESULTS, place, "valid")
    usual = "commercial" if result == "valid" else "unknown"
    candidates = objects(given.get("candidates", []), CANDIDATE, f"{place}.candidates")
    return {
        **found,
        "result": result,
        "classification": one_of(given, "classification", CLASSES, place, usual),
        "candidates": [{name: text(each, name, here, found[name]) for name in CANDIDATE} for each, here in candidates],
    }


def shipment(given: Object, now: datetime, place: str, state: State) -> Object:
    """A shipment that UPS knows, of one package."""
    account = text(given, "account", place, (state["accounts"] or [ACCOUNT])[0])
    number = text(given, "tracking_number", place, new_number(state["shipments"], account, GROUND))
    if any(each["tracking_number"] == number for each in state["shipments"]):
        refuse(f"{place}.tracking_number", f"{number} occurs twice.")
    return {
        "shipment_id": text(given, "shipment_id", place, number),
        "tracking_number": number,
        "reference": text(given, "reference", place, ""),
        "account": account,
        "voided": flag(given, "voided", place, default=False),
        "created_at": written(time(given, "created_at", now, place)),
        "label": flag(given, "label", place, default=True),
    }


def flag(given: Object, key: str, place: str, *, default: bool) -> bool:
    """True or false."""
    value: Any = given.get(key, default)
    return value if isinstance(value, bool) else refuse(f"{place}.{key}", "must be true or false.")
