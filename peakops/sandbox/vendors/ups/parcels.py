"""What UPS asks of a shipment besides its parties: the service, the payment, the packages and the label."""

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups import asked
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.vendors.ups.parties import DOMESTIC, require

WITHIN = ("01", "02", "03", "12", "13", "14", "59")
"""Services within the United States."""
ABROAD = ("07", "08", "11", "17", "54", "65", "71", "72", "74", "75", "96")
ELSEWHERE = ("70", "82", "83", "84", "85", "86", "C6", "C7", "C8", "M2", "M3", "M4", "M5", "M6", "M7", "T0", "T1")
SERVICES = (*WITHIN, *ABROAD, *ELSEWHERE)
"""Every service code of UPS's specification."""

LETTER = "01"
PACKAGINGS = (
    *(LETTER, "02", "03", "04", "21", "24", "25", "30", "2a", "2b", "2c"),
    *("56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "67"),
)
HEAVIEST = {"LBS": 150.0, "KGS": 70.0}
POUNDS_IN = {"LBS": 1.0, "KGS": 2.20462}
MOST_PACKAGES = 200
LONGEST_REFERENCE = 35

IMAGE = "GIF"
THERMAL = ("ZPL", "EPL", "SPL")
WIDTH, HEIGHTS = "4", ("6", "8")
"""The sizes of a thermal label, in inches."""
TRANSPORTATION = "01"


def check_service(shipment: Object, origin: str, destination: str) -> str:
    """The service's code, if UPS has it and it goes there. Raises Refusal."""
    code = asked.text(shipment, "Service", "Code")
    require(code in SERVICES, "120500")
    within = origin in DOMESTIC and destination in DOMESTIC
    require(code not in (ABROAD if within else WITHIN), "121210")
    return code


def check_payment(shipment: Object, account: str) -> None:
    """Refuse a shipment that nobody pays for, and one that another account than the shipper's is to pay for."""
    charges = asked.objects(asked.part(shipment, "PaymentInformation"), "ShipmentCharge")
    freight = [each for each in charges if asked.text(each, "Type") == TRANSPORTATION]
    require(bool(freight), "120410")
    payer = asked.part(freight[0], "BillShipper")
    if payer:
        require(asked.text(payer, "AccountNumber") == account, "120415")


def check_packages(shipment: Object) -> list[Object]:
    """The packages, each with its packaging and its weight. Raises Refusal."""
    packages = asked.objects(shipment, "Package")
    if not packages:
        raise Refusal("10002")
    require(len(packages) <= MOST_PACKAGES, "120020")
    for each in packages:
        require(asked.text(each, "Packaging", "Code") in PACKAGINGS, "120600")
        pounds(each)
    return packages


def pounds(package: Object) -> float:
    """What a package weighs; a letter may say nothing. Raises Refusal for what nobody carries."""
    given = asked.part(package, "PackageWeight")
    if not given:
        require(asked.text(package, "Packaging", "Code") == LETTER, "120608")
        return 0.0
    unit = asked.text(given, "UnitOfMeasurement", "Code")
    require(unit in HEAVIEST, "120601")
    try:
        found = float(asked.text(given, "Weight"))
    except ValueError as wrong:
        raise Refusal("120601") from wrong
    require(0 < found <= HEAVIEST[unit], "120601")
    return found * POUNDS_IN[unit]


def check_references(shipment: Object, packages: list[Object], *, within: bool) -> str:
    """
    The customer's own number of a shipment, from the place where it may be. Raises Refusal.

    Within the United States a package has it, on the way abroad the shipment.
    """
    on_shipment = asked.objects(shipment, "ReferenceNumber")
    on_packages = [each for package in packages for each in asked.objects(package, "ReferenceNumber")]
    require(not (within and on_shipment), "120541")
    require(within or not on_packages, "120542")
    values = [asked.text(each, "Value") for each in (*on_packages, *on_shipment)]
    require(all(0 < len(value) <= LONGEST_REFERENCE for value in values), "120603" if within else "120501")
    return values[0] if values else ""


def check_label(given: Object) -> str:
    """The format of the label. Raises Refusal."""
    code = asked.text(given, "LabelSpecification", "LabelImageFormat", "Code").upper()
    require(code == IMAGE or code in THERMAL, "120702")
    size = asked.part(given, "LabelSpecification", "LabelStockSize")
    if code in THERMAL:
        require(asked.text(size, "Width") == WIDTH and asked.text(size, "Height") in HEIGHTS, "120703")
    return code
