"""The portal's database: who we are there, what we see, and whether every query would run. Pure."""

from collections.abc import Iterable

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.doctor import usage
from peakops.scenarios.doctor.left_out import counted, left_out, refused, several
from peakops.scenarios.setup import check as setup

SKEW_S = 5.0
"""How far two clocks may differ: more than a slow answer explains, less than any window of time that is judged by."""
TEAM = "peakops."
MOST_NAMED = 30
"""Commands that are named one by one."""
MOST_FAULTS = 5
"""Of the schema that are told with their commands; --json has all of them."""
DENIED, BLIND, NO_TABLE = "database.permission_denied", "database.blind", "database.missing_table"
FAULTS = {
    NO_TABLE: "there is no table {}",
    "database.missing_column": "there is no column {}",
    DENIED: "the role has no right to {}",
    BLIND: "row-level security hides rows of {}",
}
"""Why a query would not run, by the code of its fault."""
SETTING = "database_url"
SANDBOX = "the sandbox"
"""The origin of the settings there; its worlds have no team tables unless they name one."""


def database_reachable(facts: Facts) -> Outcome:
    if left := left_out(facts, "server", SETTING):
        return left
    if why := refused(facts, "server"):
        return found("database_refused", why)
    server = facts["server"]
    over = ", over TLS" if server["tls"] else ""
    standby = ", a standby" if server["standby"] else ""
    return ok(f"PostgreSQL {server['version']}{standby} lets {server['role']} in ({server['way']}{over}).")


def database_rows(facts: Facts) -> Outcome:
    if left := left_out(facts, "tables", SETTING):
        return left
    role = facts["server"]["role"]
    hidden = [each["name"] for each in facts["tables"] if each["hidden"] and each["read"]]
    if hidden:
        return found("reader_blind", f"Row-level security hides rows of {several(hidden)} from {role}.")
    return ok(f"Row-level security hides nothing from {role}.")


def database_queries(facts: Facts) -> Outcome:
    if left := left_out(facts, "plans", SETTING):
        return left
    plans = facts["plans"]
    denied = [each for each in _failed(plans) if each["fault"] == DENIED]
    differing = [each for each in _failed(plans) if each["fault"] not in (DENIED, BLIND)]
    if differing:
        return found("schema_differs", _consequence([*differing, *denied], usage.reading(), "will answer unknown"))
    if denied:
        return found("reader_denied", _consequence(denied, usage.reading(), "will answer unknown"))
    if any(each["fault"] == BLIND for each in plans):
        return skip("Row-level security is in the way of it.")
    return ok(f"{_runnable(plans, 'query')} would run.")


def _failed(plans: Iterable[Row]) -> list[Row]:
    """The queries that would not run; whether the team's tables have been made is a question of its own."""
    return [each for each in plans if each["fault"] and not (each["fault"] == NO_TABLE and _is_teams(each))]


def _is_teams(plan: Row) -> bool:
    return str(plan["object"]).startswith(TEAM)


def _runnable(plans: Iterable[Row], noun: str) -> str:
    """How many would run; the rest waits for the team's tables: 'All 30 queries', '28 queries (2 more after setup)'."""
    faults = [bool(each["fault"]) for each in plans]
    waiting = sum(faults)
    more = f" ({waiting} more after setup)" if waiting else ""
    return f"{'' if waiting else 'All '}{counted(len(faults) - waiting, noun)}{more}"


def _consequence(failed: list[Row], users: usage.Uses, what: str) -> str:
    """Each fault with the first query that has it, how many more there are, and which commands suffer from it."""
    faults: dict[tuple[str, str], list[Row]] = {}
    for each in failed:
        faults.setdefault((each["fault"], _fault(each)), []).append(each)
    said = [_suffering(queries, users, what) for queries in faults.values()]
    more = [f"{counted(len(said) - MOST_FAULTS, 'fault')} more."] if said[MOST_FAULTS:] else []
    return " ".join([*said[:MOST_FAULTS], *more])


def _suffering(queries: list[Row], users: usage.Uses, what: str) -> str:
    """One fault of several queries."""
    commands = dict.fromkeys(command for each in queries for command in _users(each["query"], users))
    more = f" and {counted(len(queries) - 1, 'query')} more" if queries[1:] else ""
    suffering = f" {several(list(commands), MOST_NAMED)} {what}." if commands else ""
    return f"sql/{queries[0]['query']}.sql{more}: {_fault(queries[0])}.{suffering}"


