"""
Send the mail with which the person sets a new password; staff never set one.

For somebody whom nothing keeps out. Supabase answers 200 whoever is named: what counts is that recovery_sent_at has
changed afterwards.

Example: peakops user reset-password owner@smilecare.example --dry-run
"""

from functools import partial

from peakops.fix import Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.user import person_fixes
from peakops.scenarios.user.check import SCENARIO

SENT = "recovery_sent_at"
"""When Supabase sent the last reset mail."""


def propose(facts: Facts) -> Proposal:
    """One mail to the account's own address."""
    becomes = "sent; the person sets the password, and the old one works until then"
    return person_fixes.mail(facts, SENT, call="recover", what="password reset", becomes=becomes)


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("can_log_in",),
    settled=(),
    needs=(*person_fixes.ESSENTIAL, "limits"),
    grade=Grade.REVERSIBLE,
    audit="user.password_reset_sent",
    subject=person_fixes.subject,
    propose=propose,
    happened=partial(person_fixes.mail_went, column=SENT),
    shows=partial(person_fixes.not_sent, column=SENT),
)
