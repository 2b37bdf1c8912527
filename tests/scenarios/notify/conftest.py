"""Literal facts for judgements on notifications: a mail to Anna that arrived, and whatever a test says of it."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.notify.check import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA, MAIL = "u-1", "anna@smilecare.example"
SOURCES = {
    **dict.fromkeys(("person", "similar", "team_changes", "notifications", "preferences", "earlier"), "database"),
    "preference_changes": "database",
    "changes": "journal",
    **dict.fromkeys(("provider", "messages", "suppressions", "domains", "rates", "scopes", "quota"), "email"),
    "page": "status",
}
SINGLE = ("person", "provider", "rates", "scopes", "quota", "page")
AT_PROVIDER = ("messages", "suppressions", "domains", "rates", "scopes", "quota")


def ago(**much):
    return NOW - timedelta(**much)


def person(**said):
    base = {"id": ANNA, "email": MAIL, "given": MAIL, "by_mask": False, "has_account": True, "has_profile": True}
    return {**base, "practice": "Smile Care", **said}


def row(channel="email", **said):
    base = {
        "id": f"n-{channel}",
        "practice_id": "p-1",
        "type": "case_update",
        "channel": channel,
        "status": "sent",
        "provider": "sendgrid" if channel == "email" else None,
        "provider_message_id": "m-1" if channel == "email" else None,
        "read_at": None,
        "created_at": ago(hours=3),
        "address": MAIL,
        "error_code": None,
        "enhanced_code": None,
        "has_address": False,
        "others": [],
    }
    return {**base, **said}


def failed(code="other", **said):
    """A mail that the portal could not send."""
    return row(**{"status": "failed", "provider_message_id": None, "error_code": code, **said})


def profile(**said):
    base = {
        "id": ANNA,
        "email": MAIL,
        "account_email": MAIL,
        "is_active": True,
        "practice_id": "p-1",
        "practice": "Smile Care",
        "asked_type": None,
        "asked_channel": None,
        "asked_notification": None,
        "asked_since": ago(days=7),
        "email_off": None,
        "in_app_off": None,
        "email_types_off": [],
        "in_app_types_off": [],
    }
    return {**base, **said}


def mail(status="delivered", **said):
    base = {"id": "m-1", "to": MAIL, "reason": None, "at": ago(hours=3), "provider": "sendgrid", "hard": None}
    return {**base, "status": status, **said}


def listed(kind="bounce", **said):
    base = {"email": MAIL, "reason": None, "created": ago(days=9), "provider": "sendgrid", "hard": None}
    return {**base, "kind": kind, **said}


def domain(name="peakdental.example", *, verified=True, **said):
    base = {"status": "verified" if verified else "failed", "missing": [], "provider": "sendgrid"}
    return {**base, "domain": name, "verified": verified, **said}


def changed(**said):
    base = {"id": 1, "action": "user.preferences_changed", "by_id": ANNA, "by_self": True, "created_at": ago(days=2)}
    return {**base, "channel": "email", "type": "case_update", "enabled": False, **said}


def page(indicator="none", *incidents):
    told = [{"name": each, "impact": indicator, "status": "investigating"} for each in incidents]
    return {"vendor": "sendgrid", "indicator": indicator, "description": "As it is", "incidents": told}


def quota(**said):
    return {**{"provider": "sendgrid", "limit": 100, "used": 10, "remaining": 90, "resets_at": None}, **said}


def refusal(code, category="upstream"):
    """Why a look at the provider brought nothing: `refusal("permission_denied", "permission")`."""
    return Fault(code=f"email.{code}", category=category, message=f"The provider says {code}.", source="email")


SILENCE = refusal("timeout", "timeout")
RATES = {"provider": "sendgrid", "requests": 800, "bounces": 10, "complaints": 1, "bounce_rate": 0.0125}
NOBODY = ("No e-mail provider is configured.",)


def evidence(silent=None, notes=None, **said):
    """Every look of the scenario: with what the test says, or as of a mail that arrived; faults by look."""
    given = {
        **{name: [] for name in SOURCES},
        "person": [person()],
        "notifications": [row()],
        "preferences": [profile()],
        "provider": [{"provider": "sendgrid", "from_domain": "peakdental.example"}],
        "messages": [mail()],
        "domains": [domain()],
        "rates": [{**RATES, "complaint_rate": 0.00125}],
        "scopes": [{"provider": "sendgrid", "can_read_suppressions": True, "can_read_messages": True}],
        "quota": [quota()],
        "page": [page()],
        **said,
    }
    return tuple(_look(name, given[name], (silent or {}).get(name), (notes or {}).get(name, ())) for name in given)


def without_provider(**said):
    """What the looks bring where no provider is configured."""
    nothing = {name: [] for name in ("provider", *AT_PROVIDER, "page")}
    return {**nothing, "notes": dict.fromkeys(("provider", *AT_PROVIDER), NOBODY), **said}


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
    """Judge literal facts: `judge(messages=[mail("bounced")])` returns what the verdict is and what was found."""
    return judged
