"""`peakops perf db` on real servers: what is planted is found, and nothing else; what a role may not see is said."""

import json
import os
import re
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import jsonschema
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from peakops import report, sandbox
from peakops.investigate import Terms
from peakops.render import schema
from peakops.render.page import lines
from peakops.report import Frame
from peakops.scenarios.perf import db, indexes, sessions
from peakops.settings import Settings
from peakops.sources import Sources

from .planted import APP, FAULTS, MORE, ROWS, leave_invalid, plant, waiting
from .test_worlds import golden, steady

VALIDATOR = jsonschema.Draft202012Validator(schema.of("perf db"))
LOOKING, BLIND = "peakops_planted_perf", "peakops_planted_blind"
MOST_STATEMENTS = 20
SINGLE = {
    "statement_slow": "select pg_sleep(1.05)",
    "selects_unbounded": "select n from generate_series(1, 3000) as n",
    "temp_spill": "select count(*) from (select n from generate_series(1, 150000) n order by md5(n::text) offset 0) x",
}
"""By the code of the finding: a statement that is asked twice."""


ODD = f"""
    create table people (id int primary key, practice_id int);
    create function my_practices() returns int[] language sql stable security definer as
      $$ select array_agg(p.practice_id) from public.people as p $$;
    create function is_mine(practice int) returns boolean language sql stable security definer as
      $$ select exists (select from public.people as p where p.practice_id = practice) $$;
    create table events (id int, practice_id int) partition by range (id);
    create table events_a partition of events for values from (0) to (10000);
    create table events_b partition of events for values from (10000) to (90000);
    insert into events select n, n % 50 from generate_series(1, {ROWS}) as n;
    create index on events (practice_id);
    create index on events (practice_id);
    alter table events enable row level security;
    create policy mine on events for select to public using (practice_id = any (my_practices()));
    create policy "wrapped in vain" on events for delete to public using ((select is_mine(practice_id)));
    create table pair (x int, y int, primary key (x, y)) partition by range (x);
    create table pair_1 partition of pair for values from (0) to (90000);
    insert into pair select n, n from generate_series(1, {ROWS}) as n;
    create table two_keys (id int primary key, x int, y int, foreign key (x, y) references pair (x, y));
    insert into two_keys select n, n, n from generate_series(1, {ROWS}) as n;
    create index on two_keys (x) include (y);
    create index on two_keys using brin (x, y);
    create table "Odd [t]" (id int primary key, pair int references two_keys (id), "b""c" text);
    insert into "Odd [t]" select n, n, n::text from generate_series(1, {ROWS}) as n;
    create index "Odd [t]_pair_idx" on "Odd [t]" (pair) where pair > 5;
    create index "odd_""a" on "Odd [t]" ("b""c", id);
    create index "odd_""b" on "Odd [t]" ("b""c");
"""
"""What is there is found in it, though it looks otherwise; what only looks so, is not."""


def ask_as_the_portal(url):
    """
    What the portal's role asks: each of SINGLE twice, some things a few times, and one thing again and again.

    Each is a statement of its own: what is asked inside of a function is not counted singly.
    """
    with psycopg.connect(url, autocommit=True) as portal, portal.cursor() as cursor:
        cursor.execute(f"set role {APP}")
        cursor.execute("set work_mem = '64kB'")
        for statement in (*SINGLE.values(), *SINGLE.values()):
            cursor.execute(statement)
        cursor.executemany("select p.practice_id from people as p where p.id = %s", [(n % 500,) for n in range(1200)])
        cursor.executemany("select count(*) from people as p where p.practice_id = %s", [(n,) for n in range(5)])
        cursor.executemany("select set_config('app.person', %s, false)", [("1",)] * 1200)


def url_as(url, role):
    return make_conninfo(url, user=role, password="x")


@contextmanager
def embedded(state):
    """A database on the sandbox's own server, which has no contrib modules."""
    url = make_conninfo(sandbox.load_named(state / "peakops", "paid").url_as("postgres"), dbname="postgres")
    name = f"peakops_perf_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(url, dbname=name)
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(params=["embedded", "contrib"])
def database(request, state):
    """An empty database, on either server, and the roles that look at it."""
    own = request.param == "embedded"
    with embedded(state) if own else request.getfixturevalue("contrib").database() as url:
        yield prepared(url)


