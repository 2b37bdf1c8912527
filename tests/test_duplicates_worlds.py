"""Every world of `payment duplicates` end to end, in a real process: the page, the envelope and the exit code."""

import json

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .sandbox.test_worlds_data import crooked_charges, dangling, repeated, unknown_to_stripe
from .test_worlds import Envelope, Page, replays, steady

FOLDER = WORLDS / "duplicates"
EXPECTED = {
    "debit_beside_charge": ("hold_and_charge", "debit_pending", 1),
    "double_charge": ("double_charge", "double_click", 2),
    "double_charge_by_staff": ("double_charge", "staff_retry", 2),
    "double_charge_disputed": ("double_charge", "paid_again", 2),
    "double_charge_refund_failed": ("double_charge", "paid_again", 2),
    "double_charge_three": ("double_charge", "paid_again", 2),
    "double_charge_two_numbers": ("double_charge", "paid_again", 2),
    "double_charge_yen": ("double_charge", "paid_again", 2),
    "double_record": ("double_record", "replayed_webhook", 1),
    "double_record_by_hand": ("double_record", "staff_retry", 1),
    "duplicate_refund_needs_customer": ("refund_pending", None, 1),
    "duplicate_refund_pending": ("refund_pending", "insufficient_funds", 1),
    "duplicate_refunded": ("already_refunded", None, 0),
    "failed_then_paid": ("failed_then_paid", "declined", 0),
    "hold_and_charge": ("hold_and_charge", None, 1),
    "no_duplicate": ("no_duplicate", None, 0),
    "one_payment_two_invoices": ("sibling_invoice", "same_payment", 1),
    "recorded_elsewhere": ("unclassified", None, 1),
    "sibling_invoice": ("sibling_invoice", None, 1),
    "two_holds": ("hold_and_charge", "two_holds", 1),
}
"""Each world with its verdict, cause and exit code."""
VALIDATOR = jsonschema.Draft202012Validator(schema.of("payment duplicates"))


@pytest.fixture
def duplicates(peakops):
    """Run `payment duplicates` on what the world is about, and hold its envelope to the schema."""

    def run(subject="INV-123", *more):
        ran = peakops("--sandbox", "payment", "duplicates", subject, "--json", *more)
        VALIDATOR.validate(ran.json)
        assert ran.code == ran.json["exit_code"]
        return ran

    return run


