"""
What the team's state lacks: the schema peakops with its locks, journal and memory of sweeps.

Example: peakops setup --check
"""

from peakops import playbook
from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip


def gather(look: Look) -> None:
    """The tables and columns that are there, and the role that reads."""
    look.rows("columns", "setup/team_columns")
    look.rows("reader", "setup/reader")


def wanted() -> dict[str, set[str]]:
    """The tables of the team's state with their columns."""
    return {table: set(columns) for table, columns in playbook.words("setup")["tables"].items()}


def _there(facts: Facts) -> dict[str, set[str]]:
    there: dict[str, set[str]] = {}
    for row in facts["columns"]:
        there.setdefault(row["table_name"], set()).add(row["column_name"])
    return there


def missing(facts: Facts) -> list[str]:
    """The tables that are not there."""
    return sorted(wanted().keys() - _there(facts).keys())


def columns(facts: Facts) -> Outcome:
    there = _there(facts)
    lacking = [
        f"{table}.{each}" for table, needed in wanted().items() if table in there for each in needed - there[table]
    ]
    if lacking:
        return found("schema_differs", f"peakops.{sorted(lacking)[0]} is missing; {len(lacking)} columns in all.")
    return ok("The tables that are there have their columns.") if there else skip("There is no table.")


def tables(facts: Facts) -> Outcome:
    there, lacking = _there(facts), missing(facts)
    if not there:
        return found("schema_missing", f"The schema peakops is not there; setup makes its {len(lacking)} tables.")
    if lacking:
        return found("tables_missing", f"The schema peakops lacks {', '.join(lacking)}.")
    return ok(f"All {len(there)} tables are there.")


def reading(facts: Facts) -> Outcome:
    hidden = sorted({row["table_name"] for row in facts["columns"] if not row["readable"]})
    if hidden:
        role = facts["reader"][0]["role"]
        return found("not_readable", f"The role {role} may not read {', '.join(hidden)}.")
    return ok("The role that reads may read them.") if facts["columns"] else skip("There is no table.")


def ready(facts: Facts) -> Outcome:
    lacking = missing(facts)
    return skip("Not all of it is there.") if lacking else found("ready", "Nothing is missing.")


SCENARIO = Scenario(
    module=__name__,
    verb="setup --check",
    gather=gather,
    checks=(columns, tables, reading, ready),
    subject=(),
    needs={Severity.WARNING: ("columns", "reader"), Severity.OK: ("columns", "reader")},
    plural="schemas",
)
