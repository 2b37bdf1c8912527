"""UPS's reader against the sandbox, and against a UPS that goes wrong: its token, its codes, what it has of a label."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops.errors import (
    BadInput,
    Denied,
    NotConfigured,
    NotFound,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from peakops.settings import Settings
from peakops.sources import ups_calls
from peakops.sources.threads import at_once
from peakops.sources.ups import Ups
from peakops.sources.ups_token_file import TokenFile

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
ACCOUNT = "A1B2C3"
NUMBER, VOIDED, OTHER = "1ZA1B2C30300000015", "1ZA1B2C30300000024", "1ZA1B2C30300000033"
ALBANY = {"lines": ["1 Main St"], "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}
CANDIDATE = {"line": "1 MAIN ST STE 2", "city": "Albany", "state": "NY", "postal_code": "12207-1234"}
WORLD = {
    "says": "A label, and one that was taken back.",
    "now": "2026-11-20T15:00:00Z",
    "ups": {
        "accounts": [ACCOUNT],
        "products": ["shipping", "address_validation", "tracking"],
        "shipments": [
            {"shipment_id": NUMBER, "tracking_number": NUMBER, "reference": "SHP-77", "account": ACCOUNT},
            {"shipment_id": VOIDED, "tracking_number": VOIDED, "reference": "SHP-78", "account": ACCOUNT},
        ],
        "addresses": [
            {
                "line": "1 Main St",
                "city": "Albany",
                "state": "NY",
                "postal_code": "12207",
                "result": "ambiguous",
                "classification": "commercial",
                "candidates": [CANDIDATE],
            },
            {"line": "9 Nowhere", "city": "Albany", "state": "NY", "postal_code": "12207", "result": "none"},
        ],
    },
}
for each, voided in zip(WORLD["ups"]["shipments"], (False, True), strict=True):
    each.update(voided=voided, created_at="-2h", label=True)
CLIENT, SECRET = "canary-client-id", "canary-client-secret"
TOKEN = "canary-access-token"


def token(value=TOKEN, life="3599", **more):
    return Reply(body={"access_token": value, "expires_in": life, "token_type": "Bearer"}, **more)


def refused(*codes, status=400, **more):
    errors = [{"code": code, "message": "Jane Doe must not be repeated"} for code in codes]
    return Reply(status, body={"response": {"errors": errors}}, **more)


NONE = Reply(body={"trackResponse": {"shipment": [{"inquiryNumber": "x", "warnings": [{"code": "TW0001"}]}]}})


def failed(ups):
    with pytest.raises(PeakopsError) as wrong:
        ups.tracked(NUMBER)
    return wrong.value


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def ups(load, folder):
    """A client of the sandbox's UPS."""

    def client(*, faults=(), seconds=10.0, **part):
        world = {**WORLD, "ups": {**WORLD["ups"], **part}}
        box = load(world, faults=[{"vendor": "ups", **each} for each in faults])
        settings = Settings(
            ups_url=box.vendor_url("ups"), ups_client_id=box.ups_client_id, ups_client_secret=box.ups_client_secret
        )
        return Ups(settings, deadline=time.monotonic() + seconds, folder=folder)

    return client


@pytest.fixture
def at(folder):
    """A client of a server that plays its own part."""

    def client(server, seconds=5.0):
        settings = Settings(ups_url=server.url, ups_client_id=CLIENT, ups_client_secret=SECRET)
        return Ups(settings, deadline=time.monotonic() + seconds, folder=folder)

    return client


@pytest.fixture
def hurried(monkeypatch):
    """No second is waited before credentials are tried once more."""
    monkeypatch.setattr(ups_calls, "LATER_S", 0.01)


def paths(server):
    return [each.path.partition("?")[0] for each in server.asked]


def test_a_package_is_found_by_its_number(ups):
    """However it is typed; the row has fields that we chose, and nobody's name."""
    (row,) = ups().tracked(" 1za1b2 c30300000015 ").rows

    assert {"tracking_number", "status", "status_code", "voided", "references", "at"} == set(row)
    assert (NUMBER, "003", False, ["SHP-77"]) == tuple(
        row[name] for name in ("tracking_number", "status_code", "voided", "references")
    )
    assert NOW - timedelta(hours=2) == row["at"]


def test_a_voided_label_says_so(ups):
    """It is still found by its reference."""
    (row,) = ups().by_reference("SHP-78", WEEK, NOW, ACCOUNT).rows

    assert (VOIDED, True) == (row["tracking_number"], row["voided"])


