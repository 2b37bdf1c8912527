"""The looks at Salesforce: against the sandbox's org, and against answers that are wrong."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from peakops.errors import Denied, NotConfigured, RateLimited, Refused, Unreachable
from peakops.settings import Settings
from peakops.sources.salesforce import Salesforce
from peakops.sources.salesforce_rows import LONGEST_LIST, chunks

from .org import Org, case, page, refusal
from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)
SMILE, OTHER, GONE = (f"001SB000000000{number}AAA" for number in ("1", "2", "3"))
MINE, TWIN = "0b8d0000-0000-4000-8000-0000000000c1", "0b8d0000-0000-4000-8000-0000000000c2"
WORLD = {
    "says": "An org with cases that are there, deleted, twice, and not the portal's.",
    "now": "2026-11-20T15:00:00Z",
    "salesforce": {
        "accounts": [
            {"Id": SMILE, "Name": "Smile Care"},
            {"Id": OTHER, "Name": "Bright Dental"},
            {"Id": GONE, "Name": "Old Smile Care", "IsDeleted": True, "MasterRecordId": SMILE},
        ],
        "cases": [
            {
                "Id": "500SB0000000001AAA",
                "CaseNumber": "00001042",
                "Portal_Case_Id__c": MINE,
                "AccountId": SMILE,
                "Subject": "crown CASE-1042",
                "Description": "canary_patient",
                "Status": "New",
                "CreatedDate": "2026-11-20T14:00:00Z",
            },
            {
                "Id": "500SB0000000002AAA",
                "CaseNumber": "00001043",
                "Portal_Case_Id__c": TWIN,
                "AccountId": SMILE,
                "Subject": "bridge CASE-1043",
                "IsDeleted": True,
                "CreatedDate": "2026-11-19T14:00:00Z",
            },
            {
                "Id": "500SB0000000003AAA",
                "AccountId": OTHER,
                "Subject": "Crown case-1042",
                "CreatedDate": "2026-11-20T13:00:00Z",
            },
        ],
        "limits": {"DailyApiRequests": {"Max": 15000, "Remaining": 12000}},
    },
}
INJECTIONS = (
    "' OR Name != '",
    "\\",
    "\\' OR Id != null --",
    "a\nb\rc\td",
    "%",
    "_",
    'x"y',
    "Zähne – 牙",
    "{0}",
    "?&#/;+",
)


@pytest.fixture
def salesforce(load):
    """A client of the world, with changes of the world and of the settings."""

    def client(*, faults=(), seconds=10.0, world=WORLD, **given):
        box = load(world, faults=[{"vendor": "salesforce", **each} for each in faults])
        return Salesforce(configured(box.vendor_url("salesforce"), box, **given), deadline=time.monotonic() + seconds)

    return client


def configured(url, box=None, **given):
    key = box.salesforce_consumer_key if box else "3MVG9canary"
    secret = box.salesforce_consumer_secret if box else "canary_secret"
    app = {"salesforce_consumer_key": key, "salesforce_consumer_secret": secret}
    return Settings(**{"salesforce_url": url, **app, **given})


@pytest.fixture
def org():
    """Start an org with a script: `org(Reply(500), logins=(Reply(400),))`; a client of it, and the org."""
    up = []

    def start(*replies, seconds=5.0, logins=None, **given):
        up.append(Org(*replies, **({"logins": logins} if logins else {})))
        return Salesforce(configured(up[-1].url, **given), deadline=time.monotonic() + seconds), up[-1]

    yield start
    for each in up:
        each.stop()


def asked_soql(server, number=-1):
    """The question that was sent."""
    return parse_qs(urlsplit(server.asked[number].path).query)["q"][0]


def test_identity_says_who_we_are(salesforce):
    """The user, the org, how we logged in, and what the portal's id is called there."""
    brought = salesforce().identity()
    (row,) = brought.rows

    assert brought.single
    assert ("integration@peakdental.example", True, False) == (row["username"], row["active"], row["sandbox"])
    assert ("client_credentials", "62.0") == (row["flow"], row["version"])
    assert "Portal_Case_Id__c" == row["case_field"]
    assert {"user_id", "organization_id", "instance"} < set(row)


