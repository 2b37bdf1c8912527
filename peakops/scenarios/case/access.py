"""The questions of `case check` about the way in: log-in, limits, permissions; now and at the last attempt. Pure."""

from typing import Any

from peakops.scenario import Facts, Outcome, found, ok
from peakops.scenarios.case import codes, data, standing
from peakops.scenarios.case.attempts import Attempt
from peakops.scenarios.case.looks import FINDERS, OF_SALESFORCE
from peakops.scenarios.case.refusals import refusal, told

LOOKS = (FINDERS[0], *OF_SALESFORCE)


def login(facts: Facts) -> Outcome:
    if fault := refusal(facts, "auth", *LOOKS):
        return found("salesforce_auth_failed", told(fault), cause=_vendors(fault.code), curable=False)
    user = facts["identity"]
    who = f"{user['username']} logs in by {user['flow']}"
    if not user["active"]:
        return found("salesforce_auth_failed", f"{who}, and is not active.", cause="inactive_user", curable=False)
    if at := _stored(facts, "auth"):
        says = f"{at.says} That was the portal's own log-in; {who} now."
        return found("salesforce_auth_failed", says, cause=codes.cause(at.code), **_again(facts, "portals_login"))
    return ok(f"{who}; the org's instance is {user['instance']}.")


def allowance(facts: Facts) -> Outcome:
    if fault := refusal(facts, "rate_limit", *LOOKS):
        return found("api_limit_reached", told(fault), cause="now", curable=False)
    limits = facts["limits"]
    left = f"{limits['daily_remaining']:,} of {limits['daily_max']:,} API requests of 24 hours are left"
    at = _stored(facts, "limit")
    if standing.spent(facts) and not standing.settled(facts):
        return found("api_limit_reached", f"{left}.", cause="now", curable=False)
    if at:
        more = _again(facts, "limit_over")
        return found("api_limit_reached", f"{at.says} {left} now.", cause="at_the_last_attempt", **more)
    return ok(f"{left}.")


def rights(facts: Facts) -> Outcome:
    if fault := refusal(facts, "permission", *LOOKS):
        return found("salesforce_permission", told(fault), cause=_vendors(fault.code), curable=False)
    if at := _stored(facts, "permission"):
        return found("salesforce_permission", at.says, cause=codes.cause(at.code), **_again(facts))
    return ok("Salesforce has refused no look, and no attempt, for a lack of permission.")


def _stored(facts: Facts, kind: str) -> Attempt | None:
    """The last attempt, where a refusal of this kind ended it and the case is still to be sent."""
    if standing.settled(facts):
        return None
    at = standing.attempt(facts)
    return at if at and codes.kind(at.code) == kind else None


def _again(facts: Facts, words: str = "") -> dict[str, Any]:
    """What `standing.retry` says; no retry where a milder finding would let it be refused again."""
    milder = (data.mapping(facts), data.account(facts), data.fields(facts))
    # The first two have no fix of ours; the third may have one.
    hindered = any(each.code for each in milder[:2]) or not milder[2].curable
    return {"curable": False} if hindered else standing.retry(facts, words)


def _vendors(code: str) -> str:
    """A fault's code without its source: invalid_grant."""
    return code.removeprefix("salesforce.")
