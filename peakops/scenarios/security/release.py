"""
Let a contained person in again: the ban and the profile as they were before; says what does not come back.

Refused while an incident about the person is open. Sessions, links and, where it was replaced, the password do not come
back: have the person set a new password before or right after.

Example: peakops security release owner@smilecare.example --dry-run
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from peakops import unfinished
from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.model import Row, typed
from peakops.scenario import Facts
from peakops.scenarios.doctor.left_out import several
from peakops.scenarios.security import access
from peakops.scenarios.security.verify import SCENARIO
from peakops.scenarios.user import enable, looks, person, person_fixes
from peakops.scenarios.words import day

CONTAIN = "security contain"
LOST = (
    "Sessions, refresh tokens and one-time links that were ended do not come back: the person logs in anew.",
    "The password was not changed by the containment: if somebody else may know it, send a reset first.",
)
PASSWORD = "The password was replaced by one that nobody knows: the person cannot log in before a reset mail."  # noqa: S105  (a sentence)


class Before(NamedTuple):
    """How it was before the containment, as far as it was recorded."""

    banned_until: datetime | None
    active: bool | None
    """None where it was not recorded, or there was no profile."""
    password_replaced: bool = False


def propose(facts: Facts) -> Proposal:
    """The ban becomes what it was, the profile too, and the record is closed."""
    _settled(facts)
    before, account, mine = _before(facts), person.living(facts), person.profile(facts)
    actions = [*_ban(facts, account, before)] if account else []
    if mine and not mine["is_active"] and before.active:
        actions.append(replace(enable.switch_on(mine), undo="peakops security contain"))
    if facts.known("containment") and access.open_action(facts):
        actions.append(_close(facts))
    if not actions:
        says = "Nothing is left that a release would undo: the ban and the profile are as they were before."
        raise Refused(says, code="fix.nothing_to_release")
    return Proposal(actions=tuple(actions), notes=tuple(_notes(facts, before)))


def _settled(facts: Facts) -> None:
    """Raises Refused while an incident about the person is open."""
    numbers = [each["number"] for each in facts["incidents"]]
    if numbers:
        says = f"An incident about the person is open ({several(numbers)}): it is resolved first."
        raise Refused(says, hint="Ask the security lead; the incident decides when.", code="fix.open_incident")


def _before(facts: Facts) -> Before:
    """How it was: by the team's record, else by the plan in a journal. Raises Refused where neither tells."""
    action, plans = access.open_action(facts), _plans(facts)
    plan = next(iter(plans), None)
    replaced = any(each.call == "shut" for one in plans for each in one.actions)
    if action and action["has_ban"]:
        return Before(_moment(action["was_banned_until"]), action["was_active"], replaced)
    if plan:
        bans = [each.params["was_banned_until"] for each in plan.actions if each.call == "ban"]
        off = any(each.call == "security/switch_off" for each in plan.actions)
        # Without a ban in the plan the account was banned for good before: that one stays.
        return Before(_moment(bans[0]) if bans else person.banned(facts), True if off else None, replaced)
    if action:
        return Before(None, None)
    says = "Neither the team's record nor this machine's journal tells how it was before."
    check = typed("peakops user check", looks.called(facts))
    hint = f"Release it where it was contained, or see what keeps the person out: {check}"
    raise Refused(says, hint=hint, code="fix.not_recorded")


def _plans(facts: Facts) -> list[Plan]:
    """The plans of containments since the last release, oldest first: the later ones saw what that one made."""
    known = [name for name in ("changes", "team_changes") if facts.known(name)]
    plans: list[Plan] = []
    for each in unfinished.runs(*(facts[name] for name in known)):
        if not each.readable or each.plan.hash != each.name:
            continue
        if each.plan.fix == FIX.command and each.of in each.done:
            # Its last step is done. One that a new containment put an end to restored nothing, or a part.
            plans = []
        elif each.plan.fix == CONTAIN and each.plan.changed_by(each.done):
            plans.append(each.plan)
    return plans


def _moment(text: str | None) -> datetime | None:
    """A time as a plan holds it; none where the account was not banned."""
    return datetime.fromisoformat(text) if text else None


def _ban(facts: Facts, row: Row, before: Before) -> Iterator[Action]:
    """The ban as it was: none, where it has run out since; what is so already needs no step."""
    now, until = facts.at("accounts"), person.banned(facts)
    earlier = before.banned_until if before.banned_until and now and before.banned_until > now else None
    if until is None or until == earlier:
        return
    lifted = replace(enable.unban(row), undo="peakops security contain")
    if not earlier:
        yield lifted
        return
    params = {**lifted.params, "until": earlier.isoformat()}
    yield replace(lifted, call="ban", params=params, becomes=f"banned until {day(earlier)}, as before")


def _close(facts: Facts) -> Action:
    return Action(
        via="database",
        call="security/note_release",
        params={"user": str(facts["person"]["id"])},
        target="record of the team",
        was="a security action is open",
        becomes="released",
        final="A release is recorded for good; a new containment is a new record.",
    )


def _notes(facts: Facts, before: Before) -> Iterator[str]:
    yield LOST[0]
    yield PASSWORD if before.password_replaced else LOST[1]
    mine = person.profile(facts)
    if mine and not mine["is_active"] and not before.active:
        how = "it was so before" if before.active is False else "how it was before is not recorded"
        yield f"The profile stays switched off: {how}."


def done(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The step that gave the ban back, where the account shows it."""
    until = person.banned(facts)
    shown = {
        number: actions[0].params.get("until") or ""
        for number, actions in plan.steps()
        if actions and actions[0].call in ("ban", "unban")
    }
    return {
        number: {"id": str(facts["person"]["id"]), "status": "as before", "already": True}
        for number, wanted in shown.items()
        if (until.isoformat() if until else "") == wanted
    }


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("contained", "tokens_may_work", "other_account", "partly_contained"),
    settled=("not_contained",),
    needs=("person", "accounts", "profiles", "containment", "incidents"),
    grade=Grade.CONSEQUENTIAL,
    audit="user.released",
    subject=person_fixes.subject,
    propose=propose,
    happened=done,
    own_guards=True,
)
