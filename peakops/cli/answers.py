"""What the commands with parameters of their own do with a scenario: its guide, its answer, and what to say of it."""

from collections.abc import Callable
from dataclasses import replace

from peakops import report
from peakops.cli.commands import Run
from peakops.cli.scenario_commands import investigated
from peakops.errors import UsageFault
from peakops.model import Report, Row
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.settings import Settings


def answered(
    run: Run,
    scenario: Scenario,
    told: Callable[[Settings], Frame],
    *,
    guide: bool,
    say: str | None,
    repeated: Callable[[Row], Row] = lambda given: given,
) -> Report:
    """
    The guide, without asking anybody; else the report, and with `say` the words for somebody.

    `told` makes of the settings the frame whose `given` the scenario is told, and `repeated` of that what the report
    repeats, where it is not to say all of it. Raises UsageFault.
    """
    from peakops import guided, replies

    if guide and say:
        raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
    if guide:
        return guided.guide(scenario, run.frame)
    settings = run.invocation.settings()
    frame = told(settings)
    found = investigated(scenario, run, frame, settings, report.seconds_for_looks(frame.left(run.timeout)))
    found = replace(found, given=repeated(frame.given))
    return replies.said(found, say) if say else found
