"""`peakops perf query` and `perf index propose` as they are typed: their verdicts, and that no value gets out."""

import json

import psycopg
import pytest
from jsonschema import Draft202012Validator

from peakops.render import schema

from .plans_shop import ASKER, NOBODY, PEOPLE, PERSON, ROWS, WRAPPED, kept_shop

SLOW = (
    "select id from public.cases where amount > 900 and status <> 'Canary 4711-0815-4711' order by created_at limit 20"
)
WANTED = "select id from public.cases where practice_id = 7 and amount = 5"


@pytest.fixture(scope="module")
def made(contrib):
    """The small portal on a server that keeps statistics."""
    with kept_shop(contrib) as made:
        yield made


@pytest.fixture
def perf(peakops, made, tmp_path):
    """Run a command of `perf` on the small portal, with a statement in a file where one is given."""

    def run(*args, text=None):
        if text is not None:
            (tmp_path / "statement.sql").write_text(text)
            args = (*args, "--file", str(tmp_path / "statement.sql"))
        ran = peakops("perf", *args, PEAKOPS_DATABASE_PERF_URL=made.asker)
        if "--json" in args:
            Draft202012Validator(schema.of(ran.json["command"])).validate(ran.json)
        return ran

    return run


def number_of(made, text):
    """The number of a statement, once the portal's people have run it."""
    with psycopg.connect(made.owner) as connection:
        connection.execute(f"set role {PEOPLE}")
        connection.execute(text)
        connection.execute("reset role")
        begin = text.partition("=")[0]
        (number,) = connection.execute(
            "select 'q' || queryid from extensions.pg_stat_statements where starts_with(query, %s)", [begin]
        ).fetchone()
    return number


def test_a_policy_is_found_by_a_statement_s_number(perf, made):
    """By its number it is planned for any value; the policy's function is named."""
    number = number_of(made, "select id, amount from public.cases where amount = 5")
    ran = perf("query", number, "--as", PEOPLE, "--json")

    assert 1 == ran.code
    assert ("policy_cost", "volatile_function_per_row") == (ran.json["verdict"]["code"], ran.json["verdict"]["cause"])
    assert [("public.my_practice", "public.cases", ROWS)] == [
        (each["function"], each["table"], each["calls"]) for each in ran.json["data"]["per_row"]
    ]
    assert {"queryid": number, "role": PEOPLE, "analyze": False} == ran.json["given"]
    assert ["generic", "generic"] == [each["planned"] for each in ran.json["data"]["sides"]]


def test_measured_it_is_beside_what_the_operator_gets(perf):
    """With --analyze and a person's claims both are carried out; neither a value nor a claim is told."""
    claims = json.dumps({"sub": PERSON, "email": "j.doe@smilecare.example", "note": "Canary 0815-4711-0815"})
    ran = perf("query", "--as", PEOPLE, "--analyze", "--claims", claims, "--json", text=SLOW)
    ours, theirs = ran.json["data"]["sides"]

    assert "policy_cost" == ran.json["verdict"]["code"]
    assert (None, PEOPLE, True, True) == (ours["role"], theirs["role"], ours["analyzed"], theirs["analyzed"])
    assert ran.json["data"]["factor"] > 1
    assert [] == [each for each in ("Canary", "4711-0815", "0815-4711", "j.doe", PERSON) if each in ran.out + ran.err]


def test_the_remedy_is_told_of_as_in_order(perf, made):
    """Once the policy's function is wrapped and stable, the same statement is quick."""
    made.run(WRAPPED)
    try:
        ran = perf("query", "--as", PEOPLE, "--analyze", "--claims", f"sub={PERSON}", text=SLOW)
    finally:
        made.run(
            "drop policy own on public.cases; alter function public.my_practice() volatile;"
            f" create policy own on public.cases for select to {PEOPLE} using (practice_id = public.my_practice())"
        )

    assert 0 == ran.code
    assert ran.out.startswith("OK  Quick, by another plan  [quick]")


def test_what_a_role_lacks_is_told(perf):
    """A role that may not read the table is a finding; one that we may not take on is unknown, with the grant."""
    unread = perf("query", "--as", NOBODY, text=SLOW)
    untaken = perf("query", "--as", "pg_monitor", text=SLOW)

    assert (2, True) == (unread.code, "[role_may_not]" in unread.out)
    assert (3, True) == (untaken.code, f"grant pg_monitor to {ASKER};" in untaken.out)


