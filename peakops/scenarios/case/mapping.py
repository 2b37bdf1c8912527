"""
The Salesforce accounts of all practices at once: which are not set, malformed, gone, merged, or shared.

A case of a practice whose account is not in order cannot be created.

Example: peakops case mapping
"""

from collections import Counter
from typing import Any

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.case import accounts
from peakops.scenarios.case.mapping_line import lines
from peakops.scenarios.case.refusals import refusal, told

FEW = 3
"""How many practices a sentence names."""
REFUSED = {"auth": "salesforce_auth_failed", "rate_limit": "api_limit_reached", "permission": "salesforce_permission"}


def gather(look: Look) -> None:
    """Declare the looks: every practice by one statement, and their accounts in as few queries as possible."""
    practices = look.rows("practices", "case/mapping")
    read = look.at("salesforce", "accounts", "accounts", ids=practices.then(accounts.to_ask))
    look.at("salesforce", "masters", "accounts", ids=read.then(accounts.masters))


def access(facts: Facts) -> Outcome:
    for category, code in REFUSED.items():
        if fault := refusal(facts, category, "accounts"):
            return found(code, told(fault))
    return ok(f"{len(facts['accounts'])} account(s) were read.")


def written(facts: Facts) -> Outcome:
    return _of(facts, "malformed")


def there(facts: Facts) -> Outcome:
    return _of(facts, "absent", "accounts")


def kept(facts: Facts) -> Outcome:
    return _of(facts, "deleted", "accounts")


def alone(facts: Facts) -> Outcome:
    return _of(facts, "merged", "accounts")


def mapped(facts: Facts) -> Outcome:
    return _of(facts, "unmapped")


def unshared(facts: Facts) -> Outcome:
    return _of(facts, "shared", "accounts")


def unused(facts: Facts) -> Outcome:
    return _of(facts, "unmapped_unused")


def _of(facts: Facts, code: str, *needs: str) -> Outcome:
    rows = [row for row in lines(facts) if row["verdict"] == code]
    for each in needs:
        _ = facts[each]
    if not rows:
        return ok("Yes.")
    more = f"; and {len(rows) - FEW} more" if len(rows) > FEW else ""
    return found(code, f"{len(rows)} practice(s): {'; '.join(map(_named, rows[:FEW]))}{more}.")


def _named(row: Row) -> str:
    becomes = f" into {row['becomes']}" if row["becomes"] else ""
    stored = (row["account"] or "").strip()
    return f"{row['practice']} ({stored}{becomes})" if stored else str(row["practice"])


def whole(facts: Facts) -> Outcome:
    rows = lines(facts)
    if any(row["verdict"] not in ("visible", "closed") for row in rows):
        return skip("Something is wrong.")
    seen = sum(row["verdict"] == "visible" for row in rows)
    return found("all_mapped", f"The accounts of {seen} practice(s) are there, and Salesforce shows them.")


def data(facts: Facts) -> dict[str, Any]:
    """The lines, and how many there are of each verdict."""
    rows = lines(facts)
    return {"items": rows, "total": len(rows), "counts": dict(Counter(row["verdict"] for row in rows))}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(access, written, there, kept, alone, mapped, unshared, unused, whole),
    subject=(),
    needs={Severity.WARNING: ("practices", "accounts"), Severity.OK: ("practices", "accounts")},
    plural="practices",
    data=data,
)
