"""How a function becomes a command: its own arguments, and the options that all share."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from peakops import timegrammar
from peakops.cli import completion, joining, keeping, noting, options
from peakops.cli.asked import WINDOW
from peakops.cli.invocation import Invocation, answer, was_set, was_typed
from peakops.cli.lists import TIME_LIMIT, Listing, Option, Rows, form, within
from peakops.errors import UsageFault
from peakops.model import Report, Row
from peakops.render import Stream, Style
from peakops.report import Frame
from peakops.settings import Settings

if TYPE_CHECKING:
    from peakops.sources import Shared, Sources

Work = Callable[..., Report]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a command is handed besides its own arguments."""

    invocation: Invocation
    frame: Frame
    style: Style
    timeout: float
    reason: str = ""
    stream: Rows | None = None
    since: str = ""
    until: str | None = None
    incident: str | None = None
    """The incident whose time line the command joins."""
    shared: "Shared | None" = None
    """What the runs of a sweep use one after the other."""

    @property
    def limit(self) -> int:
        """How many rows a list is to show; `all` is sys.maxsize."""
        return self.rows.limit

    @property
    def rows(self) -> Rows:
        """A list's way out."""
        assert self.stream is not None, "a list command has a stream"
        return self.stream

    def emit(self, row: Row) -> None:
        """Let out one row of a list, at once: plain data with the command's columns, and `says` for people."""
        self.rows.emit(row)

    def sources(self, settings: Settings, deadline: float) -> "Sources":
        """The readers, until a moment of the monotonic clock."""
        from peakops.sources import Sources

        return Sources(settings, deadline, self.invocation.journal(), self.shared)

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What another run of the same sweep has read under this name, else what `make` makes."""
        return self.shared.kept.setdefault(name, make()) if self.shared else make()

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
    ("incident", options.Incident, None),
)
WATCH_SECONDS = timegrammar.duration("15m")
"""The time limit of a command that watches something until it is final, where none was given."""
UNSAID = ("guide", "say", "yes", "confirm", "dry_run", "claims", "param", "urls", "page", "anything", "arguments")
"""What no report repeats: it changes how it is told, not what is asked, or is a person's data, or may hold a token."""
TAKEN = "peakops.taken"
"""In a context's `meta`: who takes the work of a command and what was typed, instead of carrying it out."""


def command(app: typer.Typer, name: str, section: str = "", timeout: str = TIME_LIMIT) -> Callable[[Work], Work]:
    """Make a command of a function that takes a Run and its own arguments, and returns a Report."""

    def make(work: Work) -> Work:
        own = list(inspect.signature(work).parameters.values())[1:]
        add(app, name, f"{section} {name}".strip(), work, own, inspect.getdoc(work) or "", timeout=timeout)
        return work

    return make


def list_command(app: typer.Typer, name: str, section: str, listing: Listing) -> Callable[[Work], Work]:
    """
    Make a list command: `run.emit(row)` each row as it is found, then return the report.

    `run.window(now)` is the time that --since and --until name, `run.limit` what --limit allows. Rows beyond it
    are counted and not shown, and the report's `truncated` says so by itself; see render/stream.py.
    """

    def make(work: Work) -> Work:
        own = list(inspect.signature(work).parameters.values())[1:]
        add(app, name, f"{section} {name}".strip(), work, own, inspect.getdoc(work) or "", listing)
        return work

    return make


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
    named = {each.name for each in own}
    every = listing.options(SHARED) if listing else within(timeout, SHARED)
    every = tuple(each for each in (*every, *keeping.options_of(full, listing)) if each[0] not in named)
    look_seconds = timegrammar.duration(listing.timeout if listing else timeout)

    def run(ctx: typer.Context, **values: Any) -> None:
        shared = {key: values.pop(key) for key, _, _ in every}
        if taken := ctx.meta.get(TAKEN):
            taken(work, values, shared)
            return
        invocation: Invocation = ctx.obj
        about = str(values.get("scenario") or full)
        style = replace(_style(ctx, shared, invocation), addresses=about.startswith("security"))
        given = {key.rstrip("_"): value for key, value in values.items() if key not in UNSAID and value is not None}
        frame = Frame(
            command=full,
            environment=invocation.environment or "default",
            env_file=invocation.env_file,
            given=given,
            fail_on=shared["fail_on"],
        )
        # The arguments of another command are for that one to tell: its report says what was typed.
        typed = () if "arguments" in values else tuple(str(value) for value in given.values())
        stream = _stream(style, listing, shared, typed) if listing else None
        rest = {key: shared[key] for key in ("timeout", "reason", "since", "until") if key in shared}

        def carry_out(frame: Frame) -> Report:
            job.begun()
            _justified(shared, full, given, invocation)
            if (values.get("until") or shared.get("until_ok")) and not was_set(ctx, "timeout"):
                rest["timeout"] = WATCH_SECONDS
            one = Run(invocation=invocation, frame=frame, style=style, stream=stream, incident=incident, **rest)
            return keeping.carried_out(work, one, values, keeping.wishes(shared), look_seconds)

        job = noting.Noting(invocation, full)
        incident = joining.named({**shared, **values})
        if not was_typed(ctx, "incident"):
            incident = invocation.drilled or incident
        joined = partial(joining.joined, invocation=invocation, number=incident) if incident else None
        try:
            raise answer(frame, style, carry_out, typed=typed, stream=stream, after=job.after(joined))
        finally:
            if stream:
                stream.close()

    parameters = [
        parameter("ctx", typer.Context),
        *map(completion.offering, own),
        *(parameter(*each) for each in every),
    ]
    run.__signature__ = inspect.Signature([each.replace(kind=each.KEYWORD_ONLY) for each in parameters])  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(name, help=_help(doc), short_help=doc.splitlines()[0], epilog=_example(doc))(run)


def _stream(style: Style, listing: Listing, shared: dict[str, Any], typed: tuple[str, ...]) -> Stream:
    return Stream(style, listing.columns, limit=shared["limit"], typed=typed, kind=listing.rows)


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
        output=shared.get("output"),
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
