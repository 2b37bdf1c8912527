"""UPS as the sandbox plays it: tokens, labels that are made once for each request, taken back and fetched again."""

import base64
import json
from copy import deepcopy
from urllib.parse import quote

import pytest
from conftest import call, world

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox import control
from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.ups.numbers import check_digit

SHIP, RECOVER = "/api/shipments/v2409/ship", "/api/labels/v1/recovery"
VOID, DETAILS = "/api/shipments/v2409/void/cancel/", "/api/track/v1/details/"
REFERENCE, ADDRESS = "/api/track/v1/reference/details/", "/api/addressvalidation/v2/"
TOKEN = "/security/v1/oauth/token"
OLD, VOIDED, TWIN_A, TWIN_B, GONE = (f"1ZA1B2C3030000000{number}" for number in range(1, 6))

UPS = {
    "addresses": [
        {"line": "1 Nowhere Lane", "city": "Albany", "state": "NY", "postal_code": "12207", "result": "none"},
        {"line": "12 Elm Stret", "city": "Albany", "state": "NY", "postal_code": "12207", "result": "ambiguous",
         "candidates": [{"line": "12 Elm Street", "postal_code": "12207-1204"}, {"line": "12 Elmwood Street"}]},
        {"line": "9 Oak Street", "city": "Albany", "state": "NY", "postal_code": "12999", "result": "ambiguous",
         "classification": "residential", "candidates": [{"postal_code": "12208"}]},
        {"line": "5 Home Road", "city": "Albany", "state": "NY", "postal_code": "12207",
         "classification": "residential"},
    ],
    "shipments": [
        {"tracking_number": OLD, "reference": "SHP-1", "created_at": "-29d"},
        {"tracking_number": VOIDED, "reference": "SHP-2", "created_at": "-2d", "voided": True},
        {"tracking_number": TWIN_A, "reference": "SHP-3", "created_at": "-2d"},
        {"tracking_number": TWIN_B, "reference": "SHP-3", "created_at": "-1d"},
        {"tracking_number": GONE, "reference": "SHP-4", "created_at": "-1d", "label": False},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A sandbox in which the true UPS is played, not the tests' tiny vendor."""
    place = tmp_path_factory.mktemp("ups") / "peakops"
    control.start(place)
    yield place
    sandbox.stop(place)


@pytest.fixture
def ups(play):
    """Load a world of UPS's, and ask it: status and body."""
    return lambda **parts: asker(play(**{"ups": UPS, **parts}))


def asker(box):
    """Asks one box with a token of its own."""
    _, _, text = token(box)
    bearer = f"Bearer {json.loads(text).get('access_token')}" if text.startswith("{") else None

    def ask(method, path, body=None, **headers):
        usual = {"Authorization": bearer, "transId": "t-1", "transactionSrc": "peakops", **headers}
        sent = {name: value for name, value in usual.items() if value}
        status, _, answer = call(box, method, f"/ups{path}", body, **sent)
        return status, json.loads(answer)

    ask.box = box
    return ask


def token(box, identity=f"{Sandbox.ups_client_id}:{Sandbox.ups_client_secret}", form="grant_type=client_credentials"):
    """Ask for a token."""
    headers = {"Authorization": "Basic " + base64.b64encode(identity.encode()).decode()} if identity else {}
    return sent_form(box, form, headers)


def sent_form(box, form, headers):
    """Post a form to the token's route."""
    import http.client

    connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request("POST", f"/ups{TOKEN}", form, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def code(answer):
    """The status and the code of a refusal."""
    status, body = answer
    (error,) = body["response"]["errors"]
    return status, error["code"]


def label(reference="SHP-77", **changed):
    """A request for a label; `changed` sets what is at a dotted path, or takes it out."""
    place = {"City": "Albany", "StateProvinceCode": "NY", "PostalCode": "12207", "CountryCode": "US"}
    request = {
        "Request": {"RequestOption": "validate", "TransactionReference": {"CustomerContext": "a shipment"}},
        "Shipment": {
            "Shipper": {"Name": "Peak Dental Studio", "ShipperNumber": "A1B2C3",
                        "Phone": {"Number": "5185550100"}, "Address": {"AddressLine": ["1 Main Street"], **place}},
            "ShipTo": {"Name": "Smile Care", "Address": {"AddressLine": ["12 Elm Street", "Suite 4"], **place}},
            "PaymentInformation": {"ShipmentCharge": [
                {"Type": "01", "BillShipper": {"AccountNumber": "A1B2C3"}}]},
            "Service": {"Code": "03"},
            "Package": [{
                "Packaging": {"Code": "02"}, "ReferenceNumber": [{"Value": reference}],
                "PackageWeight": {"UnitOfMeasurement": {"Code": "LBS"}, "Weight": "1.5"}}],
        },
        "LabelSpecification": {"LabelImageFormat": {"Code": "GIF"}, "LabelStockSize": {"Height": "6", "Width": "4"}},
    }  # fmt: skip
    for path, value in changed.items():
        put(request, path.split("__"), value)
    return {"ShipmentRequest": request}


def put(found, path, value):
    """Set what is at a path, or take it out if it is to be None."""
    *way, last = [int(each) if each.isdecimal() else each for each in path]
    for each in way:
        found = found[each]
    if value is None:
        del found[last]
    else:
        found[last] = value


def shipped(ask, body=None):
    """Make a label: its results."""
    status, answer = ask("POST", SHIP, body or label())
    assert 200 == status, answer
    return answer["ShipmentResponse"]["ShipmentResults"]


def tracked(answer):
    """The tracking numbers and the states of an answer, and its warnings."""
    status, body = answer
    assert 200 == status, body
    shipments = body["trackResponse"]["shipment"]
    found = [
        (each["trackingNumber"], each["currentStatus"]["code"]) for s in shipments for each in s.get("package", [])
    ]
    return found, [each["code"] for s in shipments for each in s.get("warnings", [])]


def test_a_token_s_fields_are_all_strings(ups):
    """For an hour, with UPS's words."""
    status, _, text = token(ups().box)
    body = json.loads(text)
    assert (200, "3599", "approved", "Bearer", "1795186800000") == (
        status, body["expires_in"], body["status"], body["token_type"], body["issued_at"]
    )  # fmt: skip
    assert {str} == {type(value) for value in body.values()}


@pytest.mark.parametrize(
    ("identity", "form", "outcome"),
    [(f"{Sandbox.ups_client_id}:wrong", "grant_type=client_credentials", (401, "250002")),
     (f"someone:{Sandbox.ups_client_secret}", "grant_type=client_credentials", (401, "250002")),
     (None, "grant_type=client_credentials", (401, "10401")),
     (f"{Sandbox.ups_client_id}:{Sandbox.ups_client_secret}", "grant_type=password", (400, "10400"))],
)  # fmt: skip
def test_a_token_that_is_not_given(ups, identity, form, outcome):
    """To nobody but the client, and by one kind of grant."""
    status, _, text = token(ups().box, identity, form)
    assert outcome == code((status, json.loads(text)))


def test_a_token_ends_by_the_world_s_clock(ups, home):
    """And none holds but those that were given; another world knows none."""
    ask = ups()
    assert 200 == ask("GET", DETAILS + OLD)[0]
    assert (401, "250002") == code(ask("GET", DETAILS + OLD, Authorization="Bearer other"))
    assert (401, "10401") == code(ask("GET", DETAILS + OLD, Authorization=None))
    sandbox.clock(home, 3598)
    assert 200 == ask("GET", DETAILS + OLD)[0]
    sandbox.clock(home, 1)
    assert (401, "250002") == code(ask("GET", DETAILS + OLD))
    ups()
    assert (401, "250002") == code(ask("GET", DETAILS + OLD))


@pytest.mark.parametrize(
    ("product", "method", "path", "body"),
    [("shipping", "POST", SHIP, label()), ("shipping", "DELETE", VOID + OLD, None), ("shipping", "POST", RECOVER, {}),
     ("tracking", "GET", DETAILS + OLD, None), ("tracking", "GET", REFERENCE + "SHP-1", None),
     ("address_validation", "POST", ADDRESS + "1", {})],
)  # fmt: skip
def test_a_product_that_the_app_was_not_given(ups, product, method, path, body):
    """The same 401 as for a wrong secret, although the token is good."""
    others = [each for each in ("shipping", "address_validation", "tracking") if each != product]
    assert (401, "250002") == code(ups(ups={**UPS, "products": others})(method, path, body))


def test_a_label(ups, home):
    """Its number has UPS's check digit, its picture is a GIF; the dump has the shipment, and nothing private."""
    ask = ups()
    status, headers, _ = call(ask.box, "POST", "/ups" + SHIP, label(), transId="t-9", Authorization="none")
    assert (401, "t-9") == (status, headers["transId"])
    status, body = ask("POST", SHIP, label())
    answer = body["ShipmentResponse"]
    (package,) = answer["ShipmentResults"]["PackageResults"]
    number = package["TrackingNumber"]
    assert (200, {"CustomerContext": "a shipment"}) == (status, answer["Response"]["TransactionReference"])
    assert ("1ZA1B2C303", int(number[-1]), 18) == (number[:10], check_digit(number[2:-1]), len(number))
    picture = base64.b64decode(package["ShippingLabel"]["GraphicImage"])
    assert (b"GIF89a", b";", True) == (picture[:6], picture[-1:], number.encode() in picture)
    assert "11.20" == answer["ShipmentResults"]["ShipmentCharges"]["TotalCharges"]["MonetaryValue"]
    made = {"shipment_id": number, "tracking_number": number, "reference": "SHP-77", "account": "A1B2C3",
            "voided": False, "created_at": "2026-11-20T15:00:00Z", "label": True}  # fmt: skip
    dumped = sandbox.dump(home)["ups"]
    assert (made, ["accounts", "addresses", "products", "shipments"]) == (dumped["shipments"][-1], sorted(dumped))


@pytest.mark.parametrize(
    ("number", "digit"),
    [("1Z5R89390357567127", 7), ("1Z879E930346834440", 0), ("1Z410E7W0392751591", 1), ("1ZXX3150YW44070023", 3)],
)
def test_the_check_digit(number, digit):
    """As numbers that UPS has given have it."""
    assert digit == check_digit(number[2:-1])


def test_the_same_request_twice_makes_two_labels(ups):
    """UPS has no protection against it; a reference then has two shipments."""
    ask = ups()
    numbers = [shipped(ask)["ShipmentIdentificationNumber"] for _ in range(2)]
    assert 2 == len(set(numbers))
    assert ([(number, "003") for number in numbers], []) == tracked(ask("GET", REFERENCE + "SHP-77"))


def test_several_packages_are_one_shipment(ups):
    """Each with its number; the shipment has the first one's; a package may be taken back alone."""
    ask = ups()
    body = label()
    body["ShipmentRequest"]["Shipment"]["Package"] *= 2
    results = shipped(ask, body)
    first, second = (each["TrackingNumber"] for each in results["PackageResults"])
    assert first == results["ShipmentIdentificationNumber"]
    assert ([(first, "003")], []) == tracked(ask("GET", DETAILS + first))
    status, answer = ask("POST", RECOVER, recovery(reference="SHP-77"))
    assert [first, second] == [each["TrackingNumber"] for each in answer["LabelRecoveryResponse"]["LabelResults"]]
    numbers = quote(json.dumps([second]))
    status, answer = ask("DELETE", f"{VOID}{first}?trackingnumber={numbers}")
    assert (200, "2") == (status, answer["VoidShipmentResponse"]["SummaryResult"]["Status"]["Code"])
    assert ([(first, "003"), (second, "007")], []) == tracked(ask("GET", REFERENCE + "SHP-77"))


@pytest.mark.parametrize(("unit", "weight", "price"), [("LBS", "150", "137.00"), ("KGS", "1", "12.05")])
def test_what_a_label_costs(ups, unit, weight, price):
    """By the pound that was begun."""
    weighs = {"UnitOfMeasurement": {"Code": unit}, "Weight": weight}
    results = shipped(ups(), label(Shipment__Package__0__PackageWeight=weighs))
    assert price == results["ShipmentCharges"]["TotalCharges"]["MonetaryValue"]


def test_a_lost_answer_leaves_a_label(ups):
    """The case that makes twins: the client sees nothing, and UPS has the shipment."""
    fault = {"vendor": "ups", "route": f"POST {SHIP}", "after_effect": "drop_connection"}
    ask = ups(faults=[fault])
    with pytest.raises(ConnectionError):
        ask("POST", SHIP, label())
    found, _ = tracked(ask("GET", REFERENCE + "SHP-77"))
    assert 1 == len(found)


TO = "Shipment__ShipTo__Address__"


@pytest.mark.parametrize(
    ("refused", "changed"),
    [
        ("120051", {"Request__RequestOption": "maybe"}),
        ("120100", {"Shipment__Shipper__ShipperNumber": None}),
        ("120101", {"Shipment__Shipper__Name": ""}),
        ("120113", {"Shipment__Shipper__ShipperNumber": "A1-2C3"}),
        ("120121", {"Shipment__Shipper__ShipperNumber": "Z9Z9Z9"}),
        ("120102", {"Shipment__Shipper__Address__AddressLine": []}),
        ("120115", {"Shipment__Shipper__Phone": {"Number": "555"}}),
        ("120200", {"Shipment__ShipTo__Name": "x" * 36}),
        ("120202", {f"{TO}AddressLine": ["x" * 36]}),
        ("120202", {f"{TO}AddressLine": ["1", "2", "3", "4"]}),
        ("120205", {f"{TO}City": None}),
        ("120206", {f"{TO}StateProvinceCode": "New York"}),
        ("120207", {f"{TO}PostalCode": "1220"}),
        ("120208", {f"{TO}CountryCode": "USA"}),
        ("120209", {"Shipment__ShipTo__Phone": {"Number": ""}}),
        ("120209", {"Shipment__Service__Code": "14"}),
        ("120213", {"Shipment__ShipTo__Phone": {"Number": "5550100"}}),
        ("120410", {"Shipment__PaymentInformation": None}),
        ("120415", {"Shipment__PaymentInformation__ShipmentCharge__0__BillShipper__AccountNumber": "D4E5F6"}),
        ("120500", {"Shipment__Service__Code": "99"}),
        ("121210", {"Shipment__Service__Code": "65"}),
        ("120541", {"Shipment__ReferenceNumber": [{"Value": "SHP-77"}]}),
        ("120600", {"Shipment__Package__0__Packaging": {}}),
        ("120601", {"Shipment__Package__0__PackageWeight__Weight": "0"}),
        ("120601", {"Shipment__Package__0__PackageWeight__Weight": "151"}),
        ("120603", {"Shipment__Package__0__ReferenceNumber": [{"Value": "x" * 36}]}),
        ("120608", {"Shipment__Package__0__PackageWeight": None}),
        ("120702", {"LabelSpecification": None}),
        ("120703", {"LabelSpecification": {"LabelImageFormat": {"Code": "ZPL"}}}),
        ("120802", {f"{TO}PostalCode": "45402"}),
        ("10002", {"Shipment__Package": []}),
    ],
)
def test_a_label_that_ups_refuses(ups, home, refused, changed):
    """By UPS's code, and nothing is made."""
    ask = ups()
    assert (400, refused) == code(ask("POST", SHIP, label(**changed)))
    assert len(UPS["shipments"]) == len(sandbox.dump(home)["ups"]["shipments"])


@pytest.mark.parametrize(
    ("lines", "postal", "option", "query", "outcome"),
    [
        (["1 Nowhere Lane"], "12207", "validate", "", 400),
        (["1 NOWHERE LANE.", "Suite 4"], "12207-0001", "validate", "", 400),
        (["1 Nowhere Lane"], "12207", "nonvalidate", "", 200),
        (["1 Nowhere Lane"], "12207", "nonvalidate", "?additionaladdressvalidation=city", 400),
        (["12 Elm Stret"], "12207", "validate", "", 200),
        (["9 Oak Street"], "12999", "validate", "", 400),
        (["9 Oak Street"], "12208", "validate", "", 200),
    ],
)
def test_how_far_ups_looks_at_an_address_for_a_label(ups, lines, postal, option, query, outcome):
    """City, state and postal code, never the street; and the city only if it is asked to."""
    changed = {f"{TO}AddressLine": lines, f"{TO}PostalCode": postal, "Request__RequestOption": option}
    status, body = ups()("POST", SHIP + query, label(**changed))
    assert outcome == status
    assert status == 200 or (400, "120802") == code((status, body))


def test_a_label_for_abroad(ups):
    """The reference is the shipment's there, and the receiver can be rung up."""
    abroad = {
        "Shipment__ShipTo__Address": {"AddressLine": ["1 King Street"], "City": "Toronto", "StateProvinceCode": "ON",
                                      "PostalCode": "M5V 1A1", "CountryCode": "CA"},
        "Shipment__ShipTo__Phone": {"Number": "4165550100"},
        "Shipment__Service__Code": "11",
    }  # fmt: skip
    ask = ups()
    assert (400, "120542") == code(ask("POST", SHIP, label(**abroad)))
    assert (400, "121210") == code(ask("POST", SHIP, label(**abroad | {"Shipment__Service__Code": "03"})))
    on_shipment = {"Shipment__ReferenceNumber": {"Value": "SHP-77"}, "Shipment__Package__0__ReferenceNumber": None}
    number = shipped(ask, label(**abroad, **on_shipment))["ShipmentIdentificationNumber"]
    assert ([(number, "003")], []) == tracked(ask("GET", REFERENCE + "SHP-77"))


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        (VOIDED, (400, "190117")),
        (OLD, (400, "190101")),
        ("1ZA1B2C30399999999", (400, "190102")),
        ("SHP-77", (400, "190100")),
        (f"{TWIN_A}?trackingnumber={TWIN_B}", (400, "190109")),
        (f"{TWIN_A}?trackingnumber=[", (400, "190109")),
    ],
)
def test_a_label_that_is_not_taken_back(ups, path, outcome):
    """Taken back before, older than four weeks, or not known."""
    assert outcome == code(ups()("DELETE", VOID + path))


def test_a_label_is_taken_back(ups, home):
    """Once; tracking tells it, and its picture is no longer given."""
    ask = ups()
    number = shipped(ask)["ShipmentIdentificationNumber"]
    status, body = ask("DELETE", f"{VOID}{number}?trackingnumber={number}")
    answer = body["VoidShipmentResponse"]
    assert (200, "1", [number]) == (
        status,
        answer["SummaryResult"]["Status"]["Code"],
        [each["TrackingNumber"] for each in answer["PackageLevelResults"]],
    )
    assert (400, "190117") == code(ask("DELETE", VOID + number))
    assert (400, "300002") == code(ask("POST", RECOVER, recovery(number)))
    _, body = ask("GET", DETAILS + number)
    (package,) = body["trackResponse"]["shipment"][0]["package"]
    assert ["MV", "M"] == [each["status"]["type"] for each in package["activity"]]
    assert ("007", True) == (package["currentStatus"]["code"], sandbox.dump(home)["ups"]["shipments"][-1]["voided"])


def recovery(number=None, reference=None, account="A1B2C3", kind="GIF"):
    """A request for a label's picture."""
    values = {"ReferenceValues": {"ReferenceNumber": {"Value": reference}, "ShipperNumber": account}}
    what = {"TrackingNumber": number} if number else values if reference else {}
    return {"LabelRecoveryRequest": {"LabelSpecification": {"LabelImageFormat": {"Code": kind}}, "Request": {}, **what}}


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ({"number": VOIDED}, (400, "300002")),
        ({"number": GONE}, (400, "300002")),
        ({"number": "1ZA1B2C30399999999"}, (400, "300007")),
        ({"reference": "SHP-3"}, (400, "300001")),
        ({"reference": "SHP-3", "account": "Z9Z9Z9"}, (400, "300007")),
        ({"reference": "SHP-9"}, (400, "300007")),
        ({}, (400, "300005")),
        ({"number": OLD, "kind": "BMP"}, (400, "120702")),
    ],
)
def test_a_picture_that_is_not_given_again(ups, asked, outcome):
    """Of a voided label, of several, or of none."""
    assert outcome == code(ups()("POST", RECOVER, recovery(**asked)))


