"""UPS's writer against the sandbox, and against a UPS whose answers are lost: one label a shipment, and no more."""

import base64
import itertools
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from peakops import sandbox
from peakops.errors import (
    BadInput,
    NotConfigured,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
    Unverified,
    certain,
)
from peakops.settings import Settings, WriteKeys
from peakops.sources import ups_writer, writers
from peakops.sources.ups_writer import UpsWriter

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ACCOUNT, NUMBER, TWIN = "A1B2C3", "1ZA1B2C30300000015", "1ZA1B2C30300000024"
SHIP = "POST /api/shipments/v2409/ship"
VOID = "DELETE /api/shipments/v2409/void/cancel/*"
UUID = "0b8d0000-0000-4000-8000-000000000077"
JANE = {
    "name": "Canary Jane",
    "lines": ["1 Main St"],
    "city": "Albany",
    "state": "NY",
    "postal_code": "12207",
    "country": "US",
    "phone": "(518) 555-0199",
}
STEP = {"plan": "plan", "key": "peakops-plan-1-0"}
SHIPPER = {**JANE, "name": "Peak Dental Studio"}


def shipment(number=NUMBER, reference="SHP-77", **more):
    row = {"shipment_id": number, "tracking_number": number, "reference": reference, "account": ACCOUNT}
    return {**row, "voided": False, "created_at": "-2h", "label": True, **more}


@pytest.fixture
def writer(load):
    """A writer to the sandbox's UPS, which has these shipments."""

    def writer(*shipments, faults=(), seconds=12.0, shipper=None, secret=None):
        part = {"accounts": [ACCOUNT], "products": ["shipping", "address_validation", "tracking"], "addresses": []}
        world = {"says": "Labels.", "now": "2026-11-20T15:00:00Z", "ups": {**part, "shipments": list(shipments)}}
        box = load(world, faults=[{"vendor": "ups", **each} for each in faults])
        shipper = box.ups_shipper if shipper is None else shipper
        settings = Settings(
            ups_url=box.vendor_url("ups"), ups_client_id=box.ups_client_id, ups_shipper=shipper, clock=NOW
        )
        keys = WriteKeys(ups_client_secret=secret or box.ups_client_secret)
        return UpsWriter(settings, keys, deadline=time.monotonic() + seconds)

    return writer


@pytest.fixture
def ship(tmp_path):
    """Have a label made for SHP-77, saved to a file of its own."""
    names = itertools.count()

    def ship(writer, **more):
        given = {"shipment": UUID, "reference": "SHP-77", "account": ACCOUNT, "service": "03", "ship_to": JANE}
        to = str(tmp_path / f"{next(names)}.gif")
        return writer.ship(**{**given, "packages": [{"weight_lb": 1}], "to": to, **STEP, **more})

    return ship


@pytest.fixture
def labels(state):
    """The shipments that UPS has and that are not voided."""
    return lambda: [each for each in sandbox.dump(state / "peakops")["ups"]["shipments"] if not each["voided"]]


@pytest.fixture
def sent(state):
    """The writes that the sandbox has seen."""
    marks = ("/ship", "/void/")
    return lambda: [each for each in sandbox.requests(state / "peakops") if any(mark in each["path"] for mark in marks)]


def at(server, seconds=9.0):
    settings = Settings(ups_url=server.url, ups_client_id="id", ups_shipper=SHIPPER, clock=NOW)
    return UpsWriter(settings, WriteKeys(ups_client_secret="canary"), deadline=time.monotonic() + seconds)


TOKEN = Reply(body={"access_token": "token", "expires_in": "3599"})
NOTHING = (
    Reply(body={"trackResponse": {"shipment": [{"warnings": [{"code": "TW0001"}]}]}}),
    *[Reply(400, body={"response": {"errors": [{"code": "300007", "message": ""}]}})],
)