def test_limits_say_what_is_left_of_the_day(salesforce):
    """Allowed, left and used; what is used is what the answer's own header says."""
    (row,) = salesforce().limits().rows

    assert 15000 == row["daily_max"]
    assert 15000 == row["daily_remaining"] + row["daily_used"]


def test_what_is_used_is_read_from_errors_too(org):
    """A day that is used up is told with its figures, and asked once: nobody storms a limit."""
    usage = {"Sforce-Limit-Info": "api-usage=15001/15000; per-app-api-usage=17/250(appName=x)"}
    client, server = org(Reply(403, body=refusal("REQUEST_LIMIT_EXCEEDED"), headers=usage))
    with pytest.raises(RateLimited) as refused:
        client.limits()

    assert "salesforce.request_limit_exceeded" == refused.value.code
    assert "15,001 of 15,000 are used" in refused.value.says
    assert 1 == len(server.asked)


def test_versions_are_those_of_the_org(salesforce):
    """As numbers in texts, with the names of Salesforce's seasons."""
    rows = salesforce().versions().rows

    assert {"62.0", "64.0"} <= {row["version"] for row in rows}
    assert all(row["label"] for row in rows)


def test_describe_tells_what_a_case_must_hold(salesforce):
    """Fields as the user may write them; of a picklist only the values in use."""
    fields = [
        {"name": "Due_Date__c", "nillable": False, "defaultedOnCreate": False},
        {
            "name": "Priority",
            "restrictedPicklist": True,
            "picklistValues": [{"value": "High", "active": True}, {"value": "Old", "active": False}],
        },
    ]
    world = {**WORLD, "salesforce": {**WORLD["salesforce"], "describe": {"Case": {"fields": fields}}}}
    rows = {row["name"]: row for row in salesforce(world=world).describe().rows}

    assert (False, True) == (rows["Due_Date__c"]["nillable"], rows["Due_Date__c"]["createable"])
    assert (True, ["High"]) == (rows["Priority"]["restricted"], rows["Priority"]["values"])
    assert (True, True) == (rows["Portal_Case_Id__c"]["external_id"], rows["Portal_Case_Id__c"]["unique"])
    assert ["Account"] == rows["AccountId"]["reference_to"]


def test_a_case_is_found_by_the_portals_id(salesforce):
    """The chosen fields; neither subject nor description."""
    brought = salesforce().cases_of(case=MINE)

    assert (
        {
            "id": "500SB0000000001AAA",
            "number": "00001042",
            "external_id": MINE,
            "account": SMILE,
            "status": "New",
            "created_at": NOW - timedelta(hours=1),
            "deleted": False,
        },
    ) == brought.rows
    assert not [each for each in ("canary", "crown") if each in str(brought)]


def test_deleted_cases_are_seen(salesforce):
    """A case in the recycle bin is a row, by either id."""
    client = salesforce()

    assert [True] == [row["deleted"] for row in client.cases_of(case=TWIN).rows]
    assert [True] == [row["deleted"] for row in client.case(id="500SB0000000002AAA").rows]


@pytest.mark.parametrize("id", [None, "", "500SB", "500SB0000000009AAA", "x' OR Id != '", "500SB000000000\u0661"])
def test_a_case_that_is_none_is_no_row(id, salesforce):
    """Neither an id that nobody has, nor what is no id."""
    brought = salesforce().case(id=id)

    assert ((), True) == (brought.rows, brought.single)