@pytest.mark.parametrize(("kind", "begins"), [("GIF", b"GIF89a"), ("PDF", b"%PDF-"), ("ZPL", b"^XA"), ("EPL", b"N\n")])
def test_a_picture_is_given_again(ups, kind, begins):
    """One is an object, not a list; by the number or by the reference, the same picture as at first."""
    ask = ups()
    package = shipped(ask)["PackageResults"][0]
    _, by_number = ask("POST", RECOVER, recovery(package["TrackingNumber"], kind=kind))
    _, by_reference = ask("POST", RECOVER, recovery(reference="SHP-77", kind=kind))
    assert by_number == by_reference
    result = by_number["LabelRecoveryResponse"]["LabelResults"]
    picture = result["LabelImage"]["GraphicImage"]
    assert (package["TrackingNumber"], begins) == (
        result["TrackingNumber"],
        base64.b64decode(picture)[: len(begins)],
    )
    assert kind != "GIF" or picture == package["ShippingLabel"]["GraphicImage"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (DETAILS + OLD, [(OLD, "003")]),
        (DETAILS + VOIDED, [(VOIDED, "007")]),
        (DETAILS + "1ZA1B2C30399999999", []),
        (REFERENCE + "SHP-3", [(TWIN_A, "003"), (TWIN_B, "003")]),
        (REFERENCE + "SHP-3?shipperNum=A1B2C3&refNumType=SmallPackage", [(TWIN_A, "003"), (TWIN_B, "003")]),
        (REFERENCE + "SHP-3?shipperNum=Z9Z9Z9", []),
        (REFERENCE + "SHP-3?refNumType=fgv", []),
        (REFERENCE + "SHP-3?fromPickUpDate=20261119&toPickUpDate=20261120", [(TWIN_B, "003")]),
        (REFERENCE + "SHP-3?toPickUpDate=20261118", [(TWIN_A, "003")]),
        (REFERENCE + "SHP-1", []),
        (REFERENCE + "SHP-1?fromPickUpDate=20261001", [(OLD, "003")]),
        (REFERENCE + "shp-3", []),
    ],
)
def test_tracking(ups, path, found):
    """By number at any time, by reference within the last two weeks unless it is told; nothing is a warning."""
    assert (found, [] if found else ["TW0001"]) == tracked(ups()("GET", path))