@pytest.mark.parametrize(
    "number", ["1Z0000000000000000", "1Z", "TBD", "../../etc", "1Z'; drop table", "?x=1#", "..", "é" * 18]
)
def test_a_number_that_ups_does_not_have_is_no_row(number, ups):
    """Nor is one that it cannot have: it asks for nothing else."""
    client = ups()

    assert () == client.tracked(number).rows == client.label(tracking_number=number).rows


@pytest.mark.parametrize("reply", [NONE, refused("TV1002", status=404)])
def test_ups_says_in_two_ways_that_it_has_nothing(reply, played, at):
    """With a success that warns, as it does, and with a 404, as its specification has it."""
    assert () == at(played(token(), reply)).tracked(NUMBER).rows


def test_a_404_of_another_server_is_no_answer(played, at):
    """Only UPS's own envelope says that UPS has nothing."""
    with pytest.raises(NotFound):
        at(played(token(), Reply(404, body="<html>"))).tracked(NUMBER)


@pytest.mark.parametrize("call", ["tracked", "by_reference", "label", "address"])
def test_what_is_not_known_is_not_asked_for(call, played, at):
    """A look whose subject is missing brings none, and no token is asked for."""
    server = played(Reply(500))
    given = {"tracked": [None], "by_reference": [None, WEEK, NOW], "label": [None, "SHP-77", None]}.get(
        call, [None] * 5
    )
    brought = getattr(at(server), call)(*given)

    assert ((), ()) == (brought.rows, brought.notes)
    assert [] == server.asked


@pytest.mark.parametrize("number", [None, 5, ["1ZA1B2C30300000015"], "", "Jane Holloway", "../../void"])
def test_what_is_no_tracking_number_cannot_be_read(number, played, at):
    """It would become a part of an address, and of what the portal is told."""
    package = {"trackingNumber": number, "referenceNumber": [{"number": 77}]}
    server = played(token(), Reply(body={"trackResponse": {"shipment": [{"package": [package]}]}}))
    with pytest.raises(Unreachable) as wrong:
        at(server).tracked(NUMBER)

    assert "ups.unreadable" == wrong.value.code


@pytest.mark.parametrize("reply", [Reply(503), Reply(400, body="<html>"), Reply(body={"access_token": 5})])
def test_looks_at_once_do_not_storm_a_token_that_fails(reply, played, at):
    """They share the attempts of the first of them, and what came of it."""
    server = played(reply)
    ups = at(server)
    errors = at_once([lambda: failed(ups)] * 8)

    assert {"ups"} == {each.source for each in errors}
    assert len(server.asked) <= 3


def test_a_reference_that_is_no_number_is_not_told(played, at):
    """Whoever made the label may have put a patient's name there."""
    marks = [{"number": each} for each in ("SHP-77", "Holloway", "Jane Holloway 2")]
    package = {"trackingNumber": NUMBER, "referenceNumber": marks}
    server = played(token(), Reply(body={"trackResponse": {"shipment": [{"package": [package]}]}}))
    (row,) = at(server).tracked(NUMBER).rows

    assert ["SHP-77"] == row["references"]


def test_a_reference_is_one_part_of_the_path(played, at):
    """Whatever is in it; what comes back is compared once more, since UPS searches among everybody's."""
    packages = [
        {"trackingNumber": number, "referenceNumber": [{"number": each}]}
        for number, each in ((NUMBER, "a..b?c#d&shipperNum=X"), (OTHER, "a"))
    ]
    server = played(token(), Reply(body={"trackResponse": {"shipment": [{"package": packages}]}}))
    rows = at(server).by_reference("a..b?c#d&shipperNum=X", WEEK, NOW, ACCOUNT).rows

    assert [NUMBER] == [row["tracking_number"] for row in rows]
    path, _, query = server.asked[1].path.partition("?")
    assert "/api/track/v1/reference/details/a..b%3Fc%23d%26shipperNum%3DX" == path
    assert f"fromPickUpDate=20261113&toPickUpDate=20261120&shipperNum={ACCOUNT}" == query


