"""How long one side of a statement takes, in words and against a page's patience, and what makes it slow. Pure."""

from peakops.scenario import Facts, Row
from peakops.scenarios.perf import sides
from peakops.scenarios.perf.statements import MANY_ROWS, SLOW_MS
from peakops.scenarios.perf.triage import LARGE

COSTLY, DEAR = 10_000, 100_000
"""Of the planner's units: about a tenth of a second, and about a second."""
FEW = 0.05
"""Of a table's rows: what an index brings more quickly than reading the whole table."""


def took(side: Row) -> str:
    """How long it took, or what it would cost."""
    if side["ended"]:
        return "it did not end in time"
    return f"{side['time_ms']:,.1f} ms" if side["time_ms"] is not None else f"an estimated cost of {side['cost']:,.0f}"


def is_slow(side: Row, *, measured: bool) -> bool:
    """Whether a page waits for this side alone: as it went, or as the planner thinks."""
    if not measured:
        return bool(side["cost"] >= DEAR)
    return bool(side["ended"] or (side["time_ms"] or 0) >= SLOW_MS)


def is_slow_alone(facts: Facts) -> bool:
    """Whether the statement is slow past all policies, by its time or by what its plan says."""
    ours = facts[sides.OURS]
    if ours["analyzed"] or ours["ended"]:
        return is_slow(ours, measured=True)
    told = (facts["statement"]["mean_ms"] or 0) >= SLOW_MS
    return ours["cost"] >= DEAR or (ours["cost"] >= COSTLY and (told or reason(facts) != "reads_much"))


def waits(facts: Facts) -> bool:
    """Whether a plan that is cheap had slow calls all the same."""
    ours, mean_ms = facts[sides.OURS], facts["statement"]["mean_ms"] or 0
    return not ours["analyzed"] and not ours["ended"] and mean_ms >= SLOW_MS and ours["cost"] < COSTLY


def reason(facts: Facts) -> str:
    """What makes it slow whoever asks, in a word."""
    side, sizes = facts[sides.OURS], {each["table"]: each["rows"] for each in facts["tables"]}
    for node in side["nodes"]:
        size = sizes.get(node["relation"], 0)
        out = node["actual_rows"] * node["loops"] if node["loops"] else node["rows"]
        if node["node"] == "Seq Scan" and size >= LARGE and out < size * FEW and node["filter"]:
            return "index"
    if _rows(side) >= MANY_ROWS and not any(each["node"] == "Limit" for each in side["nodes"]):
        return "pagination"
    return "memory" if any(each["spilled"] for each in side["nodes"]) else "reads_much"


def several(side: Row) -> str:
    """How many rows it brings."""
    rows = _rows(side)
    return f"{rows:,} row{'s' * (rows != 1)}"


def _rows(side: Row) -> int:
    return int(side["actual_rows"] if side["actual_rows"] is not None else side["rows"])
