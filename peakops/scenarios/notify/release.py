"""
Take an address off the e-mail provider's list of bounces, so that mail is tried again.

Refused for a mailbox that does not exist, for a complaint and for who unsubscribed: those are not ours to lift.

Example: peakops notify release owner@smilecare.example --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.model import spelt
from peakops.scenario import Facts, Row
from peakops.scenarios import mails
from peakops.scenarios.notify import recipient
from peakops.scenarios.notify.check import SCENARIO
from peakops.scenarios.user import looks as people
from peakops.scenarios.words import day

LIFTED = ("bounce", "invalid_email", "block")
"""Kinds of suppressions that are of the address, and no wish of the person's."""
DELIVERABLE = (
    *("delivered", "read", "unread_in_app", "deferred", "preference_off", "bounced", "dropped", "wrong_address"),
    *("send_failed", "not_sent", "no_notification"),
)
"""Verdicts of another matter, where the address is on no list."""
NO_REASON = (
    "The provider does not say why the mail bounced: make sure that the address is right. If it bounces again, the "
    "provider counts it against the whole account."
)
TAKEN_FOR_INVALID = "The provider took the address for invalid: compare it letter for letter with the person's own."
NOT_SENT_AGAIN = "What was dropped meanwhile is not sent by this: peakops notify resend"


def propose(facts: Facts) -> Proposal:
    """Each entry of the address that is no wish of the person's is taken off its list."""
    rows = recipient.undeliverable(facts)
    listed = [each for each in rows if each["kind"] in LIFTED]
    if not listed:
        says = "The provider has the address on none of its lists."
        raise Refused(says, hint=f"peakops notify check {people.called(facts)}", code="fix.no_suppression")
    recipient.existing(listed, "a mail would bounce again, and count against the whole account")
    actions = tuple(_release(each) for each in listed)
    return Proposal(actions=actions, notes=(*_notes(listed), NOT_SENT_AGAIN))


def _release(row: Row) -> Action:
    since = f" since {day(row['created'])}" if row["created"] else ""
    return Action(
        via=row["provider"],
        call="release",
        params={"address": {"private": "address"}, "kind": row["kind"]},
        target=f"{spelt(row['provider'])}'s entry of {row['email']} ({row['kind']})",
        was=f"listed{since}{mails.why(row)}",
        becomes="not listed: the next mail is tried",
        undo="The provider lists it again by itself, should a mail bounce.",
    )


def _notes(listed: list[Row]) -> tuple[str, ...]:
    kinds = {each["kind"] for each in listed}
    unsaid = any(each["kind"] == "bounce" and each["hard"] is None for each in listed)
    return (*((NO_REASON,) if unsaid else ()), *((TAKEN_FOR_INVALID,) if "invalid_email" in kinds else ()))


def private(facts: Facts) -> Mapping[str, str]:
    """The address as the provider lists it: it is in no plan, and no journal."""
    return {"address": next((str(each["email"]) for each in facts["suppressions"] if each["kind"] in LIFTED), "")}


def released(facts: Facts, options: Mapping[str, Any]) -> bool:  # noqa: ARG001  (the verb has no options)
    """Whether nothing is left to release."""
    return facts.known("suppressions") and not any(each["kind"] in LIFTED for each in facts["suppressions"])


def lifted(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The steps of which the provider shows that they were done: it lists the address no more."""
    left = {each["kind"] for each in facts["suppressions"]} if facts.known("suppressions") else set(LIFTED)
    return {
        number: {"id": plan.subject.id, "status": "released", "already": True}
        for number, actions in plan.steps()
        if actions and actions[0].params["kind"] not in left
    }


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("suppressed_bounce",),
    settled=DELIVERABLE,
    refuses={"suppressed_complaint": recipient.COMPLAINED, "suppressed_unsubscribe": recipient.LEFT},
    holds=released,
    needs=("person", "preferences", "provider", "suppressions"),
    grade=Grade.CONSEQUENTIAL,
    audit="notification.address_released",
    subject=recipient.subject,
    propose=propose,
    happened=lifted,
    private=private,
    own_guards=True,
)
