"""Literal facts for judgements on people: Anna, who can log in, and whatever a test says of her."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.user.check import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA, OTHER = "u-1", "u-2"
MAIL = "anna@smilecare.example"
SINGLE = ("person", "limits")
ELSEWHERE = {"suppressions": "email", "messages": "email", "limits": "supabase", "changes": "journal"}
LOOKS = (
    *("person", "similar", "changes", "team_changes", "accounts", "profiles", "invitations", "containment"),
    *("identities", "factors", "second_factor", "sessions", "tokens", "auth_events", "activity"),
    *("suppressions", "messages", "limits", "expected", "holdings"),
)
LIMITS = {"smtp_max_frequency": 60, "rate_limit_email_sent": 30, "mailer_otp_exp": 3600, "jwt_exp": 3600}


def person(**said):
    return {
        **{
            "id": ANNA,
            "email": MAIL,
            "given": MAIL,
            "by_mask": False,
            "has_account": True,
            "has_profile": True,
            "practice": "Smile Care",
        },
        **said,
    }


def account(**said):
    base = {
        "id": ANNA,
        "email": MAIL,
        "aud": "authenticated",
        "role": "authenticated",
        "created_at": NOW - timedelta(days=200),
        "updated_at": NOW - timedelta(days=1),
        "last_sign_in_at": NOW - timedelta(hours=26),
        "email_confirmed_at": NOW - timedelta(days=200),
        "invited_at": None,
        "confirmation_sent_at": None,
        "recovery_sent_at": None,
        "email_change": None,
        "email_change_sent_at": None,
        "banned_until": None,
        "deleted_at": None,
        "is_sso_user": False,
        "is_anonymous": False,
    }
    return {**base, **said}


def unconfirmed(**said):
    return account(
        **{"email_confirmed_at": None, "last_sign_in_at": None, "confirmation_sent_at": NOW - timedelta(minutes=10)}
        | said
    )


def invited(**said):
    return unconfirmed(**{"invited_at": NOW - timedelta(minutes=10)} | said)


def profile(**said):
    base = {
        "id": ANNA,
        "email": MAIL,
        "role": "member",
        "is_active": True,
        "practice_id": "p-1",
        "created_at": NOW - timedelta(days=200),
        "practice": "Smile Care",
        "practice_status": "active",
        "has_account": said.get("id", ANNA) == ANNA,
    }
    return {**base, **said}


def identity(**said):
    return {**{"provider": "email", "email": MAIL, "created_at": NOW, "last_sign_in_at": NOW}, **said}


def factor(**said):
    base = {
        "id": "f-1",
        "factor_type": "totp",
        "status": "verified",
        "created_at": NOW - timedelta(days=90),
        "updated_at": NOW - timedelta(days=90),
        "last_challenged_at": NOW - timedelta(minutes=20),
    }
    return {**base, **said}


def passed(minutes):
    """A session that held the second factor so many minutes ago."""
    return {"at": NOW - timedelta(minutes=minutes)}


def containment(**said):
    base = {"made_at": NOW - timedelta(hours=3), "operator": "mara@ops-1", "reason": "Two countries in an hour"}
    return {**base, **said}


def invitation(**said):
    base = {
        "id": "i-1",
        "email": MAIL,
        "practice_id": "p-1",
        "practice": "Smile Care",
        "role": "member",
        "status": "pending",
        "invited_by": "u-9",
        "provider_message_id": "msg_1",
        "expires_at": NOW + timedelta(days=5),
        "accepted_at": None,
        "created_at": NOW - timedelta(days=2),
    }
    return {**base, **said}


def suppression(**said):
    base = {"kind": "bounce", "email": MAIL, "reason": "550 no such user", "created": NOW, "provider": "sendgrid"}
    return {**base, **said}


def message(**said):
    base = {"id": "m-1", "to": MAIL, "status": "bounced", "reason": None, "at": NOW, "provider": "resend"}
    return {**base, **said}


def wanted(**said):
    return {**{"id": "p-1", "name": "Smile Care", "status": "active", "exact": True}, **said}


def holding(**said):
    base = {"practice_id": "p-1", "practice": "Smile Care", "invoices": 3, "cases": 2, "shipments": 1, "users": 4}
    return {**base, **said}


def only(**said):
    """Facts of somebody of whom there is neither account nor profile."""
    somebody = person(id=None, has_account=False, has_profile=False, practice=None)
    return {"person": somebody, "accounts": [], "profiles": [], "identities": [], **said}


def evidence(silent=(), notes=(), **said):
    """Every look of the scenario: of Anna who can log in, with what the test says; the named ones silent."""
    given = {
        **{name: [] for name in LOOKS},
        "person": person(),
        "accounts": [account()],
        "profiles": [profile()],
        "identities": [identity()],
        "limits": LIMITS,
        **said,
    }
    asked = [name for name in LOOKS if name not in ("expected", "holdings") or name in said or name in silent]
    return tuple(_look(name, given[name], name in silent, dict(notes).get(name, ())) for name in asked)


def _look(name, value, silent, notes):
    source = ELSEWHERE.get(name, "database")
    fault = Fault(code=f"{source}.down", category="upstream", message=f"{source} is down.") if silent else None
    rows = () if silent or value is None else (value,) if name in SINGLE else tuple(value)
    return Evidence(name=name, source=source, at=NOW, rows=rows, single=name in SINGLE, error=fault, notes=notes)


def judged(silent=(), notes=(), **said):
    """What the verdict on literal facts is, and what was found."""
    looked = evidence(silent, notes, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


@pytest.fixture
def judge():
    """Judge literal facts: `judge(accounts=[account(banned_until=…)])`."""
    return judged
