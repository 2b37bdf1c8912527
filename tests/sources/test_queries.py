"""Every named query on a real PostgreSQL with the portal's schema: it plans, runs read-only, and selects no secret."""

import contextlib
from pathlib import Path

import psycopg
import pytest

import peakops
from peakops.sources import queries
from peakops.sources.queries import PLACEHOLDER

SQL = Path(peakops.__file__).parent.parent / "sql"
NAMES = sorted(str(each.relative_to(SQL))[:-4] for each in SQL.rglob("*.sql"))
ROWLESS = [name for name in NAMES if queries.load(name).writes and queries.load(name).expects == (0, 0)]
"""Statements that make tables and grant rights: tests/fixes/test_setup.py runs them."""
EXTENDED = [name for name in NAMES if "pg_stat_statements" in queries.load(name).reads]
"""Those of an extension that the embedded server has not: the tests of `perf` run them on one that has."""
READS = [name for name in NAMES if not queries.load(name).writes and name not in EXTENDED]
SAMPLES = {
    "text": "x",
    "inet": "203.0.113.0/24",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "text[]": ["x"],
    "inet[]": ["203.0.113.0/24"],
    "uuid[]": ["00000000-0000-4000-8000-000000000000"],
    "jsonb": "{}",
    "bigint": 1,
    "int": 1,
    "boolean": True,
    "float8": 60.0,
    "timestamptz": "2026-11-20T15:00:00Z",
}
SECRET = {"encrypted_password", "token", "token_hash", "refresh_token", "patient_name", "clinical_notes", "payload"}


def types(name):
    """The parameters of a query's header with their types."""
    import re

    header = " ".join(each for each in (SQL / f"{name}.sql").read_text().splitlines()[1:] if each.startswith("--"))
    params = header.partition("params: ")[2].partition("reads: ")[0].partition("writes: ")[0]
    kinds = r"text\[\]|uuid\[\]|inet\[\]|uuid|text|jsonb|bigint|int|boolean|timestamptz|float8|inet"
    return dict(re.findall(rf"(\w+) \(({kinds})", params))


@pytest.fixture(scope="module")
def connection(portal):
    with psycopg.connect(portal, prepare_threshold=None) as connection:
        connection.read_only = True
        yield connection


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(ROWLESS) - set(EXTENDED)))
def test_it_plans_against_the_portals_schema(name, connection):
    """The server knows every table, column and type that the query names."""
    numbered = {
        each: f"${index}" for index, each in enumerate(dict.fromkeys(PLACEHOLDER.findall(queries.load(name).text)), 1)
    }
    text = PLACEHOLDER.sub(lambda match: numbered[match[1]], queries.load(name).text)
    result = connection.pgconn.prepare(b"", text.encode())

    assert psycopg.pq.ExecStatus.COMMAND_OK == result.status, result.error_message
    connection.rollback()


@pytest.mark.parametrize("name", READS)
def test_it_runs_read_only(name, connection):
    """It runs in a READ ONLY transaction with values of the types that its header says, and brings no secret."""
    given = {param: SAMPLES[kind] for param, kind in types(name).items()}
    cursor = connection.execute(queries.load(name).text, given)
    columns = {each.name for each in cursor.description}
    connection.rollback()

    assert set(given) == queries.load(name).placeholders
    assert set() == columns & SECRET


@pytest.mark.parametrize("name", sorted({*NAMES} - {*READS, *EXTENDED, *ROWLESS, "setup/name_reader"}))
def test_a_write_runs_with_its_types_and_not_read_only(name, portal):
    """With values of the types that its header says it gets as far as its rows; a READ ONLY transaction refuses it."""
    given = {param: SAMPLES[kind] for param, kind in types(name).items()}
    with psycopg.connect(portal) as connection:
        with contextlib.suppress(psycopg.errors.ForeignKeyViolation):
            connection.execute(queries.load(name).text, given)
        connection.rollback()
        connection.read_only = True
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute(queries.load(name).text, given)
        connection.rollback()

    assert set(given) == queries.load(name).placeholders


