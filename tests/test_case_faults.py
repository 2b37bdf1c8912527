"""What `case check` says when Salesforce or the database fails, and what no failure and no input may bring out."""

import json

import pytest

from peakops import journal, sandbox

NUMBER = "CASE-1042"
NAME = "Quillfeather"
"""A patient's name, in no other word of the house's."""


@pytest.fixture
def check(peakops):
    """Run the check with --json."""
    return lambda *args: peakops("--sandbox", "case", "check", *(args or (NUMBER,)), "--json")


def salesforce(fault, route="*"):
    return {"vendor": "salesforce", "route": route, **fault}


def found(ran):
    return ran.json["verdict"]["code"], ran.json["verdict"]["cause"], ran.code


DATA = "GET /services/data/*"
REFUSED = {
    "session": (salesforce({"status": 401}, DATA), ("salesforce_auth_failed", "invalid_session_id", 2)),
    "client": (
        salesforce({"error": "invalid_client"}, "POST /services/oauth2/token"),
        *(("salesforce_auth_failed", "invalid_client", 2),),
    ),
    "user": (
        salesforce({"error": "inactive_user"}, "POST /services/oauth2/token"),
        *(("salesforce_auth_failed", "inactive_user", 2),),
    ),
    "limit": (salesforce({"error": "REQUEST_LIMIT_EXCEEDED"}, DATA), ("api_limit_reached", "now", 2)),
    "api": (salesforce({"error": "API_DISABLED_FOR_ORG"}, DATA), ("salesforce_permission", "api_disabled_for_org", 2)),
}


@pytest.mark.parametrize(
    ("name", "world"),
    [("session", "synced"), ("client", "timeout"), ("user", "draft"), ("limit", "synced"), ("api", "timeout")],
)
def test_salesforce_refuses(name, world, check, load):
    """Its refusal is the finding, with the code as its cause: 2, whatever the case is; no fix is named."""
    fault, expected = REFUSED[name]
    load(f"case/{world}", faults=[fault])
    ran = check()

    assert expected == found(ran)
    assert [] == ran.json["next"]
    assert ran.json["error"] is None


SILENT = {
    "503": {"status": 503},
    "500": {"status": 500},
    "html": {"body": "<html>not json</html>"},
    "reset": {"reset": True},
    "slow": {"delay_s": 20},
}


@pytest.mark.parametrize(
    ("name", "world"),
    [
        *(("503", "synced"), ("503", "validation_required"), ("500", "timeout")),
        *(("html", "synced"), ("reset", "timeout"), ("slow", "timeout")),
    ],
)
def test_salesforce_is_silent(name, world, check, load):
    """It may be there: unknown, 3, and no retry is named, whatever the portal stored."""
    load(f"case/{world}", faults=[salesforce(SILENT[name])])
    ran = check(NUMBER, "--timeout", "4s") if name == "slow" else check()

    assert ("unknown", None, 3) == found(ran)
    assert ["salesforce"] == ran.json["verdict"]["sources"]["missing"]
    assert [] == ran.json["next"]


@pytest.mark.parametrize("route", ["GET /services/data/*/sobjects/Case/describe", "GET /services/data/*/limits"])
def test_one_look_is_missing(route, check, load):
    """`synced` is not said without it; a record that the portal does not know is proven all the same."""
    fault = salesforce({"status": 503}, route)
    load("case/synced", faults=[fault])
    well = check()
    load("case/created_not_linked", faults=[fault])

    assert ("unknown", None, 3) == found(well)
    assert ("created_not_linked", None, 2) == found(check())


DATABASE = {
    "down": ({"fault": "down"}, "database.unreachable"),
    "blind": ({"fault": "blind"}, "database.blind"),
    "denied": ({"fault": "deny", "table": "cases"}, "database.permission_denied"),
    "denied_log": ({"fault": "deny", "table": "audit_logs"}, "database.permission_denied"),
    "no_column": ({"fault": "missing_column", "table": "cases", "column": "sync_error"}, "database.missing_column"),
}


@pytest.mark.parametrize("name", DATABASE)
def test_the_database_is_silent(name, check, load):
    """Unknown, 3, never `not found`; the reason and what to do are named."""
    fault, code = DATABASE[name]
    load("case/timeout", faults=[{"vendor": "database", **fault}])
    ran = check()
    (first, *_) = [each["error"] for each in ran.json["evidence"] if each["error"]]

    assert ("unknown", None, 3) == found(ran)
    assert code == first["code"]
    assert first["hint"]


def test_a_record_of_salesforces_is_not_absent_while_it_is_silent(check, load):
    """Named by a record: unknown where Salesforce does not answer, which could lead from it; 14 where it knows none."""
    load("case/named_by_record", faults=[salesforce({"status": 503})])
    silent = check("500SB0000001042AAA")
    load("case/not_found")

    assert ("unknown", None, 3) == found(silent)
    assert ("not_found", None, 14) == found(check("500SB0000001043AAA"))


