"""
Put a person's address on SendGrid's allowlist: mail goes there whatever SendGrid noted of earlier ones.

For an address that works, and is suppressed again and again. Refused for a complaint, for who unsubscribed, for a
mailbox that does not exist, and for Resend, which has no such list. It has no effect on a spam folder: that is the
receiving clinic's own list.

Example: peakops notify allow owner@smilecare.example --dry-run
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Answer, Facts, Look
from peakops.scenarios.notify import recipient, standing
from peakops.scenarios.notify.check import SCENARIO
from peakops.scenarios.notify.further import beside
from peakops.scenarios.user import looks as people

OF_THE_CLINIC = (
    "Spam folders, and servers that refuse us, are the receiving clinic's: its IT puts our domain on its own list."
)
FOR_GOOD = "On this list no bounce stops a mail any more: take the address off when the person leaves."


def looked(look: Look, notifications: Answer) -> None:  # noqa: ARG001  (as every fix's own looks)
    """The list as it is."""
    look.at("email", "allowlist", "allowlist")


def propose(facts: Facts) -> Proposal:
    """One address is added to the list; what others have put there stays."""
    if recipient.provider(facts) != "sendgrid":
        says = "Resend has no allowlist."
        hint = f"Lift the suppression: peakops notify release {people.called(facts)}"
        raise Refused(says, hint=hint, code="fix.no_allowlist")
    if off := facts.notes("allowlist"):
        hint = "Have it switched on in SendGrid's mail settings, if all of its entries are meant."
        raise Refused(off[0], hint=hint, code="fix.allowlist_off")
    if unread := facts.notes("suppressions"):
        says = f"{unread[0]} The list would let mails by to who left one."
        raise Refused(says, hint="Give the key that scope, and run it again.", code="fix.unproven")
    recipient.existing(recipient.undeliverable(facts), "a list changes nothing about that")
    if not _address(facts):
        raise Refused("The profile has no address.", hint="Correct it in the portal.", code="fix.no_address")
    actions = (_allow(facts),)
    return Proposal(actions=actions, notes=(FOR_GOOD, OF_THE_CLINIC))


def _allow(facts: Facts) -> Action:
    return Action(
        via="sendgrid",
        call="allow",
        params={"address": {"private": "address"}},
        target=f"SendGrid's allowlist, for {_address(facts)}",
        was=f"{len(facts['allowlist'])} entries, this address not among them",
        becomes="with this address; every other entry stays",
        undo="Take it off in SendGrid's settings (Mail Settings, Address Whitelist).",
    )


def _address(facts: Facts) -> str:
    mine = standing.profile(facts)
    return str(mine["email"] or "").strip().lower() if mine else ""


def private(facts: Facts) -> Mapping[str, str]:
    """The address that is added: it is in no plan, and no journal."""
    return {"address": _address(facts)}


def on_the_list(facts: Facts) -> bool:
    """Whether the list has the address and is in force."""
    rows = facts["allowlist"] if facts.known("allowlist") else []
    return any(each["entry"].strip().lower() == _address(facts) and each["enabled"] for each in rows)


def allowed(facts: Facts, options: Mapping[str, Any]) -> bool:  # noqa: ARG001  (the verb has no options)
    """Whether nothing is left to do."""
    return on_the_list(facts)


def added(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The step that put it there, where the list has it."""
    return {1: {"id": plan.subject.id, "status": "allowed", "already": True}} if on_the_list(facts) else {}


def not_listed(facts: Facts, plan: Plan) -> str:  # noqa: ARG001  (as every fix that says what it must show)
    """Why the look afterwards does not show the address on the list; empty where it does."""
    return "" if on_the_list(facts) else "does not show the address on the list."


FIX = Fix(
    module=__name__,
    scenario=replace(SCENARIO, gather=beside(looked)),
    remedies=("suppressed_bounce", "dropped"),
    settled=("suppressed_bounce", "dropped"),
    refuses={"suppressed_complaint": recipient.COMPLAINED, "suppressed_unsubscribe": recipient.LEFT},
    holds=allowed,
    needs=("person", "preferences", "provider", "suppressions", "allowlist"),
    grade=Grade.CONSEQUENTIAL,
    audit="notification.address_allowed",
    subject=recipient.subject,
    propose=propose,
    happened=added,
    shows=not_listed,
    private=private,
    own_guards=True,
)
