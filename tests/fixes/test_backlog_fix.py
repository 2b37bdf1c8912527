"""`case backlog --fix` in real processes: one list, one confirmation, and each case as its own fix would have it."""

import json
import random
import signal
import subprocess
import time
from collections import Counter

import psycopg
import pytest

from peakops import journal, sandbox

from ..conftest import PEAKOPS, environment
from .conftest import WHY
from .test_guards import typed

FIX = ("case", "backlog", "--fix")
WORLD = "case_backlog/after_an_outage"
MISSING = ["CASE-1042", "CASE-1043"]
NOT_LINKED = "CASE-1044"
PATCH = {"vendor": "salesforce", "route": "PATCH /services/data/*/sobjects/Case/*"}
STRIDE = 5
MOST_STEPS = 60
"""More than three fixes have; the loop ends when a run is not killed any more."""


@pytest.fixture
def records(world):
    """How many records Salesforce has by each of the portal's ids, deleted ones aside."""
    return lambda: Counter(
        each["Portal_Case_Id__c"]
        for each in world()["salesforce"]["cases"]
        if each.get("Portal_Case_Id__c") and not each.get("IsDeleted")
    )


@pytest.fixture
def linked(rows):
    """The cases of the portal that have a record, by number."""
    return lambda: {each["case_number"] for each in rows("cases") if each.get("salesforce_case_id")}


def results(ran):
    return {each["subject"]: each["result"] for each in ran.json["data"]["items"]}


def many(number):
    """The world with so many cases that can be changed."""
    document = sandbox.named(WORLD)
    cases = document["tables"]["cases"]
    row = next(each for each in cases if each["case_number"] == "CASE-1042")
    more = [
        {**row, "id": f"0b8d1042-0000-4000-8000-{each:012d}", "case_number": f"CASE-{each}"}
        for each in range(5000, 5000 + number - 3)
    ]
    return {**document, "tables": {**document["tables"], "cases": [*cases, *more]}}


def confirmed(number, *more):
    return (*FIX, "--confirm", str(number), *WHY, *more)


def test_all_is_shown_confirmed_once_and_done(fix, load, records, linked, rows, entries):
    """Three of seven: each with its own journal and audit row; the rest is named and left alone."""
    load(WORLD)
    before = linked()
    ran = fix(*confirmed(3))

    assert (0, "changed") == (ran.code, ran.json["status"])
    assert dict.fromkeys((*MISSING, NOT_LINKED), "changed") == results(ran)
    assert {*before, *MISSING, NOT_LINKED} == linked()
    assert {1} == set(records().values())
    assert {"case.retried": 2, "case.linked": 1} == Counter(
        each["action"] for each in rows("audit_logs") if each["action"] in ("case.retried", "case.linked")
    )
    # Two steps of each retry, one of the link, each with the line before and the line after it.
    assert {"intended": 5, "done": 5} == Counter(entries())
    again = fix(*confirmed(3))
    assert (2, []) == (again.code, again.json["data"]["items"])


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("INVALID_SESSION_ID: Session expired or invalid", "salesforce_auth_failed"),
        ("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", "api_limit_reached"),
        ("UNABLE_TO_LOCK_ROW: unable to obtain exclusive access", "row_locked"),
    ],
)
def test_what_has_passed_is_retried(refusal, code, fix, load, linked):
    """After an outage, what Salesforce refused then and takes now is what the batch is for."""
    document = sandbox.named(WORLD)
    for each in document["tables"]["cases"]:
        if each["case_number"] in MISSING:
            each["sync_error"] = refusal
    load(document)
    ran = fix(*confirmed(3))

    assert {code} == {each["verdict"] for each in ran.json["data"]["items"] if each["subject"] in MISSING}
    assert dict.fromkeys((*MISSING, NOT_LINKED), "changed") == results(ran)
    assert {*MISSING, NOT_LINKED} <= linked()


