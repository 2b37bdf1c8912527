"""peakops incident ack: somebody has it."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from peakops.cli.commands import Run, command
from peakops.cli.incident.shared import ID, At, Says, book_of, happened, ledger_of, named, written
from peakops.model import Report

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Undo = Annotated[bool, typer.Option("--undo", help="Nobody has it any more: the escalation goes on.")]


@command(app, "ack", section="incident")
def ack(run: Run, incident: ID = None, says: Says = "", at: At = None, undo: Undo = False) -> Report:
    """
    Say that you have it; --undo that you have not any more.

    It holds for an hour, or what contacts.toml says: then whoever was told last is told again, unless it is resolved.

    Example: peakops incident ack INC-7
    """
    ledger = ledger_of(run)
    found = named(ledger, incident, run)
    moment = happened(at, run.invocation.now(), found)
    word = "Nobody has it any more." if undo else "Acknowledged."
    event = ledger.append(found, "unacked" if undo else "acked", says or word, at=moment)
    who = "is nobody's any more" if undo else f"is acknowledged by {event.operator}"
    if not undo and _is_over(run, moment):
        who = f"was acknowledged by {event.operator}, and is nobody's any more: acknowledge it again without --at"
    return written(
        run, ledger, found, event, f"{found.number} {who}.", next=(f"peakops incident status {found.number}",)
    )


def _is_over(run: Run, moment: datetime | None) -> bool:
    """Whether it was so long ago that it holds no more, by contacts.toml."""
    book, _ = book_of(run) if moment else (None, "")
    return bool(book and moment and moment + timedelta(seconds=book.rearm) <= run.invocation.now())
