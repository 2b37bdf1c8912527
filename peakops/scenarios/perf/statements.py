"""The portal's statements, as pg_stat_statements counts them: slow, spilling, too large, or too many. Pure."""

from collections.abc import Callable

from peakops.model import Outcome, Row, typed
from peakops.scenario import Facts, skip
from peakops.scenarios.perf.page_figures import PAGE_MS
from peakops.scenarios.perf.triage import Problem, outcome, without_statements, worst
from peakops.scenarios.words import lasting

WORDS = ("select", "with", "insert", "update", "delete", "merge", "values")
"""What a statement of the portal begins with; the text of others may still hold values, and is not read."""
SERVICES = ("supabase_admin", "supabase_replication_admin", "supabase_read_only_user")
"""Roles of Supabase's own, whose polling of changes is the first in most projects, and not the portal's."""
MOST = 50
"""Statements that are read by each measure."""
SHOWN = 110
"""Characters of a statement's text."""
SLOW_MS = 1_000
"""A third of the playbook's 3 s for a whole page."""
SHARE = 0.20
"""Of the time of all statements; one that takes so much is worth the work whatever it is."""
FELT_MS, OFTEN = 20, 100
"""A share counts from here on: PgHero's slow queries take at least 20 ms and come at least 100 times."""
AGAIN = 2
"""Calls of a slow statement at least; once is anybody's experiment."""
MANY_ROWS = 1_000
"""Rows per call beyond which no page shows them all: facts 4.2, and Supabase's default limit of its API."""
SPILL_BLOCKS = 1_280
"""Blocks of 8 KiB per call that are written to files because work_mem is too small: 10 MiB."""
SPILL_A_DAY, DAY_S = 1 << 30, 86_400
"""Bytes of temporary files a day that are worth a word where single statements are not known: 1 GiB."""
REPEATED, TIMES, OTHERS = 1_000, 10, 3
"""An N+1 is called at least so often, and so many times as often as the middle one of at least so many of its role."""
ONE_ROW = 1.5
"""Rows per call of a look for a single thing, at most."""
SETTING_UP = "set_config("
"""What PostgREST asks before each request: its calls are the requests, not an N+1."""
LIMIT_SHARE = 0.8
"""Of its role's time limit: a statement that has taken longer once was near being cancelled."""


def statements(facts: Facts) -> Outcome:
    return _asked(facts, slow, "No statement of the portal is slow, and none takes a fifth of the time alone.")


def unbounded(facts: Facts) -> Outcome:
    return _asked(facts, too_many_rows, f"No statement brings more than {MANY_ROWS:,} rows a call.")


def n_plus_one(facts: Facts) -> Outcome:
    return _asked(facts, repeated, "No look for a single row is made many times as often as the others.")


def _asked(facts: Facts, problems: Callable[[Facts], list[Problem]], well: str) -> Outcome:
    if reason := without_statements(facts):
        return skip(reason)
    if not facts["statements"]:
        return skip("No statement of the portal was counted yet.")
    return outcome(problems(facts), f"{well} {_since(facts)}")


def _since(facts: Facts) -> str:
    """How old the statistics are, and whether they are whole."""
    rows = facts["statements"]
    dropped = rows[0]["dropped"]
    lost = f"; the least used were dropped {dropped:,} times" if dropped else ""
    return f"Counted for {lasting(rows[0]['counted_s'])}{lost}."


def _named(row: Row) -> str:
    return f"{row['id']} of {row['role']}"


def _problem(code: str, row: Row, says: str) -> Problem:
    closer = typed("peakops perf query", row["id"])
    return Problem(code=code, on=row["id"], says=says, share=row["share"], next=(closer,), lines=(_short(row["text"]),))


def _short(text: str) -> str:
    """A statement's text for a line of a page; the evidence has more of it."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def slow(facts: Facts) -> list[Problem]:
    """Statements that take a second on average; then those that take a fifth of all time, or once took a page's."""
    problems = []
    for row in facts["statements"]:
        says = f"{_named(row)} takes {row['mean_ms']:,.0f} ms on average, {row['max_ms']:,} at most, {_part(row)}."
        if row["mean_ms"] >= SLOW_MS and row["calls"] >= AGAIN:
            problems.append(_problem("statement_slow", row, says))
        elif _heavy(row):
            problems.append(_problem("statement_heavy", row, says))
    return worst(problems, "statement_slow", "statement_heavy")


def _part(row: Row) -> str:
    return f"in {row['calls']:,} calls: {row['share']:.0%} of the time of all statements"


