"""`security blocks` and `security leases`: every world of the firewall end to end, and both lists in their forms."""

import json

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden

EXPECTED = {
    "brought_back": ("unleased", 1),
    "changed_by_hand": ("astray", 1),
    "draft_waits": ("leased", 0),
    "firewall_silent": ("unknown", 3),
    "lease_without_block": ("astray", 1),
    "leased": ("leased", 0),
    "leases_denied": ("unknown", 3),
    "let_through": ("none", 0),
    "made_by_hand": ("unleased", 1),
    "never_configured": ("none", 0),
    "no_schema": ("unleased", 1),
    "nothing_blocked": ("none", 0),
    "overdue": ("overdue", 1),
    "token_of_another_team": ("unknown", 3),
}
"""Each world with its verdict and exit code."""
LEASES = {
    "leased": ("open_leases", 0),
    "leases_denied": ("unknown", 3),
    "no_schema": ("no_lease", 0),
    "overdue": ("due", 1),
}
BLOCKS, LISTED = (jsonschema.Draft202012Validator(schema.of(f"security {name}")) for name in ("blocks", "leases"))


def test_every_world_is_expected_somewhere():
    """No world of the firewall is without its verdict here, and none is named that is not there."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "security_blocks").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"security_blocks/{name}")
    verdict, code = EXPECTED[name]
    golden(("security", "blocks"), (verdict, None, code), BLOCKS, peakops, snapshot)


@pytest.mark.parametrize("name", LEASES)
def test_leases(name, peakops, load, snapshot):
    """What must be taken back, and whether the sweep is on."""
    load(f"security_blocks/{name}")
    verdict, code = LEASES[name]
    golden(("security", "leases"), (verdict, None, code), LISTED, peakops, snapshot)


def test_only_what_touches_a_network(peakops, load):
    """With a network only its entries are listed, those around it too; the verdict is of all."""
    load("security_blocks/made_by_hand")
    ran = peakops("--sandbox", "security", "blocks", "198.51.100.77", "--json")

    assert ["198.51.100.0/24"] == [each["ip"] for each in ran.json["data"]["items"]]
    assert "unleased" == ran.json["verdict"]["code"]


def test_only_the_leases_of_one_network(peakops, load):
    """With a subject only its leases are listed."""
    load("security_blocks/leased")
    ran = peakops("--sandbox", "security", "leases", "2001:db8:bad::/48", "--jsonl")

    lines = [json.loads(line) for line in ran.out.splitlines()]

    assert ["2001:db8:bad::/48"] == [each["subject"] for each in lines if each["type"] == "item"]


def test_as_csv(peakops, load):
    """The header, and a line for each lease."""
    load("security_blocks/leased")
    ran = peakops("--sandbox", "security", "leases", "--csv")

    header, *lines = ran.out.splitlines()

    assert "kind,subject,until,due,operator,reason,in_force,back_to,lease,says,next,result,error" == header
    assert 2 == sum(line.startswith("block,") for line in lines)


@pytest.mark.parametrize("words", [("--dry-run",), ("--sweep", "203.0.113.0/24")])
def test_options_that_mean_nothing_together(words, peakops):
    """64: a dry run of a list, and a sweep of one thing."""
    assert 64 == peakops("--sandbox", "security", "leases", *words).code
