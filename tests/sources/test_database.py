"""The database source: read-only, timed, honest about what hides rows, and its errors said in our words."""

import time
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors as pg

from peakops.errors import Denied, NotConfigured, TimedOut, Unauthenticated, Unreachable
from peakops.settings import Settings
from peakops.sources import database as module
from peakops.sources.database import Database
from peakops.sources.database_errors import translated
from peakops.sources.database_writer import DatabaseWriter
from peakops.sources.performance import Performance
from peakops.sources.plans import Plans

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def database(url, seconds=5.0, **more):
    return Database(url, ca=None, now=NOW, deadline=time.monotonic() + seconds, **more)


def find(source, number="INV-1"):
    return source.find(ways=[("payment/invoices", {"number": number})])


@pytest.fixture
def query(monkeypatch):
    """Lets a test run a statement of its own as a named query."""
    from peakops.sources.queries import Query

    def use(text, **more):
        named = Query(name="test/query", says="", params=(), reads=(), limit=None, text=text)
        monkeypatch.setattr(module.queries, "load", lambda _: named)

    return use


def test_nothing_can_be_written(portal, query):
    """A statement that writes is refused by the server, since the transaction is READ ONLY."""
    query("insert into public.practices (name) values ('x') returning id")
    with pytest.raises(Exception, match=r"ReadOnlySqlTransaction|25006"):
        database(portal).rows("test/query")


def test_a_statement_has_its_time_limit(portal, query):
    """A statement ends with what is left of the deadline, and the error says how long it was given."""
    query("select pg_sleep(10)")
    start = time.monotonic()
    with pytest.raises(TimedOut, match=r"within 0\.\d s"):
        database(portal, seconds=0.5).rows("test/query")

    assert time.monotonic() - start < 2


def test_the_time_limit_is_the_transactions_own(portal, query):
    """It is set inside the transaction, so that a pooler's next user does not inherit it."""
    query("select current_setting('statement_timeout') as own, current_setting('row_security') as rls")
    (row,) = database(portal).rows("test/query").rows

    assert row["own"].endswith("ms") or row["own"].endswith("s")
    assert "off" == row["rls"]


def test_nothing_is_prepared_on_the_server(portal, query):
    """After ten runs of one statement the server has prepared none: transaction poolers break on them."""
    query("select count(*) as n from pg_prepared_statements")
    source = database(portal)

    assert [0] * 10 == [source.rows("test/query").rows[0]["n"] for _ in range(10)]


def test_row_level_security_makes_no_empty_answer(portal):
    """A role that row-level security blinds is told so by name, instead of `no such invoice`."""
    with psycopg.connect(portal, autocommit=True) as owner:
        owner.execute("drop role if exists blind_reader")
        owner.execute("create role blind_reader login")
        owner.execute("grant usage on schema public to blind_reader")
        owner.execute("grant select on all tables in schema public to blind_reader")
        owner.execute("alter table public.invoices enable row level security")
    try:
        with pytest.raises(Denied) as refused:
            find(database(psycopg.conninfo.make_conninfo(portal, user="blind_reader")))
    finally:
        with psycopg.connect(portal, autocommit=True) as owner:
            owner.execute("alter table public.invoices disable row level security")
            owner.execute("drop owned by blind_reader")
            owner.execute("drop role blind_reader")

    assert "database.blind" == refused.value.code
    assert "invoices" in refused.value.says
    assert "alter role blind_reader bypassrls" in refused.value.hint


@pytest.mark.parametrize(
    ("table", "reads", "told", "granted"),
    [
        ("users", ("auth.users", "public.practices"), "auth.users", "auth.users"),
        ("users", ("public.users", "auth.identities"), "public.users", "public.users"),
        ("users", ("invoices", "users"), "public.users", "public.users"),
        ("users", ("auth.users", "public.users"), "users (auth.users or public.users)", "auth.users, public.users"),
        ("users", (), "users (auth.users or public.users)", "auth.users, public.users"),
        ("identities", ("auth.identities",), "auth.identities", "auth.identities"),
        ("invoices", ("invoices", "payments"), "invoices", "invoices"),
        ("invoices", (), "invoices", "invoices"),
    ],
)
def test_the_schema_of_a_table_is_the_querys(table, reads, told, granted):
    """PostgreSQL names none where it refuses a table, and two schemas have users."""
    denied = translated(pg.InsufficientPrivilege(f"permission denied for table {table}"), "reader", 5, reads)
    blind = translated(
        pg.InsufficientPrivilege(f'query would be affected by row-level security policy for table "{table}"'),
        "reader",
        5,
        reads,
    )

    assert f"The role reader may not read {told}." == denied.says
    assert f"grant select on {granted} to reader;" == denied.hint
    assert f"rows of {told} from the role reader" in blind.says


def test_a_refusal_names_the_table_that_the_header_names(portal):
    """PostgreSQL itself says users, and not of which schema."""
    with psycopg.connect(portal, autocommit=True) as owner:
        owner.execute("drop role if exists newcomer")
        owner.execute("create role newcomer login bypassrls")
        owner.execute("grant usage on schema public, auth to newcomer")
    try:
        with pytest.raises(Denied) as refused:
            database(psycopg.conninfo.make_conninfo(portal, user="newcomer")).rows("user/accounts", id=None, emails=[])
    finally:
        with psycopg.connect(portal, autocommit=True) as owner:
            owner.execute("drop owned by newcomer")
            owner.execute("drop role newcomer")

    assert "The role newcomer may not read auth.users." == refused.value.says


