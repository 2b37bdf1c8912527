"""A made-up book of log-ins (logins/) in a database, and what a hunt in it has found; for bench and tests."""

from collections import Counter
from datetime import datetime
from typing import Any

TABLES = ("practices", "users", "auth.users", "auth.sessions", "audit_logs")


def told(book: Any, lines: list[dict[str, Any]]) -> tuple[float, float, dict[str, int]]:
    """The share of take-overs that were found, alerts a day, and what was missed by style."""
    items = [each for each in lines if each["type"] == "item"]
    alerts = {(each["subject"], day["day"]) for each in items for day in each["days"]}
    days = {(each.user, day.isoformat()): each for each in book.truth for day in each.days}
    found = {days[alert].user for alert in alerts if alert in days}
    missed = Counter(each.style for each in book.truth if each.user not in found)
    return len(found) / len(book.truth), len(alerts) / (book.now - book.since).days, dict(missed)


def fill(url: str, book: Any) -> None:
    """Copy the rows into an empty portal's database, as its owner: a world of them would take minutes to load."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table in TABLES:
            rows = book.tables[table]
            names = tuple(dict.fromkeys(name for row in rows for name in row))
            place = table if "." in table else f"public.{table}"
            with cursor.copy(f"copy {place} ({', '.join(names)}) from stdin") as copy:
                for row in rows:
                    copy.write_row([_cell(name, row.get(name)) for name in names])
        cursor.execute("analyze")


def _cell(name: str, value: Any) -> Any:
    from psycopg.types.json import Jsonb

    if isinstance(value, dict | list):
        return Jsonb(value)
    # The one column without a zone: it means UTC.
    return value.replace(tzinfo=None) if name == "refreshed_at" and isinstance(value, datetime) else value
