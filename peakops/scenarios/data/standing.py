"""The questions of a deletion request: what forbids it, what is held, and what becomes of it. Pure."""

from collections.abc import Sequence
from typing import Any

from peakops.scenario import Facts, Missing, Outcome, Row, found, ok, skip
from peakops.scenarios.data import looks
from peakops.scenarios.words import day

TOUCHED = ("delete", "null", "pseudonymise", "auth")
"""Effects after which nothing of the person is left in a row."""
OPTIONS = ("--request", "ID", "--basis", "TEXT", "--identity-confirmed", "HOW")
"""What 'data delete' is told besides the person."""
AUDIT = "public.audit_logs"


def hold(facts: Facts) -> Outcome:
    tables = {f"table:{each['table']}" for each in facts["holdings"]}
    binding = [each for each in facts["holds"] if not each["subject"].startswith("table:") or each["subject"] in tables]
    if not binding:
        return ok("No legal hold stands on the person, the practice or a table that holds them.")
    first = binding[0]
    more = f", and {len(binding) - 1} more" if len(binding) > 1 else ""
    return found(
        "legal_hold", f"{first['placed_by']} placed a hold on {first['subject']} on {day(first['placed_at'])}{more}."
    )


def incident(facts: Facts) -> Outcome:
    if not facts["incidents"]:
        return ok("No incident of the person is open.")
    first = facts["incidents"][0]
    return found("open_incident", f"{first['number']} ({first['severity']}) is open since {day(first['opened_at'])}.")


def classes(facts: Facts) -> Outcome:
    unknown = [each for each in facts["holdings"] if each["effect"] == "unclassified"]
    if unknown:
        told = ", ".join(f"{looks.columns(each)} with {looks.count(each['rows'])}" for each in unknown)
        return found("unclassified_table", f"Nobody has said what becomes of {told}.")
    places = unexplained(facts)
    if places:
        return found("unclassified_table", f"The person is named in {named(places)}, which nobody has classified.")
    return ok("Every table that refers to the person has a class.")


def unexplained(facts: Facts) -> list[Row]:
    """Places that name the person in a table that nobody has classified."""
    return [each for each in facts["residue"] if each["rows"] and not each["class"]]


def named(places: Sequence[Row]) -> str:
    """Places for a sentence."""
    return ", ".join(f"{each['table']}.{each['column']} ({looks.count(each['rows'])})" for each in places)


def obstacles(facts: Facts) -> Outcome:
    blocked = [each for each in facts["holdings"] if each["effect"] == "blocked"]
    if blocked:
        told = "; ".join(f"{looks.columns(each)}, {looks.count(each['rows'])}: {each['why']}" for each in blocked)
        return found("blocked", f"What must stay cannot let go of the person: {told}.")
    # What Supabase deletes by itself, and what is by hand, is not the transaction's: it is listed with a "?".
    unread = [each for each in facts["holdings"] if each["rows"] is None and each["effect"] not in ("auth", "outside")]
    if unread:
        raise Missing(f"The role that reads may not count {looks.columns(unread[0])}.")
    return ok("Nothing that must stay holds on to the person's rows.")


def returned(facts: Facts) -> Outcome:
    if not facts["erased"]:
        return ok("The log of deletions does not know the person.")
    if not present(facts):
        return skip("The person was erased, and is not there.")
    last = facts["erased"][0]
    says = f"They were erased on {day(last['executed_at'])} (request {last['request_id']}), and are there."
    own = ("--request", last["request_id"], *OPTIONS[2:])
    return found("erased_and_back", says, arguments=own)


def owner(facts: Facts) -> Outcome:
    mine = next((each for each in facts["profiles"] if str(each["id"]) == str(facts["person"]["id"])), None)
    if mine is None or mine["role"] != "owner" or not mine["practice_id"]:
        return ok("The person owns no practice.")
    left = next((each for each in facts["colleagues"] if each["practice_id"] == mine["practice_id"]), None)
    if left is None or left["owners"] or left["status"] == "closed":
        return ok("The practice has another owner, or is closed.")
    says = f"{left['practice']} has no other owner; {left['admins']} admins and {left['people']} people are left."
    return found("last_owner", says, arguments=OPTIONS)


def holdings(facts: Facts) -> Outcome:
    if not present(facts):
        if facts["person"]["id"] is None and facts["person"]["email"]:
            return found("only_invited", "There is neither an account nor a profile, only invitations to the address.")
        return found("nothing_held", gone(facts))
    return found("held", summary(facts), arguments=OPTIONS)


def present(facts: Facts) -> bool:
    """Whether anything is there that a deletion would take away."""
    who = facts["person"]
    held = any(each["effect"] in TOUCHED and each["table"] != AUDIT for each in facts["holdings"])
    return who["has_account"] or who["has_profile"] or held


def gone(facts: Facts) -> str:
    """When the person was erased, as far as the log tells."""
    last = next(iter(facts["erased"]), None)
    return f"They were erased on {day(last['executed_at'])}." if last else "The log of deletions knows them as erased."


def summary(facts: Facts) -> str:
    """How many rows of what kind, in one sentence."""
    by: dict[str, int] = {}
    for each in facts["holdings"]:
        if each["table"] != AUDIT:
            by[each["effect"]] = by.get(each["effect"], 0) + (each["rows"] or 0)
    words = {"delete": "to delete", "auth": "for Supabase Auth to delete", "null": "that stay without naming them"}
    told = [f"{by[effect]} {says}" for effect, says in words.items() if by.get(effect)]
    log = facts["audit"][0]
    if any(log.values()):
        told.append(f"{log['own'] + log['mentions']} of the audit log under a pseudonym")
    return f"Rows: {', '.join(told)}." if told else "Nothing but what is kept."


def lines(facts: Facts) -> list[dict[str, Any]]:
    """Table by table what is held, and what a deletion would do with it."""
    rows = [
        {key: each[key] for key in ("table", "columns", "effect", "rows", "ground", "until")}
        for each in facts["holdings"]
        if each["table"] != AUDIT
    ]
    log, policy = facts["audit"][0], next((each for each in facts["references"] if each["table"] == AUDIT), None)
    own = {"table": AUDIT, "columns": ["user_id", "resource_id", "details"], "effect": "pseudonymise"}
    if log["own"] + log["mentions"]:
        ground, until = (policy["ground"], policy["until"]) if policy else (None, None)
        rows.append({**own, "rows": log["own"] + log["mentions"], "ground": ground, "until": until})
    return rows
