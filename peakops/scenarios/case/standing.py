"""Where a case stands, out of the facts: which records are the case, and whether it is still to be sent. Pure."""

from typing import Any

from peakops import playbook
from peakops.scenario import Facts, Row
from peakops.scenarios.case import attempts, records
from peakops.scenarios.case.attempts import Attempt
from peakops.scenarios.case.looks import EVERY

DRAFT = "draft"
CLOSED = "closed"
SENT = ("synced", CLOSED)
"""States in which the portal takes the case for one that is in Salesforce."""
WAITING = ("submitted", "failed")
"""States in which it is to go there."""
SHUT = ("suspended", "closed")
"""States of a practice for which nothing is sent."""


def ours(facts: Facts) -> list[Row]:
    """The records that are this case, by all three ways. Raises Missing where one of them is silent."""
    return records.ours(facts["case"], facts["found"], facts["stored"], facts["near"])


def known(facts: Facts) -> list[Row]:
    """The same by whichever of the ways have answered."""
    found, near = (facts[name] if facts.known(name) else [] for name in ("found", "near"))
    stored = facts["stored"] if facts.known("stored") else None
    return records.ours(facts["case"], found, stored, near)


def deleted(facts: Facts) -> Row | None:
    """A record that was this case and is in the recycle bin."""
    return records.deleted(facts["case"], facts["found"], facts["stored"])


def linked(facts: Facts, row: Row) -> bool:
    """Whether the portal has stored this record's id."""
    return records.same(row["id"], facts["case"]["salesforce_case_id"])


def held(facts: Facts, row: Row) -> list[Row]:
    """The other cases of the portal that hold this record."""
    return [each for each in facts["holders"] if records.same(each["salesforce_case_id"], row["id"])]


def settled(facts: Facts) -> str:
    """Why nothing is to be sent to Salesforce; empty where the case is to go there. Raises Missing."""
    case = facts["case"]
    if case["status"] == DRAFT:
        return "The case is a draft, which the practice has not submitted."
    if ours(facts):
        return "The case is in Salesforce."
    return "The portal stored another case's record." if records.is_anothers(facts["stored"], case) else ""


def attempt(facts: Facts) -> Attempt | None:
    """The last attempt to bring it to Salesforce."""
    return attempts.last(facts["case"], facts["audit"])


def retry(facts: Facts, words: str = "") -> dict[str, Any]:
    """
    Whether another attempt may be named as the remedy, and what is said instead where not: for a finding.

    `words` are those of the playbook that are said where it may. None is named where a look is silent that might
    forbid it, or where no request is left.
    """
    if not facts.known(*EVERY) or spent(facts):
        return {"curable": False}
    case = facts["case"]
    if case["practice_status"] in SHUT:
        return instead("practice_shut")
    if case["status"] == CLOSED:
        return instead("closed")
    if deleted(facts):
        return instead("deleted")
    return {"instead": playbook.words("case")["instead"][words]} if words else {}


def spent(facts: Facts) -> bool:
    """Whether no API request is left."""
    return bool(facts["limits"]["daily_remaining"] <= 0)


def instead(name: str) -> dict[str, Any]:
    """The words of the playbook that take the place of a row's own, whose fix does not hold: for a finding."""
    return {"curable": False, "instead": playbook.words("case")["instead"][name]}
