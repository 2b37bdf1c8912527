"""`case backlog`, `case mapping` and `case salesforce` in real processes: every world of theirs, and what may fail."""

import json
import re

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import Envelope, Page, steady

EXPECTED = {
    "case_backlog/after_an_outage": ("waiting", "critical", 2),
    "case_backlog/all_arrived": ("clear", "ok", 0),
    "case_backlog/no_cases": ("empty", "ok", 0),
    "case_backlog/refused_log_in": ("salesforce_auth_failed", "critical", 2),
    "case_mapping/accounts_hidden": ("unknown", "unknown", 3),
    "case_mapping/accounts_in_order": ("all_mapped", "ok", 0),
    "case_mapping/accounts_out_of_order": ("malformed", "critical", 2),
    "case_salesforce/field_not_writable": ("salesforce_permission", "critical", 2),
    "case_salesforce/nothing_answers": ("unknown", "unknown", 3),
    "case_salesforce/portal_id_not_unique": ("external_id_unusable", "critical", 2),
    "case_salesforce/requests_run_low": ("api_limit_low", "warning", 1),
    "case_salesforce/requests_used_up": ("api_limit_reached", "critical", 2),
    "case_salesforce/takes_cases": ("ready", "ok", 0),
    "case_salesforce/user_not_authorised": ("salesforce_auth_failed", "critical", 2),
}
"""Each world with its verdict, status and exit code; its folder names the command."""
OUTAGE = {
    "CASE-1042": "missing_in_salesforce",
    "CASE-1043": "missing_in_salesforce",
    "CASE-1044": "created_not_linked",
    "CASE-1045": "outcome_unknown",
    "CASE-1046": "validation_failed",
    "CASE-1047": "account_not_mapped",
    "CASE-1048": "duplicate_in_salesforce",
}
LEFT = re.compile(r"(?<=\d,)(?:99|39)\d of")
USED = re.compile(r'("daily_(?:remaining|used)"): \d+')
"""Looks run at once: how many requests were counted before one of them is chance."""
QUERIES = {"vendor": "salesforce", "route": "GET /services/data/*/queryAll*"}


def lines(ran):
    return [json.loads(each) for each in ran.out.splitlines()]


def verdicts(ran):
    return {each["subject"]: each["verdict"] for each in lines(ran)[:-1]}


@pytest.fixture
def backlog(peakops):
    """Run it with rows as JSON lines: `backlog("--since", "30d")`."""
    return lambda *args, **env: peakops("--sandbox", "case", "backlog", "--jsonl", *args, **env)


def test_every_world_is_expected_somewhere():
    """No world of these commands is without its verdict here, and none is named that does not exist."""
    folders = [WORLDS / each for each in ("case_backlog", "case_mapping", "case_salesforce")]

    assert sorted(EXPECTED) == sorted(f"{each.name}/{file.stem}" for each in folders for file in each.glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED, ids=[each.replace("/", "-") for each in EXPECTED])
def test_world(name, peakops, load, snapshot):
    """The verdict, the status and the exit code, the same in both forms; the envelope keeps its schema."""
    load(name)
    command = name.partition("/")[0].split("_")
    script, person = (peakops("--sandbox", *command, *form) for form in (("--json",), ()))

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.json["status"], script.code)
    assert script.code == person.code == script.json["exit_code"]
    jsonschema.Draft202012Validator(schema.of(" ".join(command))).validate(script.json)
    assert "canary" not in script.out + person.out
    assert snapshot(extension_class=Page) == LEFT.sub("990 of", steady(person.out))
    assert snapshot(extension_class=Envelope) == LEFT.sub("990 of", USED.sub(r"\1: 0", steady(script.out)))


def test_rows_come_by_their_check_and_name_what_is_next(backlog, load):
    """What has arrived and what is a draft is not listed, what is to be done leads to its fix; --all lists the rest."""
    load("case_backlog/after_an_outage")
    ran, every = backlog(), backlog("--all")
    leads = {each["subject"]: each["next"][0] for each in lines(ran)[:-1]}

    assert OUTAGE == verdicts(ran)
    assert "peakops case retry CASE-1042" == leads["CASE-1042"]
    assert "peakops case link CASE-1044" == leads["CASE-1044"]
    assert "peakops case check CASE-1048" == leads["CASE-1048"]
    assert {**OUTAGE, **dict.fromkeys(("CASE-1001", "CASE-1002", "CASE-1003"), "synced")} == verdicts(every)


