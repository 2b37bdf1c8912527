"""
Case not created in Salesforce: whether it is there, once, and linked; and if not, what keeps it out.

Looks at the portal's case and its audit log, and at Salesforce in three ways, all at once.

Example: peakops case check CASE-1042
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import CaseSubject
from peakops.scenarios.case import access, data, looks, presence, sending, sight


def gather(look: Look, case: CaseSubject) -> None:
    """Declare the looks; all wait for one answer alone, which says which case is meant."""
    subject = looks.subject(look, case)
    pending.look_for(look, subject, "case")
    looks.hanging(look, subject)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        presence.twins,
        presence.owner,
        presence.link,
        access.login,
        access.allowance,
        access.rights,
        data.mapping,
        data.account,
        data.fields,
        data.rules,
        sending.arrival,
        sending.outcome,
        sending.lock,
        sending.submission,
        presence.settled,
    ),
    subject=looks.FINDERS,
    needs={Severity.WARNING: looks.EVERY, Severity.OK: looks.EVERY},
    brief=sight.brief,
    called=looks.called,
    plural="cases",
    absent=looks.absent,
    candidate=looks.candidate,
    data=sight.shown,
)
