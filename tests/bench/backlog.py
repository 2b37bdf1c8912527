"""
`case backlog` at scale: `python tests/bench/backlog.py`, or as a part of `nox -s bench`.

50,000 made-up cases of a week with their log, their records in Salesforce, and 500 planted faults. The peer is the bare
reading of the same in the same run: psycopg streams the same rows, and requests pages the same records, one after the
other, and nothing is judged. Exit 1 if a target is missed.
"""

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from promises import PEAKOPS, Kept, alone, any_seed, found_all, load, verdicts
from reconcile import _sandbox, _watch

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CASES, FAULTS, PRACTICES = 50_000, 500, 50
PAGE = 2000
BESIDE = 15
"""Requests beside the pages: two log-ins, the user, the org, limits, fields, accounts, and what is looked up by id."""
KINDS = (
    "missing_in_salesforce",
    "created_not_linked",
    "outcome_unknown",
    "duplicate_in_salesforce",
    "validation_failed",
)
Row = dict[str, object]


@dataclass(frozen=True)
class Swept:
    """One run of the command."""

    lines: list[Row]
    first_s: float
    whole_s: float
    peak_mb: int
    statements: int
    requests: int


def measure(home: Path, env: Mapping[str, str], cases: int = CASES, seed: int | None = None) -> list[Kept]:
    """Load the cases and hold the command to its promises."""
    seed = any_seed() if seed is None else seed
    print(f"\nA backlog of {cases:,} cases, seed {seed}")
    planted = _load(home, env, cases, seed)
    bare, joined = _bare(home), _joined(home)
    swept = sweep(env, home, ("case", "backlog"), "salesforce")
    allowed = -(-cases // PAGE) + BESIDE
    return [
        Kept(
            f"reading and joining {cases:,} cases, to bare psycopg and requests that read the same",
            f"{joined:.1f} s to {bare:.1f} s: {joined / bare:.1f} ×",
            "5 × or less",
            joined <= 5 * bare,
        ),
        Kept("the whole run, every case judged", f"{swept.whole_s:.0f} s", "within 60 s", swept.whole_s <= 60),
        Kept("SQL statements, all of them", str(swept.statements), "30 or fewer", swept.statements <= 30),
        Kept(
            "requests to Salesforce, all of them",
            str(swept.requests),
            f"{allowed} or fewer: one a page of {PAGE:,}, and {BESIDE}",
            swept.requests <= allowed,
        ),
        Kept("peak memory of the whole run", f"{swept.peak_mb} MB", "under 200 MB", swept.peak_mb < 200),
        Kept(
            "first line",
            f"{swept.first_s:.1f} s of {swept.whole_s:.1f} s",
            "in the first half",
            swept.first_s <= swept.whole_s / 2,
        ),
        *found_all(verdicts(swept.lines), planted, len(KINDS)),
    ]


class Cases:
    """The cases of a week, and what is wrong with some of them."""

    def __init__(self, count: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tables: dict[str, list[Row]] = {"practices": [], "cases": [], "audit_logs": []}
        self.records: list[Row] = []
        self.accounts: list[Row] = []
        self.planted: dict[str, str] = {}
        for number in range(PRACTICES):
            made = {"id": _id(1, number), "name": f"Practice {number}", "salesforce_account_id": _record("001", number)}
            self.tables["practices"].append(made)
            self.accounts.append({"Id": _record("001", number), "Name": f"Practice {number}", "IsDeleted": False})
        wrong = set(self.chance.sample(range(count), min(FAULTS, count // 20)))
        for number in range(count):
            self._case(number, self.chance.choice(KINDS) if number in wrong else "")

    def _case(self, number: int, fault: str) -> None:
        made = NOW - timedelta(seconds=self.chance.uniform(3600, 6.9 * 86400))
        practice = self.chance.randrange(PRACTICES)
        name, gone = f"CASE-{number}", fault in ("missing_in_salesforce", "outcome_unknown", "validation_failed")
        linked = not gone and fault != "created_not_linked"
        error = {"outcome_unknown": "timeout", "validation_failed": "REQUIRED_FIELD_MISSING: Required: [Due_Date__c]"}
        case: Row = {
            "id": _id(2, number),
            "case_number": name,
            "practice_id": _id(1, practice),
            "due_date": None if fault == "validation_failed" else "2026-12-04",
            "status": "synced" if linked else "failed",
            "salesforce_case_id": _record("500", number) if linked else None,
            "sync_error": error.get(fault, "SERVER_UNAVAILABLE: down") if gone else None,
            "sync_attempted_at": made.isoformat(),
            "created_at": made.isoformat(),
        }
        self.tables["cases"].append(case)
        for action in ("case.created", "case.sync_failed" if not linked else "case.synced"):
            said = {"error": case["sync_error"] or "timeout"} if action == "case.sync_failed" else {}
            about = {"resource_type": "case", "resource_id": case["id"], "details": said}
            self.tables["audit_logs"].append({"action": action, "created_at": made.isoformat(), **about})
        if not gone:
            self._record(number, practice, case, made)
        if fault == "duplicate_in_salesforce":
            self._record(number + 10_000_000, practice, case, made + timedelta(minutes=3), bare=True)
        if fault:
            self.planted[name] = fault

    def _record(self, number: int, practice: int, case: Row, made: datetime, *, bare: bool = False) -> None:
        self.records.append(
            {
                "Id": _record("500", number),
                "CaseNumber": f"{number:08d}",
                "Portal_Case_Id__c": None if bare else case["id"],
                "AccountId": _record("001", practice),
                "Subject": f"crown {case['case_number']}",
                "CreatedDate": (made + timedelta(seconds=20)).isoformat(),
            }
        )

    def world(self) -> Row:
        fields = [{"name": "Due_Date__c", "nillable": False}]
        org = {"accounts": self.accounts, "cases": self.records, "describe": {"Case": {"fields": fields}}}
        says = f"{len(self.tables['cases'])} cases, {len(self.planted)} of them with a fault."
        return {"world": "backlog", "says": says, "now": NOW.isoformat(), "tables": self.tables, "salesforce": org}


def _id(kind: int, number: int) -> str:
    return f"0b8d{kind:04d}-0000-4000-8000-{number:012d}"


def _record(prefix: str, number: int) -> str:
    return f"{prefix}SB{number:010d}AAA"


def _load(home: Path, env: Mapping[str, str], cases: int, seed: int) -> dict[str, str]:
    made = Cases(cases, seed)
    load(home / "backlog.json", made.world(), env, Counter(made.planted.values()))
    return made.planted


def _bare(home: Path) -> float:
    """Seconds in which the same rows and the same pages are read, and no more."""
    import psycopg
    import requests

    here = _sandbox(home)
    start = time.perf_counter()
    text = (Path(__file__).parents[2] / "sql" / "case" / "backlog.sql").read_text("utf-8")
    window = {"since": NOW - timedelta(days=7), "until": NOW}
    with psycopg.connect(here.database_url) as connection, connection.cursor() as cursor:
        rows = sum(1 for _ in cursor.stream(text, window, size=500))
    session, url = requests.Session(), here.vendor_url("salesforce")
    secret = {"client_id": here.salesforce_consumer_key, "client_secret": here.salesforce_consumer_secret}
    grant = {"grant_type": "client_credentials", **secret}
    token = session.post(f"{url}/services/oauth2/token", data=grant, timeout=60).json()["access_token"]
    session.headers.update({"Authorization": f"Bearer {token}", "Sforce-Query-Options": f"batchSize={PAGE}"})
    soql = (
        "SELECT Id, CaseNumber, Portal_Case_Id__c, AccountId, Status, CreatedDate, IsDeleted FROM Case "
        "WHERE Portal_Case_Id__c != null ORDER BY CreatedDate DESC, Id"
    )
    page = session.get(f"{url}/services/data/v62.0/queryAll", params={"q": soql}, timeout=60).json()
    records = len(page["records"])
    while not page["done"]:
        page = session.get(f"{url}{page['nextRecordsUrl']}", timeout=60).json()
        records += len(page["records"])
    seconds = time.perf_counter() - start
    print(f"bare: {rows:,} rows and {records:,} records in {seconds:.1f} s")
    return seconds


def _joined(home: Path) -> float:
    """Seconds in which our readers bring every case with all that its check looks at."""
    from peakops.scenarios.case import backlog
    from peakops.settings import Settings
    from peakops.sources import Sources

    here = _sandbox(home)
    settings = Settings(
        database_url=here.database_url,
        salesforce_url=here.vendor_url("salesforce"),
        salesforce_consumer_key=here.salesforce_consumer_key,
        salesforce_consumer_secret=here.salesforce_consumer_secret,
        clock=here.now,
    )
    streaming, beside = (Sources(settings, time.monotonic() + 600, home) for _ in range(2))
    start = time.perf_counter()
    seen = sum(1 for _ in backlog.subjects(streaming.stream, beside.read, NOW - timedelta(days=7), NOW, NOW, {}))
    seconds = time.perf_counter() - start
    print(f"joined: {seen:,} cases in {seconds:.1f} s")
    return seconds


def sweep(env: Mapping[str, str], home: Path, words: tuple[str, ...], vendor: str) -> Swept:
    """A command in a process of its own, with every statement logged by PostgreSQL and every request to the vendor."""
    import psycopg

    from peakops import sandbox

    log = home / "state" / "peakops" / "sandbox" / "log"
    with psycopg.connect(_sandbox(home).url_as("postgres"), autocommit=True) as admin:
        admin.execute("alter role peakops_reader set log_statement = 'all'")
    logged, before = log.stat().st_size, len(sandbox.requests(home / "state" / "peakops"))
    command = [str(each) for each in (*PEAKOPS, "--sandbox", *words, "--jsonl")]
    start, peak = time.perf_counter(), [0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as run:
        threading.Thread(target=_watch, args=(run, peak), daemon=True).start()
        lines = [run.stdout.readline()]
        first = time.perf_counter() - start
        lines += run.stdout
        run.wait()
    whole = time.perf_counter() - start
    asked = sandbox.requests(home / "state" / "peakops")[before:]
    with log.open("rb") as text:
        text.seek(logged)
        statements = len(re.findall(rb"LOG:  (?:statement|execute)", text.read()))
    return Swept(
        lines=[json.loads(each) for each in lines],
        first_s=first,
        whole_s=whole,
        peak_mb=peak[0],
        statements=statements,
        requests=sum(each["vendor"] == vendor for each in asked),
    )


if __name__ == "__main__":
    sys.exit(alone(__doc__, "cases", CASES, measure))