def test_a_label_is_made_and_saved(writer, ship, labels, tmp_path):
    """The number is UPS's; the file is a picture, and for its owner alone."""
    made = ship(writer(), to=str(tmp_path / "SHP-77.gif"))
    (label,) = labels()

    assert {"id": label["tracking_number"], "status": "made", "already": False} == made
    assert ("SHP-77", ACCOUNT) == (label["reference"], label["account"])
    assert (tmp_path / "SHP-77.gif").read_bytes().startswith(b"GIF8")
    assert 0o600 == (tmp_path / "SHP-77.gif").stat().st_mode & 0o777
    assert ["SHP-77.gif"] == [each.name for each in tmp_path.iterdir()]


def test_what_is_asked_for_is_what_a_label_needs(played, ship):
    """The address is checked, the reference is on the package, and the shipment's id and the step's are with it."""
    image = base64.b64encode(b"GIF89a").decode()
    package = {"TrackingNumber": NUMBER, "ShippingLabel": {"ImageFormat": {"Code": "GIF"}, "GraphicImage": image}}
    server = played(TOKEN, *NOTHING, Reply(body={"ShipmentResponse": {"ShipmentResults": {"PackageResults": package}}}))
    box = {"weight_lb": 2.25, "length_in": 9.5, "width_in": 4, "height_in": 3}
    made = ship(at(server), packages=[box])
    asked = server.asked[-1]
    wanted = asked.body["ShipmentRequest"]["Shipment"]

    assert NUMBER == made["id"]
    assert "/api/shipments/v2409/ship?additionaladdressvalidation=city" == asked.path
    assert ("peakops", 32) == (asked.headers["transactionsrc"], len(asked.headers["transid"]))
    request = {"RequestOption": "validate", "TransactionReference": {"CustomerContext": UUID}}
    assert request == asked.body["ShipmentRequest"]["Request"]
    assert (ACCOUNT, "Peak Dental Studio") == (wanted["Shipper"]["ShipperNumber"], wanted["Shipper"]["Name"])
    assert {"Number": "5185550199"} == wanted["ShipTo"]["Phone"]
    parcel = wanted["Package"][0]
    assert [{"Value": "SHP-77"}] == parcel["ReferenceNumber"]
    assert ("02", "LBS", "2.3") == (
        parcel["Packaging"]["Code"],
        parcel["PackageWeight"]["UnitOfMeasurement"]["Code"],
        parcel["PackageWeight"]["Weight"],
    )
    assert {"UnitOfMeasurement": {"Code": "IN"}, "Length": "10", "Width": "4", "Height": "3"} == parcel["Dimensions"]


def test_a_label_that_is_there_is_saved_and_not_made_again(writer, ship, sent, tmp_path):
    """It is found by its reference; the file is written as for a new one."""
    made = ship(writer(shipment()), to=str(tmp_path / "a.gif"))

    assert {"id": NUMBER, "status": "found", "already": True} == made
    assert NUMBER.encode() in (tmp_path / "a.gif").read_bytes()
    assert [] == sent()


def test_a_twin_is_found_by_either_search(writer, ship, sent):
    """Tracking may not show a label yet, and recovery may have lost it."""
    old = shipment(label=False)
    assert {"id": NUMBER, "status": "found, and UPS does not give its label again", "already": True} == ship(
        writer(old)
    )

    lag = {"route": "GET /api/track/v1/reference/*", "body": NOTHING[0].body and '{"trackResponse": {"shipment": []}}'}
    assert NUMBER == ship(writer(shipment(), faults=[lag]))["id"]
    assert [] == sent()


def test_a_voided_label_is_no_twin(writer, ship, labels):
    """Nor is one of another reference, or of another account."""
    others = [shipment(voided=True), shipment(TWIN, "SHP-7"), shipment("1ZZZZZZZ0300000015", account="ZZZZZZ")]
    made = ship(writer(*others))

    assert (False, "made") == (made["already"], made["status"])
    assert made["id"] in [each["tracking_number"] for each in labels()]


