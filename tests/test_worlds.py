"""Every world end to end, in a real process: the page, the envelope and the exit code that an operator gets."""

import json
import re
import tempfile
from pathlib import Path

import jsonschema
import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from peakops import recording
from peakops.cli.replay import judged, opened
from peakops.redact import Door
from peakops.render import schema
from peakops.render.envelope import dumps
from peakops.render.envelope import envelope as envelope_of

from .conftest import WORLDS

EXPECTED = {
    "ambiguous_email": ("ambiguous", None, 15),
    "amount_mismatch": ("amount_mismatch", None, 2),
    "authorised_not_captured": ("authorised_not_captured", None, 1),
    "bank_debit_pending": ("bank_debit_pending", None, 1),
    "blocked_by_radar": ("blocked_by_radar", None, 2),
    "brackets": ("never_attempted", None, 1),
    "canceled": ("canceled", None, 1),
    "currency_mismatch": ("currency_mismatch", None, 2),
    "declined_advice": ("processing_error", None, 1),
    "declined_bare": ("declined_unknown_code", None, 1),
    "declined_local": ("insufficient_funds", None, 1),
    "declined_unknown_code": ("declined_unknown_code", None, 1),
    "disputed": ("disputed", "open", 2),
    "disputed_lost": ("disputed", "lost", 2),
    "draft": ("draft", None, 0),
    "expired_card": ("expired_card", None, 1),
    "found_by_customer": ("paid_not_recorded", "webhook_not_processed", 2),
    "fraudulent": ("fraudulent", None, 1),
    "generic_decline": ("generic_decline", None, 1),
    "insufficient_funds": ("insufficient_funds", None, 1),
    "intent_missing_in_stripe": ("intent_missing_in_stripe", None, 1),
    "needs_customer_action": ("needs_customer_action", "waiting_for_customer", 1),
    "needs_customer_action_abandoned": ("needs_customer_action", "authentication_abandoned", 1),
    "needs_customer_action_rejected": ("needs_customer_action", "authentication_rejected", 1),
    "never_attempted": ("never_attempted", None, 1),
    "never_attempted_intent": ("never_attempted", None, 1),
    "paid": ("paid", None, 0),
    "paid_after_decline": ("paid", None, 0),
    "paid_not_recorded": ("paid_not_recorded", "webhook_not_delivered", 2),
    "paid_not_recorded_acknowledged": ("paid_not_recorded", "webhook_not_processed", 2),
    "paid_not_recorded_draft": ("paid_not_recorded", "webhook_not_processed", 2),
    "paid_not_recorded_half": ("paid_not_recorded", "webhook_not_processed", 2),
    "paid_not_recorded_not_processed": ("paid_not_recorded", "webhook_not_processed", 2),
    "paid_not_recorded_webhook_unknown": ("paid_not_recorded", "webhook_unknown", 2),
    "paid_twice": ("paid_twice", None, 2),
    "paid_twice_same_customer_payments": ("paid_twice", None, 2),
    "partly_refunded_not_recorded": ("partly_refunded_not_recorded", None, 2),
    "recorded_not_paid": ("recorded_not_paid", None, 2),
    "refund_failed": ("refund_failed", None, 2),
    "refund_not_made": ("refund_not_made", None, 2),
    "refund_pending": ("refund_pending", None, 1),
    "refunded": ("refunded", None, 0),
    "refunded_not_recorded": ("refunded_not_recorded", None, 2),
    "two_numbers": ("ambiguous", None, 15),
    "unclassified": ("unclassified", None, 1),
    "void": ("void", None, 0),
    "wrong_mode": ("wrong_mode", None, 2),
    "yen": ("paid", None, 0),
    "zero_amount": ("paid", None, 0),
}
"""Each world with its verdict, cause and exit code."""
SUBJECTS = {"ambiguous_email": "billing@smilecare.example"}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("payment check"))


