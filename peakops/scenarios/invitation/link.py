"""
Make a fresh invitation and show its link once, to hand over where no mail arrives; the older links end.

The link is shown on a terminal alone, or put into the output with --reveal --reason; the journal notes for which
invitation. PEAKOPS_INVITATION_URL says how the portal's links look; without it Supabase makes one that logs in.

Example: peakops invitation link new.member@smilecare.example --dry-run
"""

from collections.abc import Mapping

from peakops.fix import Action, Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.invitation import closing, reissue, renewal
from peakops.scenarios.invitation.check import SCENARIO

BEARER = "Whoever has the link can accept the invitation: give it to the person alone, in a way that you trust."


def propose(facts: Facts, *, invitation_url: str | None) -> Proposal:
    """As a reissue; where the portal's page is not configured, Supabase's link before it."""
    renewal.allowed(facts)
    made = () if invitation_url else (_supabase(),)
    return Proposal(
        actions=(*made, *renewal.actions(facts)), notes=(*renewal.notes(facts), BEARER), holds=renewal.hold(facts)
    )


def _supabase() -> Action:
    """It comes first: where Supabase refuses it, the portal's rows stay as they are."""
    return Action(
        via="supabase",
        call="generate_link",
        params={"type": "invite", "email": {"private": "email"}},
        target="invitation link of Supabase Auth",
        was="the link of the last mail, where there was one",
        becomes="a fresh link, shown once; every earlier one works no longer",
        final="Supabase makes an account for the address, not confirmed yet, where there is none.",
    )


def reveals(facts: Facts, private: Mapping[str, str]) -> str:  # noqa: ARG001  (as every fix that reveals)
    """The link of the fresh invitation."""
    page = private.get("invitation_url")
    return page.replace("{token}", private["token"]) if page else private["link"]


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(
        *("suppressed", "bounced", "accepted_without_account", "several_pending", "never_sent"),
        *("pending_expired", "expired", "pending"),
    ),
    settled=(),
    needs=renewal.ESSENTIAL,
    grade=Grade.CONSEQUENTIAL,
    audit="invitation.link_made",
    subject=closing.subject,
    propose=propose,
    limits=("invitation_url",),
    shows=renewal.not_made,
    own_guards=True,
    private=reissue.private,
    reveals=reveals,
)
