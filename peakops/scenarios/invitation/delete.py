"""
Delete the invitations to an address for good, history and all; only where none was ever accepted.

`peakops invitation revoke` ends them and keeps the rows, which is nearly always what is meant.

Example: peakops invitation delete new.member@smilecare.example --dry-run
"""

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Proposal
from peakops.model import typed
from peakops.scenario import Facts, Row
from peakops.scenarios.invitation import closing, looks, renewal
from peakops.scenarios.invitation.check import SCENARIO
from peakops.scenarios.words import day


def propose(facts: Facts) -> Proposal:
    """Each of its rows is deleted, as it was seen."""
    closing.listed(facts)
    kept = next((each for each in facts["invitations"] if each["accepted_at"] or each["status"] == "accepted"), None)
    if kept:
        says = f"The {closing.told(kept)} was accepted: its row is kept, which tells who let the person in."
        hint = f"End what is pending: {typed('peakops invitation revoke', looks.called(facts))}"
        raise Refused(says, hint=hint, code="fix.accepted")
    return Proposal(actions=tuple(map(_delete, facts["invitations"])), holds=renewal.hold(facts))


def _delete(row: Row) -> Action:
    return Action(
        via="database",
        call="invitation/delete",
        params={"invitation": str(row["id"]), "was_status": row["status"]},
        target=closing.told(row),
        was=f"{row['status']}, until {day(row['expires_at'])}",
        becomes="gone, and its link with it",
        final="The row cannot be brought back; the audit log keeps that it was there.",
    )


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(
        *("suppressed", "bounced", "accepted_without_account", "several_pending", "never_sent"),
        *("pending_expired", "expired", "revoked", "already_a_user", "accepted", "pending"),
    ),
    settled=(),
    needs=("invitation", "invitations"),
    grade=Grade.IRREVERSIBLE,
    audit="invitation.deleted",
    subject=closing.subject,
    propose=propose,
    own_guards=True,
    removes=True,
)
