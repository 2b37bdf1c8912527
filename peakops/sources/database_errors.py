"""What PostgreSQL, Supabase and their poolers say when they refuse, in the operator's words with a way out."""

import re
from collections.abc import Callable, Sequence

import psycopg
from psycopg import errors as pg

from peakops.errors import Bug, Denied, NotConfigured, PeakopsError, RateLimited, TimedOut, Unauthenticated, Unreachable

POOLER = "Use the session pooler's address (port 5432 of …pooler.supabase.com), user postgres.<project ref>."
TWICE = {"users": ("auth.users", "public.users")}
"""Tables that two schemas have."""

CONNECTION: tuple[tuple[str, type[PeakopsError], str, str, str], ...] = (
    # what the text holds, the error, its code, what it means, the hint; first match wins
    (
        r"Tenant or user not found",
        NotConfigured,
        "database.tenant_not_found",
        "The pooler does not know this project: the reference, the region or the form of the user is wrong.",
        POOLER,
    ),
    (
        r"Network is unreachable|No route to host|Cannot assign requested address",
        Unreachable,
        "database.no_route",
        "The database's address cannot be reached from here; Supabase's direct address has IPv6 only.",
        POOLER,
    ),
    (
        r"could not translate host name|failed to resolve host|Name or service not known|nodename nor servname",
        Unreachable,
        "database.no_such_host",
        "The database's host name does not resolve.",
        "Check the host in PEAKOPS_DATABASE_URL; a paused project has no address.",
    ),
    (
        r"password authentication failed|SASL authentication failed|no password supplied",
        Unauthenticated,
        "database.password",
        "The database does not accept the user or the password.",
        "Check the user and password in PEAKOPS_DATABASE_URL.",
    ),
    (
        r"SSL connection is required|no encryption",
        NotConfigured,
        "database.tls_required",
        "The database only lets TLS connections in.",
        "Remove sslmode=disable from PEAKOPS_DATABASE_URL.",
    ),
    (
        r"certificate verify failed|root certificate file|does not match host name",
        NotConfigured,
        "database.certificate",
        "The database's certificate could not be verified.",
        "Set PEAKOPS_DATABASE_CA to the CA certificate from the project's database settings.",
    ),
    (
        r"prepared statement .* (already exists|does not exist)",
        NotConfigured,
        "database.wrong_pooler",
        "A transaction pooler mixes up prepared statements.",
        POOLER,
    ),
    (
        r"invalid response to GSSAPI|unsupported startup parameter",
        NotConfigured,
        "database.startup",
        "The pooler refuses a start-up parameter of the connection.",
        "Remove options= and gssencmode from PEAKOPS_DATABASE_URL.",
    ),
    (
        r"too many connections for role",
        RateLimited,
        "database.role_limit",
        "The role has all the connections that it may have.",
        "Run it again in a minute, or raise the role's connection limit: alter role … connection limit.",
    ),
    (
        r"[Mm]ax client connections reached|too many (clients|connections)|remaining connection slots",
        RateLimited,
        "database.too_many_connections",
        "The database has no free connection.",
        "Run it again in a minute, or look for a service that leaks connections.",
    ),
    (
        r"timeout expired|timed out",
        TimedOut,
        "database.timeout",
        "The database did not let us in before the time limit.",
        "Run it again, or look at https://status.supabase.com.",
    ),
)


READER = "PEAKOPS_DATABASE_URL"
"""The setting of whom most looks are; the sentences here name it, and another role's in its place."""
WRITER, PERFORMANCE = "PEAKOPS_DATABASE_WRITE_URL", "PEAKOPS_DATABASE_PERF_URL"


def translated(
    wrong: psycopg.Error, role: str, seconds: float, reads: Sequence[str] = (), setting: str = READER
) -> PeakopsError:
    """
    The error to raise for one of psycopg's; its code says which case it is, its hint what to do.

    `reads` are the tables of the query that failed, `setting` where the role's address stands.
    """
    error = _translated(wrong, role, seconds, reads)
    error.says, error.hint = (each.replace(READER, setting) for each in (error.says, error.hint))
    return error