class Page(SingleFileSnapshotExtension):
    """A golden page a file, as an operator sees it in a pipe."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


class Envelope(Page):
    """A golden envelope a file."""

    file_extension = "json"


def steady(text):
    """What differs from run to run: how long it took, and the ids of requests."""
    text = re.sub(r'("(?:duration_ms|took_ms)": )\d+', r"\g<1>0", text)
    return re.sub(r"answered in \d+ ms", "answered in 0 ms", re.sub(r"\breq_\w+", "req_0", text))


def golden(words, expected, validator, peakops, snapshot, page=steady, envelope=steady):
    """
    Run a check for a person and for a script: verdict, cause and exit code, and both texts, are as expected.

    The code is the same in both formats, the envelope keeps its schema, and nothing is on stderr. The script's run is
    recorded, and replays. Gives all that was printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept.json")
        script = peakops("--sandbox", *words, "--json", "--record", str(kept))
        person = peakops("--sandbox", *words)
        assert expected == (script.json["verdict"]["code"], script.json["verdict"]["cause"], script.code)
        replays(kept, script.json)

    assert script.code == person.code == script.json["exit_code"]
    validator.validate(script.json)
    assert "" == script.err
    assert snapshot(extension_class=Page) == page(person.out)
    assert snapshot(extension_class=Envelope) == envelope(script.out)
    return script.out + person.out


def door(command):
    """The way out of a command's report."""
    return Door(addresses=command.startswith("security "))


def replays(kept, envelope):
    """What was recorded of a check is judged as it was: the same document, by whoever typed nothing."""
    assert envelope["error"] is None or envelope["verdict"]["code"] == envelope["error"]["code"]
    assert "canary" not in kept.read_text("utf-8")
    again = recording.replayed(opened(kept), judged)

    assert again.data["recording"]["same"]
    assert envelope["exit_code"] == int(again.exit_code)
    assert (envelope["verdict"]["code"], envelope["verdict"]["cause"]) == (again.verdict.code, again.verdict.cause)
    was, now = _told(envelope), _told(json.loads(dumps(envelope_of(again, door(again.command)))))
    assert was == now or _unnamed(was, again.command) == _unnamed(now, again.command)


NAMED = re.compile(r"(peakops (?:user|invitation) [a-z-]+) [^\s\"]+")
"""An address that a shell does not take plainly is named by its id in a command; its mask is a plain one."""


def _told(envelope):
    """What a document says; no empty list, and not of which recording it is."""
    return {
        **{key: envelope[key] for key in ("verdict", "findings", "questions", "evidence", "next", "error")},
        "data": {key: each for key, each in envelope["data"].items() if key != "recording" and each != []},
    }


def _unnamed(told, command):
    """The same to whoever typed nothing, whose address is masked too."""
    return json.loads(NAMED.sub(r"\1 SOMEBODY", json.dumps(door(command).clean(told))))


def test_every_world_is_expected_somewhere():
    """No world of the payment section is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "payment").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"payment/{name}")
    golden(("payment", "check", SUBJECTS.get(name, "INV-123")), EXPECTED[name], VALIDATOR, peakops, snapshot)


def decline_world(kind, code, reason):
    """The world `insufficient_funds` with another code, and for a local code another method."""
    world = json.loads((WORLDS / "payment" / "insufficient_funds.json").read_text("utf-8"))
    (charge,) = world["stripe"]["charges"]
    charge["outcome"] = {**charge["outcome"], "reason": reason}
    if kind == "local":
        charge["payment_method_details"] = {"type": "paypal", "paypal": {}}
    for intent in world["stripe"]["payment_intents"]:
        if intent.get("last_payment_error"):
            intent["last_payment_error"] = {**intent["last_payment_error"], "decline_code": code}
    world["stripe"]["events"] = []
    return world


def declines():
    from peakops import playbook

    words = playbook.words("declines")
    return [(kind, code, words[kind][code].get("reason", code)) for kind in ("card", "local") for code in words[kind]]


@pytest.mark.parametrize(("kind", "code", "reason"), declines()[::3])
def test_decline(kind, code, reason, peakops, load):
    """A decline code, of a card or a local method, is the verdict of a world that holds it: every third, end to end."""
    load(decline_world(kind, code, reason))
    ran = peakops("--sandbox", "payment", "check", "INV-123", "--json")

    assert (code, kind, 1) == (ran.json["verdict"]["code"], ran.json["data"]["decline"]["kind"], ran.code)


def test_no_request_was_unknown_to_the_sandbox(peakops, load, state):
    """Whatever peakops asks of Stripe, the sandbox knows the route; else a check would rest on a 404."""
    from peakops import sandbox

    load("paid_twice")
    peakops("--sandbox", "payment", "check", "INV-123", "--json")

    assert [] == sandbox.unknown_requests(state / "peakops")
    assert sandbox.requests(state / "peakops")
