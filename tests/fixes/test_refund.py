"""`payment refund` and `payment cancel-hold`: only the surplus, once, recorded, and watched until it is final."""

import time

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from .conftest import REFUND, WHY
from .test_crashes import AFTER_THE_REFUND, BEFORE_THE_REFUND

COMMAND = ("payment", "refund", "INV-123")
CANCEL = ("payment", "cancel-hold", "INV-123", "--confirm", "INV-123", *WHY)
TWICE = "paid_twice_same_customer_payments"
KEPT, SURPLUS = "ch_3QPuDDVe7r7I2G9kAlBvD8", "ch_3QyBbD1c9pDTkt4raUeKiH"
VALIDATOR = jsonschema.Draft202012Validator(schema.of("payment refund"))


def given_back(rows):
    return {each["charge"]: each["amount"] for each in rows("refunds")}


def noted(rows):
    return [each for each in rows("payments") if each.get("stripe_refund_id")]


def test_the_surplus_is_given_back(fix, load, rows, entries):
    """The later charge is refunded as a duplicate, recorded as pending, and told of in Stripe's real times."""
    load(TWICE)
    ran = fix(*REFUND)
    (refund,), (row,), (notice,) = rows("refunds"), noted(rows), rows("notifications")

    assert ("changed", 0, "already_refunded") == (ran.json["status"], ran.code, ran.json["verdict"]["code"])
    assert {SURPLUS: 12000} == given_back(rows)
    assert ("duplicate", "INV-123") == (refund["reason"], refund["metadata"]["invoice_number"])
    assert ("refund_pending", refund["id"], 12000) == (row["status"], row["stripe_refund_id"], row["amount"])
    assert ("refund", "queued") == (notice["type"], notice["status"])
    assert "5 to 10 business days" in notice["body"]
    assert "no separate credit line" in ran.json["data"]["customer"]
    assert ["intended", "done", "intended", "done"] == entries()
    VALIDATOR.validate(ran.json)


def test_the_charge_itself_confirms(fix, load, rows):
    """The one charge that is refunded may be named in the invoice's place; the one that is kept may not."""
    load(TWICE)
    wrong = fix(*COMMAND, "--confirm", KEPT, *WHY)
    right = fix(*COMMAND, "--confirm", SURPLUS, *WHY)

    assert (12, 0) == (wrong.code, right.code)
    assert {SURPLUS: 12000} == given_back(rows)


def test_afterwards_the_check_finds_nothing(fix, load):
    """`payment check` says paid: a refund that is recorded as pending is no gap in the record."""
    load(TWICE)
    fix(*REFUND)

    assert "paid" == fix("payment", "check", "INV-123").json["verdict"]["code"]


def test_again_and_again_next_week(fix, load, rows, state):
    """0 and nothing to do: the same command at once, and after Stripe has forgotten the idempotency key."""
    load(TWICE)
    fix(*REFUND)
    again = fix(*REFUND)
    sandbox.clock(state / "peakops", 8 * 24 * 3600)
    later = fix(*REFUND)

    assert [("ok", 0), ("ok", 0)] == [(each.json["status"], each.code) for each in (again, later)]
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


def test_an_answer_that_was_lost(fix, load, rows):
    """Stripe refunds and the connection breaks: it is asked again under the same key, and there is one refund."""
    fault = {"vendor": "stripe", "route": "POST /v1/refunds", "after_effect": "drop_connection", "times": 1}
    load(TWICE, faults=[fault])
    ran = fix(*REFUND)

    assert 0 == ran.code, ran.json["error"]
    assert {SURPLUS: 12000} == given_back(rows)


def test_answers_that_are_lost_again_and_again(fix, load, rows, state):
    """69 while it is not certain; the same command later finds the refund by its plan, and does the rest."""
    fault = {"vendor": "stripe", "route": "POST /v1/refunds", "after_effect": "drop_connection"}
    load(TWICE, faults=[fault])
    lost = fix(*REFUND)
    healed = {**sandbox.dump(state / "peakops"), "faults": []}
    again = fix(*REFUND)

    assert 69 == lost.code
    assert "same command" in lost.json["error"]["hint"]
    assert 1 == len(healed["stripe"]["refunds"])
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert [True, False] == [each["already"] for each in again.json["data"]["steps"]]
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


