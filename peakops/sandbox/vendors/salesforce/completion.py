"""Checks a world's `salesforce` part, and completes its records with what Salesforce would have in them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from peakops.sandbox.refusals import listing, mapping, only, refuse, unknown
from peakops.sandbox.times import moment
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, objects, text, texts
from peakops.sandbox.vendors.salesforce.described import FIELD_KEYS, OTHERS, TYPES, Field, all_fields
from peakops.sandbox.vendors.salesforce.ids import PREFIX, is_id, long, made
from peakops.sandbox.vendors.salesforce.times import written
from peakops.sandbox.wire import State

LIMITS = ("DailyApiRequests", "DailyBulkApiBatches", "DailyAsyncApexExecutions", "DataStorageMB", "FileStorageMB")
USUAL_LIMITS = {"DailyApiRequests": {"Max": 15000, "Remaining": 14000}}
RULE_KEYS = ("field", "when_empty", "message")
INTEGRATION = "integration@peakdental.example"
"""The user as whom the portal's app works, where the world names none."""
FIRST_NUMBER = 1001
UNDATED = timedelta(hours=1)
"""How old a case is that a world does not date."""


def complete(part: State, now: datetime) -> State:
    """The world's part, checked, with ids in 18 characters and times as Salesforce writes them."""
    only(part, RESOURCES["salesforce"], "salesforce", "resource")
    describe = described(part.get("describe", {}))
    fields = all_fields(describe.get("Case", {}).get("fields", []))
    users = others("User", part.get("users", []), "salesforce.users", {"IsActive": True})
    organization = mapping(part.get("organization", {}), "salesforce.organization")
    only(organization, OTHERS["Organization"], "salesforce.organization")
    users = users or [{"Id": made("User", 1), "Username": INTEGRATION, "IsActive": True}]
    return {
        "accounts": others("Account", part.get("accounts", []), "salesforce.accounts", ACCOUNT),
        "cases": cases(part.get("cases", []), fields, users[0]["Id"], now),
        "limits": limits(part.get("limits", {})),
        "describe": describe,
        "users": users,
        "organization": others("Organization", [organization], "salesforce.organization", ORGANIZATION)[0],
        "validation_rules": rules(part.get("validation_rules", []), fields),
    }


ACCOUNT = {"Name": None, "IsDeleted": False, "MasterRecordId": None}
ORGANIZATION = {"InstanceName": "USA900", "IsSandbox": False}


def others(kind: str, value: object, place: str, usual: Object) -> list[Object]:
    """Records of an object that is only read; those without an id are numbered."""
    found = []
    for number, (given, here) in enumerate(objects(value, OTHERS[kind], place), start=1):
        for name, type_ in OTHERS[kind].items():
            given[name] = checked(given.get(name, usual.get(name)), type_, f"{here}.{name}", None)
        if kind == "User":
            text(given, "Username", here)
        given["Id"] = own_id(kind, given["Id"] or made(kind, number), f"{here}.Id")
        found.append(given)
    once(found, place)
    return found


def own_id(kind: str, value: str, place: str) -> str:
    """An id of this object's."""
    if not value.startswith(PREFIX[kind]):
        refuse(place, f"the id of a record of {kind} begins with {PREFIX[kind]}.")
    return value


def once(found: list[Object], place: str) -> None:
    """Refuse an id that two records have."""
    seen: set[str] = set()
    for number, each in enumerate(found):
        if each["Id"] in seen:
            refuse(f"{place}[{number}].Id", f"{each['Id']} occurs twice.")
        seen.add(each["Id"])


def checked(value: Any, kind: str, place: str, now: datetime | None) -> Any:
    """A record's value, in Salesforce's form. `now` is what relative times are said from."""
    if value is None:
        return None
    if kind == "boolean":
        return value if isinstance(value, bool) else refuse(place, "must be true or false.")
    if kind == "double":
        return value if type(value) in (int, float) else refuse(place, "must be a number.")
    if not isinstance(value, str):
        refuse(place, "must be a string.")
    if kind in ("id", "reference"):
        return long(value) if is_id(value) else refuse(place, f"{value!r} is no id of 15 or 18 characters.")
    if kind in ("date", "datetime") and now is not None:
        at = moment(value, now)
        if at is None:
            refuse(place, f"{value!r} is no time: write 2026-11-20T15:00:00Z, or -2h or +3d from the world's now.")
        return written(at) if kind == "datetime" else at.date().isoformat()
    return value


