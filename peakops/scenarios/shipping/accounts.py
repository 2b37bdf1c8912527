"""The practices' UPS account numbers: which are there, and which can be one. Pure."""

import re
from collections import Counter
from typing import Any

from peakops.scenario import Facts, Outcome, Row, found, ok

ACCOUNT = re.compile(r"[0-9A-Z]{6}")
"""UPS's account numbers have six characters."""
FEW = 3
"""How many practices a sentence names."""
CLOSED = "closed"
"""A practice that ships no more; a suspended one comes back."""
IN_ORDER = ("well_formed", "closed")


def accounts_written(facts: Facts) -> Outcome:
    return _of(facts, "account_malformed")


def accounts_there(facts: Facts) -> Outcome:
    return _of(facts, "account_missing")


def accounts_unused(facts: Facts) -> Outcome:
    return _of(facts, "account_missing_unused")


def _of(facts: Facts, code: str) -> Outcome:
    rows = [row for row in facts["accounts"] if _state(row) == code]
    if not rows:
        return ok("Yes.")
    named = "; ".join(
        f"{each['practice']} ({each['account']})" if each["account"] else each["practice"] for each in rows[:FEW]
    )
    more = f"; and {len(rows) - FEW} more" if len(rows) > FEW else ""
    return found(code, f"{len(rows)} practice{'s' * (len(rows) != 1)}: {named}{more}.")


def _state(row: Row) -> str:
    """How a practice's number stands, as the rows of the playbook are called."""
    if row["status"] == CLOSED:
        return "closed"
    if not row["account"]:
        return "account_missing" if row["shipments"] else "account_missing_unused"
    return "well_formed" if ACCOUNT.fullmatch(row["account"]) else "account_malformed"


def counts(facts: Facts) -> dict[str, int]:
    """The practices by how their number stands."""
    return dict(Counter(map(_state, facts["accounts"])))


def wrong(facts: Facts) -> list[dict[str, Any]]:
    """The practices whose number is not in order."""
    return [
        {
            "practice_id": str(each["id"]),
            "practice": each["practice"],
            "status": each["status"],
            "account": each["account"],
            "verdict": _state(each),
            "shipments": each["shipments"],
        }
        for each in facts["accounts"]
        if _state(each) not in IN_ORDER
    ]
