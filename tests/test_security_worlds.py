"""Every world of a suspicion end to end, in a real process: the page, the envelope and the exit code."""

import re

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden, steady

EXPECTED = {
    "blind_log": ("unknown", None, 3),
    "burst_in_bigquery_logs": ("likely_compromised", None, 2),
    "burst_in_platform_logs": ("likely_compromised", None, 2),
    "burst_then_success": ("likely_compromised", None, 2),
    "colleagues_network": ("nothing_unusual", None, 0),
    "contained": ("contained", None, 1),
    "contained_compromised": ("likely_compromised", None, 2),
    "cross_practice": ("likely_compromised", None, 2),
    "deleted_account": ("nothing_unusual", None, 0),
    "deleted_person": ("nothing_unusual", None, 0),
    "factor_removed": ("likely_compromised", None, 2),
    "firewall_blocked": ("nothing_unusual", None, 0),
    "log_denied": ("unknown", None, 3),
    "log_not_written": ("unclassified", None, 1),
    "log_stopped": ("unclassified", None, 1),
    "mass_export": ("unusual", None, 1),
    "new_network": ("nothing_unusual", None, 0),
    "new_person": ("nothing_unusual", None, 0),
    "no_addresses": ("nothing_unusual", None, 0),
    "no_sessions": ("nothing_unusual", None, 0),
    "off_hours": ("nothing_unusual", None, 0),
    "only_in_auth": ("nothing_unusual", None, 0),
    "only_in_portal": ("nothing_unusual", None, 0),
    "privilege_change": ("likely_compromised", None, 2),
    "project_paused": ("nothing_unusual", None, 0),
    "quiet": ("nothing_unusual", None, 0),
    "sessions_denied": ("likely_compromised", None, 2),
    "several_people": ("ambiguous", None, 15),
    "shared_egress": ("nothing_unusual", None, 0),
    "similar": ("not_found", None, 14),
    "stolen_session": ("likely_compromised", None, 2),
    "stolen_session_unplaced": ("unusual", None, 1),
    "table_missing": ("unknown", None, 3),
    "token_refused": ("nothing_unusual", None, 0),
    "token_without_scope": ("nothing_unusual", None, 0),
    "traveller": ("nothing_unusual", None, 0),
    "unseen_login": ("unclassified", None, 1),
}
"""Each world with its verdict, cause and exit code."""
ANNA = "55555555-5555-4555-8555-000000000101"
TYPED = {
    "burst_then_success": (
        *("anna@smilecare.example", "--ip", "198.51.100.77"),
        *("--session", "88888888-8888-4888-8888-000000000002"),
    ),
    "colleagues_network": ("anna@smilecare.example", "--ip", "192.0.2.99", "--since", "7d"),
    "deleted_account": (ANNA,),
    "deleted_person": (ANNA,),
    "similar": ("ana@smilecare.example",),
}
"""What is typed, where it is not Anna's address alone."""
ISSUE = {"likely_compromised", "contained", "unusual", "nothing_unusual", "unclassified", "unknown"}
BLIND = {
    *("blind_log", "log_denied", "table_missing", "sessions_denied"),
    *("token_refused", "token_without_scope", "project_paused"),
}
"""Worlds in which a source that is configured does not tell what it has."""
VALIDATOR = jsonschema.Draft202012Validator(schema.of("security investigate"))


def numbered(text):
    """Likewise steady: each request to Supabase has an id of its own."""
    return re.sub(r'"[0-9a-f]{32}"', '"request-id"', steady(text))


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, none is named that is not there; each verdict has one."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "security").glob("*.json"))
    assert set() == ISSUE - {code for code, *_ in EXPECTED.values()}


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict and the exit code; the same in both formats; the envelope keeps its schema; nothing of a patient."""
    load(f"security/{name}")
    words = ("security", "investigate", *TYPED.get(name, ("anna@smilecare.example",)))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot, envelope=numbered)

    assert "canary" not in printed
    assert "olloway" not in printed
    if EXPECTED[name][2] not in (14, 15):
        assert (name in BLIND) == ("Not complete" in printed)


def test_what_is_shown_of_addresses_and_people(peakops, load):
    """Addresses are what it is about, and shown; people are masked, and the rows of others hold no more than that."""
    load("security/burst_then_success")
    ran = peakops("--sandbox", "security", "investigate", "anna@smilecare.example", "--ip", "198.51.100.77", "--json")
    others = ran.json["data"]["shared"]["address"]

    assert "198.51.100.77" in ran.out
    assert {"b…@smilecare.example", "c…@smilecare.example"} == {each["email"] for each in others}
    assert "ben@" not in ran.out
    assert "peakops security contain anna@smilecare.example" == ran.json["next"][0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("anna@smilecare.example", "--ip", "198.51.100"), "no IP address"),
        (("anna@smilecare.example", "--session", "x"), "no UUID"),
        (("anna@smilecare.example", "--since", "yesteryear"), "no moment"),
        ((), "needs to be told"),
    ],
)
def test_what_cannot_be_asked_is_refused(words, says, peakops):
    """Before anything is looked at."""
    ran = peakops("--sandbox", "security", "investigate", *words)

    assert 64 == ran.code
    assert says in ran.err
