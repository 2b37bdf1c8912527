"""
Send the newest e-mail notification to a person once more, as it was written.

--notification names another one. Refused within 24 hours of the same mail, for links that end, for what the person
switched off, and where the address is suppressed. Nothing goes out twice: a mail whose answer was lost is found again
at the provider.

Example: peakops notify resend owner@smilecare.example --dry-run
"""

from dataclasses import replace
from typing import Any

from peakops.fix import Action, Fix, Grade, Proposal
from peakops.model import spelt
from peakops.scenario import Answer, Facts, Look, Row
from peakops.scenarios.notify import letters, recipient
from peakops.scenarios.notify.check import SCENARIO
from peakops.scenarios.notify.further import beside
from peakops.scenarios.notify.looks import first
from peakops.scenarios.words import day

SUPPRESSED = "The provider would drop the mail."
UNDER_WAY = "It is still on its way, and a second mail would come on top of the first."


def looked(look: Look, notifications: Answer) -> None:
    """What is asked before a mail is sent once more: its text, and what went out already."""
    id = notifications.then(_newest)
    letter = look.rows("letters", "notify/letter", id=id, expiring=letters.EXPIRING)
    email = letter.then(first("email"))
    look.at("email", "tagged", "tagged", reference=letter.then(first("reference")), email=email)
    repeats = look.rows("repeats", "notify/repeats", id=id, hours=letters.WINDOW_HOURS)
    window = {name: repeats.then(first(name)) for name in ("email", "since")}
    look.at("email", "recent", "messages", **window)


def _newest(rows: list[Row]) -> Any:
    """The newest e-mail's id; None where there is none."""
    return next((each["id"] for each in rows if each["channel"] == "email"), None)


def propose(facts: Facts) -> Proposal:
    """One mail, and the portal's note of it, with its row in the audit log."""
    provider, row = letters.sender(facts), letters.allowed(facts)
    return Proposal(
        actions=(_send(row, provider), _note(row, provider)),
        notes=letters.notes(facts, row),
        arguments=("--notification", str(row["id"])),
    )


def _send(row: Row, provider: str) -> Action:
    return Action(
        via=provider,
        call="send",
        params={
            "message": {"read": "notify/message", "notification": str(row["id"]), "as_seen": row["as_seen"]},
            "reference": row["reference"],
        },
        target=f"mail to {row['email']}",
        was=f"{row['status']}, written {day(row['created_at'])}",
        becomes=f"sent once more by {spelt(provider)}",
        final="A mail that was sent cannot be taken back.",
    )


def _note(row: Row, provider: str) -> Action:
    return Action(
        via="database",
        call="notify/resent",
        params={
            "notification": str(row["id"]),
            "was_status": row["status"],
            "was_message": row["was_message"],
            "provider": provider,
            "message": {"of": 1, "field": "id"},
        },
        target=f"notification {row['id']}",
        was=row["status"],
        becomes="sent, with the id of the new mail; its error is cleared",
        undo=f"Set it to '{row['status']}' again.",
    )


FIX = Fix(
    module=__name__,
    scenario=replace(SCENARIO, gather=beside(looked)),
    remedies=(
        *("key_without_scope", "quota_reached", "provider_down", "domain_unverified", "bounced", "dropped"),
        *("wrong_address", "send_failed", "not_sent"),
    ),
    settled=("delivered", "read"),
    forbids=("suppressed_complaint", "suppressed_bounce", "suppressed_unsubscribe", "preference_off"),
    refuses={
        **dict.fromkeys(("suppressed_complaint", "suppressed_bounce", "suppressed_unsubscribe"), SUPPRESSED),
        "preference_off": "Nothing is sent against that.",
        "deferred": UNDER_WAY,
    },
    needs=("person", "notifications", "preferences", "provider", "messages", "suppressions", "letters", "repeats"),
    grade=Grade.REVERSIBLE,
    audit="notification.resent",
    subject=recipient.subject,
    propose=propose,
    happened=letters.happened,
    shows=letters.not_noted,
    doubt=letters.doubt,
    lasts=True,
    overtaken=letters.overtaken,
    lag=letters.lag,
)
