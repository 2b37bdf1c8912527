"""Salesforce's records as plain rows with the fields we chose, and the questions that bring them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from peakops.sources.moments import moment
from peakops.sources.salesforce_library import format_soql

ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
LONGEST_LIST = 10_000
"""Characters of a list of values in an address: Salesforce takes 16,384 for all of it, headers too."""
Record = Mapping[str, Any]

CASES = "SELECT Id, CaseNumber, {field:literal}, AccountId, Status, CreatedDate, IsDeleted{more:literal} FROM Case"
ACCOUNTS = "SELECT Id, Name, IsDeleted, MasterRecordId FROM Account WHERE Id IN {ids}"
USER = "SELECT Id, Username, IsActive FROM User WHERE Id = {id}"
ORGANIZATION = "SELECT Id, InstanceName, IsSandbox FROM Organization"


def cases(field: str, where: str, more: str = "", **values: Any) -> str:
    """The question for cases, whose external id is in `field`; the values come in quoted."""
    return format_soql(f"{CASES} WHERE {where}", field=field, more=more, **values)


def shape(subject: str) -> str:
    """A subject with `#` for each digit."""
    return re.sub(r"[0-9]", "#", subject)


def shaped(given: str) -> str:
    """The condition for subjects of a shape: a wildcard for each digit, and nothing before or after them."""
    return "Subject LIKE " + format_soql("'{:like}'", given).replace("#", "_")


def is_id(given: str | None) -> bool:
    """Whether it has the form of an id of Salesforce's, of 15 characters or with the three that check it."""
    return bool(given and ID.fullmatch(given))


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """The values, each once, in lists that fit into an address."""
    part: list[str] = []
    room = LONGEST_LIST
    for value in dict.fromkeys(values):
        length = len(quote(f"'{value}',", safe=""))
        if part and length > room:
            yield part
            part, room = [], LONGEST_LIST
        part.append(value)
        room -= length
    if part:
        yield part


def case(record: Record, field: str) -> dict[str, Any]:
    """A case; `external_id` is the portal's id, or None. Raises KeyError, TypeError or ValueError for what is none."""
    return {
        "id": _text(record["Id"]),
        "number": record["CaseNumber"],
        "external_id": _portals(record[field]),
        "account": record["AccountId"] or None,
        "status": record["Status"],
        "created_at": _made(record["CreatedDate"]),
        "deleted": _truth(record["IsDeleted"]),
    }


def account(record: Record) -> dict[str, Any]:
    """An account; `master_id` is the one that it was merged into."""
    return {
        "id": _text(record["Id"]),
        "name": record["Name"],
        "deleted": _truth(record["IsDeleted"]),
        "master_id": record["MasterRecordId"] or None,
    }


def described(field: Record) -> dict[str, Any]:
    """A field of an object: what it must and may hold, for the user who asks."""
    return {
        "name": _text(field["name"]),
        "type": field["type"],
        "nillable": _truth(field["nillable"]),
        "createable": _truth(field["createable"]),
        "defaulted": _truth(field["defaultedOnCreate"]),
        "length": field.get("length") or 0,
        "restricted": bool(field.get("restrictedPicklist")),
        "values": [each["value"] for each in field.get("picklistValues") or () if each.get("active")],
        "external_id": bool(field.get("externalId")),
        "unique": bool(field.get("unique")),
        "reference_to": list(field.get("referenceTo") or ()),
    }


def _portals(written: Any) -> str | None:
    """The portal's id of a case; what somebody else has put into that field is none, and may be a patient's name."""
    try:
        return str(UUID(written or ""))
    except ValueError:
        return None


def _made(written: Any) -> datetime:
    """When a record was made; Salesforce writes the offset without a colon: +0000."""
    at = moment(_text(written))
    if at is None:
        raise ValueError("a record without a time")
    return at


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise TypeError("a text is missing")
    return given


def _truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError("a truth value is missing")
    return given
