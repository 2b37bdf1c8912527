"""What each system says of an invitation, side by side, and the same as data for scripts. Pure."""

from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios import mails, systems
from peakops.scenarios.invitation import standing
from peakops.scenarios.systems import Line
from peakops.scenarios.words import day


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    told = {
        "newest invitation": _newest,
        "older ones": _older,
        "practice": _practice,
        "Supabase Auth": _account,
        "e-mail provider": _provider,
    }
    return systems.truth(facts, told)


def _newest(facts: Facts) -> Line:
    row = standing.newest(facts)
    ends = "ended" if standing.over(facts, row) else "until"
    return row["status"], f"{row['status']}, of {day(row['created_at'])}, {ends} {day(row['expires_at'])}"


def _older(facts: Facts) -> Line:
    older = facts["invitations"][1:]
    if not older:
        return "none", "none"
    states = [_state(facts, each) for each in older]
    more = "at least " if facts.notes("invitations") else ""
    counted = ", ".join(f"{more}{states.count(state)} {state}" for state in dict.fromkeys(states))
    return states[0], counted


def _state(facts: Facts, row: Row) -> str:
    return "past its date" if row["status"] == "pending" and standing.over(facts, row) else str(row["status"])


def _practice(facts: Facts) -> Line:
    row = standing.newest(facts)
    return row["practice_status"], f"{row['practice']}, {row['practice_status']}; role {row['role']}"


def _account(facts: Facts) -> Line:
    made = standing.confirmed(facts) or next(iter(standing.accounts(facts)), None)
    if made and made["email_confirmed_at"]:
        return "confirmed", f"confirmed {day(made['email_confirmed_at'])}"
    if made:
        return "unconfirmed", f"not confirmed, made {day(made['created_at'])}"
    gone = standing.deleted(facts)
    return ("deleted", f"deleted {day(gone['deleted_at'])}") if gone else ("none", "no account of the address")


def _provider(facts: Facts) -> Line:
    if held := mails.suppressions(facts):
        return "suppressed", mails.suppressed(held[0])
    if notes := facts.notes("suppressions"):
        return "none", " ".join(notes)
    newest = next(iter(facts["messages"]), None)
    if newest is None:
        return "none", "no mail of it is known"
    return newest["status"], mails.said(newest)


def invitation(facts: Facts) -> dict[str, Any]:
    """The newest invitation in fields, without its token, and how many there are."""
    row = standing.newest(facts)
    return {
        "id": row["id"],
        "status": row["status"],
        "role": row["role"],
        "practice": row["practice"],
        "practice_status": row["practice_status"],
        "provider_message_id": row["provider_message_id"],
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "accepted_at": row["accepted_at"],
        "account": _account(facts)[0] if facts.known("accounts") else None,
        "pending": len(standing.live(facts)),
    }


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    told = [f"{each['system']}: {each['says']}" for each in truth(facts)]
    return f"{'; '.join(told)}."
