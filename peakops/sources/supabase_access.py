"""Who is kept out of Supabase Auth: bans, and passwords that nobody knows. Each looks first, and is read back."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from peakops.errors import Changed, Unverified, before_writing
from peakops.sources.http import Http
from peakops.sources.moments import moment
from peakops.sources.supabase_calls import account_of, account_path
from peakops.sources.supabase_outcome import AGAIN, LOOK, afterwards, made, same

FOR_GOOD = "876000h"
"""A hundred years: GoTrue counts in Go's units, of which the hour is the largest."""
AT_LEAST = timedelta(days=365)
"""A ban that lasts longer than this from now is one for good: nobody else's ends within it."""
NEAR = timedelta(minutes=5)
"""How far the end of a ban may be from the one that was asked for: GoTrue adds a span to its own clock."""
RANDOM_BYTES = 32
"""Of a password that nobody is to know; GoTrue takes up to 72 characters, which are 54 bytes."""


def ban(auth: Http, *, user: str, was_banned_until: str, until: str, now: datetime) -> dict[str, Any]:
    """
    Ban an account until a time (ISO 8601), or for good where that is empty.

    Raises Changed where it is banned until another time than was seen, Unverified where GoTrue shows no such ban.
    """
    wanted = moment(until) if until else None
    with before_writing():
        seen = account_of(auth, user)[1]["banned_until"]
        if _holds(seen, wanted, now):
            return made(user, "banned", already=True)
        if not same(seen, moment(was_banned_until) if was_banned_until else None):
            says = "The account is banned until another time than it was; nothing was done."
            raise Changed(says, hint=LOOK, source="supabase")
    span = f"{max(1, round((wanted - now).total_seconds()))}s" if wanted else FOR_GOOD
    auth.write("PUT", account_path(user), {"ban_duration": span})
    with afterwards("to ban the account"):
        shown = account_of(auth, user)[1]["banned_until"]
    if not _holds(shown, wanted, now):
        says = "Supabase Auth answered that the account is banned, and does not have it so."
        hint = f"Look at the account in Supabase's dashboard. {AGAIN}"
        raise Unverified(says, code="supabase.not_banned", hint=hint, source="supabase")
    return made(user, "banned", already=False)


def _holds(seen: datetime | None, wanted: datetime | None, now: datetime) -> bool:
    """Whether a ban is the one that is wanted: until that time, or for good."""
    if seen is None:
        return False
    return abs(seen - wanted) <= NEAR if wanted else seen > now + AT_LEAST


def shut(auth: Http, *, user: str) -> dict[str, Any]:
    """
    Give an account a password that nobody knows, which ends its sessions and one-time links.

    It is neither shown nor kept: the person needs a reset afterwards. Done again, it is another one.
    """
    # All four kinds of character that a project may demand.
    password = f"aA1!{secrets.token_urlsafe(RANDOM_BYTES)}"
    auth.write("PUT", account_path(user), {"password": password})
    return made(user, "password replaced", already=False)
