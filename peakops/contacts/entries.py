"""The people, vendors and tiers of the file, each read by itself."""

import re
import zoneinfo
from difflib import get_close_matches

from peakops import timegrammar
from peakops.contacts import hours
from peakops.contacts.shapes import Channel, Contact, Tier
from peakops.contacts.table import Table, is_open

CHANNELS = ("slack", "webhook", "email", "phone", "url", "stdout")
PERSON = ("role", "name", "hours", "zone", "deputy", "channels")
VENDOR = (*PERSON, "components")
TIER = ("name", "contacts", "after", "unless", "severity", "mode")
"""The keys that are read."""
LIKE = "Write kind and address: 'slack: PEAKOPS_PAGE_ONCALL', 'email: …', 'phone: +…' or 'url: https://…'."
IN_A_VARIABLE = "The address is a secret: put it into a variable such as PEAKOPS_PAGE_ONCALL, and write its name here."
NO_PLACES = ("EST", "MST", "HST", "localtime", "Factory", "posixrules")
"""Zones of the tz database that stand still in summer, or are another one on each machine."""
NO_ZONES = "Install the package tzdata: with the system's package manager, or with pip beside peakops."

_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_VARIABLE = re.compile(r"PEAKOPS_PAGE_[A-Z0-9_]*[A-Z0-9]")
_FORMS = {
    "slack": (_VARIABLE, IN_A_VARIABLE),
    "webhook": (_VARIABLE, IN_A_VARIABLE),
    "email": (re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+"), "Write one address, without a name."),
    "phone": (
        re.compile(r"\+(?!.*\(0\))(?:[ ().-]*\d){9,15}"),
        "Begin it with + and the country, without (0), so that it works from anywhere.",
    ),
    "stdout": (re.compile("-"), "Write 'stdout: -'."),
    "url": (re.compile(r"https?://[^\s/.]+\.[^\s]+"), "Write the whole address: https://support.stripe.com."),
}
"""How the value of each kind looks, and the hint where it does not."""


def contact(table: Table, kind: str, zone: str) -> Contact:
    """One person or vendor; `zone` is the file's own."""
    if not _ID.fullmatch(table.path[-1]):
        table.misnamed("it is shown to everybody: small letters, digits and dashes, no name and no address", "on-call")
    table.only(VENDOR if kind == "vendor" else PERSON)
    said = table.text("hours", needed=hours.LIKE)
    open_hours = _hours(table, said)
    own = table.text("zone")
    if not (own or zone or table.has("zone")) and open_hours and open_hours != ((0, hours.WEEK),):
        table.wrong(
            "hours", "they have no zone", 'Write zone = "America/Denver" here, or above all tables for everybody.'
        )
    return Contact(
        id=table.path[-1],
        role=table.text("role", needed="Say what the contact is for: Technical Lead."),
        name=table.text("name"),
        kind=kind,
        components=table.texts("components", 'Write a list: ["stripe"].'),
        channels=_channels(table),
        availability=said if open_hours else "",
        hours=open_hours if own or not table.has("zone") else (),
        zone=_zone(table, own) or zone or "UTC",
        deputy=table.text("deputy"),
    )


def zone_of(table: Table) -> str:
    """The file's own zone; empty where it has none, and UTC where it is wrong, so that it is one fault and not many."""
    return _zone(table, table.settled("zone")) or ("UTC" if table.has("zone") else "")


def tier(table: Table, n: int) -> Tier:
    """One tier; a fault where its delay or its contacts cannot be."""
    table.only(TIER)
    ids = table.texts("contacts", 'Write a list of the names above: ["on-call"].')
    if not ids and not table.unknown_yet("contacts"):
        table.wrong("contacts", "nobody is in this tier", 'Write a list of the names above: ["on-call"].')
    return Tier(
        n=n,
        name=table.text("name", needed="Say who it is: Support Team."),
        contacts=ids,
        after=_after(table, n),
        unless=table.choice("unless", ("resolved", "acked")),
        severity=table.choice("severity", ("warning", "critical")),
        mode=table.choice("mode", ("auto", "confirm")),
    )


def _after(table: Table, n: int) -> float:
    if n == 1 and table.has("after"):
        table.wrong("after", "the first tier is called at once", "Take the key away.")
        return 0.0
    return length(table, "after", needed="" if n == 1 else "Say how long the tier before has: 15m.")


def length(table: Table, key: str, *, otherwise: float = 0.0, needed: str = "") -> float:
    """A key's length of time in seconds; `otherwise` where there is none, or it is wrong."""
    said = table.settled(key, needed=needed)
    if not said:
        return otherwise
    try:
        seconds = timegrammar.duration(said)
    except ValueError as wrong:
        table.wrong(key, str(wrong), "Write a length of time: 15m.")
        return otherwise
    if seconds <= 0:
        table.wrong(key, f"'{said}' is no delay", "Write one that is longer than nothing: 15m.")
    return seconds


def _hours(table: Table, said: str) -> hours.Minutes:
    if not said:
        return ()
    try:
        return hours.parsed(said)
    except ValueError as wrong:
        table.wrong("hours", str(wrong), hours.LIKE)
        return ()


def _zone(table: Table, said: str) -> str:
    """The zone, where this machine knows it."""
    if said in ("", "UTC"):
        return said
    if said in NO_PLACES or said.startswith(("posix/", "right/")):
        says = f"'{said}' is no place's clock: it has no summer time, or is another on each machine"
        table.wrong("zone", says, "Write a place: America/Denver.")
        return ""
    try:
        zoneinfo.ZoneInfo(said)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        if not known:
            table.wrong("zone", f"'{said}' cannot be looked up: this machine has no time zone data", NO_ZONES)
            return ""
        near = get_close_matches(said, known.difference(NO_PLACES), n=1)
        hint = f"Did you mean {near[0]}?" if near else "Write a zone of the tz database: America/Denver."
        table.wrong("zone", f"there is no time zone '{said}'", hint)
        return ""
    return said


def _channels(table: Table) -> tuple[Channel, ...]:
    written = table.texts("channels", LIKE)
    if not written and not table.unknown_yet("channels"):
        table.open("channels", "is empty: nobody can be called by it")
    found = [_channel(table, each) for each in written]
    return tuple(each for each in found if each)


def _channel(table: Table, text: str) -> Channel | None:
    """One channel; none where it is not known yet, or is none. What may be a secret is not said again."""
    kind, colon, value = (each.strip() for each in text.partition(":"))
    kind = kind.lower()
    if is_open(text) or is_open(value) or not (value if colon else text):
        says = "is TBD" if is_open(text) or is_open(value) else "is empty"
        table.open("channels", f"has a channel that {says}", value=f'"{text}"')
        return None
    if not colon or kind not in CHANNELS:
        says = "a channel has a kind that is none" if colon else "a channel has no kind"
        table.wrong("channels", says, LIKE, value=text)
        return None
    form, hint = _FORMS[kind]
    if not form.fullmatch(value) or not value.isprintable() or (form is _VARIABLE and value.endswith("_FILE")):
        table.wrong(
            "channels", f"its {kind} {'names no variable' if form is _VARIABLE else 'is none'}", hint, value=text
        )
        return None
    return Channel(kind=kind, value=re.sub(r"[ ().-]", "", value) if kind == "phone" else value)
