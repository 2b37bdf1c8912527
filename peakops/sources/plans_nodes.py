"""What is kept of a plan of PostgreSQL's: its nodes in order, with figures and names, and without any value."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from peakops.sources.plans_text import masked, without_literals

Node = Mapping[str, Any]
CHANGING = ("ModifyTable", "LockRows")
"""Nodes of statements that change rows, or lock them."""
CALL = re.compile(r'(?<!::)(?<![\w."])((?:(?:[a-z_]\w*|"[^"]+")\.)?(?:[a-z_]\w*|"[^"]+"))\(')
"""A function that is called in an expression, as PostgreSQL writes it: keywords are in capitals, types behind `::`."""
PER_ROW = re.compile(r"(?<!hashed )\bSubPlan \d+")
"""A sub-plan that is carried out for each row; a hashed one runs once."""
CONDITIONS = ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "TID Cond")


def changes(plan: Node) -> bool:
    """Whether a plan changes or locks rows, in any part of it."""
    return any(each["Node Type"] in CHANGING for _, each in _walk(plan, 0))


def kept(plan: Node) -> list[dict[str, Any]]:
    """
    The nodes of a plan, the root first, each with its `depth`.

    `rows` and `cost` are the planner's; `actual_rows` (of one loop), `loops`, `removed` (by the filter, in one loop)
    and `time_ms` (of all loops) are there where it was carried out, and None otherwise. `functions` are those that
    the filter calls for each row, `subplans` how many sub-plans it runs for each row.
    """
    return [_node(depth, each) for depth, each in _walk(plan, 0)]


def _walk(plan: Node, depth: int) -> Iterator[tuple[int, Node]]:
    yield depth, plan
    for each in plan.get("Plans", ()):
        yield from _walk(each, depth + 1)


def _node(depth: int, node: Node) -> dict[str, Any]:
    tests = without_literals(
        " ".join(str(node[key]) for key in ("Filter", "Join Filter", "One-Time Filter") if key in node)
    )
    loops = node.get("Actual Loops")
    return {
        "depth": depth,
        "node": node["Node Type"],
        "parent": node.get("Subplan Name") or node.get("Parent Relationship"),
        "relation": f"{node['Schema']}.{node['Relation Name']}"
        if "Schema" in node and "Relation Name" in node
        else None,
        "alias": node.get("Alias"),
        "index": node.get("Index Name"),
        "rows": node["Plan Rows"],
        "startup": node["Startup Cost"],
        "cost": node["Total Cost"],
        "actual_rows": node.get("Actual Rows"),
        "loops": loops,
        "removed": node.get("Rows Removed by Filter", 0 if loops is not None else None),
        "time_ms": round(node["Actual Total Time"] * loops, 3) if loops and "Actual Total Time" in node else None,
        "hit": node.get("Shared Hit Blocks"),
        "read": node.get("Shared Read Blocks"),
        "filter": masked(node["Filter"]) if "Filter" in node else None,
        "condition": " AND ".join(masked(node[key]) for key in CONDITIONS if key in node) or None,
        "sort": [masked(each) for each in node.get("Sort Key", ())] or None,
        "spilled": node.get("Sort Space Type") == "Disk" or None,
        "functions": sorted(set(CALL.findall(tests))),
        "subplans": 0 if "hashed" in tests else len(set(PER_ROW.findall(tests))),
    }
