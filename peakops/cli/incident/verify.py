"""peakops incident verify: the chains of the time lines."""

import typer

from peakops import journal
from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import KIND, ONE, ledger_of, named, told
from peakops.ledger import REF, Breach, Event, Incident, Ledger, breaches
from peakops.model import Report, Status
from peakops.verdict import exit_code

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "verify", section="incident")
def verify(run: Run, incident: ONE = None) -> Report:
    """
    Prove that no event was changed, removed or repeated since it was written; of one incident, or of all.

    Every event carries the hash of the one before it in its incident. A cut at the end shows in no chain: your journal
    knows the events that you wrote, and those that are not there any more are named.

    Example: peakops incident verify INC-7
    """
    ledger = ledger_of(run)
    found = [named(ledger, incident, run)] if incident else ledger.all(open_only=False)
    events = ledger.events_of(found)
    known = [] if ledger.silent else _journalled(run)
    broken = [
        {"number": each.number, **breach._asdict()}
        for each in found
        for breach in (
            *breaches(each.id, events[each.id]),
            *_cut(each, events[each.id], known),
            *_row(each, events[each.id]),
        )
    ]
    if not incident:
        broken += _gone(found, known)
    status = Status.CRITICAL if broken else Status.UNKNOWN if ledger.missing else Status.OK
    count = sum(len(each) for each in events.values())
    told_of = f"{len(found)} {'incident' if len(found) == 1 else 'incidents'}, {count} events"
    lines = [f"{status.value.upper()}  {told_of}: {_proof(broken, ledger)}."]
    lines += [f"  {each['number']}  event {each['seq']}  {each['what']}: {each['says']}" for each in broken]
    data = {"incidents": len(found), "events": count, "breaches": broken}
    return told(run, ledger, lines, data, status=status, exit_code=exit_code(status, run.frame.fail_on))


def _proof(broken: list[dict[str, object]], ledger: Ledger) -> str:
    if broken:
        return "the chain is broken"
    return "what could be read is whole" if ledger.missing else "every chain is whole"


def _journalled(run: Run) -> list[journal.Entry]:
    """What this operator's journal knows of events of this environment."""
    every = journal.read(run.invocation.journal(), kind=KIND)
    return [each for each in every if each.detail["environment"] == run.frame.environment]


def _row(incident: Incident, events: list[Event]) -> list[Breach]:
    """Where the incident's own row, which no chain holds, says otherwise than the event that opened it."""
    opened = next((each for each in events if each.kind == "opened"), None)
    same = (
        opened is None or {**opened.detail, "subject": incident.subject, "severity": incident.severity} == opened.detail
    )
    return [] if same else [Breach(1, "changed", "The incident has another subject or severity than it began with.")]


def _cut(incident: Incident, events: list[Event], known: list[journal.Entry]) -> list[Breach]:
    """The events that were written to an incident, and are not in its time line."""
    refs = {each.detail[REF] for each in events}
    # What was written while only the number could be seen is known by that.
    own = [each for each in known if each.detail["incident"] in (incident.id, incident.number)]
    lost = [each for each in own if each.detail["ref"] not in refs]
    last = max((each.seq for each in events), default=0)
    return [Breach(last + 1, "cut", f"Your journal has it: {each.detail['event']} at {each.at}.") for each in lost]


def _gone(found: list[Incident], known: list[journal.Entry]) -> list[dict[str, object]]:
    """The incidents that events were written to, and that are not there at all."""
    there = {name for each in found for name in (each.id, each.number)}
    lost = {each.subject: each for each in known if not there & {each.detail["incident"], each.subject}}
    return [
        {"number": number, "seq": 0, "what": "gone", "says": f"Your journal has it: {each.command} at {each.at}."}
        for number, each in lost.items()
    ]
