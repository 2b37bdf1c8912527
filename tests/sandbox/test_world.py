"""A world is loaded as one step or not at all, and comes back as it is."""

import http.client
import json
import os
import signal
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

import psycopg
import pytest
from conftest import NOW, PRACTICE, rows, world

from peakops import sandbox
from peakops.errors import BadInput, NotFound

USER = "00000000-0000-0000-0000-0000000000b1"


def invoice(**columns):
    return {"invoice_number": "INV-1", "practice_id": PRACTICE, "amount_due": 12000, **columns}


def full():
    """A world with something of everything that a dump must bring back."""
    return world(
        email_provider="resend",
        tables={
            "invoices": [
                invoice(due_at="-2h", paid_at="+1d"),
                invoice(invoice_number="INV-2", stripe_payment_intent_id="tab\tnewline\nback\\slash \\N é"),
            ],
            "cases": [{"case_number": "CASE-1", "practice_id": PRACTICE, "due_date": "+3d", "case_type": ""}],
            "webhook_events": [{"event_id": "evt_1", "event_type": "x", "payload": {"a": [1, None, "é"]}}],
            "audit_logs": [
                {"action": "auth.login", "ip_address": "10.0.0.1"},
                {"id": 7, "action": "second"},
                {"action": "third", "details": {"n": 1}},
            ],
            "auth.sessions": [{"id": USER, "user_id": USER, "refreshed_at": "2026-11-20T16:00+02:00", "aal": "aal2"}],
            "auth.users": [{"id": USER, "email": "a@b.example", "email_confirmed_at": "-1w", "phone_change": None}],
            "auth.identities": [
                {"provider_id": "1", "user_id": USER, "identity_data": {"email": "A@B.example"}, "provider": "email"}
            ],
            "auth.audit_log_entries": [{"id": USER, "payload": {"action": "login"}}],
            "peakops.incidents": [],
            "peakops.mutes": [
                {"fingerprint": "f", "owner": "o", "reason": "r", "made_at": "-1h", "expires_at": "1h30m"}
            ],
        },
        ups={"accounts": ["A1"]},
        vercel={"deployments": [{"uid": "d1"}]},
        faults=[
            {"vendor": "ups", "route": "GET /v1/parcels", "status": 503, "times": 2},
            {"vendor": "database", "fault": "missing_column", "table": "invoices", "column": "paid_at"},
            {"vendor": "database", "fault": "missing_table", "table": "auth.users"},
            {"vendor": "database", "fault": "slow", "table": "cases"},
        ],
    )


def test_a_dump_loads_and_dumps_to_itself(home):
    """What `dump` prints is a world: loaded, it dumps to the same document, whatever the faults hide."""
    sandbox.load(home, full(), source="full.json")
    first = sandbox.dump(home)
    sandbox.load(home, first, source="again.json")
    assert first == sandbox.dump(home)


def test_a_dump_holds_what_was_loaded(home):
    """Values come back as they were written, with the times made absolute and the defaults filled in."""
    sandbox.load(home, full(), source="")
    document = sandbox.dump(home)
    tables = document["tables"]
    by_number = {row["invoice_number"]: row for row in tables["invoices"]}
    assert "2026-11-20T13:00:00Z" == by_number["INV-1"]["due_at"]
    assert "2026-11-21T15:00:00Z" == by_number["INV-1"]["paid_at"]
    assert "tab\tnewline\nback\\slash \\N é" == by_number["INV-2"]["stripe_payment_intent_id"]
    assert ("2026-11-23", "") == (tables["cases"][0]["due_date"], tables["cases"][0]["case_type"])
    assert {"a": [1, None, "é"]} == tables["webhook_events"][0]["payload"]
    assert [(7, "second"), (8, "auth.login"), (9, "third")] == [(r["id"], r["action"]) for r in tables["audit_logs"]]
    assert "2026-11-20T14:00:00Z" == tables["auth.sessions"][0]["refreshed_at"]
    assert "2026-11-13T15:00:00Z" == tables["auth.users"][0]["email_confirmed_at"]
    assert None is tables["auth.users"][0]["phone_change"]
    assert "2026-11-20T16:30:00Z" == tables["peakops.mutes"][0]["expires_at"]
    assert [] == tables["peakops.incidents"]
    assert {"accounts": ["A1"], "shipments": []} == document["ups"]
    assert ["d1"] == [each["uid"] for each in document["vercel"]["deployments"]]
    assert full()["faults"] == document["faults"]
    assert "resend" == document["email_provider"]