@pytest.mark.parametrize(
    ("args", "text", "code", "says"),
    [
        (("query", "12"), None, 14, "knows no statement 12"),
        (("query", "12", "--json"), SLOW, 64, "QUERYID"),
        (("query",), None, 64, "QUERYID"),
        (("query", "--analyse"), None, 64, "No such option: --analyse"),
        (("query", "--claims", "[1]"), SLOW, 65, "no JSON object"),
        (("query", "--claims", "@/no/such/file"), SLOW, 65, "cannot be read"),
        (("query", "--file", "/no/such/file"), None, 65, "cannot be read"),
        (("query",), " \n", 65, "holds no text"),
        (("query",), "delete from public.cases", 1, "not_one_select"),
        (("query", "--as", PEOPLE), "select nothing", 1, "cannot_be_planned"),
        (("query", "--claim", '{"sub": "Canary"}'), SLOW, 64, "No such option: --claim"),
        (("index", "propose", "q-12"), None, 14, "knows no statement q-12"),
        (("index", "propose"), "select nothing", 3, "None of 1 statement(s) could be explained"),
    ],
)
def test_what_cannot_be_asked(perf, args, text, code, says):
    """What is typed wrongly, is not there, or is no SELECT ends as the contract says."""
    ran = perf(*args, text=text)

    assert code == ran.code
    assert says in ran.out + ran.err
    assert "Canary" not in ran.out + ran.err


def test_an_index_is_proposed_with_its_undo(perf, contrib):
    """The list has the statement that makes it, the look afterwards, and the undo; without hypopg it is unproven."""
    ran = perf("index", "propose", "--json", text=WANTED)
    (item,) = ran.json["data"]["items"]
    proven = "hypopg" in contrib.available

    assert 1 == ran.code
    assert ("index_would_help", "proven" if proven else "unproven") == (
        ran.json["verdict"]["code"],
        ran.json["verdict"]["cause"],
    )
    assert (
        "create index concurrently cases_amount_practice_id_idx on public.cases (amount, practice_id);"
        == (item["create"])
    )
    assert "drop index concurrently if exists public.cases_amount_practice_id_idx;" == item["undo"]
    assert not proven or item["after"] < item["before"] / 10


def test_proposals_go_out_as_rows(perf):
    """As CSV a header and a row; people see the cost, the statement and its undo on a line."""
    header, row = perf("index", "propose", "--csv", text=WANTED).out.splitlines()
    line = perf("index", "propose", text=WANTED).out.splitlines()[0]

    assert header.startswith("table,columns,name,proof,before,after,times,statements,")
    assert row.startswith("public.cases,")
    assert "set statement_timeout = 0; create index concurrently" in line


def test_the_sandbox_has_roles_and_no_statistics(peakops, load, tmp_path):
    """In the sandbox a statement is given as text; by number the missing extension is named, and it is unknown."""
    load("paid")
    (tmp_path / "statement.sql").write_text("select invoice_number from invoices where status = 'open'")
    given = ("--file", str(tmp_path / "statement.sql"), "--analyze")
    by_text = peakops("--sandbox", "perf", "query", *given)
    by_anon = peakops("--sandbox", "perf", "query", *given, "--as", "anon")
    by_number = peakops("--sandbox", "perf", "query", "q-12")
    listed = peakops("--sandbox", "perf", "index", "propose")

    assert (0, True) == (by_text.code, "[same_plan]" in by_text.out)
    assert (2, True) == (by_anon.code, "[role_may_not]" in by_anon.out)
    assert (3, 3) == (by_number.code, listed.code)
    assert "create extension pg_stat_statements" in by_number.out
    assert "create extension pg_stat_statements" in listed.out


def test_a_group_in_a_group_is_a_group(peakops):
    """Help, schema and completion reach a command of three words."""
    told = peakops("perf", "index", "--help")
    known = peakops("schema", "perf", "index", "propose", "--json")

    assert (0, True) == (told.code, "propose" in told.out)
    assert "peakops perf index propose" == known.json["data"]["schema"]["title"]
