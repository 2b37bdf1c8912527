"""What the fixes of a case share: how they name it, and how it is linked to its record in Salesforce. Pure."""

from typing import Any

from peakops import playbook
from peakops.fix import Action, Proposal, Subject
from peakops.plan import Params
from peakops.scenario import Facts, Row
from peakops.scenarios.case import records, standing

UNPROVEN = "The record carries no id of the portal's: its subject, or the link that was stored, is all that names it."
UNCOMPARED = "The practice has no account in the portal, so that the record's own could not be compared."


def subject(facts: Facts) -> Subject:
    """The case, which people and the journal call by its number."""
    case = facts["case"]
    practice = str(case["practice_id"])
    return Subject(kind="case", id=str(case["id"]), name=case["case_number"], practice_id=practice)


def only(facts: Facts) -> Row | None:
    """The one record that is the case; None where there is none, or several."""
    rows = standing.ours(facts)
    return rows[0] if len(rows) == 1 else None


def link(case: Row, record: Any, told: str) -> Action:
    """The portal's row gets the record's id, which a step before it may bring."""
    return Action(
        via="database",
        call="case/link",
        params={"case": str(case["id"]), "record": record, "was_record": case["salesforce_case_id"]},
        target=f"case {case['case_number']}",
        was=f"{case['status']}, {_linked(case)}",
        becomes=f"{'closed' if case['status'] == standing.CLOSED else 'synced'}, linked to {told}",
        undo=f"Set its status to '{case['status']}' again, and {_unlink(case)}; the audit log keeps what it was.",
    )


def linked(facts: Facts, row: Row) -> Proposal:
    """The case linked to a record that is there; nothing is made."""
    case = facts["case"]
    doubts = {UNPROVEN: not records.carries(row, case), UNCOMPARED: not case["salesforce_account_id"]}
    return Proposal(
        actions=(link(case, row["id"], records.told(row)),),
        notes=tuple(says for says, holds in doubts.items() if holds),
        customer=arrived(),
        holds=("case/hold", _seen(case)),
    )


def arrived() -> str:
    """What the customer may be told once it is done."""
    return str(playbook.words("case")["notice"]["arrived"])


def _seen(case: Row) -> Params:
    """The case as it was seen, which the transaction finds and locks."""
    at = case["sync_attempted_at"]
    return {
        "case": str(case["id"]),
        "was_status": case["status"],
        "was_record": case["salesforce_case_id"],
        "was_attempted_at": at.isoformat() if at else None,
    }


def _unlink(case: Row) -> str:
    stored = case["salesforce_case_id"]
    return f"its link to {stored}" if stored else "take the link out"


def _linked(case: Row) -> str:
    return f"linked to {case['salesforce_case_id']}" if case["salesforce_case_id"] else "not linked"