def _fault(row: Row) -> str:
    if row["fault"] not in FAULTS:
        return str(row["says"]).rstrip(".")
    return FAULTS[row["fault"]].format(row["object"])


def _users(query: str, users: usage.Uses) -> tuple[str, ...]:
    return users.get(query) or users.get(f"{query.partition('/')[0]}/*", ())


def database_role(facts: Facts) -> Outcome:
    if left := left_out(facts, "tables", SETTING):
        return left
    server, tables = facts["server"], facts["tables"]
    if server["superuser"]:
        return found("reader_may_write", f"{server['role']} is a superuser, and may do everything.")
    said = [*_rights(tables), *map(_taken_on, facts["roles"]), *(["make roles"] if server["makes_roles"] else ())]
    if said:
        return found("reader_may_write", f"{server['role']} may {'; '.join(said)}.")
    return ok(f"{server['role']} may write to none of the {counted(len(tables), 'table')}.")


def _rights(tables: list[Row]) -> list[str]:
    """What may be done to tables, in the order in which the rights come; empty where nothing may."""
    writable = [each for each in tables if each["writable"]]
    rights = dict.fromkeys(right for each in sorted(writable, key=_fewest) for right in each["writable"])
    return [f"{', '.join(rights)} in {several([each['name'] for each in writable])}"] if writable else []


def _fewest(table: Row) -> int:
    return -len(table["writable"])


def _taken_on(role: Row) -> str:
    """A role that may be taken on, and why that matters."""
    does = "write" if role["writes"] else "make roles"
    return f"become {role['name']}, which may {'do everything' if role['superuser'] else does}"


def database_guards(facts: Facts) -> Outcome:
    if left := left_out(facts, "server", SETTING):
        return left
    server = facts["server"]
    if server["statement_timeout"] == "0":
        return found("not_guarded", "statement_timeout was set in the transaction, and is not in force.")
    if not server["read_only"]:
        return found("not_guarded", "The transaction was begun READ ONLY, and is not.")
    return ok(f"Transactions are READ ONLY, and a query is given up after {server['statement_timeout']}.")


def database_clock(facts: Facts) -> Outcome:
    if left := left_out(facts, "server", SETTING):
        return left
    ahead = facts["server"]["clock_ahead_s"]
    if abs(ahead) > SKEW_S:
        return found("database_clock_differs", f"The database's clock is {difference(ahead)} this machine's.")
    return ok(f"Its clock and this machine's differ by {abs(ahead):.1f} s.")


def difference(ahead: float) -> str:
    """How far a clock is away from another: '12 s ahead of', '12 s behind'."""
    return f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'}"


def database_team(facts: Facts) -> Outcome:
    if left := left_out(facts, "columns", SETTING):
        return left
    differs = setup.columns(facts)
    if differs.code:
        return found("team_tables_differ", differs.says)
    there, lacking = {each["table_name"] for each in facts["columns"]}, setup.missing(facts)
    hidden = sorted({each["table_name"] for each in facts["columns"] if not each["readable"]})
    if not there and any(each["origin"] == SANDBOX for each in facts["settings"]):
        return ok("The sandbox's world has no tables of the team; a fix there needs none.")
    if not there:
        return found("team_tables_missing", "The schema peakops is not there.")
    if lacking:
        return found("team_tables_missing", f"The schema peakops lacks {several(lacking)}.")
    if hidden:
        return found("team_tables_missing", f"{facts['server']['role']} may not read {several(hidden)}.")
    return ok(f"All {counted(len(there), 'table')} of the team are there, and can be read.")


def writing_database(facts: Facts) -> Outcome:
    if left := left_out(facts, "writer"):
        return left
    if why := refused(facts, "writer"):
        return found("writer_refused", why)
    writer = facts["writer"]
    if writer is None:
        return skip("PEAKOPS_DATABASE_WRITE_URL is not set: a fix shows its plan, and ends with 77.")
    plans = facts["writer_plans"]
    if failed := _failed(plans):
        return found("writer_cannot", _consequence(failed, usage.writing(), "will change nothing"))
    return ok(f"{writer['role']} could carry out {_runnable(plans, 'statement').lower()}.")
