"""How the operator wants to be told, and the sentences on stderr."""

import sys
from dataclasses import dataclass
from pathlib import Path

from peakops.model import Fault, Report
from peakops.redact import Door
from peakops.render import writer


@dataclass(frozen=True, kw_only=True)
class Style:
    """How the operator wants to be told."""

    json: bool = False
    jsonl: bool = False
    csv: bool = False
    quiet: bool = False
    verbose: bool = False
    colour: str = "auto"
    output: Path | None = None
    reveal: bool = False
    addresses: bool = False
    """Whether IP addresses are what the command is about, and shown: in the section on security."""


def notice(text: str, style: Style) -> None:
    """A sentence on stderr, where everything goes that is not data."""
    line = ((Door(addresses=style.addresses).line(text), "yellow"),)
    writer.write([line], sys.stderr, colour=writer.in_colour(sys.stderr, style.colour))


def complain(fault: Fault, style: Style) -> None:
    """An error on stderr: the sentence, and the hint under it."""
    notice(f"error: {fault.message}", style)
    if fault.hint:
        notice(f"  {fault.hint}", style)


def cut(report: Report, style: Style) -> None:
    """A list that was cut says so on stderr too, whatever the format."""
    if not report.truncated:
        return
    shown, total = report.truncated["shown"], report.truncated["total"]
    if total is None:
        notice(f"Only the first {shown} are listed; there are more.", style)
    else:
        notice(f"Only {shown} of {total} are listed; see --limit.", style)
