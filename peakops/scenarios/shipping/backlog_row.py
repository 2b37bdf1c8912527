"""The rows of sql/shipping/backlog.sql: all that the portal says of one shipment, as the looks of the check have it."""

from typing import Any

from peakops.scenario import Row

OF_SHIPMENT = (
    *("id", "shipment_number", "case_id", "practice_id", "carrier", "status", "tracking_number", "created_at"),
)
OF_PARCEL = (
    *("id", "carrier", "direction", "service_code", "has_label", "attempted_at", "error_code"),
    *("lines", "city", "state", "postal_code", "country", "weights"),
)


def looks(row: Row) -> dict[str, Any]:
    """The answers to the check's looks at the database."""
    logged = zip(row["logged_actions"], row["logged_moments"], row["logged_codes"], strict=True)
    of_case = {"id": row["case_id"], "case_number": row["case_number"], "status": row["case_status"]}
    return {
        "shipment": {name: row[name] for name in OF_SHIPMENT},
        "parcel": {name: row[name] for name in OF_PARCEL},
        "practice": {
            "id": row["practice_id"],
            "practice": row["practice"],
            "status": row["practice_status"],
            "account": row["account"],
        },
        "case": of_case if row["case_id"] else None,
        "audit": [{"action": action, "created_at": moment, "code": code} for action, moment, code in logged],
    }
