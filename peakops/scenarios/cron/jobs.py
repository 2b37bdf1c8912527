"""The jobs that run by themselves, as playbook/jobs.toml has them. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from peakops import playbook
from peakops.model import Row, Severity
from peakops.timegrammar import duration

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)
GRACE = timedelta(minutes=1)
"""How long after its time limit a run is ended from outside; what notes its end is heard for as long at most."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job: its command without `peakops`, when it runs, and what is expected of it."""

    name: str
    command: str
    every: timedelta
    at: str
    """Of a daily job the time of day, 05:10; of a weekly one the day too, Mon 06:15; else empty. In UTC."""
    jitter: timedelta
    limit: timedelta
    overdue: timedelta
    noted: bool
    """Whether it notes its runs itself."""
    severity: Severity
    why: str

    @property
    def slug(self) -> str:
        """Its name in a file's name: security-leases."""
        return self.name.replace(" ", "-")

    @property
    def missed_after(self) -> timedelta:
        """How long after its last beginning it is overdue."""
        return self.every + self.overdue

    @property
    def ended_within(self) -> timedelta:
        """How long after its beginning a run that has not noted its end has died."""
        return self.limit + 2 * GRACE


@cache
def every() -> tuple[Job, ...]:
    """All of them, in the file's order."""
    return tuple(_job(each) for each in playbook.words("jobs")["job"])


def named(names: tuple[str, ...]) -> tuple[Job, ...]:
    """Those of these names, in the file's order; all of them where none is named."""
    return tuple(each for each in every() if not names or each.name in names)


def _job(row: Row) -> Job:
    return Job(
        name=row["name"],
        command=row["command"],
        every=_length(row["every"]),
        at=row.get("at", ""),
        jitter=_length(row["jitter"]) if "jitter" in row else timedelta(),
        limit=_length(row["limit"]),
        overdue=_length(row["overdue"]),
        noted=row.get("noted", False),
        severity=Severity(row.get("severity", "warning")),
        why=row["why"],
    )


def _length(text: str) -> timedelta:
    return timedelta(seconds=duration(text))