@pytest.mark.parametrize(
    ("url", "error", "code"),
    [
        (None, NotConfigured, "database.not_configured"),
        ("postgresql://u@127.0.0.1:1/x", Unreachable, "database.unreachable"),
        ("postgresql://u@no-such-host.invalid/x", Unreachable, "database.no_such_host"),
        ("postgresql://u@h/x?nonsense=1", NotConfigured, "database.malformed"),
    ],
)
def test_addresses_that_do_not_work(url, error, code):
    """Not configured, refused, unknown host, malformed: told apart, with a hint."""
    with pytest.raises(error) as refused:
        find(database(url))

    assert code == refused.value.code
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("FATAL:  Tenant or user not found", NotConfigured, "database.tenant_not_found"),
        (
            'connection to server at "2600:1f18::1", port 5432 failed: Network is unreachable',
            Unreachable,
            "database.no_route",
        ),
        ('FATAL:  password authentication failed for user "x"', Unauthenticated, "database.password"),
        ("FATAL: SSL connection is required", NotConfigured, "database.tls_required"),
        ("SSL error: certificate verify failed", NotConfigured, "database.certificate"),
        ('prepared statement "_pg3_0" already exists', NotConfigured, "database.wrong_pooler"),
        ("received invalid response to GSSAPI negotiation: S", NotConfigured, "database.startup"),
        ("FATAL: Max client connections reached", Exception, "database.too_many_connections"),
        ("connection timeout expired", TimedOut, "database.timeout"),
        ("server closed the connection", Unreachable, "database.unreachable"),
    ],
)
def test_what_poolers_say(text, error, code):
    """The messages of Supabase and its poolers become a cause and a way out, without the message itself."""
    told = translated(psycopg.OperationalError(text), "reader", 5)

    assert isinstance(told, error)
    assert code == told.code
    assert told.hint


def test_a_password_in_the_url_is_not_told():
    """No error text holds the URL or its password."""
    with pytest.raises(Unreachable) as refused:
        find(database("postgresql://u:hunter2@127.0.0.1:1/x"))

    assert "hunter2" not in f"{refused.value.says} {refused.value.hint}"


@pytest.mark.parametrize(
    ("url", "ca", "mode"),
    [
        ("postgresql://u@db.example/x", None, "require"),
        ("postgresql://u@db.example/x", "/ca.crt", "verify-full"),
        ("postgresql://u@db.example/x?sslmode=verify-ca", None, "verify-ca"),
        ("postgresql://u@127.0.0.1/x", None, None),
        ("postgresql://u@/x?host=/run/postgresql", None, None),
    ],
)
def test_tls_is_on_unless_the_server_is_here(url, ca, mode):
    """Every other host gets TLS, verified where a CA is configured; what the URL says is kept."""
    from pathlib import Path

    source = Database(url, ca=Path(ca) if ca else None, now=NOW, deadline=time.monotonic() + 5)

    assert mode == psycopg.conninfo.conninfo_to_dict(source._conninfo(5)).get("sslmode")


def test_a_cut_list_says_so(portal):
    """When a query's limit is reached, the answer carries a note."""
    with psycopg.connect(portal) as owner:
        practice = owner.execute("insert into public.practices (name) values ('P') returning id").fetchone()[0]
        invoice = owner.execute(
            "insert into public.invoices (invoice_number, practice_id, amount_due)"
            " values ('INV-1', %s, 1) returning id",
            [practice],
        ).fetchone()[0]
        owner.execute(
            "insert into public.payments (invoice_id, amount, status)"
            " select %s, 1, 'failed' from generate_series(1, 250)",
            [invoice],
        )
    try:
        brought = database(portal).rows("payment/payments_of_invoice", invoice=invoice)
    finally:
        with psycopg.connect(portal) as owner:
            owner.execute("delete from public.payments")
            owner.execute("delete from public.invoices")
            owner.execute("delete from public.practices")

    assert 200 == len(brought.rows)
    assert ("Only the newest 200 rows were read.",) == brought.notes


@pytest.mark.parametrize(
    ("named", "of"),
    [
        ("PEAKOPS_DATABASE_URL", database),
        ("PEAKOPS_DATABASE_WRITE_URL", lambda url: DatabaseWriter(url, ca=None, now=NOW, deadline=soon())),
        ("PEAKOPS_DATABASE_PERF_URL", lambda url: Performance(Settings(database_perf_url=url), deadline=soon())),
        ("PEAKOPS_DATABASE_PERF_URL", lambda url: Plans(Settings(database_perf_url=url), deadline=soon())),
        ("PEAKOPS_DATABASE_URL", lambda url: Performance(Settings(database_url=url), deadline=soon())),
    ],
    ids=["reads", "writes", "perf", "plans", "perf by the reader"],
)
def test_an_error_names_the_setting_of_its_own_role(named, of):
    """Whose address leads nowhere is told, so that nobody mends another role's setting."""
    with pytest.raises(Unreachable) as caught:
        of("postgresql://somebody@nowhere.invalid/portal").rows("change/team_tables")
    assert f"Check the host in {named}; a paused project has no address." == caught.value.hint


def soon():
    return time.monotonic() + 5.0
