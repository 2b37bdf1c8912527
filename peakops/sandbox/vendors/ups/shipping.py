"""UPS's shipments: each request makes one, since UPS has no protection against twins; and taking one back."""

import json
import math
import re
from datetime import datetime, timedelta

from peakops.sandbox.times import written
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups import asked, labels, parcels, parties
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.vendors.ups.numbers import SHAPE, new_number
from peakops.sandbox.vendors.ups.tracking import created
from peakops.sandbox.wire import Answer, Request, State

OPTIONS = ("validate", "nonvalidate")
ACCOUNT = re.compile("[0-9A-Z]{6}", re.IGNORECASE)
NEEDS_PHONE = "14"
"""Next Day Air Early rings the receiver up."""
VOID_WITHIN = timedelta(days=28)
"""How long UPS lets a label that was not used be taken back."""
BASE_PRICE, PRICE_PER_POUND = 9.5, 0.85


def ship(state: State, request: Request) -> Answer:
    """POST /api/shipments/v2409/ship."""
    given = asked.asked(request, "ShipmentRequest")
    shipment = asked.part(given, "Shipment")
    account = check_account(state, shipment)
    service = check_shipment(state, request, given)
    kind = parcels.check_label(given)
    packages = parcels.check_packages(shipment)
    within = {country(shipment, name) for name in ("Shipper", "ShipTo")} <= set(parties.DOMESTIC)
    reference = parcels.check_references(shipment, packages, within=within)
    made = made_of(state, {"reference": reference, "account": account}, service, len(packages), request.now)
    pounds = sum(parcels.pounds(each) for each in packages)
    body = {"Response": asked.answered(given), "ShipmentResults": results(made, kind, pounds)}
    return Answer(body={"ShipmentResponse": body})


def made_of(state: State, of: Object, service: str, packages: int, now: datetime) -> list[Object]:
    """A new shipment, remembered: one entry a package, all with the first one's number as the shipment's."""
    made: list[Object] = []
    for _ in range(packages):
        number = new_number([*state["shipments"], *made], of["account"], service)
        shipment_id = made[0]["shipment_id"] if made else number
        fresh = {"voided": False, "created_at": written(now), "label": True}
        made.append({"shipment_id": shipment_id, "tracking_number": number, **of, **fresh})
    state["shipments"].extend(made)
    return made


def check_account(state: State, shipment: Object) -> str:
    """The shipper's account, if the key may use it. Raises Refusal."""
    account = asked.text(shipment, "Shipper", "ShipperNumber")
    parties.require(bool(account), "120100")
    parties.require(ACCOUNT.fullmatch(account) is not None, "120113")
    parties.require(account in state["accounts"], "120121")
    return account


def check_shipment(state: State, request: Request, given: Object) -> str:
    """The service, if parties, places and payment are as UPS wants them. Raises Refusal."""
    option = asked.text(given, "Request", "RequestOption")
    parties.require(option in OPTIONS, "120051")
    shipment = asked.part(given, "Shipment")
    parties.check("Shipper", asked.part(shipment, "Shipper"))
    origin, destination = country(shipment, "Shipper"), country(shipment, "ShipTo")
    service = asked.text(shipment, "Service", "Code")
    needed = service == NEEDS_PHONE or origin != destination
    parties.check("ShipTo", asked.part(shipment, "ShipTo"), phone_needed=needed)
    if "ShipFrom" in shipment:
        parties.check("ShipFrom", asked.part(shipment, "ShipFrom"))
    if option == "validate" or dict(request.query).get("additionaladdressvalidation") == "city":
        parties.check_city(state, asked.part(shipment, "ShipTo"))
    parcels.check_payment(shipment, asked.text(shipment, "Shipper", "ShipperNumber"))
    return parcels.check_service(shipment, origin, destination)


def country(shipment: Object, party: str) -> str:
    """A party's country."""
    return asked.text(shipment, party, "Address", "CountryCode")


def results(made: list[Object], kind: str, pounds: float) -> Object:
    """What UPS tells of a new shipment."""
    carriage, none = money(BASE_PRICE + PRICE_PER_POUND * math.ceil(pounds)), money(0)
    return {
        "ShipmentCharges": {
            "TransportationCharges": carriage,
            "ServiceOptionsCharges": none,
            "TotalCharges": carriage,
        },
        "BillingWeight": {
            "UnitOfMeasurement": {"Code": "LBS", "Description": "Pounds"},
            "Weight": f"{math.ceil(pounds):.1f}",
        },
        "ShipmentIdentificationNumber": made[0]["shipment_id"],
        "PackageResults": [
            {
                "TrackingNumber": each["tracking_number"],
                "ServiceOptionsCharges": none,
                "ShippingLabel": {
                    "ImageFormat": {"Code": kind, "Description": kind},
                    "GraphicImage": labels.image(each["tracking_number"], kind),
                },
            }
            for each in made
        ],
    }


def money(amount: float) -> Object:
    """An amount as UPS writes it."""
    return {"CurrencyCode": "USD", "MonetaryValue": f"{amount:.2f}"}


def void(state: State, request: Request, identifier: str) -> Answer:
    """DELETE /api/shipments/v2409/void/cancel/{shipmentId}: the whole shipment, or those packages that are named."""
    shipment = [each for each in state["shipments"] if each["shipment_id"] == identifier]
    if not shipment:
        raise Refusal("190102" if SHAPE.fullmatch(identifier) else "190100")
    numbers = named(request)
    if not set(numbers) <= {each["tracking_number"] for each in shipment}:
        raise Refusal("190109")
    chosen = [each for each in shipment if not numbers or each["tracking_number"] in numbers]
    check_voidable(chosen, request.now)
    for each in chosen:
        each["voided"] = True
        state.setdefault("_voided", {})[each["tracking_number"]] = written(request.now)
    whole = all(each["voided"] for each in shipment)
    done = {"Code": "1", "Description": "Voided"}
    body = {
        "Response": asked.answered({}),
        "SummaryResult": {"Status": done if whole else {"Code": "2", "Description": "Partial Void"}},
        "PackageLevelResults": [{"TrackingNumber": each["tracking_number"], "Status": done} for each in chosen],
    }
    return Answer(body={"VoidShipmentResponse": body})


def named(request: Request) -> list[str]:
    """The tracking numbers that the query names, one or a list of them. Raises Refusal."""
    given = dict(request.query).get("trackingnumber", "").strip()
    try:
        found = json.loads(given) if given.startswith("[") else [given] if given else []
    except ValueError as wrong:
        raise Refusal("190109") from wrong
    return [str(each) for each in found]


def check_voidable(chosen: list[Object], now: datetime) -> None:
    """Refuse packages that were taken back already, and those that are too old. Raises Refusal."""
    if all(each["voided"] for each in chosen):
        raise Refusal("190117")
    if any(created(each) < now - VOID_WITHIN for each in chosen):
        raise Refusal("190101")