@pytest.mark.parametrize("reference", ["..", ".", " ", "a\nb", "x" * 36, "SHP/77"])
def test_a_reference_that_cannot_be_asked_for_is_not_sent(reference, played, at):
    """Two dots, or a slash, would be another path; it is no answer either: a label may have it all the same."""
    server = played(Reply(500))
    client = at(server)

    for ask in (lambda: client.by_reference(reference, WEEK, NOW), lambda: client.label(None, reference, "A")):
        with pytest.raises(BadInput) as wrong:
            ask()
        assert ("ups.malformed_reference", True) == (wrong.value.code, bool(wrong.value.hint))
    assert [] == server.asked


def test_a_label_is_there_without_its_image(ups):
    """By number, and by reference and account; voided ones and unknown ones bring no row."""
    client = ups()
    (row,) = client.label(reference="SHP-77", account=ACCOUNT).rows

    assert {"tracking_number": NUMBER, "format": "GIF", "bytes": row["bytes"]} == row
    assert 0 < row["bytes"]
    assert (row,) == client.label(tracking_number=NUMBER).rows
    assert () == client.label(tracking_number=VOIDED).rows == client.label(reference="SHP-9", account=ACCOUNT).rows


def test_several_labels_of_a_reference_are_said(ups):
    """UPS does not say which."""
    twin = {**WORLD["ups"]["shipments"][0], "shipment_id": OTHER, "tracking_number": OTHER}
    with pytest.raises(Refused) as several:
        ups(shipments=[*WORLD["ups"]["shipments"], twin]).label(reference="SHP-77", account=ACCOUNT)

    assert "ups.300001" == several.value.code


def test_an_address_is_judged(ups):
    """With what UPS takes for the meant one, and what kind of place it is."""
    client = ups()
    (row,) = client.address(**ALBANY).rows

    assert ("ambiguous", "commercial") == (row["result"], row["classification"])
    place = {"city": "ALBANY", "state": "NY", "postal_code": "12207-1234"}
    assert [{"lines": ["1 MAIN ST STE 2"], **place}] == row["candidates"]
    assert "valid" == client.address(**{**ALBANY, "lines": ["2 Main St"]}).rows[0]["result"]
    assert "none" == client.address(**{**ALBANY, "lines": ["9 Nowhere"]}).rows[0]["result"]


@pytest.mark.parametrize("marks", [[], ["ValidAddressIndicator", "NoCandidatesIndicator"]])
def test_an_address_is_judged_in_one_way(marks, played, at):
    """UPS says exactly one of three things, with an empty text; less or more cannot be read."""
    answer = {"XAVResponse": {**dict.fromkeys(marks, ""), "AddressClassification": {"Code": "0"}}}
    with pytest.raises(Unreachable) as wrong:
        at(played(token(), Reply(body=answer))).address(**ALBANY)

    assert "ups.unreadable" == wrong.value.code


def test_a_country_that_ups_does_not_check_is_not_asked_for(played, at):
    """Its addresses are looked at by a person."""
    server = played(Reply(500))
    with pytest.raises(BadInput) as wrong:
        at(server).address(**{**ALBANY, "country": "CA"})

    assert "ups.country_not_covered" == wrong.value.code
    assert [] == server.asked


def test_ups_is_probed_by_an_address(ups):
    """It has no status page for programs."""
    assert ({"answered": True},) == ups().probe().rows


def test_the_products_are_told_one_by_one(ups):
    """250002 says either that the secret is wrong or that a product is missing: another one that works tells which."""
    rows = ups(products=["shipping", "tracking"]).products().rows

    assert [("shipping", True, None), ("address_validation", False, "250002"), ("tracking", True, None)] == [
        (row["product"], row["granted"], row["code"]) for row in rows
    ]


@pytest.mark.parametrize("run", ["first", "next"])
def test_without_any_product_each_is_missing(run, ups, hurried):
    """UPS gives a token and refuses everything: the same in the run that asked for it and in one that found it kept."""
    if run == "next":
        ups(products=[]).token()
    rows = ups(products=[]).products().rows

    assert [(False, "250002")] * 3 == [(row["granted"], row["code"]) for row in rows]


def test_a_product_whose_service_fails_is_not_said_to_be_missing(ups):
    """Whether it is granted is not known then."""
    rows = ups(faults=[{"route": "POST /api/addressvalidation/*", "status": 503}]).products().rows

    assert [True, None, True] == [row["granted"] for row in rows]


def test_without_credentials_it_is_not_configured(folder):
    """The error names both settings."""
    with pytest.raises(NotConfigured) as missing:
        Ups(Settings(ups_client_id=CLIENT), deadline=time.monotonic() + 1, folder=folder)

    assert "ups.not_configured" == missing.value.code
    assert "PEAKOPS_UPS_CLIENT_ID and PEAKOPS_UPS_CLIENT_SECRET" in missing.value.hint


