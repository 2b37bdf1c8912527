"""Every world of a case end to end, in a real process: the page, the envelope and the exit code."""

import re

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden, steady

NUMBER, RECORD = "CASE-1042", "500SB0000001042AAA"
EXPECTED = {
    "account_absent": ("invalid_account", "absent", 2),
    "account_corrected": ("missing_in_salesforce", "invalid_cross_reference_key", 2),
    "account_deleted": ("invalid_account", "deleted", 2),
    "account_invisible": ("invalid_account", "invisible", 2),
    "account_malformed": ("invalid_account", "malformed", 2),
    "account_merged": ("invalid_account", "merged", 2),
    "account_not_mapped": ("account_not_mapped", None, 2),
    "ambiguous_record": ("ambiguous", None, 15),
    "auth_failed": ("salesforce_auth_failed", "invalid_grant", 2),
    "created_by_hand": ("created_not_linked", "without_portal_id", 2),
    "created_closed": ("created_not_linked", None, 2),
    "created_draft": ("created_not_linked", "draft", 2),
    "created_not_linked": ("created_not_linked", None, 2),
    "created_not_noted": ("created_not_linked", "not_noted", 2),
    "created_other_account": ("created_not_linked", "other_account", 2),
    "created_stale_link": ("created_not_linked", "stale_link", 2),
    "draft": ("never_submitted", "draft", 1),
    "duplicate": ("duplicate_in_salesforce", None, 2),
    "duplicate_by_subject": ("duplicate_in_salesforce", None, 2),
    "duplicate_rule": ("duplicate_rule", "duplicates_detected", 2),
    "error_without_code": ("outcome_unknown", "no_code", 1),
    "held_by_another": ("linked_elsewhere", "held_by_another", 2),
    "just_submitted": ("outcome_unknown", "under_way", 1),
    "limit_over": ("api_limit_reached", "at_the_last_attempt", 2),
    "limit_reached": ("api_limit_reached", "now", 2),
    "linked_elsewhere": ("linked_elsewhere", "carries_another", 2),
    "linked_other_account": ("linked_elsewhere", "other_account", 2),
    "linked_twice": ("linked_elsewhere", "linked_twice", 2),
    "missing": ("missing_in_salesforce", "unknown_exception", 2),
    "missing_deleted": ("missing_in_salesforce", "deleted", 2),
    "missing_gone": ("missing_in_salesforce", "gone", 2),
    "missing_never_attempted": ("missing_in_salesforce", "never_attempted", 2),
    "missing_practice_closed": ("missing_in_salesforce", "server_unavailable", 2),
    "named_by_record": ("created_not_linked", None, 2),
    "not_found": ("not_found", None, 14),
    "not_logged": ("never_submitted", "not_logged", 1),
    "permission": ("salesforce_permission", "insufficient_access_or_readonly", 2),
    "permission_now": ("salesforce_permission", "insufficient_access", 2),
    "row_locked": ("row_locked", "unable_to_lock_row", 1),
    "salesforce_down": ("unknown", None, 3),
    "session_expired": ("salesforce_auth_failed", "invalid_session_id", 2),
    "synced": ("synced", None, 0),
    "synced_closed": ("synced", None, 0),
    "synced_merged_account": ("synced", None, 0),
    "synced_other_account": ("synced", None, 0),
    "synced_without_portal_id": ("synced", None, 0),
    "timeout": ("outcome_unknown", "timeout", 1),
    "unknown_status": ("unclassified", None, 1),
    "validation_before": ("validation_failed", "required", 2),
    "validation_corrected": ("missing_in_salesforce", "required_field_missing", 2),
    "validation_hidden_field": ("validation_failed", "unknown_field", 2),
    "validation_picklist": ("validation_failed", "not_allowed", 2),
    "validation_required": ("validation_failed", "required", 2),
    "validation_rule": ("validation_failed", "required", 2),
    "validation_rule_unseen": ("validation_failed", "field_custom_validation_exception", 2),
    "validation_too_long": ("validation_failed", "too_long", 2),
}
"""Each world with its verdict, cause and exit code."""
SUBJECTS = {
    "ambiguous_record": RECORD,
    "named_by_record": RECORD,
    "not_found": "500SB0000001043AAA",
    "synced": "66666666-6666-4666-8666-000000001042",
    "synced_closed": RECORD[:15],
}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("case check"))


def settled(text):
    """Without what differs from run to run: the looks take their API requests in any order."""
    text = re.sub(r'("daily_(?:remaining|used)": )\d+', r"\g<1>0", steady(text))
    return re.sub(r"[\d,]+ of ([\d,]+) API requests", r"N of \1 API requests", text)


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "case").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"case/{name}")
    words = ("case", "check", SUBJECTS.get(name, NUMBER))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot, settled, settled)

    assert "canary" not in printed
