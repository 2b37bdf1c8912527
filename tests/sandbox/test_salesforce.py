"""Salesforce as the sandbox plays it: log-in, SOQL, the describe, and a case that is made once."""

import base64
import http.client
import json
import socket
import threading
import time
from urllib.parse import quote, urlencode

import pytest
from conftest import world

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox import state
from peakops.sandbox.vendors.salesforce import ids, login, versions

SMILE, GONE, KEPT = "001SB0000000001YAA", "001SB0000000002YAA", "001SB0000000003YAA"
UUID = "0b8d0000-0000-4000-8000-00000000c001"
EXTERNAL = "/services/data/v62.0/sobjects/Case/Portal_Case_Id__c"
CREATED, UPDATED, LOGIN = 201, 200, "/services/oauth2/token"
ACCOUNTS = [
    {"Id": SMILE[:15], "Name": "Smile Care"},
    {"Id": GONE, "Name": "Smile Care (old)", "IsDeleted": True, "MasterRecordId": SMILE},
    {"Id": KEPT, "Name": "Bright Dental"},
]
CASES = [
    {"Id": "500SB0000000001", "Portal_Case_Id__c": "one", "AccountId": SMILE, "Subject": "Crown CASE-1041",
     "Priority": "Rush", "CreatedDate": "-2h", "Due_Date__c": "+3d"},
    {"Id": "500SB0000000002", "Portal_Case_Id__c": "two", "AccountId": KEPT, "Subject": "O'Neil 100%_sure \\",
     "CreatedDate": "-1h", "Status": "Closed"},
    {"Id": "500SB0000000003", "Portal_Case_Id__c": "bin", "AccountId": SMILE, "Subject": "Bridge CASE-1000",
     "CreatedDate": "-3h", "IsDeleted": True},
]  # fmt: skip
PAYLOAD = {"AccountId": SMILE, "Subject": "Crown CASE-1042", "Priority": "Normal", "Origin": "Portal", "Status": "New"}


class Org:
    """A loaded world, asked as a client asks that has logged in."""

    def __init__(self, box):
        self.box = box
        self.token = self.granted(grant_type="client_credentials")["access_token"]

    def ask(self, method, path, body=None, **headers):
        """Status, body and headers; the bearer is sent unless other credentials are given."""
        connection = http.client.HTTPConnection(self.box.http.removeprefix("http://"), timeout=10)
        headers = {"Authorization": f"Bearer {getattr(self, 'token', '')}"} | headers
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        try:
            connection.request(method, f"/salesforce{path}", data, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = answer.headers["Content-Type"] == "application/json" and text
        return answer.status, json.loads(text) if is_json else text, answer.headers

    def told(self, method, path, body=None, **headers):
        """The body of an answer that is none of an error."""
        status, answer, _ = self.ask(method, path, body, **headers)
        assert status in (CREATED, UPDATED), answer
        return answer

    def refused(self, method, path, body=None, **headers):
        """Status and code of an error of the API's."""
        status, answer, _ = self.ask(method, path, body, **headers)
        return status, answer[0]["errorCode"]

    def log_in(self, basic=True, **form):
        """Status and body of the token's route."""
        credentials = f"{self.box.salesforce_consumer_key}:{self.box.salesforce_consumer_secret}"
        headers = {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"} if basic else {}
        return self.ask("POST", LOGIN, urlencode(form), **({"Authorization": ""} | headers))[:2]

    def granted(self, **form):
        """The answer to a log-in that works."""
        status, answer = self.log_in(**form)
        assert 200 == status, answer
        return answer

    def query(self, soql, path="query"):
        """The answer to a query."""
        return self.told("GET", f"/services/data/v62.0/{path}?{urlencode({'q': soql})}")

    def subjects(self, where, path="query"):
        """The external ids of the cases that a condition finds, in order."""
        found = self.query(f"SELECT Portal_Case_Id__c FROM Case {where}", path)
        return [each["Portal_Case_Id__c"] for each in found["records"]]

    def malformed(self, soql):
        """Status and code of a query that is refused."""
        return self.refused("GET", f"/services/data/v62.0/query?{urlencode({'q': soql})}")


@pytest.fixture
def org(play):
    """An organization with three accounts and three cases, one of each in the bin, or with other parts."""

    def load(faults=(), **parts):
        return Org(play(salesforce={"accounts": ACCOUNTS, "cases": CASES, **parts}, faults=list(faults)))

    return load


@pytest.fixture
def same_org(org, home):
    """The organization as it comes, for tests that only read: loaded again only where another world is on."""
    asked = READ.get(home)
    if asked is None or asked.box.generation != state.attach(home).generation:
        asked = READ[home] = org()
    return asked


READ = {}


def jwt(**claims):
    """An assertion; the sandbox looks at no signature."""
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "signature"])