def test_the_token_is_asked_for_as_ups_wants_it(played, at):
    """Basic, a form, and not below /api; the calls have it, and say who asks."""
    server = played(token(), NONE)
    at(server).tracked(NUMBER)
    first, second = server.asked

    assert ("POST", "/security/v1/oauth/token") == (first.method, first.path)
    assert first.headers["authorization"].startswith("Basic ")
    assert "grant_type=client_credentials" == first.body
    assert f"Bearer {TOKEN}" == second.headers["authorization"]
    assert ("peakops", 32) == (second.headers["transactionsrc"], len(second.headers["transid"]))


def test_a_token_is_kept_for_the_next_run(played, at, folder):
    """In a file for its owner alone; what is shown of it is when it ends."""
    server = played(token())
    (first,), (second,) = at(server).token().rows, at(server).token().rows

    assert (False, True) == (first["cached"], second["cached"])
    assert first["expires_at"] == second["expires_at"]
    assert timedelta(minutes=59) < first["expires_at"] - datetime.now(UTC) < timedelta(hours=1)
    assert 1 == len(server.asked)
    assert (0o700, 0o600) == tuple(each.stat().st_mode & 0o777 for each in (folder, folder / "ups-token.json"))
    assert {"expires_at", "cached", "lasts_s"} == set(first)
    assert 3590 < second["lasts_s"] <= 3599


@pytest.mark.parametrize(("life", "asked"), [("0", 2), ("50", 1), ("3599", 1)])
def test_a_token_is_used_until_shortly_before_its_end(life, asked, played, at):
    """A very short one for half of its life."""
    server = played(token(life=life))
    at(server).token()
    at(server).token()

    assert asked == len(server.asked)


def test_a_token_near_its_end_is_not_used(played, at, folder, monkeypatch):
    """A minute before it; by the real clock, whatever the sandbox's says."""
    server = played(token("old"), token("new"))
    at(server).token()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3599 - 59)

    assert not at(server).token().rows[0]["cached"]
    assert 2 == len(server.asked)


def test_other_credentials_have_another_token(played, at, folder):
    """Each is kept beside the other, under a name that does not tell them."""
    server = played(token("one"), token("two"))
    at(server).token()
    other = Settings(ups_url=server.url, ups_client_id=CLIENT, ups_client_secret="another")
    Ups(other, deadline=time.monotonic() + 5, folder=folder).token()
    at(server).token()
    kept = (folder / "ups-token.json").read_text()

    assert 2 == len(server.asked)
    assert {"one", "two"} == {each["token"] for each in json.loads(kept).values()}
    assert not [each for each in (SECRET, CLIENT, "another") if each in kept]


def changed(**fields):
    """The file with other fields in its one token."""

    def change(file):
        kept = json.loads(file.read_text())
        file.write_text(json.dumps({key: {**each, **fields} for key, each in kept.items()}))

    return change


def link(file):
    file.rename(file.with_name("else"))
    file.symlink_to(file.with_name("else"))


def pipe(file):
    file.unlink()
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_text("{"),
        lambda file: file.write_text("[1]"),
        changed(until="soon"),
        changed(until=1e30, expires_at=1e30),
        changed(until=10**400),
        changed(token="a\nb: c"),
        lambda file: file.chmod(0o644),
        link,
        pipe,
    ],
)
def test_a_file_that_cannot_be_believed_is_ignored(damage, played, at, folder):
    """Damaged, readable by others, or no file of its own: a token is asked for, and kept anew."""
    server = played(token("old"), token("new"))
    at(server).token()
    file = folder / "ups-token.json"
    damage(file)

    assert not at(server).token().rows[0]["cached"]
    assert at(server).token().rows[0]["cached"]
    assert file.is_file()
    assert not file.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_a_file_of_somebody_else_is_not_believed(played, at, folder):
    """It might hold a token of theirs, which would tell them what we ask."""
    server = played(token("old"), token("new"))
    at(server).token()
    os.chown(folder / "ups-token.json", 12345, 12345)

    assert not at(server).token().rows[0]["cached"]
    assert os.geteuid() == (folder / "ups-token.json").stat().st_uid


