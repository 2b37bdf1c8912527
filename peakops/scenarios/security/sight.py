"""What `security investigate` shows: the score with its lines, what could not be seen and why, the time line. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from peakops.scenario import Facts, Missing, Row
from peakops.scenarios import systems
from peakops.scenarios.security import gaps, pivots, score, suspicion, timeline, unseen
from peakops.scenarios.security.events import EXPORT, FAILED, LOGIN, PRIVILEGE, READ, SESSION, family
from peakops.scenarios.security.score import Judged
from peakops.scenarios.systems import Line
from peakops.scenarios.user import person
from peakops.scenarios.words import day

VERB = {LOGIN: "logged in", FAILED: "failed to log in", SESSION: "session in use"}
RECORDS = {READ: "read", EXPORT: "exported"}
SOURCES = {
    "portal": "history",
    "sessions": "sessions",
    "auth": "auth_events",
    "gateway": "platform",
    "firewall": "firewall",
}
"""The sources of the time line, each with its look."""


def data(facts: Facts) -> dict[str, Any]:
    """The same for scripts; what nobody could judge is null, and what could not be read is missing with its reason."""
    told = _judged(facts)
    return {
        "user_id": facts["person"]["id"],
        "score": told.score if told else None,
        "levels": {"likely_compromised": score.LIKELY, "unusual": score.UNUSUAL},
        "signals": signals(told) if told else [],
        "missing": gaps.missing(facts),
        "timeline": line(facts, told),
        "truth": truth(facts),
        "shared": {"address": pivots.address(facts), "session": pivots.session(facts)},
    }


def _judged(facts: Facts) -> Judged | None:
    try:
        return suspicion.judged(facts)
    except Missing:
        return None


def signals(told: Judged) -> list[dict[str, Any]]:
    """Each point with the line that shows it, the worst visit first; `score` is that of its visit."""
    return [
        {"visit": visit.day.isoformat(), "score": visit.score, **_record(each.row())}
        for visit in told.days
        for each in visit.signals
    ]


def line(facts: Facts, told: Judged | None) -> list[dict[str, Any]]:
    """The time line, oldest first, from the beginning of the time that was asked for."""
    if not facts.known("window"):
        return []
    points: dict[str, float] = {}
    for visit in told.days if told else ():
        for each in visit.signals:
            points[each.line] = points.get(each.line, 0) + each.points
    since = suspicion.since(facts)
    return [_entry(each, points) for each in timeline.events(facts) if each["at"] >= since]


def _entry(event: Row, points: Mapping[str, float]) -> dict[str, Any]:
    fields = ("at", "source", "kind", "ip", "agent", "country", "asn", "session", "practice", "rows", "line")
    told = _record({name: event[name] for name in fields})
    return {**told, "says": _says(event), "points": points.get(event["line"], 0)}


def _record(row: Row) -> dict[str, Any]:
    """A row as it leaves the house, where `line` is the key of a street: the place of an event is its `record`."""
    return {"record" if key == "line" else key: value for key, value in row.items()}


def _says(event: Row) -> str:
    """What happened, in few words: 'read 40 records from 203.0.113.9, Chrome on Windows'."""
    many = f" ({event['times']} times)" if event["times"] > 1 and event["kind"] not in RECORDS else ""
    where = f" from {event['ip']}{_place(event)}" if event["ip"] else ""
    device = f", {family(event['agent']).name}" if event["agent"] else ""
    return f"{_what(event)}{many}{where}{device}"


def _what(event: Row) -> str:
    kind = event["kind"]
    if kind in RECORDS:
        return f"{RECORDS[kind]} {event['rows']} record{'s' * (event['rows'] != 1)}"
    if kind == timeline.BLOCKED:
        return f"firewall: {event['action']}"
    if kind == SESSION and event["source"] == "gateway":
        return "requests"
    if kind == PRIVILEGE:
        return f"changed how one may get in ({event['action']})"
    return VERB.get(kind) or str(event["action"] or kind)


def _place(event: Row) -> str:
    told = ", ".join(filter(None, (event["country"], f"AS{event['asn']}" if event["asn"] else "")))
    return f" ({told})" if told else ""


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    told: dict[str, Callable[[Facts], Line]] = {
        "account": _account,
        "portal's log": lambda facts: _log(facts, "history"),
        "sessions": _sessions,
        "Supabase Auth's log": _auth_log,
        "platform logs": _platform,
        "firewall": _firewall,
    }
    return systems.truth(facts, told)


def _account(facts: Facts) -> Line:
    row, mine = person.account(facts), person.profile(facts)
    practice = f", {mine['role']} of {mine['practice'] or 'no practice'}" if mine else ", no profile"
    # Whoever has the password may have used another account of the address.
    practice += "".join(f"; not looked at: {each}, of the same address" for each in _namesakes(facts))
    if row is None:
        return "none", f"no account{practice}"
    if row["deleted_at"]:
        return "deleted", f"deleted {day(row['deleted_at'])}{practice}"
    if until := person.banned(facts):
        return "banned", f"banned until {day(until)}{practice}"
    return "open", f"last log-in {day(row['last_sign_in_at']) if row['last_sign_in_at'] else 'never'}{practice}"


def _namesakes(facts: Facts) -> list[str]:
    return [str(each["id"]) for each in facts["accounts"] if each["id"] != facts["person"]["id"]]


def _log(facts: Facts, name: str) -> Line:
    rows = [each for each in facts[name] if each["at"] >= suspicion.since(facts)]
    if not rows:
        return "none", "nothing of this person in that time"
    entries, logins = sum(each.get("times", 1) for each in rows), sum(each["kind"] == LOGIN for each in rows)
    records = sum(each["rows"] or 0 for each in rows)
    failed = sum(each["kind"] == FAILED for each in rows)
    more = "; more than are read" if any(each.get("left_off") for each in rows) else ""
    return "read", f"{entries} entries: {logins} log-ins, {failed} failed, {records} records read or exported{more}"


def _sessions(facts: Facts) -> Line:
    rows = facts["sessions"]
    if not rows:
        return "none", "none is open"
    addresses = len({each["ip"] for each in rows if each["ip"]})
    told = f"{len(rows)}, from {addresses} address{'es' * (addresses != 1)}, last seen {day(rows[0]['at'])}"
    shared = next(iter(timeline.egress(facts)), None)
    if shared is None:
        return "open", told
    people = f"{shared['people']} of {shared['everybody']} people have sessions from {shared['ip']}"
    return "shared", f"{told}; {people}: the portal's own server, and no sign of the person"


def _auth_log(facts: Facts) -> Line:
    if not facts["auth_log"][0]["kept"]:
        return "not kept", "Supabase does not write it into the database here"
    rows = facts["auth_events"]
    return (
        ("read", f"{len(rows)} {'entry' if len(rows) == 1 else 'entries'}; it notes no failure, and mostly no address")
        if rows
        else ("none", "nothing")
    )


def _platform(facts: Facts) -> Line:
    rows = facts["platform"]
    refused = sum(each["kind"] == "refused" and each["code"] not in timeline.REFRESHES for each in rows)
    requests = sum(each["count"] for each in rows if each["kind"] == "requests")
    told = f"{requests} requests, {refused} refused log-ins from the person's addresses"
    return (
        ("read", f"{told}, back to {day(min(each['at'] for each in rows))}")
        if rows
        else ("none", "nothing of this person, or of their addresses, is kept")
    )


def _firewall(facts: Facts) -> Line:
    facts["firewall"]
    rows = [each for each in timeline.events(facts) if each["kind"] == timeline.BLOCKED]
    requests, addresses = sum(each["times"] for each in rows), len({each["ip"] for each in rows})
    told = f"{requests} requests stopped from {addresses} address{'es' * (addresses != 1)} of the person's"
    return ("stopped", told) if rows else ("none", "nothing")


def whole(facts: Facts) -> bool:
    """Whether nothing of the time that was asked for was left off."""
    return not (facts.known("window") and any(unseen.cut(facts)))


def warns(facts: Facts) -> tuple[str, ...]:
    """What limits the whole answer, or changes how it is to be read."""
    shared = (
        f"{each['people']} of {each['everybody']} people have sessions from {each['ip']}: most likely the portal's own "
        "server (Vercel), so that neither address nor agent of these sessions says anything of the person."
        for each in timeline.egress(facts)
    )
    cut = unseen.cut(facts) if facts.known("window") else ()
    return (*shared, *cut, *pivots.told(facts))


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    told = [f"{each['system']}: {each['says']}" for each in truth(facts)[:3]]
    blind = _blind(facts)
    return f"{blind}{'; '.join(told)}."


def _blind(facts: Facts) -> str:
    try:
        return f"{next(unseen.reasons(facts))} "
    except (Missing, StopIteration):
        return ""
