"""Cases one by one: read by id or by an external id, made, and made or changed by an external id."""

from itertools import count
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce import described
from peakops.sandbox.vendors.salesforce.asked import Asked
from peakops.sandbox.vendors.salesforce.checks import same, values_of
from peakops.sandbox.vendors.salesforce.completion import FIRST_NUMBER, filled
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.ids import PREFIX, is_id, long, made
from peakops.sandbox.vendors.salesforce.times import written
from peakops.sandbox.wire import Answer

ANSWERS_UPDATES = 46
"""From this version on an upsert that changes a record has a body; before it, it is 204."""


def describe(asked: Asked) -> Answer:
    """GET /sobjects/Case/describe."""
    return Answer(body=described.describe(asked.state))


def by_id(asked: Asked, identifier: str) -> Answer:
    """GET /sobjects/Case/{id}; a record in the bin is 404 with a code of its own."""
    if not is_id(identifier) or not identifier.startswith(PREFIX["Case"]):
        raise Refusal("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {identifier}")
    found = next((each for each in asked.state["cases"] if each["Id"] == long(identifier)), None)
    if found is None:
        raise Refusal("NOT_FOUND")
    if found["IsDeleted"]:
        raise Refusal("ENTITY_IS_DELETED", fields=[])
    return Answer(body=told(asked, found))


def told(asked: Asked, record: Object) -> dict[str, Any]:
    """A case with all fields that the user sees, or those that `fields` names."""
    names = list(described.case_fields(asked.state))
    if given := asked.query.get("fields"):
        wanted = [name.strip() for name in given.split(",")]
        if strange := next((name for name in wanted if name not in names), None):
            raise Refusal("INVALID_FIELD", f"No such column '{strange}' on sobject of type Case")
        names = ["Id", *(name for name in wanted if name != "Id")]
    attributes = {"type": "Case", "url": address(asked, record)}
    return {"attributes": attributes, **{name: record.get(name) for name in names}}


def address(asked: Asked, record: Object) -> str:
    """The path of a case."""
    return f"{asked.root}/sobjects/Case/{record['Id']}"


def found_by(asked: Asked, name: str, value: str) -> list[Object]:
    """The cases with this external id; those in the bin are not among them. Raises Refusal for another field."""
    field = described.case_fields(asked.state).get(name)
    if field is None or not (field["externalId"] or name == "Id"):
        raise Refusal("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
    value = long(value) if name == "Id" else value
    return [each for each in asked.state["cases"] if not each["IsDeleted"] and same(each.get(name), value)]


def by_external(asked: Asked, name: str, value: str) -> Answer:
    """GET /sobjects/Case/{field}/{value}."""
    found = found_by(asked, name, value)
    if len(found) > 1:
        return several(asked, found)
    if not found:
        raise Refusal("NOT_FOUND")
    return Answer(body=told(asked, found[0]))


def several(asked: Asked, found: list[Object]) -> Answer:
    """More than one record has the external id: where each of them is."""
    return Answer(status=300, body=[address(asked, each) for each in found])


def upsert(asked: Asked, name: str, value: str) -> Answer:
    """PATCH /sobjects/Case/{field}/{value}: make the case, or change the one that there is."""
    found, given = found_by(asked, name, value), asked.body()
    if len(found) > 1:
        return several(asked, found)
    for each in (name, "Id"):
        if each in given:
            raise Refusal("INVALID_FIELD", f"The {each} field should not be specified in the sobject data.")
    if found:
        return changed(asked, found[0], given)
    if name == "Id" or asked.query.get("updateOnly") == "true":
        raise Refusal("NOT_FOUND")
    return create(asked, {**given, name: value})


def changed(asked: Asked, case: Object, given: dict[str, Any]) -> Answer:
    """A case with other values."""
    at = written(asked.now)
    case |= {**values_of(asked.state, given, case), "LastModifiedDate": at, "SystemModstamp": at}
    if float(asked.version) < ANSWERS_UPDATES:
        return Answer(status=204)
    return Answer(body={"id": case["Id"], "success": True, "errors": [], "created": False})


def create(asked: Asked, given: dict[str, Any] | None = None) -> Answer:
    """POST /sobjects/Case, and an upsert that finds nothing: a new case, whatever there is already."""
    body = asked.body() if given is None else given
    values = values_of(asked.state, body, None)
    cases = asked.state["cases"]
    number = 1 + max(
        (int(each["CaseNumber"]) for each in cases if each["CaseNumber"].isdecimal()), default=FIRST_NUMBER
    )
    ids = {each["Id"] for each in cases}
    identifier = next(each for each in (made("Case", n) for n in count(number)) if each not in ids)
    values |= {"Id": identifier, "CaseNumber": f"{number:08d}"}
    cases.append(filled(values, asked.user["Id"], written(asked.now)))
    said = {"id": identifier, "success": True, "errors": []}
    headers = {"Location": f"{asked.root}/sobjects/Case/{identifier}"}
    return Answer(status=201, body=said if given is None else {**said, "created": True}, headers=headers)
