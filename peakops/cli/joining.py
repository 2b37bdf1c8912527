"""How a command joins an incident: its verdict, and what it changed, become a line of the incident's time line."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peakops.cli.asked import WINDOW
from peakops.cli.invocation import Invocation
from peakops.model import Report, typed
from peakops.render import Style, notice

OWN = (
    *("incident", "escalation", "oncall", "contacts", "config", "init", "schema", "sandbox", "playbook", "cron"),
    *("drill", "journal", "diff"),
)
"""Groups whose commands are about incidents or about peakops itself, and add no line by --incident."""
VARIABLE = "PEAKOPS_INCIDENT"
JOINS = ("playbook run",)
"""Commands of those groups that look at the portal all the same."""
NAMELESS = re.compile(r"|/\S*|[^\s@]*\d[^\s@]*")
"""What names nobody: nothing, a path, or one word with a digit in it."""
DONE = ("changed", "taken_back")
"""What became of an object, among many, that was changed."""
SECONDS = 2.5
"""What the database may take of a command that has done its work: what it does not take is kept on this machine."""


def named(values: Mapping[str, Any]) -> str | None:
    """Which incident is joined: the one that was named, else the shell's, also where the option is a command's own."""
    return values.get("incident") or of_the_shell()


def of_the_shell() -> str | None:
    """The incident that the shell works on."""
    return os.environ.get(VARIABLE) or None


def joined(report: Report, invocation: Invocation, number: str) -> Report:
    """The report, once the incident has its line; with a warning where it could not be written. Never raises."""
    own = report.command.partition(" ")[0] in OWN and report.command not in JOINS
    mistyped = report.error is not None and report.error.category == "usage"
    if own or mistyped or "recording" in report.data:
        # A replay looks at nothing: what it judges happened when it was recorded. What was mistyped did nothing.
        return report
    try:
        said = _joined(report, invocation, number)
    except KeyboardInterrupt:
        said = (f"Incident {number} may have no line of this: it was interrupted.",)
    except Exception as wrong:  # noqa: BLE001  (whatever it is, the command itself is done, and ends as it ended)
        said = (f"Incident {number} has no line of this. {wrong}",)
    for each in said:
        notice(each, Style(colour=invocation.colour))
    return replace(report, warnings=(*report.warnings, *said))


def _joined(report: Report, invocation: Invocation, number: str) -> tuple[str, ...]:
    """What is to be said of the line that was written."""
    from peakops.ledger import Ledger

    settings, keys, folder = invocation.settings(), invocation.write_keys(), invocation.journal()
    ledger = Ledger(settings, keys, folder, seconds=SECONDS)
    detail = told(report)
    ledger.append(ledger.find(number), "command", line(detail), detail=detail)
    return ledger.warnings


def told(report: Report) -> dict[str, Any]:
    """What is kept of a report: codes and hashes, and of what it was asked only what is no personal data."""
    detail: dict[str, Any] = {
        "command": report.command,
        "subject": _subject(report),
        "verdict": report.verdict.code if report.verdict else None,
        "cause": report.verdict.cause if report.verdict else None,
        "status": report.status.value,
        "exit_code": int(report.exit_code),
        "error": report.error.code if report.error else None,
    }
    if report.command == "triage":
        named = ("command", "verdict")
        detail["checks"] = [{key: each[key] for key in named} for each in report.data.get("checks", ())]
    return {**detail, **_change(report.data)}


def _change(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of a fix: which, the hash of its plan, and what was done; of many, how many, and the hash of each."""
    results, plans = data.get("results"), data.get("plans") or ()
    if isinstance(results, Mapping):
        done = [f"{count} {name}" for name, count in results.items() if name in DONE and count]
        return {"results": dict(results), "plans": [each["hash"] for each in plans], "changes": done}
    plan = data.get("plan")
    if not isinstance(plan, Mapping) or "hash" not in plan:
        return {}
    return {"fix": plan.get("fix"), "plan": plan["hash"], "changes": _done(plan, data.get("steps") or ())}


def _done(plan: Mapping[str, Any], steps: Any) -> list[str]:
    by = {each["target"]: f"{each['via']} {each['call']}" for each in plan.get("actions", ())}
    names = [by.get(target, target) for step in steps if not step["already"] for target in step["targets"]]
    return list(dict.fromkeys(names))


def _subject(report: Report) -> str:
    """What it was asked about, where that is a number, an id or a path; a word may be a name, and is not kept."""
    from peakops.redact import Door

    first = next((each for name, each in report.given.items() if name not in WINDOW), "")
    words = [str(each) for each in (first if isinstance(first, list | tuple) else (first,))]
    subject = " ".join(each if NAMELESS.fullmatch(each) else "…" for each in words)
    return subject if Door().line(subject) == subject else "…"


def line(detail: Mapping[str, Any]) -> str:
    """The line of the time line."""
    what = detail["verdict"] or detail["error"] or detail["status"]
    cause = f" ({detail['cause']})" if detail["cause"] else ""
    done = f"; {detail['status']}: {', '.join(detail['changes'])}" if detail.get("changes") else ""
    return f"{typed(detail['command'], detail['subject'])}: {what}{cause}{done}."
