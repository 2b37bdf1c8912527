"""What keeps a person out, and what is left of their access, out of the facts. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from peakops.scenario import Facts, Missing, Row
from peakops.scenarios.doctor.left_out import counted
from peakops.scenarios.user import person
from peakops.scenarios.words import day

FOR_GOOD = timedelta(days=365)
"""A ban that lasts longer than this from now was made to last: nobody bans for an hour and means it so."""
ASSUMED_S = 3600
"""How long an access token works where the project's limit is not known: GoTrue's default."""
MOST_S = 604_800
"""And the most that a project may set (`maximum` of jwt_exp in the Management API's specification)."""
LEEWAY = timedelta(minutes=1)
"""A containment is recorded with the time at which its run began to write: the ban came after it, within two writes of
20 s. And PostgREST takes a token 30 s longer than it lasts."""
NAMES = {"accounts": "the account", "profiles": "the profile", "left": "sessions", "left_refresh": "refresh tokens"}


class Tail(NamedTuple):
    """Until when access tokens that were issued before the sessions ended may still work."""

    since: datetime
    until: datetime
    at_most: datetime
    """Later than `until` only where how long a token lasts had to be assumed."""


def kept_out(facts: Facts) -> datetime | None:
    """Until when Supabase Auth refuses the account, where that is for good."""
    until, now = person.banned(facts), facts.at("accounts")
    return until if now and _for_good(until, now) else None


def has_table(facts: Facts) -> bool:
    """Whether the team has a table in which a security action is recorded, as far as that is known."""
    return bool(facts.known("record") and facts["record"][0]["containments"])


def open_elsewhere(facts: Facts) -> list[str]:
    """The ids of other accounts of the address that are neither deleted nor banned for good."""
    now, mine = facts.at("accounts"), facts["person"]["id"]
    others = [each for each in facts["accounts"] if each["id"] != mine and not each["deleted_at"]]
    return [str(each["id"]) for each in others if not (now and _for_good(each["banned_until"], now))]


def _for_good(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now + FOR_GOOD


def open_action(facts: Facts) -> Row | None:
    """The security action that is open for the person, where the team records them."""
    return next((each for each in facts["containment"] if each["released_at"] is None), None)


def contained_at(facts: Facts) -> datetime | None:
    """When the sessions were ended last: by the portal's audit log, or by the team's record of it."""
    logged = last_containment(facts["revoked"]) if facts.known("revoked") else None
    action = open_action(facts) if facts.known("containment") else None
    times = [each for each in (logged, action["made_at"] if action else None) if each]
    return max(times) if times else None


def last_containment(rows: list[Row]) -> datetime | None:
    """When the person was contained, where the audit log's newest word is not that they were released."""
    return rows[0]["created_at"] if rows and rows[0]["action"] == "user.contained" else None


def made_at(rows: list[Row]) -> datetime | None:
    """When the open security action was recorded."""
    return next((each["made_at"] for each in rows if each["released_at"] is None), None)


def whom(rows: list[Row]) -> str | None:
    """The person's id, while a token of before may work: whose requests since are asked for, and nobody's later."""
    since = last_containment(rows)
    recent = since and since + timedelta(seconds=MOST_S) > rows[0]["asked_at"]
    return str(rows[0]["user_id"]) if recent else None


def asked_at(rows: list[Row]) -> datetime | None:
    """The present, as the database was told it."""
    return rows[0]["asked_at"] if rows else None


def lifetime(facts: Facts) -> tuple[int, bool]:
    """
    How many seconds an access token works, and whether the project said so.

    It is the longer of what it says now and of what it said at the containment: a limit that was lowered since shortens
    no token that was issued before.
    """
    project = facts.known("limits") and facts["limits"]["known_by"] == "project"
    # GoTrue takes 0 for its default.
    now = (facts["limits"]["jwt_exp"] or ASSUMED_S) if project else 0
    action = open_action(facts) if facts.known("containment") else None
    then = (action["jwt_exp"] or 0) if action else 0
    return (max(now, then), True) if now or then else (ASSUMED_S, False)


def tail(facts: Facts) -> Tail | None:
    """The tail of what was issued before; None where it is not known when the sessions ended."""
    since = contained_at(facts)
    if since is None:
        return None
    seconds, known = lifetime(facts)
    start = since + LEEWAY
    return Tail(since, start + timedelta(seconds=seconds), start + timedelta(seconds=seconds if known else MOST_S))


def begun(facts: Facts) -> bool:
    """Whether anything of a containment is in place: it is recorded, or the account is banned for good."""
    return contained_at(facts) is not None or kept_out(facts) is not None


def gaps(facts: Facts) -> Iterator[tuple[str, str]]:
    """What of a containment is missing, as far as it is known: a code, and a sentence without its stop."""
    if facts.known("accounts") and person.living(facts) and kept_out(facts) is None:
        until = person.banned(facts)
        yield "not_banned", f"the ban of the account ends at {day(until)}" if until else "the account is not banned"
    yield from _left(facts)
    mine = person.profile(facts) if facts.known("profiles") else None
    if mine and mine["is_active"]:
        yield "profile_active", "the profile is switched on in the portal"
    ends = tail(facts)
    if ends is None and facts.known("revoked", "containment"):
        yield "not_recorded", "no security action is recorded, so that 'user enable' would lift the ban"
    late = _last_seen(facts) if facts.known("since") else None
    if ends and late and late > ends.at_most:
        yield "still_active", f"the portal's audit log shows the person at {day(late)}, when no token should work"


def _left(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.known("left"):
        row = facts["left"][0]
        if row["sessions"]:
            newest = f", the newest of {day(row['newest_session_at'])}" if row["newest_session_at"] else ""
            yield "sessions_left", f"{counted(row['sessions'], 'session')} {_are(row['sessions'])} left{newest}"
        if row["links"]:
            yield "links_left", f"{counted(row['links'], 'one-time link')} {_are(row['links'])} out"
    if facts.known("left_refresh"):
        row = facts["left_refresh"][0]
        if row["refreshes"]:
            says = f"{counted(row['refreshes'], 'refresh token')} {_are(row['refreshes'])} left"
            yield "refresh_tokens_left", says
        if row["flows"]:
            says = f"{counted(row['flows'], 'pending log-in')} (PKCE) can be finished in spite of the ban"
            yield "flows_left", says


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def require(facts: Facts) -> None:
    """Raises Missing where something that keeps a person out, or lets one in, could not be read."""
    for name, what in NAMES.items():
        if not facts.known(name):
            raise Missing(f"Whether {what} would let the person in could not be read.")


def activity(facts: Facts) -> str:
    """What the portal's audit log, and Supabase's where it could be read, show of the person since, in sentences."""
    return " ".join((_in_the_portal(facts), *_at_supabase(facts)))


def _in_the_portal(facts: Facts) -> str:
    if not facts.known("since"):
        return "What the person has done in the portal since could not be read."
    rows = facts["since"]
    if not rows:
        return "The portal's audit log shows nothing of the person since."
    times, last = sum(each["times"] for each in rows), _last_seen(facts)
    what = ", ".join(f"{each['times']} x {each['action']}" for each in rows[:3])
    return f"Still active: {counted(times, 'entry')} in the portal's audit log since, the last at {day(last)} ({what})."


def _at_supabase(facts: Facts) -> Iterator[str]:
    """What Supabase's platform logs tell of requests since; silent where nobody gave a token for them."""
    if not facts.known("platform"):
        return
    rows = [each for each in facts["platform"] if each["kind"] == "requests"]
    if not rows:
        yield "Supabase's logs show no request since."
        return
    times, last = sum(each["count"] or 1 for each in rows), max(each["at"] for each in rows)
    yield f"Supabase's logs show {counted(times, 'request')} since, the last at {day(last)}."


def _last_seen(facts: Facts) -> datetime | None:
    return max((each["last_at"] for each in facts["since"]), default=None)