def test_a_payload_is_found_by_any_of_its_names(portal):
    """The webhook log is searched by PaymentIntent, charge and invoice number, and not by anybody else's."""
    payloads = [
        '{"data": {"object": {"id": "pi_1"}}}',
        '{"data": {"object": {"id": "re_1", "payment_intent": "pi_1"}}}',
        '{"data": {"object": {"id": "dp_1", "charge": "ch_1"}}}',
        '{"data": {"object": {"id": "cs_1", "metadata": {"invoice_number": "INV-1"}}}}',
        '{"data": {"object": {"id": "cs_2", "metadata": {"invoice_id": "u-1"}}}}',
        '{"data": {"object": {"id": "pi_2"}}}',
    ]
    with psycopg.connect(portal) as connection:
        for index, payload in enumerate(payloads):
            connection.execute(
                "insert into public.webhook_events (event_id, event_type, payload) values (%s, 'x', %s)",
                [f"evt_{index}", payload],
            )
        found = connection.execute(
            queries.load("payment/webhook_events").text,
            {"ids": ["pi_1", "ch_1"], "number": "INV-1", "invoice": "u-1"},
        ).fetchall()
        connection.rollback()

    assert {f"evt_{index}" for index in range(5)} == {row[0] for row in found}


def test_the_webhook_log_is_searched_by_its_index(portal):
    """Among many events the search does not read the whole table."""
    with psycopg.connect(portal) as connection:
        connection.execute(
            """insert into public.webhook_events (event_id, event_type, payload)
               select 'evt_' || n, 'x', jsonb_build_object('data', jsonb_build_object('object',
                      jsonb_build_object('id', 'pi_' || n))) from generate_series(1, 20000) as n"""
        )
        connection.execute("analyze public.webhook_events")
        text = "explain " + queries.load("payment/webhook_events").text
        plan = connection.execute(text, {"ids": ["pi_7", "ch_7"], "number": "INV-1", "invoice": "u-1"}).fetchall()
        connection.rollback()

    assert "Bitmap Index Scan" in "\n".join(line for (line,) in plan)


def test_an_invoice_is_found_by_its_index(portal):
    """Of the identifiers that are null nothing is left in the plan: by id it is one row of an index."""
    query = queries.load("payment/invoices")
    given = {**dict.fromkeys(query.params), "id": SAMPLES["uuid"]}
    with psycopg.connect(portal, prepare_threshold=None) as connection:
        connection.execute(
            """with one as (insert into public.practices (name) values ('P') returning id)
               insert into public.invoices (invoice_number, practice_id, amount_due)
               select 'INV-' || n, one.id, 1 from one, generate_series(1, 20000) as n"""
        )
        connection.execute("analyze public.invoices")
        plan = "\n".join(line for (line,) in connection.execute(f"explain {query.text}", given))
        connection.rollback()

    assert "Index Scan using invoices_pkey" in plan
    assert "Seq Scan on invoices" not in plan


def test_no_identifier_finds_nobody(portal):
    """An identifier that is None is not asked with, since a query without any would bring everybody's invoices."""
    import time
    from datetime import UTC, datetime

    from peakops.sources.database import Database

    source = Database(portal, ca=None, now=datetime.now(UTC), deadline=time.monotonic() + 5)

    assert () == source.find(ways=[("payment/invoices", {"number": None}), ("payment/invoices", {"id": None})]).rows


def test_what_is_counted_of_the_audit_log_is_what_gets_a_pseudonym():
    """SQL has no functions here: both files tell whose row it is in the same words, so that no count is another."""
    counted, changed = (queries.load(f"data/{name}").text for name in ("audit", "pseudonymise_audit"))
    whose = counted[counted.index("(\n") : counted.index(") as named")]
    which = counted[counted.index("\n where l.user_id = ") :]

    assert whose in changed
    assert changed.endswith(f"{which}\nreturning id")
