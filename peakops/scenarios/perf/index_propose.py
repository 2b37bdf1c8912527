"""
Indexes that would make slow statements quick: from their plans, proven where that can be done; none is made.

The statements that took the most time are explained, or the one that is named. Each index that could help is tried
with hypopg, where that is there: the planner says what it would cost, and nothing is built. An index that exists is
never proposed. What is printed is to be run by a person, and comes with its undo.

Example: peakops perf index propose
"""

from collections import Counter
from typing import Any

from peakops.model import Severity
from peakops.scenario import Facts, Look, Missing, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.perf import candidates
from peakops.scenarios.perf.proposals import proposals

SOURCE = "plans"
SHOWN = 3
"""How many indexes a sentence names; the list has all."""


def gather(look: Look, id: str | None, text: str | None = None, role: str | None = None) -> None:
    """Declare the looks: the statements, their plans, the tables in these, and the trials."""
    if id is not None:
        look.at(SOURCE, "statement", "statement", id=id, text=None)
    statements = look.at(SOURCE, "statements", "statements", id=id, text=text)
    plans = look.at(SOURCE, "plans", "estimates", ids=statements.then(_ids), role=role)
    tables = look.at(SOURCE, "tables", "rows", query="perf/plan_tables", tables=plans.then(candidates.tables))
    # The tables were asked for with the plans in hand, so that this waits for nothing.
    trials = tables.then(lambda known: candidates.trials(plans.wait().value, known))
    look.at(SOURCE, "proofs", "prove", trials=trials, role=role)


def _ids(statements: list[Row]) -> list[str]:
    return [each["id"] for each in statements]


def left(facts: Facts) -> Outcome:
    broken = candidates.invalid(facts["plans"], facts["tables"])
    if not broken:
        return ok("No invalid index would serve these statements.")
    said = "; ".join(f"reindex index concurrently {each['index']};" for each in broken[:SHOWN])
    return found("invalid_index", f"Invalid, of {_several(len(broken))} that would help: {said}")


def wanted(facts: Facts) -> Outcome:
    rows = _rows(facts)
    if not rows and (reason := _untold(facts)):
        raise Missing(reason)
    if not rows:
        return ok("No index is left that would.")
    said = "; ".join(f"{each['table']} ({', '.join(each['columns'])}){_times(each)}" for each in rows[:SHOWN])
    more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return found("index_would_help", f"{_several(len(rows))} would help: {said}{more}.", cause=rows[0]["proof"])


def _several(indexes: int) -> str:
    return f"{indexes} index{'es' * (indexes != 1)}"


def _times(row: Row) -> str:
    return f", {row['times']:,.0f} times cheaper" if row["times"] else ", unproven"


def rest(facts: Facts) -> Outcome:
    if _rows(facts) or candidates.invalid(facts["plans"], facts["tables"]):
        return skip("There is.")
    if hidden := [each for each in facts["plans"] if each["refused"] == "role_may_not"]:
        raise Missing(f"{len(hidden)} statement(s) could not be explained. {hidden[0]['says']}")
    read = [each for each in facts["plans"] if each["refused"] is None]
    if not facts["plans"]:
        return found("nothing_to_propose", "No statement of the portal's takes 20 ms on average, or more.")
    if reason := _untold(facts):
        raise Missing(reason)
    return found("nothing_to_propose", f"Of {len(facts['plans'])} slow statements {len(read)} have a plan.")


def _untold(facts: Facts) -> str:
    """Why it is not known that no index would help; empty where it is."""
    missing = len(candidates.trials(facts["plans"], facts["tables"])) - len(facts["proofs"])
    late = sum(each["refused"] == "no_time" for each in facts["plans"])
    whole = candidates.partitions(facts["plans"], facts["tables"])
    if facts["plans"] and all(each["refused"] for each in facts["plans"]):
        return f"None of {len(facts['plans'])} statement(s) could be explained. {facts['plans'][0]['says']}"
    if late or missing:
        return f"The time was up: {late} statement(s) were not explained, and {missing} index(es) not tried."
    if any(each["used"] is None for each in facts["proofs"]):
        return "hypopg is not there, so that nobody has asked the planner of another index."
    if whole:
        return (
            f"{', '.join(whole[:SHOWN])}: read whole, and partitions, whose indexes belong to the parent's migration."
        )
    return ""


def _rows(facts: Facts) -> list[dict[str, Any]]:
    return proposals(facts["proofs"], facts["statements"], facts["tables"])


def warns(facts: Facts) -> tuple[str, ...]:
    """What could not be planned, by reason: nothing is proposed for it."""
    if not facts.known("plans"):
        return ()
    refused = Counter(each["refused"] for each in facts["plans"] if each["refused"])
    unplanned = tuple(f"{number} statement(s) have no plan: {code}." for code, number in sorted(refused.items()))
    whole = candidates.partitions(facts["plans"], facts["tables"]) if facts.known("tables") else []
    return unplanned + ((f"No index is proposed for partitions that are read whole: {len(whole)}.",) if whole else ())


def data(facts: Facts) -> dict[str, Any]:
    """The proposals, and how many there are."""
    rows = _rows(facts)
    return {"items": rows, "total": len(rows), "invalid": candidates.invalid(facts["plans"], facts["tables"])}


SCENARIO = Scenario(
    module=__name__,
    verb="perf index propose",
    gather=gather,
    checks=(left, wanted, rest),
    subject=("statement",),
    needs=dict.fromkeys((Severity.WARNING, Severity.OK), ("statements", "plans", "tables", "proofs")),
    plural="statements",
    absent=lambda given: f"pg_stat_statements knows no statement {given} of this database.",
    data=data,
    warns=warns,
)
