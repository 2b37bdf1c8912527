"""The fixes of a case: one record in Salesforce and the link to it, whatever fails, is killed, or is done twice."""

import threading

import jsonschema
import pytest

from peakops import journal, sandbox
from peakops.render import schema

from .conftest import WHY
from .test_crashes import MOST_STEPS

NUMBER, ID, RECORD = "CASE-1042", "66666666-6666-4666-8666-000000001042", "500SB0000001042AAA"
RETRY = ("case", "retry", NUMBER, "--yes", *WHY)
LINK = ("case", "link", NUMBER, "--yes", *WHY)
VALIDATORS = {verb: jsonschema.Draft202012Validator(schema.of(f"case {verb}")) for verb in ("retry", "link")}
PATCH = "PATCH /services/data/*/sobjects/Case/*"
LOST = {"vendor": "salesforce", "route": PATCH, "after_effect": "drop_connection"}


@pytest.fixture
def there(world):
    """The records in Salesforce, without those that are deleted."""
    return lambda: [each for each in world()["salesforce"]["cases"] if not each.get("IsDeleted")]


@pytest.fixture
def row(rows):
    """The portal's row."""
    return lambda: next(each for each in rows("cases") if each["id"] == ID)


@pytest.fixture
def noted(rows):
    """What peakops has written into the audit log."""
    return lambda: [each["action"] for each in rows("audit_logs") if each["action"] in ("case.retried", "case.linked")]


def refusal(ran):
    return ran.code, (ran.json["error"] or {}).get("code")


@pytest.mark.parametrize(("verb", "name"), [("retry", "timeout"), ("link", "created_not_linked")])
def test_a_dry_run_plans(verb, name, fix, load, world):
    """10, the plan says what was searched, and not a byte changes."""
    load(f"case/{name}")
    before = world()
    ran = fix("case", verb, NUMBER, "--dry-run")
    plan, after = ran.json["data"]["plan"], world()

    assert ("planned", 10, "B") == (ran.json["status"], ran.code, plan["grade"])
    assert ["upsert_case", "case/link"][-len(plan["actions"]) :] == [each["call"] for each in plan["actions"]]
    assert [before[each] for each in ("tables",)] == [after[each] for each in ("tables",)]
    assert before["salesforce"]["cases"] == after["salesforce"]["cases"]
    VALIDATORS[verb].validate(ran.json)


