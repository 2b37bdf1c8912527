"""
The subjects of `notify sweep`: every e-mail notification of a window, and what the portal itself could not show.

Each gets the answers that `notify check` of that one notification would get, but for what is switched off: a mail that
was sent all the same is judged by what became of it.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from peakops.scenario import Row
from peakops.scenarios.backlogs import Stream, Subject
from peakops.scenarios.notify.at_provider import AtProvider

EVERY = "notify/sweep"
OF_NOTIFICATION = (
    *("id", "practice_id", "type", "channel", "status", "provider", "provider_message_id", "read_at", "created_at"),
    *("address", "error_code", "enhanced_code", "has_address", "others"),
)
NOTHING_OFF = {"email_off": False, "in_app_off": False, "email_types_off": [], "in_app_types_off": []}


def subjects(stream: Stream, provider: AtProvider, since: datetime, until: datetime) -> Iterator[Subject]:
    """
    Every such notification once, newest first.

    Raises PeakopsError where the portal cannot be read on, and at the end the provider's refusal of our key.
    """
    provider.listen()
    with closing(stream("database", "stream", {"query": EVERY, "since": since, "until": until})) as rows:  # type: ignore[type-var]  # a generator
        for row in rows:
            yield _subject(row, provider, since)
    if refusal := provider.refusal:
        raise refusal


def _subject(row: Row, provider: AtProvider, since: datetime) -> Subject:
    made = notification(row)
    mail = made if row["channel"] == "email" else None
    asked = {"asked_type": row["type"], "asked_channel": row["channel"], "asked_notification": row["id"]}
    return Subject(
        id=str(row["id"]),
        name=str(row["id"]),
        practice=row["practice"],
        at=row["created_at"],
        looks={
            "person": person(row),
            "notifications": [made],
            "preferences": [{**profile(row, since), **asked, **NOTHING_OFF}],
            "preference_changes": [],
            **provider.looks(mail, row["address"] if mail else None),
        },
    )


def notification(row: Row) -> dict[str, Any]:
    """The look `notifications`, of the row that a query brings for both."""
    return {name: row[name] for name in OF_NOTIFICATION}


def person(row: Row) -> dict[str, Any]:
    """The look `person`: who is named by the id in commands."""
    return {"id": row["user_id"], "email": row["address"], "given": None, "practice": row["practice"]}


def profile(row: Row, since: datetime) -> dict[str, Any]:
    """The look `preferences`, but for what was asked about and what is switched off."""
    return {
        "id": row["user_id"],
        "email": row["address"],
        "account_email": row["account_email"],
        "is_active": row["is_active"],
        "practice_id": row["practice_id"],
        "practice": row["practice"],
        "asked_since": since,
    }