def test_what_a_token_comes_with(same_org):
    """The client-credentials flow: an instance, an identity, no end; the app's user is the first of the world."""
    asked = same_org
    granted = asked.granted(grant_type="client_credentials")
    assert {"access_token", "instance_url", "id", "token_type", "issued_at", "signature", "scope"} == set(granted)
    assert (login.INSTANCE, "Bearer") == (granted["instance_url"], granted["token_type"])
    info = asked.told("GET", "/services/oauth2/userinfo")
    assert granted["id"] == info["sub"]
    assert ("integration@peakdental.example", True) == (info["preferred_username"], info["active"])


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"grant_type": "client_credentials", "client_id": "3MVG9other"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": "ours", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password", "client_id": "ours", "client_secret": "ours", "username": "a@b.example",
          "password": login.PASSWORD}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)  # fmt: skip
def test_log_ins_that_fail(same_org, form, code):
    """Each has its code in OAuth's body, and HTTP 400."""
    asked = same_org
    ours = {"client_id": asked.box.salesforce_consumer_key, "client_secret": asked.box.salesforce_consumer_secret}
    form = {name: ours[name] if value == "ours" else value for name, value in form.items()}
    status, answer = asked.log_in(basic=False, **form)
    assert (400, code) == (status, answer["error"])
    assert answer["error_description"]


def test_a_password_may_end_in_the_security_token(same_org):
    """With the app's key and secret in the form."""
    asked = same_org
    form = {"client_id": asked.box.salesforce_consumer_key, "client_secret": asked.box.salesforce_consumer_secret}
    for password in (login.PASSWORD, login.PASSWORD + login.SECURITY_TOKEN):
        user = "Integration@PeakDental.example"
        assert asked.granted(basic=False, grant_type="password", username=user, password=password, **form)


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({}, None),
        ({"exp": 0}, "invalid_grant"),
        ({"iss": "3MVG9other"}, "invalid_client_id"),
        ({"aud": ""}, "invalid_grant"),
        ({"sub": "nobody@peakdental.example"}, "invalid_grant"),
    ],
)
def test_a_signed_assertion(same_org, claims, outcome):
    """Issuer, audience, user and end are looked at; the end is by the real clock, as the client signs."""
    asked = same_org
    usual = {
        "iss": asked.box.salesforce_consumer_key,
        "sub": "integration@peakdental.example",
        "aud": "https://login.salesforce.com",
        "exp": f"{time.time() + 180:.0f}",
    }
    status, answer = asked.log_in(basic=False, grant_type=login.JWT, assertion=jwt(**{**usual, **claims}))
    assert (400 if outcome else 200, outcome) == (status, answer.get("error"))


def test_an_assertion_that_is_none(same_org):
    """Text, and a body that is no JSON object."""
    asked = same_org
    for text in ("x", "a.b.c", "a." + base64.urlsafe_b64encode(b"[1]").decode() + ".c"):
        assert "invalid_grant" == asked.log_in(basic=False, grant_type=login.JWT, assertion=text)[1]["error"]


def test_an_inactive_user_does_not_get_in(play):
    """Whatever the flow; and without a session there is nothing but a 401, or a line of text with 403."""
    asked = Org(play())
    asked.box = play(salesforce={"users": [{"Username": "app@peakdental.example", "IsActive": False}]})
    status, answer = asked.log_in(grant_type="client_credentials")
    assert (400, "inactive_user") == (status, answer["error"])
    assert (401, "INVALID_SESSION_ID") == asked.refused("GET", "/services/data/v62.0/limits")
    assert (403, "Bad_OAuth_Token") == asked.ask("GET", "/services/oauth2/userinfo")[:2]


