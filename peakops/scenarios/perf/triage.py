"""What the questions of the database share: problems, the worst of them, why one could not be asked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from peakops.model import Outcome
from peakops.redact import Door
from peakops.scenario import Facts, found, ok

LARGE = 10_000
"""Rows from which on reading a whole table is felt (PgHero's missing-index rule takes the same)."""
LOCK_LIMIT = "2s"
"""How long a statement that locks a table may wait for it: all who come after it wait behind it meanwhile."""
NO_STATEMENTS = "This database has no pg_stat_statements: add it to shared_preload_libraries, and create the extension."
COUNTS_NOTHING = "pg_stat_statements counts nothing here: set pg_stat_statements.track to top."
OUTDATED = "pg_stat_statements is of an old version here: alter extension pg_stat_statements update."
SMALL = 1_000
"""Rows below which nothing about a table is worth a word: it is a few pages, and always in memory."""

MANAGED = ("auth", "storage", "realtime", "vault", "graphql", "net", "cron", "extensions", "supabase_functions")
"""Schemas of Supabase's own: their indexes and keys come with its migrations, which would make them again."""
UNSAID = "No statement is offered: it holds an address or a number that peakops does not print."


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and the statement that would put it right; peakops never runs it."""

    code: str
    on: str
    """What it is about: a table, an index, a statement's id, a session."""
    says: str
    run: str = ""
    undo: str = ""
    """What takes `run` back; empty where nothing does, which the row's words say."""
    share: float | None = None
    """Of the time of all statements, between 0 and 1; None where it is not a statement's."""
    next: tuple[str, ...] = ()
    """The commands of peakops that look closer."""
    lines: tuple[str, ...] = ()
    """What belongs to it, a line each: the statement's text, or the sessions that wait, each level further in."""

    def __post_init__(self) -> None:
        """A statement that the door would mask is not offered: run as it is printed, it would do something else."""
        if any(Door().text(each) != each for each in (self.run, self.undo)):
            for name, value in (("run", ""), ("undo", ""), ("lines", (*self.lines, UNSAID))):
                object.__setattr__(self, name, value)


def outcome(problems: Sequence[Problem], well: str) -> Outcome:
    """The row of the first problem, which is the worst, with how many more there are; all is well without any."""
    if not problems:
        return ok(well)
    first = problems[0]
    more = len(problems) - 1
    says = f"{first.says} {more} more {'are' if more > 1 else 'is'} listed." if more else first.says
    return found(first.code, says, next=tuple(dict.fromkeys(each for one in problems[:3] for each in one.next)))


def worst(problems: Sequence[Problem], *codes: str) -> list[Problem]:
    """The problems by their codes, the first code's before the second's; otherwise in their order."""
    return sorted(problems, key=lambda each: codes.index(each.code))


def locking(*statements: str) -> str:
    """Statements that lock a table, as one transaction that gives up rather than let others wait behind it."""
    return " ".join(("begin;", f"set local lock_timeout = '{LOCK_LIMIT}';", *statements, "commit;"))


def blind(facts: Facts) -> str:
    """Why this role does not see what other roles do; empty where it does."""
    server = facts["server"]
    if server["sees_all"]:
        return ""
    return f"The role {server['role']} does not see what others do: grant pg_monitor to {server['role']}."


def without_statements(facts: Facts) -> str:
    """Why nothing is known of single statements; empty where it is."""
    server = facts["server"]
    if not server["keeps_statements"]:
        return NO_STATEMENTS
    if server["tracks"] == "none":
        return COUNTS_NOTHING
    if not server["statements_new"]:
        return OUTDATED
    return forbidden(facts)


def forbidden(facts: Facts) -> str:
    """Which right this role lacks to see what others do and did; empty where it has all."""
    server = facts["server"]
    if server["keeps_statements"] and not server["statements_usable"]:
        place, role = server["statements_schema"], server["role"]
        return f"The role {role} may not use pg_stat_statements: grant usage on schema {place} to {role}."
    return blind(facts)