def test_what_is_no_id_is_not_asked_for(org):
    """Salesforce would call it malformed, which says nothing of the case."""
    client, server = org()
    client.case(id=None)
    client.case(id="CASE-1042")
    client.account(id="smile care")
    client.accounts(ids=["", "x" * 16])
    client.cases_by_ids(ids=["'"])
    client.cases_near(account=None, subject="a", since=NOW, until=NOW)

    assert ([], []) == (server.asked, server.logins)


def test_cases_near_are_those_of_the_account_and_subject(salesforce):
    """In the window, both ends included, whoever made them."""
    client = salesforce()
    near = {"account": SMILE, "subject": "crown CASE-1042", "since": NOW - DAY, "until": NOW}

    assert ["500SB0000000001AAA"] == [row["id"] for row in client.cases_near(**near).rows]
    assert () == client.cases_near(**{**near, "since": NOW - timedelta(minutes=1)}).rows
    assert () == client.cases_near(**{**near, "subject": "crown CASE-104"}).rows
    assert ["500SB0000000003AAA"] == [row["id"] for row in client.cases_near(**{**near, "account": OTHER}).rows]


def test_too_many_cases_near_are_cut_and_said(org):
    """After 200 it ends with a note."""
    client, server = org(Reply(body=page(*(case(number) for number in range(201)))))
    brought = client.cases_near(account=SMILE, subject="a", since=NOW - DAY, until=NOW)

    assert (200, ("Only the newest 200 cases were read.",)) == (len(brought.rows), brought.notes)
    assert asked_soql(server).endswith("ORDER BY CreatedDate DESC LIMIT 201")


def test_cases_by_subjects_name_the_subject_that_was_asked_for(salesforce):
    """In our own spelling: no other subject of Salesforce's comes back."""
    brought = salesforce().cases_by_subjects(
        subjects=["crown CASE-1042", "bridge CASE-1043"], since=NOW - 9 * DAY, until=NOW
    )

    assert [
        ("500SB0000000001AAA", "crown CASE-1042"),
        ("500SB0000000003AAA", "crown CASE-1042"),
        ("500SB0000000002AAA", "bridge CASE-1043"),
    ] == [(row["id"], row["subject"]) for row in brought.rows]


def test_a_subject_that_nobody_asked_for_is_dropped(org):
    """Whatever Salesforce answers: a subject of its own may name a patient."""
    client, _ = org(Reply(body=page(case(1, Subject="canary_patient"))))

    assert () == client.cases_by_subjects(subjects=["crown CASE-1"], since=NOW - DAY, until=NOW).rows


def test_accounts_tell_what_became_of_them(salesforce):
    """One that was merged names the one that it is part of now; an id that nobody has is no row."""
    client = salesforce()

    gone = {"id": GONE, "name": "Old Smile Care", "deleted": True, "master_id": SMILE}
    assert (gone,) == client.account(id=GONE).rows
    assert {SMILE, OTHER} == {row["id"] for row in client.accounts(ids=[SMILE, OTHER, SMILE, "no id"]).rows}
    assert () == client.account(id="001SB0000000099AAA").rows


def test_many_ids_are_asked_for_in_few_addresses(org):
    """As many as an address takes, each once."""
    ids = [f"001SB{number:010}AAA" for number in range(2000)]
    client, server = org()
    client.accounts(ids=[*ids, *ids])

    assert 2000 == sum(asked_soql(server, number).count("001SB") for number in range(len(server.asked)))
    assert 6 == len(server.asked)
    assert max(len(each.path) for each in server.asked) < 16_384


def test_a_value_longer_than_an_address_is_asked_for_alone():
    """It is Salesforce's to refuse it."""
    assert [["a"], ["x" * LONGEST_LIST], ["b"]] == list(chunks(["a", "x" * LONGEST_LIST, "b"]))


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_is_asked_for_stays_a_value(text, salesforce):
    """Quotes, backslashes and line ends in every argument find nothing, and end no question."""
    client = salesforce()
    window = {"since": NOW - 99 * DAY, "until": NOW}

    assert () == client.cases_of(case=text).rows
    assert () == client.case(id=text).rows
    assert () == client.cases_near(account=SMILE, subject=text, **window).rows
    assert () == client.cases_near(account=text, subject="crown CASE-1042", **window).rows
    assert () == client.cases_by_ids(ids=[text]).rows
    assert () == client.cases_by_subjects(subjects=[text], **window).rows
    assert () == client.account(id=text).rows
    assert () == client.accounts(ids=[text]).rows


