"""Every world of a shipment end to end, in a real process: the page, the envelope and the exit code."""

import re

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden, steady

EXPECTED = {
    "absent": ("not_found", None, 14),
    "ambiguous_address": ("ambiguous_address", None, 1),
    "invalid_address": ("invalid_address", None, 2),
    "invalid_address_abroad": ("invalid_address", None, 2),
    "invalid_address_corrected": ("invalid_address", "accepted_now", 2),
    "invalid_address_incomplete": ("invalid_address", "incomplete", 2),
    "invalid_address_phone": ("invalid_address", None, 2),
    "invalid_address_unknown": ("invalid_address", None, 2),
    "label_not_marked": ("label_not_stored", "not_marked", 2),
    "label_not_stored": ("label_not_stored", None, 2),
    "label_not_stored_after_void": ("label_not_stored", None, 2),
    "label_not_stored_by_number": ("label_not_stored", None, 2),
    "labelled": ("labelled", None, 0),
    "labelled_after_void": ("labelled", None, 0),
    "labelled_ambiguous": ("labelled", None, 0),
    "labelled_of_a_case": ("labelled", None, 0),
    "labelled_old": ("unclassified", None, 1),
    "labelled_two_packages": ("labelled", None, 0),
    "log_denied": ("unknown", None, 3),
    "never_requested": ("never_requested", None, 1),
    "never_requested_set_back": ("never_requested", "set_back", 1),
    "number_in_brackets": ("never_requested", None, 1),
    "other_carrier": ("unclassified", None, 1),
    "outcome_unknown": ("outcome_unknown", "timeout", 1),
    "outcome_unknown_just_now": ("outcome_unknown", "no_answer", 1),
    "outcome_unknown_no_answer": ("outcome_unknown", "no_answer", 1),
    "outcome_unknown_no_number": ("outcome_unknown", "no_number", 1),
    "package_invalid": ("package_invalid", None, 2),
    "package_without_weight": ("package_invalid", "no_weight", 2),
    "service_not_available": ("service_not_available", None, 2),
    "several_of_a_case": ("ambiguous", None, 15),
    "three_labels": ("two_labels", None, 2),
    "to_lab": ("label_not_stored", None, 2),
    "two_labels": ("two_labels", None, 2),
    "two_labels_none_held": ("two_labels", None, 2),
    "unknown_code": ("unclassified", None, 1),
    "unknown_status": ("unclassified", None, 1),
    "unknown_words": ("unclassified", None, 1),
    "ups_account": ("ups_account", None, 2),
    "ups_account_missing": ("ups_account", "none", 2),
    "ups_account_shipper": ("ups_account", "shipper", 2),
    "ups_credentials": ("ups_credentials", "of_the_portal", 2),
    "ups_credentials_of_peakops": ("ups_credentials", "of_peakops", 2),
    "ups_down": ("ups_down", "now", 2),
    "ups_down_http": ("ups_down", "over", 2),
    "ups_down_over": ("ups_down", "over", 2),
    "ups_product_missing": ("ups_product_missing", "of_peakops", 2),
    "ups_product_missing_portal": ("ups_product_missing", "of_the_portal", 2),
    "ups_rate_limited": ("ups_rate_limited", "now", 1),
    "ups_rate_limited_over": ("ups_rate_limited", "over", 1),
    "ups_silent": ("unknown", None, 3),
    "voided": ("voided", None, 1),
    "voided_at_ups": ("voided", "voided_at_ups", 1),
    "voided_in_portal_alone": ("voided", "in_force_at_ups", 1),
}
"""Each world with its verdict, cause and exit code."""
SUBJECTS = {
    "label_not_stored_by_number": "1ZA1B2C30300000071",
    "labelled_of_a_case": "CASE-1042",
    "number_in_brackets": "SHP-[red]77 x",
    "several_of_a_case": "case-1042",
    "to_lab": "77777777-7777-4777-8777-000000000077",
    "two_labels": "1z a1b 2c3 03 0000 0072",
    "voided": "66666666-6666-4666-8666-000000001042",
}
"""What is typed, where it is not SHP-77."""
ISSUE = {
    *("labelled", "label_not_stored", "outcome_unknown", "never_requested", "invalid_address", "ambiguous_address"),
    *("ups_account", "ups_credentials", "ups_product_missing", "ups_rate_limited", "ups_down", "voided", "two_labels"),
    *("service_not_available", "package_invalid", "unclassified", "unknown"),
}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("shipping check"))


def settled(text):
    """Likewise steady: how long the token lasts is told by the real clock, and each request has an id of its own."""
    text = re.sub(r'("expires_at": ")[^"]+', r"\g<1>2026-11-20T16:00:00Z", steady(text))
    return re.sub(r'"[0-9a-f]{32}"', '"trans-id"', re.sub(r'("lasts_s": )\d+', r"\g<1>3599", text))


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, none is named that is not there; each verdict has one."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "shipping").glob("*.json"))
    assert set() == ISSUE - {code for code, *_ in EXPECTED.values()}


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"shipping/{name}")
    words = ("shipping", "check", SUBJECTS.get(name, "SHP-77"))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot, envelope=settled)

    assert "canary" not in printed
    assert "Holloway" not in printed


def test_what_ups_is_told(peakops, load):
    """Each look with what it brought: the labels by their numbers, and no silence where there was an answer."""
    load("shipping/two_labels")
    told = peakops("--sandbox", "shipping", "check", "SHP-77", "--say", "vendor").out.splitlines()

    assert "by_reference: 1ZA1B2C30300000071, 1ZA1B2C30300000072" in told
    assert {"probe: answered", "address: answered"} <= set(told)
