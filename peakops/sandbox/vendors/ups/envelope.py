"""How UPS says no: one envelope, codes of its older services, and the HTTP status that each of them comes with."""

from peakops.sandbox.wire import Answer, Request

ERRORS: dict[str, tuple[int, str]] = {
    "10001": (400, "The request is not well formed"),
    "10002": (400, "The request is well formed but the request is not valid"),
    "10400": (400, "Invalid/Missing grant type"),
    "10401": (401, "Invalid/Missing Authorization Header"),
    "10403": (403, "Blocked Merchant"),
    "10429": (429, "Too Many Requests"),
    "20001": (503, "General process failure"),
    "20007": (400, "Missing Required field, {}"),
    "250001": (401, "Invalid Access License for the tool. Please re-license."),
    "250002": (401, "Invalid Authentication Information."),
    "250003": (401, "Invalid Access License number"),
    "250004": (401, "Incorrect UserId or Password"),
    "250005": (401, "No Access and Authentication Credentials provided"),
    "250006": (401, "The maximum number of user access attempts was exceeded"),
    "250007": (401, "The UserId is currently locked out, please try again in 24 hours."),
    "250009": (401, "License Number not found in the UPS database"),
    "250050": (503, "License system not available"),
    "120001": (503, "Shipping System is unavailable, please try again later."),
    "120020": (400, "Max packages per shipment exceeded."),
    "120051": (400, "Invalid RequestOption"),
    "120100": (400, "Missing or invalid shipper number"),
    "120101": (400, "Missing or invalid shipper name"),
    "120102": (400, "Missing or invalid shipper address line 1"),
    "120105": (400, "Missing or invalid shipper city"),
    "120106": (400, "Missing or invalid shipper StateProvinceCode"),
    "120107": (400, "Missing or invalid shipper PostalCode"),
    "120108": (400, "Missing or invalid shipper CountryCode"),
    "120109": (400, "Missing or invalid shipper phone number"),
    "120113": (400, "Shipper number must contain alphanumeric characters only"),
    "120115": (400, "Shipper phone number must be at least 10 alphanumeric characters"),
    "120120": (400, "The country of the ShipperNumber must be the same as the shipment's shipper country."),
    "120121": (400, "The Shipper's shipper number cannot be used for the shipment"),
    "120122": (400, "Invalid Shipper ShipperNumber"),
    "120124": (400, "The requested service is unavailable between the selected locations"),
    "120200": (400, "Missing or invalid ship to name"),
    "120202": (400, "Missing or invalid ship to address line 1"),
    "120205": (400, "Missing or invalid ship to city"),
    "120206": (400, "Missing or invalid ship to StateProvinceCode"),
    "120207": (400, "Missing or invalid ship to PostalCode"),
    "120208": (400, "Missing or invalid ship to CountryCode"),
    "120209": (400, "Missing or invalid ship to phone number"),
    "120213": (400, "Ship to phone number must be at least 10 alphanumeric characters"),
    "120300": (400, "Missing or invalid ship from name"),
    "120302": (400, "Missing or invalid ship from address line 1"),
    "120305": (400, "Missing or invalid ship from city"),
    "120306": (400, "Missing or invalid ship from StateProvinceCode"),
    "120307": (400, "Missing or invalid ship from PostalCode"),
    "120308": (400, "Missing or invalid ship from CountryCode"),
    "120309": (400, "Missing or invalid ship from phone number"),
    "120313": (400, "Ship from phone number must be at least 10 alphanumeric characters"),
    "120410": (400, "One payment method is required."),
    "120413": (400, "The UPS account number provided as the payment method cannot be billed"),
    "120415": (400, "BillShipper/AccountNumber must be the same shipper number as Shipper/ShipperNumber"),
    "120500": (400, "Missing or invalid Service/Code"),
    "120501": (400, "Invalid Shipment/ReferenceNumber/Value"),
    "120541": (400, "Shipment/ReferenceNumber is not allowed for this shipment"),
    "120542": (400, "Package/ReferenceNumber is not allowed for this shipment"),
    "120600": (400, "Missing Package/Packaging/Code"),
    "120601": (400, "Missing or invalid Package weight"),
    "120603": (400, "Invalid Package/ReferenceNumber/Value"),
    "120608": (400, "Package weight is required"),
    "120702": (400, "Missing or invalid LabelSpecification/LabelImageFormat/Code"),
    "120703": (400, "Missing or invalid Combination of LabelSpecification/LabelStockSize"),
    "120801": (400, "Address Validation Error on Shipper address"),
    "120802": (400, "Address Validation Error on ShipTo address"),
    "120803": (400, "Address Validation Error on ShipFrom address"),
    "121210": (400, "The selected service is not available from the origin to the destination."),
    "190001": (503, "Void not available at this time"),
    "190100": (400, "Invalid ShipmentIdentificationNumber."),
    "190101": (400, "Time for voiding has expired."),
    "190102": (400, "No shipment found within the allowed void period"),
    "190109": (400, "Invalid TrackingNumber"),
    "190117": (400, "The Shipment has already been voided"),
    "264002": (400, "Country code is invalid or missing"),
    "264027": (400, "Additional address fields are needed to perform the requested operation"),
    "264030": (400, "The state is not supported in the Customer Integration Environment"),
    "9264028": (400, "Invalid or missing request option"),
    "9264029": (400, "Missing address key format"),
    "300000": (503, "Label Recovery system is currently unavailable"),
    "300001": (400, "Multiple shipments found for the request"),
    "300002": (400, "Label is unavailable -- the package has been sent to the destination address"),
    "300005": (400, "Either tracking number or combination of reference plus shipper number required"),
    "300007": (400, "The shipment for the requested tracking number or reference number could not be found."),
    "TV1002": (400, "Invalid inquiry number"),
}
"""Each code with its usual HTTP status and UPS's words, which are those of its developer guides."""

USUAL_CODE = {401: "250002", 403: "10403", 429: "10429", 500: "20001", 503: "20001"}
"""The code of a fault that names only a status."""
MALFORMED = "10002"


class Refusal(Exception):
    """An answer that is an error; `word` is what its sentence names."""

    def __init__(self, code: str, word: str = "") -> None:
        self.status, message = ERRORS[code]
        self.body = body(code, message.format(word))
        super().__init__(code)


def body(code: str, message: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    """The envelope, with one error."""
    return {"response": {"errors": [{"code": code, "message": message}]}}


def headers(request: Request) -> dict[str, str]:
    """The caller's own id of the request, given back."""
    given = request.headers.get("transid")
    return {"transId": given} if given else {}


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault in UPS's envelope; `error` is a code, also in its longer form with a 9 before the six digits."""
    code = error or USUAL_CODE.get(status, MALFORMED)
    usual, message = ERRORS.get(code) or ERRORS.get(shorter(code)) or (400, f"UPS answered {code}")
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status=status or usual, body=body(code, message.format("").rstrip(", ")), headers=wait)


def shorter(code: str) -> str:
    """A code of seven digits without the 9 that some of UPS's products put before it."""
    return code[1:] if len(code) == 7 and code.startswith("9") else code