def test_stripe_fails_and_comes_back(fix, load, rows):
    """Three failures end the first run with 69; the next one makes the refund, once."""
    load(TWICE, faults=[{"vendor": "stripe", "route": "POST /v1/refunds", "status": 500, "times": 3}])
    failed, again = fix(*REFUND), fix(*REFUND)

    assert (69, 0) == (failed.code, again.code), again.json["error"]
    assert {SURPLUS: 12000} == given_back(rows)


def test_the_money_is_back_and_the_row_is_not(fix, load, rows, state):
    """11: the refund was made, its row could not be written; the same command writes it, and refunds nothing more."""
    import psycopg

    load(TWICE)
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute("revoke insert on public.notifications from peakops_writer")
        half = fix(*REFUND)
        owner.execute("grant insert on public.notifications to peakops_writer")
    again = fix(*REFUND)

    assert ("partial", 11, "fix.partial") == (half.json["status"], half.code, half.json["error"]["code"])
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


def test_the_portal_was_quicker(meanwhile, load, rows):
    """The webhook has recorded the refund before we do: its row stays the only one, and the change is done."""
    load(TWICE)
    statement = """
        create function public.quick() returns trigger language plpgsql security definer as $$
        begin
          insert into public.payments (invoice_id, amount, status, stripe_charge_id, stripe_refund_id)
          values (new.invoice_id, new.amount, 'refunded', new.stripe_charge_id, new.stripe_refund_id);
          return null;
        end $$;
        create trigger quick before insert on public.payments for each row
          when (new.status = 'refund_pending') execute function public.quick();
    """
    ran = meanwhile("before", statement, *REFUND)

    assert 0 == ran.code, ran.json["error"]
    assert ["refunded"] == [each["status"] for each in noted(rows)]


def test_money_that_was_given_back_meanwhile(fix, load, rows, state, killed):
    """Killed before the refund, and somebody refunds a part by hand: what is left is planned anew, not the old plan."""
    load(TWICE)
    assert killed(BEFORE_THE_REFUND, *REFUND)
    import urllib.parse
    import urllib.request

    up = sandbox.ensure(state / "peakops")
    body = urllib.parse.urlencode({"charge": SURPLUS, "amount": 500}).encode()
    asked = urllib.request.Request(f"{up.vendor_url('stripe')}/v1/refunds", body)
    asked.add_header("Authorization", f"Bearer {up.stripe_key}")
    urllib.request.urlopen(asked)
    ran = fix(*REFUND)

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert [500, 11500] == sorted(each["amount"] for each in rows("refunds"))
    assert {SURPLUS} == set(given_back(rows))


@pytest.mark.parametrize(
    ("options", "env", "code"),
    [
        (("--charge", KEPT), {}, "fix.kept_charge"),
        (("--charge", "ch_unknown"), {}, "fix.no_surplus"),
        ((), {"PEAKOPS_REFUND_LIMIT": "11999"}, "fix.refund_limit"),
    ],
)
def test_a_guard_refuses(options, env, code, peakops, load, writing, rows):
    """19 for the charge that stays, a charge of somebody else, and more than the limit; nothing is refunded."""
    load(TWICE)
    ran = peakops(*REFUND, *options, "--json", **writing(**env))

    assert (code, 19) == (ran.json["error"]["code"], ran.code)
    assert {} == given_back(rows)


def test_the_limit_itself_is_allowed(peakops, load, writing, rows):
    """What the limit names may be given back."""
    load(TWICE)

    assert 0 == peakops(*REFUND, "--charge", SURPLUS, "--json", **writing(PEAKOPS_REFUND_LIMIT="12000")).code
    assert {SURPLUS: 12000} == given_back(rows)


NOTHING_DUE = {
    "debit_beside_charge": 19,
    "double_charge_disputed": 19,
    "double_record": 19,
    "duplicate_refund_pending": 0,
    "duplicate_refunded": 0,
    "failed_then_paid": 19,
    "hold_and_charge": 19,
    "no_duplicate": 19,
    "one_payment_two_invoices": 19,
    "recorded_elsewhere": 19,
    "sibling_invoice": 19,
    "two_holds": 19,
}


@pytest.mark.parametrize("name", NOTHING_DUE)
def test_where_no_refund_is_due(name, fix, load, world):
    """19, or 0 where it is on its way already; not a byte of the world changes."""
    load(name)
    before = world()
    ran = fix(*REFUND)

    assert NOTHING_DUE[name] == ran.code, ran.json["error"]
    assert before == world()


