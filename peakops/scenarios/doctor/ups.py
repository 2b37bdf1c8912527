"""UPS: the token, the products of the app, its limit, and the laboratory's own address. Pure."""

from collections.abc import Callable

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.doctor.left_out import app, left_out
from peakops.scenarios.shipping import ups

SETTINGS = ("ups_client_id", "ups_client_secret")
LOOKS = ups.AT_UPS


def ups_token(facts: Facts) -> Outcome:
    return _of(facts, ups.credentials)


def ups_products(facts: Facts) -> Outcome:
    return _of(facts, ups.products)


def ups_available(facts: Facts) -> Outcome:
    return _of(facts, ups.service_up)


def ups_limit(facts: Facts) -> Outcome:
    return _of(facts, ups.limit)


def ups_shipper(facts: Facts) -> Outcome:
    return _of(facts, _shipper)


def _shipper(facts: Facts) -> Outcome:
    if any(each["present"] for each in facts["settings"] if each["setting"] == "ups_shipper"):
        return ok("PEAKOPS_UPS_SHIPPER is set.")
    # One that is refused is there too.
    if "ups_write_app" in facts and (facts.fault("ups_write_app") or facts["ups_write_app"] is not None):
        return found("ups_no_shipper", "PEAKOPS_UPS_SHIPPER is not set, and there is an app that makes labels.")
    return skip("PEAKOPS_UPS_SHIPPER is not set; only a label that is made needs it.")


def _of(facts: Facts, judge: Callable[[Facts], Outcome]) -> Outcome:
    """What `shipping ups` says, where UPS was asked."""
    return left_out(facts, LOOKS[0], *SETTINGS) or judge(facts)


def writing_ups(facts: Facts) -> Outcome:
    setting = "PEAKOPS_UPS_WRITE_CLIENT_SECRET"
    wrong = app(facts, "ups_write_app", "ups_write_app_refused", setting, "labels")
    return wrong or ok("UPS gives the app that writes a token. Only a label shows more.")
