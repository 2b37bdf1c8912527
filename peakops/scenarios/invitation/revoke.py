"""
End every pending invitation to an address; the rows stay, so that the history does.

Example: peakops invitation revoke new.member@smilecare.example --dry-run
"""

from peakops.fix import Fix, Grade, Plan, Proposal
from peakops.scenario import Facts
from peakops.scenarios.invitation import closing, renewal, standing
from peakops.scenarios.invitation.check import SCENARIO

ALSO_SETTLED = (
    *("suppressed", "bounced", "accepted_without_account", "expired", "revoked"),
    *("already_a_user", "accepted"),
)
"""Verdicts under which an older invitation may be pending still, and none need be."""


def propose(facts: Facts) -> Proposal:
    """Each pending one becomes revoked, also one past its date."""
    closing.listed(facts)
    actions = tuple(closing.close(each, "revoked") for each in standing.pending(facts))
    return Proposal(actions=actions, holds=renewal.hold(facts))


def not_revoked(facts: Facts, plan: Plan) -> str:  # noqa: ARG001  (as every fix that is looked for)
    """Why the look afterwards does not show it; empty where it does."""
    left = standing.pending(facts)
    return f"shows one that is pending, the {closing.told(left[0])}." if left else ""


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(*ALSO_SETTLED, "several_pending", "never_sent", "pending_expired", "pending"),
    settled=ALSO_SETTLED,
    holds=lambda facts, options: not standing.pending(facts),  # noqa: ARG005  (it has no options)
    needs=("invitation", "invitations"),
    grade=Grade.REVERSIBLE,
    audit="invitation.revoked",
    subject=closing.subject,
    propose=propose,
    shows=not_revoked,
    own_guards=True,
)
