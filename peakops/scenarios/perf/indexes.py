"""Indexes that cost writes and memory without helping a query. Pure."""

import re

from peakops.model import Outcome, Row
from peakops.scenario import Facts, skip
from peakops.scenarios.perf.statements import size
from peakops.scenarios.perf.triage import Problem, outcome
from peakops.scenarios.words import lasting

FEW = 50
"""Scans of an index that is hardly used at most (supabase inspect, PgHero)."""
PAGES = 128
"""Pages of such an index at least, 1 MiB: a smaller one is not worth the risk (rails-pg-extras)."""
LEFT = re.compile(r'_cc(new|old)\d*"?$')
"""How PostgreSQL names what a 'reindex concurrently' that failed leaves behind."""
OLD_S = 14 * 86_400
"""How long statistics must have counted before 'unused' means anything: two weeks, with a month's end in most."""


def index_invalid(facts: Facts) -> Outcome:
    return outcome(invalid(facts), "Every index is valid.")


def invalid(facts: Facts) -> list[Problem]:
    """Indexes that a 'concurrently' left behind half made: written to, and never read."""
    rows = [each for each in facts["indexes"] if not each["valid"]]
    return [_problem("index_invalid", each, "is invalid", _mended(each), "") for each in rows]


def _mended(row: Row) -> str:
    """The statement that makes it anew; what a 'reindex' left beside the index that it was made for only goes."""
    verb = "drop" if LEFT.search(row["name"]) else "reindex"
    return f"{verb} index concurrently {row['name']};"


def index_duplicate(facts: Facts) -> Outcome:
    return outcome(duplicates(facts), "No index is the beginning of another one.")


def duplicates(facts: Facts) -> list[Problem]:
    """Indexes whose columns another index of the same table begins with."""
    rows = [each for each in facts["indexes"] if each["valid"] and each["twin"]]
    return [_dropped("index_duplicate", each, f"does nothing that {each['twin']} does not do") for each in rows]


def index_unused(facts: Facts) -> Outcome:
    counted = facts["server"]["counted_s"]
    if facts["server"]["standby"]:
        return skip("This is a replica: which indexes the primary uses does not show here.")
    if counted < OLD_S:
        return skip(f"The statistics are {lasting(counted)} old; whether an index is unused shows after 14 days.")
    return outcome(unused(facts), f"Every index of some size is used. Counted for {lasting(counted)}.")


def unused(facts: Facts) -> list[Problem]:
    """Indexes that hardly any query used, which neither keep something unique nor serve a foreign key."""
    if facts["server"]["counted_s"] < OLD_S or facts["server"]["standby"]:
        return []
    rows = [each for each in facts["indexes"] if each["valid"] and not each["twin"] and _hardly_used(each)]
    return [_dropped("index_unused", each, f"was used {each['scans']:,} times") for each in rows]


def _hardly_used(row: Row) -> bool:
    idle = row["scans"] <= FEW and row["pages"] >= PAGES
    return idle and not (row["constrains"] or row["covers_key"] or row["is_twin"])


def _dropped(code: str, row: Row, why: str) -> Problem:
    again = row["definition"].replace(" INDEX ", " INDEX CONCURRENTLY ", 1)
    return _problem(code, row, why, f"drop index concurrently {row['name']};", f"{again};")


def _problem(code: str, row: Row, why: str, run: str, undo: str) -> Problem:
    says = f"{row['name']} on {row['table']} ({size(row['bytes'])}) {why}."
    return Problem(code=code, on=row["name"], says=says, run=run, undo=undo)
