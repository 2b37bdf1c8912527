"""How a function becomes a command, and a scenario too: its own arguments, and the options that all share."""

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import typer

from peakops import render, report, timegrammar
from peakops.cli import completion, options
from peakops.cli.asked import WINDOW, asked_for, required
from peakops.cli.invocation import Invocation, answer, was_set
from peakops.cli.lists import TIME_LIMIT, Listing, Option, form, within
from peakops.errors import UsageFault
from peakops.investigate import Terms
from peakops.model import Report, Row
from peakops.render import Stream, Style
from peakops.report import Frame
from peakops.scenario import Scenario
from peakops.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a command is handed besides its own arguments."""

    invocation: Invocation
    frame: Frame
    style: Style
    timeout: float
    reason: str = ""
    stream: Stream | None = None
    since: str = ""
    until: str | None = None

    @property
    def limit(self) -> int:
        """How many rows a list is to show; `all` is sys.maxsize."""
        return self.rows.limit

    @property
    def rows(self) -> Stream:
        """A list's way out."""
        assert self.stream is not None, "a list command has a stream"
        return self.stream

    def emit(self, row: Row) -> None:
        """Let out one row of a list, at once: plain data with the command's columns, and `says` for people."""
        self.rows.emit(row)

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """What --since and --until mean at `now`, in UTC, both ends included. Raises UsageFault."""
        try:
            return timegrammar.window(self.since, self.until, now)
        except ValueError as wrong:
            hint = f"Run 'peakops {self.frame.command} --help'."
            raise UsageFault(f"{wrong}.", hint=hint) from None

    def windowed(self, now: datetime) -> Frame:
        """The frame, with the window among what was given."""
        return replace(self.frame, given={**self.frame.given, **dict(zip(WINDOW, self.window(now), strict=True))})


SHARED: tuple[Option, ...] = (
    ("json", options.Json, False),
    ("timeout", options.Timeout, TIME_LIMIT),
    ("fail_on", options.FailOn, "warning"),
    ("reveal", options.Reveal, False),
    ("reason", options.Reason, ""),
    ("quiet", options.Quiet, False),
    ("verbose", options.Verbose, False),
    ("output", options.Output, None),
)
WATCH_SECONDS = timegrammar.duration("15m")
"""The time limit of a command that watches something until it is final, where none was given."""
UNSAID = ("guide", "say", "yes", "confirm", "dry_run", "claims", "param", "urls", "page")
"""What no report repeats: it changes how it is told, not what is asked, or is a person's data, or may hold a token."""


def command(app: typer.Typer, name: str, section: str = "") -> Callable[[Callable[..., Report]], None]:
    """Make a command of a function that takes a Run and its own arguments, and returns a Report."""

    def make(work: Callable[..., Report]) -> None:
        own = list(inspect.signature(work).parameters.values())[1:]
        add(app, name, f"{section} {name}".strip(), work, own, inspect.getdoc(work) or "")

    return make


def list_command(
    app: typer.Typer, name: str, section: str, listing: Listing
) -> Callable[[Callable[..., Report]], None]:
    """
    Make a list command: `run.emit(row)` each row as it is found, then return the report.

    `run.window(now)` is the time that --since and --until name, `run.limit` what --limit allows. Rows beyond it
    are counted and not shown, and the report's `truncated` says so by itself; see render/stream.py.
    """

    def make(work: Callable[..., Report]) -> None:
        own = list(inspect.signature(work).parameters.values())[1:]
        add(app, name, f"{section} {name}".strip(), work, own, inspect.getdoc(work) or "", listing)

    return make