def test_a_folder_that_others_may_write_holds_no_token(played, at, folder):
    """It works all the same, each run with a token of its own, and says why."""
    folder.mkdir()
    folder.chmod(0o777)
    server = played(token())
    brought = at(server).token()

    assert "others may write into it" in brought.notes[0]
    assert not at(server).token().rows[0]["cached"]
    assert [] == [*folder.iterdir()]


def test_a_state_folder_that_cannot_be_made_is_no_failure(played, tmp_path):
    """A file stands in its place."""
    (tmp_path / "state").write_text("")
    server = played(token(), NONE)
    settings = Settings(ups_url=server.url, ups_client_id=CLIENT, ups_client_secret=SECRET)
    client = Ups(settings, deadline=time.monotonic() + 5, folder=tmp_path / "state")

    assert () == client.tracked(NUMBER).rows
    assert client.token().notes


RUN = """
import sys, time
from functools import partial
from pathlib import Path
from peakops.settings import Settings
from peakops.sources.threads import at_once
from peakops.sources.ups import Ups
settings = Settings(ups_url=sys.argv[1], ups_client_id="canary-client-id", ups_client_secret="canary-client-secret")
runs = [Ups(settings, deadline=time.monotonic() + 20, folder=Path(sys.argv[2])) for _ in range(2)]
print("ready", flush=True)
sys.stdin.readline()
at_once([each.token for each in runs])
"""


def test_eight_runs_at_once_ask_for_one_token(played, folder):
    """Whoever comes first asks, and the others wait for the file: four processes with two runs each."""
    server = played(token(after_s=0.3))
    command = [sys.executable, "-c", RUN, server.url, str(folder)]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)]
    for run in runs:
        assert b"ready\n" == run.stdout.readline()
    for run in runs:
        run.stdin.write(b"\n")
        run.stdin.flush()

    assert [0] * 4 == [run.wait(30) for run in runs]
    assert 1 == len(server.asked)


def test_whoever_waits_for_another_runs_token_waits_until_the_deadline(played, at, folder):
    """Then the error says what it waited for."""
    server = played(token())
    with TokenFile(folder).turn(time.monotonic() + 1), pytest.raises(TimedOut) as late:
        at(server, seconds=0.5).token()

    assert "Another run" in late.value.says
    assert [] == server.asked


def test_a_token_that_ups_has_ended_is_renewed(played, at):
    """One from the file once, and the call is repeated once; the new one is kept."""
    server = played(token("old"), NONE, refused("250002", status=401), token("new"), NONE)
    at(server).tracked(NUMBER)
    at(server).tracked(NUMBER)
    at(server).tracked(NUMBER)

    assert ["Bearer old", "Bearer old", "Bearer new", "Bearer new"] == [
        each.headers["authorization"] for each in server.asked if each.method == "GET"
    ]
    assert 2 == paths(server).count("/security/v1/oauth/token")


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("code", ["250002", "10401"])
def test_a_lasting_401_costs_two_tokens_and_two_calls_at_most(code, warm, played, at, hurried):
    """With a token of the file, and with a new one, which is tried once more, since UPS has refused good ones."""
    server = played(
        *([token(), NONE] if warm else []),
        *([] if warm else [token()]),
        refused(code, status=401),
        *([token()] if warm else []),
        refused(code, status=401),
    )
    if warm:
        at(server).tracked(NUMBER)
    before = len(server.asked)
    with pytest.raises(Unauthenticated) as wrong:
        at(server).tracked(NUMBER)

    assert f"ups.{code}" == wrong.value.code
    asked = paths(server)[before:]
    assert (1, 2) == (asked.count("/security/v1/oauth/token"), len(asked) - asked.count("/security/v1/oauth/token"))


def test_one_false_refusal_is_waited_out(played, at, hurried):
    """UPS had days on which it refused good credentials."""
    assert () == at(played(token(), refused("250002", status=401), NONE)).tracked(NUMBER).rows


def test_a_wrong_secret_is_tried_once_by_a_run(played, at):
    """However many looks it has: UPS locks who tries again and again."""
    server = played(refused("250002", status=401))
    client = at(server)
    for _ in range(3):
        with pytest.raises(Unauthenticated) as wrong:
            client.tracked(NUMBER)

    assert "ups.250002" == wrong.value.code
    assert 1 == len(server.asked)


