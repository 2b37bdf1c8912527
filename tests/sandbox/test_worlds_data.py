"""The data that the sandbox ships: worlds of `payment check`, the clinic, and the table of decline codes."""

import json
import os
import re
import time
import tomllib
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from peakops.sandbox import clinic
from peakops.sandbox.clinic_planted import WORLDS

FILES = sorted(WORLDS.glob("*.json"))
DECLINES = Path(clinic.__file__).parent.parent / "playbook" / "declines.toml"
ABSENT = {"intent_missing_in_stripe"}
"""Worlds whose point is that Stripe does not know what the portal names."""
NOT_PLANTED = {"brackets", "two_numbers"}
"""Worlds that cannot live beside the clinic's own names and numbers."""
CONCEALED = {
    ("card", "fraudulent"),
    ("card", "lost_card"),
    ("card", "merchant_blacklist"),
    ("card", "pickup_card"),
    ("card", "restricted_card"),
    ("card", "security_violation"),
    ("card", "stolen_card"),
    ("local", "compliance_violation"),
    ("local", "lost_or_stolen_card"),
    ("local", "partner_high_risk_customer"),
}
FOREIGN_KEYS = {
    ("users", "practice_id"): "practices",
    ("invitations", "practice_id"): "practices",
    ("invitations", "invited_by"): "users",
    ("invoices", "practice_id"): "practices",
    ("payments", "invoice_id"): "invoices",
    ("payments", "created_by"): "users",
    ("cases", "practice_id"): "practices",
    ("cases", "submitted_by"): "users",
    ("shipments", "practice_id"): "practices",
    ("shipments", "case_id"): "cases",
    ("notifications", "practice_id"): "practices",
    ("notifications", "user_id"): "users",
    ("auth.identities", "user_id"): "auth.users",
    ("auth.sessions", "user_id"): "auth.users",
}
UNIQUE = {
    "invoices": ("invoice_number",),
    "cases": ("case_number",),
    "shipments": ("shipment_number",),
    "webhook_events": ("provider", "event_id"),
    "auth.users": ("email",),
    "auth.identities": ("provider_id", "provider"),
}
STRIPE_LISTS = {
    "pi": "payment_intents",
    "ch": "charges",
    "re": "refunds",
    "dp": "disputes",
    "evt": "events",
    "we": "webhook_endpoints",
    "cus": "customers",
}
STRIPE_ID = re.compile(r"(pi|ch|re|dp|evt|we|cus)_[0-9A-Za-z]{14,}")
TIME = re.compile(r"[-+]\d+[mhd]|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def the_clinic():
    return clinic.document()


def loaded(file):
    return json.loads(file.read_text(encoding="utf-8"))


def dangling(document):
    """Each foreign key of the tables that names no row."""
    tables = document["tables"]
    ids = {name: {row["id"] for row in rows if "id" in row} for name, rows in tables.items()}
    return [
        (table, column, row[column])
        for (table, column), target in FOREIGN_KEYS.items()
        for row in tables.get(table, [])
        if row.get(column) and row[column] not in ids.get(target, set())
    ]


def strings(value):
    """Every string inside a value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def unknown_to_stripe(document):
    """Each id of a Stripe object, anywhere in the world, that the world's Stripe does not have."""
    stripe = document["stripe"]
    known = {row["id"] for name in STRIPE_LISTS.values() for row in stripe.get(name, [])}
    named = {text for text in strings([document["tables"], stripe]) if STRIPE_ID.fullmatch(text)}
    return named - known


def repeated(document):
    """Each unique key of the tables, and each Stripe id, that occurs twice."""
    keys = Counter()
    for table, rows in document["tables"].items():
        for row in rows:
            keys[table, row.get("id", id(row))] += 1
            if table in UNIQUE:
                keys[table, *(row[column] for column in UNIQUE[table])] += 1
    for name in STRIPE_LISTS.values():
        keys.update((name, row["id"]) for row in document["stripe"].get(name, []))
    return [key for key, count in keys.items() if count > 1]


def crooked_charges(document):
    """Each charge that does not agree with its intent in customer, currency or invoice number."""
    intents = {intent["id"]: intent for intent in document["stripe"].get("payment_intents", [])}
    shared = ("customer", "currency", "amount", "metadata", "livemode")
    return [
        charge["id"]
        for charge in document["stripe"].get("charges", [])
        if any(charge[key] != intents[charge["payment_intent"]][key] for key in shared)
    ]


def test_there_are_worlds():
    """The folder holds the worlds, so that the tests below have something to say."""
    assert 49 == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestWorld:
    def test_says_what_it_is(self, file):
        """A world names itself as its file, says one sentence, and stands at one moment."""
        document = loaded(file)
        assert {"world", "says", "now", "tables", "stripe"} == set(document)
        assert file.stem == document["world"]
        assert "2026-11-20T15:00:00Z" == document["now"]
        assert document["says"].endswith(".")
        assert "!" not in document["says"]

    def test_is_about_inv_123(self, file):
        """Every world holds the invoice that the docs and tests ask about."""
        assert "INV-123" in {row["invoice_number"] for row in loaded(file)["tables"]["invoices"]}

    def test_ids_are_uuids(self, file):
        """Every row of a world has a UUID."""
        ids = [row["id"] for rows in loaded(file)["tables"].values() for row in rows]
        assert ids == [str(UUID(text)) for text in ids]

    def test_holds_together(self, file):
        """No foreign key dangles, no key repeats, and charges agree with their intents."""
        document = loaded(file)
        assert [] == dangling(document)
        assert [] == repeated(document)
        assert [] == crooked_charges(document)

    def test_stripe_knows_what_is_named(self, file):
        """Every Stripe id resolves inside the world, except where its absence is the point."""
        unknown = unknown_to_stripe(loaded(file))
        if file.stem in ABSENT:
            assert 1 == len(unknown)
        else:
            assert set() == unknown

    def test_times_can_be_read(self, file):
        """Times of rows are relative or absolute in UTC; only due dates lie ahead."""
        for rows in loaded(file)["tables"].values():
            for row in rows:
                times = {name: row[name] for name in row if name.endswith("_at") and row[name]}
                assert [] == [text for text in times.values() if not TIME.fullmatch(text)]
                assert set() == {name for name, text in times.items() if text.startswith("+")} - {"due_at"}

    def test_log_repeats_the_event(self, file):
        """A row of the webhook log is about an event of Stripe's and repeats its object."""
        document = loaded(file)
        events = {event["id"]: event for event in document["stripe"].get("events", [])}
        for row in document["tables"].get("webhook_events", []):
            event = events[row["event_id"]]
            assert (event["id"], event["type"]) == (row["payload"]["id"], row["payload"]["type"])
            assert event["data"] == row["payload"]["data"]


class TestClinic:
    def test_is_the_same_at_every_run(self, the_clinic):
        """Two calls give the same document, down to the order of keys."""
        assert json.dumps(the_clinic) == json.dumps(clinic.document())

    def test_is_quick(self):
        """Making the document takes well under half a second on a slow machine; it is 60 ms on a fast one."""
        began = time.process_time()
        clinic.document()
        assert time.process_time() - began < 0.5

    def test_is_lived_in(self, the_clinic):
        """The clinic has the size that the docs promise."""
        sizes = {name: len(rows) for name, rows in the_clinic["tables"].items()}
        promised = {"practices": 12, "users": 60, "auth.users": 60, "invoices": 400, "cases": 150, "shipments": 90}
        promised |= {"notifications": 300, "invitations": 15, "audit_logs": 1500}
        assert promised == {name: sizes[name] for name in promised}

    def test_holds_together(self, the_clinic):
        """No foreign key dangles, no key repeats, charges agree with their intents, profiles have logins."""
        assert [] == dangling(the_clinic)
        assert [] == repeated(the_clinic)
        assert [] == crooked_charges(the_clinic)
        logins = {row["id"]: row["email"] for row in the_clinic["tables"]["auth.users"]}
        assert logins == {row["id"]: row["email"] for row in the_clinic["tables"]["users"]}

    def test_stripe_knows_what_is_named(self, the_clinic):
        """One id is unknown to Stripe: the one that an example names on purpose."""
        number = clinic.EXAMPLES["intent_missing_in_stripe"]
        planted = [row for row in the_clinic["tables"]["invoices"] if row["invoice_number"] == number]
        assert {planted[0]["stripe_payment_intent_id"]} == unknown_to_stripe(the_clinic)

    def test_examples_name_every_world(self, the_clinic):
        """Every world of payment check is planted, and every example names an invoice or an e-mail of the clinic."""
        assert {file.stem for file in FILES} - NOT_PLANTED == set(clinic.EXAMPLES)
        assert "INV-123" == clinic.EXAMPLES["paid_not_recorded"]
        numbers = {row["invoice_number"] for row in the_clinic["tables"]["invoices"]}
        emails = {row["email"] for row in the_clinic["tables"]["users"]}
        assert set() == set(clinic.EXAMPLES.values()) - numbers - emails

    def test_examples_of_work_and_people_exist(self, the_clinic):
        """The other examples name a case, a shipment or a person of the clinic."""
        tables = the_clinic["tables"]
        known = {row["case_number"] for row in tables["cases"]} | {
            row["shipment_number"] for row in tables["shipments"]
        }
        assert set() == set(clinic.WORK.values()) - known
        emails = {row["email"] for name in ("users", "invitations") for row in tables[name]}
        assert set() == set(clinic.PEOPLE.values()) - emails

    def test_inv_123_is_paid_and_not_recorded(self, the_clinic):
        """INV-123: 120.00 USD of Smile Care, taken two hours ago, both events pending, nothing in the log."""
        tables, stripe = the_clinic["tables"], the_clinic["stripe"]
        invoice = next(row for row in tables["invoices"] if row["invoice_number"] == "INV-123")
        practice = next(row for row in tables["practices"] if row["id"] == invoice["practice_id"])
        assert ("Smile Care", "open", 12000) == (practice["name"], invoice["status"], invoice["amount_due"])
        intent = next(row for row in stripe["payment_intents"] if row["id"] == invoice["stripe_payment_intent_id"])
        assert ("succeeded", 12000, "-120m") == (intent["status"], intent["amount_received"], intent["created"])
        ids = {intent["id"], intent["latest_charge"]}
        events = [event for event in stripe["events"] if event["data"]["object"]["id"] in ids]
        kinds = {event["type"]: event["pending_webhooks"] for event in events}
        assert {"payment_intent.succeeded": 1, "charge.succeeded": 1} == kinds
        logged = {row["event_id"] for row in tables["webhook_events"]}
        assert set() == {event["id"] for event in events} & logged

    def test_ordinary_invoices_are_clean(self, the_clinic):
        """Away from the examples, every captured charge is recorded and every record is captured, to the cent."""
        tables, stripe = the_clinic["tables"], the_clinic["stripe"]
        planted = set(clinic.EXAMPLES.values()) | {"INV-147", "INV-148", "INV-149"}
        numbers = {row["id"]: row["invoice_number"] for row in tables["invoices"]}
        due = {
            row["invoice_number"]: (row["amount_due"], row["currency"])
            for row in tables["invoices"]
            if row["status"] in {"paid", "refunded"}
        }
        taken = {
            charge["metadata"]["invoice_number"]: (charge["amount_captured"], charge["currency"])
            for charge in stripe["charges"]
            if charge["status"] == "succeeded" and charge["captured"]
        }
        rows = {
            numbers[row["invoice_id"]]: (row["amount"], row["currency"])
            for row in tables["payments"]
            if row["status"] == "succeeded"
        }
        for records in (due, taken, rows):
            for number in planted:
                records.pop(number, None)
        assert len(due) > 250
        assert due == taken
        assert due == rows

    def test_ordinary_refunds_are_recorded(self, the_clinic):
        """Away from the examples, refunds at Stripe and in the payments table are the same, and so is every status."""
        tables, stripe = the_clinic["tables"], the_clinic["stripe"]
        planted = set(clinic.EXAMPLES.values())
        made = {
            row["id"]: row["amount"] for row in stripe["refunds"] if row["metadata"]["invoice_number"] not in planted
        }
        numbers = {row["id"]: row["invoice_number"] for row in tables["invoices"]}
        written = {
            row["stripe_refund_id"]: row["amount"]
            for row in tables["payments"]
            if row["stripe_refund_id"] and numbers[row["invoice_id"]] not in planted
        }
        assert 10 == len(made)
        assert made == written

    def test_no_health_data(self, the_clinic):
        """What a case of the clinic says of its patient is a canary and nothing else."""
        said = {row[name] for row in the_clinic["tables"]["cases"] for name in ("patient_name", "clinical_notes")}
        assert said
        assert [] == [each for each in said if not re.fullmatch(r"canary_(patient|notes)_\d+", each)]

    def test_nothing_has_happened_later(self, the_clinic):
        """No row was made after the clinic's present."""
        made = [row["created_at"] for rows in the_clinic["tables"].values() for row in rows if "created_at" in row]
        absolute = [text for text in made if not text.startswith("-")]
        assert len(absolute) > 2000
        assert [] == [text for text in absolute if text > the_clinic["now"]]


class TestDeclines:
    def closed_set(self, name):
        """A closed set, read from the comment at the top of the table."""
        head = DECLINES.read_text(encoding="utf-8").split("\n[", 1)[0]
        if name == "retry":
            return set(re.findall(r"^#   (\w+)  +\S", head, re.M))
        text = re.search(rf"^# {name}, one of: ([^.]+)\.", head, re.M)[1]
        return {part.strip() for part in re.sub(r"\n#", "", text).split(",")}

    def rows(self):
        table = tomllib.loads(DECLINES.read_text(encoding="utf-8"))
        return [(kind, code, row) for kind, codes in table.items() for code, row in codes.items()]

    def test_words_come_from_closed_sets(self):
        """Who, retry and tell are words of the lists at the top of the file, and each word there is used."""
        for name in ("who", "retry", "tell"):
            assert self.closed_set(name) == {row[name] for _, _, row in self.rows()}

    def test_rows_have_their_keys(self):
        """A row has the keys of its kind, each a full text; the customer's sentence is absent where nothing is told."""
        for kind, code, row in self.rows():
            needed = {"title", "means", "do", "who", "retry", "tell"}
            needed |= {"reason"} if kind == "local" else set()
            needed |= {"customer"} if row["tell"] == "yes" else set()
            assert (code, needed) == (code, set(row) - {"playbook", "erratum"})
            assert (code, True) == (code, all(row.values()))

    def test_what_is_concealed(self):
        """The customer is told no reason for fraud, loss, theft, block lists and the like, and for nothing else."""
        assert CONCEALED == {(kind, code) for kind, code, row in self.rows() if row["tell"] == "no"}

    def test_sentences_are_plain(self):
        """No text shouts or pleads, sentences end, and titles do not."""
        for _, code, row in self.rows():
            assert (code, []) == (code, [text for text in row.values() if "!" in text or "please" in text.lower()])
            ends = {name: row[name][-1] for name in ("means", "do", "customer", "playbook", "erratum") if name in row}
            assert (code, dict.fromkeys(ends, ".")) == (code, ends)
            assert (code, False) == (code, row["title"].endswith("."))

    def test_customers_hear_no_codes(self):
        """A sentence for the customer has no code, id or name of ours in it."""
        heard = [row["customer"] for _, _, row in self.rows() if "customer" in row]
        assert [] == [text for text in heard if re.search(r"_|Stripe|Radar|fraud|stolen|block", text)]

    def test_is_in_alphabetical_order(self):
        """Codes of a kind stand in alphabetical order."""
        codes = [(kind, code) for kind, code, _ in self.rows()]
        order = {"card": 0, "local": 1, "error": 2}
        assert sorted(codes, key=lambda pair: (order[pair[0]], pair[1])) == codes

    def test_playbook_rows_are_kept(self):
        """The four rows of the operations playbook are kept, and the wrong one says what is wrong with it."""
        kept = {(kind, code) for kind, code, row in self.rows() if "playbook" in row}
        codes = {("card", "insufficient_funds"), ("card", "expired_card"), ("card", "incorrect_cvc")}
        assert codes | {("error", "card_declined")} == kept
        assert {("error", "card_declined")} == {(kind, code) for kind, code, row in self.rows() if "erratum" in row}

    @pytest.mark.skipif(not os.environ.get("PEAKOPS_SPECS"), reason="PEAKOPS_SPECS names no folder of specifications")
    def test_covers_stripes_codes(self):
        """The table has exactly the 50 card codes and 24 local codes of the specification, with its classes."""
        file = Path(os.environ["PEAKOPS_SPECS"]) / "stripe" / "decline_codes_own_words.json"
        spec = json.loads(file.read_text(encoding="utf-8"))
        table = tomllib.loads(DECLINES.read_text(encoding="utf-8"))
        assert 50 == len(table["card"])
        assert 24 == len(table["local"])
        assert {row["code"]: row["retry"] for row in spec["card"]} == {
            code: row["retry"] for code, row in table["card"].items()
        }
        assert {row["code"]: row["outcome_reason"] for row in spec["local_payment_methods"]} == {
            code: row["reason"] for code, row in table["local"].items()
        }
        concealed = {row["code"] for row in spec["card"] if row["conceal"] != "no"}
        assert concealed == {code for code, row in table["card"].items() if row["tell"] == "no"}
