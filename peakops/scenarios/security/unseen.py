"""What the portal's log and the sessions cannot have seen, though they answered: why nobody is called usual. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from peakops.scenario import Facts, Row
from peakops.scenarios.security.events import FAILED
from peakops.scenarios.security.timeline import BASE
from peakops.scenarios.user import person
from peakops.scenarios.words import day

HUSH = timedelta(days=3)
"""A long weekend: a log in which nobody logs in or reads for longer is most likely not written, or was cut off."""
SKEW = timedelta(minutes=5)
"""How far the clocks of the portal and of whoever asks may differ."""
NEAR = timedelta(minutes=10)
"""So long after a log-in the portal has noted something of it, if it notes anything."""
SHOWN = 3
"""Log-ins that the sentence names."""


def reasons(facts: Facts) -> Iterator[str]:
    """A sentence each; none where the logs cover the time that was asked for. Raises Missing for a silent look."""
    window = facts["window"][0]
    yield from _written(facts["portal_log"][0], window["since"], window["until"])
    yield from cut(facts)
    yield from _logins(facts, window["since"], window["until"])


def cut(facts: Facts) -> Iterator[str]:
    """What was left off of the time that was asked for: a flood hides what came before it."""
    since = facts["window"][0]["since"]
    for name, what in zip(BASE, ("The portal's log", "Supabase"), strict=True):
        rows = [each for each in facts[name] if each.get("left_off")] if facts.known(name) else []
        for failed in (False, True):
            reach = min((each["at"] for each in rows if (each.get("kind") == FAILED) is failed), default=None)
            if reach and reach > since:
                which = ("log-ins that failed" if failed else "entries") if name == BASE[0] else "sessions"
                yield f"{what} holds more {which} of this person than are read: before {day(reach)} nothing is seen."


def _written(log: Row, since: datetime, until: datetime) -> Iterator[str]:
    newest, oldest = log["newest"], log["oldest"]
    if newest is None or newest < max(since, until - HUSH):
        last = f"since {day(newest)}" if newest else "at all"
        yield f"The portal's log notes nobody's log-in or reading {last}: what is usual cannot be told."
    elif newest > until + SKEW:
        yield f"The portal's log is written until {day(newest)}, later than this machine's clock: set it right first."
    if oldest and oldest > since + HUSH:
        yield (
            f"The portal's log begins on {day(oldest)}: what was before cannot be told. "
            f"Ask for what it has, with --since {oldest:%Y-%m-%d}."
        )


def _logins(facts: Facts, since: datetime, until: datetime) -> Iterator[str]:
    """Log-ins past the portal, at Supabase Auth's own door, of which no session is left."""
    account = person.account(facts)
    noted = facts["auth_events"] if facts.known("auth_events") else []
    times = {each["created_at"] for each in noted if each["action"] == "login"}
    if account and account["last_sign_in_at"]:
        times.add(account["last_sign_in_at"])
    seen = sorted(_seen(facts))
    alone = [at for at in sorted(times) if since <= at <= until and not any(abs(at - when) <= NEAR for when in seen)]
    if alone:
        named = ", ".join(day(each) for each in alone[-SHOWN:])
        which = (
            f"{len(alone)} log-ins, the last" if len(alone) > SHOWN else "a log-in" if len(alone) == 1 else "log-ins"
        )
        yield (
            f"Supabase Auth knows of {which} at {named}, of which neither the portal's log nor a session tells: "
            "from where it was, and what was done, is not seen."
        )


def _seen(facts: Facts) -> Iterator[datetime]:
    """When something is known of the person that has, or could have, an address."""
    for each in facts["history"]:
        yield from (each["at"], each.get("last_at", each["at"]))
    yield from (each.get("created_at", each["at"]) for each in facts["sessions"])
    if facts.known("platform"):
        yield from (each["at"] for each in facts["platform"] if each["kind"] == "event")
