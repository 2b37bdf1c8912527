"""peakops incident handover: what the next shift must know."""

from typing import Annotated

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident import handing
from peakops.cli.incident.shared import book_of, count_of, known, ledger_of, told
from peakops.cli.incident.standing import lines, picture
from peakops.errors import BadInput
from peakops.model import Report, Status
from peakops.redact import Door

app = typer.Typer(add_completion=False, rich_markup_mode=None)

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="WHO",
        help="Note it in every open incident: who has it from now on, by the id in contacts.toml.",
    ),
]


@command(app, "handover", section="incident")
def handover(run: Run, to: To = None) -> Report:
    """
    What the next shift must know: open incidents, and leases, mutes and jobs that need somebody.

    Leases and mutes are those that end within a day; a lease's network is masked here, and shown by its own command.
    With --to the hand-over is noted in each open incident. Ends with 3 where something of it could not be read.

    Example: peakops incident handover --to on-call-engineer
    """
    if to and Door().line(to) != to:
        raise BadInput("--to is a contact's id, not an address.", hint="peakops contacts show")
    ledger, now = ledger_of(run), run.invocation.now()
    found = ledger.all()
    for each in found if to else ():
        ledger.append(each, "handover", f"Handed over to {to}.", detail={"to": to})
    events = ledger.events_of(found)
    book, wrong = book_of(run)
    seen = [picture(each, events[each.id], book, now) for each in found]
    parts = handing.look(run, now, ledger.silent)
    missing = ledger.missing or any(part["why"] for part in parts)
    end = known(missing, Status.CHANGED if found and to else Status.OK)
    shown = [f"{end['status'].value.upper()}  {count_of(len(found), ledger.missing)}"]
    shown += [line for each in seen for line in ("", *lines(each, now))]
    shown += [f"  {wrong}"] if wrong else []
    for part in parts:
        shown += ["", f"{part['title']}: {part['why'] or (len(part['items']) or 'none')}", *_lines(part)]
    return told(run, ledger, shown, {"incidents": seen, "to": to, "parts": parts}, next=handing.NEXT, **end)


def _lines(part: handing.Part) -> list[str]:
    return [f"  {each['says']}" for each in part["items"]]
