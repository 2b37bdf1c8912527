"""What stands between a plan and the change: confirmation, credentials, journal, lock, and the state that was seen."""

import os
import pty
import select
import subprocess
import threading
import time

import pytest

from peakops import sandbox

from ..conftest import PEAKOPS, environment
from .conftest import MARK_PAID, REFUND, WHY

COMMAND = ("payment", "mark-paid", "INV-123")
INVOICE = "invoice:11111111-1111-4111-8111-000000000123"


def untouched(rows):
    return ["open"] == [each["status"] for each in rows("invoices")] and not rows("payments")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 12),
        (("--yes",), 12),
        (("--yes", "--reason", "x"), 12),
        (("--confirm", "INV-999", "--reason", "x"), 12),
        (("--confirm", "", "--reason", "x"), 12),
        (("--confirm", "INV-123"), 64),
        (("--confirm", "INV-123", "--reason", " "), 64),
        (("--force",), 64),
    ],
)
def test_what_does_not_confirm(options, code, fix, load, rows):
    """No terminal, --yes for money, another object's name, no reason: nothing is changed, and the plan is shown."""
    load("paid_not_recorded")
    ran = fix(*COMMAND, *options)

    assert code == ran.code
    assert code == 64 or ran.json["data"]["plan"]["actions"]
    assert untouched(rows)


@pytest.mark.parametrize("name", ["INV-123", "inv-123", "11111111-1111-4111-8111-000000000123"])
def test_what_confirms(name, fix, load):
    """The number, however it is spelt, and the invoice's id."""
    load("paid_not_recorded")

    assert 0 == fix(*COMMAND, "--confirm", name, *WHY).code


def typed(state, answer, *args, prompt=b"Type INV-123"):
    """Run a command on a terminal, type the answer at its prompt, and return its code and all that it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PEAKOPS, "--sandbox", *args],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(state),
        close_fds=True,
    )
    os.close(theirs)
    shown, answered, until = b"", False, time.monotonic() + 30
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if not answered and prompt in shown:
            os.write(ours, answer)
            answered = True
    os.close(ours)
    return process.wait(timeout=10), shown.decode()


def test_a_person_types_the_objects_name(state, load, rows):
    """The plan is shown, the name is typed, and it is carried out."""
    load("paid_not_recorded")
    code, shown = typed(state, b"INV-123\n", *COMMAND)

    assert 0 == code, shown
    assert shown.index("becomes") < shown.index("Type INV-123")
    assert ["paid"] == [each["status"] for each in rows("invoices")]


@pytest.mark.parametrize("answer", [b"y\n", b"yes\n", b"\n", b"INV-12\n", b"\x04"])
def test_anything_else_declines(answer, state, load, rows):
    """12 for y, for nothing, for another name and for the end of input."""
    load("paid_not_recorded")
    code, _ = typed(state, answer, *COMMAND)

    assert 12 == code
    assert untouched(rows)


def test_without_write_credentials(peakops, load, configured, rows):
    """77 with the plan and the name of the setting; with it, the same command works, and production is not named."""
    load("paid_not_recorded")
    ran = peakops(*MARK_PAID, "--json", **configured())

    assert ("fix.no_write_access", 77) == (ran.json["error"]["code"], ran.code)
    assert "PEAKOPS_DATABASE_WRITE_URL" in ran.json["error"]["message"]
    assert ran.json["data"]["plan"]["actions"]
    assert untouched(rows)


def test_a_refund_needs_the_key_that_writes(peakops, load, writing, rows):
    """77 names PEAKOPS_STRIPE_WRITE_KEY where only the database may be written."""
    load("paid_twice_same_customer_payments")
    ran = peakops(*REFUND, "--json", **{**writing(), "PEAKOPS_STRIPE_WRITE_KEY": ""})

    assert 77 == ran.code
    assert "PEAKOPS_STRIPE_WRITE_KEY" in ran.json["error"]["message"]
    assert [] == rows("refunds")


def test_with_write_credentials(peakops, load, writing, rows, state):
    """Outside of the sandbox the same fix works with its own settings, and its journal is in the state folder."""
    load("paid_not_recorded")
    ran = peakops(*MARK_PAID, "--json", **writing())

    assert 0 == ran.code, ran.json["error"]
    assert ["paid"] == [each["status"] for each in rows("invoices")]
    assert (state / "peakops" / "journal.ndjson").exists()


def test_a_role_that_may_not_write(peakops, load, writing, configured, rows):
    """77: the database refuses, and the transaction leaves nothing behind."""
    load("paid_not_recorded")
    reader = configured()["PEAKOPS_DATABASE_URL"]
    ran = peakops(*MARK_PAID, "--json", **{**writing(), "PEAKOPS_DATABASE_WRITE_URL": reader})

    assert ("database.may_not_write", 77) == (ran.json["error"]["code"], ran.code)
    assert untouched(rows)


def test_half_a_transaction_is_none(fix, load, rows, entries, state):
    """The audit log may not be written: 77, and neither invoice nor payments row is changed."""
    load("paid_not_recorded")
    import psycopg

    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute("revoke insert on public.audit_logs from peakops_writer")
    ran = fix(*MARK_PAID)

    assert ("database.may_not_write", 77) == (ran.json["error"]["code"], ran.code)
    assert untouched(rows)
    assert ["intended", "failed"] == entries()


def test_a_journal_that_cannot_be_written(fix, load, rows, folder):
    """78, and nothing is done."""
    load("paid_not_recorded")
    (folder() / "journal.ndjson").mkdir(parents=True)
    ran = fix(*MARK_PAID)

    assert 78 == ran.code
    assert untouched(rows)


@pytest.mark.parametrize(
    "statement",
    [
        "update public.invoices set amount_due = 13000",
        "update public.invoices set status = 'void'",
        "update public.invoices set currency = 'eur'",
        "update public.invoices set updated_at = updated_at + interval '1 second'",
        "update public.invoices set status = 'paid', updated_at = updated_at + interval '1 second'",
        """insert into public.payments (invoice_id, amount, status, stripe_charge_id)
           select id, 12000, 'succeeded', 'ch_3QPuDDVe7r7I2G9kAlBvD8' from public.invoices""",
    ],
)
def test_the_state_changed_meanwhile(statement, meanwhile, load, rows, entries):
    """16: what was looked at is not there any more; no row of ours is written, and the journal says that it failed."""
    load("paid_not_recorded")
    ran = meanwhile("write", statement, *MARK_PAID)

    assert ("fix.state_changed", 16) == (ran.json["error"]["code"], ran.code)
    assert "refused" == ran.json["status"]
    assert [] == rows("audit_logs")
    assert ["intended", "failed"] == entries()


def test_the_state_changed_before_the_lease(meanwhile, load, rows, entries):
    """16 from the look under the lease: nothing is begun, so the journal has no line of it."""
    load("paid_not_recorded")
    ran = meanwhile("before", "update public.invoices set status = 'void'", *MARK_PAID)

    assert ("fix.state_changed", 16) == (ran.json["error"]["code"], ran.code)
    assert "'void'" in ran.json["error"]["message"]
    assert [] == entries()


def test_a_row_that_names_only_the_paymentintent(meanwhile, load, rows):
    """16: the portal's webhook has recorded the payment by its PaymentIntent alone; there is no second row."""
    load("paid_not_recorded_half")
    statement = """insert into public.payments (invoice_id, amount, status, stripe_payment_intent_id)
                   select id, 12000, 'succeeded', stripe_payment_intent_id from public.invoices"""
    ran = meanwhile("write", statement, *MARK_PAID)

    assert 16 == ran.code
    assert 1 == len(rows("payments"))


