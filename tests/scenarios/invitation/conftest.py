"""Literal facts for judgements on invitations: one of two days ago that is open, and whatever a test says of it."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.invitation.check import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
MAIL = "new.member@smilecare.example"
LOOKS = (
    *("invitation", "similar", "changes", "team_changes", "invitations", "profiles", "accounts"),
    *("suppressions", "messages"),
)
ELSEWHERE = {"suppressions": "email", "messages": "email", "changes": "journal"}
NO_PROVIDER = ("No e-mail provider is configured.",)


def ago(**much):
    return NOW - timedelta(**much)


def subject(**said):
    return {**{"id": "i-1", "email": MAIL, "given": MAIL, "by_mask": False, "practice": "Smile Care"}, **said}


def invitation(**said):
    base = {
        "id": "i-1",
        "email": MAIL,
        "practice_id": "p-1",
        "practice": "Smile Care",
        "practice_status": "active",
        "role": "member",
        "status": "pending",
        "invited_by": "u-9",
        "provider_message_id": "msg_1",
        "expires_at": NOW + timedelta(days=5),
        "accepted_at": None,
        "created_at": ago(days=2),
    }
    return {**base, **said}


def over(**said):
    return invitation(**{"created_at": ago(days=9), "expires_at": ago(days=2)} | said)


def accepted(**said):
    return invitation(**{"status": "accepted", "accepted_at": ago(days=1)} | said)


def account(**said):
    base = {
        "id": "u-1",
        "email": MAIL,
        "created_at": ago(days=31),
        "email_confirmed_at": ago(days=30),
        "deleted_at": None,
    }
    return {**base, **said}


def deleted(**said):
    return account(**{"email": "b3BhcXVl", "deleted_at": ago(days=3)} | said)


def suppression(**said):
    base = {"kind": "bounce", "email": MAIL, "reason": "550 no such user", "created": ago(days=40)}
    return {**base, "provider": "sendgrid", **said}


def message(**said):
    base = {"id": "msg_1", "to": MAIL, "status": "delivered", "reason": None, "at": ago(days=2), "provider": "sendgrid"}
    return {**base, **said}


def evidence(silent=(), notes=None, **said):
    """Every look of the scenario: empty, or with what the test says; the named ones silent."""
    given = {
        **{name: [] for name in LOOKS},
        "invitation": [subject()],
        "invitations": [invitation()],
        **said,
    }
    return tuple(_look(name, given[name], (notes or {}).get(name, ()), name in silent) for name in LOOKS)


def _look(name, rows, notes, silent):
    source = ELSEWHERE.get(name, "database")
    fault = Fault(code=f"{source}.down", category="upstream", message=f"{source} is down.") if silent else None
    return Evidence(
        name=name,
        source=source,
        at=NOW,
        rows=() if silent else tuple(rows),
        single=name == "invitation",
        notes=notes,
        error=fault,
    )


def judged(silent=(), notes=None, **said):
    looked = evidence(silent, notes, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


@pytest.fixture
def judge():
    """Judge literal facts: `judge(messages=[message()])` returns what the verdict is and what was found."""
    return judged
