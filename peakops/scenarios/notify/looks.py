"""What the scenarios of one person's notifications look at: the person, the rows, and the provider's answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from peakops import timegrammar
from peakops.scenario import Answer, Look, Promise, Row
from peakops.scenarios import addresses, pending
from peakops.scenarios.user import looks as people

SINCE = "7d"
"""How far back notifications are looked for: what a person misses today was due this week."""
SKEW = timedelta(seconds=30)
"""How far the clocks of the portal and of the e-mail provider may differ."""
HEARD_LATE = timedelta(minutes=10)
"""A mail to the address that is no younger than that is the one whose answer the portal never heard."""
LOG_LAG = timedelta(minutes=15)
"""How long a provider may not show a mail that it took. SendGrid tells no figure; this is our own caution."""
UNSENT = ("failed", "queued")
"""The stored states of a notification that nobody has had."""
LOST = ("timeout", "Timeout", "ETIMEDOUT", "ECONNRESET")
"""What the portal stores where it heard no answer: the mail may have been sent all the same."""


def declare(
    look: Look,
    user: str,
    *,
    type: str | None = None,
    channel: str | None = None,
    since: str | None = None,
    notification: str | None = None,
) -> Answer:
    """Declare every look of `notify check`; the notifications, for looks that a fix adds."""
    who = people.person(look, user, *_by_notification(user))
    pending.look_for(look, who, "user")
    id = people.identifier(who)
    named = who.then(lambda row: (row or {}).get("notification") or notification)
    wanted = {"id": id, "type": type, "channel": channel, **_window(who, since)}
    rows = look.rows("notifications", "notify/notifications", notification=named, **wanted)
    look.rows("earlier", "notify/earlier", missed=rows.then(lambda found: not found), **wanted)
    profile = look.rows("preferences", "notify/preferences", notification=named, **wanted)
    look.rows("preference_changes", "notify/preference_changes", id=id)
    _at_provider(look, rows, profile)
    return rows


def _by_notification(given: str) -> list[list[Any]]:
    """The query that finds the person by a notification's id; none where what was typed is no id."""
    id = addresses.identifier(given)
    return [["notify/of_notification", {"notification": id}]] if id else []


def _window(who: Answer, since: str | None) -> dict[str, Promise]:
    """What SQL counts the window from: a moment, or so many seconds before now, or before the beginning of the day."""

    def read(_person: Row | None) -> tuple[datetime | None, str, float]:
        text = since or SINCE
        if text in timegrammar.BEGINS:
            return None, "day", timegrammar.BEGINS[text].total_seconds()
        if timegrammar.PIECE.match(text):
            return None, "microseconds", timegrammar.duration(text)
        return timegrammar.moment(text, datetime.min.replace(tzinfo=UTC)), "microseconds", 0.0

    return {name: who.then(_at(read, place)) for place, name in enumerate(("since", "unit", "seconds"))}


def _at(read: Callable[[Row | None], tuple[Any, ...]], place: int) -> Callable[[Row | None], Any]:
    return lambda row: read(row)[place]


def _at_provider(look: Look, rows: Answer, profile: Answer) -> None:
    """What the e-mail provider says of the newest mail, of the address, and of itself."""
    provider = look.at("email", "provider", "configured")
    look.at("email", "messages", "messages", **_mail(rows))
    look.at("email", "suppressions", "suppressions", email=profile.then(first("email")))
    for name in ("domains", "rates", "scopes", "quota"):
        look.at("email", name, name)
    look.at("status", "page", "page", vendor=provider.then(lambda row: row["provider"] if row else None))


def _mail(rows: Answer) -> dict[str, Promise]:
    """
    Which mail the provider is asked for: by its id, else by address and time; None where there is nothing to ask.

    A mail that the portal could not send is none; where it never heard the answer, one may have gone out.
    """

    def asked(found: list[Row]) -> Row | None:
        row = next((each for each in found if each["channel"] == "email"), None)
        return row if row and looked_up(row) else None

    def of(field: str) -> Callable[[list[Row]], Any]:
        return lambda found: (asked(found) or {}).get(field)

    def since(found: list[Row]) -> datetime | None:
        row = asked(found)
        return row["created_at"] - SKEW if row else None

    return {"email": rows.then(of("address")), "since": rows.then(since), "id": rows.then(of("provider_message_id"))}


def looked_up(row: Row) -> bool:
    """Whether a mail may be at the provider: by its id, or without one."""
    return bool(row["provider_message_id"] or searchable(row))


def searchable(row: Row) -> bool:
    """Whether a mail without an id may be there all the same: it was sent, or the answer to it was not heard."""
    return bool(row["status"] == "sent" or row["error_code"] in LOST)


def first(field: str) -> Callable[[list[Row]], Any]:
    """A field of the first row, for a promise; None where there is none."""
    return lambda rows: next((row[field] for row in rows), None)


def absent(given: str) -> str:
    """The sentence for a person, or a notification, that is not there."""
    if addresses.identifier(given):
        return f"The portal has neither a person nor a notification with the id '{given.strip()}'."
    return people.absent(given)
