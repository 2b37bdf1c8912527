"""SendGrid's search in the log of mails: conditions joined by AND, as `POST /v3/logs` reads them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import ge, gt, le, lt

from peakops.sandbox.vendors.objects import Object

TEXT = r"'(?:[^']|'')*'|\"[^\"]*\""
CONDITION = re.compile(
    rf"\s*(?P<field>[a-z_]+)\s*(?P<operator>>=|<=|=|>|<|IN\b)\s*"
    rf"(?:TIMESTAMP\s+\"(?P<time>[^\"]*)\"|(?P<text>{TEXT})|\(\s*(?P<texts>(?:{TEXT})(?:\s*,\s*(?:{TEXT}))*)\s*\))"
    rf"\s*(?P<and>AND\s|$)"
)
CREATED = "sg_message_id_created_at"
OPERATORS = {
    **dict.fromkeys(("sg_message_id", "subject", "to_email", "reason"), ("=",)),
    **dict.fromkeys(("status", "categories"), ("IN",)),
    CREATED: (">", "<", ">=", "<="),
}
"""The operators that each field takes (SendGrid's specification of the log)."""
COMPARE = {">": gt, "<": lt, ">=": ge, "<=": le}


class Unreadable(ValueError):
    """A query that SendGrid does not understand."""


@dataclass(frozen=True)
class Condition:
    """One condition: a field, an operator, and the values that it takes."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, message: Object) -> bool:
        """Whether a mail meets it. Addresses are compared without regard to case; of categories one is enough."""
        if self.field == CREATED:
            at = datetime.fromisoformat(message["created_at"])
            return bool(COMPARE[self.operator](at, datetime.fromisoformat(self.values[0])))
        has = message.get(self.field, "")
        if isinstance(has, list):
            return not set(self.values).isdisjoint(has)
        if self.field == "to_email":
            return bool(has.casefold() == self.values[0].casefold())
        return has in self.values


def read(query: str) -> list[Condition]:
    """The conditions of a query. Raises Unreadable."""
    conditions = []
    place, more = 0, bool(query.strip())
    while more:
        match = CONDITION.match(query, place)
        if match is None or match["operator"] not in OPERATORS.get(match["field"], ()):
            raise Unreadable(f"invalid query near {query[place : place + 40]!r}")
        conditions.append(Condition(match["field"], match["operator"], values(match)))
        place, more = match.end(), bool(match["and"])
    return conditions


def values(match: "re.Match[str]") -> tuple[str, ...]:
    """What a condition compares with. Raises Unreadable if it is not of the field's kind."""
    if match["field"] == CREATED:
        return (moment_of(match["time"]),)
    given = match["texts"] if match["operator"] == "IN" else match["text"]
    if given is None:
        raise Unreadable(f"{match['field']} {match['operator']} wants another kind of value")
    return tuple(each[1:-1].replace("''", "'") for each in re.findall(TEXT, given))


def moment_of(text: str | None) -> str:
    """The time of a TIMESTAMP, with its zone; without one it is UTC. Raises Unreadable."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError as wrong:
        raise Unreadable(f'{CREATED} wants TIMESTAMP "2026-11-20T15:00:00Z"') from wrong
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
