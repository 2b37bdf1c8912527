"""peakops incident report: the facts of an incident, to be kept or handed on."""

import typer

from peakops import playbook
from peakops.cli.commands import Run, command
from peakops.cli.incident import clocks
from peakops.cli.incident.shared import ID, event_row, known, ledger_of, named, row
from peakops.cli.incident.standing import stands
from peakops.ledger import breaches
from peakops.model import Report
from peakops.render.incident import markdown
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "report", section="incident")
def report(run: Run, incident: ID = None) -> Report:
    """
    The facts of an incident as Markdown, or as one HTML page.

    -o FILE.html makes the page, with the time line drawn; it asks for nothing from anywhere. -o with another name makes
    Markdown, --json has the same facts. What happened, when, by whom, what commands found and changed, who was paged,
    and the legal clocks: no judgement of anybody, secrets and personal data removed. Ends with 3 where the team's time
    line could not be read: what this machine keeps is not all of it.

    Example: peakops incident report INC-7 -o INC-7.html
    """
    ledger, now = ledger_of(run), run.invocation.now()
    found = named(ledger, incident, run)
    events = sorted(ledger.events(found), key=lambda each: (each.at, each.local, each.seq))
    data = {
        "incident": {**row(found), **stands(found, events)},
        "made_at": now,
        "events": [event_row(each) for each in events],
        "clocks": clocks.rows(events, now),
        "advice": playbook.words("incident")["advice"],
        "breaches": [each._asdict() for each in breaches(found.id, events)],
        "missing": ledger.missing,
    }
    return of_lines(run.frame, markdown(data), data, warnings=ledger.warnings, **known(ledger.missing))
