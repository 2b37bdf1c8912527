"""Literal plans, as the source brings them."""

from datetime import UTC, datetime

from peakops.model import Evidence

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CASES = "public.cases"


def node(name="Seq Scan", relation=CASES, **more):
    """A node of a plan that was not carried out."""
    empty = dict.fromkeys(
        ("parent", "index", "actual_rows", "loops", "removed", "time_ms", "hit", "read", "filter", "condition", "sort")
    )
    alias = relation and relation.partition(".")[2]
    figures = {"depth": 0, "rows": 10, "startup": 0.0, "cost": 100.0, "functions": [], "subplans": 0, "spilled": None}
    return {**empty, **figures, "node": name, "relation": relation, "alias": alias, **more}


def side(role=None, nodes=None, **more):
    """A side as it was explained: by estimate, unless a time is given."""
    nodes = [node()] if nodes is None else nodes
    known = {
        "refused": None,
        "says": None,
        "planned": "values",
        "ended": False,
        "limit_ms": 10_000,
        "planning_ms": 0.1,
        "hit": 1,
        "read": 0,
    }
    figures = {"rows": 10, "cost": 100.0, "actual_rows": None, "time_ms": None}
    row = {"role": role, **known, **figures, **more, "nodes": nodes}
    return {**row, "analyzed": row["time_ms"] is not None}


def refused(code, role=None):
    return {**side(role, nodes=[], refused=code, says="PostgreSQL says: no.", planned=None), "cost": None, "rows": None}


def table(rows=200_000, name=CASES, columns=("id", "practice_id", "status", "created_at"), indexes=()):
    """A table; its columns are more distinct the later they come."""
    known = [{"name": each, "quoted": each, "distinct": 10**place} for place, each in enumerate(columns)]
    fixed = {"kind": "r", "is_partition": False, "writes": 0, "names": []}
    return {"table": name, "quoted": name, "rows": rows, "columns": known, "indexes": list(indexes), **fixed}


def index(*columns, **more):
    known = {"name": "i", "quoted": "public.i", "method": "btree", "valid": True, "partial": False, "building": False}
    return {**known, "columns": list(columns), **more}


def looked(ours, theirs, *, mean_ms=None, functions=(), tables=None, role=None, silent=()):
    """The looks of `perf query`; a look in `silent` has the fault that is given with it."""
    statement = {"id": "7", "roles": ["authenticated"], "calls": 3, "rows": 9, "total_ms": 1, "mean_ms": mean_ms}
    one = {"statement": {**statement, "max_ms": 1, "text": "select …"}, "as_operator": ours, "as_role": theirs}
    known = {"name": "authenticated", "bypasses_rls": False}
    several = {
        "role": [{**known, "statement_timeout": None, **(role or {})}],
        "tables": [table()] if tables is None else tables,
        "policies": [{"table": CASES, "policy": "own", "permissive": True, "functions": ["public.mine"]}],
        "functions": list(functions),
    }
    told = [_evidence(name, (row,), single=True) for name, row in one.items()]
    told += [_evidence(name, tuple(rows), single=False) for name, rows in several.items()]
    faults = dict(silent)
    return tuple(
        each if each.name not in faults else Evidence(name=each.name, source="plans", error=faults[each.name])
        for each in told
    )


def _evidence(name, rows, *, single):
    return Evidence(name=name, source="plans", at=NOW, rows=rows, single=single)
