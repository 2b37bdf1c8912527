"""What fields a Case has: Salesforce's own and the portal's, with what the world says of any of them on top."""

from collections.abc import Iterable
from typing import Any

from peakops.sandbox.wire import State

Field = dict[str, Any]

FIELD_KEYS = (
    *("name", "type", "nillable", "createable", "defaultedOnCreate", "length", "restrictedPicklist"),
    *("picklistValues", "externalId", "unique", "referenceTo", "visible"),
)
"""
What a world may say of a field. All but `visible` are Salesforce's names; `visible: false` hides the field from the
integration user (field-level security), so that neither the describe nor anything else knows it.
"""
TEXTS = ("string", "textarea", "picklist")
TYPES = (*TEXTS, "id", "reference", "boolean", "date", "datetime", "double")
USUAL_LENGTH = 255
LONGEST_FILTERED = 255
"""A longer text area cannot be filtered by SOQL."""


def field(name: str, kind: str, **said: Any) -> Field:
    """A field as the describe has it, by default one that may be empty and may be written."""
    usual = {
        "name": name,
        "type": kind,
        "nillable": True,
        "createable": True,
        "defaultedOnCreate": False,
        "length": {"id": 18, "reference": 18}.get(kind, USUAL_LENGTH if kind in TEXTS else 0),
        "restrictedPicklist": False,
        "picklistValues": [],
        "externalId": False,
        "unique": False,
        "referenceTo": [],
        "visible": True,
    }
    return {**usual, **said}


def chosen(name: str, *values: str, **said: Any) -> Field:
    """A picklist; Salesforce's own are not restricted as they come."""
    return field(name, "picklist", picklistValues=[{"value": each, "active": True} for each in values], **said)


SYSTEM: dict[str, Any] = {"nillable": False, "createable": False, "defaultedOnCreate": True}
CASE = (
    field("Id", "id", **SYSTEM),
    field("IsDeleted", "boolean", **SYSTEM),
    field("CaseNumber", "string", length=30, **SYSTEM),
    field("AccountId", "reference", referenceTo=["Account"]),
    field("Subject", "string"),
    field("Description", "textarea", length=32000),
    chosen("Status", "New", "Working", "Escalated", "Closed", defaultedOnCreate=True),
    chosen("Priority", "Low", "Normal", "Medium", "High", "Rush"),
    chosen("Origin", "Portal", "Phone", "Email", "Web"),
    field("OwnerId", "reference", referenceTo=["User"], nillable=False, defaultedOnCreate=True),
    field("CreatedDate", "datetime", **SYSTEM),
    field("CreatedById", "reference", referenceTo=["User"], **SYSTEM),
    field("LastModifiedDate", "datetime", **SYSTEM),
    field("SystemModstamp", "datetime", **SYSTEM),
    field("Due_Date__c", "date"),
    field("Portal_Case_Id__c", "string", length=36, externalId=True, unique=True),
)

OTHERS = {
    "Account": {"Id": "id", "Name": "string", "IsDeleted": "boolean", "MasterRecordId": "reference"},
    "User": {"Id": "id", "Username": "string", "IsActive": "boolean"},
    "Organization": {"Id": "id", "InstanceName": "string", "IsSandbox": "boolean"},
}
"""The fields of the objects that are only read, with their types."""


def all_fields(said: Iterable[Field]) -> dict[str, Field]:
    """Every field of Case by name, hidden ones too, given what a world says of fields."""
    found = {each["name"]: each for each in CASE}
    for given in said:
        name = given["name"]
        usual = found.get(name)
        kind = str(given.get("type") or ("string" if usual is None else usual["type"]))
        found[name] = {**(field(name, kind) if usual is None or kind != usual["type"] else usual), **given}
    return found


def case_fields(state: State) -> dict[str, Field]:
    """The fields of Case that the integration user sees, by name."""
    found = all_fields(state["describe"].get("Case", {}).get("fields", []))
    return {name: each for name, each in found.items() if each["visible"]}


def columns(state: State, kind: str) -> dict[str, Field] | None:
    """The fields of an object by name; None if the sandbox has no such object."""
    if kind == "Case":
        return case_fields(state)
    found = OTHERS.get(kind)
    return None if found is None else {name: field(name, each) for name, each in found.items()}


def describe(state: State) -> dict[str, Any]:
    """The answer to GET /sobjects/Case/describe."""
    fields = [told(each) for each in case_fields(state).values()]
    return {
        **{"name": "Case", "label": "Case", "labelPlural": "Cases", "keyPrefix": "500", "custom": False},
        **{"createable": True, "updateable": True, "queryable": True, "retrieveable": True, "deletable": True},
        "fields": fields,
    }


def told(each: Field) -> dict[str, Any]:
    """A field with what follows from the rest of it."""
    name = each["name"]
    values = [
        {"active": True, "defaultValue": False, "label": value["value"], "validFor": None, **value}
        for value in each["picklistValues"]
    ]
    return {
        **{key: value for key, value in each.items() if key != "visible"},
        **{"label": name.removesuffix("__c").replace("_", " "), "custom": name.endswith("__c")},
        **{"idLookup": each["externalId"] or name == "Id", "updateable": each["createable"]},
        **{"filterable": filterable(each), "caseSensitive": False, "controllerName": None, "picklistValues": values},
    }


def filterable(each: Field) -> bool:
    """Whether SOQL may compare the field."""
    return not (each["type"] == "textarea" and each["length"] > LONGEST_FILTERED)
