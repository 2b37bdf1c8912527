"""Tables: what is read whole, has no index, is dead or unknown to the planner, or runs out. Pure."""

from itertools import count

from peakops.model import Outcome, Row
from peakops.scenario import Facts, ok, skip
from peakops.scenarios.perf.proposals import quoted
from peakops.scenarios.perf.triage import LARGE, SMALL, Problem, locking, outcome, worst
from peakops.scenarios.words import lasting

SCANS = 100
"""Reads of a whole table at least; a nightly copy or a report makes a few."""
WHOLE_SHARE = 0.1
"""Of its rows that a read brings at least, on average: a 'limit' stops early, and each parallel worker reads a part."""
SCAN_SHARE = 0.05
"""Of all reads of the table: PgHero speaks of a missing index where less than 95 % go by one."""
DEAD_SHARE = 0.20
"""Of the rows: autovacuum comes at a fifth by default, so more means that it does not keep up."""
STALE_SHARE = 0.5
"""Of the rows that changed since the planner counted: autovacuum counts again at a tenth by default."""
WRAP, WARN_AGE, STOP_AGE = 2_147_483_648, 1_000_000_000, 1_647_483_648
"""
Where PostgreSQL stops, and the ages of the oldest row at which that is worth a word, and critical: 500 million left.

Autovacuum comes at 200 million whatever happens, so that even the first age means that it fails.
"""
MANY_READS = 10_000
"""Blocks that were read at least, 80 MB; a server that has just started reads its own catalogue, which is less."""
HIT = 0.99
"""Of the blocks that are found in memory (PgHero); what the operating system keeps counts as read here."""
FULL, NEARLY_FULL = 90, 75
"""Percent of a sequence: PgHero warns at 90; the other leaves time to change a column's type."""


def seq_scans(facts: Facts) -> Outcome:
    well = f"No table of {LARGE:,} rows or more is read whole again and again."
    return outcome(scanned(facts), f"{well} Counted for {lasting(facts['server']['counted_s'])}.")


def scanned(facts: Facts) -> list[Problem]:
    """Large tables that are often read whole, those first of which most rows were read so."""
    rows = [each for each in facts["tables"] if each["rows"] >= LARGE and _often_whole(each)]
    return [
        Problem(
            code="table_scanned",
            on=each["table"],
            says=f"{each['table']} ({each['rows']:,} rows) was read whole {each['seq_scans']:,} times, and "
            f"{each['index_scans']:,} times by an index.",
            next=("peakops perf index propose",),
        )
        for each in sorted(rows, key=lambda each: each["seq_rows"], reverse=True)
    ]


def _often_whole(row: Row) -> bool:
    whole, by_index = int(row["seq_scans"]), int(row["index_scans"])
    is_whole = row["seq_rows"] >= whole * row["rows"] * WHOLE_SHARE
    return is_whole and whole >= SCANS and whole >= SCAN_SHARE * (whole + by_index)


def foreign_keys(facts: Facts) -> Outcome:
    return outcome(uncovered(facts), f"Every foreign key of a table of {LARGE:,} rows or more has an index.")


def uncovered(facts: Facts) -> list[Problem]:
    """Foreign keys without an index that begins with their columns, the largest tables first."""
    return [
        Problem(
            code="key_without_index",
            on=each["name"],
            says=f"{each['name']} of {each['table']} ({each['rows']:,} rows) has no index on "
            f"{', '.join(each['columns'])}; it refers to {each['references']}.",
            run=f"create index concurrently {index_name(each)} on {each['quoted']} ({', '.join(each['columns'])});",
            undo=f"drop index concurrently {each['quoted_schema']}.{index_name(each)};",
        )
        for each in facts["foreign_keys"]
        if each["rows"] >= LARGE
    ]


def index_name(row: Row) -> str:
    """What the index of a foreign key is to be called: as PostgreSQL would, by table and columns; 63 bytes at most."""
    plain = "_".join([row["table"].rpartition(".")[2], *row["columns"]]).replace('"', "")
    short = plain.encode()[:55].decode(errors="ignore")
    names = (f"{short}_idx{number or ''}" for number in count())
    return quoted(next(each for each in names if each not in row["taken"]))


def upkeep(facts: Facts) -> Outcome:
    return outcome(neglected(facts), "No larger table is full of dead rows, or unknown to the planner.")


def neglected(facts: Facts) -> list[Problem]:
    """Tables that the planner knows nothing of, or only what was; then those with many dead rows."""
    problems = [each for row in facts["tables"] if row["rows"] + row["dead"] >= SMALL for each in _neglected(row)]
    return worst(problems, "never_analyzed", "rows_dead", "analyzed_long_ago")


