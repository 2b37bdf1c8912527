"""What is said to UPS and what it answers, as its specification has it: bodies of requests, and the rows of answers."""

import base64
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from peakops.errors import BadInput, NotConfigured

GIF = "GIF"
VOID_TYPE = "MV"
"""The kind of status of a shipment whose label was taken back."""
RESULTS = {"ValidAddressIndicator": "valid", "AmbiguousAddressIndicator": "ambiguous", "NoCandidatesIndicator": "none"}
"""Exactly one of them is in an answer; that it is there says yes, and its text is empty."""
CLASSES = {"0": "unknown", "1": "commercial", "2": "residential"}
NUMBER = re.compile(r"[0-9A-Z]{7,34}")
"""A tracking number: 1Z and sixteen characters, or one of several older forms; UPS knows which."""
ACCOUNT = re.compile(r"[0-9A-Z]{6}")
MALFORMED_NUMBER = "ups.malformed_number"
LONGEST_REFERENCE = 35
SHIPPER = "PEAKOPS_UPS_SHIPPER"
DONE = "1"
OWN_PACKAGING = "02"
Row = dict[str, Any]


def number_of(given: str) -> str:
    """A tracking number as UPS writes it. Raises BadInput for what can be none."""
    number = re.sub(r"\s", "", given).upper()
    if not NUMBER.fullmatch(number):
        raise BadInput("This is no tracking number.", code=MALFORMED_NUMBER, source="ups")
    return number


def reference_in_path(given: str) -> str:
    """A reference as one part of a path. Raises BadInput for what UPS could not have kept, or a path cannot hold."""
    fits = 0 < len(given) <= LONGEST_REFERENCE and given.isprintable() and given.strip(". ") and "/" not in given
    if not fits:
        takes = f"at most {LONGEST_REFERENCE} printable characters, not dots alone, and no '/'"
        says = f"UPS cannot be asked for this reference: it takes {takes}."
        hint = "Look for its labels in UPS's portal by hand, before one is made there."
        raise BadInput(says, code="ups.malformed_reference", hint=hint, source="ups")
    return quote(given, safe="")


def address(*, lines: list[str], city: str, state: str, postal_code: str, country: str) -> Row:
    """The body that asks what UPS makes of an address."""
    key = {
        "AddressLine": [each for each in lines if each],
        "PoliticalDivision2": city,
        "PoliticalDivision1": state,
        "PostcodePrimaryLow": postal_code,
    }
    return {"XAVRequest": {"AddressKeyFormat": {**_given(key), "CountryCode": country}}}


def recovery(*, number: str = "", reference: str = "", account: str = "") -> Row:
    """The body that asks for a label again: by its number, or by the reference and the account."""
    named: Row = {"TrackingNumber": number}
    if not number:
        named = {"ReferenceValues": {"ReferenceNumber": {"Value": reference}, "ShipperNumber": account}}
    label = {"HTTPUserAgent": "Mozilla/4.5", "LabelImageFormat": {"Code": GIF}}
    return {"LabelRecoveryRequest": {"Request": {"SubVersion": "1903"}, "LabelSpecification": label, **named}}


def shipment(
    *,
    id: str,
    reference: str,
    account: str,
    service: str,
    ship_to: Mapping[str, Any],
    packages: list[Row],
    shipper: Mapping[str, Any],
) -> Row:
    """
    The body that asks for a label; `id` is the shipment's own, which UPS gives back.

    Raises NotConfigured where the laboratory's own address is missing, BadInput where a part cannot be a label's.
    """
    if not shipper:
        says, hint = f"{SHIPPER} is not set: a label needs the laboratory's own address.", "See docs/settings.md."
        raise NotConfigured(says, code="ups.no_shipper", hint=hint, source="ups")
    if not ACCOUNT.fullmatch(account or ""):
        raise _unfit("the practice has no UPS account number of six characters", "no_account")
    wanted = {
        "Shipper": {**_party(shipper), "ShipperNumber": account},
        "ShipTo": _party(ship_to),
        "PaymentInformation": {"ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": account}}]},
        "Service": {"Code": service},
        **_packages(packages, reference, within=shipper.get("country") == ship_to.get("country")),
    }
    size = {"Height": "6", "Width": "4"}
    request = {"RequestOption": "validate", "TransactionReference": {"CustomerContext": id}}
    label = {"LabelImageFormat": {"Code": GIF}, "LabelStockSize": size}
    return {"ShipmentRequest": {"Request": request, "Shipment": wanted, "LabelSpecification": label}}


def tracked_in(body: Mapping[str, Any]) -> list[Row]:
    """The packages in an answer of the tracking; none of a number that UPS does not know, of which it warns instead."""
    found = [each for shipment in many(body["trackResponse"]["shipment"]) for each in many(shipment.get("package"))]
    return [_package(each) for each in found]


def labels_in(body: Mapping[str, Any]) -> list[Row]:
    """The labels in an answer of the recovery, each with its `image`, which no row of a look may have."""
    return [
        _label(each["TrackingNumber"], each["LabelImage"]["LabelImageFormat"], each["LabelImage"]["GraphicImage"])
        for each in many(body["LabelRecoveryResponse"]["LabelResults"])
    ]


def made_in(body: Mapping[str, Any]) -> list[Row]:
    """The labels of a new shipment, the first of which has the shipment's own number."""
    results = body["ShipmentResponse"]["ShipmentResults"]
    found = [
        _label(each["TrackingNumber"], each["ShippingLabel"]["ImageFormat"], each["ShippingLabel"]["GraphicImage"])
        for each in many(results["PackageResults"])
    ]
    if not found:
        raise ValueError("a shipment without a package")
    return found


