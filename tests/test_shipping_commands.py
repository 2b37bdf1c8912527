"""`shipping address`, `shipping backlog` and `shipping ups` in real processes: every world of theirs."""

import json
import re

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import Envelope, Page, steady

EXPECTED = {
    "shipping_address/address_ambiguous": ("address_ambiguous", "warning", 1),
    "shipping_address/address_incomplete": ("address_incomplete", "critical", 2),
    "shipping_address/address_not_covered": ("address_not_covered", "warning", 1),
    "shipping_address/address_residential": ("address_valid", "ok", 0),
    "shipping_address/address_unknown": ("address_unknown", "critical", 2),
    "shipping_address/address_valid": ("address_valid", "ok", 0),
    "shipping_address/postal_code_mismatch": ("postal_code_mismatch", "critical", 2),
    "shipping_address/ups_silent": ("unknown", "unknown", 3),
    "shipping_backlog/after_an_outage": ("waiting", "critical", 2),
    "shipping_backlog/all_labelled": ("empty", "ok", 0),
    "shipping_backlog/portal_down": ("unknown", "unknown", 3),
    "shipping_backlog/too_many_requests": ("waiting", "critical", 2),
    "shipping_ups/accounts_out_of_order": ("account_malformed", "critical", 2),
    "shipping_ups/makes_labels": ("ready", "ok", 0),
    "shipping_ups/no_product": ("ups_product_missing", "critical", 2),
    "shipping_ups/one_account_missing": ("account_missing_unused", "warning", 1),
    "shipping_ups/portal_down": ("unknown", "unknown", 3),
    "shipping_ups/product_missing": ("ups_product_missing", "critical", 2),
    "shipping_ups/too_many_requests": ("ups_rate_limited", "critical", 2),
    "shipping_ups/ups_down": ("ups_down", "critical", 2),
    "shipping_ups/wrong_secret": ("ups_credentials", "critical", 2),
}
"""Each world with its verdict, status and exit code; its folder names the command."""
OUTAGE = {
    "SHP-71": ("never_requested", "peakops shipping retry SHP-71"),
    "SHP-72": ("outcome_unknown", "peakops shipping retry SHP-72"),
    "SHP-73": ("label_not_stored", "peakops shipping recover SHP-73"),
    "SHP-74": ("ups_credentials", "peakops shipping check SHP-74"),
    "SHP-75": ("ups_account", "peakops shipping check SHP-75"),
    "SHP-76": ("invalid_address", "peakops shipping check SHP-76"),
    "SHP-77": ("outcome_unknown", "peakops shipping retry SHP-77"),
    "SHP-82": ("outcome_unknown", "peakops shipping retry SHP-82"),
    "SHP-83": ("label_not_stored", "peakops shipping recover SHP-83"),
    "SHP-84": ("invalid_address", "peakops shipping check SHP-84"),
}
TRANS = re.compile(r'"[0-9a-f]{32}"')
TOKEN = re.compile(r'("(?:expires_at|lasts_s|cached|retry_after_s)"): (?!null)("[^"]*"|[\w.]+)')
"""What the real clock says of the token, and whether a run before this one had asked for it."""
KEPT = re.compile(
    r"(?:kept from an earlier run|fresh)(?=,)|(?<=\"state\": )\"(?:kept|fresh)\"|(?<=good for another )\d+ \w+"
)
WAITS = re.compile(
    r"UPS takes no more requests for a token at the moment, and is left alone for a while|Run it again in \d+ s"
)
"""Of looks that run at once one asks UPS for a token and the others wait with it: which one is chance."""


def untimed(text):
    """An output without what depends on the real clock, or on which of two looks came first."""
    text = TRANS.sub('"trans-id"', TOKEN.sub(r"\1: 0", steady(text)))
    text = WAITS.sub("[UPS asks to wait]", KEPT.sub("[token]", text))
    return text.replace("UPS takes no more requests at the moment (UPS's code 10429)", "[UPS asks to wait]")