def test_a_dry_run_changes_nothing(fix, load, world):
    """The plans are told, whole; 10."""
    load(WORLD)
    before = world()
    ran = fix(*FIX, "--dry-run")

    assert (10, "planned") == (ran.code, ran.json["status"])
    assert ["case retry", "case retry", "case link"] == [each["fix"] for each in ran.json["data"]["plans"]]
    assert before["tables"] == world()["tables"]


@pytest.mark.parametrize("args", [(), ("--confirm", "2", *WHY), ("--confirm", "CASE-1042", *WHY)])
def test_another_number_confirms_nothing(args, fix, load, linked):
    """What was counted is not what was seen: 12, and the command that would confirm it, with its window."""
    load(WORLD)
    before = linked()
    ran = fix(*FIX, "--since", "3d", *args)

    assert (12, "refused", before) == (ran.code, ran.json["status"], linked())
    assert "peakops case backlog --since 3d --fix --confirm 3 --reason TEXT" == ran.json["error"]["hint"]


def test_more_than_25_name_the_environment(fix, load):
    """Class D of the contract: the number alone is not enough."""
    load(many(27))
    ran = fix(*confirmed(27))

    assert 12 == ran.code
    assert "--confirm sandbox/27" in ran.json["error"]["hint"]


def test_a_person_types_the_number(state, load, linked):
    """The list is shown first, and with another number nothing is done."""
    load(WORLD)
    before = linked()
    code, shown = typed(state, b"2\n", *FIX, prompt=b"Type 3")
    assert (12, before) == (code, linked())
    code, shown = typed(state, b"3\n", *FIX, prompt=b"Type 3")

    assert (0, {*before, *MISSING, NOT_LINKED}) == (code, linked()), shown
    assert shown.index("3 cases are to be changed") < shown.index("CASE-1042  case retry") < shown.index("Type 3")


def test_terminated_it_tells_what_became_of_each(state, load, linked):
    """SIGTERM while the second case is looked at: 143, what is done is told, and the rest is not tried."""
    load(WORLD, faults=[{**PATCH, "delay_s": 3}])
    command = [PEAKOPS, "--sandbox", *confirmed(3), "--jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(state)) as process:
        first = json.loads(process.stdout.readline())
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        rest = [json.loads(each) for each in process.stdout.read().splitlines()]
        code = process.wait(timeout=30)

    assert ("CASE-1042", "changed", 143) == (first["subject"], first["result"], code)
    assert ["CASE-1043", NOT_LINKED] == [each["subject"] for each in rest[:-1]]
    assert "not_tried" == rest[1]["result"]
    assert ("partial", 143) == (rest[-1]["status"], rest[-1]["exit_code"])
    assert "CASE-1042" in linked()


def test_nothing_is_changed_while_something_is_silent(fix, load, linked):
    """The limits fail: what could be changed is counted, and none is."""
    load(WORLD, faults=[{"vendor": "salesforce", "route": "GET /services/data/*/limits", "status": 503}])
    before = linked()
    ran = fix(*confirmed(3))

    assert (2, before, []) == (ran.code, linked(), ran.json["data"]["items"])
    assert any("not everything was read" in each for each in ran.json["warnings"])


def test_a_limit_is_said(fix, load, linked):
    """The oldest first; what is left is counted, in the data and on stderr."""
    load(WORLD)
    before = linked()
    ran = fix(*confirmed(1, "--limit", "1"))

    assert (0, {*before, "CASE-1042"}) == (ran.code, linked())
    assert {"shown": 1, "total": 3} == ran.json["truncated"]
    assert "Only 1 of 3 are listed" in ran.err


def test_an_outcome_that_is_unknown_is_retried_only_where_it_is_asked_for(fix, load, linked):
    """The upsert on the portal's id makes no twin even then, but somebody has to want it."""
    load(WORLD)
    ran = fix(*confirmed(4, "--uncertain"))

    assert (0, "changed") == (ran.code, results(ran)["CASE-1045"])
    assert "CASE-1045" in linked()


def test_one_that_fails_does_not_keep_the_others(fix, load, linked):
    """A rule of the admin's refuses one: 11, its error is told, and the others are done."""
    load(WORLD, faults=[{**PATCH, "status": 400, "error": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "times": 1}])
    ran = fix(*confirmed(3))
    failed = next(each for each in ran.json["data"]["items"] if each["result"] not in ("changed",))

    assert (11, "partial", "fix.partial") == (ran.code, ran.json["status"], ran.json["error"]["code"])
    assert ("CASE-1042", "salesforce.field_custom_validation_exception") == (failed["subject"], failed["error"]["code"])
    assert {"CASE-1043", NOT_LINKED} <= linked()


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 403, "error": "REQUEST_LIMIT_EXCEEDED"}, 75), ({"status": 401, "error": "INVALID_SESSION_ID"}, 77)],
    ids=["limit", "auth"],
)
def test_what_the_next_would_meet_too_stops_the_rest(fault, code, fix, load, linked):
    """No request more than needed: the others are listed as not tried, and where none was done the code is its own."""
    load(WORLD, faults=[{**PATCH, **fault}])
    before = linked()
    ran = fix(*confirmed(3))

    assert (code, before) == (ran.code, linked())
    assert {"CASE-1042": "failed", "CASE-1043": "not_tried", NOT_LINKED: "not_tried"} == results(ran)


