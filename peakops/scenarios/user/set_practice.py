"""
Move a person to another practice; the plan shows what becomes visible.

For a profile without a practice, in a practice that is closed, or in another one than it should be; staff belong to
no practice, and are not moved.

Example: peakops user set-practice member@smilecare.example 'Smile Care' --dry-run
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Proposal
from peakops.model import Row, Verdict
from peakops.scenario import Facts, Outcome, found
from peakops.scenarios.arguments import Practice
from peakops.scenarios.user import person, person_fixes, portal
from peakops.scenarios.user.check import SCENARIO

MOVED = (
    *("can_log_in", "no_password_identity", "mfa_locked"),
    *("email_not_confirmed", "confirmation_not_delivered", "invited_not_accepted"),
)
"""Verdicts of another matter, where the person belongs to the practice already."""


ROLES_THAT_GO_ALONG = ("owner", "admin")
"""Roles that let their holder manage a practice; the profile keeps its own in the practice that it is moved to."""


def propose(facts: Facts) -> Proposal:
    """The profile's practice becomes the one that was named."""
    mine, target = person.profile(facts), _target(facts)
    if mine is None:
        raise Refused("The portal has no profile to move.", code="fix.no_profile")
    if mine["role"] == portal.STAFF:
        raise Refused("Staff belong to no practice.", hint="Ask the technical lead what is wanted.", code="fix.staff")
    if mine["practice_id"] == target["id"]:
        says = f"The person belongs to {target['name']} already, and that is {target['status']}."
        raise Refused(says, hint="Name the practice that the person should belong to.", code="fix.no_change")
    was = str(mine["practice_id"]) if mine["practice_id"] else None
    user = str(mine["id"])
    move = Action(
        via="database",
        call="user/move",
        params={"user": user, "practice": str(target["id"]), "was_practice": was},
        target=f"profile {mine['email']} ({mine['role']})",
        was=mine["practice"] or "no practice",
        becomes=target["name"],
        undo=f"peakops user set-practice EMAIL {was}" if was else "Take the practice off the profile again.",
    )
    held = {each["practice_id"]: each for each in facts["holdings"]}
    notes = [f"Becomes visible: {portal.holding(held[target['id']])}."]
    if mine["practice_id"] in held:
        notes.append(f"Is not visible any more: {portal.holding(held[mine['practice_id']])}.")
    if mine["role"] in ROLES_THAT_GO_ALONG:
        notes.append(f"The role goes along: the person is {mine['role']} of {target['name']} then.")
    seen = {"user": user, "was_is_active": mine["is_active"], "was_practice": was}
    return Proposal(
        actions=(move,), notes=tuple(notes), holds=("user/lock_profile", seen), arguments=(str(target["id"]),)
    )


def belongs(facts: Facts, options: Mapping[str, Any]) -> bool:  # noqa: ARG001  (the practice is a look's)
    """Whether the profile belongs to the one practice that was named. Raises Refused where that cannot be told."""
    if not facts.known("expected"):
        raise Refused("The practices could not be read.", hint="Restore the access, then run it again.")
    mine = person.profile(facts)
    return mine is not None and mine["practice_id"] == _target(facts)["id"]


def _target(facts: Facts) -> Row:
    """The practice that was named. Raises Refused where there is none, several, or one that is not open."""
    named = portal.named(facts)
    if not named:
        similar = portal.similar_practices(facts)
        hint = f"Name one by its id: {similar}." if similar else "Name the practice by its id, or exact name."
        raise Refused(portal.no_such_practice(facts), hint=hint, code="fix.no_practice")
    if len(named) > 1:
        ids = ", ".join(str(each["id"]) for each in named)
        raise Refused("Several practices have that name.", hint=f"Name one by its id: {ids}.", code="fix.ambiguous")
    target: Row = named[0]
    if target["status"] in portal.CLOSED:
        says = f"{target['name']} is {target['status']}: nobody of it gets in."
        raise Refused(says, hint="Ask the technical lead.", code="fix.practice_closed")
    return target


def expectation(facts: Facts) -> Outcome:
    """As the check asks it; but a practice that is not there is no silence here: it is what `_target` refuses."""
    outcome = portal.expectation(facts)
    return found("wrong_practice", outcome.says, curable=False) if outcome.verdict is Verdict.UNKNOWN else outcome


FIX = Fix(
    module=__name__,
    scenario=replace(
        SCENARIO, checks=tuple(expectation if each is portal.expectation else each for each in SCENARIO.checks)
    ),
    remedies=("practice_missing", "practice_suspended", "wrong_practice"),
    settled=MOVED,
    holds=belongs,
    needs=(*person_fixes.ESSENTIAL, "expected", "holdings"),
    grade=Grade.CONSEQUENTIAL,
    audit="user.practice_set",
    subject=person_fixes.subject,
    propose=propose,
    asks={"expect_practice": Practice},
    own_guards=True,
)