def test_values_are_quoted(org):
    """As SOQL wants it, and the address around it as a URL does."""
    client, server = org()
    client.cases_of(case="' OR \\Name != '\n%")

    assert asked_soql(server).endswith(r"WHERE Portal_Case_Id__c = '\' OR \\Name != \'\n%'")


@pytest.mark.parametrize("name", ["Id FROM User --", "", "Feld__ä", "1a", "a" * 81])
def test_a_field_that_is_no_name_is_not_configured(name):
    """It becomes a part of each question."""
    with pytest.raises(NotConfigured) as refused:
        Salesforce(configured("https://peak.my.salesforce.com", salesforce_external_id_field=name), deadline=1)

    assert "salesforce.malformed_field" == refused.value.code


def test_a_field_that_the_org_does_not_have_is_said(salesforce):
    """The hint names the setting."""
    with pytest.raises(Denied) as refused:
        salesforce(salesforce_external_id_field="Other_Id__c").cases_of(case=MINE)

    assert "salesforce.invalid_field" == refused.value.code
    assert "PEAKOPS_SALESFORCE_EXTERNAL_ID_FIELD" in refused.value.hint


def test_the_sweep_reads_page_by_page(salesforce):
    """Every case of the portal's of that time, deleted ones too, the newest first; others are not the portal's."""
    pages = list(salesforce().portal_cases(since=NOW - 9 * DAY, until=NOW))

    assert [[MINE, TWIN]] == [[row["external_id"] for row in each] for each in pages]


def test_the_sweep_asks_once_a_page(org):
    """2000 at a time, and the next one where Salesforce says that it is."""
    more = "/services/data/v62.0/query/01gSB000000001-2000"
    client, server = org(Reply(body=page(case(1), more=more)), Reply(body=page(case(2))))
    stream = client.portal_cases(since=NOW - DAY, until=NOW)

    assert [] == server.asked
    assert ["00000001"] == [row["number"] for row in next(stream)]
    assert 1 == len(server.asked)
    assert ["00000002"] == [row["number"] for row in next(stream)]
    assert [] == list(stream)
    assert f"/salesforce{more}" == server.asked[1].path
    assert ["batchSize=2000"] * 2 == [each.headers["sforce-query-options"] for each in server.asked]


def test_cases_made_by_hand_are_those_without_the_portals_id(salesforce):
    """By the shape of their subjects, where # is a digit; a subject of another shape is not one that we know."""
    client, window = salesforce(), {"since": NOW - 9 * DAY, "until": NOW}
    found = list(client.lone_cases(shapes=["crown CASE-####", "bridge CASE-####"], **window))

    assert [[("500SB0000000003AAA", "Crown case-1042")]] == [[(row["id"], row["subject"]) for row in p] for p in found]
    for text in (*INJECTIONS, "crown%", "crown CASE-____"):
        assert [] == [row for page in client.lone_cases(shapes=[text], **window) for row in page]


