"""What Salesforce's REST API takes and gives, as far as peakops uses it: JSON Schemas of our own, since it has none.

After Salesforce's REST API Developer Guide (query, describe, limits, upsert by external id, composite, status codes)
and its Identity documentation (OAuth token, userinfo); an answer may have more than is named here.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TRUTH = {"type": "boolean"}
COUNT = {"type": "integer", "minimum": 0}
ID = {"type": "string", "pattern": "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}


def thing(required: dict[str, Any], optional: dict[str, Any] | None = None, *, closed: bool = False) -> dict[str, Any]:
    """An object with these fields; a closed one has no others."""
    fields = {**required, **(optional or {})}
    found = {"type": "object", "properties": fields, "required": list(required)}
    return {**found, "additionalProperties": False} if closed else found


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def items(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema, **more}


RECORD = thing({"attributes": thing({"type": TEXT, "url": TEXT})})
CASE = thing(
    {
        "Id": ID,
        "CaseNumber": TEXT,
        "Portal_Case_Id__c": maybe(TEXT),
        "AccountId": maybe(ID),
        "Status": maybe(TEXT),
        "CreatedDate": TIME,
        "IsDeleted": TRUTH,
    }
)
ACCOUNT = thing({"Id": ID, "Name": TEXT, "IsDeleted": TRUTH, "MasterRecordId": maybe(ID)})
ERROR = thing(
    {"errorCode": {"type": "string", "pattern": "^[A-Z_]+$"}, "message": {"type": "string"}}, {"fields": items(TEXT)}
)


def query(record: dict[str, Any]) -> dict[str, Any]:
    """A page of records; one that is not the last leads on."""
    page = thing(
        {"totalSize": COUNT, "done": TRUTH, "records": items({"allOf": [RECORD, record]})},
        {"nextRecordsUrl": {"type": "string", "pattern": r"^/services/data/v\d+\.0/query/[\w-]+$"}},
    )
    leads = {"if": {"properties": {"done": {"const": False}}}, "then": {"required": ["nextRecordsUrl"]}}
    return {**page, **leads}


FIELD = thing(
    {
        "name": TEXT,
        "type": TEXT,
        "nillable": TRUTH,
        "createable": TRUTH,
        "defaultedOnCreate": TRUTH,
        "length": COUNT,
        "restrictedPicklist": TRUTH,
        "picklistValues": items(thing({"value": TEXT, "active": TRUTH})),
        "externalId": TRUTH,
        "unique": TRUTH,
        "referenceTo": items(TEXT),
    }
)
WRITTEN = thing({"id": ID, "success": {"const": True}, "errors": items({}, maxItems=0), "created": TRUTH})

SCHEMAS: dict[str, dict[str, Any]] = {
    "token request": {
        "oneOf": [
            thing({"grant_type": {"const": "client_credentials"}}, closed=True),
            thing(
                {
                    "grant_type": {"const": "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                    "assertion": {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$"},
                },
                closed=True,
            ),
        ]
    },
    "token": thing({"access_token": TEXT, "instance_url": {"type": "string", "pattern": "^https://[^/]+$"}}),
    "token refused": thing({"error": {"type": "string", "pattern": "^[a-z_]+$"}}, {"error_description": TEXT}),
    "userinfo": thing({"user_id": ID, "organization_id": ID, "preferred_username": TEXT}),
    "cases": query(CASE),
    "accounts": query(ACCOUNT),
    "users": query(thing({"Id": ID, "Username": TEXT, "IsActive": TRUTH})),
    "organizations": query(thing({"Id": ID, "InstanceName": TEXT, "IsSandbox": TRUTH})),
    "describe": thing({"name": {"const": "Case"}, "fields": items(FIELD, minItems=1)}),
    "limits": thing({"DailyApiRequests": thing({"Max": COUNT, "Remaining": COUNT})}),
    "versions": items(thing({"label": TEXT, "url": TEXT, "version": {"type": "string", "pattern": r"^\d+\.0$"}})),
    "upsert request": thing(
        {"AccountId": ID, "Subject": TEXT, "Origin": {"const": "Portal"}, "Status": {"const": "New"}},
        {"Priority": TEXT, "Due_Date__c": DAY},
        closed=True,
    ),
    "upsert": WRITTEN,
    "errors": items(ERROR, minItems=1),
    "composite request": thing(
        {
            "compositeRequest": items(
                thing(
                    {
                        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                        "url": {"type": "string", "pattern": r"^/services/data/v\d+\.0/"},
                        "referenceId": {"type": "string", "pattern": r"^[A-Za-z0-9_]+$"},
                    },
                    {"body": {}, "httpHeaders": {"type": "object"}},
                    closed=True,
                ),
                minItems=1,
                maxItems=25,
            )
        },
        {"allOrNone": TRUTH},
        closed=True,
    ),
    "composite": thing(
        {
            "compositeResponse": items(
                thing({"body": {}, "httpHeaders": {"type": "object"}, "httpStatusCode": COUNT, "referenceId": TEXT})
            )
        }
    ),
}
