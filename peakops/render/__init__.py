"""The one way out: every report passes here, cleaned at the door, as a page or as an envelope."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from peakops.model import Report
from peakops.redact import Door, Open
from peakops.render import writer
from peakops.render.envelope import dumps, envelope, line, moment, summary
from peakops.render.stream import Stream, Unread, cleaned
from peakops.render.style import Style, complain, cut, notice

__all__ = [
    "Stream",
    "Style",
    "Unread",
    "ask",
    "complain",
    "draw",
    "hush",
    "moment",
    "notice",
    "progress",
    "reveal",
    "save",
    "show",
    "writable",
]


PAGES = ("incident report",)
"""Commands whose report becomes an HTML page where --output names one."""
PROGRESS_WIDTH = 40
"""Wider than any line of progress, narrower than any terminal."""


def show(report: Report, style: Style, typed: tuple[str, ...] = ()) -> None:
    """Print the report, or save it to the file that was asked for; what the operator typed stays as typed."""
    cut(report, style)
    # What is replayed, or compared, shows what its own command does.
    addresses = style.addresses or report.scenario.startswith("security.")
    door = Open() if report.invented else Door(typed=typed, reveal=style.reveal, addresses=addresses)
    if style.json:
        text = dumps(envelope(report, door)) + "\n"
        _out(text, style)
        return
    if style.jsonl:
        _out(line(summary(report, door)) + "\n", style)
        return
    if style.output and style.output.suffix == ".html" and report.command in PAGES:
        _out(_drawn(report, door), style)
        return
    from peakops.render import page

    lines = [
        tuple((door.line(text), look) for text, look in each)
        for each in page.lines(cleaned(report, door), quiet=style.quiet, verbose=style.verbose)
    ]
    if report.revealed:
        lines.append(_secret(*report.revealed))
    if style.output and lines:
        _out("".join(f"{writer.plain(each)}\n" for each in lines), style)
        return
    stdout = writer.standard_output()
    writer.write(lines, stdout, colour=writer.in_colour(stdout, style.colour))
    if report.error and not report.verdict:
        complain(report.error, style)


def _drawn(report: Report, door: Door) -> str:
    """A report as the HTML page that its command has."""
    from peakops.render import incident_page

    document = json.loads(dumps(envelope(report, door)))
    return incident_page.page(document["data"])


def ask(report: Report, style: Style, typed: tuple[str, ...] = ()) -> None:
    """Put a plan before a person who is to confirm it: on stderr, where prompts go."""
    from peakops.render import page

    door = Door(typed=typed, reveal=style.reveal, addresses=style.addresses)
    lines = [
        tuple((door.line(text), look) for text, look in each) for each in page.lines(report, quiet=False, verbose=False)
    ]
    writer.write(lines, sys.stderr, colour=writer.in_colour(sys.stderr, style.colour))


def reveal(name: str, secret: str, style: Style) -> None:
    """Show a secret that was asked for once, on the terminal: on stderr, so that no pipe or file keeps it."""
    writer.write([_secret(name, secret)], sys.stderr, colour=writer.in_colour(sys.stderr, style.colour))


def _secret(name: str, secret: str) -> tuple[tuple[str, str], ...]:
    return (f"  {name}  ", "dim"), (secret, "bold")


def writable(path: Path, option: str = "--output") -> None:
    """Refuse, before anything is looked at, a file that could not be written afterwards. Raises UsageFault."""
    writer.writable(path, option)


def save(text: str, path: Path) -> None:
    """Write a new file as one step, for its owner alone, and never over another. Raises BadInput."""
    writer.save(text, path)


def draw(report: Report, path: Path, style: Style, typed: tuple[str, ...] = ()) -> None:
    """Write a report of probed pages to a new file, as HTML, and say so. Raises BadInput."""
    from peakops.render import sheet

    writer.save(
        sheet.page(
            json.loads(dumps(envelope(report, Door(typed=typed, reveal=style.reveal, addresses=style.addresses))))
        ),
        path,
    )
    if not style.quiet:
        notice(f"The figures are drawn in {path}.", style)


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


def _out(text: str, style: Style) -> None:
    if style.output:
        writer.save(text, style.output)
        return
    stdout = writer.standard_output()
    stdout.write(text)
    stdout.flush()
