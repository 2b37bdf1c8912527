"""peakops incident status: what is open, and what is overdue."""

from dataclasses import replace

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ONE, book_of, count_of, ledger_of, named, told
from peakops.cli.incident.standing import is_critical, lines, picture
from peakops.ledger import ENDS, Incident, Ledger
from peakops.model import Report, Status
from peakops.verdict import exit_code

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "status", section="incident")
def status(run: Run, incident: ONE = None) -> Report:
    """
    What is open, who has it, what is overdue, and which legal clocks run; of one incident, or of all that are open.

    Ends with 0 where nothing is open; 1 where something is; 2 where a critical incident is open, somebody was not told
    in time, or a time line was changed; 3 where the team's incidents could not be read. Legal clocks are reminders, and
    change no code. PEAKOPS_INCIDENT does not narrow it: what else is open must not be hidden. In a prompt, --timeout 2s
    bounds what a database that is down may take.

    Example: peakops incident status
    """
    ledger, now = ledger_of(run), run.invocation.now()
    found = [named(ledger, incident, run)] if incident else ledger.all()
    events = ledger.events_of(found)
    book, wrong = book_of(run)
    seen = [picture(_weighed(each, ledger), events[each.id], book, now) for each in found]
    verdict = _status(ledger, seen)
    open_ = [each for each in seen if each["state"] not in ENDS]
    critical = sum(each["severity"] == "critical" for each in open_)
    head = f"{found[0].number} is {seen[0]['state']}." if incident else count_of(len(open_), ledger.missing, critical)
    shown = [
        f"{verdict.value.upper()}  {head}",
        *(line for each in seen for line in ("", *lines(each, now))),
        *([f"  {wrong}"] if wrong else []),
    ]
    data = {"incidents": seen, "open": len(open_), "critical": critical}
    return told(run, ledger, shown, data, status=verdict, exit_code=exit_code(verdict, run.frame.fail_on))


def _weighed(incident: Incident, ledger: Ledger) -> Incident:
    """Noted to while nothing could be read, and not there now that it can: a mistyped number is nothing critical."""
    mistyped = incident.id == incident.number and not ledger.silent
    return replace(incident, severity="warning") if mistyped else incident


def _status(ledger: Ledger, seen: list[dict[str, object]]) -> Status:
    if any(is_critical(each) for each in seen):
        return Status.CRITICAL
    if ledger.missing:
        return Status.UNKNOWN
    return Status.WARNING if any(each["state"] not in ENDS for each in seen) else Status.OK
