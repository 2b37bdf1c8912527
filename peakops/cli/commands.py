"""How a function becomes a command, and a scenario too: its own arguments, and the options that all share."""

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer

from peakops import render, report
from peakops.cli import options
from peakops.cli.invocation import Invocation, answer
from peakops.errors import UsageFault
from peakops.investigate import Terms
from peakops.model import Report
from peakops.render import Style
from peakops.report import Frame
from peakops.scenario import Scenario

TIME_LIMIT = "30s"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a command is handed besides its own arguments."""

    invocation: Invocation
    frame: Frame
    style: Style
    timeout: float


SHARED: tuple[tuple[str, Any, Any], ...] = (
    ("json", options.Json, False),
    ("timeout", options.Timeout, TIME_LIMIT),
    ("fail_on", options.FailOn, "warning"),
    ("reveal", options.Reveal, False),
    ("reason", options.Reason, ""),
    ("quiet", options.Quiet, False),
    ("verbose", options.Verbose, False),
    ("output", options.Output, None),
)
UNDECODED = re.compile("[\ud800-\udfff]")
"""How Python brings in the bytes of an argument that are not UTF-8."""
UNSAID = ("guide", "say")
"""Options of a command that change how it is told, not what is asked."""


def command(app: typer.Typer, name: str, section: str = "") -> Callable[[Callable[..., Report]], None]:
    """Make a command of a function that takes a Run and its own arguments, and returns a Report."""

    def add(work: Callable[..., Report]) -> None:
        own = list(inspect.signature(work).parameters.values())[1:]
        _add(app, name, f"{section} {name}".strip(), work, own, inspect.getdoc(work) or "")

    return add


def scenario_command(app: typer.Typer, scenario: Scenario) -> None:
    """Make a command of a scenario: the arguments of its `gather`, its module's docstring as help."""
    required = list(inspect.signature(scenario.gather).parameters.values())[1:]
    own = [each.replace(default=None) for each in required]
    own += [_parameter("guide", options.Guide, False), _parameter("say", options.Say, None)]

    def work(run: Run, *, guide: bool, say: str | None, **given: Any) -> Report:
        from peakops import guided, replies
        from peakops.sources import Sources

        if guide and say:
            raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
        if guide:
            return guided.guide(scenario, run.frame)
        if not all(value and value.strip() for value in given.values()):
            hint = f"Run 'peakops {run.frame.command} --help'."
            raise UsageFault(f"'peakops {run.frame.command}' needs to be told what to look at.", hint=hint)
        if any(UNDECODED.search(value) for value in given.values()):
            raise UsageFault("What was typed is not UTF-8.", hint="Check the terminal's encoding.")
        settings = run.invocation.settings()
        seconds = report.seconds_for_looks(run.frame.left(run.timeout))
        sources = Sources(settings, time.monotonic() + seconds)
        terms = Terms(seconds=seconds, now=settings.now, told=render.progress(run.style))
        found = report.of_scenario(scenario, run.frame, sources.read, terms)
        return replies.said(found, say) if say else found

    doc = inspect.getdoc(inspect.getmodule(scenario.gather)) or ""
    _add(app, scenario.name, f"{scenario.section} {scenario.name}", work, own, doc)


def _add(
    app: typer.Typer, name: str, full: str, work: Callable[..., Report], own: list[inspect.Parameter], doc: str
) -> None:
    def run(ctx: typer.Context, **values: Any) -> None:
        shared = {key: values.pop(key) for key, _, _ in SHARED}
        invocation: Invocation = ctx.obj
        style = _style(shared, invocation)
        given = {key: value for key, value in values.items() if key not in UNSAID and value is not None}
        frame = Frame(
            command=full,
            environment=invocation.environment or "default",
            given=given,
            fail_on=shared["fail_on"],
        )

        def carry_out(frame: Frame) -> Report:
            _justified(shared, full, given, invocation)
            each = Run(invocation=invocation, frame=frame, style=style, timeout=shared["timeout"])
            return work(each, **values)

        raise answer(frame, style, carry_out, typed=tuple(str(value) for value in given.values()))

    parameters = [_parameter("ctx", typer.Context), *own, *(_parameter(*each) for each in SHARED)]
    run.__signature__ = inspect.Signature([each.replace(kind=each.KEYWORD_ONLY) for each in parameters])  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(name, help=_help(doc), short_help=doc.splitlines()[0], epilog=_example(doc))(run)


def _justified(shared: dict[str, Any], full: str, given: dict[str, Any], invocation: Invocation) -> None:
    """Showing personal data needs a reason, and leaves a line in the journal before anything is shown."""
    if not shared["reveal"]:
        return
    if not shared["reason"].strip():
        raise UsageFault("--reveal shows personal data and needs --reason.", hint="Add --reason 'why'.")
    from peakops import journal

    subject = " ".join(str(value) for value in given.values())
    detail = {"reason": shared["reason"]}
    journal.record(invocation.journal(), kind="revealed", command=full, subject=subject, detail=detail)


def _style(shared: dict[str, Any], invocation: Invocation) -> Style:
    return Style(
        json=shared["json"],
        quiet=shared["quiet"],
        verbose=shared["verbose"],
        output=shared["output"],
        reveal=shared["reveal"],
        colour=invocation.colour,
    )


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _help(doc: str) -> str:
    return "\n".join(line for line in doc.splitlines() if not line.startswith("Example: "))


def _example(doc: str) -> str | None:
    return next((line for line in doc.splitlines() if line.startswith("Example: ")), None)
