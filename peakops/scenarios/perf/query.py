"""
Why a statement is slow for the portal's people: its plan as their role, under their policies, beside the operator's.

QUERYID is pg_stat_statements' number of the statement, as 'perf db' shows it; --file gives one SELECT as text. All of
it happens in a transaction that is read only, limited in time, and rolled back. Without --analyze nothing is carried
out, and rows and costs are the planner's estimates. Claims are personal data: give those of a person as @FILE.

Example: peakops perf query q5316540215340153422 --as authenticated --claims @claims.json
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from peakops.model import Severity, Verdict
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.perf import pace, sides
from peakops.scenarios.perf.statements import SLOW_MS
from peakops.scenarios.systems import Line, truth

SOURCE = "plans"
NOTICED_MS = 100
"""Below this nobody notices a statement, whatever its factor."""
TIMES, SOME_TIMES = 3.0, 1.5
"""How many times as long the role may take before its policies are worth a look; where it alone is slow, less."""
MANY_CALLS, SOME_CALLS = 100_000, 10_000
"""Calls of a function for one statement; a call of plpgsql takes 5 to 10 µs, one that reads a table more."""
SHOWN = 3
"""How many functions a sentence names; the data has all."""


def gather(
    look: Look,
    id: str | None,
    text: str | None = None,
    role: str = "authenticated",
    claims: str = "{}",
    sub: str = "",
    values: Sequence[str] = (),
    analyze: bool = False,
) -> None:
    """Declare the looks; what the plans name is looked up once they are there."""
    statement = look.at(SOURCE, "statement", "statement", id=id, text=text)
    look.at(SOURCE, "role", "rows", query="perf/plan_role", role=role)
    how = {"id": statement["id"], "values": list(values), "analyze": analyze}
    ours = look.at(SOURCE, sides.OURS, "explain", role=None, claims="{}", sub="", **how)
    theirs = look.at(SOURCE, sides.THEIRS, "explain", role=role, claims=claims, sub=sub, **how)
    both = tuple(each.then(sides.tables).otherwise(()) for each in (ours, theirs))
    look.at(SOURCE, "tables", "rows", query="perf/plan_tables", tables=both)
    look.at(SOURCE, "policies", "rows", query="perf/plan_policies", tables=both, role=role)
    look.at(SOURCE, "functions", "rows", query="perf/plan_functions", functions=theirs.then(sides.functions))


def readable(facts: Facts) -> Outcome:
    if row := sides.refused(facts, "not_one_select"):
        return found("not_one_select", row["says"])
    return ok("It is one SELECT.")


def plannable(facts: Facts) -> Outcome:
    if row := sides.refused(facts, "cannot_be_planned"):
        return found("cannot_be_planned", row["says"])
    return ok("PostgreSQL plans it.")


def permitted(facts: Facts) -> Outcome:
    if row := sides.refused(facts, "role_may_not"):
        return found("role_may_not", f"As {row['role']}: {row['says']}")
    return ok(f"{facts[sides.THEIRS]['role']} may read what it names.")


def policies(facts: Facts) -> Outcome:
    if not facts.known(sides.OURS):
        return _alone(facts)
    if not sides.planned(facts):
        return skip("It has no plan.")
    if any(each["bypasses_rls"] for each in facts["role"]):
        return skip("Row-level security does not hold for this role.")
    theirs, extra, times = facts[sides.THEIRS], sides.per_row(facts), sides.factor(facts)
    calls = extra[0]["calls"] if extra else 0
    long = theirs["ended"] or (theirs["time_ms"] or 0) >= SLOW_MS
    grave = long and times >= TIMES if sides.measured(facts) else calls >= MANY_CALLS
    if grave or _noticed(facts, times) or (calls >= SOME_CALLS and theirs["cost"] >= facts[sides.OURS]["cost"]):
        row = "policy_cost" if grave else "policy_cost_noticed"
        return found("policy_cost", _told(facts, extra), cause=sides.cause(extra), row=row)
    return ok(f"Its policies cost little: {_compared(facts)}.")


def _alone(facts: Facts) -> Outcome:
    """Without the operator's plan many calls prove it all the same. Raises Missing where there are none."""
    extra = sides.per_row(facts)
    if not extra or extra[0]["calls"] < MANY_CALLS:
        _ = facts[sides.OURS]
    return found("policy_cost", _told(facts, extra), cause=sides.cause(extra))


def _noticed(facts: Facts, times: float) -> bool:
    theirs = facts[sides.THEIRS]
    measured = sides.measured(facts)
    large = (theirs["time_ms"] or 0) >= NOTICED_MS if measured else theirs["cost"] >= pace.COSTLY
    alone = pace.is_slow(theirs, measured=measured) and not pace.is_slow(facts[sides.OURS], measured=measured)
    return (times >= TIMES and bool(large)) or (times >= SOME_TIMES and alone)