def need_voided(body: Mapping[str, Any], number: str) -> None:
    """Raises ValueError where the answer does not say that the package, or the whole shipment, is voided."""
    said = body["VoidShipmentResponse"]
    of = {each["TrackingNumber"]: each["Status"]["Code"] for each in many(said.get("PackageLevelResults"))}
    if of.get(number, said["SummaryResult"]["Status"]["Code"]) != DONE:
        raise ValueError("it does not say that the label is voided")


def judged_in(body: Mapping[str, Any]) -> Row:
    """What UPS makes of an address. Raises ValueError where it says it in no way, or in several."""
    said = body["XAVResponse"]
    (result,) = [name for mark, name in RESULTS.items() if mark in said]
    kind = (said.get("AddressClassification") or {}).get("Code", "0")
    candidates = [_candidate(each["AddressKeyFormat"]) for each in many(said.get("Candidate"))]
    return {"result": result, "classification": CLASSES[kind], "candidates": candidates}


def many(given: Any) -> list[Any]:
    """A list; UPS writes one thing for a list of one, as its older XML did."""
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _unfit(what: str, code: str) -> BadInput:
    hint = "Correct it in the portal, then run the check again."
    return BadInput(f"No label can be made: {what}.", code=f"ups.{code}", hint=hint, source="ups")


def _given(fields: Mapping[str, Any]) -> Row:
    """The fields that there are: UPS takes an empty one for a wrong one."""
    return {name: value for name, value in fields.items() if value}


def _party(given: Mapping[str, Any]) -> Row:
    phone = re.sub(r"\D", "", str(given.get("phone") or ""))
    place = {
        "AddressLine": [str(each) for each in given.get("lines") or () if each],
        "City": given.get("city"),
        "StateProvinceCode": given.get("state"),
        "PostalCode": given.get("postal_code"),
        "CountryCode": given.get("country"),
    }
    return _given({"Name": given.get("name"), "Phone": phone and {"Number": phone}, "Address": _given(place)})


def _packages(packages: list[Row], reference: str, *, within: bool) -> Row:
    """The packages, and the reference: on each within one country, else on the shipment, as UPS wants it."""
    if not packages:
        raise _unfit("the shipment has no package", "no_package")
    mark = {"ReferenceNumber": [{"Value": reference}]}
    return {"Package": [{**_parcel(each), **(mark if within else {})} for each in packages], **({} if within else mark)}


def _parcel(given: Row) -> Row:
    weight = {"UnitOfMeasurement": {"Code": "LBS"}, "Weight": _size(given.get("weight_lb"), "weight", steps=10)}
    parcel = {"Packaging": {"Code": OWN_PACKAGING}, "PackageWeight": weight}
    sides = {name: given.get(f"{name.lower()}_in") for name in ("Length", "Width", "Height")}
    if any(sides.values()):
        measured = {name: _size(each, name.lower()) for name, each in sides.items()}
        parcel["Dimensions"] = {"UnitOfMeasurement": {"Code": "IN"}, **measured}
    return parcel


def _size(given: Any, what: str, steps: int = 1) -> str:
    """A weight or a length, up to the next tenth or whole: UPS takes no more digits."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1000:
        raise _unfit(f"a package has no {what} that could be one", "malformed_package")
    return f"{math.ceil(given * steps) / steps:g}"


def _package(given: Mapping[str, Any]) -> Row:
    happened = [_at(each) for each in many(given.get("activity"))]
    status = given.get("currentStatus") or {}
    latest = (many(given.get("activity")) or [{}])[0].get("status") or {}
    kind = status.get("type") or latest.get("type") or ""
    says = " ".join(str(status.get("description") or latest.get("description") or "").split())[:80]
    return {
        "tracking_number": _number(given["trackingNumber"]),
        "status": says,
        "status_code": str(status.get("code") or latest.get("statusCode") or "")[:8],
        "voided": kind == VOID_TYPE or "void" in says.lower(),
        "references": [str(each["number"]) for each in many(given.get("referenceNumber"))],
        "at": max((each for each in happened if each), default=None),
    }


def _at(activity: Mapping[str, Any]) -> datetime | None:
    """When something happened: in UTC where UPS says so, else by the clock of the place, whose offset it names."""
    if activity.get("gmtDate") and activity.get("gmtTime"):
        return _moment(activity["gmtDate"], activity["gmtTime"])
    if not (activity.get("date") and activity.get("time") and activity.get("gmtOffset")):
        return None
    sign, hours, minutes = re.fullmatch(r"([+-])(\d\d):?(\d\d)", activity["gmtOffset"]).groups()  # type: ignore[union-attr]
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return _moment(activity["date"], activity["time"]) - (offset if sign == "+" else -offset)


def _moment(day: str, time: str) -> datetime:
    return datetime.strptime(day + re.sub(r"\D", "", time).zfill(6), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _number(given: Any) -> str:
    """A tracking number of an answer. Raises TypeError for what is none."""
    return NUMBER.fullmatch(given)[0]  # type: ignore[index]  # of no match it is the error


def _label(number: Any, format: Mapping[str, Any], image: str) -> Row:
    data = base64.b64decode(image, validate=True)
    if not data:
        raise ValueError("a label without an image")
    return {"tracking_number": _number(number), "format": format["Code"], "bytes": len(data), "image": data}


def _candidate(key: Mapping[str, Any]) -> Row:
    code, more = key.get("PostcodePrimaryLow", ""), key.get("PostcodeExtendedLow")
    return {
        "lines": many(key.get("AddressLine")),
        "city": key.get("PoliticalDivision2", ""),
        "state": key.get("PoliticalDivision1", ""),
        "postal_code": f"{code}-{more}" if more else code,
    }