def world(name):
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def test_every_world_is_expected_somewhere():
    """No world of the folder is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_world_holds_together(name):
    """It names itself; no key dangles or repeats; Stripe knows what is named, except where that is the point."""
    document = world(name)

    assert (name, "2026-11-20T15:00:00Z") == (document["world"], document["now"])
    assert ([], [], []) == (dangling(document), repeated(document), crooked_charges(document))
    assert (name == "recorded_elsewhere") == bool(unknown_to_stripe(document))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, duplicates, snapshot, tmp_path):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(name)
    script = duplicates("INV-123", "--record", str(tmp_path / "kept.json"))
    person = peakops("--sandbox", "payment", "duplicates", "INV-123")
    replays(tmp_path / "kept.json", script.json)

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.json["verdict"]["cause"], script.code)
    assert script.code == person.code
    assert "" == script.err
    assert snapshot(extension_class=Page) == steady(person.out)
    assert snapshot(extension_class=Envelope) == steady(script.out)


@pytest.mark.parametrize(
    "subject",
    ["inv-123", "11111111-1111-4111-8111-000000000123", "pi_3QQMoXBkmhYzkqMwlPI1bC", "ch_3QyBbD1c9pDTkt4raUeKiH"],
)
def test_every_form_of_the_subject(subject, load, duplicates):
    """A number, a UUID, a PaymentIntent and a charge, of the surplus payment too, lead to the same invoice."""
    load("double_charge")

    assert "double_charge" == duplicates(subject).json["verdict"]["code"]


def test_an_address_finds_open_invoices(load, duplicates):
    """An e-mail address fits the open invoices of its customer: one is looked at, several are listed."""
    load("two_holds")
    assert "hold_and_charge" == duplicates("billing@smilecare.example").json["verdict"]["code"]

    load("ambiguous_email")
    ran = duplicates("billing@smilecare.example")
    assert ("ambiguous", 15) == (ran.json["verdict"]["code"], ran.code)
    assert ran.json["next"][0].startswith("peakops payment duplicates ")


def test_no_such_invoice(load, duplicates):
    """An invoice that is not there is not found, with 14."""
    load("no_duplicate")
    ran = duplicates("INV-999")

    assert ("not_found", 14) == (ran.json["verdict"]["code"], ran.code)


def test_what_scripts_get(load, duplicates):
    """The charge to keep, the surplus with what may be refunded, in minor units, and each charge with its rows."""
    load("double_charge_three")
    data = duplicates().json["data"]

    assert "ch_3QPuDDVe7r7I2G9kAlBvD8" == data["keep"]["charge"]
    assert [("ch_3QyBbD1c9pDTkt4raUeKiH", 12000), ("ch_3QnW5sHt8KjFmYxE2bLpCv", 10000)] == [
        (each["charge"], each["refundable"]) for each in data["surplus"]
    ]
    assert [0, 0, 1] == [len(each["payments"]) for each in data["groups"]]


def test_the_hold_is_named(load, duplicates):
    """A script gets the PaymentIntent that is to be canceled."""
    load("hold_and_charge")

    assert ["pi_3QQMoXBkmhYzkqMwlPI1bC"] == [each["payment_intent"] for each in duplicates().json["data"]["holds"]]


@pytest.mark.parametrize("name", ["double_charge", "double_record", "hold_and_charge", "double_charge_disputed"])
def test_the_reply_to_the_customer(name, peakops, load):
    """The reply has no ids, and promises no refund where none is made."""
    load(name)
    ran = peakops("--sandbox", "payment", "duplicates", "INV-123", "--say", "customer")

    assert not [each for each in ("ch_", "pi_", "re_", "INV-") if each in ran.out]
    assert (name == "double_charge") == ("5 to 10 business days" in ran.out)


STRIPE = ("GET /v1/charges", "GET /v1/refunds")


@pytest.mark.parametrize("route", ["*", *STRIPE])
@pytest.mark.parametrize("name", ["double_charge", "no_duplicate", "hold_and_charge", "duplicate_refund_pending"])
def test_silence_of_stripe_is_unknown(name, route, load, duplicates):
    """Charges and refunds prove a double charge, and deny it: without them nothing is said."""
    load(name, faults=[{"vendor": "stripe", "route": route, "status": 403}])
    ran = duplicates()

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert ["stripe"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("fault", ["deny", "missing_table"])
@pytest.mark.parametrize(("name", "code"), [("double_charge", 2), ("no_duplicate", 3), ("double_record", 3)])
def test_silence_of_the_payments(name, code, fault, load, duplicates):
    """Without the payments rows a double charge still stands, but nobody is told which one to refund."""
    load(name, faults=[{"vendor": "database", "fault": fault, "table": "payments"}])
    ran = duplicates()

    assert code == ran.code
    assert ([], None) == (ran.json["data"]["surplus"], ran.json["data"]["keep"])


def test_a_blinded_role_is_unknown(load, duplicates):
    """Row-level security that hides everything is no `not found` and no `no duplicate`."""
    load("no_duplicate", faults=[{"vendor": "database", "fault": "blind"}])

    assert 3 == duplicates().code


def other_payments(**changes):
    """The world `sibling_invoice` with another payment of the other invoice, or a refund of it beside it."""
    document = world("sibling_invoice")
    more = changes.pop("more", [])
    document["tables"]["payments"][1] |= changes
    document["tables"]["payments"] += more
    return document


REFUND = {
    "id": "33333333-3333-4333-8333-000000000009",
    "invoice_id": "11111111-1111-4111-8111-000000000124",
    "amount": 12000,
    "currency": "usd",
    "status": "refunded",
    "stripe_refund_id": "re_3QHs8bVn5XkPqTzR1mWcJd",
    "created_at": "-10h",
}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "sibling_invoice"),
        ({"currency": "USD"}, "sibling_invoice"),
        ({"created_at": "-4d"}, "no_duplicate"),
        ({"amount": 11999}, "no_duplicate"),
        ({"currency": "cad"}, "no_duplicate"),
        ({"status": "failed"}, "no_duplicate"),
        ({"more": [REFUND]}, "no_duplicate"),
        ({"more": [{**REFUND, "amount": 500}]}, "sibling_invoice"),
    ],
)
def test_what_is_a_sibling(changes, code, load, duplicates):
    """The same amount and currency, paid, near in time, and not given back."""
    load(other_payments(**changes))

    assert code == duplicates().json["verdict"]["code"]


@pytest.mark.parametrize(
    ("customer", "code"), [("cus_rFdPc4SM9HAviX", "sibling_invoice"), ("cus_other", "no_duplicate")]
)
def test_a_customer_of_two_practices(customer, code, load, duplicates):
    """An invoice of another practice is a sibling where the same customer pays it."""
    document = world("sibling_invoice")
    practice = {**document["tables"]["practices"][0], "id": "22222222-2222-4222-8222-000000000002"}
    document["tables"]["practices"].append({**practice, "stripe_customer_id": None})
    document["tables"]["invoices"][1] |= {"practice_id": practice["id"], "stripe_customer_id": customer}
    load(document)

    assert code == duplicates().json["verdict"]["code"]


def test_no_request_was_unknown_to_the_sandbox(load, duplicates, state):
    """Whatever peakops asks of Stripe, the sandbox knows the route; else the check would rest on a 404."""
    from peakops import sandbox

    load("double_charge")
    duplicates()

    assert [] == sandbox.unknown_requests(state / "peakops")
    assert sandbox.requests(state / "peakops")