def test_a_person_reads_the_next_command_as_it_is_to_be_typed(peakops, load):
    """In the environment in which the case was found, not in another one."""
    load("case_backlog/after_an_outage")
    ran = peakops("--sandbox", "case", "backlog")
    row = next(each for each in ran.out.splitlines() if each.startswith("CASE-1042"))
    _, command = row.split("  Next: peakops ")

    assert "--sandbox case retry CASE-1042" == command
    assert 10 == peakops(*command.split(), "--dry-run").code


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("--since", "18h30m"), {"CASE-1046", "CASE-1047", "CASE-1048"}),
        (("--since", "19h30m", "--until", "18h30m"), {"CASE-1044", "CASE-1045"}),
        (("--since", "1h"), set()),
    ],
)
def test_the_window_is_that_of_the_submission(args, expected, backlog, load):
    """Both ends are kept to; what Salesforce made later than the window counts all the same."""
    load("case_backlog/after_an_outage")

    assert expected == verdicts(backlog(*args)).keys()


def test_a_description_that_fails_hides_what_rests_on_it(backlog, load):
    """Missing fields cannot be told then: unknown, counted and not listed; what is proven without it is listed."""
    load(
        "case_backlog/after_an_outage",
        faults=[{"vendor": "salesforce", "route": "GET /services/data/*/sobjects/Case/describe", "status": 503}],
    )
    ran = backlog()
    summary = lines(ran)[-1]["data"]["summary"]

    assert ("critical", 2, False) == (lines(ran)[-1]["status"], ran.code, summary["complete"])
    assert "CASE-1048" in verdicts(ran)
    assert "validation_failed" not in verdicts(ran).values()
    assert summary["counts"]["unknown"] > 0
    assert lines(ran)[-1]["warnings"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"body": "<html>"}, {"reset": True}])
def test_without_salesforce_it_is_unknown(fault, backlog, load):
    """Nothing is listed and nothing is ok; Salesforce is named."""
    load("case_backlog/after_an_outage", faults=[{**QUERIES, **fault}])
    ran = backlog("--timeout", "6s")
    last = lines(ran)[-1]

    assert (3, "unknown", {}) == (ran.code, last["verdict"]["code"], verdicts(ran))
    assert ["salesforce"] == last["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "down"},
        {"fault": "deny", "table": "cases"},
        {"fault": "blind"},
        {"fault": "missing_column", "table": "cases", "column": "sync_error"},
    ],
)
def test_without_the_portal_it_is_unknown(fault, backlog, load):
    """A blinded role sees no case, and that makes nothing ok."""
    load("case_backlog/after_an_outage", faults=[{"vendor": "database", **fault}])
    ran = backlog()

    assert (3, "unknown", {}) == (ran.code, lines(ran)[-1]["verdict"]["code"], verdicts(ran))
    assert ["database"] == lines(ran)[-1]["verdict"]["sources"]["missing"]


def test_the_limit_is_a_finding(backlog, load):
    """Salesforce's refusal has its own code, as in the check: critical, and no silence."""
    load("case_backlog/after_an_outage", faults=[{**QUERIES, "status": 403, "error": "REQUEST_LIMIT_EXCEEDED"}])
    ran = backlog()

    assert (2, "api_limit_reached") == (ran.code, lines(ran)[-1]["verdict"]["code"])


def test_three_pages_are_three_requests(backlog, load, state):
    """4,100 cases take 3 pages and a handful of other questions; a case that has no record is looked for once."""
    document = sandbox.named("case_backlog/all_arrived")
    row, record = document["tables"]["cases"][0], document["salesforce"]["cases"][0]
    ids = [f"0b8d1042-0000-4000-8000-{number:012d}" for number in range(100_000, 104_100)]
    cases = [
        {**row, "id": id, "case_number": f"CASE-{id[-6:]}", "salesforce_case_id": f"500SB0000{id[-6:]}AAA"}
        for id in ids
    ]
    records = [
        {**record, "Id": f"500SB0000{id[-6:]}AAA", "CaseNumber": id[-6:], "Portal_Case_Id__c": id} for id in ids[:-1]
    ]
    tables = {**document["tables"], "cases": cases, "audit_logs": []}
    load(document, tables=tables, salesforce={**document["salesforce"], "cases": records})
    before = len(sandbox.requests(state / "peakops"))
    ran = backlog()
    asked = [each["path"] for each in sandbox.requests(state / "peakops")[before:] if each["vendor"] == "salesforce"]

    assert {f"CASE-{ids[-1][-6:]}": "missing_in_salesforce"} == verdicts(ran)
    assert 4100 == lines(ran)[-1]["data"]["summary"]["subjects"]
    assert len(asked) <= 3 + 15


@pytest.mark.parametrize("args", [("--confirm", "3", "--reason", "x"), ("--uncertain",)])
def test_what_goes_with_a_fix_needs_it(args, backlog):
    """Nobody thinks that something was changed."""
    assert 64 == backlog(*args).code