def _heavy(row: Row) -> bool:
    felt = row["mean_ms"] >= FELT_MS and row["calls"] >= OFTEN
    return bool((felt and row["share"] >= SHARE) or (row["max_ms"] >= PAGE_MS and row["calls"] >= AGAIN))


def too_many_rows(facts: Facts) -> list[Problem]:
    """Statements that bring more rows a call than a page shows, those with the most rows first."""
    rows = [each for each in facts["statements"] if each["calls"] >= AGAIN and per_call(each) > MANY_ROWS]
    said = "{name} brings {per_call:,.0f} rows a call, in {calls:,} calls."
    return [
        _problem(
            "selects_unbounded", each, said.format(name=_named(each), per_call=per_call(each), calls=each["calls"])
        )
        for each in sorted(rows, key=per_call, reverse=True)
        if _reads(each)
    ]


def per_call(row: Row) -> float:
    """Rows that a statement brings or changes each time."""
    return float(row["rows"] / row["calls"])


def _reads(row: Row) -> bool:
    return str(row["text"]).lstrip(" (").lower().startswith(("select", "with", "values"))


def repeated(facts: Facts) -> list[Problem]:
    """Looks for single rows that are made far more often than the other statements of their role."""
    return [
        _problem(
            "statement_repeated",
            each,
            f"{_named(each)} is called {each['calls']:,} times for a row each, and half of the others of its role at "
            f"most {each['usual_calls']:,} times: {each['share']:.0%} of the time of all statements.",
        )
        for each in facts["statements"]
        if _is_repeated(each)
    ]


def _is_repeated(row: Row) -> bool:
    often = row["calls"] >= max(REPEATED, TIMES * row["usual_calls"]) and row["of_role"] > OTHERS
    return often and _reads(row) and per_call(row) <= ONE_ROW and SETTING_UP not in row["text"]


def temp_files(facts: Facts) -> Outcome:
    if (reason := without_statements(facts)) and not _writes_much(facts):
        return skip(reason)
    return outcome(spilling(facts), "No statement writes much to temporary files.")


def _writes_much(facts: Facts) -> bool:
    """Whether the database as a whole writes much to temporary files; unknown where nobody knows since when."""
    server = facts["server"]
    return bool(server["dated"] and server["temp_bytes"] >= SPILL_A_DAY * max(1, server["counted_s"] // DAY_S))


def size(number: int) -> str:
    """Bytes for people: 512 KiB, 12 MiB, 1.5 GiB."""
    for unit, least in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if number >= least:
            return f"{number / least:,.1f} {unit}"
    return f"{number // 1024:,} KiB"


def spilling(facts: Facts) -> list[Problem]:
    """Statements that sort or join in files; the database as a whole where single statements are not known."""
    server = facts["server"]
    if without_statements(facts):
        if not _writes_much(facts):
            return []
        says = f"The database wrote {size(server['temp_bytes'])} of temporary files in {lasting(server['counted_s'])}."
        return [Problem(code="temp_spill", on="database", says=says)]
    rows = [each for each in facts["statements"] if each["temp_blocks"] / each["calls"] >= SPILL_BLOCKS]
    return [
        _problem(
            "temp_spill",
            each,
            f"{_named(each)} writes {size(each['temp_blocks'] * 8192 // each['calls'])} to files a call, in "
            f"{each['calls']:,} calls: work_mem is {server['work_mem']}.",
        )
        for each in sorted(rows, key=lambda each: each["temp_blocks"], reverse=True)
    ]


def timeouts(facts: Facts) -> Outcome:
    limits = _limits(facts)
    said = ", ".join(f"{role} {limit}" for role, limit in limits.items()) or "no role has one of its own"
    problems = [] if without_statements(facts) else near_limit(facts)
    if problems:
        return outcome(problems, "")
    return skip(
        f"The server's log is not read, so whether statements were cancelled (57014) is unknown. Limits: {said}."
    )


def _limits(facts: Facts) -> dict[str, str]:
    return {each["role"]: each["statement_timeout"] for each in facts["roles"] if each["statement_timeout"]}


def near_limit(facts: Facts) -> list[Problem]:
    """Statements that once took most of their role's time limit; what was cancelled is not counted anywhere."""
    limits = {each["role"]: each["timeout_s"] for each in facts["roles"] if each["timeout_s"]}
    return [
        _problem(
            "near_time_limit",
            each,
            f"{_named(each)} once took {each['max_ms']:,} ms; its role may take {limits[each['role']] * 1000:,.0f}.",
        )
        for each in facts["statements"]
        if each["role"] in limits and each["max_ms"] >= limits[each["role"]] * 1000 * LIMIT_SHARE
    ]