@pytest.mark.parametrize(
    ("path", "headers", "outcome"),
    [
        (DETAILS + "1Z", {}, (400, "TV1002")),
        (DETAILS + OLD, {"transId": None}, (400, "20007")),
        (REFERENCE + "SHP-1", {"transactionSrc": None}, (400, "20007")),
        (REFERENCE + "SHP-1?fromPickUpDate=2026-10-01", {}, (400, "10002")),
    ],
)
def test_tracking_that_is_refused(ups, path, headers, outcome):
    """A number that is none, a day that is none, and a call that does not say whose it is."""
    assert outcome == code(ups()("GET", path, **headers))


def test_what_tracking_tells(ups):
    """The reference and what happened, in UPS's way of writing times."""
    _, body = ups()("GET", DETAILS + TWIN_A)
    (package,) = body["trackResponse"]["shipment"][0]["package"]
    assert [{"type": "PACKAGE", "number": "SHP-3"}] == package["referenceNumber"]
    assert [("20261118", "150000", "M")] == [
        (each["date"], each["time"], each["status"]["type"]) for each in package["activity"]
    ]


def test_ups_forgets_a_shipment_after_120_days(ups, home):
    """Then tracking knows nothing of it."""
    ask = ups()
    sandbox.clock(home, 92 * 24 * 3600)
    assert ([], ["TW0001"]) == tracked(asker(ask.box)("GET", DETAILS + OLD))