def test_ids_that_a_world_leaves_out_are_the_same_each_time(home):
    """Goldens would age if the database drew new ids at each load."""
    sandbox.load(home, world(tables={"invoices": [invoice()]}), source="")
    first = sandbox.dump(home)["tables"]["invoices"][0]["id"]
    sandbox.load(home, world(tables={"invoices": [invoice()]}), source="")
    assert first == sandbox.dump(home)["tables"]["invoices"][0]["id"]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"tabels": {}}, "tabels: no such key; did you mean tables?"),
        ({"tables": {"invoice": []}}, "tables.invoice: no such table; did you mean invoices?"),
        ({"tables": {"invoices": {}}}, "tables.invoices: must be a list."),
        (
            {"tables": {"invoices": [invoice(), invoice(amont_due=1)]}},
            "tables.invoices[1].amont_due: no such column; did you mean amount_due?",
        ),
        ({"tables": {"invoices": [{"practice_id": PRACTICE}]}}, "tables.invoices[0].invoice_number: is missing."),
        ({"tables": {"invoices": [invoice(amount_due=None)]}}, "tables.invoices[0].amount_due: must have a value."),
        ({"tables": {"invoices": [invoice(amount_due="1")]}},
         "tables.invoices[0].amount_due: must be a number (bigint)."),
        ({"tables": {"invoices": [invoice(currency=3)]}}, "tables.invoices[0].currency: must be a string (text)."),
        (
            {"tables": {"invoices": [invoice(due_at="tomorrow")]}},
            "tables.invoices[0].due_at: is no time: 'tomorrow'. "
            "Write 2026-11-20T15:00:00Z, or -2h or +3d from the world's now.",
        ),
        (
            {"tables": {"invoices": [invoice(id="no-uuid")]}},
            'tables.invoices[0].id: invalid input syntax for type uuid: "no-uuid".',
        ),
        (
            {"tables": {"invoices": [invoice(), invoice(invoice_number="INV-2", practice_id=USER)]}},
            f"tables.invoices[1].practice_id: no row of practices has the value {USER}.",
        ),
        (
            {"tables": {"invoices": [invoice(), invoice(currency="eur")]}},
            "tables.invoices[1].invoice_number: the value INV-1 is there already.",
        ),
        ({"tables": {"auth.users": [{"id": USER, "confirmed_at": NOW}]}},
         "tables.auth.users[0].confirmed_at: the database computes this column; leave it out."),
        ({"tables": {"invoices": [invoice(currency="a\0b")]}},
         "tables.invoices[0]: PostgreSQL text fields cannot contain NUL (0x00) bytes."),
        ({"tables": {"invoices": [invoice(currency="\ud800")]}},
         "tables.invoices[0]: holds a character that is no Unicode text."),
        ({"ups": {"parcels": []}}, "ups.parcels: no such resource."),
        ({"vercel": {"firewal": {}}}, "vercel.firewal: no such resource; did you mean firewall?"),
        ({"stripe": {"key": "tset"}}, "stripe.key: no such kind of key; did you mean test?"),
        ({"now": "-2h"}, "now: must be a time with its zone: 2026-11-20T15:00:00Z."),
        ({"email_provider": "sendgird"}, "email_provider: no such email provider; did you mean sendgrid?"),
        ({"faults": [{"vendor": "upss", "route": "*"}]}, "faults[0].vendor: no such vendor; did you mean ups?"),
        ({"faults": [{"vendor": "ups", "route": "*", "stauts": 1}]},
         "faults[0].stauts: no such fault key; did you mean status?"),
        ({"faults": [{"vendor": "ups", "route": "GET /v1/parcel", "status": 500}]},
         "faults[0].route: no such route of ups: GET /v1/parcel; did you mean GET /v1/parcels?"),
        ({"faults": [{"vendor": "ups", "route": "DELETE /v1/parcels", "status": 500}]},
         "faults[0].route: no such route of ups: DELETE /v1/parcels; did you mean GET /v1/parcels?"),
        ({"faults": [{"vendor": "ups", "route": "*"}]},
         "faults[0]: does nothing; give it status, error, body, delay_s, reset or after_effect."),
        ({"faults": [{"vendor": "ups", "route": "*", "status": 99}]},
         "faults[0].status: must be a number from 200 to 599."),
        ({"faults": [{"vendor": "ups", "route": "*", "reset": True, "status": 500}]},
         "faults[0]: reset and status exclude each other."),
        ({"faults": [{"vendor": "database", "fault": "dwon"}]},
         "faults[0].fault: no such database fault; did you mean down?"),
        ({"faults": [{"vendor": "database", "fault": "deny"}]}, "faults[0].table: is missing; deny needs it."),
        ({"faults": [{"vendor": "database", "fault": "missing_column", "table": "invoices", "column": "paid"}]},
         "faults[0].column: no such column; did you mean paid_at?"),
    ],
)  # fmt: skip
def test_a_bad_world_is_refused_by_its_place_and_the_old_one_stays(home, parts, sentence):
    """The sentence names the place in the file; not one row, vendor or fault of the old world has changed."""
    sandbox.load(home, world(tables={"invoices": [invoice(invoice_number="OLD")]}), source="")
    before, box = sandbox.dump(home), sandbox.status(home)
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(**parts), source="bad.json")
    assert f"bad.json was not loaded: {sentence}" == refused.value.says
    assert (before, box) == (sandbox.dump(home), sandbox.status(home))
    assert [("OLD",)] == rows(box.database_url, "select invoice_number from invoices")
    names = rows(box.url_as("postgres"), "select datname from pg_database where datname like 'world%'")
    assert [(f"world_{box.generation}",)] == names


