"""How a check is told to a monitoring system: as one line, whatever became of it."""

from collections.abc import Callable
from dataclasses import replace

from peakops.cli.commands import Run
from peakops.cli.playbook.taking import Unseen
from peakops.errors import PeakopsError, UsageFault
from peakops.model import Report
from peakops.report import of_error


def as_one_line(run: Run, work: Callable[[Run], Report]) -> Report:
    """The work's report as one line, an error's too; the exit code stays. Raises UsageFault for another form."""
    from peakops.render import nagios

    forms = [each for each in ("json", "jsonl", "csv") if getattr(run.style, each)]
    if forms:
        raise UsageFault(f"--nagios and --{forms[0]} exclude one another.", hint="Keep one of them.")
    unseen = replace(run, stream=Unseen(run.limit)) if run.stream else run
    try:
        found = work(unseen)
    except PeakopsError as wrong:
        found = of_error(run.frame, wrong)
    return replace(found, lines=(nagios.line(found),), verdict=None, warnings=(), data={}, truncated=None)
