"""SendGrid takes a mail on: it is dropped where an address is suppressed, and what becomes of it is in the log."""

from collections.abc import Iterator
from uuid import NAMESPACE_OID, uuid5

from peakops.sandbox.times import written
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.sendgrid import asked, domains
from peakops.sandbox.vendors.sendgrid.envelope import NO_CREDITS, NO_SENDER, Refusal
from peakops.sandbox.vendors.sendgrid.lists import entries, listed
from peakops.sandbox.wire import Answer, Request, State

DROPS = {
    "bounces": "Bounced Address",
    "spam_reports": "Spam Reporting Address",
    "invalid_emails": "Invalid",
    "unsubscribes": "Unsubscribed Address",
}
"""The lists that keep a mail from being sent, in the order in which they are looked at, and the reason that is given.
A block does not: it was of one mail."""

BYPASSES = {
    "bypass_list_management": tuple(DROPS),
    "bypass_bounce_management": ("bounces",),
    "bypass_spam_management": ("spam_reports",),
    "bypass_unsubscribe_management": ("unsubscribes",),
}
"""What each setting of a mail lets by."""

ALLOWED = ("bounces", "unsubscribes")
"""What the allowlist lets by (SendGrid's specification of the setting)."""

LANDS = {"bounced": "bounces", "blocked": "blocks"}
"""The list on which an address lands when a mail to it ends so."""


def send(state: State, request: Request) -> Answer:
    """POST /v3/mail/send: 202 and the beginning of the log's ids; 200 and nothing where the mail is only tried."""
    given = asked.mail(request)
    if not domains.verified(state, given["from"]["email"]):
        raise Refusal(403, NO_SENDER, "from")
    if setting(given, "sandbox_mode"):
        return Answer()
    to = list(addresses(given))
    if state["credits"]["remain"] < len(to):
        raise Refusal(401, NO_CREDITS)
    identifier = uuid5(NAMESPACE_OID, f"sendgrid {len(state['messages'])} {request.now}").hex[:22]
    for number, (email, subject) in enumerate(to):
        entry = mail(given, email, subject, f"{identifier}.recvd-0000000000-00000-1-0.{number}", written(request.now))
        state["messages"].append({**entry, **outcome(state, given, email)})
        land(state, state["messages"][-1], int(request.now.timestamp()))
    state["credits"]["remain"] -= len(to)
    state["credits"]["used"] += len(to)
    return Answer(status=202, headers={"X-Message-Id": identifier})


def setting(given: Object, name: str) -> bool:
    """Whether a setting of the mail is on."""
    settings = given.get("mail_settings")
    found = settings.get(name) if isinstance(settings, dict) else None
    return isinstance(found, dict) and found.get("enable") is True


def addresses(given: Object) -> Iterator[tuple[str, str]]:
    """Everybody to whom the mail goes, with the subject that they get."""
    for envelope in given["personalizations"]:
        subject = envelope.get("subject") or given.get("subject", "")
        for name in asked.RECIPIENTS:
            yield from ((each["email"], subject) for each in envelope.get(name) or [])


def mail(given: Object, email: str, subject: str, identifier: str, at: str) -> Object:
    """The mail to one address, as the log keeps it: without its text."""
    arguments = given.get("custom_args")
    return {
        "sg_message_id": identifier,
        "to_email": email,
        "from_email": given["from"]["email"],
        "subject": subject,
        "created_at": at,
        "categories": list(given.get("categories", [])),
        "custom_args": {key: str(value) for key, value in arguments.items()} if isinstance(arguments, dict) else {},
    }


def outcome(state: State, given: Object, email: str) -> Object:
    """What becomes of a mail: dropped, or what the world says of the address, or delivered."""
    passed = {name for setting_, names in BYPASSES.items() if setting(given, setting_) for name in names}
    if allowed(state, email):
        passed |= set(ALLOWED)
    for name, reason in DROPS.items():
        if name not in passed and entries(state, name, email):
            return {"status": "dropped", "reason": reason}
    if group_of(given) in {each["id"] for each in entries(state, "groups", email)}:
        return {"status": "dropped", "reason": DROPS["unsubscribes"]}
    for each in state["outcomes"]:
        if each["email"].casefold() == email.casefold():
            return {"status": each["status"], "reason": each["reason"]}
    return {"status": "delivered", "reason": ""}


def group_of(given: Object) -> object:
    """The group of which the mail is, from which one can unsubscribe."""
    group = given.get("asm")
    return group.get("group_id") if isinstance(group, dict) else None


def allowed(state: State, email: str) -> bool:
    """Whether the allowlist, if it is on, has the address or its domain."""
    address = email.casefold()
    known = {each.casefold().removeprefix("@") for each in state["allowlist"]}
    return state["allowlist_enabled"] and bool({address, address.partition("@")[2]} & known)


def land(state: State, message: Object, now: int) -> None:
    """Put an address on the list that a mail which ended so puts it on."""
    name = LANDS.get(message["status"])
    if name and not entries(state, name, message["to_email"]):
        state["suppressions"][name].append(listed(message["to_email"], message["reason"], now))
