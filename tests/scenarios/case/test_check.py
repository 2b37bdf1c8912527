"""One judgement a row of the playbook, on literal facts; and what each of them must not be taken for."""

from datetime import timedelta

import pytest

from peakops import playbook
from peakops.scenario import Facts
from peakops.scenarios.case import attempts, payload, records, sight
from peakops.scenarios.case.attempts import Ended
from peakops.scenarios.case.looks import EVERY, OF_SALESFORCE
from peakops.scenarios.case.sending import GRACE

from .conftest import (
    ANOTHER,
    CREATED,
    IDENTITY,
    KEY,
    NOW,
    OTHER,
    RECORD,
    SECOND,
    account,
    ago,
    case,
    described,
    evidence,
    fault,
    holder,
    limits,
    line,
    linked,
    record,
    refused,
    untried,
)


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def codes(judged):
    return [each.code for each in judged.findings]


def cure(judged):
    """The command that the verdict is remedied by."""
    first = judged.findings[0]
    return first.fix and first.fix.command


RETRY, LINK = "peakops case retry CASE-1042", "peakops case link CASE-1042"


def test_synced(judge):
    """One record, linked, and every look answered: ok, with the number that the laboratory knows."""
    judged = judge(case=[linked()], found=[record()], stored=[record()])

    assert ("synced", None, "ok") == verdict(judged)
    assert "00041042" in judged.ruling.says
    assert ["synced"] == codes(judged)


def test_synced_when_closed(judge):
    """A closed case that is linked is well."""
    closed = linked(status="closed")

    assert "synced" == judge(case=[closed], found=[record(status="Closed")], stored=[record()]).ruling.code


def test_synced_by_fifteen_characters(judge):
    """The last three of 18 characters only guard the first 15."""
    short = linked(salesforce_case_id=RECORD[:15])

    assert "synced" == judge(case=[short], found=[record()], stored=[record()]).ruling.code
    assert not records.same(RECORD, RECORD.lower())


@pytest.mark.parametrize("look", EVERY)
def test_synced_is_not_said_where_a_look_is_missing(judge, look):
    """Whatever was silent may hold a second record, or another case's claim: unknown, 3."""
    judged = judge(case=[linked()], found=[record()], stored=[record()], silent=(look,))

    assert ("unknown", "unknown") == (judged.ruling.code, judged.status.value)
    assert not judged.ruling.complete


def test_duplicate_by_the_portals_id(judge):
    """Two records that carry it, neither deleted: no retry, no link is named."""
    judged = judge(case=[linked()], found=[record(), record(id=SECOND)], stored=[record()])

    assert ("duplicate_in_salesforce", None, "critical") == verdict(judged)
    assert cure(judged) is None
    assert [] == [each for finding in judged.findings for each in finding.next]


def test_duplicate_by_the_subject(judge):
    """One carries the id, another none and the case's very subject on its account."""
    bare = record(id=SECOND, external_id=None, created_at=ago(minutes=100))
    judged = judge(case=[linked()], found=[record()], stored=[record()], near=[bare, record()])

    assert "duplicate_in_salesforce" == judged.ruling.code
    assert "without the portal's id" in judged.ruling.says


def test_what_is_no_duplicate(judge):
    """A deleted record, the same record seen in three ways, and another case's of the same subject are none."""
    deleted = record(id=SECOND, deleted=True)
    of_another = record(id="500SB0000001044AAA", external_id=OTHER)
    judged = judge(case=[linked()], found=[deleted, record()], stored=[record()], near=[record(), of_another])

    assert "synced" == judged.ruling.code


def test_duplicates_are_proven_by_those_that_answered(judge):
    """Two in one way are two, whatever the other ways would bring; one in one way is not yet one."""
    two = judge(found=[record(), record(id=SECOND)], silent=("near", "stored"))

    assert "duplicate_in_salesforce" == two.ruling.code
    assert "synced" not in codes(judge(case=[linked()], found=[record()], stored=[record()], silent=("near",)))