def test_the_defaults_take_the_world_s_now(play):
    """A column with the default now() says the world's time, also in a row that is written later."""
    box = play(tables={"invoices": [invoice()]})
    rows(
        box.url_as("peakops_writer"),
        f"insert into invoices (invoice_number, practice_id, amount_due) values ('INV-9', '{PRACTICE}', 1)",
    )
    found = rows(box.database_url, "select distinct created_at from invoices")
    assert [(datetime(2026, 11, 20, 15, tzinfo=UTC),)] == found


def test_the_clock_moves_and_stands(home):
    """`clock` moves the world's now for peakops, the vendors and the database alike."""
    sandbox.load(home, world(), source="")
    box = sandbox.clock(home, 7200)
    assert datetime(2026, 11, 20, 17, tzinfo=UTC) == box.now
    assert "2026-11-20T17:00:00Z" == sandbox.dump(home)["now"]
    assert [(box.now,)] == rows(box.url_as("postgres"), "select sandbox.now()")


def test_a_world_without_now_runs_on_the_real_clock(home):
    """Relative times are then said from the time of the load."""
    document = world(tables={"invoices": [invoice(due_at="-2h")]})
    del document["now"]
    box = sandbox.load(home, document, source="")
    (due,) = rows(box.database_url, "select due_at from invoices")[0]
    assert None is box.now
    assert 7200 == pytest.approx((datetime.now(UTC) - due).total_seconds(), abs=30)


