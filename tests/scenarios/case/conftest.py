"""Literal facts for judgements on a case: one of three hours ago that timed out, and whatever a test says of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.case.check import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ID, OTHER = "66666666-6666-4666-8666-000000001042", "66666666-6666-4666-8666-000000001043"
ACCOUNT, ANOTHER = "001SB0000000001AAA", "001SB0000000002AAA"
RECORD, SECOND = "500SB0000001042AAA", "500SB0000001043AAA"
LOOKS = {
    **dict.fromkeys(("case", "changes", "team_changes", "audit", "holders"), "database"),
    **dict.fromkeys(("found", "stored", "near", "account", "fields", "limits", "identity"), "salesforce"),
}
SINGLE = ("case", "stored", "account", "limits", "identity")
KEY = "Portal_Case_Id__c"


def ago(**much):
    return NOW - timedelta(**much)


def case(**said):
    base = {
        "id": ID,
        "case_number": "CASE-1042",
        "case_type": "crown",
        "priority": "normal",
        "due_date": date(2026, 12, 4),
        "status": "failed",
        "salesforce_case_id": None,
        "has_error": True,
        "error_code": "timeout",
        "error_fields": [],
        "sync_attempted_at": ago(minutes=175),
        "created_at": ago(hours=3),
        "practice_id": "p-1",
        "practice": "Smile Care",
        "practice_status": "active",
        "salesforce_account_id": ACCOUNT,
    }
    return {**base, **said}


def refused(code, *fields, **said):
    """A case whose last attempt was refused with a code."""
    return case(error_code=code, error_fields=list(fields), **said)


def untried(**said):
    """A case that nothing was tried for."""
    return case(**{"status": "submitted", "has_error": False, "error_code": None, "sync_attempted_at": None, **said})


def linked(**said):
    return untried(**{"status": "synced", "salesforce_case_id": RECORD, "sync_attempted_at": ago(minutes=175), **said})


def line(action, at=None, code=None, *fields):
    """A line of the audit log, of the submission's time."""
    return {
        "id": 1,
        "action": action,
        "created_at": at or ago(hours=3),
        "error_code": code,
        "error_fields": list(fields),
    }


CREATED = line("case.created")


def record(**said):
    base = {
        "id": RECORD,
        "number": "00041042",
        "external_id": ID,
        "account": ACCOUNT,
        "status": "New",
        "created_at": ago(minutes=175),
        "deleted": False,
    }
    return {**base, **said}


def account(**said):
    return {**{"id": ACCOUNT, "name": "Smile Care", "deleted": False, "master_id": None}, **said}


def holder(**said):
    return {**{"id": OTHER, "case_number": "CASE-1043", "status": "synced", "salesforce_case_id": RECORD}, **said}


def field(name, **said):
    base = {
        "name": name,
        "type": "string",
        "nillable": True,
        "createable": True,
        "defaulted": False,
        "length": 255,
        "restricted": False,
        "values": [],
        "external_id": False,
        "unique": False,
        "reference_to": [],
    }
    return {**base, **said}


def described(**more):
    """The fields of Case, with what is said of some of them; None takes a field away."""
    usual = {
        "Id": field("Id", type="id", nillable=False, createable=False, defaulted=True, length=18),
        KEY: field(KEY, length=36, external_id=True, unique=True),
        "AccountId": field("AccountId", type="reference", length=18, reference_to=["Account"]),
        "Subject": field("Subject"),
        "Priority": field("Priority", type="picklist", values=["Low", "Normal", "High", "Rush"]),
        "Due_Date__c": field("Due_Date__c", type="date", length=0),
        "Origin": field("Origin", type="picklist", values=["Portal", "Phone"]),
        "Status": field("Status", type="picklist", values=["New", "Closed"], defaulted=True),
    }
    said = {name: {**usual.get(name, field(name)), **each} for name, each in more.items() if each is not None}
    return [each for name, each in {**usual, **said}.items() if more.get(name, {}) is not None]


IDENTITY = {
    "user_id": "005SB0000000001AAA",
    "username": "integration@peakdental.example",
    "active": True,
    "organization_id": "00DSB0000000001AAA",
    "instance": "USA900",
    "sandbox": False,
    "flow": "client_credentials",
    "version": "62.0",
    "case_field": KEY,
}


def limits(left=14000):
    return {"daily_max": 15000, "daily_remaining": left, "daily_used": 15000 - left}


def fault(category, code="", source="salesforce"):
    """Why a look was not answered."""
    return Fault(
        code=code or f"{source}.failed", category=category, message=f"{source} says {category}.", source=source
    )


def evidence(silent=(), faults=None, notes=None, **said):
    """Every look: as of a case that timed out and is not there, or with what the test says; some silent or refused."""
    given = {
        **{name: [] for name in LOOKS},
        "case": [case()],
        "audit": [CREATED],
        "account": [account()],
        "fields": described(),
        "limits": [limits()],
        "identity": [IDENTITY],
        **said,
    }
    wrong = {name: fault("upstream", source=LOOKS[name]) for name in silent} | (faults or {})
    return tuple(
        Evidence(
            name=name,
            source=source,
            at=NOW,
            rows=() if name in wrong else tuple(given[name]),
            single=name in SINGLE,
            notes=(notes or {}).get(name, ()),
            error=wrong.get(name),
        )
        for name, source in LOOKS.items()
    )


def judged(**said):
    looked = evidence(**said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


@pytest.fixture
def judge():
    """Judge literal facts: `judge(found=[record()])` returns what the verdict is and what was found."""
    return judged