def test_every_world_is_expected_somewhere():
    """No world of these commands is without its verdict here, and none is named that does not exist."""
    folders = [WORLDS / each for each in ("shipping_address", "shipping_backlog", "shipping_ups")]

    assert sorted(EXPECTED) == sorted(f"{each.name}/{file.stem}" for each in folders for file in each.glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED, ids=[each.replace("/", "-") for each in EXPECTED])
def test_world(name, peakops, load, snapshot):
    """The verdict, the status and the exit code, the same in both forms; the envelope keeps its schema."""
    load(name)
    command = name.partition("/")[0].split("_")
    subject = ["SHP-77"] if command[1] == "address" else []
    script, person = (peakops("--sandbox", *command, *subject, *form) for form in (("--json",), ()))

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.json["status"], script.code)
    assert script.code == person.code == script.json["exit_code"]
    jsonschema.Draft202012Validator(schema.of(" ".join(command))).validate(script.json)
    assert "canary" not in script.out + person.out
    assert snapshot(extension_class=Page) == untimed(person.out)
    assert snapshot(extension_class=Envelope) == untimed(script.out)


def test_each_shipment_of_the_backlog_has_its_verdict_and_its_command(peakops, load, state):
    """As `shipping check` has it; UPS is asked for those alone whose outcome the portal does not know."""
    load("shipping_backlog/after_an_outage")
    before = len(sandbox.requests(state / "peakops"))
    ran = peakops("--sandbox", "shipping", "backlog", "--jsonl")
    rows = [json.loads(each) for each in ran.out.splitlines()][:-1]
    asked = {each["path"] for each in sandbox.requests(state / "peakops")[before:] if "/reference/" in each["path"]}

    assert OUTAGE == {each["subject"]: (each["verdict"], each["next"][0]) for each in rows}
    assert {"SHP-72", "SHP-73", "SHP-77", "SHP-82", "SHP-83", "SHP-84"} == {each.rpartition("/")[2] for each in asked}


def test_the_backlog_agrees_with_the_check(peakops, load):
    """What the sweep says of a shipment is what the check of it says."""
    load("shipping_backlog/after_an_outage")
    checked = {each: peakops("--sandbox", "shipping", "check", each, "--json").json for each in OUTAGE}

    assert {each: code for each, (code, _) in OUTAGE.items()} == {
        each: found["verdict"]["code"] for each, found in checked.items()
    }


def test_a_backlog_may_be_cut_and_listed_in_another_form(peakops, load):
    """--limit shows so many and says how many there are; a window without shipments is empty, and in order."""
    load("shipping_backlog/after_an_outage")
    cut = peakops("--sandbox", "shipping", "backlog", "--limit", "2", "--json").json
    table = peakops("--sandbox", "shipping", "backlog", "--csv")
    none = peakops("--sandbox", "shipping", "backlog", "--since", "1h", "--json")

    assert (2, 10) == (len(cut["data"]["items"]), cut["data"]["summary"]["subjects"])
    assert {"shown": 2, "total": 10} == {key: cut["truncated"][key] for key in ("shown", "total")}
    assert "subject,practice,verdict,severity,cause,at,says,next" == table.out.splitlines()[0]
    assert ("empty", 0) == (none.json["verdict"]["code"], none.code)


def test_streets_are_revealed_only_where_it_is_asked_for(peakops, load):
    """What UPS knows instead is masked as the stored street is; with a reason both are shown."""
    load("shipping_address/address_ambiguous")
    masked = peakops("--sandbox", "shipping", "address", "SHP-77", "--json")
    shown = peakops("--sandbox", "shipping", "address", "SHP-77", "--json", "--reveal", "--reason", "ticket 4711")

    assert "elm" not in masked.out.lower()
    assert ["12 Elm Street"] == shown.json["data"]["address"]["lines"]
    assert [["lines", "postal_code"]] * 2 == [each["differs"] for each in shown.json["data"]["address"]["candidates"]]
    assert "canary" not in shown.out
