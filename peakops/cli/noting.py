"""How a run of any command is noted for the team, where --job names it: by 'peakops cron status' they know it ran."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from peakops.cli.invocation import Invocation
from peakops.errors import PeakopsError
from peakops.model import Report

if TYPE_CHECKING:
    from peakops.runs import Noted

After = Callable[[Report], Report]


class Noting:
    """The run of a job from its beginning to its end; of a command that is no job nothing is noted."""

    def __init__(self, invocation: Invocation, command: str) -> None:
        self._invocation, self._command = invocation, command
        self._run: Noted | None = None
        self._warning = ""

    def begun(self) -> None:
        """Note the beginning; never raises. Where even the settings cannot be read, the end says so, too."""
        if not self._invocation.job:
            return
        from peakops.runs import Noted, unnoted

        of = self._invocation
        if not self._is_the_jobs():
            self._warning = unnoted(of.job, f"'{self._command}' is not what that job runs.")
            return
        try:
            self._run = Noted(of.job, of.settings(), of.write_keys(), of.journal())
        except PeakopsError as wrong:
            self._warning = unnoted(of.job, wrong.says)

    def after(self, joined: After | None) -> After | None:
        """What is done with the report before it is printed: what was to be done with it, and the end is noted."""
        if not self._invocation.job:
            return joined

        def told(report: Report) -> Report:
            return self._told(joined(report) if joined else report)

        return told

    def _told(self, report: Report) -> Report:
        try:
            report = self._run.told(report) if self._run else report
        except KeyboardInterrupt:
            self._warning = f"Whether the end of '{self._invocation.job}' was noted is not known: it was interrupted."
        return replace(report, warnings=(*report.warnings, self._warning)) if self._warning else report

    def _is_the_jobs(self) -> bool:
        """Another command under the job's name, by a variable that is still set, would be taken for a run of it."""
        from peakops.scenarios.cron import jobs

        (job,) = jobs.named((self._invocation.job,))
        words = self._command.split()
        return job.command.split()[: len(words)] == words
