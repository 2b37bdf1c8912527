"""Plans of single statements on a real PostgreSQL: as ourselves, as a role under its policies, and never more."""

import json
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from peakops.errors import Denied, NotConfigured, NotFound
from peakops.settings import Settings
from peakops.sources.plans import Plans
from peakops.sources.plans_text import shown

from ..plans_shop import ASKER, NOBODY, PEOPLE, PERSON, PRACTICES, ROWS, WRAPPED, kept_shop, shop

SLOW = "select id, status from public.cases where amount > 900 order by created_at desc limit 20"
POSTGREST = """
    with pgrst_source as (
      select "public"."cases"."id", "public"."cases"."status" from "public"."cases"
       where "public"."cases"."amount" = $1 order by "public"."cases"."created_at" desc limit $2 offset $3
    )
    select null::bigint as total_result_set, pg_catalog.count(_postgrest_t) as page_total,
           coalesce(json_agg(_postgrest_t), $4)::text as body, nullif(current_setting($5, $6), $7) as response_headers
      from (select * from pgrst_source) _postgrest_t
"""
"""How PostgREST asks, as pg_stat_statements keeps it."""
OWN = {"claims": json.dumps({"sub": PERSON, "role": PEOPLE}), "sub": PERSON}


@pytest.fixture(scope="module")
def portal_of_shop(portal):
    """The small portal with its policy, in a database of its own beside the other tests'."""
    with psycopg.connect(portal, autocommit=True) as admin:
        name = f"{admin.info.dbname}_shop"
        admin.execute(f"create database {name}")
        try:
            with shop(portal, make_conninfo(portal, dbname=name)) as made:
                yield made
        finally:
            admin.execute(f"drop database {name} with (force)")


def plans(url, seconds=20.0):
    return Plans(Settings(database_perf_url=url), deadline=time.monotonic() + seconds)


def explained(source, text, role=PEOPLE, *, values=(), analyze=False, claims="{}", sub=""):
    """The row of a statement that is given as text."""
    (row,) = source.statement(id=None, text=text).rows
    found = source.explain(id=row["id"], role=role, claims=claims, sub=sub, values=values, analyze=analyze)
    return found.rows[0]


def scan(row):
    """The node that reads the cases."""
    (node,) = [each for each in row["nodes"] if each["relation"] == "public.cases"]
    return node


def test_a_policy_calls_its_function_for_each_row(portal_of_shop):
    """The measured case: as the role every row calls the helper, as ourselves none does; nodes and calls tell it."""
    source = plans(portal_of_shop.asker)
    theirs, ours = (explained(source, SLOW, role, analyze=True, **OWN) for role in (PEOPLE, None))

    assert ["my_practice"] == [each.rpartition(".")[2] for each in scan(theirs)["functions"]]
    assert ROWS == (scan(theirs)["actual_rows"] + scan(theirs)["removed"]) * scan(theirs)["loops"]
    assert [] == scan(ours)["functions"]
    assert theirs["cost"] > 5 * ours["cost"]
    assert theirs["time_ms"] > ours["time_ms"]


def test_wrapped_the_function_is_called_once(portal_of_shop):
    """With the remedy of the playbook no filter calls a function, and the same rows are found."""
    source = plans(portal_of_shop.asker)
    before = explained(source, "select id from public.cases", analyze=True, **OWN)
    with psycopg.connect(portal_of_shop.owner) as owner:
        owner.execute(WRAPPED)
        owner.commit()
    try:
        after = explained(source, "select id from public.cases", analyze=True, **OWN)
    finally:
        portal_of_shop.run(
            f"drop policy own on public.cases; alter function public.my_practice() volatile;"
            f" create policy own on public.cases for select to {PEOPLE} using (practice_id = public.my_practice())"
        )

    assert ROWS // PRACTICES == after["actual_rows"] == before["actual_rows"]
    assert [[], ["my_practice"]] == [
        [name.rpartition(".")[2] for name in scan(each)["functions"]] for each in (after, before)
    ]


def test_claims_decide_what_the_role_sees(portal_of_shop):
    """Whoever is not named sees nothing, and the note says so; rows are counted, and none is brought."""
    source = plans(portal_of_shop.asker)
    nobody = explained(source, "select id from public.cases", analyze=True)
    source.statement(id=None, text="select 1")
    note = source.explain(id="given", role=PEOPLE, claims="{}", sub="", values=(), analyze=True).notes

    assert 0 == nobody["actual_rows"]
    assert "No claims say who it is" in note[0]


