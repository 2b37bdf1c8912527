"""UPS's labels: the picture of one, and label recovery, which gives it a second time."""

import base64

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups import asked
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

USUAL = "GIF"
FORMATS = (USUAL, "PDF", "ZPL", "EPL", "SPL")
"""What recovery gives; a shipment's first label is never a PDF."""

GIF_HEAD = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
GIF_PICTURE = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
GIF_END = b"\x3b"
"""One white point; the number stands in a comment before it, so that two labels differ."""


def image(number: str, kind: str) -> str:
    """The label of a package in base64: small, but a file of its kind that names the number."""
    text = number.encode()
    made = {
        "GIF": GIF_HEAD + b"\x21\xfe" + bytes([len(text)]) + text + b"\x00" + GIF_PICTURE + GIF_END,
        "PDF": b"%PDF-1.4\n%" + text + b"\ntrailer << /Root << /Pages << /Kids [] /Count 0 >> >> >>\n%%EOF\n",
        "ZPL": b"^XA^FO40,40^A0N,40^FD" + text + b"^FS^XZ",
        "EPL": b'N\nA40,40,0,4,1,1,N,"' + text + b'"\nP1\n',
        "SPL": b"~SPL\n" + text + b"\n",
    }
    return base64.b64encode(made[kind]).decode()


def recover(state: State, request: Request) -> Answer:
    """POST /api/labels/v1/recovery: the label of a package, or those of the shipment that carries a reference."""
    given = asked.asked(request, "LabelRecoveryRequest")
    kind = asked.text(given, "LabelSpecification", "LabelImageFormat", "Code").upper() or USUAL
    if kind not in FORMATS:
        raise Refusal("120702")
    packages = meant(state, given)
    results = [result(each["tracking_number"], kind) for each in packages]
    body = {
        "Response": asked.answered(given),
        "ShipmentIdentificationNumber": packages[0]["shipment_id"],
        "LabelResults": results[0] if len(results) == 1 else results,
    }
    return Answer(body={"LabelRecoveryResponse": body})


def meant(state: State, given: Object) -> list[Object]:
    """The packages whose labels are asked for and still there. Raises Refusal."""
    number = asked.text(given, "TrackingNumber")
    reference = asked.text(given, "ReferenceValues", "ReferenceNumber", "Value")
    account = asked.text(given, "ReferenceValues", "ShipperNumber")
    if number:
        found = [each for each in state["shipments"] if each["tracking_number"] == number]
    elif reference and account:
        found = [each for each in state["shipments"] if (each["reference"], each["account"]) == (reference, account)]
    else:
        raise Refusal("300005")
    if not found:
        raise Refusal("300007")
    there = [each for each in found if each["label"] and not each["voided"]]
    if not there:
        raise Refusal("300002")
    if len({each["shipment_id"] for each in there}) > 1:
        raise Refusal("300001")
    return there


def result(number: str, kind: str) -> Object:
    """One label; this service still gives one as an object and several as a list."""
    return {
        "TrackingNumber": number,
        "LabelImage": {"LabelImageFormat": {"Code": kind}, "GraphicImage": image(number, kind)},
    }