def test_what_stops_the_rest_leaves_what_is_done(fix, load, linked):
    """The first was done before the limit was reached: 11."""
    load(
        WORLD, faults=[{**PATCH, "delay_s": 0, "times": 1}, {**PATCH, "status": 403, "error": "REQUEST_LIMIT_EXCEEDED"}]
    )
    ran = fix(*confirmed(3))

    assert 11 == ran.code
    assert {"CASE-1042": "changed", "CASE-1043": "failed", NOT_LINKED: "not_tried"} == results(ran)
    assert "CASE-1042" in linked()


def test_a_lost_answer_makes_no_twin(fix, load, records, linked):
    """The record was made and the connection broke: it is read back, linked, and made once."""
    load(WORLD, faults=[{**PATCH, "after_effect": "drop_connection"}])
    ran = fix(*confirmed(3))

    assert (0, {"changed"}) == (ran.code, set(results(ran).values()))
    assert {1} == set(records().values())
    assert {*MISSING, NOT_LINKED} <= linked()


def test_it_is_killed(fix, killed, load, records, linked, folder):
    """
    One record of each case, all linked, a whole journal: wherever the first run was killed.

    Every fifth step, from another one on each time; those of one fix are all tried in its own test.
    """
    first = random.SystemRandom().randrange(1, STRIDE + 1)
    print(f"from step {first} on")
    for at in range(first, MOST_STEPS, STRIDE):
        load(WORLD)
        was_killed = killed(at, *confirmed(3))
        left = fix(*FIX, "--dry-run")
        if left.code == 10:
            again = fix(*confirmed(len(left.json["data"]["plans"])))
            assert 0 == again.code, (at, again.out)

        assert {1} == set(records().values()), at
        assert {*MISSING, NOT_LINKED} <= linked(), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("it was still killed at the last step")


def test_somebody_else_changes_one_meanwhile(meanwhile, load):
    """A case that is not as it was seen any more is refused by its own fix, and the others are done."""
    load(WORLD)
    away = "update public.cases set status = 'closed' where case_number = 'CASE-1043'"
    ran = meanwhile("before", away, *confirmed(3))

    assert 11 == ran.code
    assert "refused" == results(ran)["CASE-1043"]
    assert "changed" == results(ran)["CASE-1042"]


def test_without_the_credentials_that_write_the_plan_is_shown(peakops, load, configured):
    """77, and what would be done."""
    up = load(WORLD)
    reading = {
        "PEAKOPS_SALESFORCE_URL": up.vendor_url("salesforce"),
        "PEAKOPS_SALESFORCE_CONSUMER_KEY": up.salesforce_consumer_key,
        "PEAKOPS_SALESFORCE_CONSUMER_SECRET": up.salesforce_consumer_secret,
    }
    ran = peakops(
        *confirmed(3, "--since", "2026-11-10", "--until", "2026-11-20T15:00:00Z", "--json"), **configured(**reading)
    )

    assert (77, "fix.no_write_access") == (ran.code, json.loads(ran.out)["error"]["code"])
    assert 3 == len(ran.json["data"]["plans"])


