"""
Let a banned or switched-off person in again; refused where a security action is open.

A ban of Supabase Auth is lifted there, a profile is switched on in the portal; where both keep the person out, both.

Example: peakops user enable member@smilecare.example --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.model import Row
from peakops.scenario import Facts
from peakops.scenarios.user import person, person_fixes
from peakops.scenarios.user.check import SCENARIO
from peakops.scenarios.words import day

ENABLED = (
    *("can_log_in", "no_password_identity", "mfa_locked", "email_not_confirmed", "confirmation_not_delivered"),
    *("invited_not_accepted", "profile_missing", "email_mismatch"),
    *("practice_missing", "practice_suspended", "wrong_practice"),
)
"""Verdicts of another matter, where the account is not banned and the profile not switched off."""


def propose(facts: Facts) -> Proposal:
    """The ban is lifted where there is one, and the profile switched on where it is off."""
    row, mine = person_fixes.account(facts), person.profile(facts)
    actions = [unban(row)] if person.banned(facts) else []
    if mine is None or mine["is_active"]:
        return Proposal(actions=tuple(actions))
    seen = {
        "user": str(mine["id"]),
        "was_is_active": mine["is_active"],
        "was_practice": str(mine["practice_id"]) if mine["practice_id"] else None,
    }
    return Proposal(actions=(*actions, switch_on(mine)), holds=("user/lock_profile", seen))


def unban(row: Row) -> Action:
    """The ban of an account is lifted, if it is the one that was seen."""
    return Action(
        via="supabase",
        call="unban",
        params={"user": str(row["id"]), "was_banned_until": row["banned_until"].isoformat()},
        target=f"account {row['email']}",
        was=f"banned until {day(row['banned_until'])}",
        becomes="not banned: log-in and refresh work again",
        undo="Ban it again in Supabase's dashboard (Authentication, Users).",
    )


def switch_on(mine: Row) -> Action:
    """A profile that is switched off is used again."""
    return Action(
        via="database",
        call="user/switch_on",
        params={"user": str(mine["id"])},
        target=f"profile {mine['email']}",
        was="switched off",
        becomes="switched on",
        undo="Switch it off in the portal again.",
    )


def enabled(facts: Facts, options: Mapping[str, Any]) -> bool:  # noqa: ARG001  (the verb has no options)
    """Whether nothing is left to enable: there is no ban, and the profile is not switched off."""
    mine = person.profile(facts)
    return person.living(facts) is not None and not person.banned(facts) and (mine is None or mine["is_active"])


def lifted(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The step that lifted the ban, where the account is not banned any more."""
    if not plan.actions or not plan.actions[0].at_vendor or person.banned(facts):
        return {}
    return {1: {"id": plan.actions[0].params["user"], "status": "not banned", "already": True}}


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("banned", "disabled_in_portal"),
    settled=ENABLED,
    holds=enabled,
    needs=person_fixes.ESSENTIAL,
    grade=Grade.CONSEQUENTIAL,
    audit="user.enabled",
    subject=person_fixes.subject,
    propose=propose,
    happened=lifted,
)
