"""The write to Salesforce: one case, whatever becomes of the answer."""

import time
from datetime import date

import pytest

from peakops.errors import (
    Denied,
    Locked,
    NotConfigured,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
    Unverified,
    certain,
)
from peakops.settings import Settings, WriteKeys
from peakops.sources.salesforce import Salesforce
from peakops.sources.salesforce_writer import SalesforceWriter

from .org import Org, case, page, refusal
from .played import Reply

ACCOUNT, CASE = "001SB0000000001AAA", "0b8d0000-0000-4000-8000-0000000000c1"
NEW = "500SB0000000009AAA"
WORLD = {
    "says": "An org with an account and no case.",
    "now": "2026-11-20T15:00:00Z",
    "salesforce": {"accounts": [{"Id": ACCOUNT, "Name": "Smile Care"}]},
}
GIVEN = {
    "case": CASE,
    "account": ACCOUNT,
    "subject": "crown CASE-1042",
    "priority": "High",
    "due_date": date(2026, 12, 1),
    "plan": "p",
    "key": "k",
}
KEYS = WriteKeys(salesforce_consumer_key="3MVG9canary", salesforce_consumer_secret="canary_secret")
EMPTY = Reply(body=page())
FOUND = Reply(body=page(case(1, Portal_Case_Id__c=CASE)))
MADE = Reply(201, body={"id": NEW, "success": True, "errors": [], "created": True})


@pytest.fixture
def box(load):
    """A sandbox with the world, and a writer and a reader of it."""

    def start(*faults, salesforce=None):
        world = {**WORLD, "salesforce": {**WORLD["salesforce"], **(salesforce or {})}}
        up = load(world, faults=[{"vendor": "salesforce", **each} for each in faults])
        app = {
            "salesforce_consumer_key": up.salesforce_consumer_key,
            "salesforce_consumer_secret": up.salesforce_consumer_secret,
        }
        settings = Settings(salesforce_url=up.vendor_url("salesforce"), **app)
        deadline = time.monotonic() + 20
        return SalesforceWriter(settings, WriteKeys(**app), deadline=deadline), Salesforce(settings, deadline=deadline)

    return start


@pytest.fixture
def org():
    """Start an org with a script; a writer of it, and the org."""
    up = []

    def start(*replies, seconds=20.0):
        up.append(Org(*replies))
        settings = Settings(salesforce_url=up[-1].url)
        return SalesforceWriter(settings, KEYS, deadline=time.monotonic() + seconds), up[-1]

    yield start
    for each in up:
        each.stop()


def writes(server):
    return [each for each in server.asked if each.method != "GET"]


def fails(writer, **given):
    with pytest.raises(Exception) as failed:
        writer.upsert_case(**{**GIVEN, **given})
    return failed.value


def test_a_case_is_made_once(box):
    """The second run finds it, and writes nothing."""
    writer, reader = box()
    made, again = writer.upsert_case(**GIVEN), writer.upsert_case(**GIVEN)
    (row,) = reader.cases_of(case=CASE).rows

    assert {"id": row["id"], "status": "created", "already": False} == made
    assert {"id": row["id"], "status": "found", "already": True} == again
    assert (CASE, ACCOUNT, "New") == (row["external_id"], row["account"], row["status"])


def test_what_is_sent_is_the_portals_payload(org):
    """By the external id alone, never a plain create; and nothing that lets a duplicate through."""
    writer, server = org(EMPTY, MADE)
    assert {"id": NEW, "status": "created", "already": False} == writer.upsert_case(**GIVEN)
    (sent,) = writes(server)

    assert ("PATCH", f"/services/data/v62.0/sobjects/Case/Portal_Case_Id__c/{CASE}") == (
        sent.method,
        sent.path.removeprefix("/salesforce"),
    )
    assert {
        "AccountId": ACCOUNT,
        "Subject": "crown CASE-1042",
        "Priority": "High",
        "Due_Date__c": "2026-12-01",
        "Origin": "Portal",
        "Status": "New",
    } == sent.body
    assert "sforce-duplicate-rule-header" not in sent.headers


def test_a_day_that_is_not_known_is_not_sent(org):
    """Whether it must be there is Salesforce's to say."""
    writer, server = org(EMPTY, MADE)
    writer.upsert_case(**{**GIVEN, "due_date": None})

    assert "Due_Date__c" not in writes(server)[0].body


def test_a_case_that_is_there_is_not_written_over(org):
    """The laboratory may have changed it since."""
    writer, server = org(FOUND)

    assert {"id": "500SB0000000001AAA", "status": "found", "already": True} == writer.upsert_case(**GIVEN)
    assert [] == writes(server)