def test_nobody_reads_what_was_confirmed(state, load, linked):
    """`| head -1`: it is done to its end all the same, and what was not done is told by the code."""
    refusing = {**PATCH, "status": 400, "error": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    load(WORLD, faults=[{**PATCH, "delay_s": 0.2, "times": 1}, refusing])
    before = linked()
    command = [PEAKOPS, "--sandbox", *confirmed(3)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(state)) as process:
        first = process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
        code = process.wait(timeout=30)

    assert (11, b"") == (code, told)
    assert first.startswith(b"CASE-1042  case retry  changed")
    assert {*before, "CASE-1042", NOT_LINKED} == linked()


@pytest.mark.parametrize("form", ["--csv", "--quiet"])
def test_every_form_says_why_nothing_was_done(form, peakops, load):
    """Not the verdict of the sweep alone: that it was not confirmed, and how it would be."""
    load(WORLD)
    ran = peakops("--sandbox", *FIX, form)

    assert 12 == ran.code
    assert "was not confirmed" in ran.out + ran.err
    assert "case backlog --since 7d --fix --confirm 3" in ran.out + ran.err


@pytest.mark.parametrize(
    ("route", "fault", "code"),
    [
        ("POST /services/oauth2/token", {"status": 400, "error": "invalid_grant"}, 77),
        ("GET /services/data/*/limits", {"status": 403, "error": "REQUEST_LIMIT_EXCEEDED"}, 75),
    ],
    ids=["auth", "limit"],
)
def test_what_a_look_meets_stops_the_rest_too(route, fault, code, fix, load, linked):
    """A log-in that is refused once the sweep is over is not tried for every case: that would lock the user out."""
    passes = 2 if code == 77 else 1
    at = {"vendor": "salesforce", "route": route}
    load(WORLD, faults=[{**at, "delay_s": 0, "times": passes}, {**at, **fault}])
    before = linked()
    ran = fix(*confirmed(3))

    assert (code, "error", before) == (ran.code, ran.json["status"], linked())
    assert {"CASE-1042": "refused", "CASE-1043": "not_tried", NOT_LINKED: "not_tried"} == results(ran)


def test_what_was_begun_and_is_not_wanted_any_more_is_closed(fix, killed, load, state):
    """Killed before anything was done, and the case is closed then: told of once, but not by a dry run, and over."""
    load(WORLD)
    assert killed(2, *confirmed(1, "--limit", "1"))
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as portal:
        portal.execute("update public.cases set status = 'closed' where case_number = 'CASE-1042'")

    told = [results(fix(*FIX, *args)) for args in (("--limit", "1", "--dry-run"), (), ("--confirm", "2", *WHY), ())]
    assert ["refused", "refused", "refused", None] == [each.get("CASE-1042") for each in told]


def test_what_holds_of_all_is_said_once(peakops, load):
    """Cases of different hours have one note together, which names some of them and counts the rest."""
    document = many(27)
    for number, each in enumerate(document["tables"]["cases"]):
        each["created_at"] = f"-{20 + number}h"
    load(document)
    ran = peakops("--sandbox", *FIX, "--dry-run")
    notes = [each for each in ran.out.splitlines() if "A twin was searched" in each]

    assert (10, 1) == (ran.code, len(notes))
    assert notes[0].endswith(" and 16 more")


def test_the_command_that_confirms_can_be_typed(fix, load):
    """A moment with a blank in it is one word of the shell."""
    load(WORLD)
    ran = fix(*FIX, "--since", "2026-11-13 15:00:00Z")

    assert (
        "peakops case backlog --since '2026-11-13 15:00:00Z' --fix --confirm 3 --reason TEXT"
        == (ran.json["error"]["hint"])
    )