def address(line, postal="12207", country="US", city="Albany"):
    """A request for the check of an address."""
    key = {"AddressLine": [line], "PoliticalDivision2": city, "PoliticalDivision1": "NY", "CountryCode": country}
    return {"XAVRequest": {"AddressKeyFormat": {**key, "PostcodePrimaryLow": postal}}}


@pytest.mark.parametrize(
    ("line", "postal", "result", "kind", "lines"),
    [
        ("1 Main Street", "12207", "ValidAddressIndicator", "1", ["1 MAIN STREET"]),
        ("5 home road", "12207", "ValidAddressIndicator", "2", ["5 HOME ROAD"]),
        ("12 Elm Stret", "12207", "AmbiguousAddressIndicator", "0", ["12 ELM STREET", "12 ELMWOOD STREET"]),
        ("9 Oak Street", "12999", "AmbiguousAddressIndicator", "2", ["9 OAK STREET"]),
        ("1 Nowhere Lane", "12207", "NoCandidatesIndicator", "0", []),
    ],
)
def test_an_address(ups, line, postal, result, kind, lines):
    """One of three indicators, empty; candidates where there are some; what kind of place if that is asked for."""
    ask = ups()
    _, both = ask("POST", ADDRESS + "3", address(line, postal))
    _, alone = ask("POST", ADDRESS + "1", address(line, postal))
    told = both["XAVResponse"]
    assert {result: ""} == {name: value for name, value in told.items() if name.endswith("Indicator")}
    assert kind == told["AddressClassification"]["Code"]
    assert lines == [each["AddressKeyFormat"]["AddressLine"][0] for each in told.get("Candidate", [])]
    assert "AddressClassification" not in json.dumps(alone)


