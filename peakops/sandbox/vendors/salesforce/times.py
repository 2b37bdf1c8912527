"""Times as Salesforce writes them: 2026-11-20T15:00:00.000+0000, always in UTC, so that they compare as text."""

from datetime import UTC, datetime


def written(at: datetime) -> str:
    """The time as Salesforce's answers have it."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
