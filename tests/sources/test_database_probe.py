"""The database, asked about itself: on a real PostgreSQL, and on addresses as Supabase gives them."""

import time
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from peakops.errors import NotConfigured, TimedOut, Unauthenticated
from peakops.settings import Settings, WriteKeys
from peakops.sources.database_errors import translated
from peakops.sources.database_probe import DatabaseProbe, _way
from peakops.sources.writing_probe import WritingProbe

from .played import Reply

NOW = datetime(2026, 11, 20, tzinfo=UTC)
INVOICES = "payment/invoices"


def probing(url, seconds=5.0):
    return DatabaseProbe(url, ca=None, now=NOW, deadline=time.monotonic() + seconds)


@pytest.fixture
def owner(portal):
    """The portal's database, to be changed by a test; each one takes its change back."""
    with psycopg.connect(portal, autocommit=True) as connection:
        yield connection


def faults(probe, *names):
    return {each["query"]: each["fault"] for each in probe.plans(queries=names).rows}


def test_the_server_tells_who_we_are(portal):
    """Version, role and guards as they are in our own transaction; the clock of the same machine is ours."""
    (row,) = probing(portal, seconds=60).server().rows

    assert (True, "8s", "direct") == (row["read_only"], row["statement_timeout"], row["way"])
    assert row["version"].split(".")[0].isdigit()
    assert abs(row["clock_ahead_s"]) < 1
    assert {"backend", "clock"} & row.keys() == set()


@pytest.mark.parametrize(
    ("url", "pooled", "way"),
    [
        ("postgresql://postgres@db.abc.supabase.co:5432/postgres", False, "direct"),
        ("postgresql://postgres@db.abc.supabase.co/postgres", False, "direct"),
        ("postgresql://postgres@db.abc.supabase.co:6543/postgres", True, "the project's own pooler, transaction mode"),
        ("postgresql://postgres.abc@aws-0-eu.pooler.supabase.com:5432/p", True, "Supabase's pooler, session mode"),
        ("postgresql://postgres.abc@aws-0-eu.pooler.supabase.com:6543/p", True, "Supabase's pooler, transaction mode"),
        ("postgresql://a@db.example/p", True, "a pooler"),
        ("postgresql://a@db.example/p", False, "direct"),
    ],
)
def test_the_way_is_known_by_address_and_by_what_gives_it_away(url, pooled, way):
    """Supabase's addresses say it themselves; of others, a process number that is made up tells of a pooler."""
    assert way == _way(url, pooled=pooled)


def test_every_fault_is_found_beside_the_others(portal, owner):
    """A missing table, a missing column and a wrong type are each named; what follows them is planned all the same."""
    owner.execute("alter table invitations rename to elsewhere")
    owner.execute("alter table practices rename column name to title")
    try:
        found = faults(probing(portal), "user/invitations", INVOICES, "payment/webhook_events", "user/practices")
    finally:
        owner.execute("alter table elsewhere rename to invitations")
        owner.execute("alter table practices rename column title to name")

    assert {
        "user/invitations": "database.missing_table",
        INVOICES: "database.missing_column",
        "payment/webhook_events": None,
        "user/practices": "database.missing_column",
    } == found


def test_a_role_without_a_right_and_one_that_is_blinded(portal, owner):
    """Permission and row-level security are told apart, and both before a row is read."""
    owner.execute("create role probed login")
    try:
        owner.execute("grant select on invoices, payments, webhook_events to probed")
        owner.execute("alter table webhook_events enable row level security")
        probe = probing(make_conninfo(portal, user="probed"))
        found = faults(probe, INVOICES, "payment/webhook_events", "payment/payments_of_invoice")
        writing = WritingProbe(
            Settings(), WriteKeys(database_url=make_conninfo(portal, user="probed")), deadline=time.monotonic() + 5
        )
        objects = {each["object"] for each in probe.plans(queries=[INVOICES]).rows}
        locked = {each["object"] for each in writing.plans(queries=["payment/lock_invoice"]).rows}
        hidden = {each["name"]: each["hidden"] for each in probe.tables(queries=["payment/webhook_events"]).rows}
    finally:
        owner.execute("alter table webhook_events disable row level security")
        owner.execute("drop owned by probed")
        owner.execute("drop role probed")

    assert {
        INVOICES: "database.permission_denied",
        "payment/webhook_events": "database.blind",
        "payment/payments_of_invoice": None,
    } == found
    assert ({"public.practices"}, {"public.invoices"}) == (objects, locked)
    assert hidden["public.webhook_events"]


def test_a_folder_is_all_of_it_that_the_role_runs(portal):
    """The role that reads plans what reads; the role that writes plans what writes too, but what has no plan."""
    writing = WritingProbe(Settings(), WriteKeys(database_url=portal), deadline=time.monotonic() + 5)

    assert "payment/record_payment" not in faults(probing(portal), "payment/*")
    assert "payment/record_payment" in faults(writing, "payment/*")
    assert {"setup/reader", "setup/team_columns", "setup/name_reader"} == set(faults(writing, "setup/*"))