def cases(value: object, fields: dict[str, Field], user: str, now: datetime) -> list[Object]:
    """The cases, each with an id and a number of its own."""
    found = objects(value, fields, "salesforce.cases")
    for given, here in found:
        for name, each in given.items():
            given[name] = checked(each, fields[name]["type"], f"{here}.{name}", now)
        if given.get("Id"):
            own_id("Case", given["Id"], f"{here}.Id")
    numbers, ids = {given.get("CaseNumber") for given, _ in found}, {given.get("Id") for given, _ in found}
    number = (each for each in count(FIRST_NUMBER) if f"{each:08d}" not in numbers)
    identifier = (each for each in (made("Case", n) for n in count(1)) if each not in ids)
    undated = written(now - UNDATED)
    for given, _ in found:
        given["CaseNumber"] = given.get("CaseNumber") or f"{next(number):08d}"
        given["Id"] = given.get("Id") or next(identifier)
    whole = [filled(given, user, given.get("CreatedDate") or undated) for given, _ in found]
    once(whole, "salesforce.cases")
    return whole


def filled(given: Object, user: str, at: str) -> Object:
    """A case with what Salesforce itself puts into one."""
    return {
        **{"Id": None, "IsDeleted": False, "CaseNumber": None, "Portal_Case_Id__c": None, "AccountId": None},
        **{"Subject": None, "Status": "New", "Priority": None, "Origin": None, "Due_Date__c": None},
        **{"OwnerId": user, "CreatedById": user, "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at},
        **{name: value for name, value in given.items() if value is not None},
    }


def limits(value: object) -> dict[str, dict[str, int]]:
    """The organization's limits; the day's requests are always among them."""
    given = mapping(value, "salesforce.limits")
    only(given, LIMITS, "salesforce.limits", "limit")
    for name, each in given.items():
        here = f"salesforce.limits.{name}"
        only(mapping(each, here), ("Max", "Remaining"), here)
        for key in ("Max", "Remaining"):
            if type(each.get(key)) is not int or each[key] < 0:
                refuse(f"{here}.{key}", "must be a whole number, 0 or more.")
    return {name: dict(each) for name, each in {**USUAL_LIMITS, **given}.items()}


def described(value: object) -> dict[str, Any]:
    """What the world says of fields; the rest of the describe is added when it is read, not here."""
    given = mapping(value, "salesforce.describe")
    only(given, ("Case",), "salesforce.describe", "object")
    if "Case" not in given:
        return {}
    case = mapping(given["Case"], "salesforce.describe.Case")
    only(case, ("fields",), "salesforce.describe.Case")
    fields = objects(case.get("fields", []), FIELD_KEYS, "salesforce.describe.Case.fields")
    for each, here in fields:
        check_field(each, here)
    return {"Case": {"fields": [each for each, _ in fields]}}


def check_field(each: Field, place: str) -> None:
    """Refuse what is no description of a field."""
    text(each, "name", place)
    if each.get("type", TYPES[0]) not in TYPES:
        unknown(f"{place}.type", "type of field", each["type"], TYPES)
    for key in ("nillable", "createable", "defaultedOnCreate", "restrictedPicklist", "externalId", "unique", "visible"):
        if not isinstance(each.get(key, True), bool):
            refuse(f"{place}.{key}", "must be true or false.")
    if type(each.get("length", 0)) is not int:
        refuse(f"{place}.length", "must be a whole number.")
    texts(each.get("referenceTo", []), f"{place}.referenceTo")
    values = objects(each.get("picklistValues", []), ("value", "active"), f"{place}.picklistValues")
    for given, here in values:
        text(given, "value", here)
        if not isinstance(given.setdefault("active", True), bool):
            refuse(f"{here}.active", "must be true or false.")
    if "picklistValues" in each:
        each["picklistValues"] = [given for given, _ in values]


def rules(value: object, fields: dict[str, Field]) -> list[Object]:
    """The administrator's validation rules: a message for a field that is empty, or that is not."""
    found = []
    for given, here in objects(listing(value, "salesforce.validation_rules"), RULE_KEYS, "salesforce.validation_rules"):
        name = text(given, "field", here)
        if name not in fields:
            unknown(f"{here}.field", "field of Case", name, fields)
        text(given, "message", here)
        if not isinstance(given.setdefault("when_empty", True), bool):
            refuse(f"{here}.when_empty", "must be true or false.")
        found.append(given)
    return found