def test_a_deleted_case_is_no_twin(box):
    """An upsert does not see what is in the recycle bin: a new one is made."""
    writer, reader = box(
        salesforce={"cases": [{"Id": "500SB0000000001AAA", "Portal_Case_Id__c": CASE, "IsDeleted": True}]}
    )

    assert "created" == writer.upsert_case(**GIVEN)["status"]
    assert [False, True] == sorted(row["deleted"] for row in reader.cases_of(case=CASE).rows)


def test_a_lost_answer_makes_no_second_case(box):
    """The write happened and its answer was lost: it is read back, and found the next time."""
    writer, reader = box({"route": "PATCH /services/data/*/sobjects/Case/*", "after_effect": "drop_connection"})

    made, again = writer.upsert_case(**GIVEN), writer.upsert_case(**GIVEN)
    (row,) = reader.cases_of(case=CASE).rows

    assert {"id": row["id"], "status": "created", "already": False} == made
    assert {"id": row["id"], "status": "found", "already": True} == again


def test_an_answer_that_cannot_be_read_is_read_back(org):
    """What stands in Salesforce decides."""
    for body in ("<html>", {"success": False, "id": NEW}, {"success": True, "id": "x"}, [7]):
        writer, server = org(EMPTY, Reply(201, body=body), FOUND)
        assert "created" == writer.upsert_case(**GIVEN)["status"]
        assert 1 == len(writes(server))


def test_an_answer_that_never_comes_is_read_back(org):
    """The write leaves time for that."""
    writer, server = org(EMPTY, Reply(after_s=30), FOUND, seconds=6.5)

    assert "created" == writer.upsert_case(**GIVEN)["status"]
    assert 1 == len(writes(server))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, body=refusal("SERVER_UNAVAILABLE")), Unreachable),
        (Reply(reset=True), Unreachable),
        (Reply(after_s=30), TimedOut),
    ],
)
def test_a_case_that_is_not_there_yet_is_uncertain(reply, kind, org):
    """A 503 to a write too: it is not sent again, and the error does not say that nothing was done."""
    writer, server = org(EMPTY, reply, EMPTY, seconds=6.5)
    error = fails(writer)

    assert (kind, False) == (type(error), certain(error))
    assert "not known" in error.says
    assert "run the same command again" in error.hint
    assert 1 == len(writes(server))


@pytest.mark.parametrize("code", ["UNSUPPORTED_API_VERSION", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "STRING_TOO_LONG"])
def test_a_server_that_fails_may_name_any_code(code, org):
    """A 500 is no refusal, whatever it says: nobody takes it for certain that nothing was done."""
    writer, _ = org(EMPTY, Reply(500, body=refusal(code)), EMPTY)
    error = fails(writer)

    assert (Unreachable, f"salesforce.{code.lower()}", False) == (type(error), error.code, certain(error))


def test_a_case_is_not_sent_in_the_last_moment(org):
    """Its answer would not come in time: nothing is sent, and the error says so."""
    writer, server = org(EMPTY, seconds=5.5)
    error = fails(writer)

    assert (TimedOut, True) == (type(error), error.nothing_done)
    assert [] == writes(server)


def test_what_cannot_be_read_back_is_not_verified(org):
    """Even where the look is refused, which says nothing of the write."""
    writer, _ = org(EMPTY, Reply(503), Reply(403, body=refusal("API_DISABLED_FOR_ORG")))
    error = fails(writer)

    assert (Unverified, "salesforce.unread", False) == (type(error), error.code, certain(error))


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply(400, body=refusal("REQUIRED_FIELD_MISSING", "", "Due_Date__c")), Refused, "required_field_missing"),
        (Reply(400, body=refusal("DUPLICATES_DETECTED")), Refused, "duplicates_detected"),
        (Reply(400, body=refusal("SOMETHING_NEW")), Refused, "something_new"),
        (Reply(403, body=refusal("INSUFFICIENT_ACCESS_OR_READONLY")), Denied, "insufficient_access_or_readonly"),
        (Reply(403, body=refusal("REQUEST_LIMIT_EXCEEDED")), RateLimited, "request_limit_exceeded"),
        (Reply(429), RateLimited, "rate_limited"),
        (Reply(410, body=refusal("UNSUPPORTED_API_VERSION")), NotConfigured, "unsupported_api_version"),
        (Reply(300, body=["/services/data/v62.0/sobjects/Case/1"]), Refused, "several_cases"),
    ],
)
def test_a_refusal_is_certain(reply, kind, code, org):
    """Nothing was done, it is not sent again, and the vendor's text is not told."""
    writer, server = org(EMPTY, reply)
    error = fails(writer)

    assert (kind, f"salesforce.{code}", True) == (type(error), error.code, error.nothing_done)
    assert "canary" not in error.says + error.hint
    assert 1 == len(writes(server))


def test_a_session_that_ended_does_not_cost_the_write(org):
    """It is refused before anything is done, so the same is sent again with a new session."""
    writer, server = org(EMPTY, Reply(401, body=refusal("INVALID_SESSION_ID")), MADE)

    assert "created" == writer.upsert_case(**GIVEN)["status"]
    first, second = writes(server)
    assert (first.path, first.body, 2) == (second.path, second.body, len(server.logins))


