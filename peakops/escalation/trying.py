"""Which way of telling a tier is tried next: a function of the ways, and of what was claimed before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peakops.escalation.standing import DONE, TRIES, attempts_of, place_of

LOST_AFTER = timedelta(minutes=2)
"""An attempt takes at most 20 s: without an outcome by then, whoever made it was killed, and it may have arrived."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An attempt that somebody has set out to make."""

    channel: str
    """Whom by what: `oncall/slack`; never an address."""
    attempt: int
    claimed_at: datetime
    outcome: str | None = None
    """None where it is not known, or not yet."""


@dataclass(frozen=True, kw_only=True)
class Try:
    """This is to be tried now."""

    channel: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Another run has told the tier, or is telling it."""

    sent: bool


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Every way has failed; `again_at` is when one is tried again, None where each was as often as it may."""

    again_at: datetime | None = None


Step = Try | Taken | Spent


def next_step(channels: Sequence[str], claims: Iterable[Claim], round: int, now: datetime) -> Step:
    """
    What to do for a tier in a round.

    The ways come in their order, each once. One whose attempt was lost is tried once more, at once. When all have
    failed, each is tried again after two minutes, then four, eight and so on: what was down may be up again.
    """
    made = [each for each in claims if each.attempt in attempts_of(round)]
    if any(each.outcome in DONE for each in made):
        return Taken(sent=True)
    if any(each.outcome is None and now - each.claimed_at < LOST_AFTER for each in made):
        return Taken(sent=False)
    last = {each.channel: each for each in sorted(made, key=lambda each: each.attempt)}
    for channel in channels:
        before = last.get(channel)
        if before is None:
            return Try(channel=channel, attempt=attempts_of(round)[0])
        if before.outcome is None and place_of(before.attempt) == 1:
            return Try(channel=channel, attempt=before.attempt + 1)
    left = [last[channel] for channel in channels if place_of(last[channel].attempt) < TRIES]
    ripe = next((each for each in left if _again_at(each) <= now), None)
    if ripe:
        return Try(channel=ripe.channel, attempt=ripe.attempt + 1)
    return Spent(again_at=min(map(_again_at, left), default=None))


def _again_at(claim: Claim) -> datetime:
    doubled: int = 2 ** (place_of(claim.attempt) - 1)
    return claim.claimed_at + LOST_AFTER * doubled