def test_linked_elsewhere_by_the_id_it_carries(judge):
    """The stored record carries another case's id; that case is what to look at next."""
    judged = judge(case=[linked()], stored=[record(external_id=OTHER)])

    assert ("linked_elsewhere", "carries_another", "critical") == verdict(judged)
    assert (f"peakops case check {OTHER}",) == judged.findings[0].next
    assert ["linked_elsewhere"] == codes(judged)


def test_linked_elsewhere_by_two_cases(judge):
    """Two cases of the portal hold one record."""
    judged = judge(case=[linked()], found=[record()], stored=[record()], holders=[holder()])

    assert ("linked_elsewhere", "linked_twice", "critical") == verdict(judged)
    assert "CASE-1043" in judged.ruling.says


def test_two_cases_are_proven_without_salesforce(judge):
    """The portal's own rows tell it."""
    judged = judge(case=[linked()], holders=[holder()], silent=OF_SALESFORCE)

    assert ("linked_elsewhere", "linked_twice", "critical") == verdict(judged)


def test_held_by_another(judge):
    """Salesforce's record is this case, and another case of the portal is linked to it: no link is named."""
    judged = judge(found=[record()], holders=[holder()])

    assert ("linked_elsewhere", "held_by_another", "critical") == verdict(judged)
    assert ["linked_elsewhere", "created_not_linked"] == codes(judged)
    assert [None, None] == [each.fix for each in judged.findings]


def test_linked_to_a_record_without_any_id(judge):
    """On the practice's account nothing speaks against it; on another one nothing speaks for it."""
    bare = record(external_id=None)

    assert "synced" == judge(case=[linked()], stored=[bare]).ruling.code
    assert ("linked_elsewhere", "other_account", "critical") == verdict(
        judge(case=[linked()], stored=[record(external_id=None, account=ANOTHER)])
    )


def test_created_not_linked(judge):
    """The answer was lost, the record is there: link it, and nothing else is found."""
    judged = judge(found=[record()], near=[record()])

    assert ("created_not_linked", None, "critical") == verdict(judged)
    assert ["created_not_linked"] == codes(judged)
    assert LINK == cure(judged)


@pytest.mark.parametrize("code", ["REQUEST_LIMIT_EXCEEDED", "REQUIRED_FIELD_MISSING", "INVALID_SESSION_ID"])
def test_created_whatever_the_portal_noted(judge, code):
    """A refusal that the portal stored does not matter where the record is there."""
    assert ["created_not_linked"] == codes(judge(case=[refused(code, "Due_Date__c", due_date=None)], found=[record()]))


def test_created_by_hand(judge):
    """Without the portal's id, by the subject on the account: it is linked, and the cause says how it is known."""
    judged = judge(near=[record(external_id=None)])

    assert ("created_not_linked", "without_portal_id", "critical") == verdict(judged)
    assert LINK == cure(judged)


@pytest.mark.parametrize(
    ("said", "cause", "fix"),
    [
        ({"case": [linked(salesforce_case_id=SECOND)], "found": [record()]}, "stale_link", LINK),
        ({"case": [case(salesforce_case_id=RECORD)], "found": [record()], "stored": [record()]}, "not_noted", LINK),
        ({"case": [untried(status="draft")], "found": [record()]}, "draft", None),
        ({"case": [linked(status="draft")], "found": [record()], "stored": [record()]}, "draft", None),
        ({"found": [record(account=ANOTHER)]}, "other_account", None),
        ({"found": [record(account=ANOTHER)], "account": [account(deleted=True, master_id=ANOTHER)]}, None, LINK),
        ({"case": [case(salesforce_account_id=None)], "found": [record()], "account": []}, None, LINK),
        ({"case": [case(practice_status="closed")], "found": [record()]}, None, LINK),
        ({"case": [case(status="closed")], "found": [record()]}, None, LINK),
    ],
    ids=[
        "stale",
        "not_noted",
        "draft",
        "linked_draft",
        "other_account",
        "merged",
        "unmapped",
        "practice_closed",
        "closed",
    ],
)
def test_what_may_be_linked(judge, said, cause, fix):
    """One record of it: linked without asking, unless a draft, or another account, is for a person to decide."""
    judged = judge(**said)

    assert ("created_not_linked", cause, "critical") == verdict(judged)
    assert fix == cure(judged)


