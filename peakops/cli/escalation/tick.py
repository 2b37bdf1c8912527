"""peakops escalation tick: whoever must be told now is told."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from peakops import runs
from peakops.cli import options
from peakops.cli.commands import Run, command
from peakops.cli.contacts.book import book_of
from peakops.errors import Exit, NotConfigured, Partial, PeakopsError
from peakops.investigate import fault_of
from peakops.model import Fault, Report, Status, placed
from peakops.report import of_lines, seconds_for_looks
from peakops.verdict import exit_code

if TYPE_CHECKING:
    from peakops.contacts import Book
    from peakops.escalation.calling import Paged
    from peakops.escalation.ticking import Tick

app = typer.Typer(add_completion=False, rich_markup_mode=None)

JOB = "escalation tick"
"""The name under which the runs are noted: nobody is called while none of them runs."""
SETUP = "peakops setup"
NO_PLACE = f"The schema peakops is not there: only this machine's own incidents are seen. Run '{SETUP}' once."


@command(app, "tick", "escalation", timeout="55s")
def tick(run: Run, *, dry_run: options.DryRun = False) -> Report:
    """
    Tell whoever must be told now of an open incident, each once; for cron, every minute.

    Who is due is computed from the events of the incident alone, so that a tick which did not run is made up for by
    the next, with one message. Each attempt is claimed before it is made: twenty ticks at once send once. A channel
    that fails is followed by the contact's next, then by the next contact. Vendors are called only when an incident
    is critical and somebody has confirmed what it is about: 'peakops incident confirm'. Ends 0 when everybody due was
    told, 11 when something failed on the way, 2 when nobody was reached: then it says what to do by hand; 3 when the
    database could not be read, and only this machine's own incidents were seen; 1 when it has no place for the team's.

    Example: peakops escalation tick --dry-run
    """
    from peakops.escalation.ticking import Tick

    settings = run.invocation.settings()
    folder, keys = run.invocation.journal(), run.invocation.write_keys()

    def ticked() -> Report:
        book = book_of(run)
        work = Tick(settings, keys, folder, book, seconds=seconds_for_looks(run.frame.left(run.timeout)))
        return _told(run, work, book, work.run(dry_run=dry_run))

    if dry_run:
        return ticked()
    # A tick that cannot read whom to call is a run that ended so: others see by it that nobody is called.
    with runs.noted(JOB, settings, keys, folder) as noted:
        found = ticked()
        told = noted.told(found)
        unnoted = () if NO_PLACE in found.warnings else told.warnings[len(found.warnings) :]
        return replace(told, lines=(*told.lines, *(f"  ! {each}" for each in unnoted)))


def _told(run: Run, work: "Tick", book: "Book", pages: "list[Paged]") -> Report:
    from peakops.escalation import told

    def place(command: str) -> str:
        return placed(command, run.frame.environment, run.frame.env_file)

    status, code, error = _end(run, work, pages)
    lines = [f"{status.value.upper()}  {told.headline(pages, work.open, whole=not work.ledger.missing)}"]
    lines += [f"  {line}" for each in pages for line in told.lines_of(each, book, place)]
    lines += [f"  {line}" for line in work.sender.printed]
    warnings = work.warnings if work.ledger.placed else (*work.warnings, NO_PLACE)
    lines += [f"  ! {warning}" for warning in warnings]
    counts = {name: sum(each.result == name for each in pages) for name in told.RESULTS}
    data = {
        "open": work.open,
        "results": {name: count for name, count in counts.items() if count},
        "pages": [told.row_of(each, book, place) for each in pages],
        "printed": work.sender.printed,
    }
    by_hand = dict.fromkeys(command for each in pages if told.alarming(each) for command in told.next_of(each))
    more = {"next": (*by_hand, *(() if work.ledger.placed else (SETUP,))), "warnings": warnings, "error": error}
    return of_lines(run.frame, lines, data, status=status, exit_code=code, **more)


def _end(run: Run, work: "Tick", pages: "list[Paged]") -> tuple[Status, int, Fault | None]:
    """The end of a tick: nobody reached is worse than what could not be seen, and that than what failed."""
    from peakops.escalation.told import alarming

    failed = [each for each in pages if each.failed]
    if any(alarming(each) for each in pages):
        return Status.CRITICAL, exit_code(Status.CRITICAL, run.frame.fail_on), None
    if missing := work.ledger.missing:
        unseen: PeakopsError = work.ledger.silent or NotConfigured(
            missing, code="incident.folder", hint="peakops incident verify"
        )
        return Status.UNKNOWN, exit_code(Status.UNKNOWN, run.frame.fail_on), fault_of(unseen)
    if failed:
        says = f"{len(failed)} of {len(pages)} pages met with a channel that failed."
        wrong = Partial(says, hint="peakops contacts check", code="escalation.partial")
        return Status.PARTIAL, Exit.PARTIAL, fault_of(wrong)
    if any(each.result == "planned" for each in pages):
        return Status.PLANNED, Exit.PLANNED, None
    if not work.ledger.placed:
        return Status.WARNING, exit_code(Status.WARNING, run.frame.fail_on), None
    return (Status.CHANGED if any(each.attempts for each in pages) else Status.OK), Exit.OK, None
