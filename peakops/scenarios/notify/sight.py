"""What each system says of a person's notifications, side by side, and the same as data for scripts. Pure."""

from typing import Any

from peakops.model import spelt
from peakops.scenario import Facts, Row
from peakops.scenarios import mails, systems
from peakops.scenarios.notify import figures, standing
from peakops.scenarios.notify.made import MOST
from peakops.scenarios.notify.records import KEPT_DAYS, KNOWN
from peakops.scenarios.notify.standing import CHANNELS
from peakops.scenarios.systems import Line
from peakops.scenarios.words import day


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    told = {
        "by e-mail": lambda facts: _newest(facts, "email"),
        "in the portal": lambda facts: _newest(facts, "in_app"),
        "preferences": _preferences,
        "mail at the provider": _mail,
        "address at the provider": _address,
        "sender's domain": _domain,
        "rates": _rates,
        "key of peakops": _key,
        "quota": _quota,
        "status page": _page,
    }
    return systems.truth(facts, told)


def _newest(facts: Facts, channel: str) -> Line:
    if channel not in standing.wanted(facts):
        return "not asked", "not asked about"
    row = standing.newest(facts, channel)
    if row is None:
        return "none", "none in that time"
    codes = ", ".join(each for each in (row["error_code"], row["enhanced_code"]) if each)
    read = f", read {day(row['read_at'])}" if row["read_at"] else ""
    failed = f", error {codes}" if codes else ""
    count = sum(each["channel"] == channel for each in facts["notifications"])
    many = f"{count} in all" if count < MOST else f"at least {count} in all"
    return row["status"], f"{row['status']}, '{row['type']}' of {day(row['created_at'])}{read}{failed}; {many}"


def _preferences(facts: Facts) -> Line:
    mine = standing.profile(facts)
    if mine is None:
        return "none", "no profile"
    off = [f"everything {told}" for name, told in CHANNELS.items() if mine[f"{name}_off"]]
    off += [f"{each} {told}" for name, told in CHANNELS.items() for each in mine[f"{name}_types_off"]]
    return ("off", f"off: {', '.join(off)}") if off else ("on", "nothing is switched off")


def _mail(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    seen = standing.message(facts)
    return (seen["status"], mails.said(seen)) if seen else ("none", "no such mail is known")


def _address(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    rows = facts["suppressions"]
    if not rows:
        return "none", "nothing against it"
    return rows[0]["kind"], "; ".join(map(_entry, rows))


def _entry(row: Row) -> str:
    return ", ".join(filter(None, (row["kind"], row["reason"], day(row["created"]) if row["created"] else "")))


def _domain(facts: Facts) -> Line:
    rows = facts["domains"]
    if note := standing.nobody_asked(facts):
        return "none", note
    told = ", ".join(f"{each['domain']} {'verified' if each['verified'] else each['status']}" for each in rows)
    return ("verified" if all(each["verified"] for each in rows) else "unverified", told) if rows else ("none", "none")


def _rates(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    row = facts["rates"]
    if row is None:
        return "none", " ".join(facts.notes("rates")) or "none told"
    bounced, complained = (_rate(row, name) for name in ("bounce", "complaint"))
    of = f" of {row['requests']} mails{figures.caution(row['requests'])}" if row["requests"] is not None else ""
    return "told", f"{bounced} bounced, {complained} complained about{of}"


def _rate(row: Row, name: str) -> str:
    """A rate in percent, with how many mails it stands for where the provider tells: 2.40 % (12)."""
    rate, count = row[f"{name}_rate"], row[f"{name}s"]
    percent = "an unknown share" if rate is None else figures.percent(rate)
    return percent if count is None else f"{percent} ({count})"


def _key(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    row = facts["scopes"]
    lacks = [what for what in ("suppressions", "messages") if not row[f"can_read_{what}"]]
    return ("lacking", f"may not read {' and '.join(lacks)}") if lacks else ("enough", "may read what is needed")


def _quota(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    row = facts["quota"]
    if row is None or row["remaining"] is None:
        used = f"{row['used']} used" if row and row["used"] is not None else ""
        return "not told", used or " ".join(facts.notes("quota")) or "the provider does not tell"
    return "told", f"{row['remaining']} of {row['limit']} mails left"


def _page(facts: Facts) -> Line:
    if note := standing.nobody_asked(facts):
        return "none", note
    row = facts["page"]
    incidents = "".join(f"; {each['name']}" for each in row["incidents"][:1])
    return row["indicator"], f"{spelt(row['vendor'])}: {row['description']}{incidents}"


def notifications(facts: Facts) -> dict[str, Any]:
    """The newest notification of each channel in fields, and what the provider has of the mail."""
    seen = standing.message(facts) if facts.known("messages", "notifications") else None
    return {
        "user_id": facts["person"]["id"],
        "email": _row(standing.newest(facts, "email")),
        "in_app": _row(standing.newest(facts, "in_app")),
        "provider": standing.configured(facts) if facts.known("provider") else None,
        "mail": {key: seen[key] for key in ("id", "status", "reason", "at", "hard")} if seen else None,
    }


def _row(row: Row | None) -> dict[str, Any] | None:
    fields = ("id", "type", "status", "provider_message_id", "error_code", "enhanced_code", "read_at", "created_at")
    return {key: row[key] for key in fields} if row else None


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    told = [f"{each['system']}: {each['says'].rstrip('.')}" for each in truth(facts)[:4]]
    return f"{_unfitting(facts)}{'; '.join(told)}."


def _unfitting(facts: Facts) -> str:
    """Which of it fits no row, where that can be said."""
    rows = [row for channel in CHANNELS if (row := standing.newest(facts, channel))]
    strange = next((row["status"] for row in rows if row["status"] not in KNOWN), None)
    if strange:
        return f"The portal stores '{strange}', which the playbook does not know. "
    if facts.known("messages") and facts["messages"] == [] and any(row["status"] == "sent" for row in rows):
        return f"The mail is older than {KEPT_DAYS} days, and the provider may have forgotten it. "
    return ""