@pytest.mark.parametrize("look", ["near", "stored", "account", "holders"])
def test_a_link_is_not_named_while_something_is_silent(judge, look):
    """It is there, which is critical; a second one, or another claim, may be there too."""
    judged = judge(found=[record()], silent=(look,))

    assert ("created_not_linked", None) == (judged.ruling.code, cure(judged))


@pytest.mark.parametrize(
    ("category", "code", "expected"),
    [
        ("auth", "salesforce.invalid_grant", ("salesforce_auth_failed", "invalid_grant")),
        ("rate_limit", "salesforce.request_limit_exceeded", ("api_limit_reached", "now")),
        ("permission", "salesforce.insufficient_access", ("salesforce_permission", "insufficient_access")),
    ],
)
@pytest.mark.parametrize("looks", [OF_SALESFORCE, ("fields",), ("near",)], ids=["all", "fields", "near"])
def test_a_refusal_of_salesforces_is_a_verdict(judge, category, code, expected, looks):
    """Salesforce has answered: that it refuses is the finding, critical, and no retry is named; whatever was stored."""
    for row in (case(), linked(), untried(status="draft")):
        judged = judge(case=[row], faults={each: fault(category, code) for each in looks})

        assert (*expected, "critical") == verdict(judged)
        assert cure(judged) is None


@pytest.mark.parametrize("category", ["upstream", "timeout", "config", "internal", "input", "conflict"])
def test_silence_of_salesforces_is_unknown(judge, category):
    """Whatever else kept it from answering is no cause, and the case may be there: unknown."""
    for row in (case(), linked(), refused("REQUIRED_FIELD_MISSING", "Due_Date__c", due_date=None)):
        judged = judge(case=[row], faults={each: fault(category) for each in OF_SALESFORCE})

        assert ("unknown", "unknown") == (judged.ruling.code, judged.status.value)


def test_the_integration_user_is_not_active(judge):
    """Its session still works, and its cases will not."""
    judged = judge(identity=[{**IDENTITY, "active": False}])

    assert ("salesforce_auth_failed", "inactive_user", "critical") == verdict(judged)


STORED = {
    "INVALID_SESSION_ID": ("salesforce_auth_failed", "invalid_session_id", RETRY),
    "invalid_grant": ("salesforce_auth_failed", "invalid_grant", RETRY),
    "REQUEST_LIMIT_EXCEEDED": ("api_limit_reached", "at_the_last_attempt", RETRY),
    "INSUFFICIENT_ACCESS_OR_READONLY": ("salesforce_permission", "insufficient_access_or_readonly", RETRY),
    "API_DISABLED_FOR_ORG": ("salesforce_permission", "api_disabled_for_org", RETRY),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": ("validation_failed", "field_custom_validation_exception", RETRY),
    "DUPLICATES_DETECTED": ("duplicate_rule", "duplicates_detected", RETRY),
    "DUPLICATE_VALUE": ("missing_in_salesforce", "duplicate_value", None),
    "UNKNOWN_EXCEPTION": ("missing_in_salesforce", "unknown_exception", RETRY),
    "SOME_NEW_CODE": ("missing_in_salesforce", "some_new_code", RETRY),
    "UNABLE_TO_LOCK_ROW": ("row_locked", "unable_to_lock_row", RETRY),
    "INVALID_CROSS_REFERENCE_KEY": ("missing_in_salesforce", "invalid_cross_reference_key", RETRY),
    "REQUIRED_FIELD_MISSING": ("missing_in_salesforce", "required_field_missing", RETRY),
    "STRING_TOO_LONG": ("missing_in_salesforce", "string_too_long", RETRY),
    "timeout": ("outcome_unknown", "timeout", RETRY),
    "TIMEOUT": ("outcome_unknown", "timeout", RETRY),
}
"""A code that the portal stored, and nothing wrong any more: the verdict, and what may be done."""


@pytest.mark.parametrize("code", STORED)
def test_what_the_portal_stored(judge, code):
    """The row of the code's kind; where what it complained of is right by now, the case is only missing."""
    found, cause, fix = STORED[code]
    judged = judge(case=[refused(code)])

    assert (found, cause) == (judged.ruling.code, judged.ruling.cause)
    assert fix == cure(judged)


