"""
Send the confirmation mail, or the invitation of an account, once more.

For an address that is not confirmed. Supabase answers 200 whoever is named: what counts is that confirmation_sent_at
has changed afterwards.

Example: peakops user resend-confirmation owner@smilecare.example --dry-run
"""

from functools import partial

from peakops.fix import Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.user import person, person_fixes
from peakops.scenarios.user.check import SCENARIO

SENT = "confirmation_sent_at"
"""When Supabase sent the confirmation, or the invitation, last."""


def propose(facts: Facts) -> Proposal:
    """One mail to the account's own address; of an account that was invited, the invitation."""
    invited = person.invited(facts)
    return person_fixes.mail(
        facts,
        SENT,
        call="invite" if invited else "resend",
        what="invitation" if invited else "confirmation",
        becomes="sent once more; the link of the mail before does not work any more",
    )


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("invited_not_accepted", "confirmation_not_delivered", "email_not_confirmed"),
    settled=("can_log_in",),
    needs=(*person_fixes.ESSENTIAL, "limits"),
    grade=Grade.REVERSIBLE,
    audit="user.confirmation_resent",
    subject=person_fixes.subject,
    propose=propose,
    happened=partial(person_fixes.mail_went, column=SENT),
    shows=partial(person_fixes.not_sent, column=SENT),
)