def test_the_parts_of_a_candidate(ups):
    """A postal code of nine digits comes in two; no more candidates than were asked for."""
    _, body = ups()("POST", ADDRESS + "1?maximumcandidatelistsize=1", address("12 Elm Stret"))
    assert [
        {"AddressLine": ["12 ELM STREET"], "Region": "ALBANY NY 12207-1204", "PoliticalDivision2": "ALBANY",
         "PoliticalDivision1": "NY", "PostcodePrimaryLow": "12207", "PostcodeExtendedLow": "1204", "CountryCode": "US"}
    ] == [each["AddressKeyFormat"] for each in body["XAVResponse"]["Candidate"]]  # fmt: skip


@pytest.mark.parametrize(
    ("option", "body", "outcome"),
    [
        ("4", address("1 Main Street"), (400, "9264028")),
        ("1", {"XAVRequest": {}}, (400, "9264029")),
        ("1", address("1 King Street", country="CA"), (400, "264002")),
        ("1", address("1 Main Street", postal="", city=""), (400, "264027")),
        ("1", {}, (400, "10002")),
    ],
)
def test_an_address_that_is_not_checked(ups, option, body, outcome):
    """Another country, or too little of it."""
    assert outcome == code(ups()("POST", ADDRESS + option, body))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [({"status": 429, "retry_after": 2}, (429, "10429")), ({"status": 503}, (503, "20001")),
     ({"error": "250002"}, (401, "250002")), ({"error": "120802"}, (400, "120802")),
     ({"error": "9264030"}, (400, "9264030")), ({"error": "190001"}, (503, "190001")),
     ({"error": "999"}, (400, "999")), ({"status": 403}, (403, "10403"))],
)  # fmt: skip
def test_faults_come_in_ups_s_envelope(ups, fault, outcome):
    """A code with its usual status, also in its longer form."""
    ask = ups(faults=[{"vendor": "ups", "route": f"GET {DETAILS}*", **fault}])
    assert outcome == code(ask("GET", DETAILS + OLD))


