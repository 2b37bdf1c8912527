"""What the scenarios of one case look at: the case by whatever was typed, and what Salesforce has of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from peakops.scenario import Answer, Facts, Look, Missing, Row
from peakops.scenarios.addresses import identifier
from peakops.scenarios.case import payload

RECORD = re.compile(r"500[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
"""A case's id in Salesforce."""
FINDERS = ("pointer", "case")
"""The looks that find the subject, in order; the first only for an id of Salesforce's."""
OF_SALESFORCE = ("found", "stored", "near", "account", "fields", "limits", "identity")
"""The looks at Salesforce."""
EVERY = ("case", "holders", "audit", *OF_SALESFORCE)
"""What a verdict rests on that is not critical: any of these may show something worse, or a twin."""
SEARCHED = ("case", "holders", "found", "stored", "near", "account")
"""What must be known of a record before it is linked."""
AHEAD = timedelta(days=1)
"""How far the portal's clock may be ahead of Salesforce's: a subject holds the case's number, so that a day is safe."""


def subject(look: Look, given: str) -> Answer:
    """The look that finds the case; a record that the portal does not know leads there by the id that it carries."""
    typed = given.strip()
    ways: list[list[Any]] = [["case/cases", {"number": typed}]]
    if id := identifier(typed):
        ways = [["case/cases", {"id": id}]]
    elif RECORD.fullmatch(typed):
        carried = look.at("salesforce", "pointer", "case", id=typed).then(_portals_id).otherwise(None)
        ways = [["case/cases", {"record": typed}], ["case/cases", {"id": carried}]]
    return look.at("database", "case", "find", ways=ways)


def hanging(look: Look, case: Answer) -> None:
    """The looks at everything else: three ways of finding the case in Salesforce, and what may be in its way there."""
    look.rows("audit", "case/audit", case=case["id"])
    account, stored = case["salesforce_account_id"], case["salesforce_case_id"]
    found = look.at("salesforce", "found", "cases_of", case=case.then(_with(lambda row: str(row["id"]))))
    look.at("salesforce", "stored", "case", id=stored)
    since = case.then(_with(lambda row: row["created_at"] - AHEAD))
    window = {"subject": case.then(_with(payload.subject)), "since": since, "until": None}
    near = look.at("salesforce", "near", "cases_near", account=account, **window)
    look.at("salesforce", "account", "account", id=account)
    look.at("salesforce", "fields", "describe")
    look.at("salesforce", "limits", "limits")
    look.at("salesforce", "identity", "identity")
    records = (stored, found.then(_ids).otherwise(()), near.then(_ids).otherwise(()))
    look.rows("holders", "case/holders", case=case["id"], records=records)


def called(facts: Facts) -> str:
    """What people call the case: CASE-1042."""
    return str(facts["case"]["case_number"])


def absent(given: str) -> str:
    """The sentence for a case that is not there."""
    return f"The portal has no case '{given.strip()}'."


def candidate(row: Row) -> Row:
    """What is listed of each case that an identifier fits."""
    fields = ("id", "case_number", "status", "practice", "created_at")
    return {**{each: row[each] for each in fields}, "says": f"{row['case_number']}  {row['status']}  {row['practice']}"}


def _with(pick: Callable[[Row], Any]) -> Callable[[Row | None], Any]:
    """What `pick` makes of the case. Raises Missing where there is none."""

    def of(row: Row | None) -> Any:
        if row is None:
            raise Missing("It needs 'case' first, and there is none.")
        return pick(row)

    return of


def _portals_id(row: Row | None) -> str | None:
    return identifier(row["external_id"] or "") if row else None


def _ids(rows: list[Row]) -> list[str]:
    return [each["id"] for each in rows]