def test_where_there_are_two_none_is_added(writer, ship, sent):
    """Somebody must decide which one is voided."""
    with pytest.raises(Refused) as several:
        ship(writer(shipment(), shipment(TWIN)))

    assert ("ups.several_labels", True) == (several.value.code, several.value.nothing_done)
    assert [] == sent()


def test_of_two_of_which_one_is_voided_the_other_is_it(writer, ship):
    """As after a void."""
    assert TWIN == ship(writer(shipment(voided=True), shipment(TWIN)))["id"]


def test_several_packages_are_one_shipment(writer, ship, labels, tmp_path):
    """Each has a file; once more they are found, and none is added."""
    write = writer()
    two = [{"weight_lb": 1}, {"weight_lb": 2}]
    made = ship(write, packages=two, to=str(tmp_path / "a.gif"))
    again = ship(write, packages=two)

    assert (made["id"], True) == (again["id"], again["already"])
    assert 2 == len(labels())
    for name, label in zip(("a.gif", "a-2.gif"), labels(), strict=True):
        assert label["tracking_number"].encode() in (tmp_path / name).read_bytes()


@pytest.mark.parametrize(
    "fault", [{"after_effect": "drop_connection"}, {"after_effect": "drop_connection", "times": 1}]
)
def test_a_label_whose_answer_is_lost_is_found(fault, writer, ship, labels, sent):
    """It is made once, and one look by its reference proves it."""
    made = ship(writer(faults=[{"route": SHIP, **fault}]))

    assert {"id": labels()[0]["tracking_number"], "status": "made", "already": False} == made
    assert (1, 1) == (len(labels()), len(sent()))


@pytest.mark.parametrize(
    "fault",
    [
        {"reset": True},
        {"status": 500},
        {"status": 503},
        {"status": 503, "error": "10429"},
        {"body": "<html>"},
        {"body": '{"ShipmentResponse": {"ShipmentResults": {"PackageResults": []}}}'},
    ],
)
def test_what_a_look_does_not_show_may_have_been_done(fault, writer, ship, sent, tmp_path):
    """It is sent once; the error leaves it open, and no file is left behind."""
    with pytest.raises(Unreachable) as wrong:
        ship(writer(faults=[{"route": SHIP, **fault}]))

    assert ("ups.outcome_unknown", "ups") == (wrong.value.code, wrong.value.source)
    assert not certain(wrong.value)
    assert "not certain" in wrong.value.says
    assert 1 == len(sent())
    assert [] == [*tmp_path.iterdir()]


def test_after_a_silence_there_is_time_for_the_look(played, ship):
    """The label is asked for once; the look that shows none proves nothing."""
    server = played(TOKEN, *NOTHING, Reply(after_s=30), *NOTHING)
    start = time.monotonic()
    with pytest.raises(TimedOut) as wrong:
        ship(at(server, seconds=ups_writer.SPARE_S + 1.5))

    assert time.monotonic() - start < 3
    assert ("ups.outcome_unknown", False) == (wrong.value.code, certain(wrong.value))
    writes = ["/ship?" in each.path for each in server.asked]
    assert [False, False, False, True, False, False] == writes


def test_ups_is_down_and_says_so_with_a_400(played, ship):
    """Nothing is done, and it is no refusal of what was sent: it may be tried again later."""
    down = Reply(400, body={"response": {"errors": [{"code": "120001", "message": ""}]}})
    with pytest.raises(Unreachable) as wrong:
        ship(at(played(TOKEN, *NOTHING, down)))

    assert ("ups.120001", True, True) == (wrong.value.code, wrong.value.nothing_done, wrong.value.retryable)


