"""A report as the envelope of the contract: the one document that `--json` prints."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from peakops.model import Evidence, Finding, Outcome, Report, Ruling
from peakops.redact import Door


def envelope(report: Report, door: Door) -> dict[str, Any]:
    """The envelope, cleaned at the door; `redacted` counts the secrets that were removed."""
    command = report.command.replace(" ", ".")
    body: dict[str, Any] = door.clean(
        {
            "schema": f"peakops/{command}/v1",
            "command": report.command,
            "environment": report.environment,
            "given": report.given,
            "started_at": report.started_at,
            "duration_ms": report.duration_ms,
            "status": report.status.value,
            "exit_code": int(report.exit_code),
            "verdict": _verdict(report.verdict) if report.verdict else None,
            "findings": [_finding(each) for each in report.findings],
            "questions": [_question(each) for each in report.outcomes],
            "evidence": [_evidence(each) for each in report.evidence],
            "data": report.data,
            "next": list(report.next),
            "warnings": list(report.warnings),
        }
    )
    if report.revealed:
        name, secret = report.revealed
        body["data"][name] = secret
    error = door.clean(asdict(report.error)) if report.error else None
    return {**body, "redacted": door.removed, "truncated": report.truncated, "error": error}


def _verdict(ruling: Ruling) -> dict[str, Any]:
    sources = {"asked": ruling.sources.asked, "answered": ruling.sources.answered, "missing": ruling.sources.missing}
    return {
        "code": ruling.code,
        "cause": ruling.cause,
        "title": ruling.title,
        "says": ruling.says,
        "complete": ruling.complete,
        "sources": sources,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "question": finding.question,
        "title": finding.title,
        "says": finding.says,
        "cause": finding.cause,
        "means": finding.means,
        "do": finding.do,
        "evidence": finding.evidence,
        "playbook": finding.playbook,
        "fix": {"command": finding.fix.command, "class": finding.fix.grade} if finding.fix else None,
    }


def _question(outcome: Outcome) -> dict[str, Any]:
    return {"name": outcome.name, "asks": outcome.asks, "verdict": outcome.verdict.value, "says": outcome.says}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "name": evidence.name,
        "source": evidence.source,
        "asked": evidence.asked,
        "at": evidence.at,
        "took_ms": evidence.took_ms,
        "rows": evidence.rows,
        "request_ids": evidence.request_ids,
        "notes": evidence.notes,
        "error": asdict(evidence.error) if evidence.error else None,
    }


def summary(report: Report, door: Door) -> dict[str, Any]:
    """The last line of JSON lines: the envelope without what was read, and without the items, which went before."""
    data = {key: each for key, each in report.data.items() if key != "items"}
    unread = tuple(replace(each, rows=()) for each in report.evidence)
    body = envelope(replace(report, data=data, evidence=unread), door)
    evidence = [{key: value for key, value in each.items() if key != "rows"} for each in body["evidence"]]
    return {"type": "summary", **body, "evidence": evidence}


def line(document: Mapping[str, Any]) -> str:
    """A JSON document on one line."""
    return json.dumps(document, ensure_ascii=False, default=_plain)


def dumps(document: Mapping[str, Any]) -> str:
    """One JSON document: times in RFC 3339 and UTC, money as integers, names and signs as they are spelt."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an envelope")


def moment(value: datetime) -> str:
    """RFC 3339 in UTC, as the contract writes times."""
    utc = value.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")