@pytest.fixture
def extended(contrib):
    """An empty database whose statements are counted."""
    with contrib.database() as url:
        yield prepared(url)


def prepared(url):
    """The same URL, once its server has the roles: one that sees everything, and one that does not."""
    with psycopg.connect(url, autocommit=True) as owner:
        for role in (LOOKING, BLIND):
            owner.execute(
                f"do $$ begin create role {role} login password 'x'; exception when duplicate_object then null; end $$"
            )
        owner.execute(f"grant pg_monitor to {LOOKING}")
        owner.execute(f"alter default privileges grant select on sequences to {LOOKING}, {BLIND}")
        if owner.execute("select to_regnamespace('extensions')").fetchone() != (None,):
            owner.execute(f"grant usage on schema extensions to {LOOKING}, {BLIND}")
    return url


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits a minute, or two weeks, for a test: what is open at all is open for long, and statistics are old."""
    monkeypatch.setattr(sessions, "WAITING_S", 0)
    monkeypatch.setattr(sessions, "OPEN_S", 0)
    monkeypatch.setitem(db.PARAMETERS, "sessions", {"least": 0})
    monkeypatch.setattr(indexes, "OLD_S", 0)


@pytest.fixture
def ask(tmp_path):
    """The report of `perf db` on a database, as a role."""

    def ask(url, role=LOOKING):
        settings = Settings(database_perf_url=url_as(url, role))
        reader = Sources(settings, time.monotonic() + 30, tmp_path)
        frame = Frame(command="perf db", environment="default")
        return report.of_scenario(db.SCENARIO, frame, reader.read, Terms(seconds=30, now=lambda: datetime.now(UTC)))

    return ask


def codes(found):
    """The code of every problem that was found, once each."""
    return sorted({each["code"] for check in found.data["checks"] for each in check["problems"]})


def states(found):
    return {check["question"]: check["state"] for check in found.data["checks"]}


def test_twelve_faults_are_found(database, ask, impatient):
    """Twelve faults in one schema: each is found, and nothing but them; the worst is the verdict."""
    plant(database, *FAULTS)
    leave_invalid(database)
    with waiting(database) as holder:
        found = ask(database)

    assert sorted({*FAULTS, *MORE}) == codes(found)
    assert len({*FAULTS, *MORE}) == 12
    assert ("sessions_blocked", "critical") == (found.verdict.code, found.status)
    assert f"2 sessions wait for session {holder} " in found.verdict.says


def test_the_page_has_the_statements_and_their_undo(database, ask):
    """Under a finding are what to do, the statement that does it, and its undo; `next` has commands."""
    plant(database, "index_duplicate", "policy_reads_per_row")
    found = ask(database)
    page = "\n".join("".join(text for text, _ in line) for line in lines(found, quiet=False, verbose=False))
    policy = (
        "begin; set local lock_timeout = '2s'; alter policy own on public.orders using ((practice_id = {})); commit;"
    )

    assert "      run   drop index concurrently public.orders_again;" in page
    assert "      undo  CREATE INDEX CONCURRENTLY orders_again ON public.orders USING btree (practice_id);" in page
    assert f"      run   {policy.format('(select public.my_practice())')}" in page
    assert f"      undo  {policy.format('public.my_practice()')}" in page
    assert all(each.startswith("peakops ") for each in found.next)


def test_a_clean_database_has_none(database, ask, impatient):
    """The same schema in order: no finding at all, and the verdict is ok."""
    plant(database)
    found = ask(database)

    assert [] == codes(found)
    assert ("database_quick", "ok", 0) == (found.verdict.code, found.status, found.exit_code)
    assert "Nothing slow in what could be asked" == found.verdict.title
    assert {"ok", "skipped"} == set(states(found).values())


def test_what_is_odd_is_found_and_its_statements_run(database, ask):
    """Partitions, odd names, indexes that only seem to serve: all are told, each statement runs, and its undo."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(ODD)
        owner.execute("select pg_stat_force_next_flush()")
        for name in ("events_a", "events_b", "two_keys", '"Odd [t]"', "pair"):
            owner.execute(f"analyze {name}")
        found = ask(database)
        problems = [each for check in found.data["checks"] for each in check["problems"]]
        statements = [each[word] for each in problems for word in ("run", "undo") if each[word]]
        for statement in statements:
            owner.execute(statement)

    assert [
        ("index_duplicate", 'public."odd_""b"'),
        ("key_without_index", "Odd [t]_pair_fkey"),
        ("key_without_index", "two_keys_x_y_fkey"),
        ("policy_reads_per_row", "mine on public.events"),
        ("policy_reads_per_row", "wrapped in vain on public.events"),
    ] == sorted((each["code"], each["on"]) for each in problems)
    assert 2 * 4 == len(statements)
    assert 'create index concurrently "Odd [t]_pair_idx1" on public."Odd [t]" (pair);' in statements