def test_every_code_of_the_table_has_a_verdict(judge):
    """Whatever code of Salesforce's the portal stored, the verdict is one that says why the case is not there."""
    told = {judge(case=[refused(code)]).ruling.code for code in playbook.words("salesforce")["codes"]}

    assert told <= {
        *("salesforce_auth_failed", "api_limit_reached", "salesforce_permission", "validation_failed"),
        *("duplicate_rule", "missing_in_salesforce", "row_locked"),
    }


def test_no_request_is_left(judge):
    """Now: no retry. At the last attempt, with requests left now: a retry, and other words."""
    now = judge(limits=[limits(0)])
    over = judge(case=[refused("REQUEST_LIMIT_EXCEEDED")])

    assert ("api_limit_reached", "now", None) == (now.ruling.code, now.ruling.cause, cure(now))
    assert over.findings[0].do.startswith("There are requests left again")
    assert "synced" == judge(case=[linked()], found=[record()], stored=[record()], limits=[limits(0)]).ruling.code


def test_account_not_mapped(judge):
    """The practice has none: nothing can be sent, and no retry is named."""
    judged = judge(case=[untried(salesforce_account_id=None)], account=[])

    assert ("account_not_mapped", None, "critical") == verdict(judged)
    assert cure(judged) is None


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"account": []}, "absent"),
        ({"account": [account(deleted=True)]}, "deleted"),
        ({"account": [account(deleted=True, master_id=ANOTHER)]}, "merged"),
        ({"account": [], "case": [case(salesforce_account_id="Smile Care")]}, "malformed"),
        ({"account": [], "case": [case(salesforce_account_id=RECORD)]}, "malformed"),
        ({"account": [], "case": [refused("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")]}, "invisible"),
    ],
)
def test_invalid_account(judge, row, cause):
    """What is wrong with it is the cause; no retry is named."""
    judged = judge(**row)

    assert ("invalid_account", cause, "critical") == verdict(judged)
    assert cure(judged) is None


@pytest.mark.parametrize(
    ("said", "fields", "cause", "words"),
    [
        ({"due_date": None}, {"Due_Date__c": {"nillable": False}}, "required", "Due_Date__c is required"),
        ({}, {"Region__c": {"nillable": False}}, "never_sent", "Region__c is required, and the portal never sends it"),
        ({}, {"Subject": {"length": 8}}, "too_long", "Subject takes 8 characters, and 'crown CASE-1042' has 15"),
        ({"priority": "urgent"}, {"Priority": {"restricted": True}}, "not_allowed", "'Urgent', and may be Low, Normal"),
        ({}, {"Subject": {"createable": False}}, "not_writable", "Subject may not be written"),
        ({}, {"Due_Date__c": None}, "unknown_field", "Due_Date__c is no field of Case"),
        ({}, {KEY: None}, "unknown_field", KEY),
        ({}, {KEY: {"unique": False}}, "no_key", "not both an External ID and unique"),
        ({}, {KEY: {"external_id": False}}, "no_key", "not both an External ID and unique"),
        ({}, {KEY: {"length": 18}}, "too_long", "takes 18 characters"),
    ],
)
def test_validation_failed_by_the_description(judge, said, fields, cause, words):
    """The portal's value, the limit, the allowed values; no retry while it would be refused again."""
    judged = judge(case=[untried(**said)], fields=described(**fields))

    assert ("validation_failed", cause, "critical") == verdict(judged)
    assert words in judged.ruling.says
    assert cure(judged) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"Due_Date__c": {"nillable": False, "defaulted": True}},
        {"Region__c": {"nillable": False, "defaulted": True}},
        {"Region__c": {"nillable": False, "createable": False}},
        {"Priority": {"values": ["Low"]}},
        {"Priority": {"restricted": True, "values": ["Normal"]}},
        {"Subject": {"length": 15}},
        {"Subject": {"length": 0}},
    ],
)
def test_what_the_description_does_not_forbid(judge, fields):
    """A default, a system field, an open picklist, an exact fit: nothing is refused."""
    assert "outcome_unknown" == judge(fields=described(**fields), case=[case(due_date=None)]).ruling.code


