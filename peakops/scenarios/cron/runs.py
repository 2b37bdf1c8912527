"""What the runs of a job come to: whether it runs, is missed, has died, or ended in an error. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peakops.model import Row
from peakops.scenarios.cron.jobs import Job
from peakops.scenarios.words import ago, day, lasting

ERRORS = 11
"""The least exit code of a run that did not do its work; below are ok, findings, and a plan."""
AHEAD = timedelta(minutes=5)
"""How far another machine's clock may be before ours, as cron/last_runs has it: a later beginning says nothing."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A job as it stands: in one word, and by which run."""

    job: Job
    word: str
    """overdue, died, failed, never_ran, running or ran."""
    says: str
    last: Row | None = None
    """The run that the word is about."""


def standing(job: Job, runs: Sequence[Row], now: datetime) -> Standing:
    """What is to be said of a job, the worst first: it is missed, then how its newest settled run ended."""
    own = [each for each in runs if each["job"] == job.name and each["started_at"]]
    own.sort(key=lambda each: each["started_at"])
    if not own:
        return Standing(job=job, word="never_ran", says="has never run")
    past = [each for each in own if each["started_at"] - now <= AHEAD]
    if not past:
        says = f"began on {day(own[0]['started_at'])} by the clock of {own[0]['host']}, which is ahead of ours"
        return Standing(job=job, word="overdue", says=says, last=own[0])
    newest, settled = past[-1], [each for each in past if _settled(job, each, now)]
    if now - newest["started_at"] > job.missed_after:
        says = f"last began {ago(newest['started_at'], now)} on {newest['host']}; it runs {rhythm(job)}"
        return Standing(job=job, word="overdue", says=says, last=newest)
    if settled and settled[-1]["ended_at"] is None:
        return Standing(job=job, word="died", says=_died(job, settled[-1], now), last=settled[-1])
    if settled and _is_error(settled[-1]["exit_code"]):
        return Standing(job=job, word="failed", says=_ended(settled[-1], now), last=settled[-1])
    if newest["ended_at"] is None:
        says = f"runs on {newest['host']} since {day(newest['started_at'])}"
        return Standing(job=job, word="running", says=says, last=newest)
    return Standing(job=job, word="ran", says=_ended(newest, now), last=newest)


def rhythm(job: Job) -> str:
    """How often it runs."""
    if job.at:
        return f"every week, {job.at} UTC" if " " in job.at else f"every day, {job.at} UTC"
    return f"every {lasting(job.every.total_seconds())}"


def _code(run: Row) -> str:
    return "no exit code" if run["exit_code"] is None else f"{run['exit_code']}"


def _is_error(code: int | None) -> bool:
    """Whether a run that ended did not do its work; without a code nothing says that it did."""
    return code is None or code >= ERRORS


def _settled(job: Job, run: Row, now: datetime) -> bool:
    """Whether a run has ended, or can only have died."""
    return run["ended_at"] is not None or now - run["started_at"] > job.ended_within


def _died(job: Job, run: Row, now: datetime) -> str:
    limit = lasting(job.limit.total_seconds())
    return f"began {ago(run['started_at'], now)} on {run['host']} and never ended; its time limit is {limit}"


def _ended(run: Row, now: datetime) -> str:
    took = max(0.0, (run["ended_at"] - run["started_at"]).total_seconds())
    return f"ended {ago(run['ended_at'], now)} on {run['host']} with {_code(run)}, after {lasting(took)}"
