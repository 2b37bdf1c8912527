"""
List the deletions that were made: when, for which request, and what.

Out of the log in the database, and of this station's journal, which a restored database does not forget. Nobody is
named: `subject` is a keyed hash.

Example: peakops data log --since 30d --json
"""

from datetime import datetime

from peakops.model import Row, Severity
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip
from peakops.scenarios.data import erasures
from peakops.scenarios.words import day


def gather(look: Look, since: datetime, until: datetime) -> None:
    """Declare the looks at both logs."""
    erasures.look_for(look, since, until)


def forgotten(facts: Facts) -> Outcome:
    if not facts.known("deletions", "erasures"):
        return skip("One of the logs could not be read.")
    missing = [each for each in erasures.lines(facts) if each["known_by"] == "journal"]
    if missing:
        requests = ", ".join(each["request"] for each in missing)
        return found("forgotten", f"The database does not know {requests}, which this station carried out.")
    return ok("The database knows every deletion that this station carried out.")


def unfinished(facts: Facts) -> Outcome:
    left = [each for each in erasures.lines(facts) if not each["finished"]]
    if left:
        return found("account_left", f"Of {left[0]['request']} the account in Supabase Auth is still to be deleted.")
    return ok("Every deletion was carried out to its end.")


def listed(facts: Facts) -> Outcome:
    known = facts["deletions"]
    lines = erasures.lines(facts)
    if not lines:
        return found("no_deletions", "Neither log knows of a deletion in this time.")
    last = lines[0]
    many = f"{len(lines)} deletion{'s' * (len(lines) != 1)}, {len(known)} of them in the database's log"
    return found("listed", f"{many}; the last on {day(last['executed_at'])} (request {last['request']}).")


def data(facts: Facts) -> Row:
    """The lines, for people and scripts."""
    return {"items": [{**each, "says": _says(each)} for each in erasures.lines(facts)]}


def _says(each: Row) -> str:
    parts = (
        day(each["executed_at"]),
        each["request"],
        (each["subject"] or "no hash")[:12],
        f"by {each['operator']}",
        _counted(each["counts"] or {}),
        f"ground {each['basis']}",
        f"known by {each['known_by']}",
    )
    return "  ".join(parts)


def _counted(counts: Row) -> str:
    """How many rows went which way: 12 deleted, 3 kept without the person."""
    by: dict[str, int] = {}
    for of_table in counts.values():
        for effect, rows in of_table.items():
            if isinstance(rows, int) and not isinstance(rows, bool):
                by[effect] = by.get(effect, 0) + rows
    words = {
        "delete": "deleted",
        "null": "kept without the person",
        "auth": "by Supabase Auth",
        "own": "in the audit log",
    }
    return ", ".join(f"{by[effect]} {says}" for effect, says in words.items() if by.get(effect)) or "no rows"


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(forgotten, unfinished, listed),
    subject=(),
    needs={Severity.WARNING: ("deletions",), Severity.OK: ("deletions", "erasures")},
    data=data,
    plural="deletions",
)