def test_a_user_who_only_reads_tells_nothing_of_writing(judge):
    """Of a describe in which no field may be written, that is no finding; lengths and values are."""
    reading = [{**each, "createable": False} for each in described()]
    short = [{**each, "length": 8} if each["name"] == "Subject" else each for each in reading]

    assert "outcome_unknown" == judge(fields=reading).ruling.code
    assert "too_long" == judge(fields=short).ruling.cause


@pytest.mark.parametrize("code", ["REQUIRED_FIELD_MISSING", "FIELD_CUSTOM_VALIDATION_EXCEPTION"])
def test_a_field_that_was_named_and_is_empty_still(judge, code):
    """Refused again for certain; filled in since, a requirement is met, and a rule that nobody sees may be."""
    empty = judge(case=[refused(code, "Due_Date__c", due_date=None)])
    filled = judge(case=[refused(code, "Due_Date__c")])

    assert ("validation_failed", "required", None) == (empty.ruling.code, empty.ruling.cause, cure(empty))
    assert "Due_Date__c" in empty.ruling.says
    assert RETRY == cure(filled)


def test_words_for_an_admin(judge):
    """Where no data of the portal's is the cause, nobody is told to correct it there."""
    theirs = judge(fields=described(Subject={"createable": False}))
    ours = judge(fields=described(Subject={"length": 8}))

    assert theirs.findings[0].do.startswith("No data in the portal is the cause")
    assert ours.findings[0].do.startswith("Correct in the portal")


def test_missing_since_nobody_tried(judge):
    """Submitted, logged, and no attempt: critical; within the grace it may be on its way, and no retry is named."""
    young = untried(created_at=NOW - GRACE + timedelta(seconds=1))
    late = judge(case=[untried(created_at=NOW - GRACE)])
    early = judge(case=[young])

    assert ("missing_in_salesforce", "never_attempted", "critical") == verdict(late)
    assert ("outcome_unknown", "under_way", "warning") == verdict(early)
    assert (RETRY, None) == (cure(late), cure(early))


def test_missing_since_it_was_deleted(judge):
    """Linked or not, what the laboratory deleted is not made anew beside it."""
    gone = record(deleted=True)
    for said in ({"case": [linked()], "stored": [gone]}, {"found": [gone]}, {"case": [linked()], "found": [gone]}):
        judged = judge(**said)

        assert ("missing_in_salesforce", "deleted", "critical") == verdict(judged)
        assert cure(judged) is None


def test_missing_since_it_is_gone(judge):
    """What the portal stored is not shown any more: it may be made again, by the portal's id."""
    judged = judge(case=[linked()])

    assert ("missing_in_salesforce", "gone", RETRY) == (judged.ruling.code, judged.ruling.cause, cure(judged))


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (untried(status="synced"), "never_linked"),
        (untried(status="closed"), "never_linked"),
        (case(status="closed"), "never_linked"),
        (refused("SERVER_UNAVAILABLE", status="closed"), "server_unavailable"),
    ],
)
def test_missing_though_the_portal_says_otherwise(judge, row, cause):
    """Synced or closed without a record; what is closed is not retried."""
    judged = judge(case=[row])

    assert ("missing_in_salesforce", cause, "critical") == verdict(judged)
    assert (None if row["status"] == "closed" else RETRY) == cure(judged)


@pytest.mark.parametrize("status", ["suspended", "closed"])
@pytest.mark.parametrize("row", [case(), untried(), refused("UNABLE_TO_LOCK_ROW"), refused("INVALID_SESSION_ID")])
def test_nothing_is_sent_for_a_practice_that_is_shut(judge, row, status):
    """The finding stands, and its remedy is the technical lead's."""
    judged = judge(case=[{**row, "practice_status": status}])

    assert cure(judged) is None
    assert judged.findings[0].do.startswith("Ask the technical lead why the practice is suspended or closed")


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"error_code": None}, "no_code"),
        ({"status": "submitted", "has_error": False, "error_code": None}, "no_end"),
    ],
)
def test_outcome_unknown(judge, said, cause):
    """An error that is no code of Salesforce's, or an attempt without any end, may have made a record."""
    assert ("outcome_unknown", cause, "warning") == verdict(judge(case=[case(**said)]))


