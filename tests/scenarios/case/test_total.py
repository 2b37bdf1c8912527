"""
The verdicts of `case check` are total: every combination of what the systems can say has a named verdict.

The verdict of each cell is held against `expected`, a second reading of the issue that shares no code with the checks.
"""

from itertools import product

import pytest

from peakops.scenarios.case.check import SCENARIO

from .conftest import (
    CREATED,
    OTHER,
    RECORD,
    SECOND,
    account,
    ago,
    case,
    described,
    fault,
    holder,
    judged,
    limits,
    record,
    refused,
    untried,
)

ORDER = (
    *("duplicate_in_salesforce", "linked_elsewhere", "created_not_linked", "salesforce_auth_failed"),
    *("api_limit_reached", "salesforce_permission", "account_not_mapped", "invalid_account", "validation_failed"),
    *("duplicate_rule", "missing_in_salesforce", "outcome_unknown", "row_locked", "never_submitted", "synced"),
)
"""The issue's precedence."""
PORTAL = {
    "draft": untried(status="draft"),
    "untried": untried(),
    "timeout": case(),
    "no_code": case(error_code=None),
    "auth": refused("INVALID_SESSION_ID"),
    "limit": refused("REQUEST_LIMIT_EXCEEDED"),
    "permission": refused("INSUFFICIENT_ACCESS_OR_READONLY"),
    "rule": refused("FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    "duplicates": refused("DUPLICATES_DETECTED"),
    "failed": refused("UNKNOWN_EXCEPTION"),
    "locked": refused("UNABLE_TO_LOCK_ROW"),
    "synced": untried(status="synced", sync_attempted_at=ago(minutes=175)),
    "closed": untried(status="closed", sync_attempted_at=ago(minutes=175)),
}
"""The portal's row, by what it says of the last attempt."""
LINKS = {"none": None, "first": RECORD, "second": SECOND}
"""The record that the portal has stored."""
RECORDS = {
    "none": [],
    "one": [record()],
    "bare": [record(external_id=None)],
    "two": [record(), record(id=SECOND)],
    "deleted": [record(deleted=True)],
    "of_another": [record(id=SECOND, external_id=OTHER)],
}
"""What is in Salesforce."""
HOLDERS = {"nobody": [], "another": [holder()]}
LOGS = {"logged": [CREATED], "empty": []}
ACCOUNTS = {"fine": [account()], "unmapped": None, "gone": [], "merged": [account(deleted=True, master_id="001")]}
FIELDS = {"fit": described(), "too_long": described(Subject={"length": 8})}
SALESFORCE = ("answers", "spent", "auth", "rate_limit", "permission", "upstream")
CODES = {*SCENARIO.guide.precedence(), *SCENARIO.guide.ends}
OF_KIND = {
    **{"auth": "salesforce_auth_failed", "limit": "api_limit_reached", "permission": "salesforce_permission"},
    **{"rule": "validation_failed", "duplicates": "duplicate_rule", "locked": "row_locked"},
    **{"timeout": "outcome_unknown", "no_code": "outcome_unknown"},
}
"""The row for what the portal noted, of a case that is not in Salesforce."""
LOOKS = ("found", "stored", "near", "account", "fields", "limits", "identity")


def cells():
    """Every combination; the data of the case matters only where Salesforce answers."""
    for portal, link, there, held, log in product(PORTAL, LINKS, RECORDS, HOLDERS, LOGS):
        if log == "empty" and portal != "untried":
            # The row itself tells of the attempt.
            continue
        at = {"portal": portal, "link": link, "records": there, "holders": held, "log": log}
        data = product(ACCOUNTS, FIELDS) if held == "nobody" else [("fine", "fit"), ("unmapped", "fit")]
        for mapped, fields in data:
            yield {**at, "account": mapped, "fields": fields, "salesforce": "answers"}
        for salesforce in SALESFORCE[1:]:
            yield {**at, "account": "fine", "fields": "fit", "salesforce": salesforce}


def judgement(at):
    rows, link = RECORDS[at["records"]], LINKS[at["link"]]
    row = {**PORTAL[at["portal"]], "salesforce_case_id": link}
    if ACCOUNTS[at["account"]] is None:
        row["salesforce_account_id"] = None
    silent = at["salesforce"] in SALESFORCE[2:]
    refusal = fault(at["salesforce"]) if silent else None
    return judged(
        faults=dict.fromkeys(LOOKS, refusal) if silent else {},
        case=[row],
        audit=LOGS[at["log"]],
        found=[each for each in rows if each["external_id"] == row["id"]],
        stored=[each for each in rows if each["id"] == link],
        near=[each for each in rows if not each["deleted"]] if row["salesforce_account_id"] else [],
        holders=HOLDERS[at["holders"]],
        account=ACCOUNTS[at["account"]] or [],
        fields=FIELDS[at["fields"]],
        limits=[limits(0 if at["salesforce"] == "spent" else 14000)],
    )


def expected(at):
    """The verdict, read out of the issue a second time."""
    linked, there = at["link"], at["records"]
    held = at["holders"] == "another"
    if at["salesforce"] in SALESFORCE[2:]:
        refusals = {"auth": "salesforce_auth_failed", "rate_limit": "api_limit_reached"}
        seen = held and linked == "first"
        return (
            "linked_elsewhere"
            if seen
            else {**refusals, "permission": "salesforce_permission"}.get(at["salesforce"], "unknown")
        )
    # Without an account nobody looks by the subject: a record without the portal's id shows only where it is linked.
    visible = there != "bare" or at["account"] != "unmapped" or linked == "first"
    if there == "two":
        return "duplicate_in_salesforce"
    if there == "of_another" and linked == "second":
        return "linked_elsewhere"
    if held and (linked == "first" or (there in ("one", "bare") and visible)):
        return "linked_elsewhere"
    if there in ("one", "bare") and visible:
        known = linked == "first" and at["portal"] in ("synced", "closed")
        return "synced" if known else "created_not_linked"
    return "never_submitted" if at["portal"] == "draft" else absent(at)


def absent(at):
    """The verdict on a case that is submitted and not in Salesforce."""
    portal = at["portal"]
    causes = [
        ("salesforce_auth_failed", portal == "auth"),
        ("api_limit_reached", portal == "limit" or at["salesforce"] == "spent"),
        ("salesforce_permission", portal == "permission"),
        ("account_not_mapped", at["account"] == "unmapped"),
        ("invalid_account", at["account"] in ("gone", "merged")),
        ("validation_failed", at["fields"] == "too_long" or portal == "rule"),
        ("duplicate_rule", portal == "duplicates"),
        ("missing_in_salesforce", at["link"] != "none" or at["records"] == "deleted"),
        ("missing_in_salesforce", portal in ("failed", "synced", "closed")),
        ("never_submitted", portal == "untried" and at["log"] == "empty"),
        ("missing_in_salesforce", portal == "untried"),
    ]
    return next((code for code, holds in causes if holds), None) or OF_KIND[portal]


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its verdict; walked once."""
    return [(at, judgement(at)) for at in cells()]


def test_the_order_is_the_issues():
    """The rows of the playbook, after an unfinished change, are in the issue's order."""
    assert ("unfinished_change", *ORDER) == SCENARIO.guide.precedence()


def test_every_cell_has_the_issues_verdict(walked):
    """The verdict of each combination is the one that the issue asks for."""
    wrong = [(at, expected(at), each.ruling.code) for at, each in walked if expected(at) != each.ruling.code]

    assert [] == wrong[:5]
    assert set(ORDER) <= {each.ruling.code for _, each in walked} <= CODES


def test_first_finding_decides(walked):
    """The verdict is the first finding in the issue's order of the worst severity."""
    for at, each in walked:
        worst = [one.code for one in each.findings if one.severity == each.findings[0].severity]

        assert sorted(worst, key=ORDER.index) == worst, at
        assert each.ruling.code in (*worst[:1], "unknown", "unclassified"), at


def test_synced_only_where_all_is_well(walked):
    """One live record that the portal has stored, nobody else's, and Salesforce answers."""
    for at, each in walked:
        if each.ruling.code == "synced":
            assert ("first", "nobody") == (at["link"], at["holders"]), at
            assert at["records"] in ("one", "bare"), at
            assert at["portal"] in ("synced", "closed"), at
            assert at["salesforce"] in ("answers", "spent"), at


def test_a_retry_is_named_only_where_nothing_is_there(walked):
    """Never beside a record that is not deleted, for a draft, a closed case, or while Salesforce refuses."""
    for at, each in walked:
        if each.findings and each.findings[0].fix and "retry" in each.findings[0].fix.command:
            hidden = at["records"] == "bare" and at["account"] == "unmapped"
            assert at["records"] in ("none", "of_another") or hidden, at
            assert at["portal"] not in ("draft", "closed"), at
            assert at["salesforce"] == "answers", at
            assert ("fine", "fit") == (at["account"], at["fields"]), at


def test_a_link_is_named_only_for_one_record(walked):
    """The one that is there, and nobody else's; for a draft a person decides."""
    for at, each in walked:
        if each.findings and each.findings[0].fix and "link" in each.findings[0].fix.command:
            assert at["records"] in ("one", "bare"), at
            assert at["holders"] == "nobody", at
            assert at["portal"] != "draft", at
