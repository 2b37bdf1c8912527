"""What the portal sends of a case, held against the fields of Case as Salesforce describes them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from peakops.scenario import Row

UNWRITABLE, UNKNOWN, NO_KEY, NEVER_SENT, MISSING, TOO_LONG, NOT_ALLOWED = (
    *("not_writable", "unknown_field", "no_key", "never_sent", "required", "too_long", "not_allowed"),
)
"""What can be wrong with a field; of the first four no data of the portal's is the cause."""
FOR_AN_ADMIN = (UNWRITABLE, UNKNOWN, NO_KEY, NEVER_SENT)
TEXTS = ("string", "textarea", "picklist")
"""The types of field of which `length` limits the value, in characters."""
FEW = 8
"""How many allowed values a sentence lists."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why Salesforce would refuse a field."""

    field: str
    problem: str
    value: str | None = None
    """What the portal would send."""
    limit: int | None = None
    """The most characters."""
    allowed: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """The problem as a part of a sentence."""
        told = {
            UNWRITABLE: "may not be written by this user",
            UNKNOWN: "is no field of Case that this user sees",
            NO_KEY: "is not both an External ID and unique",
            NEVER_SENT: "is required, and the portal never sends it",
            MISSING: "is required, and the portal has nothing for it",
            TOO_LONG: f"takes {self.limit} characters, and '{self.value}' has {len(self.value or '')}",
            NOT_ALLOWED: f"is '{self.value}', and may be {', '.join(self.allowed[:FEW]) or 'nothing'}",
        }
        more = ", …" if self.problem == NOT_ALLOWED and len(self.allowed) > FEW else ""
        return f"{self.field} {told[self.problem]}{more}"

    def as_data(self) -> dict[str, Any]:
        """The problem for scripts."""
        return {**asdict(self), "allowed": list(self.allowed)}


def subject(case: Row) -> str:
    """The subject of a case in Salesforce: 'crown CASE-1042'."""
    return f"{case['case_type']} {case['case_number']}"


def priority(case: Row) -> str:
    """The priority as Salesforce spells it."""
    return str(case["priority"]).capitalize()


def due(case: Row) -> str | None:
    """The day on which it is due, as Salesforce takes it."""
    return case["due_date"].isoformat() if case["due_date"] else None


def sent(case: Row, key: str) -> dict[str, str | None]:
    """What the portal sends, by the API name of the field; `key` is the one that holds the portal's id."""
    return {
        key: str(case["id"]),
        "AccountId": case["salesforce_account_id"],
        "Subject": subject(case),
        "Priority": priority(case),
        "Due_Date__c": due(case),
        "Origin": "Portal",
        "Status": "New",
    }


def problems(payload: Mapping[str, str | None], key: str, fields: Sequence[Row]) -> list[Problem]:
    """
    The fields that Salesforce would refuse, in the payload's order, then what it requires besides.

    A user who may write no field at all only reads: then nothing can be said of what another user may write.
    """
    known = {each["name"]: each for each in fields}
    writes = any(each["createable"] for each in fields)
    found = [_field(name, value, known.get(name), name == key, writes) for name, value in payload.items()]
    besides = [each["name"] for each in fields if _required(each) and each["name"] not in payload]
    more = [Problem(field=name, problem=NEVER_SENT) for name in besides]
    return [*filter(None, found), *more]


def still_wrong(named: Iterable[str], payload: Mapping[str, str | None], fields: Sequence[Row]) -> list[Problem]:
    """Of the fields that an error named, those that are empty still: sent so, or required and never sent."""
    required = {each["name"] for each in fields if _filled(each)}
    empty = {
        **dict.fromkeys(required, NEVER_SENT),
        **{name: "" if value else MISSING for name, value in payload.items()},
    }
    return [Problem(field=name, problem=empty[name]) for name in named if empty.get(name)]


def _required(field: Row) -> bool:
    """Whether a new case must have it, as far as this user writes it (facts, section 1.6)."""
    return bool(field["createable"]) and _filled(field)


def _filled(field: Row) -> bool:
    """Whether no record is without it, and Salesforce does not fill it in by itself."""
    return not field["nillable"] and not field["defaulted"]


def _field(name: str, value: str | None, field: Row | None, is_key: bool, writes: bool) -> Problem | None:
    if field is None:
        return Problem(field=name, problem=UNKNOWN, value=value)
    if is_key and not (field["external_id"] and field["unique"]):
        return Problem(field=name, problem=NO_KEY)
    if writes and not field["createable"]:
        return Problem(field=name, problem=UNWRITABLE, value=value)
    if not value:
        # Whether a practice has an account is another question.
        return Problem(field=name, problem=MISSING) if _filled(field) and name != "AccountId" else None
    if field["type"] in TEXTS and field["length"] and len(value) > field["length"]:
        return Problem(field=name, problem=TOO_LONG, value=value, limit=field["length"])
    if field["restricted"] and value not in field["values"]:
        return Problem(field=name, problem=NOT_ALLOWED, value=value, allowed=tuple(field["values"]))
    return None
