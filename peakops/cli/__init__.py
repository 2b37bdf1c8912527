"""peakops: arguments in, exit code out."""

import os
import sys
from collections.abc import Sequence

import typer

from peakops.errors import Exit, PeakopsError, UsageFault


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every outcome has printed exactly one report by then."""
    given = list(sys.argv[1:] if args is None else args)
    from peakops.cli.root import app

    try:
        code = app(given, prog_name="peakops", standalone_mode=False)
    except PeakopsError as error:
        return _refuse(given, error)
    except typer.Abort:
        return _refuse(given, _usage("Aborted."))
    except typer._click.exceptions.ClickException as wrong:  # the one name that typer does not hand on
        return _refuse(given, _usage(_sentence(wrong), _hint(wrong)))
    return int(code or 0)


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
    from peakops import render
    from peakops.cli.groups import COMMANDS, GROUPS
    from peakops.render import Style
    from peakops.report import Frame, of_error

    words = [each for each in given if not each.startswith("-")]
    known = next((index for index, each in enumerate(words) if each in GROUPS or each in COMMANDS), None)
    name = "peakops" if known is None else " ".join(words[known : known + (2 if words[known] in GROUPS else 1)])
    sandbox = "--sandbox" in given or os.environ.get("PEAKOPS_SANDBOX", "") not in ("", "0", "false")
    frame = Frame(command=name, environment="sandbox" if sandbox else os.environ.get("PEAKOPS_ENV") or "default")
    as_json = "--json" in given or os.environ.get("PEAKOPS_JSON", "").lower() not in ("", "0", "false", "no", "off")
    render.show(of_error(frame, error), Style(json=as_json))
    return int(error.exit_code)


__all__ = ["Exit", "main"]