def test_a_lease_that_was_lost(meanwhile, load, rows):
    """16: another station has taken the lease over when the transaction begins; it writes nothing."""
    document = sandbox.named("paid_not_recorded")
    load(document, tables={**document["tables"], "peakops.locks": []})
    ran = meanwhile("write", "update peakops.locks set owner = 'ada@elsewhere/1/2'", *MARK_PAID)

    assert 16 == ran.code
    assert untouched(rows)
    assert ["ada@elsewhere/1/2"] == [each["owner"] for each in rows("peakops.locks")]


def test_this_machine_keeps_its_runs_apart(fix, load, rows, folder):
    """17 while another process of this machine holds the lock of the invoice, though the team has no table of locks."""
    import fcntl
    import hashlib

    load("paid_not_recorded")
    place = folder() / "locks"
    place.mkdir(parents=True)
    with (place / hashlib.sha256(INVOICE.encode()).hexdigest()[:32]).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = fix(*MARK_PAID)

    assert ("fix.locked", 17) == (ran.json["error"]["code"], ran.code)
    assert untouched(rows)


def test_a_look_afterwards_that_is_blind(meanwhile, load):
    """18: it was done, and the payments rows cannot be read any more."""
    load("paid_not_recorded")
    ran = meanwhile("after", "revoke select on public.payments from peakops_reader", *MARK_PAID)

    assert ("fix.unverified", 18) == (ran.json["error"]["code"], ran.code)
    assert "payments" in ran.json["error"]["message"]


def test_something_worse_afterwards(meanwhile, load):
    """18: the finding is gone, and a critical one is in its place."""
    load("paid_not_recorded")
    ran = meanwhile("after", "update public.invoices set amount_due = 9000", *MARK_PAID)

    assert 18 == ran.code
    assert "amount_mismatch" in ran.json["error"]["message"]