@pytest.mark.parametrize(
    "name", ["double_charge", "double_charge_yen", "double_charge_three", "double_charge_by_staff"]
)
def test_every_double_charge_is_settled(name, fix, load, rows):
    """Afterwards no charge is too many, and nothing more than the surplus was given back."""
    load(name)
    seen = fix("payment", "duplicates", "INV-123").json["data"]["surplus"]
    ran = fix(*REFUND)

    assert 0 == ran.code, ran.json["error"]
    assert {each["charge"]: each["refundable"] for each in seen} == given_back(rows)
    assert [] == fix("payment", "duplicates", "INV-123").json["data"]["surplus"]


def slowly(settles_to):
    """The world with refunds that take a second."""
    document = sandbox.named(TWICE)
    behaviour = {"status": "pending", "pending_reason": "processing", "settles_to": settles_to, "after_s": 1}
    return {**document, "stripe": {**document["stripe"], "refund_behaviour": behaviour}}


def test_it_is_watched_until_it_is_final(fix, load, rows):
    """--until final: the refund is pending at first, and the report comes when it has succeeded."""
    load(slowly("succeeded"))
    ran = fix(*REFUND, "--until", "final")

    assert ("changed", 0, "already_refunded") == (ran.json["status"], ran.code, ran.json["verdict"]["code"])
    assert ["succeeded"] == [each["status"] for each in rows("refunds")]


def test_a_refund_that_fails_in_the_end(fix, load):
    """--until final: the money is back with us, so the invoice is charged twice again, 2."""
    load(slowly("failed"))
    ran = fix(*REFUND, "--until", "final")

    assert ("double_charge", "critical", 2) == (ran.json["verdict"]["code"], ran.json["status"], ran.code)
    assert ran.json["data"]["steps"]


def test_a_refund_that_failed_is_made_again(fix, load, rows):
    """The first one came back; the same command makes a second one, with its own row and message."""
    load(slowly("failed"))
    fix(*REFUND, "--until", "final")
    again = fix(*REFUND)

    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert ["failed", "pending"] == sorted(each["status"] for each in rows("refunds"))
    assert (2, 2) == (len({each["stripe_refund_id"] for each in noted(rows)}), len(rows("notifications")))


def test_a_refund_that_takes_longer_than_the_watch(fix, load):
    """124 with the reason; the change stays done."""
    document = slowly("succeeded")
    document["stripe"]["refund_behaviour"]["after_s"] = 3600
    load(document)
    ran = fix(*REFUND, "--until", "final", "--timeout", "6s")

    assert ("timeout", 124) == (ran.json["error"]["code"], ran.code)
    assert "processing" in ran.json["error"]["message"]
    assert ran.json["data"]["steps"]


def test_without_a_watch_it_does_not_wait(fix, load, rows):
    """A refund that is pending is a change that was made: 0, and the verdict says that it is under way."""
    load(slowly("succeeded"))
    ran = fix(*REFUND)

    assert ("changed", 0, "refund_pending") == (ran.json["status"], ran.code, ran.json["verdict"]["code"])


def test_a_hold_is_canceled_not_refunded(fix, load, rows):
    """The PaymentIntent that only holds money is canceled; nothing is refunded of the charge."""
    load("hold_and_charge")
    planned = fix("payment", "cancel-hold", "INV-123", "-n")
    ran, again = fix(*CANCEL), fix(*CANCEL)
    canceled = [each["cancellation_reason"] for each in rows("payment_intents") if each["status"] == "canceled"]

    assert ("planned", 10) == (planned.json["status"], planned.code)
    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert ["duplicate"] == canceled
    assert ("ok", 0) == (again.json["status"], again.code)
    assert ["invoice.hold_canceled"] == [each["action"] for each in rows("audit_logs")]
    assert 1 == sum(each["status"] == "succeeded" for each in rows("payment_intents"))


def test_a_hold_cannot_be_refunded(fix, load):
    """`payment refund` of a hold names cancel-hold as the way."""
    load("hold_and_charge")

    assert "peakops payment cancel-hold INV-123" == fix(*REFUND).json["error"]["hint"]