def test_a_path_that_ups_does_not_know(ups, home):
    """UPS speaks of a licence; the sandbox notes it, so that a test can fail on it."""
    ask = ups()
    assert (401, "250003") == code(ask("POST", "/shipments/v2409/ship", label()))
    assert ["/shipments/v2409/ship"] == [each["path"] for each in sandbox.unknown_requests(home)]


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"parcels": []}, "ups.parcels: no such resource."),
        ({"products": ["shiping"]}, "ups.products[0]: no such product; did you mean shipping?"),
        ({"accounts": [1]}, "ups.accounts: must be a list of strings."),
        ({"shipments": [{"number": "1"}]}, "ups.shipments[0].number: no such key"),
        ({"shipments": [{"voided": "no"}]}, "ups.shipments[0].voided: must be true or false."),
        ({"shipments": [{"created_at": "soon"}]}, "ups.shipments[0].created_at: 'soon' is no time"),
        ({"shipments": [{"tracking_number": "1"}] * 2}, "ups.shipments[1].tracking_number: 1 occurs twice."),
        ({"addresses": [{}]}, "ups.addresses[0].line: must be a string."),
        ({"addresses": [{**UPS["addresses"][0], "result": "nothing"}]}, "ups.addresses[0].result: no such result"),
        ({"addresses": [{**UPS["addresses"][0], "candidates": [{"zip": "1"}]}]},
         "ups.addresses[0].candidates[0].zip: no such key"),
    ],
)  # fmt: skip
def test_a_part_that_is_refused(home, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(ups=part), source="")
    assert says in str(refused.value)


def test_a_part_comes_back_in_a_dump(home):
    """With absolute times and the defaults; loaded, it dumps to itself."""
    sandbox.load(home, world(ups=deepcopy(UPS)), source="")
    first = sandbox.dump(home)
    assert (["A1B2C3"], "2026-11-18T15:00:00Z", "unknown", "12207") == (
        first["ups"]["accounts"],
        first["ups"]["shipments"][1]["created_at"],
        first["ups"]["addresses"][0]["classification"],
        first["ups"]["addresses"][1]["candidates"][1]["postal_code"],
    )
    sandbox.load(home, first, source="")
    assert first == sandbox.dump(home)
