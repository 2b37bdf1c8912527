"""What peakops and the sandbox's Salesforce say to each other, against JSON Schemas of our own: it publishes none."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from jsonschema import Draft202012Validator
from recorder import Exchange, Recorder
from salesforce_shapes import SCHEMAS

from peakops.errors import PeakopsError
from peakops.settings import Settings, WriteKeys
from peakops.sources.salesforce import Salesforce
from peakops.sources.salesforce_writer import SalesforceWriter

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ACCOUNT = "001SB0000000001AAA"
MINE, NEW = "0b8d0000-0000-4000-8000-0000000000c1", "0b8d0000-0000-4000-8000-0000000000c2"
WORLD = {
    "says": "An org with an account and a case.",
    "now": "2026-11-20T15:00:00Z",
    "salesforce": {
        "accounts": [{"Id": ACCOUNT, "Name": "Smile Care"}],
        "cases": [
            {"Portal_Case_Id__c": MINE, "AccountId": ACCOUNT, "Subject": "crown CASE-1042", "CreatedDate": "-1h"}
        ],
    },
}
DATA = "/services/data/v62.0"
TOKEN = "/services/oauth2/token"
USERNAME = "integration@peakdental.example"
WINDOW = {"since": datetime(2026, 11, 1, tzinfo=UTC), "until": NOW}
UPSERT = {
    "account": ACCOUNT,
    "subject": "crown CASE-1043",
    "priority": "High",
    "due_date": "2026-12-01",
    "plan": "p",
    "key": "k",
}

SAID: dict[str, tuple[str, str, str, str]] = {
    # what is said: the method, the path, the schema of the request's body, that of the answer
    "token": ("POST", TOKEN, "token request", "token"),
    "userinfo": ("GET", "/services/oauth2/userinfo", "", "userinfo"),
    "users": ("GET", f"{DATA}/query", "", "users"),
    "limits": ("GET", f"{DATA}/limits", "", "limits"),
    "versions": ("GET", "/services/data/", "", "versions"),
    "describe": ("GET", f"{DATA}/sobjects/Case/describe", "", "describe"),
    "cases": ("GET", f"{DATA}/queryAll/", "", "cases"),
    "accounts": ("GET", f"{DATA}/queryAll/", "", "accounts"),
    "upsert": ("PATCH", f"{DATA}/sobjects/Case/Portal_Case_Id__c/{NEW}", "upsert request", "upsert"),
    "upsert refused": ("PATCH", f"{DATA}/sobjects/Case/Portal_Case_Id__c/{NEW}", "upsert request", "errors"),
}
"""The users and the organization of `identity` are two answers of the same path."""
READS: dict[str, Callable[[Salesforce], Any]] = {
    "token": lambda client: client.limits(),
    "userinfo": lambda client: client.identity(),
    "limits": lambda client: client.limits(),
    "versions": lambda client: client.versions(),
    "describe": lambda client: client.describe(),
    "cases": lambda client: client.cases_of(case=MINE),
    "accounts": lambda client: client.account(id=ACCOUNT),
}
WRITES: dict[str, Callable[[SalesforceWriter], Any]] = {
    "upsert": lambda writer: writer.upsert_case(case=NEW, **UPSERT),
    "upsert refused": lambda writer: writer.upsert_case(case=NEW, **{**UPSERT, "account": "001SB0000000099AAA"}),
}


def errors(schema: str, document: Any) -> list[str]:
    return [each.message for each in Draft202012Validator(SCHEMAS[schema]).iter_errors(document)]


@pytest.fixture
def told(load: Any) -> Iterator[tuple[Any, Recorder]]:
    """The sandbox's Salesforce, and what stands between it and the client."""
    box = load(WORLD)
    recorder = Recorder(box.vendor_url("salesforce"))
    yield box, recorder
    recorder.shutdown()


@pytest.fixture
def heard(told: tuple[Any, Recorder]) -> Callable[[str], Exchange]:
    """What is said when the client makes a call of the tables above: the request that the call is for."""
    box, recorder = told

    def heard(name: str) -> Exchange:
        app = {
            "salesforce_consumer_key": box.salesforce_consumer_key,
            "salesforce_consumer_secret": box.salesforce_consumer_secret,
        }
        settings, deadline = Settings(salesforce_url=recorder.url, **app), time.monotonic() + 10
        if name in WRITES:
            try:
                WRITES[name](SalesforceWriter(settings, WriteKeys(**app), deadline=deadline))
            except PeakopsError:
                assert "upsert refused" == name
            return next(each for each in recorder.heard if each.method == "PATCH")
        READS[name](Salesforce(settings, deadline=deadline))
        return next(each for each in recorder.heard if each.path == SAID[name][1])

    return heard


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_what_is_said_has_its_shape(name: str, heard: Callable[[str], Exchange]) -> None:
    """The request's method, path and body, and the sandbox's answer."""
    said = heard(name)
    method, path, request, answer = SAID[name]

    assert (method, path) == (said.method, said.path)
    assert [] == (errors(request, said.body) if request else [] if said.body is None else ["a body"])
    assert [] == errors(answer, said.answer)
    assert said.query == (("q",) if "query" in path else ())


