"""`payment mark-paid`: the plan, what it takes to carry it out, and all that speaks against it."""

import jsonschema
import pytest

from peakops.render import schema

from .conftest import MARK_PAID, WHY

COMMAND = ("payment", "mark-paid", "INV-123")
VALIDATOR = jsonschema.Draft202012Validator(schema.of("payment mark-paid"))


def status(rows):
    return [each["status"] for each in rows("invoices")]


def test_a_dry_run_plans(fix, load, rows):
    """10, and the plan with what it was and becomes, the exact call and the undo; nothing is changed or journalled."""
    load("paid_not_recorded")
    ran = fix(*COMMAND, "--dry-run")
    first, second = ran.json["data"]["plan"]["actions"]

    assert ("planned", 10) == (ran.json["status"], ran.code)
    assert ("open, paid_at empty", "paid, paid_at 20 Nov 2026 13:00 UTC") == (first["was"], first["becomes"])
    assert ("database", "payment/mark_invoice_paid") == (first["via"], first["call"])
    assert ("none", "succeeded, 120.00 USD") == (second["was"], second["becomes"])
    assert first["undo"]
    assert second["undo"]
    assert (["open"], []) == (status(rows), rows("payments"))
    VALIDATOR.validate(ran.json)


def test_redelivery_is_preferred_where_the_event_can_still_be_delivered(fix, load):
    """The plan says how Stripe sends the event again, before anything is confirmed."""
    load("paid_not_recorded")
    (note,) = fix(*COMMAND, "--dry-run").json["data"]["plan"]["notes"]

    assert "stripe events resend evt_3QFmhegz4JUezng0gSl3A0 --webhook-endpoint=we_1QZ6JEFRxTFEIyQj4dxl7ba" in note


def test_the_check_names_the_fix(fix, load):
    """`payment check` names mark-paid as the fix of its finding, with class C, and as the last of what is next."""
    load("paid_not_recorded")
    ran = fix("payment", "check", "INV-123")

    assert {"command": "peakops payment mark-paid INV-123", "class": "C"} == ran.json["findings"][0]["fix"]
    assert "peakops payment mark-paid INV-123" == ran.json["next"][-1]


def test_it_is_carried_out(fix, load, rows, entries):
    """0: invoice and payments row are as at Stripe, an audit row has the reason, and the look afterwards says paid."""
    load("paid_not_recorded")
    ran = fix(*MARK_PAID)
    (invoice,), (payment,), (audit,) = rows("invoices"), rows("payments"), rows("audit_logs")

    assert ("changed", "paid", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code)
    assert "paid_not_recorded" == ran.json["data"]["before"]
    assert ("paid", "2026-11-20T13:00:00Z") == (invoice["status"], invoice["paid_at"])
    assert (12000, "usd", "succeeded") == (payment["amount"], payment["currency"], payment["status"])
    assert "ch_3QPuDDVe7r7I2G9kAlBvD8" == payment["stripe_charge_id"]
    assert ("invoice.marked_paid", invoice["id"]) == (audit["action"], audit["resource_id"])
    assert ("ticket 4711", ran.json["data"]["plan"]["hash"]) == (
        audit["details"]["reason"],
        audit["details"]["peakops_plan"],
    )
    assert ["intended", "done"] == entries()
    VALIDATOR.validate(ran.json)


def test_it_happens_once(fix, load, rows):
    """The same command again: 0, nothing to do, and no second row."""
    load("paid_not_recorded")
    fix(*MARK_PAID)
    again = fix(*MARK_PAID)

    assert ("ok", 0, None) == (again.json["status"], again.code, again.json["data"]["plan"])
    assert (1, 1) == (len(rows("payments")), len(rows("audit_logs")))


def test_a_missing_row_alone_is_added(fix, load, rows):
    """The invoice is paid and has no payments row: the invoice stays as it is, the row is added."""
    load("paid_not_recorded_half")
    before = rows("invoices")
    ran = fix(*MARK_PAID)

    assert 0 == ran.code
    assert before == rows("invoices")
    assert ["succeeded"] == [each["status"] for each in rows("payments")]


NO_FINDING = {
    "amount_mismatch": 19,
    "authorised_not_captured": 19,
    "bank_debit_pending": 19,
    "currency_mismatch": 19,
    "disputed": 19,
    "draft": 19,
    "insufficient_funds": 19,
    "intent_missing_in_stripe": 19,
    "never_attempted": 19,
    "paid": 0,
    "paid_not_recorded_draft": 19,
    "paid_twice": 19,
    "partly_refunded_not_recorded": 19,
    "recorded_not_paid": 19,
    "refund_failed": 19,
    "refund_not_made": 19,
    "refund_pending": 19,
    "refunded": 19,
    "refunded_not_recorded": 19,
    "void": 19,
    "wrong_mode": 19,
    "yen": 0,
}


