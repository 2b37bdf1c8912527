"""
Invitation not received, or its link expired: whether it was sent, arrived, was accepted, or has ended.

Looks at the portal's invitations of an address, the account that may come of them, and the e-mail provider, at once.

Example: peakops invitation check new.member@smilecare.example
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.addresses import known
from peakops.scenarios.arguments import Invited
from peakops.scenarios.invitation import looks, mail, sight, state


def gather(look: Look, invitation: Invited) -> None:
    """Declare the looks; all wait for one answer alone, which says whose invitation is meant."""
    newest = looks.newest(look, invitation)
    emails = newest.then(known)
    pending.look_for(look, newest, "invitation")
    invitations = look.rows("invitations", "user/invitations", emails=emails)
    profiles = look.rows("profiles", "user/profiles", id=None, emails=emails)
    # An account that was deleted has lost its address, and is found by its profile alone.
    look.rows("accounts", "user/accounts", id=profiles.then(looks.profile_id).otherwise(None), emails=emails)
    look.at("email", "suppressions", "suppressions", email=newest.then(looks.address))
    look.at("email", "messages", "messages", **looks.awaited_mail(invitations))


NEEDED = ("invitation", "invitations", "accounts")
"""What the mildest verdict rests on. A verdict that waits for a mail reads the e-mail looks itself."""

SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        mail.suppression,
        mail.delivery,
        state.account,
        state.single,
        mail.sending,
        state.validity,
        state.membership,
        state.settled,
    ),
    subject=("invitation",),
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    brief=sight.brief,
    called=looks.called,
    plural="invited addresses",
    absent=looks.absent,
    near=looks.near,
    candidate=looks.candidate,
    data=lambda facts: {"invitation": sight.invitation(facts), "truth": sight.truth(facts)},
)
