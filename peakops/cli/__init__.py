"""peakops: arguments in, exit code out."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from peakops.errors import PeakopsError, UsageFault

if TYPE_CHECKING:
    from peakops.render import Style


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every outcome has printed exactly one report by then."""
    given = list(sys.argv[1:] if args is None else args)
    from peakops.cli.root import app

    try:
        code = app(given, prog_name="peakops", standalone_mode=False)
        sys.stdout.flush()
    except PeakopsError as error:
        return _refuse(given, error)
    except KeyboardInterrupt as stop:
        from peakops.cli.invocation import ended

        return _refuse(given, ended(stop))
    except BrokenPipeError:
        from peakops.render import hush

        hush()
        return 0
    except SystemExit as exited:
        # typer ends so where help is piped into a program that has read enough.
        return 0 if type(sys.stdout).__name__ == "PacifyFlushWrapper" else _code(exited)
    except typer.Abort:
        return _refuse(given, _usage("Aborted."))
    except typer._click.exceptions.ClickException as wrong:  # the one name that typer does not hand on
        return _refuse(given, _usage(_sentence(wrong), _hint(wrong)))
    return int(code or 0)


def _code(exited: SystemExit) -> int:
    return exited.code if isinstance(exited.code, int) else int(exited.code is not None)


def _sentence(wrong: typer._click.exceptions.ClickException) -> str:
    """typer's message as a sentence; without arguments it is the help text, which is no error message."""
    if type(wrong).__name__ == "NoArgsIsHelpError":
        typer.echo(wrong.format_message(), err=True)
        return "A command is missing."
    message = " ".join(wrong.format_message().split())
    return message if message.endswith((".", "?")) else f"{message}."


def _hint(wrong: typer._click.exceptions.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    return f"Run '{context.command_path} --help'." if context else "Run 'peakops --help'."


def _usage(says: str, hint: str = "Run 'peakops --help'.") -> UsageFault:
    return UsageFault(says, hint=hint)


def _refuse(given: Sequence[str], error: PeakopsError) -> int:
    """A command line that cannot be run is told as everything else is: one document with --json."""
    from peakops.cli.groups import COMMANDS, GROUPS
    from peakops.cli.invocation import tell
    from peakops.report import Frame, of_error

    given = given[: given.index("--")] if "--" in given else given
    words = [each for each in given if not each.startswith("-")]
    known = next((index for index, each in enumerate(words) if each in GROUPS or each in COMMANDS), None)
    name = "peakops" if known is None else " ".join(words[known : known + (2 if words[known] in GROUPS else 1)])
    sandbox = "--sandbox" in given or _is_on("PEAKOPS_SANDBOX")
    frame = Frame(command=name, environment="sandbox" if sandbox else os.environ.get("PEAKOPS_ENV") or "default")
    tell(of_error(frame, error), _style(given))
    return int(error.exit_code)


def _style(given: Sequence[str]) -> "Style":
    """The form that was asked for, or the strictest of several; what was typed outranks a variable."""
    from peakops.render import Style

    forms = ("json", "jsonl")
    typed = [form for form in (*forms, "csv") if f"--{form}" in given]
    asked = typed or [form for form in forms if _is_on(f"PEAKOPS_{form.upper()}")]
    return Style(json=asked[:1] == ["json"], jsonl=asked[:1] == ["jsonl"])


def _is_on(variable: str) -> bool:
    """Whether an option's twin in the environment switches it on, as typer reads it."""
    return os.environ.get(variable, "").lower() in ("1", "true", "t", "yes", "y", "on")


__all__ = ["main"]