def test_whoever_writes_says_why_it_is_not_known(played, ship, tmp_path, monkeypatch):
    """UPS makes the label and goes mute: the writer ends before nobody listens to it any more, and leaves no file."""
    monkeypatch.setattr(writers, "WRITE_SECONDS", 3.0)
    monkeypatch.setattr(ups_writer, "SPARE_S", 1.0)
    server = played(TOKEN, *NOTHING, Reply(after_s=30))
    settings = Settings(ups_url=server.url, ups_client_id="id", ups_shipper=SHIPPER, clock=NOW)
    door = writers.Writers(settings, WriteKeys(ups_client_secret="canary"), tmp_path)
    with pytest.raises(TimedOut) as wrong:
        ship(SimpleNamespace(ship=lambda **given: door.call("ups", "ship", given)))

    assert ("ups.outcome_unknown", False) == (wrong.value.code, certain(wrong.value))
    assert [] == [*tmp_path.iterdir()]


def test_a_label_is_not_asked_for_in_the_last_moment(played, ship):
    """Its answer would not come in time: nothing is sent, and the error says so."""
    server = played(TOKEN, *NOTHING)
    with pytest.raises(TimedOut) as wrong:
        ship(at(server, seconds=ups_writer.SPARE_S + 0.5))

    assert wrong.value.nothing_done
    assert not any("/ship?" in each.path for each in server.asked)


def test_a_run_that_is_killed_leaves_no_file(played, ship, tmp_path):
    """While UPS makes the label, which takes longest, there is nothing of it in the folder."""
    server = played(TOKEN, *NOTHING, Reply(after_s=1))
    writer = at(server)

    def lost():
        with pytest.raises(PeakopsError):
            ship(writer)

    run = threading.Thread(target=lost, daemon=True)
    run.start()
    while not any("/ship?" in each.path for each in server.asked):
        time.sleep(0.01)

    assert [] == [*tmp_path.iterdir()]
    run.join()


@pytest.mark.parametrize("name", ["~nobody-here/label.gif", f"{'a' * 300}.gif", "nowhere/label.gif"])
def test_a_file_that_cannot_be_is_refused_before_a_label_is_asked_for(name, played, ship):
    """A home folder of nobody, a name that is too long, a folder that is not there."""
    server = played(TOKEN, *NOTHING)
    with pytest.raises(Refused) as wrong:
        ship(at(server), to=name)

    assert ("ups.label_file", True) == (wrong.value.code, wrong.value.nothing_done)
    assert [] == server.asked


def test_a_look_that_fails_too_leaves_it_open(played, ship):
    """Though it is refused, that says nothing of the label."""
    refusals = [Reply(401, body={"response": {"errors": [{"code": "250002"}]}})]
    with pytest.raises(Unreachable) as wrong:
        ship(at(played(TOKEN, *NOTHING, Reply(reset=True), *refusals)))

    assert "ups.outcome_unknown" == wrong.value.code
    assert not certain(wrong.value)


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"status": 429}, RateLimited, "ups.10429"),
        ({"status": 401}, Unauthenticated, "ups.250002"),
        ({"error": "120802"}, Refused, "ups.120802"),
        ({"error": "9120802"}, Refused, "ups.120802"),
        ({"error": "120121"}, Refused, "ups.120121"),
        ({"status": 400, "error": "999999"}, Refused, "ups.999999"),
        ({"status": 400, "body": "<html>"}, Refused, "ups.refused"),
    ],
)
def test_a_refusal_is_certain(fault, error, code, writer, ship, sent, labels, tmp_path):
    """Nothing was made, and nothing is tried again."""
    with pytest.raises(error) as wrong:
        ship(writer(faults=[{"route": SHIP, **fault}]))

    assert (code, True) == (wrong.value.code, wrong.value.nothing_done)
    assert (1, []) == (len(sent()), labels())
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.parametrize("route", ["POST /security/*", "GET /api/track/*", "POST /api/labels/*"])
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 403}, {"reset": True}, {"body": "<html>"}])
def test_without_the_search_for_a_twin_nothing_is_made(fault, route, writer, ship, sent):
    """A search that is not answered does not say that there is none."""
    with pytest.raises(PeakopsError) as wrong:
        ship(writer(faults=[{"route": route, **fault}]))

    assert wrong.value.nothing_done
    assert [] == sent()


