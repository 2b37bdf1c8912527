"""Sessions: who waits for whom, whose transaction stays open, and how many connections are left. Pure."""

from peakops.model import Outcome, Row
from peakops.scenario import Facts, skip
from peakops.scenarios.perf.triage import Problem, blind, outcome, worst
from peakops.scenarios.words import lasting

WAITING_S = 10
"""A session that waits for a lock as long is a page that will not come: Supabase's API roles give up after 3 to 8 s."""
OPEN_S = 60
"""A transaction or statement that takes as long belongs to no page (PgHero's long running queries)."""
IDLE = "idle in transaction"
UPKEEP = ("autovacuum worker", "parallel worker", "walsender")
"""Processes that work as long as they must, or for a session that is listed itself."""
PATIENT = "virtualxid"
"""What 'concurrently' waits for: that older transactions end. No page is behind it, unless one waits for it in turn."""
PREPARED, FULL = 0, "database.too_many_connections"
"""The number that PostgreSQL gives for a prepared transaction, which has no process; how a full server refuses us."""
SMALL_LIMIT = 5
"""A role that may have fewer connections is a job's, or peakops's own, which uses what it has."""
HIGH, SPENT = 0.80, 0.95
"""Of the connections: facts 4.2; beyond the second, one deployment more is refused."""
DEEP = 20
"""Levels of a tree of waiting sessions that are followed."""


def locks(facts: Facts) -> Outcome:
    if reason := blind(facts):
        return skip(reason)
    return outcome(blockers(facts), f"Nobody waits {WAITING_S} s or longer for a lock.")


def blockers(facts: Facts) -> list[Problem]:
    """The sessions at the root of each tree of waiting ones, with how many wait behind them; no statement is shown."""
    rows = {each["pid"]: each for each in facts["sessions"] if each["pid"] != PREPARED}
    unseen = dict.fromkeys(pid for each in rows.values() for pid in each["blocked_by"] if pid not in rows)
    roots = [each for each in rows.values() if not each["blocked_by"]]
    problems = [_blocker(root, behind(root["pid"], rows)) for root in roots]
    problems += [_hidden(pid, behind(pid, rows), prepared(facts)) for pid in unseen]
    return [each for each in problems if each]


def prepared(facts: Facts) -> list[Row]:
    """Transactions that were prepared for a second phase, and wait for it with all their locks; the oldest first."""
    return [each for each in facts["sessions"] if each["pid"] == PREPARED]


def behind(pid: int, rows: dict[int, Row]) -> list[tuple[Row, int]]:
    """Who waits for a session, and who waits for those, each once and with its level, counted from 1."""
    found: dict[int, tuple[Row, int]] = {}
    _follow(pid, 1, rows, found)
    return list(found.values())


def _follow(pid: int, level: int, rows: dict[int, Row], found: dict[int, tuple[Row, int]]) -> None:
    for row in rows.values():
        if pid in row["blocked_by"] and row["pid"] not in found and level <= DEEP:
            found[row["pid"]] = (row, level)
            _follow(row["pid"], level + 1, rows, found)


def _blocker(root: Row, waiting: list[tuple[Row, int]]) -> Problem | None:
    return _blocked(f"session {root['pid']}", f" ({_who(root)})", _ended(root), waiting)


def _hidden(pid: int, waiting: list[tuple[Row, int]], kept: list[Row]) -> Problem | None:
    """Who waits for what is no session of this database: a prepared transaction, or another database's session."""
    if pid != PREPARED:
        return _blocked(f"session {pid}", " (not of this database)", f"select pg_cancel_backend({pid});", waiting)
    which = f" ({', '.join(each['prepared'] for each in kept)})" if kept else ""
    run = _rolled_back(kept[0]) if len(kept) == 1 else ""
    return _blocked("a prepared transaction", which, run, waiting)


def _blocked(root: str, who: str, run: str, waiting: list[tuple[Row, int]]) -> Problem | None:
    longest = max((row["statement_s"] or 0 for row, _ in waiting if row["lock"] != PATIENT), default=-1)
    if longest < WAITING_S:
        return None
    number = len(waiting)
    verb = "sessions wait" if number > 1 else "session waits"
    return Problem(
        code="sessions_blocked",
        on=root,
        says=f"{number} {verb} for {root}{who}, the longest for {lasting(longest)}.",
        run=run,
        lines=tuple(
            f"{'  ' * (level - 1)}└ {row['pid']} ({_who(row)}) waits for {lasting(row['statement_s'] or 0)}"
            for row, level in waiting
        ),
    )