def test_the_largest_tables_come_first(database, tmp_path):
    """A limit of the list cuts small tables, and not the one that makes the portal slow."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("create table target (id int primary key)")
        for name, rows in (("a_small", 10), ("b_large", 1000), ("c_middling", 100)):
            owner.execute(f"create table {name} (n int, target_id int references target)")
            owner.execute(f"insert into {name} select n from generate_series(1, {rows}) as n")
            owner.execute(f"analyze {name}")
        looked = Sources(Settings(database_perf_url=database), time.monotonic() + 30, tmp_path)
        keys = looked.read("performance", "rows", {"query": "perf/foreign_keys", "managed": [], "least": 1}).rows

    assert ["public.b_large", "public.c_middling", "public.a_small"] == [each["table"] for each in keys]


def test_policies_are_read_where_the_extension_lives_in_public(contrib, ask):
    """PostgreSQL writes functions of a schema on the search path without it: they are found all the same."""
    with contrib.database(schema="public") as url:
        plant(prepared(url), "policy_reads_per_row")
        found = ask(url)

    assert ["policy_reads_per_row"] == codes(found)


def test_an_index_that_is_being_made_is_left_alone(database, ask):
    """It is invalid until it is whole, and waits for older transactions: neither is a finding, nor is its key bare."""
    plant(database)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("create table parts (id int primary key, of_order bigint references orders (id))")
        owner.execute("insert into parts select n, n from generate_series(1, 10000) as n")
        owner.execute("select pg_stat_force_next_flush()")
    made = "create index concurrently parts_of_order on parts (of_order)"
    with psycopg.connect(database) as older, psycopg.connect(database, autocommit=True) as maker:
        older.execute("update parts set of_order = 1 where id = 1")
        making = threading.Thread(target=maker.execute, args=(made,))
        making.start()
        try:
            until(older, "select 1 from pg_index where indexrelid = to_regclass('parts_of_order') and not indisvalid")
            found = ask(database)
        finally:
            older.rollback()
            making.join()

    assert {"never_analyzed"} == set(codes(found))


def until(connection, asked):
    """Wait for the first row of a query."""
    deadline = time.monotonic() + 10
    while connection.execute(asked).fetchone() is None:
        assert time.monotonic() < deadline, asked
        time.sleep(0.01)


def test_comments_of_a_statement_are_not_shown(extended, ask):
    """Programs write who asked into them, and PostgreSQL keeps them."""
    plant(extended)
    with psycopg.connect(extended, autocommit=True) as portal:
        portal.execute(f"set role {APP}")
        portal.execute("/* by: canary ** */ select count(*) -- canary\n from people")
    found = ask(extended)
    texts = [each["text"] for look in found.evidence if look.name == "statements" for each in look.rows]

    assert "select count(*) … from people" in texts
    assert "canary" not in repr(found)


def test_statements_of_the_portal_are_judged(extended, ask):
    """Slow, too many rows, spilling, too often: each is found by role; the looking role's own are left out."""
    plant(extended)
    ask_as_the_portal(extended)
    found = ask(extended)
    problems = {}
    for each in (each for check in found.data["checks"] for each in check["problems"]):
        problems.setdefault(each["code"], each)

    assert sorted({*SINGLE, "statement_repeated"}) == sorted(problems)
    assert "statement_slow" == found.verdict.code
    assert all(re.search(rf"^q-?\d+ of {APP} ", each["says"]) for each in problems.values())
    assert {f"peakops perf query {problems['statement_slow']['on']}"} <= {*found.next}
    assert isinstance(found.data["statements_counted_s"], int)
    assert 0.1 < problems["statement_slow"]["share"] <= 1


