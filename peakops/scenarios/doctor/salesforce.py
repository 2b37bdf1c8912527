"""Salesforce: the log-in, the limits, the version, the portal's field, and what may be read. Pure."""

from collections.abc import Callable

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.case import salesforce
from peakops.scenarios.case.refusals import refusal, told
from peakops.scenarios.doctor.left_out import app, left_out

SETTING = "salesforce_url"
LOOKS = salesforce.LOOKS
READS = {"case_read": ("case", "500000000000000AAA"), "account_read": ("account", "001000000000000AAA")}
"""Looks at a record that nobody has: whether its kind may be read is all that is wanted, and its call and id."""


def salesforce_login(facts: Facts) -> Outcome:
    return _of(facts, salesforce.login)


def salesforce_limits(facts: Facts) -> Outcome:
    return _logged_in(facts, salesforce.limits)


def salesforce_version(facts: Facts) -> Outcome:
    return _logged_in(facts, salesforce.version)


def salesforce_field(facts: Facts) -> Outcome:
    return _logged_in(facts, salesforce.external_id)


def salesforce_flow(facts: Facts) -> Outcome:
    return _logged_in(facts, salesforce.flow)


def salesforce_rights(facts: Facts) -> Outcome:
    return _logged_in(facts, _rights)


def _rights(facts: Facts) -> Outcome:
    if fault := refusal(facts, "permission", *LOOKS, *READS):
        return found("salesforce_may_not_read", told(fault))
    _ = [facts[each] for each in READS]
    return ok("It may read cases and accounts.")


def _logged_in(facts: Facts, judge: Callable[[Facts], Outcome]) -> Outcome:
    """What `case salesforce` says, where Salesforce lets us in at all."""
    return skip("Salesforce lets nobody in.") if refusal(facts, "auth", *LOOKS) else _of(facts, judge)


def _of(facts: Facts, judge: Callable[[Facts], Outcome]) -> Outcome:
    return left_out(facts, LOOKS[0], SETTING) or judge(facts)


def writing_salesforce(facts: Facts) -> Outcome:
    look, setting = "salesforce_write_app", "PEAKOPS_SALESFORCE_WRITE_CONSUMER_KEY"
    if wrong := app(facts, look, "salesforce_write_app_refused", setting, "cases"):
        return wrong
    return ok(f"Salesforce lets the app that writes in, by {facts[look]['flow']}. Only a write shows more.")
