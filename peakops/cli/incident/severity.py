"""peakops incident severity: how bad it is turned out otherwise."""

from typing import Annotated, Literal

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ID, At, Says, happened, ledger_of, named, written
from peakops.cli.incident.standing import stands
from peakops.errors import UsageFault
from peakops.ledger import Event, Incident
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Severity = Annotated[
    Literal["warning", "critical"] | None, typer.Option("--to", help="How bad it is now.", show_default=False)
]


@command(app, "severity", section="incident")
def severity(run: Run, incident: ID = None, to: Severity = None, says: Says = "", at: At = None) -> Report:
    """
    Make an incident critical, or a warning.

    Who is told when is counted from its opening as before; vendors are told of what is critical and confirmed alone.

    Example: peakops incident severity INC-7 --to critical --says "All practices are affected."
    """
    if to is None:
        raise UsageFault("--to is missing.", hint="peakops incident severity INC-7 --to critical")
    ledger = ledger_of(run)
    found = named(ledger, incident, run)
    moment = happened(at, run.invocation.now(), found)
    before = ledger.events(found)
    event = ledger.append(found, "severity", says or f"It is {to} now.", detail={"severity": to}, at=moment)
    return written(run, ledger, found, event, _said(found, [*before, event], to))


def _said(found: Incident, events: list[Event], to: str) -> str:
    """What it is now: what is recorded late may be outweighed by what came after it."""
    now = stands(found, events)["severity"]
    return f"{found.number} is {to} now." if now == to else f"{found.number} was {to}; by what came later it is {now}."
