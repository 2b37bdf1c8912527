"""The roles that docs/safety.md gives are enough, and no more: tried on a real PostgreSQL with the portal's schema."""

import contextlib
import os
import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import peakops
from peakops.sources import personal_classes, personal_graph, queries
from peakops.sources.erasure import Erasure

from .sources.test_queries import NAMES, READS, ROWLESS, SAMPLES, types

SAFETY = (Path(peakops.__file__).parent.parent / "docs" / "safety.md").read_text("utf-8")
GRANTS = "\n".join(re.findall(r"```sql\n(.*?)```", SAFETY, re.DOTALL))
OWN = ("change/", "setup/", "doctor/", "perf/")


def portals(name):
    """Not a query of the team's tables, whose grants `peakops setup` makes, or of the server's own views."""
    query = queries.load(name)
    return not name.startswith(OWN) and not any(each.startswith("peakops.") for each in (*query.reads, *query.writes))


WRITES = sorted(name for name in NAMES if queries.load(name).writes and name not in ROWLESS)
HIDDEN = (
    ("auth.users", "encrypted_password"),
    ("auth.mfa_factors", "secret"),
    ("auth.one_time_tokens", "token_hash"),
    ("public.invitations", "token"),
    ("public.cases", "patient_name"),
    ("public.cases", "clinical_notes"),
)


@pytest.fixture(scope="module")
def roles(portal):
    """The three roles, made as the page says under names of this process, and gone afterwards."""
    names = {name: f"{name}_{os.getpid()}" for name in ("peakops_perf", "peakops_reader", "peakops_writer")}
    statements = GRANTS
    for name, own in names.items():
        statements = statements.replace(name, own)
    with psycopg.connect(portal, autocommit=True) as owner:
        database = owner.info.dbname
        owner.execute(statements.replace("on database postgres", f"on database {database}"))
        yield names
        for own in names.values():
            owner.execute(sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(own)))


def run(portal, role, name):
    given = {param: SAMPLES[kind] for param, kind in types(name).items()}
    with psycopg.connect(portal) as connection:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        connection.execute(queries.load(name).text, given)
        connection.rollback()


@pytest.mark.parametrize("name", list(filter(portals, READS)))
def test_the_reader_may_ask_it(name, portal, roles):
    """Every query of a check runs under the reading role that the page describes."""
    run(portal, roles["peakops_reader"], name)


@pytest.mark.parametrize("name", list(filter(portals, WRITES)))
def test_the_writer_may_do_it(name, portal, roles):
    """Every write of a fix is allowed to the writing role; a foreign key may refuse the sample row, a right may not."""
    with contextlib.suppress(psycopg.errors.IntegrityError):
        run(portal, roles["peakops_writer"], name)


def test_the_role_for_performance_sees_what_the_doctor_wants(portal, roles):
    """It monitors, and may take on the portal's role without having its rights; it may write to no table."""
    with psycopg.connect(portal, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(roles["peakops_perf"])))
        row = connection.execute(queries.load("doctor/performance").text).fetchone()
        writes = connection.execute("select has_table_privilege('public.invoices', 'update') as may").fetchone()
        connection.rollback()

    assert (True, True) == (row["monitors"], row["may_become"])
    assert {"may": False} == writes


def test_the_roles_may_count_and_erase_a_person(portal, roles):
    """What `data check` counts along the foreign keys, and the one statement with which `data delete` erases."""
    nobody = {"user": SAMPLES["uuid"], "pseudonym": SAMPLES["uuid"]}
    with psycopg.connect(portal, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(roles["peakops_reader"])))
        columns, keys = (
            connection.execute(queries.load(name).text, {}).fetchall() for name in ("data/columns", "data/references")
        )
        found = personal_graph.references(columns, keys, personal_classes.read(None))
        connection.execute(Erasure(found).counting(), nobody)
        erased = [each for each in found if each["table"] != "public.audit_logs"]
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(roles["peakops_writer"])))
        connection.execute(Erasure(erased).erasing(), nobody)
        connection.rollback()

    team = [each for each in found if not each["table"].startswith("peakops.")]
    assert {"public.users", "public.cases", "auth.flow_state", "auth.sessions"} <= {each["table"] for each in team}
    assert [] == [each for each in team if not each["readable"]]


@pytest.mark.parametrize(("table", "column"), HIDDEN)
@pytest.mark.parametrize("role", ["peakops_perf", "peakops_reader", "peakops_writer"])
def test_no_role_may_read_a_secret(role, table, column, portal, roles):
    """None of them can select a hash, a token, a factor's secret, a patient's name or the clinical notes."""
    statement = sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(*table.split(".")))
    with psycopg.connect(portal) as connection:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(roles[role])))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
        connection.rollback()
