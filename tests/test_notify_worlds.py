"""Every world of a notification end to end, in a real process: the page, the envelope and the exit code."""

import json

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden

EXPECTED = {
    "bounced_as_the_portal_says": ("bounced", "hard", 2),
    "bounced_blocked": ("bounced", "soft", 2),
    "bounced_hard": ("bounced", "hard", 2),
    "bounced_resend": ("bounced", None, 2),
    "bounced_soft": ("bounced", "soft", 2),
    "by_its_id": ("bounced", "soft", 2),
    "deferred": ("deferred", None, 1),
    "delivered": ("delivered", None, 0),
    "delivered_resend": ("delivered", None, 0),
    "domain_unverified": ("domain_unverified", "now", 2),
    "domain_unverified_resend": ("domain_unverified", "now", 2),
    "domain_verified_since": ("domain_unverified", "over", 2),
    "dropped": ("dropped", None, 2),
    "key_of_the_portal": ("key_without_scope", "of_the_portal", 2),
    "key_without_scope": ("key_without_scope", "of_peakops", 2),
    "key_without_scope_resend": ("key_without_scope", "of_peakops", 2),
    "no_notification": ("no_notification", "earlier_ones", 2),
    "no_notification_no_profile": ("no_notification", "no_profile", 2),
    "no_notification_to_the_practice": ("no_notification", "to_the_practice", 2),
    "no_provider": ("unknown", None, 3),
    "not_sent": ("not_sent", "queued", 2),
    "not_sent_in_app": ("not_sent", "in_app", 2),
    "not_sent_not_at_provider": ("not_sent", "not_at_provider", 2),
    "notifications_denied": ("unknown", None, 3),
    "preference_off": ("preference_off", "email", 1),
    "preference_off_all": ("preference_off", "email", 1),
    "preference_off_delivered": ("preference_off", "email", 1),
    "preference_on_others_off": ("delivered", None, 0),
    "provider_down": ("provider_down", "now", 2),
    "provider_down_http": ("provider_down", "now", 2),
    "provider_down_over": ("provider_down", "over", 2),
    "provider_silent": ("unknown", None, 3),
    "queued_just_now": ("deferred", "queued", 1),
    "quota_over": ("quota_reached", "over", 2),
    "quota_reached": ("quota_reached", "now", 2),
    "quota_reached_resend": ("quota_reached", "now", 2),
    "read": ("read", None, 0),
    "read_without_provider": ("read", None, 0),
    "send_failed": ("send_failed", "content", 2),
    "send_failed_no_answer": ("send_failed", "no_answer", 2),
    "send_failed_words": ("send_failed", "other", 2),
    "sent_just_now": ("deferred", "under_way", 1),
    "sent_long_ago": ("unclassified", None, 1),
    "several_people": ("ambiguous", None, 15),
    "similar": ("not_found", None, 14),
    "suppressed_bounce_hard": ("suppressed_bounce", "hard", 2),
    "suppressed_bounce_resend": ("suppressed_bounce", None, 2),
    "suppressed_bounce_soft": ("suppressed_bounce", "soft", 2),
    "suppressed_complaint": ("suppressed_complaint", None, 2),
    "suppressed_unsubscribe": ("suppressed_unsubscribe", None, 2),
    "suppressed_unsubscribe_group": ("suppressed_unsubscribe", "group", 2),
    "timed_out_and_arrived": ("delivered", None, 0),
    "unknown_status": ("unclassified", None, 1),
    "unread_beside_delivered": ("unread_in_app", None, 1),
    "unread_in_app": ("unread_in_app", None, 1),
    "wrong_address_differing": ("wrong_address", "addresses_differ", 2),
    "wrong_address_invalid": ("wrong_address", "invalid_address", 2),
    "wrong_address_old": ("wrong_address", "old_address", 2),
}
"""Each world with its verdict, cause and exit code."""
ANNA = ("anna@smilecare.example",)
TYPED = {
    "by_its_id": ("88888888-8888-4888-8888-000000000003",),
    "preference_off": ("anna@smilecare.example", "--type", "invoice"),
    "sent_long_ago": ("anna@smilecare.example", "--since", "60d"),
    "several_people": ("a…@smilecare.example",),
    "wrong_address_differing": ("55555555-5555-4555-8555-000000000101",),
    "wrong_address_invalid": ("anna@smilecare.exmaple",),
}
"""What is typed, where it is not Anna's address alone."""
ISSUE = {
    *("delivered", "read", "unread_in_app", "preference_off", "no_notification", "not_sent", "send_failed", "deferred"),
    *("bounced", "suppressed_bounce", "suppressed_complaint", "suppressed_unsubscribe", "dropped", "wrong_address"),
    *("domain_unverified", "key_without_scope", "quota_reached", "provider_down", "unclassified", "unknown"),
}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("notify check"))


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, none is named that is not there; each verdict has one."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "notify").glob("*.json"))
    assert set() == ISSUE - {code for code, *_ in EXPECTED.values()}


def test_both_providers_have_their_worlds():
    """A third of the worlds with a provider are Resend's: what holds for the one need not for the other."""
    worlds = [json.loads((WORLDS / "notify" / f"{name}.json").read_text("utf-8")) for name in EXPECTED]
    providers = [each["email_provider"] for each in worlds if "email_provider" in each]

    assert {"sendgrid", "resend"} == set(providers)
    assert len(providers) <= 3 * providers.count("resend")


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"notify/{name}")
    words = ("notify", "check", *TYPED.get(name, ANNA))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot)

    assert "canary" not in printed
    assert "olloway" not in printed
