"""
Put a rate limit back now that 'security limit' has changed, and end its lease.

Only the value that the lease has set is put back; what somebody else has set since is left as it is.

Example: peakops security restore api-burst --dry-run
"""

from peakops.fix import Fix, Grade, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.security import leasing
from peakops.scenarios.security.limit import happened, setting, subject
from peakops.scenarios.security.rule import SCENARIO
from peakops.scenarios.security.unblock import GONE, LEFT, notes_on_draft

BACK = "put back before"
LEFT_ALONE = "Somebody has set another limit: it is left as it is, and only the lease is ended."
NO_RULE = "Vercel does not have the rule any more: only the lease is ended."
ALREADY = "The limit is the old one already: only the lease is ended."


def propose(facts: Facts) -> Proposal:
    """The old value, then the end of the lease: a run that dies between leaves a lease that finds nothing to do."""
    lease, rule = leasing.current(facts), facts["rule"]
    assert lease is not None, "a verdict that is remedied has a lease"
    notes = notes_on_draft(facts, "change the limit again")
    if rule["limit"] != lease["held"] or lease["back_to"] is None:
        outcome, note = _without_a_change(rule, lease)
        return Proposal(actions=(leasing.ending(lease, outcome),), notes=(note, *notes))
    back = setting(rule["id"], rule["name"], limit=lease["back_to"], held=lease["held"], despite_draft=True)
    return Proposal(actions=(back, leasing.ending(lease, {"of": 1, "field": "status"})), notes=notes)


def _without_a_change(rule: Row, lease: Row) -> tuple[str, str]:
    """What becomes of a lease for which there is nothing to put back, and why."""
    if rule["gone"]:
        return GONE, NO_RULE
    there = rule["limit"] is not None and rule["limit"] == lease["back_to"]
    return (BACK, ALREADY) if there else (LEFT, LEFT_ALONE)


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("limit_held", "limit_moved", "limit_begun", "rule_gone"),
    settled=("limit_usual", "no_limit"),
    needs=("rule", "leases"),
    # As 'security unblock': what another verb began and did not finish holds nothing up.
    outranks=True,
    # A rule that is gone is known by its lease alone.
    removes=True,
    grade=Grade.CONSEQUENTIAL,
    audit="security.limit_restored",
    subject=subject,
    propose=propose,
    happened=happened,
)