@pytest.mark.parametrize(
    "column",
    ["auth.users.encrypted_password", "auth.users.recovery_token", "auth.refresh_tokens.token",
     "auth.sessions.refresh_token_hmac_key", "auth.one_time_tokens.token_hash", "auth.mfa_factors.secret",
     "public.invitations.token", "public.cases.patient_name", "public.cases.clinical_notes"],
)  # fmt: skip
def test_the_reader_sees_no_secret(play, column):
    """Secrets and what a patient's file says are not granted, while the columns beside them are."""
    box = play()
    table, _, name = column.rpartition(".")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(box.database_url, f"select {name} from {table}")
    assert [] == rows(box.database_url, f"select id from {table}")


def test_denied_table(play):
    """`deny` takes the right to read one table, also where it is granted by column."""
    box = play(faults=[{"vendor": "database", "fault": "deny", "table": "cases"}])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(box.database_url, "select id from cases")
    assert [("Smile Care",)] == rows(box.database_url, "select name from practices")


def test_blind_reader(play):
    """`blind` gives no rows and no error; the next world is seen again."""
    box = play(faults=[{"vendor": "database", "fault": "blind"}])
    assert [] == rows(box.database_url, "select name from practices")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(box.database_url, "set row_security = off; select name from practices")
    box = play(tables={"auth.users": [{"id": USER}]})
    assert [("Smile Care",)] == rows(box.database_url, "select name from practices")
    assert [(USER,)] == rows(box.database_url, "select id::text from auth.users")


def test_slow_tables_hang_until_the_time_limit(play, home):
    """`slow` makes a statement wait for its own statement_timeout; dump and the next load do not wait."""
    box = play(faults=[{"vendor": "database", "fault": "slow"}])
    with pytest.raises(psycopg.errors.QueryCanceled):
        rows(box.database_url, "set statement_timeout = 200; select name from practices")
    assert "Smile Care" == sandbox.dump(home)["tables"]["practices"][0]["name"]
    assert [("Smile Care",)] == rows(play().database_url, "select name from practices")


def test_one_slow_table(play):
    """`slow` with a table leaves the others quick."""
    box = play(faults=[{"vendor": "database", "fault": "slow", "table": "auth.users"}])
    with pytest.raises(psycopg.errors.QueryCanceled):
        rows(box.database_url, "set statement_timeout = 200; select id from auth.users")
    assert [("Smile Care",)] == rows(box.database_url, "select name from practices")


def test_missing_table_and_column(play):
    """The reader is told what PostgreSQL says of a table or a column that is not there."""
    box = play(
        faults=[
            {"vendor": "database", "fault": "missing_column", "table": "practices", "column": "name"},
            {"vendor": "database", "fault": "missing_table", "table": "invoices"},
        ]
    )
    with pytest.raises(psycopg.errors.UndefinedColumn, match='column "name" does not exist'):
        rows(box.database_url, "select name from practices")
    with pytest.raises(psycopg.errors.UndefinedTable, match='relation "invoices" does not exist'):
        rows(box.database_url, "select id from invoices")


def test_a_database_that_is_down(play, home):
    """`down` refuses the connection; dump bypasses it."""
    box = play(faults=[{"vendor": "database", "fault": "down"}])
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        psycopg.connect(box.database_url)
    assert "Smile Care" == sandbox.dump(home)["tables"]["practices"][0]["name"]


def test_the_team_s_schema_is_there_only_if_a_world_names_it(play):
    """Schema `peakops` absent means none of its tables; there, the reader may read it."""
    box = play()
    assert [(None,)] == rows(box.database_url, "select to_regclass('peakops.containments')::text")
    box = play(tables={"peakops.containments": []})
    assert [] == rows(box.database_url, "select user_id from peakops.containments")


def test_the_writer_can_set_up_the_team_s_schema(play):
    """`peakops setup` works in a sandbox: what the writer makes, the reader reads."""
    from peakops.sandbox.databases import schema

    box = play()
    rows(box.url_as("peakops_writer"), schema("peakops"))
    assert [] == rows(box.database_url, "select subject from peakops.locks")


