"""What the scenarios of one shipment look at: how it was named, its practice, and what UPS has for it."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from peakops.scenario import Answer, Facts, Look, Promise, Row
from peakops.scenarios.addresses import identifier
from peakops.scenarios.words import day

FINDERS = ("pointer", "shipment")
"""The looks that find the subject, in order; the first only where a tracking number was typed."""
UPS = "ups"
"""The carrier that is judged, as the portal writes it."""
TRACKING = re.compile(r"1Z[0-9A-Z]{16}", re.IGNORECASE)
"""A tracking number of UPS's."""
ACCOUNT = slice(2, 8)
"""Where such a number names the account that ships."""
COVERED = ("US", "PR")
"""The countries whose addresses UPS validates."""
EARLIER = timedelta(days=1)
"""UPS searches whole days of its own time: the shipment's day may be the one before."""


def shipment(look: Look, given: str) -> Answer:
    """The look that finds the shipment by whatever was typed."""
    typed = given.strip()
    if id := identifier(typed):
        ways: list[list[Any]] = [["shipping/shipments", {"id": id}], ["shipping/shipments_of_case", {"id": id}]]
        return look.at("database", "shipment", "find", ways=ways)
    # A label has its number in groups of characters.
    packed = "".join(typed.split()).upper()
    is_tracking = bool(TRACKING.fullmatch(packed))
    tracking = packed if is_tracking else typed
    ways = [["shipping/shipments", {"number": typed}], ["shipping/shipments", {"tracking": tracking}]]
    if is_tracking:
        # A label that the portal never heard of leads to the shipment by its reference, if it is of its account:
        # others number their shipments too.
        pointer = look.at(UPS, "pointer", "tracked", number=packed)
        referred = {"number": pointer.then(_reference).otherwise(None), "account": packed[ACCOUNT]}
        ways.append(["shipping/shipments", referred])
    ways.append(["shipping/shipments_of_case", {"number": typed}])
    return look.at("database", "shipment", "find", ways=ways)


def at_ups(look: Look, found: Answer, practice: Answer, parcel: Answer) -> None:
    """What UPS says: of itself, of the shipment's labels by number and by reference, and of its address."""
    number, account = found.then(_of("shipment_number")), practice.then(_account)
    look.at(UPS, "token", "token")
    look.at(UPS, "probe", "probe")
    look.at(UPS, "tracked", "tracked", number=found.then(_of("tracking_number")))
    since = found.then(lambda row: row["created_at"] - EARLIER if row else None)
    look.at(UPS, "by_reference", "by_reference", reference=number, since=since, until=None, account=account)
    look.at(UPS, "label", "label", reference=number, account=account)
    look.at(UPS, "address", "address", **address_of(parcel))


def address_of(parcel: Answer) -> dict[str, Promise]:
    """The address to validate; every part is None where UPS has nothing to say of it, and nothing is asked."""
    fields = ("lines", "city", "state", "postal_code", "country")
    return {name: parcel.then(partial(_validatable, name)) for name in fields}


def _validatable(field: str, row: Row | None) -> Any:
    judged = row is not None and row["carrier"] == UPS and row["country"] in COVERED and row["lines"]
    return row[field] if row and judged else None


def _of(field: str) -> Callable[[Row | None], Any]:
    """A field of a shipment that goes with UPS; None of another's, so that UPS is not asked about it."""
    return lambda row: row[field] if row and row["carrier"] == UPS else None


def _account(row: Row | None) -> str | None:
    return row["account"] if row else None


def _reference(rows: list[Row]) -> str | None:
    """The portal's number that a label carries."""
    return next((each for row in rows for each in row["references"]), None)


def called(facts: Facts) -> str:
    """What people call it: SHP-77."""
    return str(facts["shipment"]["shipment_number"])


def absent(given: str) -> str:
    """The sentence for a shipment that is not there."""
    return f"The portal has no shipment '{given.strip()}', and no case with one."


def candidate(row: Row) -> Row:
    """What is listed of each shipment of a case."""
    says = f"{row['status']}  {row['tracking_number'] or 'no label'}  {day(row['created_at'])}"
    return {"id": row["shipment_number"], "status": row["status"], "created_at": row["created_at"], "says": says}
