"""
Whether Salesforce takes cases at all: the log-in, the user, the limits, the API's version, the fields.

Looks at Salesforce alone; 'peakops case check' looks at one case.

Example: peakops case salesforce
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip
from peakops.scenarios.case.refusals import refusal, told
from peakops.scenarios.systems import Line, truth

LOOKS = ("identity", "limits", "describe", "versions")
LOW_PERCENT, SPENT_PERCENT = 20, 5
"""Of the day's API requests that are left: below the first it is a warning, below the second critical."""
RETIRED = 30
"""API versions up to here are gone, and answer 410 (developer.salesforce.com, API end-of-life)."""
ENDING = 40
"""Versions up to here are unsupported from Summer '27, and gone with Summer '28."""
GONE = ("salesforce.unsupported_api_version", "salesforce.gone")
"""How Salesforce refuses one that is gone."""
SOAP = "password"
"""The flow that logs in by SOAP, with a user's password."""
NO_SOAP = 65
"""From this version on a SOAP log-in is not taken."""
SOAP_ENDS = date(2027, 6, 1)
"""The last day on which any version takes one is the day before (help.salesforce.com, 005132110)."""
PAYLOAD = ("AccountId", "Subject", "Priority", "Due_Date__c", "Origin", "Status")
"""What the portal writes beside its own id."""
READER = "This user only reads; what the one that makes cases may set does not show."


def gather(look: Look) -> None:
    """Declare the looks; none waits for another."""
    for name in LOOKS:
        look.at("salesforce", name, name)


def login(facts: Facts) -> Outcome:
    if fault := refusal(facts, "auth", *LOOKS):
        return found("salesforce_auth_failed", told(fault))
    who = facts["identity"]
    if not who["active"]:
        return found("user_inactive", f"{who['username']} ({who['user_id']}) is not active.")
    return ok(f"{who['username']} logs in by {who['flow']}.")


def limits(facts: Facts) -> Outcome:
    if fault := refusal(facts, "rate_limit", *LOOKS):
        return found("api_limit_reached", told(fault))
    left, most = facts["limits"]["daily_remaining"], facts["limits"]["daily_max"]
    says = f"{left:,} of {most:,} API requests are left for these 24 hours."
    # Whole numbers: a share is compared, never computed.
    if left * 100 < most * SPENT_PERCENT:
        return found("api_limit_reached", says)
    return found("api_limit_low", says) if left * 100 < most * LOW_PERCENT else ok(says)


def version(facts: Facts) -> Outcome:
    fault = facts.fault("identity")
    if fault and fault.code in GONE:
        return found("version_retired", told(fault))
    used, offered = facts["identity"]["version"], [row["version"] for row in facts["versions"]]
    number = major(used)
    if number <= RETIRED or used not in offered:
        return found("version_retired", f"API version {used} is not among those that this org offers.")
    if number <= ENDING:
        return found("version_ends", f"API version {used} is unsupported from Summer '27, and gone with Summer '28.")
    return ok(f"API version {used}; the newest is {max(offered, key=major)}.")


def major(version: str) -> int:
    """The number of an API version: 62 of '62.0'."""
    return int(version.partition(".")[0])


def flow(facts: Facts) -> Outcome:
    who = facts["identity"]
    if who["flow"] != SOAP:
        return ok(f"The flow is {who['flow']}, which does not end.")
    if major(who["version"]) >= NO_SOAP:
        return found("soap_ends", f"The flow is a SOAP log-in, which API version {who['version']} does not take.")
    return found("soap_ends", f"The flow is a SOAP log-in, which ends on {SOAP_ENDS}.")


def external_id(facts: Facts) -> Outcome:
    name = facts["identity"]["case_field"]
    field = next((row for row in facts["describe"] if row["name"] == name), None)
    if field is None:
        return found("external_id_unusable", f"Case has no field {name} that this user sees.")
    lacking = [says for says, key in (("an External ID", "external_id"), ("unique", "unique")) if not field[key]]
    if lacking:
        return found("external_id_unusable", f"{name} is not {' and not '.join(lacking)}.")
    return ok(f"{name} is an External ID, and unique.")


def permissions(facts: Facts) -> Outcome:
    if fault := refusal(facts, "permission", *LOOKS):
        return found("salesforce_permission", told(fault))
    if only_reads(facts):
        return skip(READER)
    fields = {row["name"]: row for row in facts["describe"]}
    wanted = (*PAYLOAD, facts["identity"]["case_field"])
    hidden = [each for each in wanted if each not in fields or not fields[each]["createable"]]
    if hidden:
        return found("salesforce_permission", f"This user may not set {', '.join(hidden)} of a new case.")
    return ok(f"This user may set all {len(wanted)} fields that the portal writes.")


def only_reads(facts: Facts) -> bool:
    """Whether this user may set no field of a case at all, as the app that reads should not."""
    return not any(row["createable"] for row in facts["describe"])


def ready(facts: Facts) -> Outcome:
    if any(each(facts).code for each in (login, limits, version, flow, external_id, permissions)):
        return skip("Something is wrong.")
    return found("ready", f"{_user(facts)[1]}.{f' {READER}' if only_reads(facts) else ''}")


def _user(facts: Facts) -> Line:
    who = facts["identity"]
    kind = "sandbox" if who["sandbox"] else "production"
    state = "active" if who["active"] else "inactive"
    return state, f"{who['username']}, org {who['organization_id']} ({who['instance']}, {kind})"


def _limits(facts: Facts) -> Line:
    row = facts["limits"]
    return "read", f"{row['daily_remaining']:,} of {row['daily_max']:,} left"


SYSTEMS: dict[str, Callable[[Facts], Line]] = {
    "log-in": lambda facts: (facts["identity"]["flow"], facts["identity"]["flow"]),
    "user": _user,
    "API requests": _limits,
    "API version": lambda facts: (facts["identity"]["version"], facts["identity"]["version"]),
}


def data(facts: Facts) -> dict[str, Any]:
    """What the org says of itself, side by side."""
    return {"truth": truth(facts, SYSTEMS)}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(login, limits, version, flow, external_id, permissions, ready),
    subject=(),
    needs={Severity.WARNING: LOOKS, Severity.OK: LOOKS},
    plural="orgs",
    data=data,
)
