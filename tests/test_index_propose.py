"""Indexes that are proposed on a real PostgreSQL: the planner's proof holds once they are built, and none is there."""

import time
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peakops.investigate import Terms
from peakops.report import Frame, of_scenario
from peakops.scenarios.perf.index_propose import SCENARIO
from peakops.settings import Settings
from peakops.sources.plans import Plans

NEAR = 0.1
"""By how much of the real cost the proven one may be off."""
MOST_OFF = 2
"""Of the twenty queries: hypopg guesses an index's size, and is wrong where its values recur much."""
PORTAL = """
    create table public.practices (id int primary key, name text not null);
    create table public.notifications (
      id int primary key, practice_id int not null, user_id int not null, type text not null, status text not null,
      created_at timestamptz not null, "Read At" timestamptz
    );
    create table public.audit_logs (
      id int primary key, user_id int, action varchar(40) not null, resource_id int, created_at timestamptz not null
    );
    create table public.invoices (
      id int primary key, practice_id int not null, number text not null, amount int not null, due date not null
    );
    insert into public.practices select n, 'Practice ' || n from generate_series(0, 199) as n;
    insert into public.notifications
      select n, n * 7919 % 200, n * 7907 % 2000, (array['case', 'invoice', 'shipment'])[1 + n % 3],
             case when n % 50 = 0 then 'failed' else 'sent' end, timestamptz '2026-01-01' + n * interval '3 minutes',
             case when n % 3 = 0 then timestamptz '2026-02-01' end
        from generate_series(1, 60000) as n;
    insert into public.audit_logs
      select n, n * 7907 % 3000, 'action.' || n % 40, n * 31 % 15000, timestamptz '2026-01-01' + n * interval '1 minute'
        from generate_series(1, 60000) as n;
    insert into public.invoices
      select n, n * 7919 % 200, 'INV-' || n, n * 13 % 5000, date '2025-01-01' + n % 700
        from generate_series(1, 30000) as n;
    create index invoices_due on public.invoices (due);
    -- All rows are looked at: a sample is another one each time, and so are the costs.
    set default_statistics_target = 1000;
    vacuum analyze;
"""
QUERIES = (
    "select id from public.notifications where practice_id = 5 order by created_at desc limit 20",
    "select id from public.notifications where practice_id = 5 and created_at > '2026-04-01'",
    "select id, type from public.notifications where user_id = 77",
    "select id from public.notifications where user_id = 77 and status = 'failed'",
    "select count(*) from public.notifications where practice_id in (1, 2, 3) and status = 'failed'",
    "select id from public.notifications where created_at > '2026-05-04 23:00'",
    "select id from public.notifications order by created_at desc limit 10",
    'select id from public.notifications where user_id = 9 and "Read At" is null',
    "select id from public.notifications n where n.practice_id = 3 and n.user_id = 9 and n.type = 'case'",
    "select id from public.audit_logs where user_id = 5 order by created_at desc limit 50",
    "select id from public.audit_logs where resource_id = 500",
    "select id from public.audit_logs where action = 'action.7' and created_at between '2026-02-01' and '2026-02-02'",
    "select user_id from public.audit_logs where action = 'action.7' order by created_at limit 5",
    "select max(created_at) from public.audit_logs where user_id = 17",
    "select id from public.invoices where number = 'INV-77'",
    "select id from public.invoices where practice_id = 7 and amount > 4900",
    "select id from public.invoices where practice_id = 7 and due = '2026-01-01' and amount < 3000",
    "select i.id, p.name from public.invoices i join public.practices p on p.id = i.practice_id where i.amount = 5",
    "select n.id from public.practices p join public.notifications n on n.practice_id = p.id where p.name = 'x'",
    "select id from public.invoices where practice_id = 7 order by due desc, amount desc limit 5",
)


@pytest.fixture(scope="module")
def portal_of_slow(contrib):
    """A portal that lacks indexes, on a server with hypopg."""
    contrib.require("hypopg")
    with contrib.database(extensions=("hypopg",)) as url, psycopg.connect(url, autocommit=True) as owner:
        for each in PORTAL.split(";\n"):
            owner.execute(each)
        yield owner, url


def investigated(url, text):
    """The report on a statement."""
    plans = Plans(Settings(database_perf_url=url), deadline=time.monotonic() + 20)
    terms = Terms(seconds=20, now=lambda: datetime(2026, 11, 20, tzinfo=UTC))
    frame = Frame(command=SCENARIO.command, environment="test", given={"id": None, "text": text})
    report = of_scenario(SCENARIO, frame, lambda _, call, params: getattr(plans, call)(**params), terms)
    assert [] == [each.error for each in report.evidence if each.error]
    return report


def proposed(url, text):
    """What is proposed for a statement."""
    return investigated(url, text).data["items"]


