"""What Salesforce refuses when a Case is written, in the order in which it looks."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce.described import TEXTS, Field, case_fields
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.ids import PREFIX, is_id, long
from peakops.sandbox.vendors.salesforce.times import written
from peakops.sandbox.wire import State

COLLECTION = {"Account": "accounts", "User": "users", "Case": "cases"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def values_of(state: State, given: dict[str, Any], old: Object | None) -> Object:
    """The values to write, in Salesforce's form, empty ones null; `old` is the case as it is. Raises Refusal."""
    fields = case_fields(state)
    for name in given:
        if name not in fields:
            raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type Case")
    values = {name: value_of(fields[name], value) for name, value in given.items()}
    require_writable(fields, values)
    for name, value in values.items():
        if fields[name]["type"] == "reference" and value is not None:
            values[name] = id_of(fields[name], value)
    require_present(fields, values, old)
    for name, value in values.items():
        fits(fields[name], value)
    for name, value in values.items():
        if fields[name]["type"] == "reference" and value is not None:
            refers(state, fields[name], value)
    obey(state, {**(old or {}), **values})
    for name, value in values.items():
        once(state, fields[name], value, old)
    return values


def value_of(field: Field, value: Any) -> Any:
    """A value of the field's type; an empty text is null. Raises Refusal for another type."""
    kind = field["type"]
    if value in (None, ""):
        return None
    found = READS.get(kind, READS["string"])(value)
    if found is None:
        kinds = {bool: "BOOLEAN", int: "NUMBER", float: "NUMBER", str: "STRING", list: "START_ARRAY"}
        token = kinds.get(type(value), "START_OBJECT")
        says = f"Cannot deserialize instance of {kind} from VALUE_{token} value {value}"
        raise Refusal("JSON_PARSER_ERROR", f"{says} or request may be missing a required field")
    return found


def text(value: Any) -> str | None:
    """The value, if it is a text."""
    return value if isinstance(value, str) else None


def flag(value: Any) -> bool | None:
    """The value, if it is true or false."""
    return value if isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """The value, if it is a number; true is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def day(value: Any) -> str | None:
    """The value, if it is a date."""
    try:
        return date.fromisoformat(value).isoformat() if DAY.fullmatch(str(value)) else None
    except ValueError:
        return None


def time(value: Any) -> str | None:
    """The value as a time of Salesforce's, if it is a time."""
    try:
        return written(datetime.fromisoformat(str(value))) if "T" in str(value) else None
    except ValueError:
        return None


READS: dict[str, Callable[[Any], Any]] = {
    "string": text,
    "boolean": flag,
    "double": number,
    "date": day,
    "datetime": time,
}
"""How a value of a type is read; of any other type it is a text."""


def require_writable(fields: dict[str, Field], values: Object) -> None:
    """Refuse fields that this user may not write."""
    closed = [name for name in values if not fields[name]["createable"]]
    if closed:
        message = (
            f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=closed)


def id_of(field: Field, value: str) -> str:
    """The id in 18 characters."""
    if not is_id(value):
        label = field["name"].removesuffix("Id").removesuffix("__c")
        raise Refusal("MALFORMED_ID", f"{label} ID: id value of incorrect type: {value}", fields=[field["name"]])
    return long(value)


def require_present(fields: dict[str, Field], values: Object, old: Object | None) -> None:
    """Refuse a record without what it must have; of one that is there, only what the request empties."""
    empty = [
        name
        for name, field in fields.items()
        if field["createable"] and not field["nillable"] and field["type"] != "boolean"
        if values.get(name) is None and (name in values or (old is None and not field["defaultedOnCreate"]))
    ]
    if empty:
        message = f"Required fields are missing: [{', '.join(empty)}]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=empty)


def fits(field: Field, value: Any) -> None:
    """Refuse a text that is too long, or that a restricted picklist does not have."""
    name = field["name"]
    if value is None or field["type"] not in TEXTS:
        return
    if field["length"] and len(value) > field["length"]:
        message = f"{name}: data value too large: {value} (max length={field['length']})"
        raise Refusal("STRING_TOO_LONG", message, fields=[name])
    active = [each["value"] for each in field["picklistValues"] if each["active"]]
    if field["type"] == "picklist" and field["restrictedPicklist"] and value not in active:
        message = f"{name}: bad value for restricted picklist field: {value}"
        raise Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[name])


def refers(state: State, field: Field, value: str) -> None:
    """Refuse the id of a record of another object, of one that is not there or hidden, and of one in the bin."""
    kind = next((each for each in field["referenceTo"] if value.startswith(PREFIX.get(each, " "))), "")
    found = (
        next((each for each in state[COLLECTION[kind]] if each["Id"] == value), None) if kind in COLLECTION else None
    )
    if found is None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", fields=[field["name"]])
    if found.get("IsDeleted"):
        raise Refusal("ENTITY_IS_DELETED", status=400, fields=[])


def obey(state: State, record: Object) -> None:
    """Refuse a record that breaks a validation rule."""
    for rule in state["validation_rules"]:
        if (record.get(rule["field"]) in (None, "")) == rule["when_empty"]:
            raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], fields=[rule["field"]])


def once(state: State, field: Field, value: Any, old: Object | None) -> None:
    """Refuse a value of a unique field that another case has; those in the bin do not count."""
    if not field["unique"] or value is None:
        return
    name = field["name"]
    for each in state["cases"]:
        if each is not old and not each["IsDeleted"] and same(each.get(name), value):
            message = f"duplicate value found: {name} duplicates value on record with id: {each['Id'][:15]}"
            raise Refusal("DUPLICATE_VALUE", message, fields=[])


def same(left: Any, right: Any) -> bool:
    """Whether two values of a field are the same, upper and lower case apart."""
    return left == right or str(left or "").casefold() == str(right).casefold()
