"""Two plans of one statement side by side, as ourselves and as a role: what differs, and what policies add. Pure."""

from collections.abc import Sequence
from typing import Any

from peakops.scenario import Facts, Row

OURS, THEIRS = "as_operator", "as_role"
FUNCTION = "function_per_row"
VOLATILE = "volatile_function_per_row"
SUBQUERY = "subquery_per_row"
OTHER = "another_plan"


def tables(side: Row | None) -> list[str]:
    """The tables that a plan reads."""
    return sorted({each["relation"] for each in _nodes(side) if each["relation"]})


def functions(side: Row | None) -> list[str]:
    """The functions that the filters of a plan call, without quotes."""
    return sorted({_bare(name) for each in _nodes(side) for name in each["functions"]})


def refused(facts: Facts, code: str) -> Row | None:
    """The side that has no plan for this reason; None where there is none. Raises Missing where neither answered."""
    if not facts.known(OURS):
        _ = facts[THEIRS]
    return next((facts[each] for each in (THEIRS, OURS) if facts.known(each) and facts[each]["refused"] == code), None)


def planned(facts: Facts) -> bool:
    """Whether both sides have a plan. Raises Missing where one could not be asked for."""
    return facts[OURS]["refused"] is None and facts[THEIRS]["refused"] is None


def measured(facts: Facts) -> bool:
    """Whether both were carried out, or tried until the time was up."""
    return all(facts[each]["analyzed"] or facts[each]["ended"] for each in (OURS, THEIRS))


def factor(facts: Facts) -> float:
    """
    How many times as much the role takes: by time where ours was measured, else by the planner's cost; 1 if less.

    What did not end took its time limit at least.
    """
    ours, theirs = facts[OURS], facts[THEIRS]
    if measured(facts) and not ours["ended"]:
        long = theirs["limit_ms"] if theirs["ended"] else theirs["time_ms"]
        return max(1.0, float(long) / max(float(ours["time_ms"]), 0.01))
    return max(1.0, float(theirs["cost"]) / max(float(ours["cost"]), 0.01))


def same_shape(facts: Facts) -> bool:
    """Whether both do the same with the same tables and indexes."""
    return _shape(facts[OURS]) == _shape(facts[THEIRS])


def per_row(facts: Facts) -> list[dict[str, Any]]:
    """
    What the role's filters call for each row and ours do not: policies bring it in. The most often called first.

    `calls` are counted where the plan was carried out, and otherwise the rows that the node would read. Without a
    plan of ours it is what the policies are known to call.
    """
    alone = not facts.known(OURS)
    of_policies = {name for each in facts["policies"] for name in each["functions"]}
    known = {each["function"]: each for each in facts["functions"]}
    sizes = {each["table"]: each["rows"] for each in facts["tables"]}
    nodes = () if alone else facts[OURS]["nodes"]
    ours, subplans = {name for each in nodes for name in each["functions"]}, sum(each["subplans"] for each in nodes)
    found = []
    for node in facts[THEIRS]["nodes"]:
        place = {"table": node["relation"], "node": node["node"], "calls": _calls(node, sizes)}
        for name in set(node["functions"]) - ours:
            found += [
                {"function": each["function"], "volatility": each["volatility"], **place}
                for each in _named(known, _bare(name))
                if not alone or each["function"] in of_policies
            ]
        if node["subplans"] > subplans and not alone:
            found.append({"function": None, "volatility": None, **place})
    return sorted(found, key=lambda each: (-each["calls"], str(each["function"])))


def cause(extra: Sequence[Row]) -> str:
    """Why the role's plan takes more, in a word."""
    if not extra:
        return OTHER
    if extra[0]["function"] is None:
        return SUBQUERY
    return VOLATILE if extra[0]["volatility"] == "volatile" else FUNCTION


def differing(facts: Facts) -> list[dict[str, Any]]:
    """The nodes of the role's plan that ours has not, or has with another filter."""
    ours = [_judged(each) for each in facts[OURS]["nodes"]]
    return [_told(each) for each in facts[THEIRS]["nodes"] if _judged(each) not in ours]


def _told(node: Row) -> dict[str, Any]:
    kept = ("node", "relation", "index", "filter", "rows", "actual_rows", "removed", "loops", "cost", "time_ms")
    return {key: node[key] for key in kept}


def _judged(node: Row) -> tuple[Any, ...]:
    return tuple(node[key] for key in ("node", "relation", "index", "filter", "condition"))


def _shape(side: Row) -> list[tuple[Any, ...]]:
    return [tuple(each[key] for key in ("depth", "node", "relation", "index")) for each in side["nodes"]]


def _nodes(side: Row | None) -> Sequence[Row]:
    return side["nodes"] if side else ()


def _named(known: dict[str, Row], name: str) -> list[Row]:
    """The functions of this name whose result may differ from call to call; several schemas may have one."""
    rows = [each for full, each in known.items() if name in (full, each["name"])]
    return [each for each in rows if each["volatility"] != "immutable"]


def _bare(name: str) -> str:
    return name.replace('"', "")


def _calls(node: Row, sizes: dict[str, int]) -> int:
    if node["loops"] is not None and node["actual_rows"] is not None:
        return int((node["actual_rows"] + (node["removed"] or 0)) * node["loops"])
    read = sizes.get(node["relation"], 0) if node["node"] == "Seq Scan" else 0
    return int(max(read, node["rows"]))
