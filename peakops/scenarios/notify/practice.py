"""
The subjects of `notify check --practice`: everybody active of a practice who was notified, by their newest mails.

Whoever was sent nothing in that time is only counted: not everybody is meant by every notification.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from peakops.scenario import Row
from peakops.scenarios.backlogs import Read, Subject
from peakops.scenarios.notify.at_provider import AtProvider
from peakops.scenarios.notify.sweep import notification, person, profile

COMMAND = "notify check"
"""What people type for it, with --practice."""
FIND, EVERYBODY = "user/practices", "notify/practice"
OFF = ("email_off", "in_app_off", "email_types_off", "in_app_types_off")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which notifications of which practice."""

    practice: str
    since: datetime
    until: datetime
    type: str | None
    channel: str | None


@dataclass
class People:
    """The people of a practice, and how many of them nothing was sent to."""

    read: Read
    provider: AtProvider
    asked: Asked
    active: int | None = None
    passed_over: int | None = None
    """None each, where it could not be read."""

    def subjects(self) -> Iterator[Subject]:
        """Whoever was notified, once. Raises PeakopsError as the sweep does."""
        asked = self.asked
        window = {"since": asked.since, "until": asked.until}
        wanted = {"practice": asked.practice, "type": asked.type, "channel": asked.channel}
        rows = self.read("database", "rows", {"query": EVERYBODY, **wanted, **window}).rows
        self.active = self.passed_over = 0
        self.provider.listen()
        for _, each in groupby(rows, key=lambda row: row["user_id"]):
            newest = list(each)
            self.active += 1
            if newest[0]["id"] is None:
                self.passed_over += 1
            else:
                yield self._subject(newest)
        if refusal := self.provider.refusal:
            raise refusal

    def _subject(self, newest: list[Row]) -> Subject:
        first, asked = newest[0], self.asked
        chosen = {"asked_type": asked.type, "asked_channel": asked.channel, "asked_notification": None}
        mail = next((notification(row) for row in newest if row["channel"] == "email"), None)
        return Subject(
            id=str(first["user_id"]),
            name=str(first["user_id"]),
            practice=first["practice"],
            at=first["created_at"],
            looks={
                "person": person(first),
                "notifications": [notification(row) for row in newest],
                "preferences": [{**profile(first, asked.since), **chosen, **_off(first)}],
                "preference_changes": _changes(first),
                **self.provider.looks(mail, None if asked.channel == "in_app" else first["address"]),
            },
        )


def _changes(row: Row) -> list[Row]:
    """The look `preference_changes`, newest first, of the columns in which the query has them."""
    names = ("by_id", "created_at", "channel", "type", "enabled")
    columns = (row[each] or () for each in ("by_ids", "moments", "channels", "types", "enabled"))
    made = (dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True))
    return [{**each, "by_self": each["by_id"] == row["user_id"]} for each in made]


def _off(row: Row) -> dict[str, Any]:
    """What the person has switched off."""
    return {name: row[name] for name in OFF}
