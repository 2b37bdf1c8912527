"""SendGrid's lists of suppressed addresses: read by address and by page, and taken off one by one."""

import re
from datetime import UTC, datetime
from itertools import islice

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.sendgrid import asked
from peakops.sandbox.vendors.sendgrid.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

SHOWN = {
    "bounces": ("created", "email", "reason", "status"),
    "blocks": ("created", "email", "reason", "status"),
    "spam_reports": ("created", "email", "ip"),
    "invalid_emails": ("created", "email", "reason"),
    "unsubscribes": ("created", "email"),
}
"""The fields that an entry of each list has."""

ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""The enhanced status code in a mail server's answer (RFC 3463)."""
RECEIVER = "198.51.100.25"
MOST = 500
LATEST = 1 << 40
"""Later than any time in Unix seconds that somebody asks for."""
SPAN = (("start_time", 0), ("end_time", LATEST))


def listed(email: str, reason: str, created: int) -> Object:
    """An entry as the sandbox keeps it, with the fields of all lists."""
    code = ENHANCED.search(reason)
    return {
        "email": email,
        "reason": reason,
        "created": created,
        "status": code[0] if code else "",
        "ip": RECEIVER,
    }


def entries(state: State, name: str, email: str) -> list[Object]:
    """The entries of a list for an address, whatever its case."""
    return [each for each in state["suppressions"][name] if each["email"].casefold() == email.casefold()]


def shown(name: str, each: Object) -> Object:
    """An entry as SendGrid shows it."""
    return {field: each[field] for field in SHOWN[name]}


def by_address(name: str, state: State, _: Request, *, email: str) -> Answer:
    """GET of a list by address: a list of one, or an empty one."""
    return Answer(body=[shown(name, each) for each in entries(state, name, email)])


def page(name: str, state: State, request: Request) -> Answer:
    """GET of a list: the newest entries, in a span of time, of addresses that begin so."""
    after, before = (asked.whole(request, key, usual, most=LATEST) for key, usual in SPAN)
    offset = asked.whole(request, "offset", 0, most=LATEST)
    limit = asked.whole(request, "limit", MOST, least=1, most=MOST)
    begins = dict(request.query).get("email", "").casefold()
    found = [
        each
        for each in sorted(state["suppressions"][name], key=lambda each: each["created"], reverse=True)
        if after <= each["created"] <= before and each["email"].casefold().startswith(begins)
    ]
    return Answer(body=[shown(name, each) for each in islice(found, offset, offset + limit)])


def remove(name: str, state: State, _: Request, *, email: str) -> Answer:
    """DELETE from a list by address; 404 where it is not on it."""
    found = entries(state, name, email)
    if not found:
        raise Refusal(404)
    state["suppressions"][name] = [each for each in state["suppressions"][name] if each not in found]
    return Answer(status=204)


def remove_many(name: str, state: State, request: Request) -> Answer:
    """DELETE of some addresses, or of a whole list: the call that peakops never makes."""
    given = asked.document(request)
    everything, emails = given.get("delete_all") is True, given.get("emails")
    if everything == isinstance(emails, list):
        raise Refusal(400, "Set either delete_all or emails.", "emails")
    gone = {str(each).casefold() for each in emails or []}
    kept = [each for each in state["suppressions"][name] if not everything and each["email"].casefold() not in gone]
    state["suppressions"][name] = kept
    return Answer(status=204)


def unsubscribed(state: State, _: Request, *, email: str) -> Answer:
    """GET of the global list by address: the address, or an empty object."""
    found = entries(state, "unsubscribes", email)
    return Answer(body={"recipient_email": found[0]["email"]} if found else {})


def subscribe(state: State, _: Request, *, email: str) -> Answer:
    """DELETE from the global list: 204 whether the address was on it or not."""
    found = entries(state, "unsubscribes", email)
    state["suppressions"]["unsubscribes"] = [
        each for each in state["suppressions"]["unsubscribes"] if each not in found
    ]
    return Answer(status=204)


def groups(state: State, _: Request, *, email: str) -> Answer:
    """GET of the groups of mails, each with whether the address has unsubscribed from it."""
    without = {each["id"] for each in entries(state, "groups", email)}
    known = {each["id"]: each for each in state["suppressions"]["groups"]}
    found = [
        {
            "id": number,
            "name": each["group"],
            "description": each["group"],
            "is_default": False,
            "suppressed": number in without,
        }
        for number, each in sorted(known.items())
    ]
    return Answer(body={"suppressions": found})


def classifications(state: State, _: Request) -> Answer:
    """GET of the bounces by day and by kind."""
    days: dict[str, dict[str, int]] = {}
    for each in state["suppressions"]["bounces"]:
        kinds = days.setdefault(day_of(each["created"]), {})
        kinds[kind_of(each["status"])] = kinds.get(kind_of(each["status"]), 0) + 1
    result = [
        {"date": day, "stats": [{"classification": kind, "count": count} for kind, count in sorted(kinds.items())]}
        for day, kinds in sorted(days.items(), reverse=True)
    ]
    return Answer(body={"result": result})


def day_of(created: int) -> str:
    """The day of a time in Unix seconds."""
    return f"{datetime.fromtimestamp(created, UTC):%Y-%m-%d}"


def kind_of(status: str) -> str:
    """SendGrid's class of a bounce, by the subject of its enhanced status code (RFC 3463)."""
    return {"1": "Invalid Address", "2": "Mailbox Unavailable", "7": "Reputation"}.get(
        status.partition(".")[2][:1], "Technical Failure" if status else "Unclassified"
    )