def test_a_case_is_brought_there(fix, load, there, row, noted, entries):
    """One record with the portal's id and payload; the portal's row is synced, linked, and without its error."""
    load("case/timeout")
    ran = fix(*RETRY)
    (made,) = there()

    assert ("changed", "synced", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert (ID, "crown CASE-1042", "New") == (made["Portal_Case_Id__c"], made["Subject"], made["Status"])
    assert ("Normal", "2026-12-04", "Portal") == (made["Priority"], made["Due_Date__c"], made["Origin"])
    assert ("synced", made["Id"], None) == (row()["status"], row()["salesforce_case_id"], row().get("sync_error"))
    assert ["case.retried"] == noted()
    assert ["intended", "done", "intended", "done"] == entries()
    assert "A twin was searched" in ran.json["data"]["plan"]["notes"][0]
    VALIDATORS["retry"].validate(ran.json)


@pytest.mark.parametrize(("command", "name"), [(RETRY, "missing"), (LINK, "created_not_linked")])
def test_it_happens_once(command, name, fix, load, there, noted):
    """The same command again: 0, nothing to do, one record, one line in the audit log."""
    load(f"case/{name}")
    codes = [fix(*command).code, (again := fix(*command)).code]

    assert [0, 0] == codes
    assert ("ok", None) == (again.json["status"], again.json["data"]["plan"])
    assert (1, 1) == (len(there()), len(noted()))


REMEDIED = (
    *("missing", "missing_never_attempted", "missing_gone", "error_without_code", "not_logged", "row_locked"),
    *("session_expired", "limit_over", "permission", "duplicate_rule", "validation_rule_unseen"),
    *("validation_corrected", "account_corrected"),
)
"""What a retry remedies by making the record, beside a time-out."""


@pytest.mark.parametrize("name", REMEDIED)
def test_what_a_retry_remedies(name, fix, load, there, row):
    """Afterwards there is exactly one record, and the portal knows it."""
    load(f"case/{name}")
    ran = fix(*RETRY)

    assert (0, "synced") == (ran.code, ran.json["verdict"]["code"]), ran.json["error"]
    assert [ID] == [each["Portal_Case_Id__c"] for each in there()]
    assert there()[0]["Id"] == row()["salesforce_case_id"]


LINKED = ("created_by_hand", "created_closed", "created_not_noted", "created_stale_link", "named_by_record")


@pytest.mark.parametrize("verb", [RETRY, LINK], ids=["retry", "link"])
@pytest.mark.parametrize("name", LINKED)
def test_what_is_there_is_only_linked(name, verb, fix, load, there, row):
    """By either verb nothing is made; what the portal had closed stays closed."""
    load(f"case/{name}")
    before = there()
    ran = fix(*verb)

    assert (0, "synced") == (ran.code, ran.json["verdict"]["code"]), ran.json["error"]
    assert ["case/link"] == [each["call"] for each in ran.json["data"]["plan"]["actions"]]
    assert before == there()
    assert RECORD == row()["salesforce_case_id"]
    assert ("closed" if name == "created_closed" else "synced") == row()["status"]


TWINS = {"clock": ({"created_at": "+30m"}, {}), "field": ({}, {"Portal_Case_Id__c": "canary_patient CASE-1042"})}
"""What the case, and what the record that was made by hand, differ in: the portal's clock is ahead, a foreign id."""


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_that_is_hard_to_see(name, fix, load, there):
    """A record of the case's subject is the case, whatever the clocks say, and whatever stands where an id should."""
    document = sandbox.named("case/created_by_hand")
    (row,), (twin,) = document["tables"]["cases"], document["salesforce"]["cases"]
    row |= TWINS[name][0]
    twin |= TWINS[name][1]
    load(document)
    check, ran = fix("case", "check", NUMBER), fix(*RETRY)

    assert ("created_not_linked", "without_portal_id") == (
        check.json["verdict"]["code"],
        check.json["verdict"]["cause"],
    )
    assert (0, "synced", 1) == (ran.code, ran.json["verdict"]["code"], len(there()))
    assert "canary" not in check.out + ran.out


def test_how_a_link_is_undone(fix, load):
    """The plan names the link that it takes the place of."""
    undone = []
    for name in ("created_not_linked", "created_stale_link"):
        load(f"case/{name}")
        undone.append(fix("case", "link", NUMBER, "--dry-run").json["data"]["plan"]["actions"][0]["undo"])

    assert "take the link out" in undone[0]
    assert "its link to 500SB0000001043AAA" in undone[1]


REFUSED = {
    "duplicate": (19, "fix.no_finding"),
    "linked_elsewhere": (19, "fix.no_finding"),
    "held_by_another": (19, "fix.no_finding"),
    "created_other_account": (19, "fix.doubted"),
    "created_draft": (19, "fix.doubted"),
    "auth_failed": (19, "fix.doubted"),
    "limit_reached": (19, "fix.doubted"),
    "permission_now": (19, "fix.doubted"),
    "account_not_mapped": (19, "fix.no_finding"),
    "account_merged": (19, "fix.no_finding"),
    "validation_required": (19, "fix.doubted"),
    "validation_hidden_field": (19, "fix.doubted"),
    "missing_deleted": (19, "fix.doubted"),
    "missing_practice_closed": (19, "fix.doubted"),
    "just_submitted": (19, "fix.doubted"),
    "draft": (19, "fix.doubted"),
    "unknown_status": (19, "fix.no_finding"),
    "salesforce_down": (3, None),
    "not_found": (14, "not_found"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_retry_refuses(name, fix, load, world):
    """Twins, a wrong account, wrong data, no requests, a draft: nothing is written, and the next step is named."""
    load(f"case/{name}")
    before = world()
    ran = fix(*RETRY)

    assert REFUSED[name] == refusal(ran)
    assert ran.code == 3 or ran.json["error"]["hint"]
    assert before["tables"] == world()["tables"]
    assert before["salesforce"]["cases"] == world()["salesforce"]["cases"]
    VALIDATORS["retry"].validate(ran.json)


@pytest.mark.parametrize("name", ["duplicate", "held_by_another", "created_other_account", "created_draft", "timeout"])
def test_what_a_link_refuses(name, fix, load, world):
    """Several records, another case's, another account, a draft, or none at all: 19, and nothing is written."""
    load(f"case/{name}")
    before = world()["tables"]
    ran = fix(*LINK)

    assert (19, "refused") == (ran.code, ran.json["status"])
    assert before == world()["tables"]


def test_the_answer_is_lost(fix, load, there, row):
    """Made, and the connection broken: read back and linked in the same run; the second one has nothing to do."""
    load("case/timeout", faults=[LOST])
    first, second = fix(*RETRY), fix(*RETRY)

    assert [0, 0] == [first.code, second.code], first.json["error"]
    assert [row()["salesforce_case_id"]] == [each["Id"] for each in there()]
    assert "synced" == row()["status"]


def test_the_answer_is_lost_and_so_is_the_look_for_it(fix, killed, load, there, row, noted):
    """Nobody knows whether it was made: the second run finds it, makes no other, and links it."""
    load("case/timeout", faults=[LOST])
    # The process ends in the middle of the call, so that nothing is read back.
    steps = [at for at in range(1, 9) if _killed_at_the_call(at, killed, load, there)]
    assert steps
    check = fix("case", "check", NUMBER)
    ran = fix(*RETRY)

    assert "unfinished_change" == check.json["verdict"]["code"]
    assert (0, "synced") == (ran.code, ran.json["verdict"]["code"]), ran.json["error"]
    assert [row()["salesforce_case_id"]] == [each["Id"] for each in there()]
    assert ["case.retried"] == noted()


def _killed_at_the_call(at, killed, load, there):
    """Whether a run that is killed at this step leaves a record; the world is loaded anew where it does not."""
    if there():
        return False
    load("case/timeout", faults=[LOST])
    killed(at, *RETRY)
    return bool(there())


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 503}, 69), ({"reset": True}, 69), ({"error": "REQUEST_LIMIT_EXCEEDED"}, 75)],
    ids=["503", "reset", "limit"],
)
def test_the_write_fails(fault, code, fix, load, there, row):
    """Nothing is made, the row stays as it is; the same command brings it there once Salesforce answers."""
    load("case/timeout", faults=[{"vendor": "salesforce", "route": PATCH, "times": 1, **fault}])
    before = row()
    failed, made, as_it_was = fix(*RETRY), there(), row()
    again = fix(*RETRY)

    assert code == failed.code, failed.json["error"]
    assert ([], before) == (made, as_it_was)
    assert (0, 1) == (again.code, len(there())), again.json["error"]