def test_parameters_are_planned_with_and_without_values(portal_of_shop):
    """Without values it is the generic plan, and is not carried out; with one value each it is, and casts are made."""
    source = plans(portal_of_shop.asker)
    text = "select id from public.cases where status = $1 and created_at > timestamp $2 - interval $3 limit $4"
    generic = explained(source, text, None, analyze=True)
    own = explained(source, text, None, values=("failed", "2026-01-02", "1 day", "5"), analyze=True)

    assert ("generic", False) == (generic["planned"], generic["analyzed"])
    assert ("values", True, 5) == (own["planned"], own["analyzed"], own["actual_rows"])


def test_what_postgrest_asks_is_planned(portal_of_shop):
    """Its statements, without values, have a plan in which the table's scan and its policy are seen."""
    row = explained(plans(portal_of_shop.asker), POSTGREST, **OWN)

    assert ("generic", None) == (row["planned"], row["refused"])
    assert ["my_practice"] == [each.rpartition(".")[2] for each in scan(row)["functions"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("delete from public.cases", "not_one_select"),
        ("select 1; delete from public.cases", "not_one_select"),
        ("with gone as (delete from public.cases returning id) select count(*) from gone", "not_one_select"),
        ("select id from public.cases for update", "not_one_select"),
        ("/* select */ update public.cases set status = 'x'", "not_one_select"),
        ("select pg_terminate_backend(pid) from pg_stat_activity", "not_one_select"),
        ("explain select 1", "not_one_select"),
        ("select nothing from public.cases", "cannot_be_planned"),
        ("select from from", "cannot_be_planned"),
        ("select id from public.cases where id = $1 and status = $2", "cannot_be_planned"),
        ("select 1 / (id - id) from public.cases", "cannot_be_planned"),
        ("select id into public.copied from public.cases", "not_one_select"),
    ],
)
def test_what_is_refused(portal_of_shop, text, code):
    """Only one SELECT is explained, and what cannot be planned is said; neither is an error of ours."""
    row = explained(plans(portal_of_shop.owner), text, None, values=("1",) if "$1" in text else (), analyze=True)

    assert code == row["refused"]
    assert row["says"].endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "select 1 /* /* */ ' */, pg_sleep(5) --'",
        "select name'\\', pg_sleep(5) --'",
        "select 1 as a$x$, pg_sleep(5) as b$x$",
        "select $é$'$é$, pg_sleep(5) --'",
        "select 1 --\r, pg_sleep(5)",
        'select "pg_sleep"(5)',
        'select U&"pg\\005fsleep"(5)',
        "select query_to_xml('select pg_sleep(5)', true, true, '')",
        "select pg_stat_reset_shared('bgwriter')",
        "select lowrite(1, 'x')",
        "select public.locks()",
        "select * from public.locks_too()",
        "select count(*) from public.cases where public.locks() is null",
    ],
)
def test_what_no_rollback_takes_back_is_not_carried_out(portal_of_shop, text):
    """However it is written, or one function deep, it is refused with --analyze, and nothing of it is done."""
    portal_of_shop.run(
        "create or replace function public.locks() returns int language plpgsql as"
        " $$ begin perform pg_advisory_lock(4711); return 1; end $$;"
        " create or replace function public.locks_too() returns int language sql as 'select public.locks()'"
    )
    begun = time.monotonic()
    row = explained(plans(portal_of_shop.owner), text, None, analyze=True)

    assert ("not_one_select", True) == (row["refused"], "whose effect no rollback takes back" in row["says"])
    assert 4 > time.monotonic() - begun


@pytest.mark.parametrize(
    ("errcode", "theirs", "ours"),
    [
        ("P0001", "cannot_be_planned", "cannot_be_planned"),
        ("PT403", "cannot_be_planned", "cannot_be_planned"),
        ("42501", "role_may_not", "cannot_be_planned"),
    ],
)
def test_what_a_function_says_of_itself_is_not_repeated(portal_of_shop, errcode, theirs, ours):
    """Its own words may name a person, whatever code it gives them; it is the statement's end, and no error of ours."""
    portal_of_shop.run(
        "create or replace function public.refuses() returns int language plpgsql as"
        f" $$ begin raise exception 'no right for Canary Patient' using errcode = '{errcode}'; end $$"
    )
    source = plans(portal_of_shop.asker)
    rows = [explained(source, "select public.refuses()", role, analyze=True) for role in (PEOPLE, None)]

    assert [theirs, ours] == [each["refused"] for each in rows]
    assert not any("Canary" in each["says"] for each in rows)