HOSTILE = (
    *("CASE-1' OR '1'='1", "CASE-1042'--", "' UNION SELECT patient_name FROM cases --", "CASE-%", "%", "CASE_1042"),
    *("../../", "500SB0000001042AA'", "500SB0000001042AAA' OR Id != '", "500SB0000001042AAA/../../Account"),
    *("66666666-6666-4666-8666-000000001042' OR ''='", "{case}", "$(id)", "CASE-1042\nCASE-1043", "[bold]x[/bold]"),
    *("", " ", "500" + "A" * 5000, "\udcff"),
)


@pytest.mark.parametrize("subject", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_subject(subject, peakops, load, state):
    """14 or 64 by the check and by its fix, whatever it is: nothing else is found, nothing is changed."""
    document = sandbox.named("case/created_not_linked")
    load(document)
    before = sandbox.dump(state / "peakops")
    runs = [peakops("--sandbox", "case", "check", "--json", "--", subject)]
    runs.append(peakops("--sandbox", "case", "retry", "--yes", "--json", "--", subject))

    assert {each.code for each in runs} <= {14, 64}
    assert ["error"] * 2 == [each.json["status"] for each in runs]
    assert before["tables"] == sandbox.dump(state / "peakops")["tables"]


def test_hostile_data(check, load):
    """What the portal stores is quoted like anything else: it finds no other case, and is no account."""
    document = sandbox.named("case/timeout")
    (case,), (practice,) = document["tables"]["cases"], document["tables"]["practices"]
    case |= {"case_type": "x' OR Subject LIKE '%", "salesforce_case_id": "500' OR Id != '"}
    practice["salesforce_account_id"] = "001' OR Name LIKE '%"
    other = {"Id": "500SB0000009999AAA", "AccountId": "001SB0000000001AAA", "Subject": "bridge CASE-7"}
    load(document, salesforce={**document["salesforce"], "cases": [other]})
    malformed = check()
    practice["salesforce_account_id"] = "001SB0000000001AAA"
    load(document, salesforce={**document["salesforce"], "cases": [other]})

    assert ("invalid_account", "malformed", 2) == found(malformed)
    assert ("missing_in_salesforce", "gone", 2) == found(check())
    assert [] == check().json["data"]["records"]


STORED = (
    f"REQUIRED_FIELD_MISSING: {NAME} lacks [Due_Date__c, {NAME}, Mrs {NAME}]",
    f"{NAME}: timeout",
    f"timeout while sending {NAME}",
    f"{NAME}_{NAME}: refused",
    f"[{NAME}]",
)
"""What the portal may have stored of an attempt, with a patient's name in it."""


@pytest.fixture
def planted(load, state):
    """A world with a patient's name in every text that may hold one."""

    def plant(error):
        document = sandbox.named("case/timeout")
        (case,), log = document["tables"]["cases"], document["tables"]["audit_logs"]
        case |= {"patient_name": f"canary {NAME}", "clinical_notes": f"canary {NAME} grinds", "sync_error": error}
        log[1]["details"] = {"error": error, "message": error, "patient": NAME, "details": [NAME]}
        log.append({**log[1], "action": "case.sync_failed", "details": {"message": f"{NAME} is unhappy"}})
        near = {"Id": "500SB0000009999AAA", "AccountId": "001SB0000000001AAA", "Portal_Case_Id__c": None}
        cases = [{**near, "Subject": f"{NAME}, crown", "Description": f"{NAME} grinds", "CreatedDate": "-1h"}]
        load(document, salesforce={**document["salesforce"], "cases": cases})
        return lambda: sandbox.dump(state / "peakops")

    return plant


@pytest.mark.parametrize("error", STORED)
def test_a_patients_name_never_leaves(error, planted, peakops, state):
    """Not on the page, in the document, in the plan, in the journal or the audit log's new row, and not revealed."""
    dumped = planted(error)
    why = ("--reveal", "--reason", "ticket 4711")
    forms = (("check", NUMBER, "-v", *why), ("check", NUMBER, "--json", *why), ("retry", NUMBER, "--dry-run", "--json"))
    runs = [peakops("--sandbox", "case", *form) for form in (*forms, ("retry", NUMBER, "--yes", "--json"))]
    folder = sandbox.ensure(state / "peakops").journal
    audited = [each for each in dumped()["tables"]["audit_logs"] if each["action"] == "case.retried"]

    assert 1 == len(audited)
    assert "changed" == runs[-1].json["status"]
    told = [*(run.out + run.err for run in runs), *(str(each) for each in journal.read(folder)), json.dumps(audited)]
    assert [] == [each for each in told if NAME.lower() in each.lower()]


def test_the_name_is_where_it_was_planted(planted):
    """The world that was asked about is loud."""
    dumped = json.dumps(planted(STORED[0])())

    assert dumped.count(NAME) > 10