def _told(facts: Facts, extra: Sequence[Row]) -> str:
    said = [f"{_thing(each)} for {each['calls']:,} rows of {each['table'] or 'a join'}" for each in extra[:SHOWN]]
    more = f" and {len(extra) - SHOWN} more" if len(extra) > SHOWN else ""
    calls = f" It calls {', '.join(said)}{more}." if said else ""
    limit = next((each["statement_timeout"] for each in facts["role"] if each["statement_timeout"]), None)
    ended = f" PostgreSQL ends what takes this role longer than {limit}." if limit else ""
    return f"{_sentence(_compared(facts))}{calls}{ended}"


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


def _thing(call: Row) -> str:
    return f"{call['function']}() ({call['volatility']})" if call["function"] else "a sub-query"


def _compared(facts: Facts) -> str:
    """The two sides in one sentence."""
    theirs = f"as {facts[sides.THEIRS]['role']} {pace.took(facts[sides.THEIRS])}"
    ours = f"as the operator {pace.took(facts[sides.OURS])}" if facts.known(sides.OURS) else "as the operator unknown"
    return f"{theirs}, {ours}"


def everybody(facts: Facts) -> Outcome:
    ours, known = facts[sides.OURS], facts["statement"]
    if ours["refused"]:
        return skip("It has no plan.")
    says = f"As the operator, past all policies, {pace.took(ours)}"
    # Where policies cost much, slow calls are theirs.
    rest = not pace.is_slow_alone(facts) and policies(facts).verdict is not Verdict.FOUND
    waits = rest and pace.waits(facts)
    slow = rest and sides.planned(facts) and pace.is_slow(facts[sides.THEIRS], measured=sides.measured(facts))
    if waits or slow or pace.is_slow_alone(facts):
        usual = f" On average its calls took {known['mean_ms']:,.0f} ms." if known["mean_ms"] else ""
        cause = "waits" if waits else pace.reason(facts)
        return found("slow_for_everybody", f"{says} and {pace.several(ours)}.{usual}", cause=cause)
    return ok(f"{says}.")


def alike(facts: Facts) -> Outcome:
    if not sides.planned(facts):
        return skip("It has no plan.")
    if any(each(facts).verdict is Verdict.FOUND for each in (policies, everybody)):
        return skip("It is slow.")
    code = "same_plan" if sides.same_shape(facts) else "quick"
    return found(code, _sentence(_compared(facts)))


def _line(name: str, facts: Facts) -> Line:
    side = facts[name]
    if side["refused"]:
        return side["refused"], side["says"]
    how = "carried out" if side["analyzed"] else "estimated"
    read = [f"{each['node']} on {each['relation']}" for each in side["nodes"] if each["relation"]]
    return how, f"{pace.took(side)}; {pace.several(side)}; {', '.join(read[:SHOWN]) or 'no table'}"


def _policies(facts: Facts) -> Line:
    rows = facts["policies"]
    said = [f"{each['policy']} on {each['table']} ({', '.join(each['functions']) or 'no function'})" for each in rows]
    return f"{len(rows)}", "; ".join(said[:SHOWN]) or "none holds for this role on these tables"


def _difference(facts: Facts) -> Line:
    if not sides.planned(facts):
        return "no plan", "one of the two has no plan"
    nodes = [each for each in sides.differing(facts) if each["relation"]]
    said = [f"{each['node']} on {each['relation']}, filter {each['filter'] or 'none'}" for each in nodes]
    return f"{len(nodes)}", "; ".join(said[:SHOWN]) or "the tables are read in the same way"


def data(facts: Facts) -> dict[str, Any]:
    """Both sides in figures, the nodes that differ, and what the role's policies call for each row."""
    lines: dict[str, Callable[[Facts], Line]] = {
        **{"operator": partial(_line, sides.OURS), "role": partial(_line, sides.THEIRS)},
        **{"policies": _policies, "difference": _difference},
    }
    both = facts.known(sides.OURS, sides.THEIRS) and sides.planned(facts)
    return {
        "statement": facts["statement"],
        "sides": [_side(facts[each]) for each in (sides.OURS, sides.THEIRS) if facts.known(each)],
        "factor": round(sides.factor(facts), 2) if both else None,
        "per_row": sides.per_row(facts) if facts.known(sides.THEIRS, "functions") else [],
        "differing": sides.differing(facts) if both else [],
        "truth": truth(facts, lines),
    }


def _side(side: Row) -> dict[str, Any]:
    return {key: value for key, value in side.items() if key != "nodes"}


def called(facts: Facts) -> str:
    """The statement's number; nothing where its text was given."""
    row = facts["statement"]
    return str(row["id"]) if row and row["calls"] is not None else ""


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(readable, plannable, permitted, policies, everybody, alike),
    subject=("statement",),
    needs={
        Severity.WARNING: ("statement", sides.OURS, sides.THEIRS),
        Severity.OK: ("statement", "role", sides.OURS, sides.THEIRS, "tables", "policies", "functions"),
    },
    called=called,
    plural="statements",
    absent=lambda given: f"pg_stat_statements knows no statement {given} of this database.",
    data=data,
)
