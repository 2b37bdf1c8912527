"""The clinic's work: cases in Salesforce, labels at UPS, and what went wrong with a few of them."""

from random import Random

from peakops.sandbox.clinic_people import PER_PRACTICE, practice_id
from peakops.sandbox.clinic_words import (
    CASE_TYPES,
    CITIES,
    PRACTICES,
    STREETS,
    Row,
    Tables,
    ago,
    canary,
    day_ago,
    dice,
    uid,
)
from peakops.sandbox.vendors.salesforce.ids import made

CASES = 150
SHIPMENTS = 90
FAILED_CASES = {
    140: "REQUIRED_FIELD_MISSING: Required fields are missing: [Due_Date__c]",
    142: "timeout",
    143: "timeout",
    145: "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
    147: "INVALID_SESSION_ID: Session expired or invalid",
    148: "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.",
}
"""The cases that did not reach Salesforce, by place, with what the portal wrote."""
WRONG_ACCOUNT, MERGED, MASTER = 145, 10, made("Account", 910)
"""This one names its practice's account, which was merged into another one."""
TWIN_CASE = 143
"""This one timed out and reached Salesforce all the same."""
FAILED_SHIPMENTS = {
    80: ("120802", "120802: Address Validation Error on ShipTo address"),
    82: ("timeout", "timeout"),
    83: ("timeout", "timeout"),
    85: ("250002", "250002: Invalid Authentication Information."),
    87: ("120209", "120209: Missing or invalid ship to phone number"),
}
TWIN_SHIPMENT = 83
"""This one timed out, and UPS has the label."""
WORK = {
    "case_field_missing": "CASE-1140",
    "case_timeout": "CASE-1142",
    "case_timeout_twin": "CASE-1143",
    "case_wrong_account": "CASE-1145",
    "case_session_expired": "CASE-1147",
    "case_limit": "CASE-1148",
    "case_never_sent": "CASE-1149",
    "shipment_address": "SHP-80",
    "shipment_timeout": "SHP-82",
    "shipment_timeout_twin": "SHP-83",
    "shipment_auth": "SHP-85",
    "shipment_phone": "SHP-87",
    "shipment_pending": "SHP-89",
}
"""Where each trouble with cases and labels lives."""


def work(users: list[Row]) -> tuple[Tables, Row, Row]:
    """Cases and shipments: the portal's rows, Salesforce's part and UPS's part."""
    rng = dice("work")
    cases = [_case(rng, number, users) for number in range(CASES)]
    shipments = [_shipment(rng, number, cases) for number in range(SHIPMENTS)]
    return {"cases": cases, "shipments": shipments}, _salesforce(cases), _ups(shipments)


def _case(rng: Random, number: int, users: list[Row]) -> Row:
    place = MERGED if number == WRONG_ACCOUNT else rng.randrange(len(PRACTICES))
    age = 24 * 45 * (CASES - number) / CASES + rng.uniform(0.2, 5)
    status = "closed" if number < 40 else "synced"
    if number in FAILED_CASES:
        status = "failed"
    elif number >= CASES - 1:
        status = "submitted"
    elif number % 29 == 28:
        status = "draft"
    sent = status in {"closed", "synced"}
    error = FAILED_CASES.get(number)
    due = None if error and "Due_Date__c" in error else day_ago(age - 24 * 10)
    return {
        "id": uid("case", number),
        "case_number": f"CASE-{1000 + number}",
        "practice_id": practice_id(place),
        "submitted_by": users[min(place * PER_PRACTICE + rng.randrange(3), 57)]["id"],
        "patient_name": canary("patient", number),
        "clinical_notes": canary("notes", number),
        "case_type": rng.choice(CASE_TYPES),
        "priority": rng.choice(("normal", "normal", "normal", "high", "rush")),
        "due_date": due,
        "status": status,
        "salesforce_case_id": made("Case", number) if sent else None,
        "sync_error": error,
        "sync_attempted_at": ago(age - 0.1) if sent or error else None,
        "created_at": ago(age),
    }


