"""`case mapping`, judged on literal facts: at least one test for each verdict on a practice."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.case import accounts
from peakops.scenarios.case.mapping import SCENARIO, data
from peakops.scenarios.case.mapping_line import CLOSED
from peakops.verdict import rule

ONE, TWO, THREE = (f"001SB000000000{number}AAA" for number in (1, 2, 3))
FAILED = Fault(code="salesforce.failed", category="upstream", message="Salesforce failed.")


def practice(name="Smile Care", stored=ONE, **said):
    return {
        "id": f"id of {name}",
        "name": name,
        "status": "active",
        "salesforce_account_id": stored,
        "cases": 3,
        **said,
    }


def account(id=ONE, **said):
    return {"id": id, "name": "Smile Care", "deleted": False, "master_id": None, **said}


SEEN = (account(),)


def judged(*practices, read=SEEN):
    """The ruling, and the verdict on each practice by its name."""
    silent = read if isinstance(read, Fault) else None
    evidence = (
        Evidence(name="practices", source="database", rows=practices),
        Evidence(name="accounts", source="salesforce", rows=() if silent else tuple(read), error=silent),
    )
    ruling = rule(SCENARIO, diagnose(SCENARIO, evidence), evidence).ruling
    return ruling, {each["practice"]: each["verdict"] for each in data(Facts(evidence))["items"]}


@pytest.mark.parametrize(
    ("stored", "read", "verdict"),
    [
        (ONE, account(), "visible"),
        (ONE[:15], account(), "visible"),
        (None, account(), "unmapped"),
        ("  ", account(), "unmapped"),
        ("0015e00000X", account(), "malformed"),
        ("003SB0000000001AAA", account(), "malformed"),
        (f"{ONE}'", account(), "malformed"),
        (TWO, account(), "absent"),
        (ONE, account(deleted=True), "deleted"),
        (ONE, account(deleted=True, master_id=TWO), "merged"),
    ],
)
def test_an_account(stored, read, verdict):
    """What is stored and what Salesforce says make the verdict, and the verdict on all of them."""
    ruling, told = judged(practice(stored=stored), read=[read])

    assert {"Smile Care": verdict} == told
    assert ("all_mapped" if verdict == "visible" else verdict) == ruling.code


def test_a_merged_account_says_into_which():
    """In the sentence, and in the line's `becomes`."""
    ruling, _ = judged(practice(), read=[account(deleted=True, master_id=TWO)])

    assert f"{ONE} into {TWO}" in ruling.says


@pytest.mark.parametrize(
    ("then", "left", "says"),
    [
        ([], TWO, f"{ONE} was merged into {TWO}."),
        ([account(TWO, deleted=True, master_id=THREE), account(THREE)], THREE, f"{ONE} was merged into {THREE}."),
        ([account(TWO, deleted=True)], TWO, f"{ONE} was merged into {TWO}, which is deleted."),
        ([account(TWO, deleted=True, master_id=ONE)], ONE, f"{ONE} was merged into {ONE}, which is deleted."),
    ],
    ids=["unread", "merged again", "deleted", "in a circle"],
)
def test_what_is_left_of_a_merged_account(then, left, says):
    """Nobody enters an account that is gone itself: a chain is followed to its end."""
    evidence = (
        Evidence(name="practices", source="database", rows=(practice(),)),
        Evidence(name="accounts", source="salesforce", rows=(account(deleted=True, master_id=TWO),)),
        Evidence(name="masters", source="salesforce", rows=tuple(then)),
    )
    (row,) = data(Facts(evidence))["items"]

    assert ("merged", left) == (row["verdict"], row["becomes"])
    assert says in row["says"]


def test_a_shared_account():
    """By the 15 characters that count; each of the practices is told."""
    ruling, told = judged(practice("A"), practice("B", ONE[:15]), read=[account()])

    assert ("shared", {"A": "shared", "B": "shared"}) == (ruling.code, told)


def test_a_closed_practice_counts_for_nothing():
    """Neither does its account trouble anybody, nor does it share one."""
    ruling, told = judged(practice("A"), practice("B", status=CLOSED), practice("C", None, status=CLOSED))

    assert ("all_mapped", {"A": "visible", "B": "visible", "C": "closed"}) == (ruling.code, told)


def test_no_account_and_no_case():
    """Nothing is lost yet: a warning."""
    ruling, told = judged(practice(), practice("New", None, cases=0))

    assert ("unmapped_unused", "unmapped_unused") == (ruling.code, told["New"])


@pytest.mark.parametrize(
    ("category", "code"),
    [
        ("auth", "salesforce_auth_failed"),
        ("rate_limit", "api_limit_reached"),
        ("permission", "salesforce_permission"),
        ("upstream", "unknown"),
    ],
)
def test_salesforce_does_not_answer(category, code):
    """Its refusals are causes, its silence is unknown; no account is absent for it."""
    refused = Fault(code="salesforce.x", category=category, message="Salesforce refused.")
    ruling, told = judged(practice(), read=refused)

    assert (code, {"Smile Care": "unknown"}) == (ruling.code, told)


def test_what_the_portal_alone_proves_holds_without_salesforce():
    """A malformed account is critical, whatever Salesforce says."""
    ruling, told = judged(practice(stored="nonsense"), practice("B"), read=FAILED)

    assert ("malformed", {"Smile Care": "malformed", "B": "unknown"}) == (ruling.code, told)


def test_the_worst_come_first():
    """A page that is cut shows what matters."""
    evidence = (
        Evidence(name="practices", source="database", rows=(practice("A"), practice("B", None), practice("C", "x"))),
        Evidence(name="accounts", source="salesforce", rows=(account(),)),
    )

    assert ["C", "B", "A"] == [each["practice"] for each in data(Facts(evidence))["items"]]


def test_only_ids_are_asked_for():
    """What is none would be refused, and two spellings of one account are one question."""
    stored = [practice(stored=each) for each in (ONE, ONE[:15], None, "", "x", f"{TWO}' OR Id != '", THREE)]

    assert [ONE[:15], THREE] == accounts.to_ask(stored)
