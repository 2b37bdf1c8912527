"""Every world of a containment end to end, in a real process: the page, the envelope and the exit code."""

import json
import re

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_user_worlds import SECRETS
from .test_worlds import golden
from .test_worlds import steady as timeless

MAIL = "anna@smilecare.example"
EXPECTED = {
    "absent": ("not_found", None, 14),
    "account_only": ("contained", None, 0),
    "ban_before": ("contained", None, 0),
    "contained": ("contained", None, 0),
    "lifetime_unknown": ("tokens_may_work", "lifetime_unknown", 1),
    "long_tokens": ("tokens_may_work", None, 1),
    "no_schema_contained": ("contained", None, 0),
    "not_contained": ("not_contained", None, 1),
    "not_contained_short_ban": ("not_contained", None, 1),
    "only_invited": ("not_contained", "only_invited", 1),
    "open_incident": ("contained", None, 0),
    "other_account": ("other_account", None, 1),
    "partly_banned_by_hand": ("partly_contained", "not_recorded", 2),
    "partly_half_way": ("partly_contained", "links_left", 2),
    "partly_not_banned": ("partly_contained", "not_banned", 2),
    "partly_profile_active": ("partly_contained", "profile_active", 2),
    "partly_session_left": ("partly_contained", "sessions_left", 2),
    "partly_still_active": ("partly_contained", "still_active", 2),
    "profile_only": ("contained", None, 0),
    "released": ("not_contained", None, 1),
    "sessions_denied": ("unknown", None, 3),
    "tokens_may_work": ("tokens_may_work", None, 1),
    "tokens_still_used": ("tokens_may_work", None, 1),
    "tokens_used_at_supabase": ("tokens_may_work", None, 1),
}
"""Each world with its verdict, cause and exit code."""
ISSUE = {"not_contained", "partly_contained", "tokens_may_work", "other_account", "contained", "unknown"}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("security verify"))


def steady(text):
    """What differs from run to run: times that were taken, and the ids of the vendors' requests."""
    text = re.sub(r'("request_ids": )\[[^\]]+\]', r"\g<1>[]", timeless(text))
    return re.sub(r'("request_id": ")[0-9a-f]{32}', r"\g<1>0", text)


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, none is named that is not there; each verdict has one."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "security_verify").glob("*.json"))
    assert set() == ISSUE - {code for code, *_ in EXPECTED.values()}


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"security_verify/{name}")
    printed = golden(
        ("security", "verify", MAIL), EXPECTED[name], VALIDATOR, peakops, snapshot, page=steady, envelope=steady
    )

    assert "canary" not in printed


@pytest.mark.parametrize("name", EXPECTED)
def test_every_secret_of_a_world_is_a_canary(name):
    """A secret column that a world fills holds a value that can be looked for."""
    tables = json.loads((WORLDS / "security_verify" / f"{name}.json").read_text("utf-8"))["tables"]
    columns = [(column, value) for rows in tables.values() for row in rows for column, value in row.items()]

    assert [] == [each for each in columns if each[0].endswith(SECRETS) and "canary" not in str(each[1])]