def test_nobody_listens(played, ship):
    """It is certain that nothing was done."""
    server = played(Reply())
    server.stop()
    with pytest.raises(Unreachable) as wrong:
        ship(at(server))

    assert wrong.value.nothing_done


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"account": None}, BadInput, "ups.no_account"),
        ({"account": "A1B2C3/x"}, BadInput, "ups.no_account"),
        ({"packages": []}, BadInput, "ups.no_package"),
        ({"packages": [{"weight_lb": 0}]}, BadInput, "ups.malformed_package"),
        ({"packages": [{"weight_lb": "1 lb"}]}, BadInput, "ups.malformed_package"),
        ({"packages": [{"weight_lb": 1, "length_in": 3}]}, BadInput, "ups.malformed_package"),
        ({"reference": ".."}, BadInput, "ups.malformed_reference"),
        ({"reference": ""}, BadInput, "ups.malformed_reference"),
        ({"ship_to": {**JANE, "city": "Los Angeles"}, "service": "99"}, Refused, "ups.120500"),
    ],
)
def test_what_cannot_be_a_label_is_refused(given, error, code, writer, ship, labels):
    """Before anything is sent where we can tell, else by UPS; a name is in no error."""
    with pytest.raises(error) as wrong:
        ship(writer(), **given)

    assert (code, True) == (wrong.value.code, wrong.value.nothing_done)
    assert "Canary" not in f"{wrong.value!r}{wrong.value.says}{wrong.value.hint}"
    assert [] == labels()


def test_a_label_needs_the_laboratorys_address(writer, ship, sent):
    """Its setting is named."""
    with pytest.raises(NotConfigured) as missing:
        ship(writer(shipper={}))

    assert "PEAKOPS_UPS_SHIPPER" in missing.value.says
    assert missing.value.nothing_done
    assert [] == sent()


def test_without_the_credentials_that_write_nothing_is_sent():
    """The settings that read are no substitute; the error names the one that is missing."""
    settings = Settings(ups_client_id="id", ups_client_secret="canary")
    with pytest.raises(NotConfigured) as missing:
        UpsWriter(settings, WriteKeys(), deadline=time.monotonic() + 1)

    assert "PEAKOPS_UPS_WRITE_CLIENT_SECRET" in missing.value.hint
    assert missing.value.nothing_done


def test_the_writers_token_is_in_no_file(writer, ship, state):
    """It lasts as long as the run: what readers have left in the folders stays as it is, and nothing is added."""

    def kept():
        return {each: each.read_bytes() for each in state.rglob("ups-token*")}

    before = kept()
    ship(writer())

    assert before == kept()


def exists(file):
    file.write_text("mine")


def dangling(file):
    file.symlink_to(file.with_name("nowhere"))


def blocked(file):
    file.parent.rmdir()


@pytest.mark.parametrize("before", [exists, dangling, blocked])
def test_a_file_that_cannot_be_new_stops_it_before_anything_is_sent(before, writer, ship, sent, tmp_path):
    """Nobody's file is written over, and no label is made that could not be saved."""
    (tmp_path / "labels").mkdir()
    file = tmp_path / "labels" / "a.gif"
    before(file)
    write = writer(shipment(TWIN, "SHP-9"))
    for step in (lambda: ship(write, to=str(file)), lambda: write.recover(tracking_number=TWIN, to=str(file), **STEP)):
        with pytest.raises(Refused) as refused:
            step()
        assert ("ups.label_file", True) == (refused.value.code, refused.value.nothing_done)

    assert [] == sent()
    assert not file.exists() or "mine" == file.read_text()


def test_a_label_that_cannot_be_saved_after_all_is_said(writer, ship, labels, tmp_path, monkeypatch):
    """It is made: the same command with another file finds it."""
    write, file = writer(), tmp_path / "a.gif"
    made_in = ups_writer.shapes.made_in
    monkeypatch.setattr(ups_writer.shapes, "made_in", lambda body: [file.write_text("mine"), made_in(body)][1])
    with pytest.raises(Unverified) as unsaved:
        ship(write, to=str(file))

    assert labels()[0]["tracking_number"] in unsaved.value.says
    assert not certain(unsaved.value)
    assert "mine" == file.read_text()
    assert {"id": labels()[0]["tracking_number"], "status": "found", "already": True} == ship(write)