def cost(owner, text):
    ((plan,),) = owner.execute(f"explain (format json) {text}").fetchall()
    return plan[0]["Plan"]["Total Cost"]


def test_what_is_proven_holds_once_it_is_built(portal_of_slow):
    """Twenty slow queries get a proposal each; the proven cost is the real index's within a tenth, for nine in ten."""
    owner, url = portal_of_slow
    off = []
    for text in QUERIES:
        items = proposed(url, text)
        assert ["proven"] * len(items) == [each["proof"] for each in items]
        assert items, text
        (top, *_) = items
        with owner.transaction(force_rollback=True):
            owner.execute(top["create"].replace(" concurrently", ""))
            real = cost(owner, text)
        if abs(top["after"] - real) > NEAR * real:
            off.append((text, top["columns"], top["before"], top["after"], real))

    assert len(off) <= MOST_OFF, off


COLUMNS = ("a", "b", "c", "D d")
TABLE = """
    create table public."Many rows' list" (id int primary key, a int, b int, c int, "D d" int);
    insert into public."Many rows' list"
      select n, n % 11, n * 7 % 300, n * 31 % 5000, n % 2 from generate_series(1, 12000) as n;
    analyze public."Many rows' list"
"""
NAME = 'public."Many rows\' list"'
THERE = """
    select array(select a.attname::text from unnest(i.indkey) with ordinality as k (number, place)
                   join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
                  where k.place <= i.indnkeyatts order by k.place)
      from pg_index as i
      join pg_class as x on x.oid = i.indexrelid
      join pg_am as m on m.oid = x.relam
     where i.indrelid = 'public."Many rows'' list"'::regclass and m.amname = 'btree' and i.indpred is null
     order by i.indexrelid
"""
KEYS = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True)
INDEXES = st.lists(st.tuples(KEYS, st.sampled_from(("", " desc", "partial", "hash", "invalid"))), max_size=4)


@pytest.fixture(scope="module")
def many(portal_of_slow):
    owner, url = portal_of_slow
    for each in TABLE.split(";\n"):
        owner.execute(each)
    return owner, url


def quoted(names, end=""):
    return ", ".join(f'"{each}"{end}' for each in names)


def build(owner, indexes):
    """Make indexes as they are found: sorted another way, partial, of another kind, or broken off half-way."""
    for number, (keys, kind) in enumerate(indexes):
        using, where = "btree", ""
        if kind == "hash":
            using = "hash"
        if kind == "partial":
            where = " where a > 5"
        listed = quoted(keys[:1] if kind == "hash" else keys, " desc" if kind == " desc" else "")
        owner.execute(f"create index i{number} on {NAME} using {using} ({listed}){where}")
        if kind == "invalid":
            owner.execute(f"update pg_index set indisvalid = false where indexrelid = 'public.i{number}'::regclass")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(indexes=INDEXES, equal=st.sets(st.sampled_from(COLUMNS)), ranged=st.sampled_from((None, *COLUMNS)), order=KEYS)
def test_no_index_is_proposed_that_is_there(many, indexes, equal, ranged, order):
    """Whatever indexes a table has, none of the proposed ones has the columns of one that is there, valid or not."""
    owner, url = many
    tests = [f'"{each}" = 1' for each in sorted(equal)] + ([f'"{ranged}" > 4990'] if ranged else [])
    where = f" where {' and '.join(tests)}" if tests else ""
    items = []
    try:
        build(owner, indexes)
        items = proposed(url, f"select id from {NAME}{where} order by {quoted(order)} limit 5")
        there = [keys for (keys,) in owner.execute(THERE)]
        for each in items:
            owner.execute(each["create"].replace(" concurrently", ""))
        new = [keys for (keys,) in owner.execute(THERE)][len(there) :]
        valid = [owner.execute(each["check"]).fetchone()[0] for each in items]
    finally:
        for each in items:
            owner.execute(each["undo"].replace(" concurrently", ""))
        after = [keys for (keys,) in owner.execute(THERE)]
        owner.execute(f"drop index if exists {', '.join(f'public.i{number}' for number in range(4))}")

    assert len(items) == len(new)
    assert [True] * len(items) == valid
    assert there == after
    assert [] == [(keys, each) for keys in there for each in new if keys[: len(each)] == each]


def test_a_broken_off_index_is_told_and_not_made_again(many):
    """Where the index that would help is there and invalid, what builds it again is told, and no other proposed."""
    owner, url = many
    text = f"select id from {NAME} where c = 5"
    build(owner, [(["c"], "invalid")])
    try:
        assert [] == proposed(url, text)
        report = investigated(url, text)
    finally:
        owner.execute("drop index public.i0")

    assert "invalid_index" == report.verdict.code
    assert "reindex index concurrently public.i0;" in report.verdict.says