def test_a_lasting_401_is_certain(org):
    """Two log-ins, two writes, and nothing done."""
    writer, server = org(EMPTY, Reply(401, body=refusal("INVALID_SESSION_ID")))
    error = fails(writer)

    assert (Unauthenticated, True) == (type(error), error.nothing_done)
    assert (2, 2) == (len(server.logins), len(writes(server)))


def test_a_locked_row_is_tried_again(box):
    """Three times in all, with growing pauses."""
    lock = {"route": "PATCH /services/data/*/sobjects/Case/*", "error": "UNABLE_TO_LOCK_ROW", "times": 2}
    writer, reader = box(lock)
    start = time.monotonic()

    assert "created" == writer.upsert_case(**GIVEN)["status"]
    assert time.monotonic() - start >= 1.5
    assert 1 == len(reader.cases_of(case=CASE).rows)


def test_a_row_that_stays_locked_is_certain(org):
    """Each of the three did nothing."""
    writer, server = org(EMPTY, Reply(400, body=refusal("UNABLE_TO_LOCK_ROW")))
    error = fails(writer)

    assert (Locked, "salesforce.unable_to_lock_row", True) == (type(error), error.code, error.nothing_done)
    assert 3 == len(writes(server))


def test_somebody_who_was_faster_made_it(org):
    """A duplicate value is the other one's case: it is found, and done."""
    duplicate = Reply(400, body=refusal("DUPLICATE_VALUE", "duplicate value found: on record with id: 500SB0000000001"))
    writer, _ = org(EMPTY, duplicate, FOUND)

    assert {"id": "500SB0000000001AAA", "status": "found", "already": True} == writer.upsert_case(**GIVEN)


def test_a_duplicate_of_another_field_stays_refused(org):
    """No case has our id: it is another field that must be unique."""
    writer, _ = org(EMPTY, Reply(400, body=refusal("DUPLICATE_VALUE")), EMPTY)
    error = fails(writer)

    assert (Refused, "salesforce.duplicate_value", True) == (type(error), error.code, error.nothing_done)


def test_a_case_that_was_there_is_said_to_be_found(org):
    """An upsert that met one answers 200, or 204 in older versions."""
    writer, _ = org(EMPTY, Reply(200, body={"id": NEW, "success": True, "errors": [], "created": False}))
    assert {"id": NEW, "status": "found", "already": True} == writer.upsert_case(**GIVEN)

    writer, _ = org(EMPTY, Reply(204, body=""), FOUND)
    assert {"id": "500SB0000000001AAA", "status": "found", "already": True} == writer.upsert_case(**GIVEN)

    writer, _ = org(EMPTY, Reply(204, body=""), EMPTY)
    assert (Unverified, False) == (type(error := fails(writer)), certain(error))


def test_two_twins_are_for_a_person(org):
    """Which of them is the one, an upsert could not tell either."""
    writer, server = org(Reply(body=page(case(1), case(2))))
    error = fails(writer)

    assert (Refused, "salesforce.several_cases", True) == (type(error), error.code, error.nothing_done)
    assert "500SB0000000001AAA, 500SB0000000002AAA" in error.says
    assert [] == writes(server)


@pytest.mark.parametrize(
    "text", ["' OR Id != '", "../../Account/1", "a b/c?x#y", "%2e%2e", "\u0660b8d", "", f"{CASE}\n"]
)
def test_what_is_no_id_is_not_sent(text, org):
    """Neither as the case's, which becomes a part of the address, nor as the account's."""
    writer, server = org(EMPTY, MADE)
    wrong, account = fails(writer, case=text), fails(writer, account=text)

    assert ("salesforce.malformed_case", True) == (wrong.code, wrong.nothing_done)
    assert ("salesforce.malformed_account", True) == (account.code, account.nothing_done)
    assert ([], []) == (server.asked, server.logins)


@pytest.mark.parametrize("reply", [Reply(503), Reply(403), Reply(body="<html>"), Reply(reset=True)])
def test_without_a_look_for_the_twin_nothing_is_written(reply, org):
    """And the error says so."""
    writer, server = org(reply, seconds=2)

    assert fails(writer).nothing_done
    assert [] == writes(server)


def test_without_its_own_credentials_nothing_is_written():
    """Those that read do not take their place."""
    with pytest.raises(NotConfigured) as refused:
        SalesforceWriter(
            Settings(
                salesforce_url="https://peak.my.salesforce.com",
                salesforce_consumer_key="k",
                salesforce_consumer_secret="s",
            ),
            WriteKeys(),
            deadline=time.monotonic() + 1,
        )

    assert ("salesforce.no_write_key", True) == (refused.value.code, refused.value.nothing_done)