def test_a_hold_that_was_captured_meanwhile(fix, load, killed, rows, state):
    """Killed before the cancellation, and somebody captures the hold: it is a double charge now, and 19."""
    load("hold_and_charge")
    assert killed(BEFORE_THE_REFUND, *CANCEL)
    document = sandbox.dump(state / "peakops")
    (held,) = [each for each in document["stripe"]["payment_intents"] if each["status"] == "requires_capture"]
    import urllib.request

    up = sandbox.ensure(state / "peakops")
    asked = urllib.request.Request(f"{up.vendor_url('stripe')}/v1/payment_intents/{held['id']}/capture", b"")
    asked.add_header("Authorization", f"Bearer {up.stripe_key}")
    urllib.request.urlopen(asked)
    ran, check = fix(*CANCEL), fix("payment", "duplicates", "INV-123")

    assert ("fix.no_finding", 19) == (ran.json["error"]["code"], ran.code)
    assert "double_charge" == check.json["verdict"]["code"]


def test_the_kept_charge_was_refunded_meanwhile(fix, load, rows, state, killed):
    """Killed before the refund of the surplus, and somebody refunds the other charge: nothing more is given back."""
    load(TWICE)
    assert killed(BEFORE_THE_REFUND, *REFUND)
    post(state, "refunds", charge=KEPT)
    ran = fix(*REFUND)

    assert {KEPT: 12000} == given_back(rows)
    assert ("ok", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert "unfinished_change" != fix("payment", "duplicates", "INV-123").json["verdict"]["code"]


def test_three_charges_and_the_second_refund_is_refused(fix, load, rows, state, killed):
    """The first refund is recorded though the second one is not asked for any more; nothing stays open."""
    load("double_charge_three")
    (first, second) = fix("payment", "duplicates", "INV-123").json["data"]["surplus"]
    assert killed(AFTER_THE_REFUND, *REFUND)
    post(state, "refunds", charge=second["charge"])
    ran = fix(*REFUND)

    assert 0 == ran.code, ran.json["error"]
    assert {first["charge"], second["charge"]} == set(given_back(rows))
    assert [first["charge"]] == [each["stripe_charge_id"] for each in noted(rows)]
    assert (1, 1) == (len(rows("notifications")), len(rows("audit_logs")))
    assert "unfinished_change" != fix("payment", "duplicates", "INV-123").json["verdict"]["code"]


def test_one_of_three(fix, load, rows):
    """--charge refunds that one alone, which is confirmed though another is still too many."""
    load("double_charge_three")
    (first, second) = fix("payment", "duplicates", "INV-123").json["data"]["surplus"]
    ran = fix(*REFUND, "--charge", first["charge"])
    again = fix(*REFUND, "--charge", f" {second['charge']} ")

    assert [("changed", 0), ("changed", 0)] == [(each.json["status"], each.code) for each in (ran, again)]
    assert {first["charge"], second["charge"]} == set(given_back(rows))


def test_a_named_charge_that_was_not_given_back(fix, load):
    """19 for the charge that is kept, and for one of nobody, after the surplus was refunded."""
    load(TWICE)
    fix(*REFUND)

    assert [19, 19, 0] == [fix(*REFUND, "--charge", each).code for each in (KEPT, "ch_nonsense", SURPLUS)]


def post(state, path, **body):
    """Somebody else at Stripe's dashboard."""
    import urllib.parse
    import urllib.request

    up = sandbox.ensure(state / "peakops")
    asked = urllib.request.Request(f"{up.vendor_url('stripe')}/v1/{path}", urllib.parse.urlencode(body).encode())
    asked.add_header("Authorization", f"Bearer {up.stripe_key}")
    urllib.request.urlopen(asked)


def test_stripe_refuses_for_certain(fix, load, rows):
    """19 with Stripe's words, nothing stays open, and the next run asks again under another key."""
    load(TWICE, faults=[{"vendor": "stripe", "route": "POST /v1/refunds", "status": 402, "times": 1}])
    refused, again = fix(*REFUND), fix(*REFUND)

    assert ("stripe.refused", 19) == (refused.json["error"]["code"], refused.code)
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]


def test_a_request_that_is_still_being_done(fix, load):
    """409: it is not certain, and the same command asks under the same key."""
    fault = {"vendor": "stripe", "route": "POST /v1/refunds", "status": 409, "error": "idempotency_key_in_use"}
    load(TWICE, faults=[fault])
    ran = fix(*REFUND)

    assert 69 == ran.code
    assert "not certain" in ran.json["error"]["hint"]


