"""
What makes the database slow: policies, statements, indexes, locks, connections, memory and upkeep.

Asks about fifteen questions in one read-only transaction, and prints for each finding the statement that would put it
right, and its undo; nothing is changed. Run it with a role that has pg_monitor (PEAKOPS_DATABASE_PERF_URL): what a
role may not see is passed over and said, never taken for good.

Example: peakops perf db
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from peakops.model import Outcome, Severity, Verdict
from peakops.playbook import Question
from peakops.scenario import Check, Facts, Look, Missing, Scenario, found, skip
from peakops.scenarios.perf import indexes, policies, sessions, statements, tables
from peakops.scenarios.perf.triage import MANAGED, SMALL, Problem, forbidden, without_statements

SOURCE = "performance"
LOOKS = (*("server", "sessions", "roles", "statements", "policies", "tables", "foreign_keys", "indexes", "sequences"),)
"""The sessions come first: they tell of this moment, all else of weeks."""


def gather(look: Look) -> None:
    """Declare the looks; each is one statement, and none waits for another."""
    for name in LOOKS:
        look.at(SOURCE, name, "rows" if name != "server" else "only", query=f"perf/{name}", **PARAMETERS.get(name, {}))


PARAMETERS: dict[str, dict[str, Any]] = {
    "sessions": {"least": sessions.OPEN_S},
    "statements": {
        "words": list(statements.WORDS),
        "services": list(statements.SERVICES),
        "most": statements.MOST,
    },
    "policies": {"least": SMALL},
    "tables": {"least": SMALL},
    "foreign_keys": {"managed": list(MANAGED), "least": SMALL},
    "indexes": {"managed": list(MANAGED), "few": indexes.FEW, "pages": indexes.PAGES},
    "sequences": {"managed": list(MANAGED), "percent": tables.NEARLY_FULL},
}


@dataclass(frozen=True)
class Asked:
    """A question: its problems, what it is about, and the playbook's remedy for what it finds."""

    problems: Callable[[Facts], list[Problem]]
    about: str
    remedy: str
    """index, pagination, caching (the playbook's), or query, policy, upkeep, session, capacity."""


QUESTIONS: dict[str, Asked] = {
    "locks": Asked(sessions.blockers, "sessions", "session"),
    "transactions": Asked(sessions.long_open, "sessions", "session"),
    "connections": Asked(sessions.crowded, "sessions", "capacity"),
    "policies": Asked(policies.per_row, "policies", "policy"),
    "permissive": Asked(policies.piled_up, "policies", "policy"),
    "statements": Asked(statements.slow, "statements", "index"),
    "unbounded": Asked(statements.too_many_rows, "statements", "pagination"),
    "n_plus_one": Asked(statements.repeated, "statements", "caching"),
    "temp_files": Asked(statements.spilling, "statements", "query"),
    "timeouts": Asked(statements.near_limit, "statements", "index"),
    "seq_scans": Asked(tables.scanned, "tables", "index"),
    "foreign_keys": Asked(tables.uncovered, "tables", "index"),
    "upkeep": Asked(tables.neglected, "tables", "upkeep"),
    "index_invalid": Asked(indexes.invalid, "indexes", "index"),
    "index_duplicate": Asked(indexes.duplicates, "indexes", "upkeep"),
    "index_unused": Asked(indexes.unused, "indexes", "upkeep"),
    "cache": Asked(tables.missed, "server", "caching"),
    "wraparound": Asked(tables.ageing, "server", "upkeep"),
    "sequences": Asked(tables.ending, "server", "upkeep"),
}
"""Every question by its name; 'perf check' ranks their problems beside what it knows of the page."""
CHECKS = (
    *(sessions.locks, sessions.transactions, sessions.connections),
    *(policies.policies, policies.permissive),
    *(statements.statements, statements.unbounded, statements.n_plus_one, statements.temp_files, statements.timeouts),
    *(tables.seq_scans, tables.foreign_keys, tables.upkeep),
    *(indexes.index_invalid, indexes.index_duplicate, indexes.index_unused),
    *(tables.cache, tables.wraparound, tables.sequences),
)


def quick(facts: Facts) -> Outcome:
    """All is well, as far as could be asked; a role that is blinded cannot tell, and makes the verdict unknown."""
    outcomes = [each(facts) for each in CHECKS]
    if any(each.code for each in outcomes):
        return skip("Something is wrong.")
    if reason := forbidden(facts):
        raise Missing(reason)
    passed = sum(each.verdict is Verdict.SKIPPED for each in outcomes)
    also = f" {passed} could not be asked, and say why." if passed else ""
    return found("database_quick", f"{len(outcomes) - passed} questions found nothing.{also}")


def data(facts: Facts) -> dict[str, Any]:
    """Each question with its state, its problems and the statements; and how long the statistics have counted."""
    server = facts["server"] if facts.known("server") else None
    return {
        "checks": [
            _row(question, check, facts) for question, check in SCENARIO.steps() if check and check is not quick
        ],
        "counted_s": server["counted_s"] if server else None,
        "statements_counted_s": _statements_counted(facts) if server else None,
    }


def _statements_counted(facts: Facts) -> int | None:
    rows = facts["statements"] if facts.known("statements") else []
    return rows[0]["counted_s"] if rows else None


def _row(question: Question, check: Check, facts: Facts) -> dict[str, Any]:
    asked, state, says, hint = QUESTIONS[question.name], "unknown", "", ""
    problems: list[Problem] = []
    try:
        outcome = check(facts)
    except Missing as missing:
        says = str(missing)
        fault = facts.fault(says.partition(":")[0])
        hint = fault.hint if fault else ""
    else:
        state, says = outcome.verdict.value, outcome.says
        if outcome.code:
            entry = question.entry(outcome.row)
            state, hint, problems = entry.severity.value, entry.do, asked.problems(facts)
    return {
        "source": asked.about,
        "question": question.name,
        "state": state,
        "asks": question.asks,
        "says": says,
        "hint": hint,
        "remedy": asked.remedy if problems else None,
        "problems": [{key: each for key, each in asdict(one).items() if key != "next"} for one in problems],
    }


def warns(facts: Facts) -> tuple[str, ...]:
    """What this role or this server does not tell at all."""
    reason = without_statements(facts) if facts.known("server") else ""
    replica = "This is a replica: what the primary does does not show here." if _is_replica(facts) else ""
    blank = f"Single statements were not looked at. {reason}" if reason else ""
    cut = (f"{name}: {note}" for name in LOOKS for note in facts.notes(name))
    return tuple(filter(None, (blank, replica, *cut)))


def _is_replica(facts: Facts) -> bool:
    return bool(facts.known("server") and facts["server"]["standby"])


def whole(facts: Facts) -> bool:
    """Whether every question could be asked for which an extension or a right is needed, of the server that writes."""
    hidden = tables.unreadable(facts) if facts.known("sequences") else []
    counted = facts["statements"] if facts.known("statements") else []
    return bool(counted) and not (warns(facts) or hidden)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(*CHECKS, quick),
    subject=(),
    needs={Severity.WARNING: ("server",), Severity.OK: LOOKS},
    plural="databases",
    data=data,
    warns=warns,
    whole=whole,
)
