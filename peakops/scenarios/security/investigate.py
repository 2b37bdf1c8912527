"""
Suspected unauthorised access: one time line of a person, what is unusual in it, and what could not be seen.

Reads the portal's log, sessions, Supabase Auth's log, and where they are configured Supabase's platform logs (failed
log-ins, countries) and Vercel's firewall. Every point of the score comes with the line that shows it, and every signal
that could not be had with its reason. Nothing is changed; the evidence is taken before the account is contained.

Example: peakops security investigate member@smilecare.example --since 30d
"""

from datetime import datetime

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios.arguments import Person, PivotAddress, PivotSession
from peakops.scenarios.security import looks, sight, suspicion
from peakops.scenarios.security.timeline import BASE
from peakops.scenarios.user import looks as people


def gather(
    look: Look,
    user: Person,
    since: datetime,
    until: datetime,
    ip: PivotAddress = None,
    session: PivotSession = None,
) -> None:
    """Declare the looks; all wait for the person, the platform logs for the person's addresses too."""
    who = looks.person(look, user)
    looks.around(look, who, since=since, until=until, ip=ip, session=session)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(suspicion.takeover, suspicion.containment, suspicion.habits, suspicion.quiet),
    subject=("person",),
    needs={
        Severity.WARNING: ("person", *BASE),
        Severity.OK: ("person", *BASE, "accounts", "containment", "portal_log"),
    },
    must_answer=("takeover",),
    data=sight.data,
    brief=sight.brief,
    called=people.called,
    whole=sight.whole,
    warns=sight.warns,
    plural="people",
    absent=looks.absent,
    near=people.near,
    candidate=people.candidate,
)
