"""How facts are put into words, whatever the section. Pure."""

from datetime import datetime, timedelta


def day(moment: datetime | None) -> str:
    """A moment for people, in UTC: 20 Nov 2026 13:05 UTC."""
    return f"{moment:%d %b %Y %H:%M} UTC".lstrip("0") if moment else "an unknown time"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long before `now` a moment was: 40 seconds, 5 minutes, 3 hours or 12 days ago."""
    if moment is None:
        return "at an unknown time"
    seconds = max(0, round((now - moment).total_seconds()))
    for unit, least in (("day", 172800), ("hour", 7200), ("minute", 120)):
        if seconds >= least:
            return f"{seconds // (least // 2)} {unit}s ago"
    return f"{seconds} second{'s' * (seconds != 1)} ago"


def lasting(seconds: float) -> str:
    """A stretch of time: 60 s, 5 min, 2 h, 7 days."""
    whole = timedelta(seconds=round(seconds))
    if whole < timedelta(minutes=2):
        return f"{whole.seconds} s"
    if whole >= timedelta(days=2):
        return f"{round(whole / timedelta(days=1))} days"
    return f"{whole.seconds // 60} min" if whole < timedelta(hours=2) else f"{round(whole / timedelta(hours=1))} h"