def test_nothing_is_carried_out(portal, owner):
    """A statement that would write is planned, and there is no row of it afterwards."""
    writing = WritingProbe(Settings(), WriteKeys(database_url=portal), deadline=time.monotonic() + 5)

    assert {"change/audit": None} == faults(writing, "change/audit")
    assert (0,) == owner.execute("select count(*) from audit_logs").fetchone()


def test_rights_are_told_table_by_table(portal):
    """Of every table, whether a query of ours names it or not; the owner may do everything."""
    rows = {each["name"]: each for each in probing(portal).tables(queries=[INVOICES, "user/accounts"]).rows}

    assert {"auth.users", "public.invoices", "public.practices"} == {name for name in rows if rows[name]["read"]}
    assert {"auth.refresh_tokens", "public.notifications"} <= set(rows)
    assert ["insert", "update", "delete", "truncate"] == rows["public.invoices"]["writable"]


def test_rights_and_roles_of_a_reader_that_may_write(portal, owner):
    """A column, a table that no query names, and a role that may be taken on though nothing of it is inherited."""
    owner.execute("create role probed login noinherit; create role idle; create role app; create role maker createrole")
    try:
        owner.execute("grant update (status) on invoices to probed; grant delete on auth.refresh_tokens to probed")
        owner.execute("grant insert on notifications to app; grant app, idle, maker to probed")
        probe = probing(make_conninfo(portal, user="probed"))
        writable = {each["name"]: each["writable"] for each in probe.tables(queries=[]).rows if each["writable"]}
        roles = [(each["name"], each["writes"], each["makes_roles"]) for each in probe.roles().rows]
    finally:
        owner.execute("drop owned by probed, app; drop role probed, idle, app, maker")

    assert {"auth.refresh_tokens": ["delete"], "public.invoices": ["update"]} == writable
    assert [("app", True, False), ("maker", False, True)] == roles


def test_a_table_that_stays_locked_ends_it(portal, owner):
    """The plan of a query waits for the table no longer than a statement may, and is no fault of the schema."""
    with owner.transaction():
        owner.execute("lock table invoices in access exclusive mode")
        with pytest.raises(TimedOut):
            probing(portal, seconds=1.0).plans(queries=[INVOICES])


@pytest.mark.parametrize(("seconds", "says"), [(0.02, "in the time that was left."), (2.5, "within 2.5 s.")])
def test_time_that_was_over_is_no_number(seconds, says):
    """With next to no time left the sentence does not speak of 0.0 s."""
    assert translated(psycopg.errors.QueryCanceled(), "reader", seconds).says.endswith(says)


def test_without_a_writing_address_there_is_no_row():
    """A station that only reads has no credentials that write, and that is no error."""
    writing = WritingProbe(Settings(), WriteKeys(), deadline=time.monotonic() + 1)

    assert [(), (), (), ()] == [
        brought.rows
        for brought in (writing.server(), writing.plans(queries=[]), writing.stripe_key(), writing.supabase_key())
    ]


KEYS = WriteKeys(stripe_key="rk_test_x", supabase_key="sb_secret_x")


def writing_to(server):
    settings = Settings(stripe_url=server.url, supabase_url=server.url)
    return WritingProbe(settings, KEYS, deadline=time.monotonic() + 5)


def test_a_key_that_writes_is_tried_with_one_get(played):
    """Stripe's list of refunds, which it may be forbidden to read, and the settings of Supabase Auth; nothing else."""
    denied = Reply(403, body={"error": {"type": "invalid_request_error", "message": "no"}})
    server = played(Reply(body={"object": "list", "data": []}), denied, Reply(body={}))
    writing = writing_to(server)
    may, may_not, kept = writing.stripe_key(), writing.stripe_key(), writing.supabase_key()

    assert (True, False, "secret") == (may.rows[0]["reads"], may_not.rows[0]["reads"], kept.rows[0]["kind"])
    assert ["GET /v1/refunds?limit=1", "GET /v1/refunds?limit=1", "GET /auth/v1/settings"] == [
        f"{each.method} {each.path}" for each in server.asked
    ]


@pytest.mark.parametrize("call", ["stripe_key", "supabase_key"])
def test_a_key_that_writes_and_is_refused_names_its_setting(call, played):
    """401: the hint names the setting that holds it, not the one of the key that reads."""
    server = played(Reply(401, body={"error": {"type": "invalid_request_error", "message": "no"}}))
    with pytest.raises(Unauthenticated) as refused:
        getattr(writing_to(server), call)()

    assert "_WRITE_KEY" in refused.value.hint


def test_errors_of_the_writing_role_name_its_setting():
    """What cannot be read as an address is PEAKOPS_DATABASE_WRITE_URL."""
    writing = WritingProbe(Settings(), WriteKeys(database_url="postgresql://a b"), deadline=time.monotonic() + 1)
    with pytest.raises(NotConfigured) as refused:
        writing.server()

    assert "PEAKOPS_DATABASE_WRITE_URL cannot be read as a connection URL." == refused.value.says
