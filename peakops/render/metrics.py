"""
A report as metrics in Prometheus's text format 0.0.4, for the textfile collector of its node exporter.

The collector reads whole files that end in .prom, whenever it is scraped: a file takes the place of the one before in
one step, and everybody may read it.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from peakops.errors import UsageFault
from peakops.model import Report, Row
from peakops.render import figures

SUFFIX = ".prom"
"""The collector looks at no other file."""
MODE = 0o644
Samples = Sequence[tuple[Mapping[str, str], float]]
"""Values with their labels."""


def text(report: Report, ended_at: datetime) -> str:
    """The metrics of a job's run: when it ended, how long it took, its exit code, and what it found in each section."""
    # Prometheus has labels of its own called job and instance, and renames those of a file.
    own = {"command": report.command, "environment": report.environment}
    counts = figures.severities(report).items()
    told = list(_metric("job_ended_timestamp_seconds", "When the job last ended.", [(own, ended_at.timestamp())]))
    told += _metric("job_duration_seconds", "How long the job's last run took.", [(own, report.duration_ms / 1000)])
    told += _metric("job_exit_code", "The exit code of the job's last run.", [(own, int(report.exit_code))])
    by_severity = [({**own, "severity": name}, float(count)) for name, count in counts]
    told += _metric("findings", "What counts of the findings of the last run.", by_severity)
    told += _sections(report, own)
    return "".join(f"{each}\n" for each in told)


def _sections(report: Report, own: Mapping[str, str]) -> Iterator[str]:
    """What a sweep says of each of its sections."""
    sections: Mapping[str, Row] = figures.summary(report).get("sections", {})
    found = [
        ({**own, "section": name, "severity": each}, float(section.get(each, 0)))
        for name, section in sections.items()
        for each in (*figures.SEVERITIES, "muted", "known")
    ]
    seen = [({**own, "section": name}, float(each.get("status") != "unknown")) for name, each in sections.items()]
    took = [({**own, "section": name}, float(each.get("seconds", 0))) for name, each in sections.items()]
    yield from _metric("section_findings", "Findings of the last run by section and severity.", found)
    yield from _metric("section_answered", "Whether the last run could say anything of the section (1) or not.", seen)
    yield from _metric("section_duration_seconds", "How long the section took in the last run.", took)


def _metric(name: str, says: str, samples: Samples) -> Iterator[str]:
    """A gauge with its samples; nothing where there are none."""
    if not samples:
        return
    yield f"# HELP peakops_{name} {says}"
    yield f"# TYPE peakops_{name} gauge"
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
        yield f"peakops_{name}{{{told}}} {value:.15g}"


def _escaped(value: str) -> str:
    """A label's value: the format escapes the backslash, the quote and the line's end."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def usable(path: Path) -> None:
    """Refuse, before anything is looked at, a file that the collector would pass over. Raises UsageFault."""
    if path.suffix != SUFFIX:
        raise UsageFault(f"{path} does not end in {SUFFIX}: no collector reads it.", hint="Give it another name.")
    if not path.parent.is_dir():
        raise UsageFault(f"The folder {path.parent} does not exist.", hint="Name the node exporter's textfile folder.")


def save(document: str, path: Path) -> str:
    """Put the document in the place of the file before, in one step; what went wrong, or nothing. Never raises."""
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as file:
            part = Path(file.name)
            file.write(document)
            os.fchmod(file.fileno(), MODE)
        part.replace(path)
    except OSError as wrong:
        if part:
            with suppress(OSError):
                part.unlink()
        return f"The metrics could not be written to {path}: {wrong.strerror}."
    return ""