def _who(row: Row) -> str:
    parts = (row["role"], row["application"], row["state"], row["word"])
    return ", ".join(str(each) for each in parts if each)


def _ended(row: Row) -> str:
    """What ends it: a statement is cancelled; where nothing runs, the session goes with its transaction or its lock."""
    return f"select pg_{'cancel' if row['state'] == 'active' else 'terminate'}_backend({row['pid']});"


def _rolled_back(row: Row) -> str:
    return f"rollback prepared {row['prepared']};"


def _is_idle(row: Row) -> bool:
    return str(row["state"] or "").startswith(IDLE)


def transactions(facts: Facts) -> Outcome:
    if reason := blind(facts):
        return skip(reason)
    return outcome(long_open(facts), f"No transaction has been open for {OPEN_S} s.")


def long_open(facts: Facts) -> list[Problem]:
    """Sessions that sit in an open transaction, then those whose statement runs on, each the longest first."""
    problems = []
    for row in facts["sessions"]:
        if _is_idle(row) and (row["state_s"] or 0) >= OPEN_S:
            says = (
                f"Session {row['pid']} ({_who(row)}) sits in an open transaction, idle for {lasting(row['state_s'])}."
            )
            problems.append(_open("idle_in_transaction", row, says))
        elif row["pid"] == PREPARED and row["transaction_s"] >= OPEN_S:
            says = f"Transaction {row['prepared']} of {row['role']} was prepared {lasting(row['transaction_s'])} ago."
            run = _rolled_back(row)
            problems.append(Problem(code="transaction_prepared", on=row["prepared"], says=says, run=run))
        elif _runs_on(row):
            says = f"Session {row['pid']} ({_who(row)}) has been running for {lasting(row['statement_s'])}."
            problems.append(_open("statement_running_long", row, says))
    return worst(problems, "idle_in_transaction", "transaction_prepared", "statement_running_long")


def _runs_on(row: Row) -> bool:
    busy = row["state"] == "active" and not row["blocked_by"] and row["kind"] not in UPKEEP
    return busy and (row["statement_s"] or 0) >= OPEN_S


def _open(code: str, row: Row, says: str) -> Problem:
    return Problem(code=code, on=f"session {row['pid']}", says=says, run=_ended(row))


def connections(facts: Facts) -> Outcome:
    if _is_full(facts):
        return outcome(crowded(facts), "")
    used, most = _used(facts)
    busiest = ", ".join(f"{each['role']} {each['sessions']}" for each in facts["roles"][:3] if each["sessions"])
    held = f", besides this one: {busiest}" if busiest else " besides this one"
    return outcome(crowded(facts), f"{used} of {most} connections are in use{held}.")


def _is_full(facts: Facts) -> bool:
    """Whether the server had no connection left for peakops itself."""
    fault = facts.fault("roles")
    return bool(fault and fault.code == FULL)


def _used(facts: Facts) -> tuple[int, int]:
    server = facts["server"]
    return sum(each["sessions"] for each in facts["roles"]), server["most_connections"] - server["reserved_connections"]


def crowded(facts: Facts) -> list[Problem]:
    """The server, and each role with a limit of its own, where few connections are left."""
    if _is_full(facts):
        says = "The database refused peakops a connection: none is free."
        return [Problem(code="connections_spent", on="server", says=says)]
    used, most = _used(facts)
    by_role = ", ".join(f"{each['role']} {each['sessions']}" for each in facts["roles"][:5] if each["sessions"])
    counted = [("server", used, most, f"{used} of {most} connections are in use: {by_role}.")]
    for row in facts["roles"]:
        if (row["most"] or 0) >= SMALL_LIMIT:
            says = f"The role {row['role']} has {row['sessions']} of the {row['most']} connections that it may have."
            counted.append((row["role"], row["sessions"], row["most"], says))
    problems = [
        Problem(code="connections_spent" if number >= SPENT * limit else "connections_high", on=on, says=says)
        for on, number, limit, says in counted
        if number >= HIGH * limit
    ]
    return worst(problems, "connections_spent", "connections_high")
