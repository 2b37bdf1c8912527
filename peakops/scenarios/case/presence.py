"""The questions of `case check` about the records in Salesforce that are the case, or are taken for it. Pure."""

from typing import Any

from peakops.model import typed
from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.case import records, standing
from peakops.scenarios.case.looks import SEARCHED
from peakops.scenarios.words import day

SEVERAL = 2
FEW = 3
"""How many of the other cases are named as what to look at next."""


def twins(facts: Facts) -> Outcome:
    rows = standing.known(facts)
    if len(rows) >= SEVERAL:
        case = facts["case"]
        told = "; ".join(f"{records.told(each)} of {day(each['created_at'])}{_how(case, each)}" for each in rows)
        return found("duplicate_in_salesforce", f"{len(rows)} records in Salesforce are {case['case_number']}: {told}.")
    # Only what all three ways brought proves that there is no second one.
    standing.ours(facts)
    return ok(f"Salesforce has no more than one record of it, looked for {records.WAYS}.")


def _how(case: Row, row: Row) -> str:
    return ", with the portal's id" if records.carries(row, case) else ", without the portal's id"


def owner(facts: Facts) -> Outcome:
    case = facts["case"]
    stored = facts["stored"] if facts.known("stored") else None
    if stored and records.is_anothers(stored, case):
        says = f"The portal stored {records.told(stored)}, which carries the portal's id of another case."
        lead = typed("peakops case check", str(stored["external_id"]))
        return found("linked_elsewhere", says, cause="carries_another", next=(lead,))
    if others := _sharing(facts):
        return _shared(facts, others)
    stored = facts["stored"]
    if stored and not stored["external_id"] and not records.on_account(stored, case, facts["account"]):
        says = f"The portal stored {records.told(stored)}, which carries no id of the portal's, on {stored['account']}."
        return found("linked_elsewhere", says, cause="other_account")
    return ok("No other case of the portal is linked to the same record.")


def _sharing(facts: Facts) -> list[Row]:
    """The other cases of the portal that hold the record which this one stored, or which is this case."""
    ids = [facts["case"]["salesforce_case_id"], *(each["id"] for each in standing.known(facts))]
    return [each for each in facts["holders"] if any(records.same(each["salesforce_case_id"], id) for id in ids)]


def _shared(facts: Facts, others: list[Row]) -> Outcome:
    more = "at least " if facts.notes("holders") else ""
    told = ", ".join(f"{each['case_number']} ({each['salesforce_case_id']})" for each in others)
    mine = facts["case"]["salesforce_case_id"]
    both = any(records.same(each["salesforce_case_id"], mine) for each in others)
    says = f"The same record is linked to {more}{len(others)} other case(s) of the portal: {told}."
    leads = tuple(typed("peakops case check", each["case_number"]) for each in others[:FEW])
    return found("linked_elsewhere", says, cause="linked_twice" if both else "held_by_another", next=leads)


def link(facts: Facts) -> Outcome:
    case, rows = facts["case"], standing.known(facts)
    if len(rows) != 1:
        standing.ours(facts)
        return skip("Salesforce has several records of it." if rows else "Salesforce has no record of it.")
    (row,) = rows
    if not standing.linked(facts, row):
        return _unlinked(facts, row)
    if case["status"] in (*standing.WAITING, standing.DRAFT):
        says = (
            f"Salesforce has {records.told(row)}, whose id the portal stored, and the portal says '{case['status']}'."
        )
        return found("created_not_linked", says, cause=_doubt(facts, row) or "not_noted", **linkable(facts, row))
    return ok(f"The portal has linked {records.told(row)}.")


def _unlinked(facts: Facts, row: Row) -> Outcome:
    case, stored = facts["case"], facts["case"]["salesforce_case_id"]
    by = (
        "carries the portal's id"
        if records.carries(row, case)
        else "has the case's subject and carries no id of the portal's"
    )
    knows = f"the portal stored {stored}" if stored else "the portal has stored no record"
    says = f"Salesforce has {records.told(row)}, made {day(row['created_at'])}, '{row['status']}', which {by}; {knows}."
    cause = _doubt(facts, row) or ("stale_link" if stored else None)
    return found("created_not_linked", says, cause=cause, **linkable(facts, row))


def _doubt(facts: Facts, row: Row) -> str | None:
    """What speaks against linking a record at once, as a cause; None where nothing is known to."""
    case = facts["case"]
    if case["status"] == standing.DRAFT:
        return "draft"
    if facts.known("account") and not records.on_account(row, case, facts["account"]):
        return "other_account"
    return None if records.carries(row, case) else "without_portal_id"


def linkable(facts: Facts, row: Row) -> dict[str, Any]:
    """Whether a record may be linked without a person's decision, and what is said instead where not: for a finding."""
    doubt = _doubt(facts, row)
    if doubt in ("draft", "other_account"):
        return standing.instead(doubt)
    if not facts.known(*SEARCHED):
        return {"curable": False}
    return standing.instead("held") if standing.held(facts, row) else {}


def settled(facts: Facts) -> Outcome:
    case, rows = facts["case"], standing.ours(facts)
    if case["status"] not in standing.SENT or not rows or not standing.linked(facts, rows[0]):
        return skip("The case is not linked to a record in Salesforce.")
    (row,) = rows[:1]
    says = f"{case['case_number']} is {records.told(row)} in Salesforce, '{row['status']}', and the portal knows it."
    elsewhere = (
        "" if records.on_account(row, case, facts["account"]) else f" It is on another account, {row['account']}."
    )
    return found("synced", says + elsewhere)
