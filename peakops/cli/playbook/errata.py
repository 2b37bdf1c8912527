"""peakops playbook errata: where peakops deviates from the operations playbook, and what its owner is asked."""

from typing import Annotated

import typer

from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.cli.playbook import sections
from peakops.cli.playbook.ageing import warned
from peakops.model import Report
from peakops.playbook import errata as playbook_errata
from peakops.playbook.errata import Erratum
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LISTING = Listing(columns=("number", "line", "playbook", "why", "does", "asks", "of"))

Of = Annotated[
    str | None,
    typer.Option("--of", metavar="SECTION", help="Only those of a section or a scenario: payment, payment.check."),
]


@list_command(app, "errata", "playbook", LISTING)
def errata(run: Run, of: Of = None) -> Report:
    """
    List where the operations playbook is wrong, dangerous or leaves something open, what peakops does instead, and the
    question that only the playbook's owner can answer.

    `line` is the first of the playbook's lines that are meant, and `playbook` is what they say.

    Example: peakops playbook errata --of payment
    """
    wanted = sections.names_of(of) if of else []
    found = [each for each in playbook_errata.every() if not wanted or set(wanted) & set(each.of)]
    for each in found:
        run.emit({**_row(each), "says": _told(each)})
    count = f"{len(found)} {'erratum' if len(found) == 1 else 'errata'}."
    return of_lines(run.frame, [count], {}, warnings=warned(run))


def _row(erratum: Erratum) -> dict[str, object]:
    return {
        "number": erratum.number,
        "line": min(erratum.at),
        "playbook": erratum.says,
        "why": erratum.why,
        "does": erratum.does,
        "asks": erratum.asks,
        "of": list(erratum.of),
    }


def _told(erratum: Erratum) -> str:
    return f"{erratum.number:>4}  line {min(erratum.at)} '{erratum.says}': {erratum.told} Question: {erratum.asks}"
