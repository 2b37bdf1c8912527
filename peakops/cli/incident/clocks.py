"""The legal clocks of a suspected breach: begun in the time line, told as reminders, never decided."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from peakops import playbook
from peakops.cli.incident.shared import clock
from peakops.ledger import Event, Incident, Ledger
from peakops.model import Row

KIND = "clock"


def begin(ledger: Ledger, incident: Incident, aware: datetime) -> list[Event]:
    """Begin every clock that the playbook knows, at the time of becoming aware; again only where that was earlier."""
    there = {each["kind"]: each["since"] for each in rows(ledger.events(incident), aware)}
    begun = []
    for kind, words in playbook.words("incident")["clocks"].items():
        if kind not in there or aware < there[kind]:
            until = aware + timedelta(hours=words["hours"])
            detail = {"kind": kind, "until": until, "source": words["source"]}
            says = f"{words['title']}: {words['to']}. {words['says']}"
            begun.append(ledger.append(incident, KIND, says, detail=detail, at=aware))
    return begun


def rows(events: Sequence[Event], now: datetime) -> list[dict[str, Any]]:
    """The clocks of an incident, the one that ends first before the others; of each kind the one that ends first."""
    known = playbook.words("incident")["clocks"]
    found = []
    for each in (event for event in events if event.kind == KIND):
        until = datetime.fromisoformat(str(each.detail["until"]))
        words = known.get(each.detail.get("kind"), {})
        found.append(
            {
                "kind": each.detail.get("kind"),
                "title": words.get("title", each.says),
                "to": words.get("to", ""),
                "says": words.get("says", each.says),
                "source": each.detail.get("source", ""),
                "since": each.at,
                "until": until,
                "over": now > until,
            }
        )
    first = {row["kind"]: row for row in sorted(found, key=lambda row: row["until"], reverse=True)}
    return sorted(first.values(), key=lambda row: row["until"])


def reminders(events: Sequence[Event], now: datetime) -> tuple[str, ...]:
    """The clocks as steps for people, with whose decision they are."""
    told = [said(each, now) for each in rows(events, now)]
    return (*told, playbook.words("incident")["advice"]) if told else ()


def said(row: Row, now: datetime) -> str:
    """One clock as a line."""
    left = "the time is over" if row["over"] else f"{_left(row['until'] - now)} left"
    return f"{row['title']}: {row['to']}, until {clock(row['until'])} ({left}; {row['source']})"


def _left(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours <= 96 else f"{hours / 24:.0f} days"