def test_the_log_in_of_soap(same_org):
    """A session and the server's address up to 64.0; from 65.0 on there is none. It says no in a fault, with 500."""
    asked = same_org

    def soap(version, password):
        body = (
            '<env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>integration@peakdental.example'
            f"</n1:username><n1:password>{password}</n1:password></n1:login></env:Body>"
        )
        return asked.ask("POST", f"/services/Soap/u/{version}", body)[:2]

    status, text = soap("62.0", login.PASSWORD)
    session = text.partition("<sessionId>")[2].partition("</sessionId>")[0]
    assert (200, True) == (status, f"<serverUrl>{login.INSTANCE}/services/Soap/u/62.0/" in text)
    assert asked.told("GET", "/services/data/v62.0/limits", Authorization=f"Bearer {session}")
    for version, password, code in (
        ("62.0", "wrong", "INVALID_LOGIN"),
        ("65.0", login.PASSWORD, "UNSUPPORTED_API_VERSION"),
        ("25.0", login.PASSWORD, "UNSUPPORTED_API_VERSION"),
    ):
        status, text = soap(version, password)
        assert (500, True) == (status, f"<sf:exceptionCode>{code}</sf:exceptionCode>" in text)


def test_versions(same_org):
    """The list needs no session; a retired version is gone, and one that is not yet there is unknown."""
    asked = same_org
    listed = asked.told("GET", "/services/data/", Authorization="")
    assert ("31.0", "68.0") == (listed[0]["version"], listed[-1]["version"])
    assert {"label": "Winter '25", "url": "/services/data/v62.0", "version": "62.0"} in listed
    assert ("Spring '25", "Summer '25", "Winter '27") == tuple(map(versions.label, (63, 64, 68)))
    assert (410, "GONE") == asked.refused("GET", "/services/data/v30.0/limits")
    assert (404, "NOT_FOUND") == asked.refused("GET", "/services/data/v69.0/limits")
    assert (404, "NOT_FOUND") == asked.refused("GET", "/services/data/v62/limits")


def test_each_call_counts(org):
    """Queries, the describe and the limits themselves go down on the day's requests; the token does not."""
    asked = org(limits={"DailyApiRequests": {"Max": 100, "Remaining": 3}})
    asked.granted(grant_type="client_credentials")
    asked.told("GET", "/services/oauth2/userinfo")
    _, _, headers = asked.ask("GET", "/services/data/v62.0/sobjects/Case/describe")
    assert "api-usage=98/100" == headers["Sforce-Limit-Info"]
    status, _, headers = asked.ask("GET", f"{EXTERNAL}/nothing")
    assert (404, "api-usage=99/100") == (status, headers["Sforce-Limit-Info"])
    assert {"Max": 100, "Remaining": 0} == asked.told("GET", "/services/data/v62.0/limits/")["DailyApiRequests"]
    for path in ("limits", "query?q=SELECT+Id+FROM+Case"):
        assert (403, "REQUEST_LIMIT_EXCEEDED") == asked.refused("GET", f"/services/data/v62.0/{path}")
    assert (403, "REQUEST_LIMIT_EXCEEDED") == asked.refused("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)


def test_a_record_as_a_query_gives_it(same_org):
    """With its type and address, ids in 18 characters, times with milliseconds and a zone, and the bin left out."""
    found = same_org.query("select id, casenumber, createddate, due_date__c from case where accountid = null")
    assert {"totalSize": 0, "done": True, "records": []} == found
    (record,) = same_org.query("SELECT Id, CreatedDate, Due_Date__c, IsDeleted FROM Case WHERE Subject LIKE 'crown%'")[
        "records"
    ]
    assert {
        "attributes": {"type": "Case", "url": "/services/data/v62.0/sobjects/Case/500SB0000000001YAA"},
        "Id": "500SB0000000001YAA",
        "CreatedDate": "2026-11-20T13:00:00.000+0000",
        "Due_Date__c": "2026-11-23",
        "IsDeleted": False,
    } == record


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", ["one", "two"]),
        ("WHERE Portal_Case_Id__c = 'ONE'", ["one"]),
        ("WHERE Portal_Case_Id__c != 'one'", ["two"]),
        ("WHERE Portal_Case_Id__c <> 'one' OR Priority = 'rush'", ["one", "two"]),
        ("WHERE Id = '500SB0000000001'", ["one"]),
        ("WHERE Id IN ('500SB0000000001YAA', '500SB0000000002')", ["one", "two"]),
        ("WHERE Id IN ('500sb0000000001')", []),
        ("WHERE Id NOT IN ('500SB0000000001YAA')", ["two"]),
        ("WHERE Priority = null", ["two"]),
        ("WHERE Priority != null", ["one"]),
        ("WHERE Priority != 'Low'", ["one", "two"]),
        ("WHERE Subject = ''", []),
        ("WHERE CreatedDate >= 2026-11-20T14:00:00Z", ["two"]),
        ("WHERE CreatedDate > 2026-11-20T14:00:00.000+0000", []),
        ("WHERE CreatedDate < 2026-11-20T09:30:00-05:00 AND CreatedDate >= 2026-11-20T12:59:59Z", ["one", "two"]),
        ("WHERE Due_Date__c <= 2026-11-23", ["one"]),
        ("WHERE IsDeleted = FALSE", ["one", "two"]),
        ("WHERE NOT Status = 'Closed'", ["one"]),
        ("WHERE (Status = 'Closed' OR Priority = 'Rush') AND NOT (Subject LIKE 'crown%')", ["two"]),
        (r"WHERE Subject = 'O\'Neil 100%_sure \\'", ["two"]),
        (r"WHERE Subject LIKE '%100\%\_sure%'", ["two"]),
        (r"WHERE Subject LIKE '%1041\%%'", []),
        ("WHERE Subject LIKE 'Crown_CASE-104_'", ["one"]),
        ("ORDER BY CreatedDate DESC", ["two", "one"]),
        ("ORDER BY Priority", ["two", "one"]),
        ("ORDER BY Priority NULLS LAST, CreatedDate ASC", ["one", "two"]),
        ("ORDER BY Subject DESC LIMIT 1", ["two"]),
        ("ORDER BY CreatedDate LIMIT 5 OFFSET 1", ["two"]),
    ],
)
def test_conditions(same_org, where, found):
    """Text knows no upper and lower case, ids do; null is neither smaller nor greater, and other than any value."""
    assert found == same_org.subjects(where)


