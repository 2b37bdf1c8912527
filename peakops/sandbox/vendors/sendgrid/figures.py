"""What SendGrid counts: mails by day, and the credits of the account."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from peakops.sandbox.refusals import mapping, only
from peakops.sandbox.vendors.objects import Object, number
from peakops.sandbox.vendors.sendgrid.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

METRICS = (
    *("blocks", "bounce_drops", "bounces", "clicks", "deferred", "delivered", "invalid_emails", "opens", "processed"),
    *("requests", "spam_report_drops", "spam_reports", "unique_clicks", "unique_opens", "unsubscribe_drops"),
    "unsubscribes",
)
"""What a day has figures of."""

COUNTED = {
    "delivered": "delivered",
    "deferred": "deferred",
    "dropped": "bounce_drops",
    "bounced": "bounces",
    "blocked": "blocks",
}
"""The figure in which a mail of each status counts, beside being asked for."""

SPANS = ("day", "week", "month")
MOST_DAYS = 1200
"""Longer than any look; the sandbox writes a row for each day of it."""

CREDITS = ("total", "remain", "used", "overage", "last_reset", "next_reset", "reset_frequency")
USUAL_CREDITS = 100_000
MOST_MAILS = 10**12


def credits_of(value: Any, today: date) -> Object:
    """The account's credits; what a world does not say follows from what it does. They come back with the month."""
    given = mapping(value, "sendgrid.credits")
    only(given, CREDITS, "sendgrid.credits")
    total = int(number(given, "total", "sendgrid.credits", USUAL_CREDITS, most=MOST_MAILS))
    left = int(number(given, "remain", "sendgrid.credits", total, most=MOST_MAILS))
    used = int(number(given, "used", "sendgrid.credits", max(total - left, 0), most=MOST_MAILS))
    remain = int(number(given, "remain", "sendgrid.credits", max(total - used, 0), most=MOST_MAILS))
    first = today.replace(day=1)
    usual = {
        "total": total,
        "remain": remain,
        "used": used,
        "overage": max(used - total, 0),
        "last_reset": f"{first:%Y-%m-%d}",
        "next_reset": f"{(first + timedelta(days=31)).replace(day=1):%Y-%m-%d}",
        "reset_frequency": "monthly",
    }
    return {**usual, **given, "total": total, "remain": remain, "used": used}


def credits_left(state: State, _: Request) -> Answer:
    """GET /v3/user/credits."""
    return Answer(body=state["credits"])


def stats(state: State, request: Request) -> Answer:
    """GET /v3/stats: a row for each day, week or month, with nothing but zeros where there was no mail."""
    asked = dict(request.query)
    start = day(asked.get("start_date", ""), "start_date")
    end = day(asked.get("end_date") or f"{request.now:%Y-%m-%d}", "end_date")
    span = asked.get("aggregated_by", SPANS[0])
    if span not in SPANS:
        raise Refusal(400, "aggregated_by must be day, week or month", "aggregated_by")
    if not start <= end <= start + timedelta(days=MOST_DAYS):
        raise Refusal(400, "end_date must not be before start_date", "end_date")
    said = {each["date"]: each for each in state["stats"]}
    rows: dict[str, Object] = {}
    for at in (start + timedelta(days=each) for each in range((end - start).days + 1)):
        row = rows.setdefault(f"{begin(at, span):%Y-%m-%d}", dict.fromkeys(METRICS, 0))
        figures = said.get(f"{at:%Y-%m-%d}") or counted(state["messages"], f"{at:%Y-%m-%d}")
        for name in METRICS:
            row[name] += figures.get(name, 0)
    return Answer(body=[{"date": name, "stats": [{"metrics": row}]} for name, row in rows.items()])


def day(text: str, field: str) -> date:
    """A day as it is asked for. Raises Refusal."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Refusal(400, f"{field} must be a date of the form YYYY-MM-DD", field) from wrong


def begin(at: date, span: str) -> date:
    """The first day of the week or the month that a day is in."""
    return {"day": at, "week": at - timedelta(days=at.weekday()), "month": at.replace(day=1)}[span]


def counted(messages: Iterable[Object], date: str) -> Object:
    """The figures of a day of which a world says none: those of the mails in the log."""
    row = dict.fromkeys(METRICS, 0)
    for each in messages:
        if each["created_at"].startswith(date):
            row["requests"] += 1
            row["processed"] += each["status"] != "dropped"
            if name := COUNTED.get(each["status"]):
                row[name] += 1
    return row
