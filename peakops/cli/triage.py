"""peakops triage: whatever a customer gave, recognised, and every check that applies run at once."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from peakops import triage
from peakops.cli.commands import Run, command
from peakops.errors import BadInput, UsageFault
from peakops.model import Report

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Recognise whatever a customer gave you, and run every check that applies.",
)

MOST_BYTES = 4 * (triage.LONGEST + 1)
"""What of standard input is read: a character takes up to four bytes."""

Pasted = Annotated[
    list[str],
    typer.Argument(
        metavar="ANYTHING...",
        help="A number, an address, an id, or a whole sentence of a ticket; - reads it from standard input.",
        show_default=False,
    ),
]


@command(app, "triage")
def run_all(run: Run, anything: Pasted) -> Report:
    """
    Recognise whatever a customer gave you, and run every check that applies, all at once, the worst result first.

    Recognised are numbers of invoices, cases and shipments, e-mail addresses, UPS's tracking numbers, ids of Stripe and
    Salesforce, UUIDs and IP addresses, also in the middle of a sentence. What one section does not have and another has
    is no fault; what none has is not found, and a warning where all else is well, as is what was left out.

    Example: peakops triage 'customer says INV-123 failed'
    """
    told = triage.recognise(_pasted(anything))
    frame = replace(run.frame, given={"anything": [each.name for each in told.things]})
    if not told.things:
        raise _nothing(told)
    from peakops import triaged
    from peakops.cli import triaging

    return triaged.merged(frame, triaging.checked(replace(run, frame=frame), told.things), told)


def _pasted(words: list[str]) -> str:
    """What was typed as one text, or standard input where a dash stands for it."""
    if words != ["-"]:
        return " ".join(words)
    # Whatever bytes a ticket holds: what is no UTF-8 names nothing.
    return sys.stdin.buffer.read(MOST_BYTES).decode("utf-8", "replace")


def _nothing(told: triage.Recognised) -> BadInput | UsageFault:
    """The error of a text that names nothing; nothing of the text is repeated, since it may hold a secret."""
    from peakops.triaged import limits

    hint = f"It recognises {', '.join(triage.WORDS.values())}."
    if told.secrets:
        return BadInput(f"Nothing else was recognised. {limits(told)[0]}", hint=hint, code="triage.secret")
    return BadInput("Nothing in it was recognised.", hint=hint, code="triage.nothing")
