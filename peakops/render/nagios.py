"""
A report as one line for a monitoring system: `PEAKOPS CRITICAL - what it says|perfdata`.

The form is that of the Monitoring Plugins' guidelines; Nagios, Icinga and their like read the exit code, 0 to 3 as
ours. Any other, that of an error, is unknown to Icinga; Nagios and Naemon take it for critical, whatever the line says.
"""

import unicodedata

from peakops.model import Report
from peakops.redact import Door
from peakops.render import figures

WORDS = {0: "OK", 1: "WARNING", 2: "CRITICAL"}
OTHER = "UNKNOWN"
LONGEST = 1000
"""Bytes of what is said: the older agents cut a plugin's answer at 1 KB or 4 KB, the numbers with it."""
LIMITS = {"critical": ";;0;0", "warning": ";0;;0", "unknown": ";0;;0"}
"""`;warning;critical;minimum` of a count: more than none is too many."""


def line(report: Report, *, typed: tuple[str, ...] = ()) -> str:
    """One line without control characters, cleaned at the door; the word is that of the exit code."""
    word = WORDS.get(int(report.exit_code), OTHER)
    says = _plain(Door(typed=typed).line(_says(report)))
    return f"PEAKOPS {word} - {says}|{_numbers(report)}"


def _says(report: Report) -> str:
    if report.error:
        return f"{report.command}: {report.error.message}"
    if report.verdict:
        return f"{report.command}: {report.verdict.title}. {report.verdict.says}"
    # The first line of a page begins with the status, which the word tells.
    word = report.status.value
    return report.lines[0].removeprefix(word.upper()).strip() if report.lines else f"{report.command}: {word}"


def _plain(text: str) -> str:
    """The text on one line: no line end of any kind, no control character, no bar, which would begin the numbers."""
    printable = (" " if unicodedata.category(each)[0] in "CZ" else each for each in text.replace("|", "/"))
    said = " ".join("".join(printable).split())
    short = said.encode()[: LONGEST - len("…".encode())].decode(errors="ignore")
    return said if len(said.encode()) <= LONGEST else f"{short}…"


def _numbers(report: Report) -> str:
    """The perfdata: `label=value[unit];warning;critical;minimum`."""
    counts = [f"{name}={count}{LIMITS[name]}" for name, count in figures.severities(report).items()]
    more = [f"{name}={told}" for name, told in figures.summary(report).items() if name in ("muted", "known")]
    return " ".join((*counts, *more, f"time={report.duration_ms / 1000:.3f}s;;;0"))