def test_the_bin(same_org):
    """queryAll shows what query hides; by id it is gone, and by its external id it is as if it were not there."""
    asked = same_org
    assert ["one", "two", "bin"] == asked.subjects("", "queryAll")
    assert ["bin"] == asked.subjects("WHERE IsDeleted = true", "queryAll/")
    assert {"totalSize": 2, "done": True, "records": []} == asked.query("SELECT COUNT() FROM Case")
    assert (404, "ENTITY_IS_DELETED") == asked.refused("GET", "/services/data/v62.0/sobjects/Case/500SB0000000003")
    assert (404, "NOT_FOUND") == asked.refused("GET", f"{EXTERNAL}/bin")
    merged = asked.query("SELECT Id, Name, MasterRecordId FROM Account WHERE IsDeleted = true", "queryAll")
    assert (GONE, SMILE) == (merged["records"][0]["Id"], merged["records"][0]["MasterRecordId"])


def test_users_and_the_organization(org):
    """Who the integration is, and where the organization lives."""
    asked = org(users=[{"Id": "005SB0000000007", "Username": "app@peakdental.example"}])
    user = asked.query("SELECT Username, IsActive FROM User WHERE Id = '005SB0000000007'")["records"][0]
    assert ("app@peakdental.example", True) == (user["Username"], user["IsActive"])
    place = asked.query("SELECT Id, InstanceName, IsSandbox FROM Organization")["records"][0]
    assert ("USA900", False) == (place["InstanceName"], place["IsSandbox"])


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ("SELECT FROM Case", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE Subject = 'x", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Case WHERE Subject = 'a\qb'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE Subject = 'x' AND Status = 'New' OR Status = 'y'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE (Subject = 'x'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE CreatedDate > TODAY", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case WHERE CreatedDate > 2026-13-45T00:00:00Z", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case LIMIT -1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Case GROUP BY Status", "MALFORMED_QUERY"),
        ("SELECT Id FROM Invoice__c", "INVALID_TYPE"),
        ("SELECT Id, Nothing__c FROM Case", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE Nothing__c = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE CreatedDate > '2026-11-20'", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE Subject = 7", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE Description LIKE 'x%'", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE AccountId LIKE '001%'", "INVALID_FIELD"),
        ("SELECT Id FROM Case WHERE AccountId = 'PEAK-7'", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_queries_that_are_refused(same_org, soql, code):
    """With 400 and the vendor's code; nothing is guessed."""
    assert (400, code) == same_org.malformed(soql)


def test_pages(org):
    """2000 records a page, the rest under a locator that shows what was found, whatever is written meanwhile."""
    many = [{"Portal_Case_Id__c": f"c{number:04d}"} for number in range(4001)]
    asked = org(cases=many)
    first = asked.query("SELECT Portal_Case_Id__c FROM Case ORDER BY Portal_Case_Id__c")
    assert (4001, False, 2000) == (first["totalSize"], first["done"], len(first["records"]))
    asked.told("PATCH", f"{EXTERNAL}/a", PAYLOAD)
    second = asked.told("GET", first["nextRecordsUrl"])
    third = asked.told("GET", second["nextRecordsUrl"])
    assert (True, False) == (third["done"], "nextRecordsUrl" in third)
    pages = [each["Portal_Case_Id__c"] for page in (first, second, third) for each in page["records"]]
    assert [each["Portal_Case_Id__c"] for each in many] == pages
    small = asked.told(
        "GET", f"/services/data/v62.0/query?{urlencode({'q': 'SELECT Id FROM Case'})}", **{
            "Sforce-Query-Options": "batchSize=200"
        }
    )  # fmt: skip
    assert 200 == len(small["records"])
    org()
    assert (400, "INVALID_QUERY_LOCATOR") == Org(asked.box).refused("GET", first["nextRecordsUrl"])


def test_a_long_address(same_org):
    """More than 16,384 bytes is 414, so that a list of ids must be cut."""
    asked = same_org
    inside = ", ".join(["'500SB0000000001YAA'"] * 700)
    query = urlencode({"q": f"SELECT Id FROM Case WHERE Id IN ({inside})"})
    assert 414 == asked.ask("GET", f"/services/data/v62.0/query?{query}")[0]


def test_the_describe(org):
    """What the world says of a field lies on top of what it is usually; a hidden field is nowhere."""
    said = [
        {"name": "Due_Date__c", "nillable": False},
        {"name": "Shade__c", "type": "picklist", "picklistValues": [{"value": "A1"}, {"value": "B1", "active": False}]},
        {"name": "Priority", "visible": False},
    ]
    asked = org(describe={"Case": {"fields": said}})
    fields = {each["name"]: each for each in asked.told("GET", "/services/data/v62.0/sobjects/Case/describe")["fields"]}
    external, due, shade = (fields[name] for name in ("Portal_Case_Id__c", "Due_Date__c", "Shade__c"))
    assert (True, True, True, 36) == tuple(external[key] for key in ("externalId", "unique", "idLookup", "length"))
    assert (False, "date", True) == (due["nillable"], due["type"], due["createable"])
    assert [("A1", True), ("B1", False)] == [(each["value"], each["active"]) for each in shade["picklistValues"]]
    assert (["Account"], False) == (fields["AccountId"]["referenceTo"], fields["CaseNumber"]["createable"])
    assert ("Priority" in fields, "visible" in due) == (False, False)
    assert (400, "INVALID_FIELD") == asked.malformed("SELECT Priority FROM Case")
    assert (400, "INVALID_FIELD") == asked.refused("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)


def test_an_upsert_makes_a_case_and_then_changes_it(org, home):
    """201 and 200; the new case has what Salesforce gives one, and the dump has it too, without the sessions."""
    asked = org()
    status, made, headers = asked.ask("PATCH", f"{EXTERNAL}/{UUID}", {**PAYLOAD, "Due_Date__c": "2026-12-01"})
    assert (CREATED, True, True, []) == (status, made["created"], made["success"], made["errors"])
    assert headers["Location"].endswith(made["id"])
    again = {"id": made["id"], "success": True, "errors": [], "created": False}
    assert again == asked.told("PATCH", f"{EXTERNAL}/{UUID.upper()}", {"Status": "Working"})
    case = asked.told("GET", f"{EXTERNAL}/{UUID}")
    assert (SMILE, "Working", "2026-12-01", UUID) == tuple(
        case[name] for name in ("AccountId", "Status", "Due_Date__c", "Portal_Case_Id__c")
    )
    assert ("2026-11-20T15:00:00.000+0000", False) == (case["CreatedDate"], case["IsDeleted"])
    assert case == asked.told("GET", f"/services/data/v62.0/sobjects/Case/{made['id'][:15]}")
    dumped = sandbox.dump(home)["salesforce"]
    assert {name: value for name, value in case.items() if name in dumped["cases"][-1]} == dumped["cases"][-1]
    assert (4, False) == (len(dumped["cases"]), any(key.startswith("_") for key in dumped))
    sandbox.load(home, world(salesforce=dumped), source="")
    assert dumped == sandbox.dump(home)["salesforce"]


def test_an_external_id_may_hold_anything(org):
    """It is decoded wholly: slashes, spaces, question marks and hashes are part of it."""
    asked = org()
    strange = "a b/c?x#y+z%é'"
    path = f"{EXTERNAL}/{quote(strange, safe='')}"
    assert asked.told("PATCH", path, PAYLOAD)["created"]
    assert strange == asked.told("GET", path)["Portal_Case_Id__c"]


def test_a_plain_create_makes_a_twin(org):
    """Nothing keeps Salesforce from it but a unique field that is written."""
    asked = org()
    body = {"AccountId": SMILE, "Subject": "Crown CASE-1042"}
    first, second = (asked.told("POST", "/services/data/v62.0/sobjects/Case/", body) for _ in range(2))
    assert (True, False) == (first["id"] != second["id"], "created" in first)
    assert 2 == asked.query("SELECT COUNT() FROM Case WHERE Subject = 'Crown CASE-1042'")["totalSize"]
    status, answer, _ = asked.ask("POST", "/services/data/v62.0/sobjects/Case", {"Portal_Case_Id__c": "ONE"})
    assert (400, "DUPLICATE_VALUE") == (status, answer[0]["errorCode"])
    assert "duplicates value on record with id: 500SB0000000001" in answer[0]["message"]


def test_several_cases_with_one_external_id(org):
    """Where the field is not unique: 300, and where each of them is."""
    twins = [{"Portal_Case_Id__c": "twin"}, {"Portal_Case_Id__c": "twin"}]
    asked = org(cases=twins, describe={"Case": {"fields": [{"name": "Portal_Case_Id__c", "unique": False}]}})
    for method, body in (("GET", None), ("PATCH", PAYLOAD)):
        status, answer, _ = asked.ask(method, f"{EXTERNAL}/twin", body)
        assert (300, 2) == (status, len(answer))
        assert answer[0].startswith("/services/data/v62.0/sobjects/Case/500")


def test_older_versions_and_updates_only(org):
    """Before 46.0 an update has no body; `updateOnly` makes nothing."""
    asked = org()
    old = EXTERNAL.replace("62.0", "45.0")
    assert (204, "") == asked.ask("PATCH", f"{old}/one", {"Status": "Working"})[:2]
    assert (404, "NOT_FOUND") == asked.refused("PATCH", f"{EXTERNAL}/new?updateOnly=true", PAYLOAD)


RULE = {"field": "Origin", "message": "Say where the case comes from."}
STRICT = [
    {"name": "Due_Date__c", "nillable": False},
    {"name": "Priority", "restrictedPicklist": True},
    {"name": "Locked__c", "createable": False},
]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"Nothing__c": "x"}, ("INVALID_FIELD", None)),
        ({"CaseNumber": "1", "Locked__c": "x"}, ("INVALID_FIELD_FOR_INSERT_UPDATE", ["CaseNumber", "Locked__c"])),
        ({"Due_Date__c": None}, ("REQUIRED_FIELD_MISSING", ["Due_Date__c"])),
        ({"Due_Date__c": ""}, ("REQUIRED_FIELD_MISSING", ["Due_Date__c"])),
        ({"Due_Date__c": "2026-02-30"}, ("JSON_PARSER_ERROR", None)),
        ({"Due_Date__c": 7}, ("JSON_PARSER_ERROR", None)),
        ({"Subject": "x" * 256}, ("STRING_TOO_LONG", ["Subject"])),
        ({"Priority": "Urgent"}, ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Priority"])),
        ({"AccountId": "PEAK-7"}, ("MALFORMED_ID", ["AccountId"])),
        ({"AccountId": "003SB0000000001YAA"}, ("INVALID_CROSS_REFERENCE_KEY", ["AccountId"])),
        ({"AccountId": "001SB0000000009YAA"}, ("INVALID_CROSS_REFERENCE_KEY", ["AccountId"])),
        ({"AccountId": GONE}, ("ENTITY_IS_DELETED", [])),
        ({"Origin": None}, ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Origin"])),
        ({"Portal_Case_Id__c": "x"}, ("INVALID_FIELD", None)),
        ({"OwnerId": ""}, ("REQUIRED_FIELD_MISSING", ["OwnerId"])),
    ],
)
def test_what_a_case_may_not_be(org, change, outcome):
    """Refused with 400, the code and the fields; nothing is written."""
    asked = org(describe={"Case": {"fields": STRICT}}, validation_rules=[RULE])
    body = {**PAYLOAD, "Due_Date__c": "2026-12-01"}
    status, answer, _ = asked.ask("PATCH", f"{EXTERNAL}/{UUID}", {**body, **change})
    assert (400, *outcome) == (status, answer[0]["errorCode"], answer[0].get("fields"))
    assert [] == asked.subjects(f"WHERE Portal_Case_Id__c = '{UUID}'", "queryAll")
    assert asked.told("PATCH", f"{EXTERNAL}/{UUID}", body)["created"]


def test_a_rule_is_told_in_the_administrators_words(org):
    """A rule may also want a field to be empty."""
    asked = org(validation_rules=[{**RULE, "when_empty": False}])
    _, answer, _ = asked.ask("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)
    assert RULE["message"] == answer[0]["message"]
    assert asked.told("PATCH", f"{EXTERNAL}/{UUID}", {**PAYLOAD, "Origin": None})["created"]


def test_a_field_that_is_no_external_id(same_org):
    """Another field, a hidden one, and one that there is not, are all 404; so are routes and objects."""
    asked = same_org
    for path in ("Subject/x", "Nothing__c/x"):
        for method, body in (("GET", None), ("PATCH", PAYLOAD)):
            assert (404, "NOT_FOUND") == asked.refused(method, f"/services/data/v62.0/sobjects/Case/{path}", body)
    assert (404, "NOT_FOUND") == asked.refused("GET", "/services/data/v62.0/sobjects/Invoice__c/describe")
    assert (405, "METHOD_NOT_ALLOWED") == asked.refused("DELETE", f"{EXTERNAL}/one")
    assert (400, "JSON_PARSER_ERROR") == asked.refused("PATCH", f"{EXTERNAL}/{UUID}", "no json")


def test_two_at_once_make_one_case(org):
    """One of them makes it, the other changes it."""
    asked = org()
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(asked.ask("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)[0]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [UPDATED] * 7 + [CREATED] == sorted(outcomes)
    assert [UUID] == asked.subjects(f"WHERE Portal_Case_Id__c = '{UUID}'")


def test_the_answer_that_is_lost(org):
    """The case is made and the connection breaks, which is how twins begin."""
    asked = org([{"vendor": "salesforce", "route": "PATCH /services/data/*/sobjects/Case/*",
                  "after_effect": "drop_connection", "times": 1}])  # fmt: skip
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, socket.timeout)):
        asked.ask("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)
    assert [UUID] == asked.subjects(f"WHERE Portal_Case_Id__c = '{UUID}'")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ({"error": "UNABLE_TO_LOCK_ROW"}, 400, {"errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}),
        ({"error": "REQUIRED_FIELD_MISSING"}, 400, {"errorCode": "REQUIRED_FIELD_MISSING", "fields": ["Due_Date__c"]}),
        ({"error": "DUPLICATES_DETECTED"}, 400, {"errorCode": "DUPLICATES_DETECTED", "fields": []}),
        ({"error": "INVALID_SESSION_ID"}, 401, {"errorCode": "INVALID_SESSION_ID"}),
        ({"error": "REQUEST_LIMIT_EXCEEDED"}, 403, {"errorCode": "REQUEST_LIMIT_EXCEEDED"}),
        ({"error": "UNKNOWN_EXCEPTION"}, 500, {"errorCode": "UNKNOWN_EXCEPTION"}),
        ({"status": 503}, 503, {"errorCode": "SERVER_UNAVAILABLE"}),
        ({"status": 502}, 502, {"errorCode": "UNKNOWN_EXCEPTION"}),
    ],
)
def test_faults_in_the_apis_list(org, fault, status, body):
    """A code takes its usual status, and a status its usual code."""
    asked = org([{"vendor": "salesforce", "route": "PATCH /*", **fault}])
    got, answer, _ = asked.ask("PATCH", f"{EXTERNAL}/{UUID}", PAYLOAD)
    assert (status, body) == (got, {name: value for name, value in answer[0].items() if name != "message"})
    assert answer[0]["message"]


def test_faults_of_the_log_in(org, play):
    """A code of OAuth's, in small letters, has OAuth's body."""
    asked = org()
    play(faults=[{"vendor": "salesforce", "route": "POST /services/oauth2/token", "error": "inactive_org"}])
    assert (400, {"error": "inactive_org", "error_description": "organization is not active"}) == asked.log_in(
        grant_type="client_credentials"
    )


def test_many_requests_in_one(org):
    """They have their own statuses inside, count as one, and are at most 25; nothing is undone."""
    asked = org(limits={"DailyApiRequests": {"Max": 10, "Remaining": 5}})
    requests = [
        {"method": "PATCH", "url": f"{EXTERNAL}/{quote('a/b', safe='')}", "referenceId": "make", "body": PAYLOAD},
        {"method": "GET", "url": f"{EXTERNAL}/a%2Fb", "referenceId": "read"},
        {"method": "GET", "url": f"{EXTERNAL}/nothing", "referenceId": "none"},
        {"method": "GET", "url": "/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Case", "referenceId": "count"},
        {"method": "GET", "url": "/services/data/v30.0/limits", "referenceId": "old"},
    ]
    path = "/services/data/v62.0/composite"
    status, answer, headers = asked.ask("POST", path, {"allOrNone": False, "compositeRequest": requests})
    inside = {each["referenceId"]: each for each in answer["compositeResponse"]}
    assert (200, "api-usage=6/10") == (status, headers["Sforce-Limit-Info"])
    assert [201, 200, 404, 200, 410] == [each["httpStatusCode"] for each in inside.values()]
    assert ("a/b", 3) == (inside["read"]["body"]["Portal_Case_Id__c"], inside["count"]["body"]["totalSize"])
    assert (400, "INVALID_INPUT") == asked.refused("POST", path, {"allOrNone": True, "compositeRequest": requests})
    assert (400, "LIMIT_EXCEEDED") == asked.refused("POST", path, {"compositeRequest": requests * 6})


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"case": []}, "salesforce.case: no such resource; did you mean cases?"),
        ({"cases": [{"Subjekt": "x"}]}, "salesforce.cases[0].Subjekt: no such key; did you mean Subject?"),
        ({"cases": [{"Id": "001SB0000000001"}]}, "salesforce.cases[0].Id: the id of a record of Case begins with 500."),
        ({"cases": [{"AccountId": "PEAK"}]}, "salesforce.cases[0].AccountId: 'PEAK' is no id of 15 or 18 characters."),
        ({"cases": [{"CreatedDate": "soon"}]}, "salesforce.cases[0].CreatedDate: 'soon' is no time"),
        ({"cases": [{"IsDeleted": "no"}]}, "salesforce.cases[0].IsDeleted: must be true or false."),
        ({"cases": [{"Subject": 7}]}, "salesforce.cases[0].Subject: must be a string."),
        ({"cases": [{"Id": "500SB0000000001"}, {"Id": "500SB0000000001YAA"}]},
         "salesforce.cases[1].Id: 500SB0000000001YAA occurs twice."),
        ({"accounts": [{"IsDelete": True}]}, "salesforce.accounts[0].IsDelete: no such key; did you mean IsDeleted?"),
        ({"users": [{"IsActive": True}]}, "salesforce.users[0].Username: must be a string."),
        ({"organization": {"Instance": "x"}}, "salesforce.organization.Instance: no such key; did you mean Inst"),
        ({"limits": {"DailyApiRequest": {}}}, "salesforce.limits.DailyApiRequest: no such limit; did you mean Daily"),
        ({"limits": {"DailyApiRequests": {"Max": 1}}}, "salesforce.limits.DailyApiRequests.Remaining: must be a whole"),
        ({"describe": {"Account": {}}}, "salesforce.describe.Account: no such object."),
        ({"describe": {"Case": {"fields": [{"name": "X__c", "nilable": True}]}}},
         "salesforce.describe.Case.fields[0].nilable: no such key; did you mean nillable?"),
        ({"describe": {"Case": {"fields": [{"name": "X__c", "type": "text"}]}}},
         "salesforce.describe.Case.fields[0].type: no such type of field"),
        ({"validation_rules": [{"field": "Due_Date", "message": "x"}]},
         "salesforce.validation_rules[0].field: no such field of Case; did you mean Due_Date__c?"),
    ],
)  # fmt: skip
def test_worlds_that_are_refused(play, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        play(salesforce=part)
    assert says in str(refused.value)


def test_ids():
    """The suffix says which of five letters are capitals, the first the lowest bit (Salesforce's own example)."""
    assert ("001A0000006Vm9rIAC", "500SB0000000001YAA") == (ids.long("001A0000006Vm9r"), ids.made("Case", 1))
    assert ("001SB0000000001AAA", "PEAK-7") == (ids.long("001SB0000000001AAA"), ids.long("PEAK-7"))


def test_nothing_said_is_an_empty_organization(play, home):
    """Without a part there is a user, an organization, and the usual limits."""
    asked = Org(play())
    dumped = sandbox.dump(home)["salesforce"]
    assert ([], [], {}) == (dumped["accounts"], dumped["cases"], dumped["describe"])
    assert {"DailyApiRequests": {"Max": 15000, "Remaining": 14000}} == dumped["limits"]
    assert [] == asked.subjects("")