def scenario_command(
    app: typer.Typer, scenario: Scenario, listing: Listing | None = None, asks: Callable[..., Row] | None = None
) -> None:
    """
    Make a command of a scenario: the arguments of its `gather`, its module's docstring as help.

    With a listing its `data.items` are let out row by row, and `since` and `until` of `gather` are the window.
    `asks` makes of what is typed what `gather` is told, where that is another: a file's text of its name.
    """
    plain = (each.replace(default=None) for each in scenario.arguments if not listing or each.name not in WINDOW)
    own = [*(inspect.signature(asks).parameters.values() if asks else plain), parameter("guide", options.Guide, False)]
    if not listing:
        own.append(parameter("say", options.Say, None))

    def work(run: Run, *, guide: bool, say: str | None = None, **given: Any) -> Report:
        from peakops import guided, replies

        if guide and say:
            raise UsageFault("--say needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
        if guide:
            return guided.guide(scenario, run.frame)
        told = asks(**given) if asks else {}
        if not asks:
            asked_for(run.frame.command, run.frame.given, required(scenario))
        settings = run.invocation.settings()
        frame = run.windowed(settings.now()) if run.since else run.frame
        seconds, asked = report.seconds_for_looks(frame.left(run.timeout)), replace(frame, given=told or frame.given)
        found = replace(investigated(scenario, run, asked, settings, seconds), given=frame.given)
        if listing:
            _let_out(run, found.data.get("items", ()), newest=listing.newest)
        return replies.said(found, say) if say else found

    doc = inspect.getdoc(inspect.getmodule(scenario.gather)) or ""
    add(app, scenario.command.split()[-1], scenario.command, work, own, doc, listing)


def investigated(scenario: Scenario, run: Run, frame: Frame, settings: Settings, seconds: float) -> Report:
    """Look at everything at once, for so many seconds, and judge it."""
    from peakops.cli import weather
    from peakops.sources import Sources

    folder = run.invocation.journal()
    sources = Sources(settings, time.monotonic() + seconds, folder)
    terms = Terms(seconds=seconds, now=settings.now, told=render.progress(run.style))
    sky = weather.watched(settings, folder)
    found = report.of_scenario(scenario, frame, sources.read, terms)
    completion.remember(frame.environment, found)
    return sky.told(found, run.style)


def _let_out(run: Run, rows: Sequence[Row], *, newest: bool) -> None:
    """Let out a scenario's rows; of a time line that is longer than the limit, the newest."""
    unseen = max(0, len(rows) - run.limit) if newest else 0
    run.rows.skip(unseen)
    for row in rows[unseen:]:
        run.emit(row)


def add(
    app: typer.Typer,
    name: str,
    full: str,
    work: Callable[..., Report],
    own: list[inspect.Parameter],
    doc: str,
    listing: Listing | None = None,
    timeout: str = TIME_LIMIT,
) -> None:
    """Make a command of `work`, which takes a Run and `own`, its own parameters; `doc` is its help."""
    every = listing.options(SHARED) if listing else within(timeout, SHARED)

    def run(ctx: typer.Context, **values: Any) -> None:
        shared = {key: values.pop(key) for key, _, _ in every}
        invocation: Invocation = ctx.obj
        style = replace(_style(ctx, shared, invocation), addresses=full.startswith("security "))
        given = {key.rstrip("_"): value for key, value in values.items() if key not in UNSAID and value is not None}
        frame = Frame(
            command=full,
            environment=invocation.environment or "default",
            env_file=invocation.env_file,
            given=given,
            fail_on=shared["fail_on"],
        )
        typed = tuple(str(value) for value in given.values())
        stream = Stream(style, listing.columns, limit=shared["limit"], typed=typed) if listing else None
        rest = {key: shared[key] for key in ("timeout", "reason", "since", "until") if key in shared}

        def carry_out(frame: Frame) -> Report:
            _justified(shared, full, given, invocation)
            if values.get("until") and not was_set(ctx, "timeout"):
                rest["timeout"] = WATCH_SECONDS
            return work(Run(invocation=invocation, frame=frame, style=style, stream=stream, **rest), **values)

        raise answer(frame, style, carry_out, typed=typed, stream=stream)

    parameters = [
        parameter("ctx", typer.Context),
        *map(completion.offering, own),
        *(parameter(*each) for each in every),
    ]
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
    detail, now = {"reason": shared["reason"]}, invocation.now()
    journal.record(invocation.journal(), kind="revealed", command=full, subject=subject, detail=detail, now=now)


def _style(ctx: typer.Context, shared: dict[str, Any], invocation: Invocation) -> Style:
    return Style(
        **form(ctx, shared),
        quiet=shared["quiet"],
        verbose=shared["verbose"],
        output=shared["output"],
        reveal=shared["reveal"],
        colour=invocation.colour,
    )


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """A parameter of a command, from which typer makes an argument or an option."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _help(doc: str) -> str:
    return "\n".join(line for line in doc.splitlines() if not line.startswith("Example: "))


def _example(doc: str) -> str | None:
    return next((line for line in doc.splitlines() if line.startswith("Example: ")), None)
