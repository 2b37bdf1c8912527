"""Every world of a deletion request end to end, in a real process: the page, the envelope and the exit code."""

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden, steady

MAIL = "anna@smilecare.example"
EXPECTED = {
    "ambiguous": ("ambiguous", None, 15),
    "audit_denied": ("unknown", None, 3),
    "erased_and_back": ("erased_and_back", None, 1),
    "held": ("held", None, 0),
    "held_account_only": ("held", None, 0),
    "held_incident_closed": ("held", None, 0),
    "held_owner_of_closed": ("held", None, 0),
    "held_plain": ("held", None, 0),
    "held_profile_only": ("held", None, 0),
    "held_without_setup": ("held", None, 0),
    "last_owner": ("last_owner", None, 1),
    "legal_hold": ("legal_hold", None, 2),
    "legal_hold_practice": ("legal_hold", None, 2),
    "legal_hold_table": ("legal_hold", None, 2),
    "not_found": ("not_found", None, 14),
    "nothing_held": ("nothing_held", None, 0),
    "only_invited": ("only_invited", None, 1),
    "open_incident": ("open_incident", None, 2),
}
"""Each world with its verdict, cause and exit code."""
VALIDATOR = jsonschema.Draft202012Validator(schema.of("data check"))


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "data").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict and the exit code; the same code in both formats; the envelope keeps its schema, and no secret."""
    load(f"data/{name}")
    printed = golden(("data", "check", MAIL), EXPECTED[name], VALIDATOR, peakops, snapshot, steady, steady)

    assert "canary" not in printed


def test_every_row_of_the_playbook_has_a_world():
    """Each verdict comes up in a world; the three that no world's schema can hold are made by a test of the fix."""
    from peakops.scenarios.data.check import SCENARIO

    elsewhere = {"unclassified_table", "blocked", "unfinished_change", "unclassified"}
    ends = {"not_found", "ambiguous", "unknown"}

    assert {*SCENARIO.guide.precedence(), *ends} - elsewhere == {code for code, *_ in EXPECTED.values()}
