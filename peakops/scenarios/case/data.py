"""The questions of `case check` about what would be sent: the account, the fields, the org's duplicate rules. Pure."""

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.case import accounts, codes, payload, standing
from peakops.scenarios.case.payload import Problem

NOTHING_SENT = "Nothing is to be sent."
SEEN_BY_DESCRIBE = ("REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
"""Refusals of which the description of the fields shows whether they would come again."""
HIDDEN = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
"""The code by which Salesforce says that an account is there and may not be seen."""


def mapping(facts: Facts) -> Outcome:
    if why := standing.settled(facts):
        return skip(why)
    case = facts["case"]
    if case["salesforce_account_id"] is None:
        return found("account_not_mapped", f"The practice {case['practice']} has no Salesforce account in the portal.")
    return ok(f"{case['practice']} has the account {case['salesforce_account_id']}.")


def account(facts: Facts) -> Outcome:
    if why := standing.settled(facts):
        return skip(why)
    case = facts["case"]
    mapped = case["salesforce_account_id"]
    if mapped is None:
        return skip("The practice has no account.")
    row = facts["account"] if accounts.is_one(mapped) else None
    state, says = accounts.state(mapped, accounts.by_id([row] if row else []))
    if state == "visible":
        return ok(f"{says[:-1]}, and neither deleted nor merged.")
    at = standing.attempt(facts)
    if state == "absent" and at and at.code == HIDDEN:
        return found("invalid_account", f"The account of {case['practice']}: {says} {at.says}", cause="invisible")
    return found("invalid_account", f"The account of {case['practice']}: {says}", cause=state)


def fields(facts: Facts) -> Outcome:
    if why := standing.settled(facts):
        return skip(why)
    wrong = problems(facts)
    if wrong:
        told = "; ".join(each.says for each in wrong)
        theirs = [each for each in wrong if each.problem in payload.FOR_AN_ADMIN]
        words = standing.instead("for_an_admin") if theirs else {"curable": False}
        return found("validation_failed", f"{told}.", cause=(theirs or wrong)[0].problem, **words)
    at = standing.attempt(facts)
    if at and codes.kind(at.code) == "validation" and at.code not in SEEN_BY_DESCRIBE:
        says = f"{at.says} The description of the fields does not show why."
        return found("validation_failed", says, cause=codes.cause(at.code), **standing.retry(facts))
    return ok("All that the portal would send fits the fields as Salesforce describes them.")


def problems(facts: Facts) -> list[Problem]:
    """What is wrong with the fields: by their description, and of those that the last attempt named what is empty."""
    case, key = facts["case"], facts["identity"]["case_field"]
    sent = payload.sent(case, key)
    described = payload.problems(sent, key, facts["fields"])
    at = standing.attempt(facts)
    named = at.fields if at and codes.kind(at.code) == "validation" else ()
    seen = {each.field for each in described}
    return [*described, *(each for each in payload.still_wrong(named, sent, facts["fields"]) if each.field not in seen)]


def rules(facts: Facts) -> Outcome:
    if why := standing.settled(facts):
        return skip(why)
    at = standing.attempt(facts)
    if at and codes.kind(at.code) == "duplicate_rule":
        return found("duplicate_rule", at.says, cause=codes.cause(at.code), **standing.retry(facts))
    return ok("No attempt was held back by a duplicate rule.")
