"""UPS's tracking: one package by its number, or the shipments that carry a reference of ours."""

from datetime import UTC, datetime, timedelta

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

SHORTEST, LONGEST = 7, 34
"""The lengths that an inquiry number may have."""
KEPT = timedelta(days=120)
"""After that UPS tells nothing of a shipment any more."""
LOOKED_BACK = timedelta(days=14)
"""How far a search by reference goes back unless it is told."""
SMALL_PACKAGE = "SmallPackage"

READY = {"code": "003", "type": "M", "description": "Shipper created a label, UPS has not received the package yet."}
VOIDED = {"code": "007", "type": "MV", "description": "Shipment Information Voided"}
"""UPS's own numbers of these two states (appendix of the tracking guide); `type` is the kind of the last activity."""
ACTIVITY_CODE = {"M": "MP", "MV": "VP"}


def by_number(state: State, request: Request, number: str) -> Answer:
    """GET /api/track/v1/details/{number}."""
    require_headers(request)
    if not SHORTEST <= len(number) <= LONGEST:
        raise Refusal("TV1002")
    found = [each for each in kept(state, request.now) if each["tracking_number"] == number]
    return told(state, number, found)


def by_reference(state: State, request: Request, reference: str) -> Answer:
    """GET /api/track/v1/reference/details/{reference}: what was handed over between two days, of one account or all."""
    require_headers(request)
    asked = dict(request.query)
    since = day(asked.get("fromPickUpDate"), request.now - LOOKED_BACK)
    until = day(asked.get("toPickUpDate"), request.now)
    found = [
        each
        for each in kept(state, request.now)
        if each["reference"] == reference
        and since <= f"{created(each):%Y%m%d}" <= until
        and each["account"] == (asked.get("shipperNum") or each["account"])
        and asked.get("refNumType", SMALL_PACKAGE) == SMALL_PACKAGE
    ]
    return told(state, reference, found)


def require_headers(request: Request) -> None:
    """Refuse a call that does not say what it is; tracking wants both headers."""
    for name in ("transId", "transactionSrc"):
        if not request.headers.get(name.lower()):
            raise Refusal("20007", name)


def day(given: str | None, usual: datetime) -> str:
    """A day as UPS writes it, YYYYMMDD. Raises Refusal if it is written otherwise."""
    if not given:
        return f"{usual:%Y%m%d}"
    try:
        return f"{datetime.strptime(given, '%Y%m%d').replace(tzinfo=UTC):%Y%m%d}"
    except ValueError as wrong:
        raise Refusal("10002") from wrong


def kept(state: State, now: datetime) -> list[Object]:
    """The shipments that UPS still tells of."""
    return [each for each in state["shipments"] if created(each) > now - KEPT]


def created(each: Object) -> datetime:
    """When a shipment's label was made."""
    return datetime.fromisoformat(each["created_at"])


def told(state: State, inquiry: str, found: list[Object]) -> Answer:
    """The answer: packages by shipment; where there are none, a success that carries a warning."""
    groups: dict[str, list[Object]] = {}
    for each in found:
        groups.setdefault(each["shipment_id"], []).append(each)
    shipments: list[Object] = [
        {"inquiryNumber": inquiry, "package": [package(state, each) for each in group]} for group in groups.values()
    ]
    nothing = {"code": "TW0001", "message": "Tracking Information Not Found"}
    return Answer(
        body={"trackResponse": {"shipment": shipments or [{"inquiryNumber": inquiry, "warnings": [nothing]}]}}
    )


def package(state: State, each: Object) -> Object:
    """One package, with what happened to it, the latest first."""
    happened = [activity(READY, created(each))]
    if each["voided"]:
        at = state.get("_voided", {}).get(each["tracking_number"], each["created_at"])
        happened.insert(0, activity(VOIDED, datetime.fromisoformat(at)))
    return {
        "trackingNumber": each["tracking_number"],
        "currentStatus": dict(VOIDED if each["voided"] else READY),
        "packageCount": sum(other["shipment_id"] == each["shipment_id"] for other in state["shipments"]),
        "referenceNumber": [{"type": "PACKAGE", "number": each["reference"]}] if each["reference"] else [],
        "activity": happened,
    }


def activity(status: dict[str, str], at: datetime) -> Object:
    """One thing that happened, in UTC."""
    return {
        "date": f"{at:%Y%m%d}",
        "time": f"{at:%H%M%S}",
        "gmtDate": f"{at:%Y%m%d}",
        "gmtTime": f"{at:%H%M%S}",
        "gmtOffset": "+00:00",
        "status": {
            "type": status["type"],
            "code": ACTIVITY_CODE[status["type"]],
            "statusCode": status["code"],
            "description": status["description"],
        },
    }
