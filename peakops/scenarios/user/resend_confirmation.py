"""
Send the confirmation mail, or the invitation of an account, once more.

For an address that is not confirmed. Supabase answers 200 whoever is named: what counts is that confirmation_sent_at
has changed afterwards.

Example: peakops user resend-confirmation owner@smilecare.example --dry-run
"""

from functools import partial

from peakops.fix import Action, Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.user import person, person_fixes
from peakops.scenarios.user.check import SCENARIO

SENT = "confirmation_sent_at"
"""When Supabase sent the confirmation, or the invitation, last."""


def propose(facts: Facts) -> Proposal:
    """One mail to the account's own address; of an account that was invited, the invitation."""
    row = person_fixes.account(facts)
    person_fixes.deliverable(facts)
    person_fixes.in_time(facts, row, SENT)
    invited = person.invited(facts)
    send = Action(
        via="supabase",
        call="invite" if invited else "resend",
        params={"user": str(row["id"]), "was_sent_at": person_fixes.sent(row, SENT)},
        target=f"{'invitation' if invited else 'confirmation'} mail to {row['email']}",
        was=person_fixes.last_mail(row[SENT]),
        becomes="sent once more; the link of the mail before does not work any more",
        final="A mail that was sent cannot be taken back.",
    )
    return Proposal(actions=(send,), notes=person_fixes.mail_notes(facts))


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