def test_a_lock_passes(fix, load, there):
    """Another change holds the account for a moment: it is tried again, and makes one record."""
    load("case/timeout", faults=[{"vendor": "salesforce", "route": PATCH, "error": "UNABLE_TO_LOCK_ROW", "times": 1}])
    ran = fix(*RETRY)

    assert (0, 1) == (ran.code, len(there())), ran.json["error"]


def test_a_rule_of_the_org_refuses(fix, load, there, row):
    """19 with the admin's own words; nothing is made, and the portal's row stays as it is."""
    document = sandbox.named("case/validation_rule")
    (case,) = document["tables"]["cases"]
    case |= {"status": "submitted", "sync_error": None, "sync_attempted_at": None}
    load(document, tables={**document["tables"], "audit_logs": document["tables"]["audit_logs"][:1]})
    before = row()
    ran = fix(*RETRY)

    assert (19, "salesforce.field_custom_validation_exception") == refusal(ran)
    assert "A case needs a due date." in ran.json["error"]["message"]
    assert ([], before) == (there(), row())


def test_it_is_killed(fix, killed, load, there, row, noted, folder):
    """One record, linked, one line in the audit log, a whole journal: wherever the first run was killed."""
    document = sandbox.named("case/timeout")
    for at in range(1, MOST_STEPS):
        load(document)
        was_killed = killed(at, *RETRY)
        again = fix(*RETRY)

        assert 0 == again.code, (at, again.out)
        assert [ID] == [each["Portal_Case_Id__c"] for each in there()], at
        assert ("synced", there()[0]["Id"]) == (row()["status"], row()["salesforce_case_id"]), at
        assert ["case.retried"] == noted(), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


CHANGES = {
    "linked": f"update public.cases set salesforce_case_id = '500SB0000009999AAA', status = 'synced' where id = '{ID}'",
    "draft": f"update public.cases set status = 'draft' where id = '{ID}'",
    "attempted": f"update public.cases set sync_attempted_at = sync_attempted_at + interval '1 hour' where id = '{ID}'",
}


