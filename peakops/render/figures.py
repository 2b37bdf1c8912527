"""What a report comes to in numbers: for a line of monitoring, and for a file of metrics."""

from collections.abc import Mapping
from typing import Any

from peakops.model import Report, Severity, Verdict

SEVERITIES = (Severity.CRITICAL.value, Severity.WARNING.value, Verdict.UNKNOWN.value)


def severities(report: Report) -> dict[str, int]:
    """How many findings there are of each severity: a sweep's own count, or that of the findings and open questions."""
    told = summary(report).get("severities")
    if told is not None:
        return {each: int(told.get(each, 0)) for each in SEVERITIES}
    found = [each.severity.value for each in report.findings]
    unknown = sum(each.verdict is Verdict.UNKNOWN for each in report.outcomes)
    return {**{each: found.count(each) for each in SEVERITIES}, Verdict.UNKNOWN.value: unknown}


def summary(report: Report) -> Mapping[str, Any]:
    """What a sweep says of itself; nothing of another command."""
    told = report.data.get("summary")
    return told if isinstance(told, Mapping) else {}
