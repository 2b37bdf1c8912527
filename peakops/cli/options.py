"""The options that commands share, said once; each but the dangerous ones has a twin in the environment."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from peakops import timegrammar

LONGEST_TIME_LIMIT = timegrammar.duration("1w")
LONGEST_NUMBER = 18
"""Digits: no list has more rows, and longer numbers are refused by Python itself."""


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


def _moment(text: str) -> str:
    """The text as it stands, once it is known to be a moment: which one, the environment's clock decides."""
    try:
        timegrammar.moment(text, datetime.now(UTC))
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.") from None
    return text


def _limit(text: str) -> int:
    """How many rows; `all` is more than there can be."""
    if text == "all":
        return sys.maxsize
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER and int(text)):
        raise typer.BadParameter(f"'{text}' is neither a number from 1 on nor 'all'.")
    return int(text)


def _job(text: str) -> str:
    """A job that is noted where it is named; the jobs are read only then."""
    from peakops.cli.cron.named import unnoted

    return unnoted(text)


def _env_file(path: Path | None) -> Path | None:
    """Eager, so that the file's variables count for every other option, before the group and behind it."""
    if path:
        from peakops.settings import apply_env_file

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
JsonLines = Annotated[bool, _option("--jsonl", help="Print one JSON object a line, each as it comes; 'summary' ends.")]
Csv = Annotated[bool, _option("--csv", help="Print the rows as CSV (RFC 4180); the verdict goes to stderr.")]
Limit = Annotated[int, _option("--limit", metavar="N|all", parser=_limit, help="At most so many rows; a cut is said.")]
Since = Annotated[
    str,
    _option(
        "--since",
        metavar="DUR|MOMENT",
        parser=_moment,
        help="From when on: 90s, 15m, 2h, 3d, 2w, 1h30m ago; today, yesterday, 2026-11-20 (UTC); or RFC 3339.",
    ),
]
Until = Annotated[
    str | None,
    _option(
        "--until", metavar="MOMENT", parser=_moment, help="Till when, written like --since; till now if not given."
    ),
]
Guide = Annotated[bool, _option("--guide", twin=False, help="Show the decision tree; nothing is asked.")]
Say = Annotated[
    Literal["customer", "vendor"] | None,
    _option("--say", twin=False, help="Print the verdict as a reply to the customer, or as a report to the vendor."),
]
Record = Annotated[
    Path | None,
    _option(
        "--record",
        twin=False,
        metavar="FILE",
        help="Keep the evidence in a new file, masked and hashed, for 'peakops replay'; an existing one is refused.",
    ),
]
Why = Annotated[
    bool, _option("--why", twin=False, help="Say how the verdict came about: each question, and what was read for it.")
]
Nagios = Annotated[
    bool, _option("--nagios", twin=False, help="Print one line for a monitoring system, with its numbers.")
]
UntilOk = Annotated[
    Literal["ok"] | None,
    _option("--until", twin=False, help="Look again and again until nothing is wrong; the time limit is 15m then."),
]
Incident = Annotated[
    str | None,
    _option(
        "--incident", metavar="ID", help="Note the verdict, and what was changed, in the time line of this incident."
    ),
]

Environment = Annotated[str | None, _option("--env", metavar="NAME", help="The environment: a profile of config.toml.")]
Sandbox = Annotated[bool, _option("--sandbox", help="Use the sandbox; it starts by itself (= --env sandbox).")]
EnvFile = Annotated[
    Path | None,
    _option("--env-file", metavar="FILE", is_eager=True, callback=_env_file, help="A file with PEAKOPS_… variables."),
]
Job = Annotated[
    str | None,
    _option("--job", metavar="NAME", parser=_job, help="Note this run as one of this job; 'peakops cron render' does."),
]
Colour = Annotated[Literal["auto", "always", "never"], _option("--color", help="When to colour the output.")]

DryRun = Annotated[bool, _option("--dry-run", "-n", help="Show the plan and end with 10; nothing is asked or changed.")]
Yes = Annotated[bool, _option("--yes", twin=False, help="Confirm a plan that can be undone (class B); no other.")]
Confirm = Annotated[
    str | None,
    _option(
        "--confirm", twin=False, metavar="ID", help="Confirm the plan of this object, in a script; needs --reason."
    ),
]
UntilFinal = Annotated[
    Literal["final"] | None,
    _option("--until", twin=False, help="Watch what was changed until it is final; the time limit is 15m then."),
]


def twins() -> tuple[str, ...]:
    """The variables that are twins of the options above."""
    said = [each for option in globals().values() for each in getattr(option, "__metadata__", ())]
    return tuple(str(each.envvar) for each in said if getattr(each, "envvar", None))
