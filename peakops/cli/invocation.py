"""One run of peakops: its environment, how it answers, and that it always ends in one report."""

import errno
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal

import typer

from peakops import render
from peakops.cli.sandboxed import SANDBOX, settings_of, write_keys_of
from peakops.errors import BadInput, Bug, Exit, NotConfigured, PeakopsError, UsageFault
from peakops.model import Report, Status
from peakops.render import Style
from peakops.report import Frame, of_error
from peakops.settings import Settings, WriteKeys, load, state_home, write_keys

if TYPE_CHECKING:
    from peakops.sandbox import Sandbox


class Stopped(PeakopsError):
    """Somebody ended the run: a key, or a signal."""

    category, code = "timeout", "stopped"


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends the run as the key does: nothing that takes errors may take it for one."""

    exit_code = Exit.TERMINATED


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What stood before the group: which environment, which env file, and whether to colour."""

    environment: str | None = None
    env_file: str = ""
    colour: Literal["auto", "always", "never"] = "auto"
    job: str = ""
    """The job that this is a run of, where it is to be noted; else empty."""

    @property
    def in_sandbox(self) -> bool:
        return self.environment == SANDBOX

    def settings(self) -> Settings:
        """The settings of the environment; the sandbox starts by itself and needs none. Raises NotConfigured."""
        if not self.in_sandbox:
            return load(self.environment)
        return settings_of(self._sandbox())

    def write_keys(self) -> WriteKeys:
        """The credentials that write; the sandbox has its own. Raises NotConfigured."""
        if not self.in_sandbox:
            return write_keys(self.environment)
        return write_keys_of(self._sandbox())

    def now(self) -> datetime:
        """The present of the environment, in UTC: the sandbox's clock may stand still."""
        return (self._sandbox().now if self.in_sandbox else None) or datetime.now(UTC)

    def journal(self) -> Path:
        """The folder of the journal; the sandbox has one of its own, which ends with its world."""
        return self._sandbox().journal if self.in_sandbox else state_home()

    @property
    def drilled(self) -> str | None:
        """The incident of the drill that runs in the sandbox, which every command there joins by itself."""
        if not self.in_sandbox:
            return None
        from peakops import sandbox

        noted = sandbox.drill(state_home())
        return str(noted["incident"]) if noted else None

    def _sandbox(self) -> "Sandbox":
        # The sandbox is imported by the command line alone, and only where it is used.
        from peakops import sandbox

        return sandbox.ensure(state_home())


def answer(
    frame: Frame,
    style: Style,
    work: Callable[[Frame], Report],
    *,
    typed: tuple[str, ...] = (),
    stream: render.Stream | None = None,
    after: Callable[[Report], Report] | None = None,
) -> typer.Exit:
    """
    Do the work and print its report; whatever happens, exactly one report is printed.

    `after` is told of the report before it is printed, also of an error's; it must not raise.
    The report of a list ends the `stream` that its rows went out by; nobody reading it any more is no fault.
    Returns the exit to raise: `raise answer(...)`.
    """

    def show(report: Report, style: Style) -> None:
        if stream:
            stream.end(report, style)
        else:
            render.show(report, style, typed=typed or _told(report))

    try:
        with _signals():
            if style.output:
                render.writable(style.output)
            report = work(frame)
    except render.Unread:
        render.hush()
        return typer.Exit(0)
    except Exception as wrong:  # noqa: BLE001  (whatever it is, it still ends in one document)
        report, style = of_error(frame, _said(wrong, style)), replace(style, output=None)
    except KeyboardInterrupt as stop:
        report, style = of_error(frame, ended(stop)), replace(style, output=None)
    if after:
        # It may wait for a database: a signal must not leave the report untold.
        with _signals():
            report = after(report)
    try:
        show(report, style)
    except render.Unread:
        render.hush()
        # What was read of a list was enough; what went wrong is told by the code all the same.
        return typer.Exit(int(report.exit_code) if report.error else 0)
    except BrokenPipeError:
        render.hush()
    except Exception as wrong:  # noqa: BLE001  (a report that cannot be printed is told of as any other error)
        error = _said(wrong, style)
        if report.status in (Status.CHANGED, Status.PARTIAL):
            error.says = f"It was done, as the journal says, but not told. {error.says}"
        report = replace(of_error(frame, error), data=report.data)
        tell(report, replace(style, output=None), show)
    return typer.Exit(int(report.exit_code))


def _told(report: Report) -> tuple[str, ...]:
    """What the report itself says was typed, where the command line is not repeated as it stands."""
    from peakops.networks import network_of

    values = (each if isinstance(each, list) else [each] for each in report.given.values())
    said = [str(one) for each in values for one in each]
    # Of a network its address was typed as well, and is masked by itself elsewhere.
    return (*said, *(each.partition("/")[0] for each in said if network_of(each)))


def tell(report: Report, style: Style, show: Callable[[Report, Style], None] = render.show) -> None:
    """Print the report of an error; where even that cannot be printed, the exit code alone tells it."""
    try:
        show(report, style)
    except (OSError, render.Unread):
        render.hush()
        if report.error:
            render.complain(report.error, style)


def _said(wrong: Exception, style: Style) -> PeakopsError:
    """What is told of an exception: our own errors as they are, the file system's as a setting, the rest as a bug."""
    if isinstance(wrong, PeakopsError):
        return wrong
    if isinstance(wrong, OSError) and wrong.filename:
        says = f"{wrong.filename} cannot be used: {wrong.strerror}."
        return NotConfigured(says, code="config.file", hint="Check XDG_STATE_HOME and who owns the folder.")
    if isinstance(wrong, OSError) and wrong.errno == errno.ENOSPC:
        return BadInput("The output could not be written: no space is left.", code="output.failed")
    return _bug(wrong, style)


def ended(stop: KeyboardInterrupt, says: str = "", hint: str = "Nothing was changed.") -> Stopped:
    """The error of a run that a key or a signal ended; `says` is what had become of it."""
    word, code = ("Terminated", Exit.TERMINATED) if isinstance(stop, Terminated) else ("Interrupted", Exit.INTERRUPTED)
    error = Stopped(f"{word}. {says}".strip(), hint=hint)
    error.exit_code = code
    return error


def _bug(bug: Exception, style: Style) -> Bug:
    if style.verbose:
        import traceback

        for line in "".join(traceback.format_exception(bug, chain=False)).splitlines():
            render.notice(line, style)
    return Bug(f"peakops failed: {type(bug).__name__}: {bug}.")


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM ends the run as the key does, so that it is told as every other end."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (signal calls it so)
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def was_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def was_set(context: typer.Context, name: str) -> bool:
    """Whether an option was typed, or is set by its variable."""
    source = context.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT")


def environment_of(context: typer.Context, environment: str | None, *, sandbox: bool) -> str | None:
    """
    The environment that --env and --sandbox name together; what was typed outranks what is in the environment.

    Raises UsageFault when both were typed and disagree, NotConfigured when both are variables and disagree.
    """
    agree = not sandbox or environment in (None, SANDBOX)
    typed = [name for name in ("env", "sandbox") if was_typed(context, name)]
    if agree or typed == ["sandbox"]:
        return SANDBOX if sandbox else environment
    if typed == ["env"]:
        return environment
    says = f"--sandbox and --env {environment} name two environments."
    if typed:
        raise UsageFault(says, hint="Keep one of them.")
    raise NotConfigured(
        f"PEAKOPS_SANDBOX and PEAKOPS_ENV={environment} name two environments.", hint="Unset one of them."
    )