@pytest.mark.parametrize("look", ["found", "stored", "near"])
def test_outcome_is_not_told_by_two_of_three_ways(judge, look):
    """Where one way of searching is silent, nobody says that there is no twin: unknown, and no retry."""
    judged = judge(silent=(look,))

    assert "unknown" == judged.ruling.code
    assert [] == [each for each in judged.findings if each.fix]


@pytest.mark.parametrize("look", ["holders", "audit", "account", "fields", "limits", "identity"])
@pytest.mark.parametrize("row", [case(), refused("UNKNOWN_EXCEPTION")], ids=["timeout", "refused"])
def test_no_retry_is_named_that_would_be_refused(row, look, judge):
    """A retry needs every look: while one of them is silent, none is named."""
    judged = judge(case=[row], silent=(look,))

    assert [] == [each for finding in judged.findings for each in (finding.fix, *finding.next) if each]


def test_no_retry_is_named_without_requests(judge):
    """Beside the limit that is reached, what a retry would remedy names none."""
    judged = judge(case=[refused("DUPLICATES_DETECTED")], limits=[limits(0)])

    assert ["api_limit_reached", "duplicate_rule"] == codes(judged)
    assert [None, None] == [each.fix for each in judged.findings]


def test_a_deleted_record_of_another_case(judge):
    """The stored link is the finding alone: nothing is said of a record that is gone, and no retry is named."""
    judged = judge(case=[linked()], stored=[record(external_id=OTHER, deleted=True)])

    assert ["linked_elsewhere"] == codes(judged)


JUST_NOW = ago(seconds=10)


@pytest.mark.parametrize(
    ("row", "log"),
    [
        (untried(created_at=ago(days=5)), [line("case.created", JUST_NOW)]),
        (untried(sync_attempted_at=JUST_NOW), [CREATED]),
        (untried(created_at=JUST_NOW), []),
        (untried(created_at=NOW + timedelta(seconds=30)), []),
    ],
    ids=["old draft", "attempt", "no log", "clock ahead"],
)
def test_what_is_on_its_way(row, log, judge):
    """Submitted or tried a moment ago: wait, and nothing is named meanwhile."""
    judged = judge(case=[row], audit=log)

    assert ("outcome_unknown", "under_way", "warning") == verdict(judged)
    assert [("outcome_unknown", None)] == [(each.code, each.fix) for each in judged.findings]


def test_a_case_of_the_future_is_not_on_its_way(judge):
    """A clock that is hours ahead does not make it wait for hours."""
    judged = judge(case=[untried(created_at=NOW + timedelta(hours=5))])

    assert ("missing_in_salesforce", "never_attempted", "critical") == verdict(judged)


def test_a_required_field_that_the_portal_never_sends(judge):
    """The last attempt named it, and it is required still, though this user may not write it: no retry."""
    shade = {"createable": False, "nillable": False}
    row = refused("REQUIRED_FIELD_MISSING", "Shade__c")
    judged, optional = judge(case=[row], fields=described(Shade__c=shade)), judge(case=[row], fields=described())

    assert ("validation_failed", "never_sent", None) == (judged.ruling.code, judged.ruling.cause, cure(judged))
    assert "Shade__c is required, and the portal never sends it." == judged.ruling.says
    assert "No data in the portal is the cause" in judged.ruling.do
    assert "missing_in_salesforce" == optional.ruling.code


def test_what_is_done_about_a_draft(judge):
    """The practice submits it; no command is spoken of, for none is named."""
    judged = judge(case=[untried(status="draft")], audit=[])

    assert "command" not in judged.ruling.do
    assert "submit it" in judged.ruling.customer


