"""`payment events` and `payment webhooks` end to end, in real processes: pages, envelopes, rows, silence, scale."""

import copy
import csv
import io
import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import Envelope, Page, replays, steady

EVENTS = {
    "complete": ("complete", None, 0),
    "complete_forgotten": ("complete", None, 0),
    "complete_unsubscribed": ("complete", None, 0),
    "event_missing": ("missing", None, 1),
    "gap": ("gap", "webhook_not_delivered", 2),
    "gap_forgotten": ("gap", "webhook_unknown", 2),
    "gap_not_processed": ("gap", "webhook_not_processed", 2),
    "gap_recorded": ("gap", "webhook_not_processed", 1),
    "late": ("late", None, 1),
    "no_events": ("no_events", None, 0),
    "not_at_stripe": ("not_at_stripe", None, 1),
}
WEBHOOKS = {
    "all_delivered": ("all_delivered", None, 0),
    "endpoint_disabled": ("endpoint_disabled", None, 2),
    "failed": ("failed", None, 1),
    "no_endpoint": ("no_endpoint", None, 2),
    "not_received": ("not_received", None, 1),
    "undelivered": ("undelivered", None, 1),
    "unprocessed": ("unprocessed", None, 1),
}
"""Each world with its verdict, cause and exit code."""
COMMANDS = {"events": ("payment", "events", "INV-123"), "webhooks": ("payment", "webhooks", "--since", "48h")}
CASES = [("events", *each) for each in EVENTS.items()] + [("webhooks", *each) for each in WEBHOOKS.items()]


def lines(ran):
    return [json.loads(each) for each in ran.out.splitlines()]


@pytest.mark.parametrize(("folder", "worlds"), [("events", EVENTS), ("webhooks", WEBHOOKS)])
def test_every_world_is_expected_somewhere(folder, worlds):
    """No world of the folder is without its verdict here, and none is named that does not exist."""
    assert sorted(worlds) == sorted(each.stem for each in (WORLDS / folder).glob("*.json"))


@pytest.mark.parametrize(("folder", "name", "expected"), CASES, ids=[f"{each[0]}-{each[1]}" for each in CASES])
def test_world(folder, name, expected, peakops, load, snapshot, tmp_path):
    """The verdict, the cause and the exit code in every form; the envelope keeps its schema; one set of rows."""
    load(f"{folder}/{name}")
    args = ("--sandbox", *COMMANDS[folder])
    kept = str(tmp_path / "kept.json")
    forms = (("--json", "--record", kept), (), ("--jsonl",), ("--csv",))
    script, person, stream, sheet = (peakops(*args, *form) for form in forms)

    assert expected == (script.json["verdict"]["code"], script.json["verdict"]["cause"], script.code)
    assert {script.code} == {each.code for each in (person, stream, sheet)}
    jsonschema.Draft202012Validator(schema.of(f"payment {folder}")).validate(script.json)
    items = script.json["data"]["items"]
    assert items == [
        {key: value for key, value in each.items() if key != "type"} for each in lines(stream) if each["type"] == "item"
    ]
    assert [each["event"] or "" for each in items] == [row["event"] for row in csv.DictReader(io.StringIO(sheet.out))]
    assert [each["says"].rstrip() for each in items] == person.out.splitlines()[: len(items)]
    assert ("", "") == (script.err, person.err)
    assert snapshot(extension_class=Page) == steady(person.out)
    assert snapshot(extension_class=Envelope) == steady(script.out)
    replays(tmp_path / "kept.json", script.json)


def test_every_kind_of_subject(peakops, load):
    """Number, UUID, PaymentIntent, charge: each leads to the same time line."""
    load("events/gap")
    world = sandbox.named("events/gap")
    ids = [world["tables"]["invoices"][0]["id"], *(world["stripe"][k][0]["id"] for k in ("payment_intents", "charges"))]
    first = peakops("--sandbox", "payment", "events", "inv-123", "--json").json["data"]["items"]

    assert first
    for subject in ids:
        assert first == peakops("--sandbox", "payment", "events", subject, "--json").json["data"]["items"]


def test_absent_and_ambiguous(peakops, load):
    """14 and 15, with candidates, and one summary line with --jsonl."""
    load("payment/ambiguous_email")
    absent = peakops("--sandbox", "payment", "events", "NOPE-1", "--jsonl")
    several = peakops("--sandbox", "payment", "events", "billing@smilecare.example", "--json")

    assert (14, ["not_found"]) == (absent.code, [each["verdict"]["code"] for each in lines(absent)])
    assert (15, "ambiguous", []) == (several.code, several.json["verdict"]["code"], several.json["data"]["items"])
    assert several.json["data"]["candidates"]


