"""
Supabase's platform logs, read only, with an access token: the one place where failed log-ins are told.

They also hold where a request came from: the API gateway notes country and network (ASN) of each. Behind a Next.js
server both are the server's, unless it hands the visitor's address on (Sb-Forwarded-For).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from peakops.errors import Denied, NotConfigured, PeakopsError, RateLimited, TimedOut, Unauthenticated, Unreachable
from peakops.model import Brought
from peakops.networks import network_of, plain
from peakops.settings import Settings
from peakops.sources.http_rows import brought
from peakops.sources.supabase_calls import ADDRESS, TOKEN, ref_of
from peakops.sources.supabase_logs_engine import Engine, opened
from peakops.sources.supabase_logs_sql import MOST
from peakops.sources.threads import at_once

DAY = timedelta(hours=24)
"""The longest stretch that one request may ask for."""
MOST_DAYS = 28
"""Two requests a day: 56 of the 60 that a token has in a minute; only an Enterprise plan keeps logs for longer."""
AT_ONCE = 4
"""Days that are asked for at the same time, the newest first."""
RETURN_S = 0.7
"""So long before the deadline the look ends with the days that it has: what comes later is heard by nobody."""
MOST_ADDRESSES = 50
"""Addresses whose refused log-ins are asked for: the query travels in the request's own address."""
MOST_ROWS = 10_000
"""Rows that are kept of all days: what a person does in a month, and what can be judged within the time limit."""
PAUSED = {"INACTIVE", "PAUSING", "GOING_DOWN", "REMOVED", "RESTORING", "PAUSE_FAILED", "RESTORE_FAILED"}
"""States of a project in which nothing of it can be asked; `inactive` is Supabase's word for paused."""


class SupabaseLogs:
    """The looks at the logs; each raises NotConfigured (supabase.no_token) where no access token is configured."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._until = settings, deadline - RETURN_S

    def person(self, *, id: str | None, addresses: Sequence[str], since: datetime, until: datetime) -> Brought:
        """
        What the logs hold of an account, newest first: log-ins, changes, refused log-ins, and where requests came from.

        Refused log-ins do not name the account: those from `addresses` are brought. Each row has at, kind (event,
        refused, requests), action, ip, agent, country, asn, session, count, code. What time, the token's limit or a
        refusal left out is said in a note. Raises Denied, Unauthenticated, RateLimited, Unreachable (supabase.paused
        where the project is) or TimedOut where not even the newest day was read.
        """
        engine = self._engine()
        if id is None:
            return brought([], [], engine.asked)
        account, known = str(UUID(str(id))), _checked(addresses)
        asked = known[:MOST_ADDRESSES]
        texts = (lambda way: way.auth(account, asked), lambda way: way.requests(account))
        ways = {day: [partial(engine.ask, text, *day) for text in texts] for day in _days(since, until)}
        heard, notes = self._heard(engine, ways)
        rows = [each for _, found in heard for each in found]
        if not rows:
            self._awake(engine)
        if any(len(found) >= MOST for _, found in heard):
            notes.append(f"A query brings {MOST} rows at most: of a busy day the oldest are missing.")
        if len(known) > len(asked):
            notes.append(f"Refused log-ins were asked for the newest {len(asked)} of {len(known)} addresses alone.")
        if since < until - MOST_DAYS * DAY:
            notes.append(f"Asked for the last {MOST_DAYS} days: no plan but Enterprise keeps logs for longer.")
        rows.sort(key=lambda each: each["at"], reverse=True)
        if len(rows) > MOST_ROWS:
            rows = rows[:MOST_ROWS]
            notes.append(f"Only the newest {MOST_ROWS} rows were kept, back to {rows[-1]['at']:%Y-%m-%d %H:%M} UTC.")
        return brought([answer for answer, _ in heard], rows, engine.asked, notes=tuple(notes))

    def _heard(self, engine: Engine, ways: Mapping[Any, list[partial[Any]]]) -> tuple[list[Any], list[str]]:
        """What the days brought, the newest first, as long as there is time; and what is not among it."""
        days, heard = list(ways), list[Any]()
        # The newest day is asked for alone: its answer tells which engine the project has.
        groups = [days[:1], *(days[at : at + AT_ONCE] for at in range(1, len(days), AT_ONCE))]
        for group in groups:
            try:
                heard += at_once([way for day in group for way in ways[day]])
            except PeakopsError as wrong:
                if not heard:
                    raise self._explained(engine, wrong) from wrong
                return heard, [_cut(group[0][1], wrong)]
            if group is not groups[-1] and time.monotonic() >= self._until:
                return heard, [f"Read back to {group[-1][0]:%Y-%m-%d %H:%M} UTC: the time was up."]
        return heard, []

    def _explained(self, engine: Engine, wrong: PeakopsError) -> PeakopsError:
        """The error of the newest day, or why it came: a project that is paused."""
        if isinstance(wrong, Denied | Unauthenticated | RateLimited):
            return wrong
        try:
            self._awake(engine)
        except Unreachable as paused:
            return paused
        return wrong

    def _awake(self, engine: Engine) -> None:
        """Raises Unreachable (supabase.paused) where the project is known to be; a silence about it says nothing."""
        try:
            state = engine.state()
        except PeakopsError:
            return
        if state in PAUSED:
            raise Unreachable(
                f"The Supabase project is paused or not up ({state}): its logs cannot be asked.",
                code="supabase.paused",
                hint="Look at the project in Supabase's dashboard; who owns it can restore it.",
                source="supabase",
            )

    def _engine(self) -> Engine:
        settings = self._settings
        if not (settings.supabase_token and settings.supabase_url):
            raise NotConfigured(
                "Supabase's platform logs are not configured.",
                code="supabase.no_token",
                hint=f"Set {ADDRESS} and {TOKEN}, or {TOKEN}_FILE; a token with the scope analytics:read is enough.",
                source="supabase",
            )
        http = opened(settings.supabase_token, url=settings.supabase_management_url, deadline=self._until)
        return Engine(http, ref_of(settings.supabase_url))


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches to ask for, of a day at most each, the newest first."""
    end, start = until, max(since, until - MOST_DAYS * DAY)
    while end > start:
        yield max(start, end - DAY), end
        end -= DAY


def _checked(addresses: Sequence[str]) -> list[str]:
    """The addresses as they are written in a query; nothing else gets into one."""
    return list(dict.fromkeys(map(_spelt, addresses)))


def _spelt(address: str) -> str:
    """An address as the logs write it; raises ValueError for what is none."""
    network = network_of(address)
    if network is None or network.prefixlen < network.max_prefixlen:
        raise ValueError("no single address")
    return plain(network)


def _cut(end: datetime, wrong: PeakopsError) -> str:
    why = "the time was up" if isinstance(wrong, TimedOut) else wrong.says.rstrip(".")
    return f"Read back to {end:%Y-%m-%d %H:%M} UTC: {why}."