@pytest.mark.parametrize(
    ("command", "name", "change"),
    [(LINK, "created_not_linked", each) for each in CHANGES]
    + [(RETRY, "timeout", "linked"), (RETRY, "timeout", "draft")],
    ids=lambda each: each if isinstance(each, str) else each[1],
)
def test_it_changed_meanwhile(command, name, change, meanwhile, load, there, noted):
    """Between the look and the plan's first step: 16, nothing is written, and nothing is made."""
    load(f"case/{name}")
    before = there()
    ran = meanwhile("before", CHANGES[change], *command)

    assert 16 == ran.code, ran.json["error"]
    assert before == there()
    assert [] == noted()


@pytest.mark.parametrize("name", ["linked", "draft"])
def test_it_changed_at_the_write(name, meanwhile, load, rows, there, noted):
    """The record is made by then: 11 and nothing is overwritten, for somebody to decide."""
    load("case/timeout")
    ran = meanwhile("write", CHANGES[name], *RETRY)
    (row,) = rows("cases")

    assert 11 == ran.code, ran.json["error"]
    assert 1 == len(there())
    assert row["salesforce_case_id"] != there()[0]["Id"] if name == "linked" else row["status"] == "draft"
    assert [] == noted()


def test_an_attempt_of_the_portals_does_not_keep_it_from_being_linked(meanwhile, load, there, row):
    """The portal tried once more between the two steps: the record that was made is linked all the same."""
    load("case/timeout")
    ran = meanwhile("write", CHANGES["attempted"], *RETRY)

    assert 0 == ran.code, ran.json["error"]
    assert [row()["salesforce_case_id"]] == [each["Id"] for each in there()]


def test_two_at_once(peakops, load, there, noted):
    """Two operators retry together: one record, one line; the other is locked out, too late, or has nothing to do."""
    load("case/timeout")
    codes = []
    crew = [
        threading.Thread(target=lambda: codes.append(peakops("--sandbox", *RETRY, "--json").code)) for _ in range(2)
    ]
    for each in crew:
        each.start()
    for each in crew:
        each.join()

    assert sorted(codes) in [[0, 0], [0, 16], [0, 17]]
    assert (1, 1) == (len(there()), len(noted()))


@pytest.mark.parametrize("how", [(), ("--confirm", NUMBER), ("--confirm", "CASE-1043", *WHY)])
def test_what_does_not_confirm(how, fix, load, there):
    """No terminal and no --yes, or another object: nothing is made."""
    load("case/timeout")
    ran = fix("case", "retry", NUMBER, *how)

    assert ran.code in (12, 64)
    assert [] == there()


@pytest.fixture
def database(state):
    """The credentials that write into the portal's database."""
    return lambda: {"PEAKOPS_DATABASE_WRITE_URL": sandbox.ensure(state / "peakops").url_as("peakops_writer")}


@pytest.fixture
def at_a_portal(state, peakops, configured):
    """Run a fix as if at a real portal, with the credentials that read, and whatever more is given."""

    def run(*args, **more):
        up = sandbox.ensure(state / "peakops")
        reading = {
            "PEAKOPS_SALESFORCE_URL": up.vendor_url("salesforce"),
            "PEAKOPS_SALESFORCE_CONSUMER_KEY": up.salesforce_consumer_key,
            "PEAKOPS_SALESFORCE_CONSUMER_SECRET": up.salesforce_consumer_secret,
        }
        return peakops(*args, "--json", **configured(**reading, **more))

    return run


def test_without_the_credentials_that_write(at_a_portal, database, load, there):
    """77 and the name of the setting, with the plan; a link needs the database's alone."""
    load({key: value for key, value in sandbox.named("case/timeout").items() if key != "now"})
    bare, half = at_a_portal(*RETRY), at_a_portal(*RETRY, **database())

    assert [(77, "fix.no_write_access")] * 2 == [refusal(bare), refusal(half)]
    assert "PEAKOPS_SALESFORCE_WRITE_CONSUMER_SECRET" in half.json["error"]["message"]
    assert 2 == len(half.json["data"]["plan"]["actions"])
    assert [] == there()
    load({key: value for key, value in sandbox.named("case/created_not_linked").items() if key != "now"})
    assert 0 == at_a_portal(*LINK, **database()).code
