"""Every world of an invitation end to end, in a real process: the page, the envelope and the exit code."""

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden

NEW = "new.member@smilecare.example"
EXPECTED = {
    "accepted": ("accepted", None, 0),
    "accepted_account_deleted": ("accepted_without_account", "account_deleted", 2),
    "accepted_not_confirmed": ("accepted", None, 0),
    "accepted_without_account": ("accepted_without_account", None, 2),
    "already_a_user": ("already_a_user", None, 1),
    "arrived_since": ("pending", None, 0),
    "blocked": ("bounced", None, 2),
    "blocked_before": ("pending", None, 0),
    "bounced": ("bounced", None, 2),
    "bounced_expired": ("bounced", None, 2),
    "bounced_resend": ("bounced", None, 2),
    "bounced_several": ("bounced", None, 2),
    "expired": ("expired", None, 1),
    "invitations_blinded": ("unknown", None, 3),
    "invited_plus": ("expired", None, 1),
    "invited_unicode": ("revoked", None, 1),
    "never_sent": ("never_sent", None, 2),
    "never_sent_expired": ("never_sent", None, 2),
    "never_sent_no_provider": ("never_sent", None, 2),
    "pending": ("pending", None, 0),
    "pending_after_others": ("pending", None, 0),
    "pending_expired": ("pending_expired", None, 1),
    "pending_expired_closed": ("pending_expired", None, 1),
    "pending_expired_user": ("pending_expired", None, 1),
    "pending_found_by_address": ("pending", None, 0),
    "pending_new": ("pending", None, 0),
    "pending_no_provider": ("pending", None, 0),
    "pending_resend": ("pending", None, 0),
    "practice_in_brackets": ("pending_expired", None, 1),
    "provider_down": ("unknown", None, 3),
    "provider_down_accepted": ("accepted", None, 0),
    "revoked": ("revoked", None, 1),
    "several_addresses": ("ambiguous", None, 15),
    "several_pending": ("several_pending", None, 2),
    "several_pending_mixed_case": ("several_pending", None, 2),
    "several_pending_user": ("several_pending", None, 2),
    "similar": ("not_found", None, 14),
    "suppressed": ("suppressed", None, 2),
    "suppressed_accepted": ("accepted", None, 0),
    "suppressed_expired": ("suppressed", None, 2),
    "suppressed_resend": ("suppressed", None, 2),
    "suppressed_revoked": ("revoked", None, 1),
    "suppressed_user": ("already_a_user", None, 1),
    "unknown_status": ("unclassified", None, 1),
}
"""Each world with its verdict, cause and exit code."""
SUBJECTS = {
    "invited_plus": "new.member+portal@smilecare.example",
    "invited_unicode": "jörg@smilecare.example",
    "several_addresses": "n…@smilecare.example",
    "similar": "new.membre@smilecare.example",
}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("invitation check"))


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "invitation").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"invitation/{name}")
    words = ("invitation", "check", SUBJECTS.get(name, NEW))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot)

    assert "canary" not in printed