def _translated(wrong: psycopg.Error, role: str, seconds: float, reads: Sequence[str]) -> PeakopsError:
    if isinstance(wrong, pg.InsufficientPrivilege):
        return _denied(wrong, role, reads)
    for kind, says in _STATEMENTS.items():
        if isinstance(wrong, kind):
            return says(wrong, role, seconds)
    text = " ".join(str(wrong).split())
    for pattern, error, code, meaning, hint in CONNECTION:
        if re.search(pattern, text):
            return error(meaning, code=code, hint=hint, source="database")
    if isinstance(wrong, psycopg.OperationalError | psycopg.InterfaceError):
        return Unreachable(
            "The portal's database did not answer.",
            code="database.unreachable",
            hint="Check PEAKOPS_DATABASE_URL, or look at https://status.supabase.com.",
            source="database",
        )
    if isinstance(wrong, psycopg.ProgrammingError) and wrong.sqlstate is None:
        return NotConfigured(
            "PEAKOPS_DATABASE_URL cannot be read as a connection URL.",
            code="database.malformed",
            hint="See docs/settings.md.",
        )
    return Bug(f"A query failed: {type(wrong).__name__} ({wrong.sqlstate}).", source="database")


def object_of(wrong: psycopg.Error) -> str:
    """The table or column that a message of PostgreSQL's is about."""
    match = re.search(r'(?:relation|column|table|schema) "?([\w.]+)"?', str(wrong))
    return match[1] if match else "an object"


def _denied(wrong: psycopg.Error, role: str, reads: Sequence[str]) -> PeakopsError:
    name, tables = _tables(object_of(wrong), reads)
    if "row-level security" in str(wrong):
        return Denied(
            f"Row-level security hides rows of {name} from the role {role}, so an empty answer would prove nothing.",
            code="database.blind",
            hint=f"alter role {role} bypassrls; or use a role that has it.",
            source="database",
        )
    of_schema = "denied for schema" in str(wrong)
    return Denied(
        f"The role {role} may not read {'the schema ' if of_schema else ''}{name}.",
        code="database.permission_denied",
        hint=f"grant {'usage on schema' if of_schema else 'select on'} {tables} to {role};",
        source="database",
    )


def _tables(name: str, reads: Sequence[str]) -> tuple[str, str]:
    """
    A table as a sentence and as a grant name it, with its schema where that can be known.

    PostgreSQL names none where it refuses a table. A query's header that names none either means the portal's own.
    """
    named = {each for each in reads if each.rpartition(".")[2] == name}
    both = TWICE.get(name, ())
    if len(named) == 1:
        (known,) = named
        known = f"public.{known}" if both and known == name else known
        return known, known
    return (f"{name} ({' or '.join(both)})", ", ".join(both)) if both else (name, name)


def _missing(what: str, code: str) -> Callable[[psycopg.Error, str, float], PeakopsError]:
    def says(wrong: psycopg.Error, role: str, _: float) -> PeakopsError:  # noqa: ARG001  (all take the same)
        return NotConfigured(
            f"The portal's database has no {what} {object_of(wrong)}: its schema is not the one that peakops reads.",
            code=code,
            hint="Compare the database with the portal's migrations.",
            source="database",
        )

    return says


def _cancelled(_: psycopg.Error, role: str, seconds: float) -> PeakopsError:  # noqa: ARG001  (all take the same)
    time = f"within {seconds:.1f} s" if seconds >= 0.1 else "in the time that was left"
    return TimedOut(
        f"The database did not answer a query {time}.",
        code="database.statement_timeout",
        hint="Look for locks or a long transaction, or give more time with --timeout.",
        source="database",
    )


_STATEMENTS: dict[type[psycopg.Error], Callable[[psycopg.Error, str, float], PeakopsError]] = {
    pg.UndefinedTable: _missing("table", "database.missing_table"),
    pg.UndefinedColumn: _missing("column", "database.missing_column"),
    pg.QueryCanceled: _cancelled,
}