def test_a_refused_token_request_is_no_storm(played, at):
    """UPS is left alone by every run of the folder for as long as it says, a minute where it does not."""
    server = played(refused("10429", status=429))
    for _ in range(3):
        with pytest.raises(RateLimited) as wrong:
            at(server).tracked(NUMBER)
        assert "ups.10429" == wrong.value.code
        assert 59 < wrong.value.retry_after_s <= 60

    assert 1 == len(server.asked)
    assert wrong.value.hint in ("Run it again in 60 s.", "Run it again in 59 s.")


def test_the_wait_after_a_refused_token_request_grows(played, at, monkeypatch):
    """Twice as long each time, up to a quarter of an hour, until there is a token."""
    server = played(*[refused("10429", status=429)] * 6, token())
    real, gone, waits = time.time, 0, []
    for _ in range(6):
        monkeypatch.setattr(time, "time", lambda gone=gone: real() + gone)
        with pytest.raises(RateLimited) as wrong:
            at(server).token()
        waits.append(wrong.value.retry_after_s)
        gone += wrong.value.retry_after_s + 1

    assert [60, 120, 240, 480, 900, 900] == waits
    monkeypatch.setattr(time, "time", lambda: real() + gone)
    assert at(server).token().rows


def test_429_is_not_asked_again_at_once(played, at):
    """Without a wait that UPS names it is a minute, which no look has."""
    server = played(token(), Reply(429, body="<html>"))
    with pytest.raises(RateLimited) as wrong:
        at(server).tracked(NUMBER)

    assert ("ups.10429", 60) == (wrong.value.code, wrong.value.retry_after_s)
    assert 2 == len(server.asked)


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (refused("9264030"), Refused, "ups.264030"),
        (refused("264030"), Refused, "ups.264030"),
        (Reply(400, body={"errors": [{"code": "20001", "message": "x"}]}), Unreachable, "ups.20001"),
        (refused("120202"), Refused, "ups.120202"),
        (refused("10403", status=403), Denied, "ups.10403"),
        (refused("250003", status=401), Denied, "ups.250003"),
        (refused("999999"), Refused, "ups.999999"),
        (refused("999999", status=403), Denied, "ups.999999"),
        (refused("999999", status=500), Unreachable, "ups.999999"),
        (Reply(400, body={"response": {"errors": "none"}}), Unreachable, "ups.refused"),
        (Reply(400, body={"response": {"errors": [{"code": "Jane Doe"}]}}), Unreachable, "ups.refused"),
        (Reply(503, body="<html>"), Unreachable, "ups.failed"),
        (Reply(body="<html>"), Unreachable, "ups.unreadable"),
        (Reply(body={"XAVResponse": []}), Unreachable, "ups.unreadable"),
        (Reply(drip=True), TimedOut, "ups.timeout"),
    ],
)
def test_codes_are_told_apart(reply, error, code, played, at):
    """By the table, else by the HTTP status; UPS's own text may quote a name and is not repeated, nor is a secret."""
    with pytest.raises(PeakopsError) as wrong:
        at(played(token(), reply), seconds=3).address(**ALBANY)

    said = f"{wrong.value!r} {wrong.value.says} {wrong.value.hint}"
    assert (error, code, "ups") == (type(wrong.value), wrong.value.code, wrong.value.source)
    assert wrong.value.hint
    assert not [each for each in ("Jane", SECRET, CLIENT, TOKEN) if each in said]


def test_of_several_codes_the_first_decides(played, at):
    """All of them are named, once."""
    with pytest.raises(Refused) as wrong:
        at(played(token(), refused("120206", "9120207", "120206"))).address(**ALBANY)

    assert "ups.120206" == wrong.value.code
    assert wrong.value.says.endswith("(UPS's code 120206, with 120207).")


def test_our_own_id_of_a_request_is_kept(played, at):
    """UPS's support asks for it."""
    server = played(token(), refused("120202", headers={"transId": "abc"}))
    with pytest.raises(Refused) as wrong:
        at(server).address(**ALBANY)

    assert "abc" == wrong.value.request_id


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": "a b", "expires_in": "1"},
        {"access_token": "a", "expires_in": "nan"},
        {"access_token": "a", "expires_in": "1e9"},
    ],
)
def test_a_token_that_cannot_be_one_is_not_sent(body, played, at):
    """An answer of another shape is one that cannot be read."""
    server = played(Reply(body=body))
    with pytest.raises(Unreachable) as wrong:
        at(server).tracked(NUMBER)

    assert "ups.unreadable" == wrong.value.code
    assert 1 == len(server.asked)
