"""A verdict as a text that can be sent: to the customer without ids or secrets, to a vendor with ids and times."""

from collections.abc import Iterator
from dataclasses import replace

from peakops import playbook
from peakops.model import Report
from peakops.render import moment


def said(report: Report, audience: str) -> Report:
    """The report with the text as its page, and in `data.say` for scripts; verdict and exit code stay."""
    text = list(_to_customer(report) if audience == "customer" else _to_vendor(report))
    say = {"audience": audience, "text": "\n".join(text)}
    return replace(report, lines=tuple(text), data={**report.data, "say": say})


def _to_customer(report: Report) -> Iterator[str]:
    """Never an id, a code, or a reason that must be concealed: fraud, lost, stolen, block lists."""
    words = playbook.words("reply")["letter"]
    yield words["greeting"]
    yield ""
    yield report.verdict.customer if report.verdict and report.verdict.customer else words["otherwise"]
    yield ""
    yield words["closing"]


def _to_vendor(report: Report) -> Iterator[str]:
    """What a vendor's support asks for: objects, requests, moments in UTC, and what was seen."""
    verdict = report.verdict
    yield f"Summary: {verdict.title if verdict else report.status}. {verdict.says if verdict else ''}".strip()
    yield f"Looked at: {moment(report.started_at)}"
    for each in report.evidence:
        ids = [str(name) for row in each.rows if (name := row.get("id") or row.get("tracking_number"))]
        if each.source == "database" or not (ids or each.request_ids or each.error):
            continue
        heard = "answered" if each.rows else "nothing"
        what = f"{', '.join(ids)}" if ids else each.error.message if each.error else heard
        yield f"{each.name}: {what}"
        if each.request_ids:
            yield f"  {each.asked}: {', '.join(each.request_ids)}"
