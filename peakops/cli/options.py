"""The options that commands share, said once; each but the dangerous ones has a twin in the environment."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from peakops import timegrammar
from peakops.settings import apply_env_file

LONGEST_TIME_LIMIT = timegrammar.duration("1w")


def _duration(text: str) -> float:
    try:
        return timegrammar.duration(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.") from None


def _timeout(text: str) -> float:
    seconds = _duration(text)
    if not 0 < seconds <= LONGEST_TIME_LIMIT:
        raise typer.BadParameter("A time limit is more than nothing and at most a week.")
    return seconds


def _env_file(path: Path | None) -> Path | None:
    """Eager, so that the file's variables count for every other option, before the group and behind it."""
    if path:
        apply_env_file(path)
    return path


def _option(*names: str, twin: bool = True, **more: Any) -> Any:
    envvar = f"PEAKOPS_{names[0].strip('-').upper().replace('-', '_')}" if twin else None
    return typer.Option(*names, envvar=envvar, show_envvar=False, **more)


Json = Annotated[bool, _option("--json", help="Print one JSON document.")]
Timeout = Annotated[
    float, _option("--timeout", metavar="DUR", parser=_timeout, help="Time limit of the command: 30s, 2m, 1h30m.")
]
FailOn = Annotated[
    Literal["never", "warning", "critical"],
    _option("--fail-on", help="The least severe finding that makes the exit code 1 or 2."),
]
Reveal = Annotated[bool, _option("--reveal", twin=False, help="Show personal data; needs --reason, is journalled.")]
Reason = Annotated[str, _option("--reason", metavar="TEXT", help="Why, for the journal.")]
Quiet = Annotated[bool, _option("--quiet", "-q", help="The first lines alone: the verdict, or what was done.")]
Verbose = Annotated[bool, _option("--verbose", "-v", help="Every row that was read, too.")]
Output = Annotated[
    Path | None,
    _option(
        "--output",
        "-o",
        metavar="FILE",
        callback=lambda path: None if path == Path("-") else path,
        help="Write to a new file; an existing one is refused.",
    ),
]
Guide = Annotated[bool, _option("--guide", twin=False, help="Show the decision tree; nothing is asked.")]
Say = Annotated[
    Literal["customer", "vendor"] | None,
    _option("--say", twin=False, help="Print the verdict as a reply to the customer, or as a report to the vendor."),
]

Environment = Annotated[str | None, _option("--env", metavar="NAME", help="The environment: a profile of config.toml.")]
Sandbox = Annotated[bool, _option("--sandbox", help="Use the sandbox; it starts by itself (= --env sandbox).")]
EnvFile = Annotated[
    Path | None,
    _option("--env-file", metavar="FILE", is_eager=True, callback=_env_file, help="A file with PEAKOPS_… variables."),
]
Colour = Annotated[Literal["auto", "always", "never"], _option("--color", help="When to colour the output.")]