def test_never_submitted(judge):
    """A draft; and what is stored as submitted without a line in the log, or an attempt."""
    draft, unlogged = judge(case=[untried(status="draft")], audit=[]), judge(case=[untried()], audit=[])

    assert ("never_submitted", "draft", None) == (draft.ruling.code, draft.ruling.cause, cure(draft))
    assert ("never_submitted", "not_logged", RETRY) == (unlogged.ruling.code, unlogged.ruling.cause, cure(unlogged))


def test_a_draft_is_not_judged_as_what_is_sent(judge):
    """No account, no due date, and no requests left: a draft is a draft."""
    draft = untried(status="draft", salesforce_account_id=None, due_date=None)
    judged = judge(case=[draft], account=[], fields=described(Due_Date__c={"nillable": False}), limits=[limits(0)])

    assert ["never_submitted"] == codes(judged)


def test_a_status_that_is_not_known(judge):
    """A novelty of the portal's without an attempt is unclassified, with what the systems say."""
    judged = judge(case=[untried(status="parked")])

    assert ("unclassified", None, "warning") == verdict(judged)
    assert "parked" in judged.ruling.says


@pytest.mark.parametrize(
    ("row", "log", "ended", "code"),
    [
        (untried(), [CREATED], None, None),
        (case(), [line("case.sync_failed", ago(minutes=175), "UNABLE_TO_LOCK_ROW")], Ended.TIMED_OUT, None),
        (
            case(),
            [line("case.sync_failed", ago(minutes=10), "UNABLE_TO_LOCK_ROW")],
            Ended.REFUSED,
            "UNABLE_TO_LOCK_ROW",
        ),
        (refused("SERVER_UNAVAILABLE"), [line("case.sync_failed", ago(hours=5), "timeout")], Ended.REFUSED, None),
        (untried(), [line("case.sync_failed", ago(hours=2), "timeout")], Ended.TIMED_OUT, None),
        (untried(sync_attempted_at=ago(hours=2)), [CREATED], Ended.OPEN, None),
        (
            untried(sync_attempted_at=ago(hours=2)),
            [line("case.sync_failed", ago(hours=2), "SERVER_UNAVAILABLE")],
            *(Ended.REFUSED, "SERVER_UNAVAILABLE"),
        ),
        (linked(), [line("case.synced", ago(hours=2))], Ended.MADE, None),
        (case(error_code=None), [line("case.sync_failed", ago(minutes=175), "timeout")], Ended.TIMED_OUT, None),
        (case(error_code=None), [line("case.sync_failed", ago(hours=5), "SERVER_ERROR")], Ended.UNREAD, None),
        (
            untried(sync_attempted_at=ago(hours=1)),
            [line("case.sync_failed", ago(hours=2), "timeout")],
            Ended.OPEN,
            None,
        ),
        (case(sync_attempted_at=None), [line("case.sync_failed", ago(hours=1), "SERVER_ERROR")], Ended.TIMED_OUT, None),
    ],
)
def test_the_last_attempt(row, log, ended, code):
    """By the case's row and by the log: the newer one, and of one attempt whichever tells how it ended."""
    found = attempts.last(row, log)

    assert ended == (found and found.ended)
    assert code is None or code == found.code


def test_the_payload():
    """As the portal sends it: the priority capitalised, the day as text, and nothing of the patient."""
    sent = payload.sent(case(patient_name="x"), KEY)

    assert ("Normal", "2026-12-04", "Portal", "New", "crown CASE-1042") == tuple(
        sent[each] for each in ("Priority", "Due_Date__c", "Origin", "Status", "Subject")
    )
    assert 7 == len(sent)


def test_what_scripts_are_told(judge):
    """The case in fields, the records, the problems and the truth; with Salesforce silent, what is left."""
    told = sight.shown(
        Facts(evidence(case=[untried(priority="urgent")], fields=described(Priority={"restricted": True})))
    )
    silent = sight.shown(Facts(evidence(silent=OF_SALESFORCE)))

    assert ["Priority", "not_allowed", "Urgent"] == [
        told["problems"][0][each] for each in ("field", "problem", "value")
    ]
    assert ["submitted", "case.created", "none"] == [each["state"] for each in told["truth"]]
    assert ["failed", "case.created", None] == [each["state"] for each in silent["truth"]]
    assert ([], []) == (silent["records"], silent["problems"])
