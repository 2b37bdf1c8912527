"""What each system says of a person, side by side, and the same as data for scripts. Pure."""

from typing import Any

from peakops.scenario import Facts
from peakops.scenarios import systems
from peakops.scenarios.systems import Line
from peakops.scenarios.user import person
from peakops.scenarios.words import day


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    told = {
        "Supabase Auth": _account,
        "portal": _profile,
        "practice": _practice,
        "invitation": _invitation,
        "second factor": _factors,
        "sessions": _sessions,
    }
    return systems.truth(facts, told)


def _account(facts: Facts) -> Line:
    row = person.account(facts)
    if row is None:
        return "none", "no account"
    if row["deleted_at"]:
        return "deleted", f"deleted {day(row['deleted_at'])}"
    if until := person.banned(facts):
        return "banned", f"banned until {day(until)}"
    if not row["email_confirmed_at"]:
        return "unconfirmed", f"not confirmed, made {day(row['created_at'])}"
    seen = f"last log-in {day(row['last_sign_in_at'])}" if row["last_sign_in_at"] else "never logged in"
    return "confirmed", f"confirmed, {seen}"


def _profile(facts: Facts) -> Line:
    row = person.profile(facts)
    if row is None:
        return "none", "no profile"
    return ("active" if row["is_active"] else "off"), f"{row['role']}, {'on' if row['is_active'] else 'switched off'}"


def _practice(facts: Facts) -> Line:
    row = person.profile(facts)
    if row is None or not row["practice_id"]:
        return "none", "none"
    return row["practice_status"], f"{row['practice']}, {row['practice_status']}"


def _invitation(facts: Facts) -> Line:
    newest = next(iter(facts["invitations"]), None)
    if newest is None:
        return "none", "none"
    return newest["status"], f"{newest['status']}, of {day(newest['created_at'])}, until {day(newest['expires_at'])}"


def _factors(facts: Facts) -> Line:
    verified = [each for each in facts["factors"] if each["status"] == "verified"]
    if not verified:
        return "none", "none"
    return "verified", ", ".join(f"{each['factor_type']} since {day(each['created_at'])}" for each in verified)


def _sessions(facts: Facts) -> Line:
    rows = facts["sessions"]
    if not rows:
        return "none", "none"
    newest = rows[0]
    used = max(each for each in (newest["updated_at"], newest["refreshed_at"], newest["created_at"]) if each)
    return "open", f"{len(rows)}{'+' if facts.notes('sessions') else ''}, last used {day(used)}"


def access(facts: Facts) -> dict[str, Any]:
    """The same in fields; None where it could not be read, or there is none."""
    row = person.account(facts) if facts.known("accounts") else None
    mine = person.profile(facts) if facts.known("profiles") else None
    return {
        "user_id": facts["person"]["id"],
        "email_confirmed_at": row["email_confirmed_at"] if row else None,
        "last_sign_in_at": row["last_sign_in_at"] if row else None,
        "banned_until": row["banned_until"] if row else None,
        "is_active": mine["is_active"] if mine else None,
        "role": mine["role"] if mine else None,
        "practice": mine["practice"] if mine else None,
        "practice_status": mine["practice_status"] if mine else None,
        "providers": [each["provider"] for each in facts["identities"]] if facts.known("identities") else None,
    }


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    told = [f"{each['system']}: {each['says']}" for each in truth(facts)[:3]]
    return f"{'; '.join(told)}."