@pytest.mark.parametrize(("change", "code"), [("disputes", "fix.disputed"), ("captured", "fix.not_captured")])
def test_what_changes_at_stripe_before_the_refund(change, code, load, rows, state, writing, monkeypatch):
    """The charge is read again before the refund: a dispute that opened, or a charge that is not captured, refuses."""
    from peakops.errors import Refused
    from peakops.sources.stripe_writer import StripeWriter

    document = sandbox.named(TWICE)
    charges = [
        each if each["id"] != SURPLUS else {**each, "captured": change == "disputes"}
        for each in document["stripe"]["charges"]
    ]
    disputes = (
        [{"id": "dp_1", "charge": SURPLUS, "status": "needs_response", "amount": 12000}] if change == "disputes" else []
    )
    load(document, stripe={**document["stripe"], "charges": charges, "disputes": disputes})
    up = sandbox.ensure(state / "peakops")
    writer = StripeWriter(up.stripe_key, url=up.vendor_url("stripe"), deadline=time.monotonic() + 10)
    with pytest.raises(Refused) as refused:
        writer.refund(
            charge=SURPLUS, amount=12000, was_refunded=0, reason="duplicate", invoice="INV-123", plan="p", key="k"
        )

    assert code == refused.value.code
    assert [] == rows("refunds")


def test_a_hold_beside_a_disputed_charge_stays(fix, load, rows):
    """19: the hold may be the only money there is; also where the disputes cannot be read."""
    document = sandbox.named("hold_and_charge")
    (kept,) = [each for each in document["stripe"]["charges"] if each.get("captured")]
    dispute = {"id": "dp_1", "charge": kept["id"], "status": "needs_response", "amount": kept["amount"]}
    load(document, stripe={**document["stripe"], "disputes": [dispute]})
    disputed = fix(*CANCEL)
    load(document, faults=[{"vendor": "stripe", "route": "GET /v1/disputes", "status": 403}])
    silent = fix(*CANCEL)

    assert [19, 19] == [disputed.code, silent.code]
    assert 1 == sum(each["status"] == "requires_capture" for each in rows("payment_intents"))


def test_a_hold_of_another_invoice_stays(fix, load, rows):
    """19: another invoice has the hold as its own PaymentIntent."""
    document = sandbox.named("hold_and_charge")
    (held,) = [each for each in document["stripe"]["payment_intents"] if each["status"] == "requires_capture"]
    (own,) = document["tables"]["invoices"]
    other = {**own, "id": "11111111-1111-4111-8111-000000000999", "invoice_number": "INV-999", "status": "open"}
    other["stripe_payment_intent_id"] = held["id"]
    load(document, tables={**document["tables"], "invoices": [own, other]})
    ran = fix(*CANCEL)

    assert 19 == ran.code, ran.json["verdict"]
    assert 1 == sum(each["status"] == "requires_capture" for each in rows("payment_intents"))


def test_a_refund_that_failed_before_it_was_recorded(fix, load, rows, state, killed):
    """Killed after the refund, which fails meanwhile: it is neither recorded nor announced; a new one is made."""
    load(slowly("failed"))
    assert killed(AFTER_THE_REFUND, *REFUND)
    time.sleep(1.5)
    ran = fix(*REFUND)
    live = [each["id"] for each in rows("refunds") if each["status"] == "pending"]

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert ["failed", "pending"] == sorted(each["status"] for each in rows("refunds"))
    assert live == [each["stripe_refund_id"] for each in noted(rows)]
    assert 1 == len(rows("notifications"))


def test_another_charge_than_the_one_that_was_begun(fix, load, rows, killed):
    """19 for another charge while one is unfinished; without --charge it is finished, and 11 says that one is left."""
    load("double_charge_three")
    (first, second) = fix("payment", "duplicates", "INV-123").json["data"]["surplus"]
    assert killed(AFTER_THE_REFUND, *REFUND, "--charge", first["charge"])
    other, rest, last = fix(*REFUND, "--charge", second["charge"]), fix(*REFUND), fix(*REFUND)

    assert ("fix.unfinished_change", 19) == (other.json["error"]["code"], other.code)
    assert ("partial", 11) == (rest.json["status"], rest.code)
    assert ("changed", 0) == (last.json["status"], last.code), last.json["error"]
    assert {first["charge"], second["charge"]} == {each["stripe_charge_id"] for each in noted(rows)}
