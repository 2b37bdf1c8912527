"""peakops sweep: every sweep of the tool in one run, for cron."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peakops.cli import alarm, options
from peakops.cli.commands import Run, list_command
from peakops.cli.lists import Listing
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.sweeps import FIELDS

if TYPE_CHECKING:
    from peakops.cli.sweeping.sections import Section

HELP = "Look at everything at once for what needs somebody; for cron."
app = typer.Typer(add_completion=False, rich_markup_mode=None, help=HELP)

Only = Annotated[
    list[str] | None,
    typer.Option("--section", metavar="S", help="Only this section; may be given several times.", show_default=False),
]
Every = Annotated[bool, typer.Option("--all", help="List what is muted too.")]
NewOnly = Annotated[bool, typer.Option("--new-only", help="Only what no run of the team's told before; for cron.")]
Metrics = Annotated[
    Path | None,
    typer.Option("--metrics", metavar="FILE", help="Write what was found in Prometheus's text format, too: x.prom."),
]


@list_command(app, "sweep", "", Listing(columns=FIELDS, since="24h", timeout="15m", rows="finding"))
def sweep(
    run: Run,
    section: Only = None,
    new_only: NewOnly = False,
    every: Every = False,
    nagios: options.Nagios = False,
    metrics: Metrics = None,
) -> Report:
    """
    Look at everything at once for what needs somebody; for cron.

    The sections are payments, webhooks, invitations, cases, labels, notifications, security, leases and database, each
    judged by its own command. They are looked at one after the other, each within its share of the time; one that
    cannot be read is unknown, and does not end the others. The exit code is the worst's: critical before unknown before
    warning. What somebody has muted is counted and raises no alarm. With --new-only only what no run with the same
    --since has told before decides, on whatever machine it was; one such run at a time (17), which 'cron status' and
    the heartbeat are told.

    Example: peakops sweep --since 24h --new-only --jsonl
    """
    from peakops.cli.sweeping import job

    # A short run does without the collector; a sweep would keep every page that it has read.
    gc.enable()

    def looked(run: Run) -> Report:
        chosen = _chosen(section)
        return job.carried_out(run, job.Wanted(sections=chosen, new_only=new_only, every=every, metrics=metrics))

    if nagios and new_only:
        says = "--nagios tells how things are, not what is new: the alarm would end with the next run."
        raise UsageFault(says, hint="Leave --new-only out.")
    return alarm.as_one_line(run, looked) if nagios else looked(run)


def _chosen(names: list[str] | None) -> "list[Section]":
    """The sections that are looked at, in the order of the register. Raises UsageFault."""
    from peakops.cli.sweeping.sections import NAMES, REGISTER

    unknown = [each for each in names or () if each not in NAMES]
    if unknown:
        raise UsageFault(f"There is no section '{unknown[0]}'.", hint=f"Sections: {', '.join(NAMES)}.")
    return [each for each in REGISTER if not names or each.name in names]