def test_nothing_is_changed_by_what_a_function_does(portal_of_shop):
    """A function that writes is stopped by READ ONLY, also where the SELECT that calls it is carried out."""
    portal_of_shop.run(
        "create function public.sly() returns int language plpgsql as"
        " $$ begin delete from public.members; return 1; end $$"
    )
    row = explained(plans(portal_of_shop.owner), "select public.sly()", None, analyze=True)
    with psycopg.connect(portal_of_shop.owner) as owner:
        (members,) = owner.execute("select count(*) from public.members").fetchone()

    assert "not_one_select" == row["refused"]
    assert 1 == members


def test_a_plan_that_is_too_deep_is_told(portal_of_shop):
    """It is no error of ours."""
    text = "select id from public.cases"
    for number in range(900):
        text = f"select id from ({text} limit 10) t{number}"

    assert "cannot_be_planned" == explained(plans(portal_of_shop.asker), text, None)["refused"]


def test_nothing_of_a_session_outlives_the_plan(portal_of_shop):
    """Role, claims, settings and prepared statements are gone afterwards: a pooler hands the session on."""
    source = plans(portal_of_shop.asker)
    explained(source, SLOW, values=(), analyze=True, **OWN)
    explained(source, "select nothing", **OWN)
    with source._connection.transaction(), source._connection.cursor() as cursor:
        row = cursor.execute(
            "select current_user as who, current_setting('request.jwt.claims', true) as claims,"
            " current_setting('plan_cache_mode') as mode, (select count(*) from pg_prepared_statements) as prepared"
        ).fetchone()

    assert {"who": ASKER, "claims": "", "mode": "auto", "prepared": 0} == row


def test_what_ends_at_the_time_limit_still_has_a_plan(portal_of_shop, monkeypatch):
    """A statement that does not end in time is told with its estimates, and says that it did not end."""
    monkeypatch.setattr("peakops.sources.plans.STATEMENT_MS", 300)
    text = "select count(*) from public.cases a, public.cases b where a.amount + b.amount < 0"
    row = explained(plans(portal_of_shop.asker), text, None, analyze=True)

    assert (True, False, None) == (row["ended"], row["analyzed"], row["time_ms"])
    assert row["nodes"]


def test_no_value_of_the_statement_is_in_the_row(portal_of_shop):
    """Literals, numbers and comments are in neither the statement's text nor the nodes' conditions."""
    source = plans(portal_of_shop.asker)
    text = "select id from public.cases /* Canary */ where patient_name = 'Canary Patient 5' and amount <> 4711"
    wrong = explained(source, 'select id from public.cases where status = "Canary Patient"', None)
    statement = source.statement(id=None, text=text)
    row = explained(plans(portal_of_shop.owner), text, None, analyze=True)

    told = json.dumps([statement.rows, row, wrong])

    assert not any(each in told for each in ("Canary", "4711"))
    assert 'column "…" does not exist' in wrong["says"]
    assert "(cases.patient_name = '…'::text)" in scan(row)["filter"]


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("select 0xff, 1_000, .5, 1.5e-3, t1.c2, $1", "select …, …, …, …-…, t1.c2, $1"),
        ("select 'Canary", "select '…'"),
        ("select $$Canary", "select '…'"),
        ("select 1 /* Canary /* */ Canary */ as a", "select … as a"),
        ("select date'\\' as a", "select date'…' as a"),
        ('select "a" from "Odd Name"', 'select "a" from "…"'),
    ],
)
def test_how_a_statement_is_shown(text, shows):
    """Without values as the server reads them, also of what is not ended."""
    assert shows == shown(text)


