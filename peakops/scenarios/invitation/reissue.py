"""
Make a fresh invitation with the same role, practice and inviter; every pending one ends in the same transaction.

peakops does not send the portal's mail; `peakops invitation link` hands the link over where no mail arrives.

Example: peakops invitation reissue new.member@smilecare.example --dry-run
"""

import secrets
from collections.abc import Mapping

from peakops.errors import Refused
from peakops.fix import Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios import mails
from peakops.scenarios.invitation import closing, renewal
from peakops.scenarios.invitation.check import SCENARIO

TOKEN_BYTES = 32
"""Of randomness in a link, as Python's secrets takes for a token that must not be guessed."""

UNSENT = "peakops sends no mail of the portal's. Where the portal sends none by itself: peakops invitation link EMAIL"
"""Without the address, since a plan is journalled."""


def propose(facts: Facts) -> Proposal:
    """The pending ones are closed, and the fresh one made."""
    renewal.allowed(facts)
    if held := mails.suppressions(facts):
        says = f"{mails.suppressed(held[0])}, so that no mail would arrive."
        raise Refused(says, hint="Lift the suppression in the provider's dashboard first.", code="fix.suppressed")
    return Proposal(actions=renewal.actions(facts), notes=(*renewal.notes(facts), UNSENT), holds=renewal.hold(facts))


def private(facts: Facts) -> Mapping[str, str]:
    """A token that nobody knows, made anew for each run."""
    return {"token": secrets.token_urlsafe(TOKEN_BYTES), "email": facts["invitation"]["email"]}


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(
        *("bounced", "accepted_without_account", "several_pending", "never_sent"),
        *("pending_expired", "expired", "revoked"),
    ),
    settled=("pending",),
    needs=(*renewal.ESSENTIAL, "suppressions"),
    grade=Grade.REVERSIBLE,
    audit="invitation.reissued",
    subject=closing.subject,
    propose=propose,
    shows=renewal.not_made,
    own_guards=True,
    private=private,
)