@pytest.mark.parametrize(
    "more",
    ["@evil.example/services/data/v62.0/query/1", "https://evil.example/", "/services/data/v62.0/query/../../x", "", 7],
)
def test_a_next_page_is_one_of_this_query(more, org):
    """Where an answer leads elsewhere, the token does not go along."""
    client, server = org(Reply(body={**page(case(1)), "done": False, "nextRecordsUrl": more}))
    with pytest.raises(Unreachable) as refused:
        client.cases_of(case=MINE)

    assert "salesforce.unreadable" == refused.value.code
    assert 1 == len(server.asked)


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], None, 7, "text", "{", {"records": {}}, {"records": [7], "done": True}),
        *(page({**case(1), name: None}) for name in ("Id", "CreatedDate", "IsDeleted")),
        *(page({key: value for key, value in case(1).items() if key != name}) for name in ("Portal_Case_Id__c", "Id")),
        {"records": [], "done": False, "nextRecordsUrl": "/services/data/v62.0/query/1"},
    ],
)
def test_an_answer_that_is_none_cannot_be_read(body, org):
    """A page without its records, or a case without what every case has, is no answer; it does not crash."""
    client, _ = org(Reply(body=body), seconds=2)
    with pytest.raises(Unreachable) as refused:
        client.cases_of(case=MINE)

    assert "salesforce.unreadable" == refused.value.code


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("identity", {"sub": "x"}),
        ("limits", {"DailyApiRequests": {"Max": "many"}}),
        ("limits", {}),
        ("describe", {"fields": [{"name": "Id"}]}),
        ("versions", {"version": "62.0"}),
        ("versions", [7]),
    ],
)
def test_other_answers_that_are_none_cannot_be_read(call, body, org):
    """Nor can those of the other looks."""
    client, _ = org(Reply(body=body), seconds=2)
    with pytest.raises(Unreachable) as refused:
        getattr(client, call)()

    assert "salesforce.unreadable" == refused.value.code


CODES = [
    (400, "REQUIRED_FIELD_MISSING", Refused),
    (403, "API_DISABLED_FOR_ORG", Denied),
    (410, "GONE", NotConfigured),
    (404, "NOT_FOUND", None),
    (500, "UNKNOWN_EXCEPTION", Unreachable),
    (400, "SOME_NEW_CODE", Refused),
    (403, "SOME_NEW_CODE", Denied),
    (503, "SOME_NEW_CODE", Unreachable),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_a_refusal_is_told_under_salesforces_own_code(status, code, kind, org):
    """The class by the table, else by the HTTP status; a hint; and nothing of the vendor's own text."""
    client, _ = org(Reply(status, body=refusal(code)), seconds=1)
    with pytest.raises(Exception) as refused:
        client.limits()

    assert kind is None or kind is type(refused.value)
    assert f"salesforce.{code.lower()}" == refused.value.code
    assert refused.value.hint
    assert "canary" not in f"{refused.value.says} {refused.value.hint}"


def test_the_fields_of_a_refusal_are_named(org):
    """API names alone: what else stands there may be anything."""
    fields = ("Due_Date__c", "Due_Date__c", "canary patient", None, 7, ["X"], "Priority")
    client, _ = org(Reply(400, body=refusal("REQUIRED_FIELD_MISSING", "", *fields)))
    with pytest.raises(Refused) as refused:
        client.limits()

    assert refused.value.says.endswith("Fields: Due_Date__c, Priority.")


def test_an_admins_own_rule_is_quoted(org):
    """Nothing else tells it; it is one line, and no longer than a rule may be."""
    text = "The due date\nmust be in\u202e the future.\x1b[31m" + "x" * 900
    client, _ = org(Reply(400, body=refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", text)))
    with pytest.raises(Refused) as refused:
        client.limits()

    assert "The rule says: The due date must be in the future. [31mxxx" in refused.value.says
    assert len(refused.value.says) < 400


def test_a_failure_of_salesforces_own_keeps_its_name(org):
    """Salesforce's support finds it by the ErrorId."""
    text = "An unexpected error occurred. Please include this ErrorId if you contact support: 1847283650-31337 (12345)"
    client, _ = org(Reply(500, body=refusal("UNKNOWN_EXCEPTION", text)), seconds=1)
    with pytest.raises(Unreachable) as refused:
        client.limits()

    assert "1847283650-31337 (12345)" == refused.value.request_id
