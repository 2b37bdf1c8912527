"""Backlog and check are one judgement: in every world of a case, and of cases that make no sense, they say the same."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from peakops import report, sandbox
from peakops.backlog import judge, of_backlog
from peakops.investigate import Terms
from peakops.report import Frame
from peakops.scenarios.case import backlog, check

from .conftest import WORLDS

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CASES = 60
PRACTICES = 4
ERRORS = (
    *(None, None, "timeout", "SERVER_UNAVAILABLE: down", "UNABLE_TO_LOCK_ROW: locked", "DUPLICATES_DETECTED: x"),
    *("REQUIRED_FIELD_MISSING: Required fields are missing: [Due_Date__c]", "something else", "INVALID_SESSION_ID: x"),
)


class Chaos:
    """Cases, records and a log that refer to one another as chance will have it."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.practices, self.accounts = [], []
        self.cases, self.records, self.log = [], [], []
        for number in range(PRACTICES):
            stored = self.pick((self.account(number), self.account(number), None, "nonsense"))
            self.practices.append({"id": self.uuid(), "name": f"Practice {number}", "salesforce_account_id": stored})
            gone = self.pick((False, False, False, True))
            made = {"Id": self.account(number), "Name": f"Practice {number}", "IsDeleted": gone}
            self.accounts.append({**made, "MasterRecordId": self.account(9) if gone and self.pick((0, 1)) else None})
        for number in range(CASES):
            self.case(number)
        # Links that lead to another case's record, or nowhere.
        for case in self.chance.sample(self.cases, CASES // 10):
            case["salesforce_case_id"] = self.pick(self.records)["Id"] if self.pick((0, 1, 1)) else self.record_id(9999)

    def pick(self, values):
        return self.chance.choice(values)

    def uuid(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def account(self, number):
        return f"001SB{number:010d}AAA"

    def record_id(self, number):
        return f"500SB{number:010d}AAA"

    def case(self, number):
        made = NOW - timedelta(hours=self.chance.uniform(1, 120))
        practice, error = self.pick(self.practices), self.pick(ERRORS)
        status = self.pick(("synced", "synced", "failed", "submitted", "closed"))
        tried = made + timedelta(seconds=self.chance.uniform(1, 3000)) if self.pick((0, 1, 1)) else None
        row = {
            "id": self.uuid(),
            "case_number": f"CASE-{number}",
            "practice_id": practice["id"],
            "case_type": self.pick(("crown", "bridge")),
            "due_date": self.pick(("2026-12-04", "2026-12-04", None)),
            "status": status,
            "sync_error": error if tried and status != "synced" else None,
            "sync_attempted_at": tried.isoformat() if tried else None,
            "created_at": made.isoformat(),
        }
        self.cases.append(row)
        for _ in range(self.pick((0, 1, 1, 1, 2))):
            self.record(row, practice, made)
        self.logged(row, made)

    def record(self, case, practice, made):
        number = len(self.records) + 1
        account = self.pick((practice["salesforce_account_id"], self.account(number % PRACTICES)))
        at = made + timedelta(minutes=self.chance.uniform(1, 60))
        record = {
            "Id": self.record_id(number),
            "CaseNumber": f"{number:08d}",
            "Portal_Case_Id__c": self.pick((case["id"], case["id"], case["id"], None)),
            "AccountId": account if account and account.startswith("001") else self.account(0),
            "Subject": self.pick((f"{case['case_type']} {case['case_number']}",) * 2 + ("another one",)),
            "IsDeleted": self.pick((False, False, False, False, True)),
            "CreatedDate": at.isoformat(),
        }
        self.records.append(record)
        if self.pick((0, 1, 1, 1)):
            case["salesforce_case_id"] = record["Id"]

    def logged(self, case, made):
        for action in ("case.created", self.pick(("case.synced", "case.sync_failed", "case.sync_failed"))):
            if self.pick((0, 1, 1)):
                said = {"error": self.pick(ERRORS)} if action == "case.sync_failed" else {}
                at = (made + timedelta(minutes=self.chance.uniform(0, 50))).isoformat()
                about = {"resource_type": "case", "resource_id": case["id"], "details": said}
                self.log.append({"action": action, "created_at": at, **about})

    def world(self):
        fields = [{"name": "Due_Date__c", "nillable": False}]
        return {
            "world": "chaos",
            "says": "Nothing fits.",
            "now": NOW.isoformat(),
            "tables": {"practices": self.practices, "cases": self.cases, "audit_logs": self.log},
            "salesforce": {
                "accounts": [*self.accounts, {"Id": self.account(9), "Name": "A group"}],
                "cases": self.records,
                "describe": {"Case": {"fields": fields}},
            },
        }


def swept(first, second):
    """What the backlog says of each case, verdict and cause, and what it calls itself."""
    silent, items = {}, []
    found = backlog.subjects(first.stream, second.read, NOW - timedelta(days=120), NOW, NOW, silent)
    judged = (judge(check.SCENARIO, each, backlog.SOURCES, NOW) for each in found)
    frame = Frame(command="case backlog", environment="sandbox")
    whole = of_backlog(frame, check.SCENARIO, judged, silent, items.append).report
    told = {each.subject.name: (each.code, each.judged.ruling.cause) for each in items}
    assert len(told) == len(items)
    return told, whole.verdict.code


def checked(number, reader):
    frame = Frame(command="case check", environment="sandbox", given={"case": number})
    found = report.of_scenario(check.SCENARIO, frame, reader.read, Terms(seconds=30, now=lambda: NOW)).verdict
    return found.code, found.cause


def test_backlog_says_what_check_says(load, opened):
    """Of every case of a random world both have the same verdict and cause, and the backlog has each of them once."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    up = load(Chaos(seed).world())
    found, _ = swept(opened(up), opened(up))
    reader = opened(up)

    assert {f"CASE-{number}": checked(f"CASE-{number}", reader) for number in range(CASES)} == found


@pytest.mark.parametrize("name", sorted(each.stem for each in (WORLDS / "case").glob("*.json")))
def test_the_worlds_of_check(name, load, opened):
    """In each world of `case check` the backlog has its verdicts; where nothing is let out, the whole of it has."""
    document = sandbox.named(f"case/{name}")
    up = load(document)
    reader = opened(up)
    numbers = [each["case_number"] for each in document["tables"]["cases"] if each.get("status") != "draft"]
    said = {number: checked(number, reader) for number in numbers}
    found, whole = swept(opened(up), opened(up))

    if found:
        # Numbers that differ in their case alone are two cases to the backlog, and none to the check.
        assert {number: ruling for number, ruling in said.items() if ruling[0] != "ambiguous"} == found
    else:
        assert {code for code, _ in said.values()} <= {whole} or not numbers
