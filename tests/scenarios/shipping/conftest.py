"""Literal facts for judgements on shipments: one with a label that both know, and whatever a test says of it."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.shipping.check import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
LABEL, OTHER, THIRD = "1ZA1B2C30300000071", "1ZA1B2C30300000072", "1ZA1B2C30300000073"
SOURCES = {
    "pointer": "ups",
    "shipment": "database",
    "changes": "journal",
    "team_changes": "database",
    "parcel": "database",
    "practice": "database",
    "case": "database",
    "audit": "database",
    "token": "ups",
    "probe": "ups",
    "tracked": "ups",
    "by_reference": "ups",
    "label": "ups",
    "address": "ups",
}
SINGLE = ("shipment", "parcel", "practice", "case", "token", "probe", "address")
UPS = tuple(name for name, source in SOURCES.items() if source == "ups" and name != "pointer")
CATEGORIES = {"credentials": "auth", "product": "permission", "rate": "rate_limit", "timeout": "timeout"}


def ago(**much):
    return NOW - timedelta(**much)


def shipment(**said):
    base = {
        "id": "s-1",
        "shipment_number": "SHP-77",
        "case_id": "c-1",
        "practice_id": "p-1",
        "carrier": "ups",
        "status": "labelled",
        "tracking_number": LABEL,
        "created_at": ago(hours=2),
    }
    return {**base, **said}


def parcel(**said):
    base = {
        "id": "s-1",
        "carrier": "ups",
        "direction": "to_practice",
        "service_code": "03",
        "has_label": True,
        "attempted_at": ago(hours=1),
        "error_code": None,
        "lines": ["12 Elm Street"],
        "city": "New York",
        "state": "NY",
        "postal_code": "10118",
        "country": "US",
        "weights": [1.0],
        "as_seen": "e19d4c671e52",
    }
    return {**base, **said}


def practice(**said):
    return {**{"id": "p-1", "practice": "Smile Care", "status": "active", "account": "A1B2C3"}, **said}


def package(number=LABEL, **said):
    base = {
        "tracking_number": number,
        "status": "Shipper created a label",
        "status_code": "003",
        "voided": False,
        "references": ["SHP-77"],
        "at": ago(hours=1),
    }
    return {**base, **said}


def label(number=LABEL):
    return {"tracking_number": number, "format": "GIF", "bytes": 57}


def logged(*actions, code=None):
    """Lines of the log, newest first: `logged("failed", "requested", code="timeout")`."""
    return [
        {
            "action": f"shipping.label_{action}",
            "created_at": ago(minutes=60 + 10 * number),
            "code": code if action == "failed" else None,
        }
        for number, action in enumerate(actions)
    ]


def validated(result="valid", *candidates):
    return {"result": result, "classification": "commercial", "candidates": list(candidates)}


def candidate(**said):
    return {**{"lines": ["12 ELM ST N"], "city": "NEW YORK", "state": "NY", "postal_code": "10117"}, **said}


def open_one(status="pending", **said):
    """A shipment without a label, never asked for: what the looks bring."""
    facts = {
        "shipment": [shipment(status=status, tracking_number=None)],
        "parcel": [parcel(attempted_at=None, has_label=False)],
        "audit": [],
        "tracked": [],
        "by_reference": [],
        "label": [],
    }
    return {**facts, **said}


def failed(code, **said):
    """A shipment whose last attempt failed with a code."""
    facts = {
        "parcel": [parcel(error_code=code, has_label=False)],
        "audit": logged("failed", "requested", code=code),
    }
    return open_one("failed", **facts, **said)


def refusal(code, category="guard", **said):
    """Why a look at UPS brought nothing: `refusal("250002", "auth")`."""
    return Fault(code=f"ups.{code}", category=category, message=f"UPS says {code}.", source="ups", **said)


SILENCE = refusal("timeout", "timeout")


def evidence(silent=None, notes=None, **said):
    """Every look of the scenario: with what the test says, or as of a label that both know; faults by look."""
    given = {
        **{name: [] for name in SOURCES if name != "pointer"},
        "shipment": [shipment()],
        "parcel": [parcel()],
        "practice": [practice()],
        "case": [{"id": "c-1", "case_number": "CASE-1042", "status": "synced"}],
        "audit": logged("created", "requested"),
        "token": [{"expires_at": NOW, "cached": False}],
        "probe": [{"answered": True}],
        "tracked": [package()],
        "by_reference": [package()],
        "label": [label()],
        "address": [validated()],
        **said,
    }
    return tuple(_look(name, given[name], (silent or {}).get(name), (notes or {}).get(name, ())) for name in given)


def _look(name, rows, fault, notes):
    return Evidence(
        name=name,
        source=SOURCES[name],
        at=NOW,
        rows=() if fault else tuple(rows),
        single=name in SINGLE,
        notes=tuple(notes),
        error=fault,
    )


def judged(silent=None, notes=None, **said):
    looked = evidence(silent, notes, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


@pytest.fixture
def judge():
    """Judge literal facts: `judge(by_reference=[package()])` returns what the verdict is and what was found."""
    return judged