def test_a_statement_of_a_megabyte_is_read_in_time():
    """What begins much and ends nothing is read once."""
    begun = time.monotonic()
    for part in ("/*", "$a$ $b$ ", "'", '"'):
        shown(part * ((1 << 20) // len(part)))

    assert 5 > time.monotonic() - begun


def test_a_right_that_the_role_lacks_is_its_own_answer(portal_of_shop):
    """As the role it is a row that says so; where we lack it ourselves it is an error with the grant."""
    source = plans(portal_of_shop.asker)
    row = explained(source, "select id from public.cases", NOBODY)

    assert ("role_may_not", True) == (row["refused"], "permission denied for table cases" in row["says"])
    with pytest.raises(Denied) as caught:
        explained(source, "select patient_name from public.cases", None)
    assert f"grant select on cases to {ASKER};" == caught.value.hint


def test_a_role_that_may_not_be_taken_on_is_told_with_the_grant(portal_of_shop):
    """A role that is there and not granted is denied with the grant to run; one that is not there is not found."""
    source = plans(portal_of_shop.asker)
    with pytest.raises(Denied) as caught:
        explained(source, "select 1", "pg_monitor")
    assert f"grant pg_monitor to {ASKER};" == caught.value.hint
    with pytest.raises(NotFound, match="no role 'authentikated'"):
        explained(source, "select 1", "authentikated")


def test_nobody_is_told_to_grant_a_superuser(portal_of_shop):
    """A role past all policies is none of the portal's people: the hint asks for theirs."""
    with pytest.raises(Denied) as caught:
        explained(
            plans(portal_of_shop.asker), "select 1", psycopg.conninfo.conninfo_to_dict(portal_of_shop.owner)["user"]
        )

    assert "Name the role that the portal's requests have, with --as." == caught.value.hint


def test_without_statistics_it_says_what_is_missing(portal_of_shop):
    """A server without pg_stat_statements is told so, with the way round; an index is unproven without hypopg."""
    source = plans(portal_of_shop.asker)
    source.statement(id=None, text=SLOW)
    trial = {"id": "given", "of": "public.cases", "table": "public.cases", "columns": ["amount"], "cost": 1.0}
    with psycopg.connect(portal_of_shop.owner) as owner:
        there = {name for (name,) in owner.execute("select extname from pg_extension")}
    if "pg_stat_statements" in there or "hypopg" in there:
        pytest.skip("This server has the extensions in every database.")

    with pytest.raises(NotConfigured, match="pg_stat_statements is not there"):
        source.statement(id="123", text=None)
    found = source.prove(trials=[trial], role=None)
    assert [None] == [each["used"] for each in found.rows]
    assert "create extension hypopg" in found.notes[0]


@pytest.fixture(scope="module")
def kept(contrib):
    """The small portal on a server that keeps statistics of statements."""
    with kept_shop(contrib) as made:
        yield made


def run_as_people(made, text, *values):
    """Run a statement as the portal does, so that it is counted; gives its number."""
    with psycopg.connect(made.owner) as connection:
        connection.execute(f"set role {PEOPLE}")
        psycopg.RawCursor(connection).execute(text, values)
        connection.execute("reset role")
        begin = text.partition("$")[0].strip()
        (number,) = connection.execute(
            "select 'q' || queryid from extensions.pg_stat_statements where starts_with(query, %s)", [begin]
        ).fetchone()
    return number


def test_a_statement_is_found_by_its_number(kept):
    """Its figures and roles are there, its text without values, and its plan can be made."""
    number = run_as_people(kept, "select id from public.cases where created_at > $1 and status = $2", "2026-02-01", "x")
    source = plans(kept.asker)
    (row,) = source.statement(id=number, text=None).rows
    planned = source.explain(id=number, role=PEOPLE, claims="{}", sub="", values=(), analyze=False).rows[0]

    assert (number, [PEOPLE], 1) == (row["id"], row["roles"], row["calls"])
    assert "select id from public.cases where created_at > $1 and status = $2" == row["text"]
    assert "generic" == planned["planned"]


def test_a_statement_is_found_with_and_without_its_letter(kept):
    """'perf db' writes q before the number, so that it never passes for a card's; the bare one is taken too."""
    number = run_as_people(kept, "select id from public.cases where id = $1 and amount = $2", "5", "5")
    source = plans(kept.asker)

    assert number.startswith("q")
    assert [number] == [row["id"] for row in source.statement(id=number.removeprefix("q"), text=None).rows]


def test_statistics_older_than_the_server_are_told(kept):
    """A server that was upgraded keeps the old columns until the extension is too: no column is 'missing'."""
    made = "drop extension pg_stat_statements; create extension pg_stat_statements schema extensions"
    kept.run(f"{made} version '1.7'")
    try:
        with pytest.raises(NotConfigured) as caught:
            plans(kept.asker).statement(id="1", text=None)
    finally:
        kept.run(made)

    assert caught.value.hint.startswith("alter extension pg_stat_statements update;")


@pytest.mark.parametrize("number", ["1", "x", "9" * 30, "-"])
def test_a_number_that_is_none_finds_nothing(kept, number):
    """What is no number of a statement is not there; it is no error."""
    assert () == plans(kept.asker).statement(id=number, text=None).rows


def test_a_role_that_is_blind_to_statistics_is_told(kept, contrib):
    """Without pg_read_all_stats other roles' statements are hidden, which is not the same as not there."""
    kept.run(f"revoke pg_read_all_stats from {ASKER}")
    try:
        with pytest.raises(Denied) as caught:
            plans(kept.asker).statement(id="1", text=None)
    finally:
        kept.run(f"grant pg_read_all_stats to {ASKER}")

    assert f"grant pg_read_all_stats to {ASKER};" == caught.value.hint


def test_an_index_is_proven_and_none_is_made(kept, contrib):
    """The planner takes the hypothetical index, also under the role's policies; no real one is there afterwards."""
    contrib.require("hypopg")
    source = plans(kept.asker)
    source.statement(id=None, text="select id from public.cases where amount = 5 and practice_id = 7")
    base = {"id": "given", "of": "public.cases", "table": "public.cases", "cost": 1.0}
    trials = [{**base, "columns": ["amount", "practice_id"]}, {**base, "columns": ["no_such_column"]}]
    ours, theirs = (source.prove(trials=trials, role=role).rows for role in (None, PEOPLE))
    with psycopg.connect(kept.owner) as owner:
        indexes = {name for (name,) in owner.execute("select indexname from pg_indexes where tablename = 'cases'")}

    assert [True, False] == [each["used"] for each in ours]
    assert ours[0]["after"] < ours[0]["before"] / 5
    assert theirs[0]["used"]
    assert {"cases_pkey", "cases_status"} == indexes


def test_without_a_right_to_hypopg_nothing_is_proven(kept, contrib):
    """An index that could not be tried is not one that does not help."""
    contrib.require("hypopg")
    function = "function extensions.hypopg_create_index"
    trial = {"id": "given", "of": "public.cases", "table": "public.cases", "columns": ["amount"], "cost": 1.0}
    kept.run(f"revoke execute on {function} from public")
    try:
        source = plans(kept.asker)
        source.statement(id=None, text="select id from public.cases where amount = 5")
        found = source.prove(trials=[trial], role=None)
    finally:
        kept.run(f"grant execute on {function} to public")

    assert [None] == [each["used"] for each in found.rows]
    assert "execute on its functions" in found.notes[0]


def test_what_there_is_no_time_for_is_said(kept, contrib):
    """Near the time limit no further index is tried, and the note says how many were."""
    contrib.require("hypopg")
    source = plans(kept.asker, seconds=1.5)
    source.statement(id=None, text="select id from public.cases where amount = 5")
    trial = {"id": "given", "of": "public.cases", "table": "public.cases", "columns": ["amount"], "cost": 1.0}
    found = source.prove(trials=[trial, trial], role=None)

    assert () == found.rows
    assert found.notes[0].startswith("Of 2 indexes 0 were tried")


def test_a_name_that_another_table_s_index_has_is_seen(kept):
    """Names are the schema's: the undo of a proposal must not drop what was there before it."""
    kept.run("create table public.cases_by (id int, day int); create index cases_by_day_idx on public.cases_by (day)")
    (row,) = plans(kept.asker).rows("perf/plan_tables", tables=["public.cases"]).rows

    assert "cases_by_day_idx" in row["names"]


def test_a_table_that_was_never_analyzed_is_not_small(kept):
    """Nobody has counted its rows; it is taken by what it takes on the disk."""
    kept.run("create table public.fresh as select n as id, n % 5000 as k from generate_series(1, 60000) as n")
    (row,) = plans(kept.asker).rows("perf/plan_tables", tables=["public.fresh"]).rows

    assert 10_000 <= row["rows"] <= 60_000
