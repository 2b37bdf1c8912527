"""`peakops setup`: the team's tables, planned first, made once, and looked at with --check."""

import jsonschema
import psycopg
import pytest

from peakops import playbook, sandbox
from peakops.render import schema
from peakops.sandbox.databases import schema as tables_of
from peakops.sources import queries

from .conftest import WHY

SETUP = ("setup", "--confirm", "peakops", *WHY)
TABLES = sorted(playbook.words("setup")["tables"])
VALIDATOR = jsonschema.Draft202012Validator(schema.of("setup"))


def team_tables(world):
    return sorted(name.removeprefix("peakops.") for name in world()["tables"] if name.startswith("peakops."))


def owner(state):
    return psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True)


def test_check_says_what_is_missing(fix, load, state):
    """1 where the schema is not there or lacks a table, 2 where a table is another one, 0 where all is there."""
    load("paid")
    missing = fix("setup", "--check")
    fix(*SETUP)
    ready = fix("setup", "--check")
    with owner(state) as connection:
        connection.execute("drop table peakops.mutes")
        lacking = fix("setup", "--check")
        connection.execute("alter table peakops.locks drop column owner")
        differs = fix("setup", "--check")

    assert ["schema_missing", "ready", "tables_missing", "schema_differs"] == [
        each.json["verdict"]["code"] for each in (missing, ready, lacking, differs)
    ]
    assert [1, 0, 1, 2] == [each.code for each in (missing, ready, lacking, differs)]
    assert "mutes" in lacking.json["verdict"]["says"]
    assert "peakops.locks.owner" in differs.json["verdict"]["says"]
    assert "peakops setup" == missing.json["next"][0]


def test_it_is_planned(fix, load, world):
    """10 and a plan; 12 where nobody confirms; the schema is not made."""
    load("paid")
    planned, asked = fix("setup", "-n"), fix("setup")

    assert [("planned", 10), ("refused", 12)] == [(each.json["status"], each.code) for each in (planned, asked)]
    assert [] == team_tables(world)
    VALIDATOR.validate(planned.json)


def test_it_is_made_once(fix, load, world, rows):
    """0: every table is there and the role that reads may read them; a second time there is nothing to do."""
    load("paid")
    made, again = fix(*SETUP), fix(*SETUP)

    assert [("changed", 0), ("ok", 0)] == [(each.json["status"], each.code) for each in (made, again)]
    assert TABLES == team_tables(world)
    assert ["peakops.setup"] == [each["action"] for each in rows("audit_logs")]
    assert [] == made.json["warnings"]


def test_what_is_there_stays(fix, load, rows, state):
    """A table that is missing is added; the rows of the others are as they were."""
    load("paid")
    fix(*SETUP)
    with owner(state) as connection:
        connection.execute("insert into peakops.mutes values ('f', 'o', 'r', now(), now())")
        connection.execute("drop table peakops.seen")
    fix(*SETUP)

    assert ["f"] == [each["fingerprint"] for each in rows("peakops.mutes")]
    assert "ready" == fix("setup", "--check").json["verdict"]["code"]


def test_a_database_that_cannot_be_read(fix, load):
    """3: nothing can be said, and nothing is made."""
    load("paid", faults=[{"vendor": "database", "fault": "down"}])

    assert 3 == fix("setup", "--check", "--timeout", "5s").code
    assert 3 == fix(*SETUP, "--timeout", "5s").code


@pytest.fixture
def made(portal):
    """The columns that setup's own SQL makes, and those of the portal's contract."""

    def columns(statements):
        with psycopg.connect(portal) as connection:
            connection.execute("drop schema if exists peakops cascade")
            connection.execute(statements)
            found = connection.execute(
                """select table_name, column_name, data_type, is_nullable, column_default
                     from information_schema.columns where table_schema = 'peakops' order by 1, ordinal_position"""
            ).fetchall()
            connection.rollback()
        return found

    return columns


def test_setup_makes_what_the_contract_says(made):
    """The tables that setup makes are those of the portal's contract, column by column, and those in the playbook."""
    ours = made(queries.load("setup/create_team_tables").text)
    columns = {(table, column) for table, column, *_ in ours}

    assert made(tables_of("peakops")) == ours
    assert {(table, each) for table, names in playbook.words("setup")["tables"].items() for each in names} == columns
