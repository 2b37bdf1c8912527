"""What portal, audit log and Salesforce say of a case, side by side, and the same as data for scripts. Pure."""

from typing import Any

from peakops.scenario import Facts, Missing
from peakops.scenarios import systems
from peakops.scenarios.case import attempts, data, records, standing
from peakops.scenarios.systems import Line
from peakops.scenarios.words import day

FIELDS = (
    *("practice", "practice_status", "salesforce_account_id", "case_type", "priority", "due_date", "status"),
    *("salesforce_case_id", "error_code", "error_fields", "sync_attempted_at", "created_at"),
)


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    return systems.truth(facts, {"portal": _portal, "audit log": _log, "Salesforce": _salesforce})


def _portal(facts: Facts) -> Line:
    case = facts["case"]
    link = f"linked to {case['salesforce_case_id']}" if case["salesforce_case_id"] else "not linked"
    tried = f", last attempt {day(case['sync_attempted_at'])}" if case["sync_attempted_at"] else ""
    error = f", {case['error_code'] or 'an error without a code'}" if case["has_error"] else ""
    return case["status"], f"{case['status']}{error}, {link}{tried}"


def _log(facts: Facts) -> Line:
    rows = facts["audit"]
    if not rows:
        return "none", "nothing of this case"
    failed = [each for each in rows if each["action"] == attempts.FAILED]
    more = "at least " if facts.notes("audit") else ""
    counted = f", {more}{len(failed)} attempt(s) failed" if failed else ""
    code = f" {rows[0]['error_code']}" if rows[0]["error_code"] else ""
    return rows[0]["action"], f"{rows[0]['action']}{code}, {day(rows[0]['created_at'])}{counted}"


def _salesforce(facts: Facts) -> Line:
    case, rows = facts["case"], standing.ours(facts)
    if rows:
        state = "found" if len(rows) == 1 else "several"
        return state, "; ".join(f"{records.told(each)}, {each['status']}, {day(each['created_at'])}" for each in rows)
    if gone := standing.deleted(facts):
        return "deleted", f"{records.told(gone)} is in the recycle bin"
    stored = facts["stored"]
    if stored and records.is_anothers(stored, case):
        return "of_another", f"{records.told(stored)} is another case's"
    return "none", "no record of it"


def shown(facts: Facts) -> dict[str, Any]:
    """The case in fields, the records in Salesforce that are it, and the fields that Salesforce would refuse."""
    case = facts["case"]
    told = {"id": str(case["id"]), "number": case["case_number"], **{each: case[each] for each in FIELDS}}
    return {
        "case": {**told, "due_date": case["due_date"].isoformat() if case["due_date"] else None},
        "records": [dict(each) for each in standing.known(facts)],
        "problems": _problems(facts),
        "truth": truth(facts),
    }


def _problems(facts: Facts) -> list[dict[str, Any]]:
    try:
        return [] if standing.settled(facts) else [each.as_data() for each in data.problems(facts)]
    except Missing:
        return []


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    told = [f"{each['system']}: {each['says']}" for each in truth(facts)]
    return f"{'; '.join(told)}."