FAULTS = {
    "stripe_down": {"vendor": "stripe", "route": "*", "status": 503},
    "stripe_forbids_events": {"vendor": "stripe", "route": "GET /v1/events", "status": 403},
    "stripe_lies": {"vendor": "stripe", "route": "GET /v1/events", "body": "{}"},
    "stripe_slow": {"vendor": "stripe", "route": "GET /v1/events", "delay_s": 30},
    "log_forbidden": {"vendor": "database", "fault": "deny", "table": "webhook_events"},
    "log_blind": {"vendor": "database", "fault": "blind"},
    "database_down": {"vendor": "database", "fault": "down"},
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize(("folder", "world"), [("events", "complete"), ("webhooks", "all_delivered")])
def test_silence_is_unknown(folder, world, name, peakops, load):
    """A source that is down, forbidden, blind, slow or lying: unknown, 3, named, and in time; never ok."""
    load(f"{folder}/{world}", faults=[FAULTS[name]])
    ran = peakops("--sandbox", *COMMANDS[folder], "--jsonl", "--timeout", "4s")
    last = lines(ran)[-1]

    assert (3, "unknown", "summary") == (ran.code, last["verdict"]["code"], last["type"])
    assert last["verdict"]["sources"]["missing"]
    assert ran.seconds < 5


def replayed(kind, count):
    """A paid invoice whose event was received again and again under other ids."""
    world = copy.deepcopy(sandbox.named("events/complete"))
    rows = world["tables"]["webhook_events"]
    for number in range(count):
        again, event = copy.deepcopy(rows[0]), f"evt_again{number:06}"
        again["payload"] |= {"id": event, "type": kind, "created": again["payload"]["created"] + number}
        made = datetime.fromtimestamp(again["payload"]["created"], UTC).isoformat()
        again |= {"id": f"55555555-5555-4555-8555-{number:012}", "event_id": event, "event_type": kind}
        rows.append({**again, "created_at": made, "processed_at": made})
    return world


@pytest.mark.parametrize("kind", ["payment_intent.processing", "payment_intent.succeeded"])
def test_ten_thousand_rows_on_one_invoice(kind, peakops, load):
    """The newest are kept, the cut is said in every form, the money's event is still known, and it is quick."""
    load(replayed(kind, 10_000))
    ran = peakops("--sandbox", "payment", "events", "INV-123", "--limit", "20", "--json")
    sheet = peakops("--sandbox", "payment", "events", "INV-123", "--limit", "20", "--csv")
    told = next(each for each in ran.json["questions"] if each["name"] == "told")

    assert ran.seconds < 5
    assert [f"evt_again{number:06}" for number in range(9_980, 10_000)] == [
        each["event"] for each in ran.json["data"]["items"]
    ]
    assert {"shown": 20, "total": 10_002} == ran.json["truncated"]
    assert "Only 20 of 10002 are listed" in ran.err
    assert "Only the newest 2000 rows were read." in sheet.err
    assert ("ok", "not_at_stripe", 1) == (told["verdict"], ran.json["verdict"]["code"], ran.code)


def test_a_window_leaves_out_what_is_older(peakops, load):
    """An hour is looked at: what happened two hours ago is not in it, in the log or at Stripe."""
    load("webhooks/failed")
    ran = peakops("--sandbox", "payment", "webhooks", "--since", "1h", "--json")

    assert ("all_delivered", 0, 0) == (ran.json["verdict"]["code"], ran.code, ran.json["data"]["counts"]["made"])
    assert ("2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z") == tuple(ran.json["given"].values())
    assert 1 == peakops("--sandbox", "payment", "webhooks", "--since", "3h", "--until", "1h").code


def test_more_than_stripe_keeps_is_a_warning(peakops, load):
    """A window that begins before Stripe's 30 days says so; one within them does not."""
    load("webhooks/all_delivered")
    long, short = (peakops("--sandbox", "payment", "webhooks", "--since", each, "--json") for each in ("31d", "29d"))

    assert [] == short.json["warnings"]
    assert ["Stripe keeps events for 30 days: before 2026-10-21 15:00 UTC it has none."] == long.json["warnings"]
    assert ("all_delivered", 0) == (short.json["verdict"]["code"], short.code)
    assert ("unknown", 3) == (long.json["verdict"]["code"], long.code)
    assert "30 days" in long.json["verdict"]["says"]


def test_what_waits_is_not_hidden_by_what_failed(peakops, load):
    """Thousands of newer failed events: those that wait are read too, and the sentence says how many there are."""
    world = sandbox.named("webhooks/failed")
    (first, *_) = world["tables"]["webhook_events"]
    failed = [("failed", "charge.updated", f"evt_f{n:04}", "-1h") for n in range(2_100)]
    failed.append(("failed", "payment_intent.succeeded", "evt_telling", "-3h"))
    waiting = [("received", "charge.updated", f"evt_w{n}", "-20h") for n in range(10)]
    young = [("received", "charge.updated", "evt_young", "-60s")]
    world["tables"]["webhook_events"] = [
        {
            **{**first, "error": None, "processed_at": None, "id": f"44444444-4444-4444-8444-{n:012}"},
            **dict(zip(("status", "event_type", "event_id", "created_at"), row, strict=True)),
        }
        for n, row in enumerate([*failed, *waiting, *young])
    ]
    load(world, stripe={**world["stripe"], "events": []})
    ran = peakops("--sandbox", "payment", "webhooks", "--json", "--limit", "all")
    items = {each["event"]: each["gap"] for each in ran.json["data"]["items"]}

    assert ["failed", "unprocessed"] == [each["code"] for each in ran.json["findings"]]
    assert "1990 of 2101 event(s)" in ran.json["findings"][0]["says"]
    assert "10 event(s)" in ran.json["findings"][1]["says"]
    assert ("failed", "unprocessed", None) == tuple(map(items.get, ("evt_telling", "evt_w0", "evt_young")))
    assert {"failed": 2101, "unprocessed": 10} == {
        kind: ran.json["data"]["counts"][kind] for kind in ("failed", "unprocessed")
    }
    assert "--limit" not in ran.err


def test_every_family_of_types_counts(peakops, load):
    """payment_intent, charge, refund, checkout.session and invoice events are looked at, and no others."""
    kinds = ["payment_intent.canceled", "charge.dispute.created", "refund.failed", "checkout.session.expired"]
    kinds += ["invoice.paid", "customer.created", "payout.failed"]
    world = sandbox.named("webhooks/failed")
    (first, *_) = world["tables"]["webhook_events"]
    world["tables"]["webhook_events"] = [
        {**first, "id": f"44444444-4444-4444-8444-{n:012}", "event_id": f"evt_{n}", "event_type": kind}
        for n, kind in enumerate(kinds)
    ]
    load(world, stripe={**world["stripe"], "events": []})
    ran = peakops("--sandbox", "payment", "webhooks", "--json")

    assert sorted(kinds[:5]) == sorted(each["event_type"] for each in ran.json["data"]["items"])


def test_many_events_are_paged_and_cut_aloud(peakops, load):
    """More events than are listed: the cut is a warning, and an undelivered one among the oldest is found."""
    world = sandbox.named("webhooks/all_delivered")
    (event, *_) = world["stripe"]["events"]
    now = datetime.fromisoformat(world["now"])
    unix = int((now - timedelta(hours=20)).timestamp())
    events = [{**copy.deepcopy(event), "id": f"evt_{n:05}", "created": unix + n} for n in range(2_100)]
    events[0]["pending_webhooks"] = 1
    load(world, stripe={**world["stripe"], "events": events})
    ran = peakops("--sandbox", "payment", "webhooks", "--json", "--limit", "all")

    assert "Only the newest 2000 events payment_intent.* were read." in ran.json["warnings"]
    assert "undelivered" == ran.json["verdict"]["code"]
    assert "evt_00000" in [each["event"] for each in ran.json["data"]["items"] if each["gap"] == "undelivered"]


def test_events_that_were_cut_are_not_all_delivered(peakops, load):
    """What was read is in order, and there were older ones: unknown, 3."""
    world = sandbox.named("webhooks/all_delivered")
    (event, *_), (row, *_) = world["stripe"]["events"], world["tables"]["webhook_events"]
    unix = int((datetime.fromisoformat(world["now"]) - timedelta(hours=20)).timestamp())
    events = [{**copy.deepcopy(event), "id": f"evt_{n:05}", "created": unix + n} for n in range(2_100)]
    world["tables"]["webhook_events"] = [
        {**copy.deepcopy(row), "id": f"55555555-5555-4555-8555-{n:012}", "event_id": f"evt_{n:05}"}
        for n in range(100, 2_100)
    ]
    load(world, stripe={**world["stripe"], "events": events})
    ran = peakops("--sandbox", "payment", "webhooks", "--json")

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert "Only the newest 2000 events payment_intent.* were read." in ran.json["verdict"]["says"]


def test_no_request_was_unknown_to_the_sandbox(peakops, load, state):
    """Whatever is asked of Stripe, the sandbox knows the route."""
    load("events/gap")
    for args in COMMANDS.values():
        peakops("--sandbox", *args)

    assert [] == sandbox.unknown_requests(state / "peakops")
    assert sandbox.requests(state / "peakops")