def test_a_statement_near_its_time_limit_is_told(extended, ask):
    """A statement that took most of what its role may take; without one the limits are told, and no log."""
    plant(extended)
    name = psycopg.conninfo.conninfo_to_dict(extended)["dbname"]
    with psycopg.connect(extended, autocommit=True) as owner:
        owner.execute(f"alter role {APP} in database {name} set statement_timeout = '300ms'")
        skipped = ask(extended)
        owner.execute(f"set role {APP}")
        owner.execute("select pg_sleep(0.25)")
        owner.execute("reset role")
        found = ask(extended)
        owner.execute(f"alter role {APP} in database {name} reset statement_timeout")
    (said,) = [each["says"] for each in skipped.data["checks"] if each["question"] == "timeouts"]

    assert "skipped" == states(skipped)["timeouts"]
    assert f"{APP} 300ms" in said
    assert ["near_time_limit"] == codes(found)


def test_a_role_without_pg_monitor_is_told_so(extended, ask, impatient):
    """What others do is hidden from it: those questions are passed over, by the name of the right, and never ok."""
    plant(extended, "index_duplicate")
    ask_as_the_portal(extended)
    with waiting(extended):
        found = ask(extended, BLIND)
    passed = {each["question"]: each["says"] for each in found.data["checks"] if each["state"] == "skipped"}

    assert ["index_duplicate"] == codes(found)
    assert {"locks", "transactions", "statements", "unbounded", "n_plus_one", "temp_files", "timeouts"} == passed.keys()
    assert all("pg_monitor" in says for question, says in passed.items() if question != "timeouts")
    assert any("pg_monitor" in each for each in found.warnings)


def test_a_thousand_tables_take_few_statements(extended, ask):
    """Everything is asked in at most 20 statements, however many tables there are; nothing is written."""
    plant(extended)
    with psycopg.connect(extended, autocommit=True) as owner:
        owner.execute(
            "do $$ begin for n in 1..1000 loop"
            " execute format('create table t%s (id int primary key, order_id int)', n); end loop; end $$"
        )
        owner.execute("select extensions.pg_stat_statements_reset()")
    found = ask(extended)
    with psycopg.connect(extended) as owner:
        (calls, writes) = owner.execute(
            "select sum(s.calls), count(*) filter (where s.query !~* '^\\s*(select|with|begin)')"
            " from extensions.pg_stat_statements as s join pg_roles as r on r.oid = s.userid where r.rolname = %s",
            [LOOKING],
        ).fetchone()

    assert [] == codes(found)
    assert 9 < calls <= MOST_STATEMENTS
    assert 0 == writes


def test_a_schema_that_may_not_be_used_is_told(extended, ask):
    """The extension is there, and the role may not enter its schema: the grant is named, and nothing fails."""
    with psycopg.connect(extended, autocommit=True) as owner:
        owner.execute(f"revoke usage on schema extensions from {LOOKING}")
    found = ask(extended)
    (says,) = [each["says"] for each in found.data["checks"] if each["question"] == "statements"]

    assert f"The role {LOOKING} may not use pg_stat_statements: grant usage on schema extensions to {LOOKING}." == says
    assert ("unknown", 3, False) == (found.status, found.exit_code, found.verdict.complete)


def test_an_extension_that_an_upgrade_left_old_is_told(extended, ask):
    """Its older version does not tell since when it counts: the statement that brings it up to date is named."""
    with psycopg.connect(extended, autocommit=True) as owner:
        owner.execute("drop extension pg_stat_statements")
        owner.execute("create extension pg_stat_statements schema extensions version '1.8'")
    found = ask(extended)
    (says,) = [each["says"] for each in found.data["checks"] if each["question"] == "statements"]

    assert says.endswith("alter extension pg_stat_statements update.")
    assert ("database_quick", False) == (found.verdict.code, found.verdict.complete)


