"""
Bring a case to Salesforce that is not there: a search for a twin, then an upsert on the portal's id, then the link.

Where a record is found it is only linked. Wrong data is corrected in the portal first; a plain create is never sent.

Example: peakops case retry CASE-1042 --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.case import linking, payload, records, standing
from peakops.scenarios.case.attempts import Ended
from peakops.scenarios.case.check import SCENARIO
from peakops.scenarios.case.looks import EVERY

FOUND = "Salesforce has a record of it already: it is linked, and nothing is made."
NO_TWIN = f"A twin was searched {records.WAYS}, from a day before the case was made on: there is none."
"""The same words for every case, so that many are told of at once; the day is `looks.AHEAD`."""
LATE = "The last attempt may still arrive, for up to 10 minutes; the portal's id keeps it one case."
CALL = "upsert_case"


def propose(facts: Facts) -> Proposal:
    """The record that was found is linked; where there is none it is made, and linked by the id that it gets."""
    if row := linking.only(facts):
        found = linking.linked(facts, row)
        return Proposal(actions=found.actions, notes=(FOUND, *found.notes), customer=found.customer, holds=found.holds)
    case, at = facts["case"], standing.attempt(facts)
    late = (LATE,) if at and at.ended in (Ended.TIMED_OUT, Ended.UNREAD, Ended.OPEN) else ()
    made = linking.link(case, {"of": 1, "field": "id"}, "the record of step 1")
    return Proposal(
        actions=(_upsert(facts, case), made),
        notes=(NO_TWIN, *late),
        customer=linking.arrived(),
    )


def _upsert(facts: Facts, case: Row) -> Action:
    name = facts["account"]["name"]
    return Action(
        via="salesforce",
        call=CALL,
        params={
            "case": str(case["id"]),
            "account": case["salesforce_account_id"],
            "subject": payload.subject(case),
            "priority": payload.priority(case),
            "due_date": payload.due(case),
        },
        target=f"Salesforce case '{payload.subject(case)}'",
        was="none",
        becomes=f"New, on the account {name}, with the portal's id",
        undo="Delete the record in Salesforce, and take the link out of the portal.",
    )


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The record that Salesforce has by the portal's id, where a plan was to make it."""
    if not any(each.call == CALL for each in plan.actions):
        return {}
    rows = [each for each in standing.ours(facts) if records.carries(each, facts["case"])]
    return {1: {"id": rows[0]["id"], "status": "found", "already": True}} if len(rows) == 1 else {}


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(
        *("created_not_linked", "salesforce_auth_failed", "api_limit_reached", "salesforce_permission"),
        *("validation_failed", "duplicate_rule", "missing_in_salesforce"),
        *("outcome_unknown", "row_locked", "never_submitted"),
    ),
    settled=("synced",),
    needs=EVERY,
    grade=Grade.REVERSIBLE,
    audit="case.retried",
    subject=linking.subject,
    propose=propose,
    happened=happened,
)