def test_the_writer_writes_and_the_reader_does_not(play):
    """The reader's key opens nothing for writing."""
    box = play(tables={"auth.users": [{"id": USER}], "auth.sessions": [{"id": USER, "user_id": USER}]})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(box.database_url, "update practices set name = 'x'")
    assert [(USER,)] == rows(box.url_as("peakops_writer"), "delete from auth.sessions returning id::text")


def test_a_table_counts_on_from_the_world_s_last_row(play):
    """A row that is written later must not collide with those of the world."""
    box = play(tables={"audit_logs": [{"id": 41, "action": "a"}, {"action": "b"}]})
    added = "insert into audit_logs (action) values ('c') returning id"
    assert [(43,)] == rows(box.url_as("peakops_writer"), added)


def test_twenty_thousand_rows_load_at_once(home):
    """A large world is copied, not inserted row by row: 20,000 rows in a few seconds on a busy machine."""
    many = [invoice(invoice_number=f"INV-{number}", due_at=f"-{number}s") for number in range(20_000)]
    began = time.monotonic()
    box = sandbox.load(home, world(tables={"invoices": many}), source="")
    assert 8 > time.monotonic() - began
    assert [(20_000,)] == rows(box.database_url, "select count(*) from invoices")


def test_each_world_has_its_own_database_and_journal(home):
    """After a load nothing of the world before is left, in the server or on the disk."""
    first = sandbox.load(home, world(), source="")
    (first.journal / "entry").write_text("something")
    second = sandbox.load(home, world(), source="")
    assert first.database_url != second.database_url
    assert (False, []) == (first.journal.exists(), list(second.journal.iterdir()))
    names = rows(second.url_as("postgres"), "select datname from pg_database where datname like 'world%'")
    assert [(f"world_{second.generation}",)] == names


def test_a_world_is_found_by_name():
    """Every world on the shelf is found by its full name; one that is not there is told with the nearest name."""
    for listed in sandbox.worlds():
        assert listed["says"] == sandbox.named(listed["name"])["says"]
    with pytest.raises(NotFound, match="There is no world called clinik"):
        sandbox.named("clinik")


SLOW_REFUNDS = {"status": "pending", "settles_to": "failed", "after_s": 3600, "failure_reason": "declined"}


def ask_stripe(box, method, path, form=None):
    """One request at the sandbox's Stripe: the body, which is not an error."""
    connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
    body = None if form is None else urlencode(form)
    connection.request(method, f"/stripe{path}", body, {"Authorization": f"Bearer {box.stripe_key}"})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    assert 200 == answer.status, told
    return told


def test_a_slow_refund_outlives_its_supervisor(own_home):
    """How refunds go is in the dump, and one that is under way ends in time though the supervisor was killed."""
    stripe = {"charges": [{"id": "ch_1", "amount": 500}], "refund_behaviour": SLOW_REFUNDS}
    box = sandbox.load(own_home, world(stripe=stripe), source="")
    made = ask_stripe(box, "POST", "/v1/refunds", {"charge": "ch_1", "metadata[plan]": "p"})
    os.kill(box.pid, signal.SIGKILL)
    while sandbox.status(own_home) is not None:
        time.sleep(0.01)
    box = sandbox.ensure(own_home)
    assert (SLOW_REFUNDS, "pending") == (
        (dumped := sandbox.dump(own_home)["stripe"])["refund_behaviour"],
        dumped["refunds"][0]["status"],
    )

    box = sandbox.clock(own_home, 3600)
    (seen,) = ask_stripe(box, "GET", "/v1/refunds?charge=ch_1")["data"]
    assert (made["id"], "failed", "declined", {"plan": "p"}) == (
        seen["id"],
        seen["status"],
        seen["failure_reason"],
        seen["metadata"],
    )
    assert 0 == ask_stripe(box, "GET", "/v1/charges/ch_1")["amount_refunded"]