def test_a_label_is_voided_once(writer, labels, sent):
    """The second time it had been done before."""
    write = writer(shipment())
    first = write.void(shipment_id=NUMBER, tracking_number=NUMBER, **STEP)
    second = write.void(shipment_id=NUMBER, tracking_number=None, **STEP)

    assert {"id": NUMBER, "status": "voided", "already": False} == first
    assert {"id": NUMBER, "status": "voided", "already": True} == second
    assert [] == labels()
    assert ["/api/shipments/v2409/void/cancel/" + NUMBER] * 2 == [each["path"].removeprefix("/ups") for each in sent()]


def test_one_package_of_a_shipment_is_voided(writer, labels):
    """The other one stays."""
    write = writer(shipment(), shipment(TWIN, shipment_id=NUMBER))
    made = write.void(shipment_id=NUMBER, tracking_number=TWIN, **STEP)

    assert (TWIN, False) == (made["id"], made["already"])
    assert [NUMBER] == [each["tracking_number"] for each in labels()]


def test_a_void_whose_answer_is_lost_is_proven(writer, labels, sent):
    """Tracking shows it."""
    write = writer(shipment(), faults=[{"route": VOID, "after_effect": "drop_connection"}])

    assert {"id": NUMBER, "status": "voided", "already": False} == write.void(
        shipment_id=NUMBER, tracking_number=NUMBER, **STEP
    )
    assert ([], 1) == (labels(), len(sent()))


@pytest.mark.parametrize("fault", [{"status": 503}, {"reset": True}, {"body": '{"VoidShipmentResponse": {}}'}])
def test_a_void_that_is_not_shown_is_left_open(fault, writer, sent):
    """It is sent once."""
    with pytest.raises(Unreachable) as wrong:
        writer(shipment(), faults=[{"route": VOID, **fault}]).void(shipment_id=NUMBER, tracking_number=None, **STEP)

    assert "ups.outcome_unknown" == wrong.value.code
    assert not certain(wrong.value)
    assert 1 == len(sent())


@pytest.mark.parametrize(
    ("row", "number", "code"),
    [
        (shipment(created_at="-40d"), NUMBER, "ups.190101"),
        (shipment(), TWIN, "ups.190102"),
        (shipment(), "../ship?x=1", "ups.malformed_number"),
        (shipment(), "", "ups.malformed_number"),
    ],
)
def test_what_cannot_be_voided_is_refused(row, number, code, writer, labels):
    """For certain."""
    with pytest.raises(PeakopsError) as refused:
        writer(row).void(shipment_id=number, tracking_number=None, **STEP)

    assert (code, True) == (refused.value.code, refused.value.nothing_done)
    assert 1 == len(labels())


def test_a_label_is_saved_again(writer, tmp_path, sent):
    """Nothing is changed at UPS."""
    file = tmp_path / "a.gif"
    made = writer(shipment()).recover(tracking_number=NUMBER, to=str(file), **STEP)

    assert {"id": NUMBER, "status": "saved", "already": False} == made
    assert NUMBER.encode() in file.read_bytes()
    assert [] == sent()


@pytest.mark.parametrize("row", [shipment(voided=True), shipment(label=False), shipment(TWIN)])
def test_a_label_that_is_gone_is_not_saved(row, writer, tmp_path):
    """Voided, too old, or never there: no file is left behind."""
    with pytest.raises(Refused) as refused:
        writer(row).recover(tracking_number=NUMBER, to=str(tmp_path / "a.gif"), **STEP)

    assert ("ups.no_label", True) == (refused.value.code, refused.value.nothing_done)
    assert [] == [*tmp_path.iterdir()]
