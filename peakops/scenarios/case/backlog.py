"""
The subjects of `case backlog`: every submitted case of a window with all that `case check` would look at.

Salesforce's records and the portal's cases both come newest first, so that a case is complete as soon as the records
have passed the moment at which it was made: what is made of it is younger. What is still open then is looked up in
batches that grow: so few questions, and the first answers soon.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from peakops.errors import PeakopsError
from peakops.scenario import Row
from peakops.scenarios.backlogs import Read, Stream, Subject
from peakops.scenarios.case import accounts, looks, payload
from peakops.scenarios.case.backlog_row import split
from peakops.scenarios.case.records import carries, same

LEAD = timedelta(minutes=15)
"""How much older than its case a record may be: the clocks differ."""
FIRST_BATCH, GROWTH = 100, 10
"""How many cases are looked up together at first, and how many times as many each time after."""
MOST_HOLDERS = 20
"""As the check reads of them."""
SOURCES = {
    **dict.fromkeys(("case", "holders", "audit"), "database"),
    **dict.fromkeys(looks.OF_SALESFORCE, "salesforce"),
}
"""From where each look is."""
ONCE = {"fields": "describe", "limits": "limits", "identity": "identity"}
"""Looks whose answer is the same for every case, and the calls that bring them."""
Answer = Any
"""A row, rows, or the PeakopsError that stands for them."""


@dataclass
class _Run:
    """What one run knows while it goes."""

    stream: Stream
    read: Read
    since: datetime
    until: datetime
    now: datetime
    silent: dict[str, PeakopsError]
    held: dict[str, list[Row]] = field(default_factory=dict)
    """Records by the portal's id, until their case comes."""
    late: list[tuple[Row, list[Row], list[Row]]] = field(default_factory=list)
    """Cases with their log and the records of their id, of which more is to be looked up."""
    room: int = FIRST_BATCH
    once: dict[str, Answer] = field(default_factory=dict)
    accounts: Answer = None
    shared: Answer = None
    lone: Answer = None
    """By subject, the records without the portal's id: a twin may be among them."""

    @property
    def end(self) -> datetime:
        """Until when Salesforce is read: what is made of a case comes later than it."""
        return max(self.until, self.now) + LEAD

    @property
    def window(self) -> dict[str, datetime]:
        return {"since": self.since, "until": self.until}

    def ask(self, look: str, source: str, call: str, pick: Callable[[Any], Any] = list, **params: Any) -> Answer:
        """What `pick` makes of a look's rows, or the error that it ended in; raises what only the operator can mend."""
        try:
            return pick(self.read(source, call, params).rows)
        except PeakopsError as wrong:
            if wrong.code.endswith(".malformed"):
                raise
            self.silent[look] = wrong
            return wrong

    def begin(self) -> None:
        """What is the same for every case."""
        for name, call in ONCE.items():
            self.once[name] = self.ask(name, "salesforce", call, list if name == "fields" else _single)
        (known,) = self.read("database", "rows", {"query": "case/backlog_known", **self.window}).rows
        ids = accounts.to_ask({"salesforce_account_id": each} for each in known["accounts"] or ())
        self.accounts = self.ask("account", "salesforce", "accounts", accounts.by_id, ids=ids)
        self.shared = self.rows("holders", "case/backlog_shared", _by_record)
        self.lone = self._without_id(known["shapes"] or [])

    def _without_id(self, shapes: list[str]) -> Answer:
        found: dict[str, list[Row]] = {}
        window = {"since": self.since - LEAD, "until": self.end}
        try:
            for page in self.stream("salesforce", "lone_cases", {"shapes": shapes, **window}):
                for row in page:
                    found.setdefault(row["subject"].casefold(), []).append(row)
        except PeakopsError as wrong:
            self.silent["near"] = wrong
            return wrong
        return found

    def may_have_twin(self, case: Row) -> bool:
        """Whether a record without the portal's id has the case's subject."""
        return payload.subject(case).casefold() in self.lone

    def rows(self, look: str, query: str, pick: Callable[[Any], Any] = list, **params: Any) -> Answer:
        return self.ask(look, "database", "rows", pick, query=query, **params)

    def cases(self) -> Iterator[tuple[Row, list[Row]]]:
        """Each case with its log, from the rows of their join."""
        rows = self.stream("database", "stream", {"query": "case/backlog", **self.window})
        for _, group in groupby(rows, key=lambda row: row["id"]):
            yield split(list(group))

    def hold(self, page: list[Row]) -> None:
        for each in page:
            self.held.setdefault(str(each["external_id"]).lower(), []).append(each)


