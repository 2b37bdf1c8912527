"""The one way out: every report passes here, cleaned at the door, as a page or as an envelope."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from peakops.model import Fault, Report
from peakops.redact import Door, Open
from peakops.render import writer
from peakops.render.envelope import dumps, envelope, moment

__all__ = ["Style", "complain", "hush", "moment", "notice", "progress", "show", "writable"]


PROGRESS_WIDTH = 40
"""Wider than any line of progress, narrower than any terminal."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """How the operator wants to be told."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    colour: str = "auto"
    output: Path | None = None
    reveal: bool = False


def show(report: Report, style: Style, typed: tuple[str, ...] = ()) -> None:
    """Print the report, or save it to the file that was asked for; what the operator typed stays as typed."""
    _cut(report, style)
    door = Open() if report.invented else Door(typed=typed, reveal=style.reveal)
    if style.json:
        text = dumps(envelope(report, door)) + "\n"
        _out(text, style)
        return
    from peakops.render import page

    lines = [
        tuple((door.line(text), look) for text, look in line)
        for line in page.lines(_cleaned(report, door), quiet=style.quiet, verbose=style.verbose)
    ]
    if style.output and lines:
        _out("".join(f"{writer.plain(line)}\n" for line in lines), style)
        return
    stdout = writer.standard_output()
    writer.write(lines, stdout, colour=writer.in_colour(stdout, style.colour))
    if report.error and not report.verdict:
        complain(report.error, style)


def _cut(report: Report, style: Style) -> None:
    """A list that was cut says so on stderr too, whatever the format."""
    if report.truncated:
        notice(f"Only the first {report.truncated['shown']} are listed; there are more.", style)


def complain(fault: Fault, style: Style) -> None:
    """An error on stderr: the sentence, and the hint under it."""
    notice(f"error: {fault.message}", style)
    if fault.hint:
        notice(f"  {fault.hint}", style)


def writable(path: Path) -> None:
    """Refuse, before anything is looked at, a file that could not be written afterwards. Raises UsageFault."""
    writer.writable(path)


def progress(style: Style) -> Callable[[int, int], None]:
    """What tells how many looks have answered: a line on stderr that goes away, and only on a terminal."""
    stderr = sys.stderr
    if style.quiet or not stderr.isatty() or os.environ.get("TERM") == "dumb":
        return lambda answered, asked: None  # noqa: ARG005  (nobody watches)

    def told(answered: int, asked: int) -> None:
        line = f"  {answered} of {asked} looks answered" if answered < asked else ""
        # Blanks, not an escape sequence, wipe the line: they work on every terminal.
        stderr.write(f"\r{line:<{PROGRESS_WIDTH}}\r")
        stderr.flush()

    return told


def hush() -> None:
    """Nobody reads stdout any more (`| head`): drop what is left, so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cleaned(report: Report, door: Door) -> Report:
    """Rows are cleaned by key before they become text, where a key would be lost."""
    evidence = tuple(replace(each, rows=tuple(door.clean(each.rows))) for each in report.evidence)
    return replace(report, evidence=evidence)


def _out(text: str, style: Style) -> None:
    if style.output:
        writer.save(text, style.output)
        return
    stdout = writer.standard_output()
    stdout.write(text)
    stdout.flush()


def notice(text: str, style: Style) -> None:
    """A sentence on stderr, where everything goes that is not data."""
    line = ((Door().line(text), "yellow"),)
    writer.write([line], sys.stderr, colour=writer.in_colour(sys.stderr, style.colour))