def test_who_we_are_has_its_shape(heard: Callable[[str], Exchange], told: tuple[Any, Recorder]) -> None:
    """The user's and the organization's records."""
    heard("userinfo")
    user, organization = (each.answer for each in told[1].heard if "/query" in each.path)

    assert [] == errors("users", user)
    assert [] == errors("organizations", organization)


def test_a_signed_log_in_has_its_shape(told: tuple[Any, Recorder]) -> None:
    """The other way that an app logs in by, and what becomes of one that is refused."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    box, recorder = told
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    given = {"salesforce_url": recorder.url, "salesforce_private_key": key, "salesforce_username": USERNAME}
    apps = [Settings(**given, salesforce_consumer_key=each) for each in (box.salesforce_consumer_key, "3MVG9another")]
    known, another = (Salesforce(each, deadline=time.monotonic() + 10) for each in apps)
    known.limits()
    with pytest.raises(PeakopsError):
        another.limits()
    taken, refused = (each for each in recorder.heard if each.path == TOKEN)

    assert [] == errors("token request", taken.body) + errors("token", taken.answer)
    assert [] == errors("token request", refused.body) + errors("token refused", refused.answer)


def test_composite_has_its_shape(told: tuple[Any, Recorder], heard: Callable[[str], Exchange]) -> None:
    """peakops does not use it; whoever does meets its shape in the sandbox."""
    token = heard("token").answer["access_token"]
    asked = {"allOrNone": False, "compositeRequest": [{"method": "GET", "url": f"{DATA}/limits", "referenceId": "a"}]}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"{told[1].url}{DATA}/composite"
    with urlopen(Request(url, json.dumps(asked).encode(), headers, method="POST")) as answer:
        document = json.loads(answer.read())

    assert [] == errors("composite request", asked) + errors("composite", document)
    assert [] == errors("limits", document["compositeResponse"][0]["body"])


CASE = {
    "attributes": {"type": "Case", "url": "/services/data/v62.0/sobjects/Case/1"},
    "Id": "500SB0000000001AAA",
    "CaseNumber": "1",
    "Portal_Case_Id__c": None,
    "AccountId": None,
    "Status": "New",
    "CreatedDate": "2026-11-20T14:00:00.000+0000",
    "IsDeleted": False,
}
PAGE = {"totalSize": 1, "done": True}
REFUSED: list[tuple[str, Any]] = [
    ("token request", {"grant_type": "password", "username": "a", "password": "b"}),
    ("token request", {"grant_type": "client_credentials", "client_secret": "in the form"}),
    ("token", {"access_token": "a", "instance_url": "http://peak.my.salesforce.com"}),
    ("token refused", [{"errorCode": "INVALID_SESSION_ID", "message": ""}]),
    ("userinfo", {"sub": "https://login.salesforce.com/id/00D/005"}),
    ("cases", {**PAGE, "records": [{**CASE, "Id": "CASE-1042"}]}),
    ("cases", {**PAGE, "records": [{**CASE, "CreatedDate": "2026-11-20T14:00:00Z"}]}),
    ("cases", {**PAGE, "records": [CASE], "done": False}),
    ("accounts", {**PAGE, "records": [CASE]}),
    ("users", {**PAGE, "records": [CASE]}),
    ("organizations", {**PAGE, "records": [CASE]}),
    ("describe", {"name": "Case", "fields": []}),
    ("limits", {"DailyApiRequests": {"Max": 15000}}),
    ("versions", [{"label": "Winter '26", "url": "/services/data/v65.0", "version": 65}]),
    ("upsert request", {"AccountId": ACCOUNT, "Subject": "a", "Origin": "Portal", "Status": "New", "Id": CASE["Id"]}),
    ("upsert request", {"AccountId": "Smile Care", "Subject": "a", "Origin": "Portal", "Status": "New"}),
    ("upsert", {"id": CASE["Id"], "success": False, "errors": [], "created": False}),
    ("errors", {"errorCode": "NOT_FOUND", "message": "a"}),
    ("errors", []),
    (
        "composite request",
        {"compositeRequest": [{"method": "GET", "url": "https://evil.example/", "referenceId": "a"}]},
    ),
    ("composite", {"compositeResponse": [{"body": {}, "referenceId": "a"}]}),
]


@pytest.mark.parametrize(("schema", "document"), REFUSED)
def test_what_has_not_its_shape_is_refused(schema: str, document: Any) -> None:
    """A schema that takes everything would prove nothing."""
    assert errors(schema, document)


def test_every_schema_has_something_to_refuse() -> None:
    """And is used by what is said."""
    assert set(SCHEMAS) == {schema for schema, _ in REFUSED}
    text = Path(__file__).read_text()
    assert all(text.count(f'"{name}"') > 1 for name in SCHEMAS)
