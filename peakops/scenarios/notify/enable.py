"""
Switch one kind of notification on again that a person has switched off; at their own wish alone.

Says who switched it off, and when, if the portal's audit log knows. --type and --channel say which kind, where several
are off.

Example: peakops notify enable owner@smilecare.example --type case_update --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.notify import recipient, standing
from peakops.scenarios.notify.check import SCENARIO
from peakops.scenarios.notify.made import switched_off
from peakops.scenarios.notify.standing import CHANNELS
from peakops.scenarios.user import looks as people
from peakops.scenarios.words import day

ON = ("delivered", "read", "unread_in_app", "deferred", "no_notification")
"""Verdicts of another matter, where nothing that was asked about is switched off."""
UNKNOWN_WHO = "The portal's audit log does not tell who switched it off, or when: ask the person before you go on."


def propose(facts: Facts) -> Proposal:
    """The one preference becomes true; every other stays."""
    channel, type = _kind(facts)
    user = str(facts["person"]["id"])
    switch = Action(
        via="database",
        call="notify/enable",
        params={"user": user, "channel": channel, "type": type},
        target=f"notification preference {channel}.{type}",
        was="switched off",
        becomes="switched on",
        undo="The person switches it off again in the portal.",
    )
    return Proposal(
        actions=(switch,), notes=(_who(facts, channel, type),), arguments=("--type", type, "--channel", channel)
    )


def _kind(facts: Facts) -> tuple[str, str]:
    """The channel and type to switch on. Raises Refused where it is a whole channel, or one of several."""
    mine = standing.profile(facts) or {}
    channels = [each for each in CHANNELS if mine.get("asked_channel") in (None, each)]
    if whole := [each for each in channels if mine.get(f"{each}_off")]:
        says = f"The person has switched off all of '{whole[0]}', and only one kind is switched on at a time."
        raise Refused(says, hint="The person switches it on in the portal.", code="fix.whole_channel")
    off = [(each, type) for each in channels for type in mine.get(f"{each}_types_off", ())]
    if len(off) == 1:
        return off[0]
    if not off:
        says = "Nothing that was asked about is switched off."
        raise Refused(says, hint=f"peakops notify check {people.called(facts)}", code="fix.not_off")
    told = " and ".join(".".join(each) for each in off)
    hint = "Name one with --type and --channel."
    raise Refused(f"Several kinds are switched off: {told}.", hint=hint, code="fix.several_off")


def _who(facts: Facts, channel: str, type: str) -> str:
    rows = facts["preference_changes"] if facts.known("preference_changes") else []
    last = switched_off(rows, channel, type)
    if last is None:
        return UNKNOWN_WHO
    by = "The person" if last["by_self"] else f"User {last['by_id']}" if last["by_id"] else "Somebody unknown"
    own = ": switch it on at their own wish alone" if last["by_self"] else ""
    return f"{by} changed it on {day(last['created_at'])}{own}."


def switched_on(facts: Facts, options: Mapping[str, Any]) -> bool:  # noqa: ARG001  (the verb has no options)
    """Whether nothing that was asked about is switched off."""
    mine = standing.profile(facts)
    return mine is not None and not any(mine[f"{each}_off"] or mine[f"{each}_types_off"] for each in CHANNELS)


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("preference_off",),
    settled=ON,
    holds=switched_on,
    needs=("person", "preferences"),
    grade=Grade.CONSEQUENTIAL,
    audit="notification.preference_enabled",
    subject=recipient.subject,
    propose=propose,
    own_guards=True,
)
