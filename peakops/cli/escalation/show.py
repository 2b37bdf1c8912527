"""peakops escalation show: who has been told, who is next, and whether anything calls them at all."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from peakops.cli.commands import Run, command
from peakops.cli.contacts.book import book_of
from peakops.cli.escalation import page
from peakops.cli.escalation.tick import JOB, SETUP
from peakops.cli.incident.shared import ID
from peakops.model import Report, Row, Status, placed
from peakops.report import of_lines, seconds_for_looks
from peakops.verdict import exit_code

if TYPE_CHECKING:
    from peakops.contacts import Book
    from peakops.escalation import Due
    from peakops.ledger import Incident, Ledger
    from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

SILENT_AFTER = timedelta(minutes=5)
"""Without a tick for so long nobody is called: it is to run every minute."""
CRON, TICK = "peakops cron render", "peakops escalation tick"
NO_PLACE = f"The schema peakops is not there: no tick is noted, and no incident is the team's. Run '{SETUP}' once."


@command(app, "show", "escalation")
def show(run: Run, incident: ID = None) -> Report:
    """
    Show the escalation of an incident, or of all that are open, and the matrix with who is there now.

    Each tier with who of it is there by their own clock, when it was told, and when the next one is. It warns, and
    ends 1 while an incident is open, where no 'escalation tick' has run for five minutes: nobody is called then. It
    ends 2 where somebody should have been told five minutes ago, was not, and nobody has it.

    Example: peakops escalation show INC-7
    """
    from peakops.escalation import due, ladder, renamed
    from peakops.ledger import Ledger

    settings, keys = run.invocation.settings(), run.invocation.write_keys()
    book, now = book_of(run), settings.now()
    seconds = seconds_for_looks(run.frame.left(run.timeout))
    ledger = Ledger(settings, keys, run.invocation.journal(), seconds=seconds)
    chosen = [ledger.find(incident)] if incident else ledger.all()
    events = ledger.events_of(chosen)
    begun = [each for each in chosen if any(event.kind == "opened" for event in events[each.id])]
    judged = [(each, events[each.id], due(events[each.id], book, now)) for each in begun]
    seen = [ladder.picture(*each, book, now) for each in judged]
    untold = [line for incident, _, what in judged for line in _untold(incident, what, now)]
    last, unread = _last_tick(run, settings, ledger)
    ticked, matrix = _tick(last, now), [ladder.step(each, book, now) for each in book.tiers]
    data = {"now": now, "tick": ticked, "matrix": matrix, "incidents": seen, "readings": _readings(book)}
    alarm = _alarm(ticked, unread)
    waiting = any(not each["over_at"] for each in seen)
    unknown = ledger.missing or (waiting and unread not in ("", NO_PLACE))
    status = Status.UNKNOWN if unknown else Status.WARNING if alarm and waiting else Status.OK
    status = Status.CRITICAL if untold else status

    def place(command: str) -> str:
        return placed(command, run.frame.environment, run.frame.env_file)

    lines = list(page.lines(data, place, one=bool(incident), whole=len(seen) == len(chosen) and not ledger.missing))
    more = {
        "next": (
            *((TICK,) if untold else ()),
            *((SETUP,) if unread == NO_PLACE else (CRON,) if alarm and not unread else ()),
        ),
        "warnings": (
            *ledger.warnings,
            *untold,
            *(one for each in chosen for one in renamed(each.number, events[each.id], book)),
            *([alarm] if alarm else []),
        ),
    }
    shown = [*lines, *(f"! {each}" for each in more["warnings"])]
    return of_lines(run.frame, shown, data, status=status, exit_code=exit_code(status, run.frame.fail_on), **more)


def _untold(incident: "Incident", what: "Due", now: datetime) -> list[str]:
    """Whom nobody was told of in time, while nobody has it: ways that fail, or no tick that runs."""
    late = [each for each in what.pages if now - each.since > SILENT_AFTER and not what.stands.acked_at]
    return [
        f"{incident.number}: tier {each.tier} should have been told at {each.since:%d %b %H:%M} UTC, and was not."
        for each in late
    ]


def _last_tick(run: Run, settings: "Settings", ledger: "Ledger") -> tuple[Row | None, str]:
    """The last run of a tick, and why it is not known where it is not; NO_PLACE where `peakops setup` was not run."""
    from peakops.errors import PeakopsError
    from peakops.escalation.ticking import last_run

    if ledger.silent:
        return None, ledger.silent.says
    if not ledger.placed:
        return None, NO_PLACE
    try:
        return last_run(JOB, settings, run.invocation.journal()), ""
    except PeakopsError as wrong:
        return None, wrong.says


def _tick(last: Row | None, now: datetime) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        **{key: last[key] for key in ("ended_at", "host", "exit_code")},
        "late": now - last["ended_at"] > SILENT_AFTER,
    }


def _alarm(tick: dict[str, Any] | None, unread: str) -> str:
    """That nobody is called, where that is so or cannot be known."""
    if unread == NO_PLACE:
        return unread
    if unread:
        return f"Whether 'escalation tick' runs is not known. {unread}"
    if tick is None:
        return "No 'escalation tick' has ever run: nobody is called."
    if tick["late"]:
        return (
            f"The last 'escalation tick' ran at {tick['ended_at']:%d %b %H:%M} UTC: nobody is called while none runs."
        )
    return ""


def _readings(book: "Book") -> list[str]:
    """Both ways to read the playbook's '30 min no resolution', where the file has a third tier."""
    second, third = (next((each for each in book.tiers if (each.n, each.mode) == (n, "auto")), None) for n in (2, 3))
    if third is None or second is None:
        return []
    total, after = (second.after + third.after) / 60, third.after / 60
    other = '30 minutes in all (after = "15m")' if total != 30 else '30 minutes after tier 2 (after = "30m")'
    return [
        f"Tier 3 is told {after:g} minutes after tier 2, {total:g} in all. "
        f"The playbook can also be read as {other}: [tiers.3] in contacts.toml."
    ]
