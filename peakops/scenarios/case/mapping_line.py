"""The Salesforce account of each practice, a line each, the worst first. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios.case import accounts

FIELDS = ("practice_id", "practice", "status", "account", "verdict", "account_name", "becomes", "cases", "says")
"""The columns of a line."""
ORDER = (
    *("malformed", "absent", "deleted", "merged", "unmapped"),
    *("unknown", "shared", "unmapped_unused", "closed", "visible"),
)
"""The verdicts on a practice, the worst first."""
CLOSED = "closed"
"""A practice that makes no cases any more; a suspended one comes back."""


def lines(facts: Facts) -> list[dict[str, Any]]:
    """A line for each practice. Raises Missing where the practices could not be read."""
    practices = facts["practices"]
    masters = facts["masters"] if facts.known("masters") else []
    read = accounts.by_id([*masters, *facts["accounts"]]) if facts.known("accounts") else None
    open_ones = [each for each in practices if each["status"] != CLOSED]
    holders = Counter(filter(None, (accounts.short(each["salesforce_account_id"]) for each in open_ones)))
    rows = [_line(each, read, holders) for each in practices]
    return sorted(rows, key=lambda row: (ORDER.index(row["verdict"]), row["practice"], row["practice_id"]))


def _line(practice: Row, read: Mapping[str, Row] | None, holders: Mapping[str, int]) -> dict[str, Any]:
    stored = practice["salesforce_account_id"]
    account = (read or {}).get(accounts.short(stored)) if stored else None
    verdict, says = _judged(practice, read, holders)
    return {
        "practice_id": str(practice["id"]),
        "practice": practice["name"],
        "status": practice["status"],
        "account": stored,
        "verdict": verdict,
        "account_name": account["name"] if account else None,
        "becomes": accounts.left(account, read or {}) if account and account["master_id"] else None,
        "cases": practice["cases"],
        "says": f"{practice['name']}  {verdict}  {says}",
    }


def _judged(practice: Row, read: Mapping[str, Row] | None, holders: Mapping[str, int]) -> tuple[str, str]:
    """The verdict on one practice's account, and the sentence that proves it."""
    stored = practice["salesforce_account_id"]
    verdict, says = accounts.state(stored, read)
    if practice["status"] == CLOSED and verdict not in ("visible", "unknown"):
        return "closed", f"The practice is closed, so that nothing rests on it: {says}"
    several = holders.get(accounts.short(stored), 0)
    if verdict == "visible" and practice["status"] != CLOSED and several > 1:
        return "shared", f"{says} {several} practices have it."
    if verdict == "unmapped" and not practice["cases"]:
        return "unmapped_unused", f"{says} No case was made in the last 90 days."
    made = f" {practice['cases']} case(s) were made in the last 90 days." if practice["cases"] else ""
    return verdict, says + made if verdict not in ("visible", "unknown") else says
