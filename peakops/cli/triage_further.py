"""What is told of a recognised thing beside its checks: a practice's name, and whose sessions came from an address."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from peakops.errors import NotFound
from peakops.investigate import Read
from peakops.model import Evidence, Report, Ruling, typed
from peakops.networks import network_of
from peakops.report import Frame

NOBODY = str(UUID(int=0))
"""Whose own sessions the query leaves out: nobody's."""
SEEN = timedelta(days=30)
"""How far back sessions are looked for; `security investigate` does as well."""
NAMED = 3
"""People in a sentence, and commands that are named; all are in the evidence."""


def practice(name: str, frame: Frame, read: Read, now: datetime) -> Report:  # noqa: ARG001  (as every look of these)
    """What a practice's id means, and which sweeps are of practices."""
    leads = (typed("peakops notify practice", name), "peakops case mapping")
    return frame.report(verdict=Ruling(code="practice", title="A practice", says=f"It is {name}."), next=leads)


def sessions(address: str, frame: Frame, read: Read, now: datetime) -> Report:
    """Whose sessions came from an address. Raises NotFound where nobody's did, or it is no single address."""
    network = network_of(address)
    if network is None or network.prefixlen < network.max_prefixlen:
        raise NotFound(f"{address} is no single address.")
    asked = {"query": "security/by_address", "id": NOBODY, "ip": address, "since": now - SEEN, "until": now}
    brought = read("database", "rows", asked)
    rows = brought.rows
    if not rows:
        raise NotFound(f"No session came from {address} in the last {SEEN.days} days.")
    names = ", ".join(str(each["email"] or each["user"]) for each in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    says = f"Sessions from there in the last {SEEN.days} days, last seen first: {names}{more}."
    leads = [f"{typed('peakops security investigate', str(each['user']))} --ip {address}" for each in rows[:NAMED]]
    evidence = Evidence(name="sessions", source="database", asked=brought.asked, rows=rows, notes=brought.notes)
    ruling = Ruling(code="sessions", title="People of the portal log in from there", says=says)
    return frame.report(verdict=ruling, evidence=(evidence,), next=tuple(leads))


LOOKS: dict[str, Callable[[str, Frame, Read, datetime], Report]] = {"practice": practice, "network": sessions}
"""By the kind of thing."""