def test_a_damaged_journal_stops_a_fix(fix, load, rows, folder):
    """19: what was begun may stand in a line that was changed; the check goes on without it."""
    load("paid_twice_same_customer_payments")
    fix("payment", "check", "INV-123", "--reveal", "--reason", "a line")
    path = folder() / "journal.ndjson"
    path.write_bytes(path.read_bytes().replace(b"a line", b"a lime"))
    ran, check = fix(*REFUND), fix("payment", "duplicates", "INV-123")

    assert ("fix.journal_unread", 19) == (ran.json["error"]["code"], ran.code)
    assert "peakops journal verify" in ran.json["error"]["hint"]
    assert ("double_charge", 2) == (check.json["verdict"]["code"], check.code)
    assert [] == rows("refunds")


def test_no_secret_in_the_audit_log(fix, load, rows):
    """What --reason holds is filtered in the audit log as in the journal."""
    load("paid_not_recorded")
    fix(*COMMAND, "--confirm", "INV-123", "--reason", "card 4242424242424242 key sk_live_abcdef123456")

    assert "card [secret removed] key [secret removed]" == rows("audit_logs")[0]["details"]["reason"]


def test_a_number_that_looks_like_a_secret(fix, load, rows):
    """19 and nothing done: the journal could not hold a plan about it as it is."""
    document = sandbox.named("paid_twice_same_customer_payments")
    number = "4242424242424242"
    (invoice,) = document["tables"]["invoices"]
    intents = [{**each, "metadata": {"invoice_number": number}} for each in document["stripe"]["payment_intents"]]
    load(
        document,
        tables={**document["tables"], "invoices": [{**invoice, "invoice_number": number}]},
        stripe={**document["stripe"], "payment_intents": intents},
    )
    ran = fix("payment", "refund", number, "--confirm", number, *WHY)

    assert ("fix.unrecordable", 19) == (ran.json["error"]["code"], ran.code)
    assert [] == rows("refunds")


def test_production_is_named(peakops, load, writing, state):
    """A line on stderr before the plan, where the environment is called so."""
    load("paid_not_recorded")
    config = state / "config" / "peakops"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text("[env.production]\n")
    ran = peakops("--env", "production", *COMMAND, "--dry-run", "--json", **writing())
    (config / "config.toml").unlink()

    assert "PRODUCTION" in ran.err
    assert 10 == ran.code


def test_a_change_that_does_not_last(meanwhile, load):
    """18: somebody sets the invoice back before the look afterwards."""
    load("paid_not_recorded")
    statement = "update public.invoices set status = 'open'"
    ran = meanwhile("after", statement, *MARK_PAID)

    assert ("fix.unverified", 18) == (ran.json["error"]["code"], ran.code)
    assert "peakops payment check INV-123" == ran.json["error"]["hint"]
    assert ran.json["data"]["steps"]


def locked(until, owner="ada@elsewhere/0123456789abcdef/01"):
    return {"subject": INVOICE, "owner": owner, "taken_at": "-1m", "expires_at": until}


def test_somebody_else_has_the_lease(fix, load, rows):
    """17 with who has it, since and until when; nothing is done."""
    document = sandbox.named("paid_not_recorded")
    load(document, tables={**document["tables"], "peakops.locks": [locked("+1m")]})
    ran = fix(*MARK_PAID)

    assert ("fix.locked", 17) == (ran.json["error"]["code"], ran.code)
    assert "ada@elsewhere since 14:59:00 until 15:01:00 UTC" in ran.json["error"]["message"]
    assert untouched(rows)


def test_a_lease_that_has_run_out_is_taken(fix, load, rows):
    """0, and the lease is gone afterwards."""
    document = sandbox.named("paid_not_recorded")
    load(document, tables={**document["tables"], "peakops.locks": [locked("-1s")]})

    assert 0 == fix(*MARK_PAID).code
    assert [] == rows("peakops.locks")


def test_two_at_once(peakops, load, rows):
    """Two operators start the same fix together: one of them changes, the other is locked out or has nothing to do."""
    load("paid_not_recorded")
    codes = []
    crew = [
        threading.Thread(target=lambda: codes.append(peakops("--sandbox", *MARK_PAID, "--json").code)) for _ in range(2)
    ]
    for each in crew:
        each.start()
    for each in crew:
        each.join()

    assert sorted(codes) in [[0, 0], [0, 16], [0, 17]]
    assert (1, 1) == (len(rows("payments")), len(rows("audit_logs")))


def test_the_team_keeps_a_copy_of_the_journal(fix, load, rows, folder):
    """With the schema there, each line of the journal is in peakops.journal with its hash."""
    from peakops import journal

    document = sandbox.named("paid_not_recorded")
    load(document, tables={**document["tables"], "peakops.locks": [], "peakops.journal": []})
    ran = fix(*MARK_PAID)

    assert [] == ran.json["warnings"]
    assert [each.hash for each in journal.read(folder())] == [each["hash"] for each in rows("peakops.journal")]


def test_without_the_teams_tables_it_says_so(fix, load):
    """Only runs of this machine are kept apart then: a warning in the envelope and on stderr names setup."""
    load("paid_not_recorded")
    ran = fix(*MARK_PAID)

    assert "peakops setup" in ran.json["warnings"][-1]
    assert "peakops setup" in ran.err