@pytest.mark.parametrize("name", NO_FINDING)
def test_without_its_finding_nothing_is_done(name, fix, load, world):
    """19 where the verdict is another one, 0 where the invoice is paid already; not a byte of the world changes."""
    load(f"payment/{name}")
    before = world()
    ran = fix(*MARK_PAID)

    assert NO_FINDING[name] == ran.code, ran.json["error"]
    assert ("ok" if ran.code == 0 else "refused") == ran.json["status"]
    assert before == world()
    VALIDATOR.validate(ran.json)


def test_a_fix_of_nothing(fix, load):
    """14 for an invoice that does not exist, 15 for an address that fits several."""
    load("ambiguous_email")

    assert 14 == fix("payment", "mark-paid", "NOPE-1", "--confirm", "NOPE-1", *WHY).code
    assert 15 == fix("payment", "mark-paid", "billing@smilecare.example", "--dry-run").code


def test_silence_that_may_speak_against_it(fix, load, rows):
    """Refunds could not be read: 19 or 3, the look is named, and nothing is done."""
    for route in ("GET /v1/refunds", "GET /v1/disputes", "GET /v1/payment_intents"):
        load("paid_not_recorded", faults=[{"vendor": "stripe", "route": route, "status": 503}])
        ran = fix(*MARK_PAID, "--timeout", "6s")

        assert ran.code in {3, 19}, (route, ran.code)
        assert "stripe" in ran.json["verdict"]["sources"]["missing"]
        assert ["open"] == status(rows)


def test_unknown_is_unknown(fix, load, rows):
    """Stripe is down: 3, as the check says, and nothing is planned."""
    load("paid_not_recorded", faults=[{"vendor": "stripe", "route": "*", "status": 503}])
    ran = fix(*MARK_PAID, "--timeout", "6s")

    assert ("unknown", 3, None) == (ran.json["status"], ran.code, ran.json["data"]["plan"])
    assert ["open"] == status(rows)


def test_a_claim_of_another_invoice_is_doubt(fix, load, rows):
    """Another invoice records the same payment: 19, and neither invoice is touched."""
    from peakops import sandbox

    document = sandbox.named("paid_not_recorded")
    (own,) = document["tables"]["invoices"]
    other = {**own, "id": "11111111-1111-4111-8111-000000000999", "invoice_number": "INV-999", "status": "paid"}
    load(document, tables={**document["tables"], "invoices": [own, other]})
    ran = fix(*MARK_PAID)

    assert ("fix.doubted", 19) == (ran.json["error"]["code"], ran.code)
    assert {"open", "paid"} == set(status(rows))
    assert [] == rows("payments")


def test_a_fix_is_named_for_the_verdict_alone(fix, load):
    """The amounts differ: mark-paid would refuse, so it is not among what is next; the finding still names it."""
    from peakops import sandbox

    document = sandbox.named("paid_not_recorded")
    (invoice,) = document["tables"]["invoices"]
    load(document, tables={**document["tables"], "invoices": [{**invoice, "amount_due": 13000}]})
    ran = fix("payment", "check", "INV-123")

    assert "amount_mismatch" == ran.json["verdict"]["code"]
    assert [] == [each for each in ran.json["next"] if "mark-paid" in each]


@pytest.mark.parametrize("number", ["INV 1 & 2", "-1", "INV'; echo x", "INV\n5"])
def test_commands_can_be_pasted(number, fix, load, peakops):
    """The command that is named next, split as a shell splits it, acts on this very invoice."""
    import shlex

    from peakops import sandbox

    document = sandbox.named("paid_not_recorded")
    (invoice,) = document["tables"]["invoices"]
    intents = [{**each, "metadata": {}} for each in document["stripe"]["payment_intents"]]
    load(
        document,
        tables={**document["tables"], "invoices": [{**invoice, "invoice_number": number}]},
        stripe={**document["stripe"], "payment_intents": intents},
    )
    command = fix("payment", "check", invoice["id"]).json["next"][-1]
    ran = peakops("--sandbox", *shlex.split(command)[1:3], "--json", "--dry-run", *shlex.split(command)[3:])

    assert ("planned", 10) == (ran.json["status"], ran.code), ran.json["error"]
