"""Reconcile and check are one judgement: on books that make no sense, they say the same of every invoice."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from peakops import report, sweep
from peakops.investigate import Terms
from peakops.report import Frame
from peakops.scenarios.payment import check
from peakops.scenarios.payment.reconcile import subjects

from .test_worlds import EXPECTED

NOT_ONE = ("ambiguous_email", "two_numbers")
"""Worlds in which the check's subject is no single invoice."""
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
RATE = 500
"""Requests a second: nothing here waits for a ceiling."""
INTENTS = ("succeeded", "requires_payment_method", "requires_action", "processing", "requires_capture", "canceled")
CHARGES = ("succeeded", "succeeded", "failed", "pending")
PRACTICE = "00000000-0000-4000-8000-00000000000a"
INVOICES = 60
SAME = {"double_record": "amount_mismatch", "sibling_invoice": "paid"}
"""What the sweep names as `payment duplicates` does, and the check by its effect."""


class Chaos:
    """Invoices, payments rows and Stripe's objects that refer to one another as chance will have it."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.stripe = {
            "customers": [{"id": "cus_1"}],
            "payment_intents": [],
            "charges": [],
            "refunds": [],
            "disputes": [],
        }
        self.tables = {"practices": [{"id": PRACTICE, "name": "Smile Care", "stripe_customer_id": "cus_1"}]}
        self.tables |= {"invoices": [], "payments": []}
        for number in range(INVOICES):
            self.invoice(number)
        ids = [each["id"] for each in self.stripe["payment_intents"]]
        for row in self.chance.sample(self.tables["invoices"], INVOICES // 10):
            row["stripe_payment_intent_id"] = self.chance.choice(ids)

    def world(self):
        return {"world": "chaos", "says": "Nothing fits.", "now": "2026-11-20T15:00:00Z"} | {
            "tables": self.tables,
            "stripe": self.stripe,
        }

    def nobodys(self):
        """The PaymentIntents with a charge that no invoice, no payments row and no metadata lead to."""
        rows = [*self.tables["invoices"], *self.tables["payments"]]
        named = {each.get("stripe_payment_intent_id") for each in rows}
        charges = {each["stripe_charge_id"] for each in self.tables["payments"]}
        numbers = {each["invoice_number"] for each in self.tables["invoices"]}
        led_to = {each["payment_intent"] for each in self.stripe["charges"] if each["id"] in charges}
        tried = {each["payment_intent"] for each in self.stripe["charges"]}
        unnamed = {
            p["id"] for p in self.stripe["payment_intents"] if p["metadata"].get("invoice_number") not in numbers
        }
        return (tried & unnamed) - named - led_to

    def moment(self, after):
        return after + (NOW - after) * self.chance.uniform(0.01, 0.9)

    def invoice(self, number):
        pick, made = self.chance.choice, NOW - timedelta(hours=self.chance.uniform(2, 120))
        due = pick((0, 500, 12000, 12000))
        row = {
            "id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "invoice_number": f"INV-{number}",
            "practice_id": PRACTICE,
            "amount_due": due,
            "currency": pick(("usd", "usd", "usd", "jpy")),
            "status": pick(("open", "open", "paid", "paid", "paid", "refunded", "void", "draft")),
            "created_at": made.isoformat(),
        }
        self.tables["invoices"].append(row)
        intents = [self.intent(row, made) for _ in range(pick((0, 1, 1, 1, 2)))]
        if intents and self.chance.random() < 0.8:
            row["stripe_payment_intent_id"] = intents[0]["id"]
        for intent in intents:
            for _ in range(pick((0, 1, 1, 2))):
                self.charge(row, intent)

    def intent(self, invoice, made):
        pick, when = self.chance.choice, self.moment(made)
        found = {
            "id": f"pi_{self.chance.getrandbits(48):x}",
            "status": pick(INTENTS),
            "amount": invoice["amount_due"] or 500,
            "currency": pick((invoice["currency"], invoice["currency"], "usd")),
            "customer": "cus_1",
            "created": int(when.timestamp()),
            "metadata": pick(({"invoice_number": invoice["invoice_number"]},) * 3 + ({}, {"invoice_number": "INV-1"})),
        }
        self.stripe["payment_intents"].append(found)
        return found

    def charge(self, invoice, intent):
        pick, when = self.chance.choice, self.moment(datetime.fromtimestamp(intent["created"], UTC))
        status = pick(CHARGES)
        charge = {
            "id": f"ch_{self.chance.getrandbits(48):x}",
            "payment_intent": intent["id"],
            "status": status,
            "amount": pick((intent["amount"],) * 4 + (777,)),
            "currency": intent["currency"],
            "created": int(when.timestamp()),
            "captured": status == "succeeded" and intent["status"] != "requires_capture",
        }
        self.stripe["charges"].append(charge)
        for _ in range(pick((0, 1, 1, 1, 2))):
            self.payment(invoice, intent, charge, "succeeded", charge["amount"], None)
        if status == "succeeded" and self.chance.random() < 0.3:
            self.refund(invoice, intent, charge)
        if status == "succeeded" and self.chance.random() < 0.05:
            self.stripe["disputes"].append(
                {"id": f"dp_{charge['id'][3:]}", "charge": charge["id"], "created": charge["created"] + 60}
            )

    def refund(self, invoice, intent, charge):
        pick = self.chance.choice
        refund = {
            "id": f"re_{charge['id'][3:]}",
            "charge": charge["id"],
            "payment_intent": intent["id"],
            "amount": pick((charge["amount"], max(1, charge["amount"] // 2))),
            "currency": charge["currency"],
            "status": pick(("succeeded", "succeeded", "pending", "failed")),
            "created": charge["created"] + 30,
        }
        self.stripe["refunds"].append(refund)
        if pick((True, False)):
            status = pick(("refunded", "refund_pending"))
            self.payment(invoice, intent, charge, status, refund["amount"], refund["id"])

    def payment(self, invoice, intent, charge, status, amount, refund):
        ids = self.chance.choice(((intent["id"], charge["id"]),) * 3 + ((None, charge["id"]), (intent["id"], None)))
        self.tables["payments"].append(
            {
                "invoice_id": invoice["id"],
                "amount": amount,
                "currency": charge["currency"],
                "status": status,
                "stripe_payment_intent_id": ids[0],
                "stripe_charge_id": ids[1],
                "stripe_refund_id": refund,
                "created_at": datetime.fromtimestamp(charge["created"] + 5, UTC).isoformat(),
            }
        )


def checked(number, reader):
    frame = Frame(command="payment check", environment="sandbox", given={"invoice": number})
    return report.of_scenario(check.SCENARIO, frame, reader.read, Terms(seconds=30, now=lambda: NOW)).verdict


@pytest.mark.parametrize("part", range(3))
def test_reconcile_says_what_check_says(part, load, opened):
    """Of every invoice of a random world both have the same verdict, reconcile exactly one; the rest is nobody's."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chaos = Chaos(seed)
    reader = opened(load(chaos.world()), stripe_rate=RATE)
    found = list(subjects(reader.stream, reader.read, NOW - timedelta(days=7), NOW, NOW))
    items = [sweep.judged(each) for each in found]
    swept = {each.subject: each.verdict for each in items if each.kind == "invoice"}
    expected = {f"INV-{number}": checked(f"INV-{number}", reader) for number in range(INVOICES)}
    wrong = {
        number: (swept.get(number), ruling.code, ruling.says)
        for number, ruling in expected.items()
        if SAME.get(swept.get(number), swept.get(number)) != ruling.code
    }

    assert {} == wrong
    assert chaos.nobodys() == {each.intent["id"] for each in found if not each.looks}
    assert len(swept) == len([each for each in items if each.kind == "invoice"]) == INVOICES


@pytest.mark.parametrize("name", [each for each in EXPECTED if each not in NOT_ONE])
def test_the_worlds_of_check(name, load, opened):
    """Each world of `payment check` gets the verdict that the check has for it."""
    reader = opened(load(f"payment/{name}"), stripe_rate=RATE)
    swept = [sweep.judged(each) for each in subjects(reader.stream, reader.read, NOW - timedelta(days=120), NOW, NOW)]
    ours = [each for each in swept if each.subject == "INV-123"]

    assert [EXPECTED[name][0]] == [SAME.get(each.verdict, each.verdict) for each in ours]