def test_a_limit_of_its_own_role_is_no_full_server(extended, ask):
    """Where peakops's role alone has no connection left nothing is known of the server's: that is not critical."""
    with psycopg.connect(extended, autocommit=True) as owner:
        owner.execute(f"alter role {LOOKING} connection limit 0")
        found = ask(extended)
        owner.execute(f"alter role {LOOKING} connection limit -1")

    assert ("unknown", "unknown") == (found.verdict.code, found.status)
    assert {"database.role_limit"} == {each.error.code for each in found.evidence}


def test_who_is_connected_is_counted_without_pg_monitor_too(extended, ask):
    """Others' sessions count, though their kind and state are hidden; peakops's own does not."""
    with psycopg.connect(extended), psycopg.connect(extended):
        found = ask(extended, BLIND)
    (roles,) = [each.rows for each in found.evidence if each.name == "roles"]

    assert [("postgres", True)] == [(each["role"], each["sessions"] >= 2) for each in roles if each["sessions"]]


def test_statements_are_found_in_public_too(contrib, ask):
    """The extension may live in any schema."""
    with contrib.database(schema="public") as url:
        prepared(url)
        found = ask(url)

    assert "ok" == states(found)["statements"]


def test_no_literal_and_no_text_of_a_session_is_shown(extended, ask, impatient):
    """What stands in quotes in a statement, and what a session asks at this moment, are in no part of the report."""
    plant(extended)
    with psycopg.connect(extended, autocommit=True) as portal, psycopg.connect(extended) as open_one:
        portal.execute(f"set role {APP}")
        portal.execute("select 'canary', id from orders where note <> 'canary'")
        open_one.execute("select 'canary' as canary")
        found = ask(extended)

    assert "canary" not in repr(found).replace("as canary", "")
    assert "idle_in_transaction" in codes(found)
    assert "idle in transaction, SELECT" in repr(found)


VARYING = (
    r'("version": )"[^"]+"',
    r'("(?:counted_s|blocks_hit|blocks_read|oldest_age)": )\d+',
    r"()\b[\d,]+(?= (?:of 57 connections|blocks were read|transactions old))",
    r"(connections are in use|statistics are |Counted for )[^.;]*",
)
"""What differs from run to run: the server, its counters, its age, and who is connected."""


def steady_page(text):
    """A page without what differs from run to run."""
    for pattern in VARYING:
        text = re.sub(pattern, r"\g<1>0", text)
    # Which of the server's databases is the oldest depends on the tests before this one.
    text = re.sub(r"(\(database |\"oldest_database\": \")\w+", r"\g<1>postgres", text)
    return steady(text)


def steady_envelope(text):
    """An envelope likewise, without the list of who is connected."""
    document = json.loads(text)
    for look in document["evidence"]:
        look["rows"] = [] if look["name"] == "roles" else look["rows"]
    return steady_page(json.dumps(document, indent=2, ensure_ascii=False))


FAULT = {"vendor": "database"}


@pytest.mark.parametrize(
    ("name", "faults", "expected"),
    [
        ("healthy", [], ("database_quick", None, 0)),
        ("down", [{**FAULT, "fault": "down"}], ("unknown", None, 3)),
        ("slow", [{**FAULT, "fault": "slow"}], ("database_quick", None, 0)),
        ("denied", [{**FAULT, "fault": "deny", "table": "invoices"}], ("database_quick", None, 0)),
    ],
)
def test_world(name, faults, expected, peakops, load, snapshot):
    """The sandbox's own database: no table of the portal is read, so that neither locks nor missing rights matter."""
    load("payment/paid", faults=faults)
    golden(("perf", "db"), expected, VALIDATOR, peakops, snapshot, page=steady_page, envelope=steady_envelope)


def test_a_locked_table_is_not_waited_for(database, ask, impatient):
    """A migration holds a table: the look at its policies gives up soon where it must wait, all else is answered."""
    plant(database)
    with psycopg.connect(database) as migration:
        migration.execute("lock table orders in access exclusive mode")
        begun = time.monotonic()
        found = ask(database)
        took = time.monotonic() - begun

    assert took < 3
    assert {"policies"} >= {each.name for each in found.evidence if each.error}
    assert ["idle_in_transaction"] == codes(found)
    assert json.dumps(found.data)