def _neglected(row: Row) -> list[Problem]:
    table, problems = row["table"], []
    if row["analyzed_s"] is None and not row["known_to_planner"]:
        says = f"{table} ({row['live']:,} rows) was never analyzed: the planner guesses."
        problems.append(Problem(code="never_analyzed", on=table, says=says, run=f"analyze {row['quoted']};"))
    elif row["changed"] >= max(LARGE, STALE_SHARE * row["rows"]):
        says = f"{row['changed']:,} of {row['rows']:,} rows of {table} changed since it was analyzed."
        problems.append(Problem(code="analyzed_long_ago", on=table, says=says, run=f"analyze {row['quoted']};"))
    if not row["in_vacuum"] and row["dead"] >= max(LARGE, DEAD_SHARE * row["live"]):
        since = f"last vacuumed {lasting(row['vacuumed_s'])} ago" if row["vacuumed_s"] is not None else "never vacuumed"
        says = f"{table} has {row['dead']:,} dead rows beside {row['live']:,} live ones; it was {since}."
        problems.append(Problem(code="rows_dead", on=table, says=says, run=f"vacuum (analyze) {row['quoted']};"))
    return problems


def wraparound(facts: Facts) -> Outcome:
    age, name = facts["server"]["oldest_age"], facts["server"]["oldest_database"]
    return outcome(ageing(facts), f"The oldest rows are {age:,} transactions old (database {name}), of {WRAP:,}.")


def ageing(facts: Facts) -> list[Problem]:
    """The database with the oldest rows, where PostgreSQL will refuse to write before long."""
    age, name = facts["server"]["oldest_age"], facts["server"]["oldest_database"]
    if age < WARN_AGE:
        return []
    code = "wraparound_near" if age >= STOP_AGE else "wraparound_ahead"
    says = f"The oldest rows of database {name} are {age:,} transactions old; {WRAP - age:,} are left."
    return [Problem(code=code, on=name, says=says, run="vacuum (freeze);")]


def sequences(facts: Facts) -> Outcome:
    hidden = unreadable(facts)
    problems = ending(facts)
    if hidden and not problems:
        role = facts["server"]["role"]
        which = hidden[0] if len(hidden) == 1 else f"{len(hidden)} sequences"
        return skip(f"The role {role} may not read {which}: {_granted(facts)}.")
    return outcome(problems, f"No sequence has come to {NEARLY_FULL} % of its column's type.")


def unreadable(facts: Facts) -> list[str]:
    """Sequences whose numbers this role may not see."""
    return [each["name"] for each in facts["sequences"] if not each["readable"]]


def _granted(facts: Facts) -> str:
    places = sorted({each["place"] for each in facts["sequences"] if not each["readable"]})
    return f"grant select on all sequences in schema {', '.join(places)} to {facts['server']['role']}"


def ending(facts: Facts) -> list[Problem]:
    """Sequences that have come near the end of their column's type, the furthest first."""
    rows = [each for each in facts["sequences"] if each["readable"] and each["last_value"]]
    return worst([_ending(each) for each in rows if percent(each) >= NEARLY_FULL], "sequence_full", "sequence_filling")


def percent(row: Row) -> int:
    """How far a sequence has come."""
    return int(row["last_value"] * 100 // row["ends"])


def _ending(row: Row) -> Problem:
    far = percent(row)
    column = f"{row['table']}.{row['column']} ({row['type']})" if row["table"] else "no column of its own"
    narrow = row["type"] in ("integer", "smallint")
    run, undo = (_typed(row, "bigint"), _typed(row, row["type"])) if narrow else ("", "")
    return Problem(
        code="sequence_full" if far >= FULL else "sequence_filling",
        on=row["name"],
        says=f"{row['name']} has come to {row['last_value']:,} of {row['ends']:,} ({far} %): {column}.",
        run=run,
        undo=undo,
    )


def _typed(row: Row, type: str) -> str:
    """The statements that give a column, and what counts for it, another type."""
    column = f"alter table {row['table']} alter column {row['column']} type {type};"
    return locking(f"alter sequence {row['name']} as {type};", column)


def cache(facts: Facts) -> Outcome:
    server = facts["server"]
    whole = server["blocks_hit"] + server["blocks_read"]
    if server["blocks_read"] < MANY_READS:
        return ok(f"{server['blocks_read']:,} blocks were read from disk: too few to judge the cache by.")
    says = f"{server['blocks_hit'] / whole:.1%} of {whole:,} blocks were found in memory."
    return outcome(missed(facts), says)


def missed(facts: Facts) -> list[Problem]:
    """The cache, where too much is read from outside of it."""
    server = facts["server"]
    whole = server["blocks_hit"] + server["blocks_read"]
    if server["blocks_read"] < MANY_READS or server["blocks_hit"] >= HIT * whole:
        return []
    says = f"{server['blocks_hit'] / whole:.1%} of {whole:,} blocks were found in memory; at least {HIT:.0%} is usual."
    return [Problem(code="cache_small", on="database", says=says)]
