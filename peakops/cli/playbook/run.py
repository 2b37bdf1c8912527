"""peakops playbook run: a scenario step by step, with the person's own steps among them."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from peakops import render
from peakops.cli.commands import Run, command
from peakops.cli.playbook import sections
from peakops.cli.playbook.given import read
from peakops.cli.playbook.incident_line import TimeLine
from peakops.cli.playbook.stepping import Steps
from peakops.cli.playbook.taking import taken
from peakops.errors import UsageFault
from peakops.model import Report
from peakops.scenarios import SCENARIOS
from peakops.statements import stated

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Name = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        autocompletion=lambda: list(SCENARIOS),
        help="The scenario: payment.check; 'peakops playbook show' lists them.",
        show_default=False,
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ARGUMENTS]...", help="What its command takes: INV-123, or an option of its own."),
]
Answers = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help='Answers to the steps of a person, as TOML or JSON: spam = { answer = "done|failed|skip", note = "…" }.',
    ),
]


@command(app, "run", section="playbook")
def run_steps(run: Run, scenario: Name, arguments: Arguments = None, answers: Answers = None) -> Report:
    """
    Go through a scenario step by step: what can be looked up is, at once; then each question is shown in its order.

    A step that only a person can do, and one whose source is not configured, is asked for: done (all is well), failed,
    or skip, with a note. Without a terminal the answers come from --answers, else it ends with 12. Each is noted in the
    journal at once, and is evidence of the report. The verdict is the scenario's own; a step that failed makes it a
    warning (1) at least, and one that was skipped makes it incomplete.

    Example: peakops playbook run payment.check INV-123
    """
    name = scenario.strip().replace(" ", ".").replace("-", "_")
    if name not in SCENARIOS:
        raise UsageFault(f"There is no scenario '{scenario}'.", hint=f"There are {', '.join(SCENARIOS)}.")
    one = sections.scenario_of(name)
    given = read(answers, [each.name for each in one.guide.questions]) if answers else {}
    line = TimeLine(run.invocation, run.incident)
    looks = taken(one.command, arguments or (), run.invocation)
    steps = Steps(run=run, scenario=one, subject=looks.subject, given=given, line=line)
    found = looks.report(run, steps.able)
    found = stated(found, list(steps.walk(found)), run.frame.fail_on)
    told = (*steps.unused(found), *line.warnings)
    for each in () if run.style.json else told:
        render.notice(each, run.style)
    repeated, warnings = {**found.given, "scenario": name}, (*found.warnings, *told)
    return replace(found, command=run.frame.command, given=repeated, warnings=warnings)


app.registered_commands[-1].context_settings = {"ignore_unknown_options": True}
