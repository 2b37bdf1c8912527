"""SOQL's conditions: one comparison of a field becomes a test of a record, by the field's type."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import ge, gt, le, lt
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce.described import TEXTS, Field, filterable
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.ids import is_id, long
from peakops.sandbox.vendors.salesforce.times import written

Test = Callable[[Object], bool]

ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
LITERAL_OF = {"datetime": "time", "date": "date", "boolean": "flag", "double": "number"}
"""What literal a field's type takes; every other type takes a string."""
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Literal:
    """A value as a query writes it: of a string the text between the quotes, with its escapes."""

    kind: str
    """string, time, date, number, flag or null."""
    text: str


def test(field: Field, operator: str, given: list[Literal]) -> Test:
    """The test that a comparison stands for. Raises Refusal for one that the field does not allow."""
    name = field["name"]
    if not filterable(field):
        raise Refusal("INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
    if operator == "LIKE":
        return like(field, given[0])
    fold = stored(field)
    if operator in ORDERED:
        return ordered(name, ORDERED[operator], value_of(field, given[0]), fold, field)
    wanted = {value_of(field, each) for each in given}
    if operator in ("=", "IN"):
        return lambda record: fold(record.get(name)) in wanted
    return lambda record: fold(record.get(name)) not in wanted


def ordered(
    name: str, compare: Callable[[Any, Any], bool], wanted: Any, fold: Callable[[Any], Any], field: Field
) -> Test:
    """A comparison of size; nothing is smaller or greater than null."""
    if field["type"] == "boolean":
        raise Refusal("INVALID_FIELD", f"invalid operator on boolean field: {name}")

    def compared(record: Object) -> bool:
        value = fold(record.get(name))
        return value is not None and wanted is not None and compare(value, wanted)

    return compared


def stored(field: Field) -> Callable[[Any], Any]:
    """How a record's value is compared: text without regard to case, and an empty one as null."""
    if field["type"] in TEXTS:
        return lambda value: value.casefold() or None if value else None
    return lambda value: value


def value_of(field: Field, literal: Literal) -> Any:
    """A literal as the field's values are compared. Raises Refusal for one of another type, and for what is no id."""
    if literal.kind == "null":
        return None
    wanted = LITERAL_OF.get(field["type"], "string")
    if literal.kind != wanted:
        quotes = "should be" if wanted == "string" else "should not be"
        message = (
            f"value of filter criterion for field '{field['name']}' must be of type {field['type']} "
            f"and {quotes} enclosed in quotes"
        )
        raise Refusal("INVALID_FIELD", message)
    if field["type"] in ("id", "reference"):
        return id_of(plain(literal.text))
    return READ[wanted](literal.text)


def id_of(text: str) -> str | None:
    """An id in 18 characters; none for an empty string."""
    if text and not is_id(text):
        raise Refusal("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return long(text) or None


def moment(text: str) -> str:
    """A time with its zone, as records have it."""
    try:
        return written(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError as error:
        raise Refusal("MALFORMED_QUERY", f"invalid date/time: {text}") from error


def day(text: str) -> str:
    """A date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Refusal("MALFORMED_QUERY", f"invalid date: {text}") from error


def plain(text: str, *, wild: str = "") -> str:
    """The text between quotes without its escapes; those of the characters in `wild` are kept for LIKE."""

    def meant(found: re.Match[str]) -> str:
        letter = found[1]
        if letter in wild and letter != "\\":
            return found[0]
        if letter.lower() not in ESCAPES:
            raise Refusal("MALFORMED_QUERY", f"Illegal character sequence '{found[0]}' in string literal")
        return ESCAPES[letter.lower()]

    return re.sub(r"\\(.)", meant, text, flags=re.DOTALL)


READ: dict[str, Callable[[str], Any]] = {
    "string": lambda text: plain(text).casefold() or None,
    "time": moment,
    "date": day,
    "flag": lambda text: text.lower() == "true",
    "number": float,
}


def like(field: Field, literal: Literal) -> Test:
    """LIKE: % is any text and _ one character, unless escaped; upper and lower case are the same."""
    name = field["name"]
    if field["type"] not in TEXTS or literal.kind != "string":
        raise Refusal("INVALID_FIELD", f"invalid operator on {field['type']} field: {name}")
    parts = re.findall(r"\\[%_]|.", plain(literal.text, wild="%_"), flags=re.DOTALL)
    expression = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part[-1]) for part in parts)
    pattern = re.compile(expression, re.IGNORECASE | re.DOTALL)
    return lambda record: pattern.fullmatch(record.get(name) or "") is not None