def _salesforce(cases: list[Row]) -> Row:
    found = []
    for number, row in enumerate(cases):
        place = _place(row)
        if row["salesforce_case_id"] or number == TWIN_CASE:
            found.append(
                {
                    "Id": row["salesforce_case_id"] or made("Case", number),
                    "CaseNumber": f"{40000 + number:08d}",
                    "Portal_Case_Id__c": row["id"],
                    "AccountId": MASTER if place == MERGED else _account(place),
                    "Subject": f"{row['case_type']} {row['case_number']}",
                    "Status": "Closed" if row["status"] == "closed" else "New",
                    "CreatedDate": row["sync_attempted_at"],
                }
            )
    return {
        "accounts": [
            {
                "Id": _account(index),
                "Name": name,
                "IsDeleted": index == MERGED,
                "MasterRecordId": MASTER if index == MERGED else None,
            }
            for index, (name, _, _) in enumerate(PRACTICES)
        ]
        + [{"Id": MASTER, "Name": PRACTICES[MERGED][0], "IsDeleted": False, "MasterRecordId": None}],
        "cases": found,
        "limits": {"DailyApiRequests": {"Max": 15000, "Remaining": 11250}},
        "describe": {"Case": {"fields": [{"name": "Due_Date__c", "nillable": False}]}},
    }


def _account(index: int) -> str:
    return made("Account", index + 1)


def _place(row: Row) -> int:
    return [practice_id(index) for index in range(len(PRACTICES))].index(row["practice_id"])


def _shipment(rng: Random, number: int, cases: list[Row]) -> Row:
    case = cases[number + 55]
    age = 24 * 30 * (SHIPMENTS - number) / SHIPMENTS + rng.uniform(0.1, 4)
    code, error = FAILED_SHIPMENTS.get(number, (None, None))
    city, state, postal = rng.choice(CITIES)
    status = "failed" if code else "pending" if number == SHIPMENTS - 1 else "voided" if number == 20 else "labelled"
    labelled = status in {"labelled", "voided"}
    return {
        "id": uid("shipment", number),
        "shipment_number": f"SHP-{number}",
        "case_id": case["id"],
        "practice_id": case["practice_id"],
        "direction": "to_practice" if number % 4 else "to_lab",
        "ship_to": {
            "name": PRACTICES[_place(case)][0],
            "lines": [f"{rng.randrange(10, 900)} {rng.choice(STREETS)} Street"],
            "city": city,
            "state": state,
            "postal_code": "99999" if code == "120802" else postal,
            "country": "US",
            "phone": "" if code == "120209" else f"5550102{number:03d}",
        },
        "status": status,
        "tracking_number": _tracking(number) if labelled else None,
        "label_path": f"labels/SHP-{number}.pdf" if labelled else None,
        "error_code": code,
        "error": error,
        "attempted_at": ago(age - 0.05) if labelled or code else None,
        "created_at": ago(age),
    }


def _tracking(number: int) -> str:
    return f"1ZA1B2C303{number:08d}"


def _ups(shipments: list[Row]) -> Row:
    known = [
        {
            "shipment_id": _tracking(number),
            "tracking_number": _tracking(number),
            "reference": row["shipment_number"],
            "account": "A1B2C3",
            "voided": row["status"] == "voided",
            "created_at": row["attempted_at"],
            "label": True,
        }
        for number, row in enumerate(shipments)
        if row["tracking_number"] or number == TWIN_SHIPMENT
    ]
    wrong = next(row["ship_to"] for row in shipments if row["error_code"] == "120802")
    address = {"line": wrong["lines"][0], "city": wrong["city"], "state": wrong["state"]}
    right = next(postal for city, _, postal in CITIES if city == wrong["city"])
    return {
        "accounts": ["A1B2C3"],
        "products": ["shipping", "address_validation", "tracking"],
        "shipments": known,
        "addresses": [
            {
                **address,
                "postal_code": wrong["postal_code"],
                "result": "ambiguous",
                "classification": "commercial",
                "candidates": [{**address, "postal_code": right}],
            }
        ],
    }