def subjects(
    stream: Stream, read: Read, since: datetime, until: datetime, now: datetime, silent: dict[str, PeakopsError]
) -> Iterator[Subject]:
    """
    Every case once, as soon as it is complete. Raises PeakopsError where nothing more can be known.

    `read` is asked while the stream is open. A look that fails for many of them is silence in their looks, and named
    in `silent`; the failure of a stream ends it.
    """
    run = _Run(stream, read, since, until, now, silent)
    pages = stream("salesforce", "portal_cases", {"since": since - LEAD, "until": run.end})
    with closing(pages), closing(run.cases()) as cases:  # type: ignore[type-var]  # both are generators
        first: list[Row] = next(pages, [])
        run.begin()
        following = next(cases, None)
        for page in _and(first, pages):
            run.hold(page)
            while following and page and page[-1]["created_at"] <= following[0]["created_at"] - LEAD:
                yield from _complete(run, *following)
                following = next(cases, None)
        while following:
            yield from _complete(run, *following)
            following = next(cases, None)
        yield from _looked_up(run)


def _and(first: list[Row], rest: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield first
    yield from rest


def _single(rows: Any) -> Row | None:
    return next(iter(rows), None)


def _complete(run: _Run, case: Row, log: list[Row]) -> Iterator[Subject]:
    """The case, if it is linked to the one record that it can have; else it waits for its batch."""
    found = run.held.pop(str(case["id"]).lower(), [])
    record = found[0] if len(found) == 1 and not found[0]["deleted"] else None
    blind = isinstance(run.lone, PeakopsError)
    if record and same(record["id"], case["salesforce_case_id"]) and (blind or not run.may_have_twin(case)):
        near, shared = run.lone if blind else [], run.shared
        holders = shared if isinstance(shared, PeakopsError) else _holders(shared, case, [record["id"]])
        yield _subject(run, case, log, found=found, stored=record, near=near, holders=holders)
        return
    run.late.append((case, log, found))
    if len(run.late) >= run.room:
        yield from _looked_up(run)
        run.room *= GROWTH


def _looked_up(run: _Run) -> Iterator[Subject]:
    """The cases that wait: what they are linked to, what has their subject, and who else is linked to that."""
    batch, run.late = run.late, []
    if not batch:
        return
    known = [each["id"] for _, _, found in batch for each in found]
    ids = [case["salesforce_case_id"] for case, _, _ in batch if case["salesforce_case_id"]]
    stored = run.ask("stored", "salesforce", "cases_by_ids", accounts.by_id, ids=ids) if ids else {}
    near = _near(run, [case for case, _, _ in batch])
    twins = [] if isinstance(near, PeakopsError) else [each["id"] for rows in near.values() for each in rows]
    records = list(dict.fromkeys((*known, *ids, *twins)))
    holders = run.rows("holders", "case/backlog_holders", _by_record, records=records)
    for case, log, paged in batch:
        mine = near if isinstance(near, PeakopsError) else near[case["id"]]
        record = stored
        if not isinstance(stored, PeakopsError):
            record = stored.get(accounts.short(case["salesforce_case_id"]))
        alike = mine if isinstance(mine, list) else []
        # One with the portal's id may be older than the window, by a clock that is slow.
        found = paged or [each for each in alike if carries(each, case)]
        others = holders
        if not isinstance(holders, PeakopsError):
            rows = (*found, *alike)
            others = _holders(holders, case, [case["salesforce_case_id"], *(each["id"] for each in rows)])
        yield _subject(run, case, log, found=found, stored=record, near=mine, holders=others)


def _near(run: _Run, cases: list[Row]) -> Answer:
    """By case, the records on its practice's account that have its subject and are not older than it."""
    asked = {payload.subject(case): case for case in cases if case["salesforce_account_id"]}
    found: dict[Any, list[Row]] = {case["id"]: [] for case in cases}
    if not asked:
        return found
    since = min(case["created_at"] for case in asked.values()) - looks.AHEAD
    params = {"subjects": list(asked), "since": since, "until": run.end}
    rows = run.ask("near", "salesforce", "cases_by_subjects", **params)
    if isinstance(rows, PeakopsError):
        return rows
    for row in rows:
        case = asked[row["subject"]]
        young = row["created_at"] >= case["created_at"] - looks.AHEAD
        if young and same(row["account"], case["salesforce_account_id"]):
            found[case["id"]].append({key: value for key, value in row.items() if key != "subject"})
    return found


def _by_record(rows: Any) -> dict[str, list[Row]]:
    """The cases that are linked to each record."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(accounts.short(row["salesforce_case_id"]), []).append(row)
    return found


def _holders(linked: dict[str, list[Row]], case: Row, records: list[str | None]) -> list[Row]:
    """The other cases that are linked to one of these records."""
    wanted = dict.fromkeys(accounts.short(each) for each in records if each)
    mine = [row for each in wanted for row in linked.get(each, ()) if row["id"] != case["id"]]
    return sorted(mine, key=lambda row: (row["case_number"], row["id"]))[:MOST_HOLDERS]


def _subject(run: _Run, case: Row, log: list[Row], **found: Answer) -> Subject:
    account = run.accounts
    if not isinstance(account, PeakopsError):
        account = account.get(accounts.short(case["salesforce_account_id"]))
    return Subject(
        id=str(case["id"]),
        name=case["case_number"],
        practice=case["practice"],
        at=case["created_at"],
        looks={"case": case, "audit": log, "account": account, **run.once, **found},
    )
