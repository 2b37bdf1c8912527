"""What the commands with parameters of their own do with a scenario: its guide, its answer, and what to say of it."""

from collections.abc import Callable

from peakops import report
from peakops.cli.commands import Run, investigated
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.settings import Settings


def answered(
    run: Run, scenario: Scenario, told: Callable[[Settings], Frame], *, guide: bool, say: str | None
) -> Report:
    """
    The guide, without asking anybody; else the report, and with `say` the words for somebody.

    `told` makes of the settings the frame whose `given` the scenario is told. Raises UsageFault.
    """
    from peakops import guided, replies

    if guide and say:
        raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
    if guide:
        return guided.guide(scenario, run.frame)
    settings = run.invocation.settings()
    frame = told(settings)
    found = investigated(scenario, run, frame, settings, report.seconds_for_looks(frame.left(run.timeout)))
    return replies.said(found, say) if say else found
