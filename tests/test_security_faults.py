"""Every source of `security investigate` with every fault: silence is told, what is proven stays, always in time."""

import re

import pytest

from peakops.scenarios.security.gaps import CODES

from .test_faults import DATABASE, TIMEOUT

ANNA = "55555555-5555-4555-8555-000000000101"
LOGS = "GET /v1/projects/*/analytics/*"
SILENCE = {
    "reset": {"reset": True},
    "slow": {"delay_s": 30},
    "html": {"body": "<html>busy</html>"},
    "no_rows": {"body": "{}"},
    "401": {"status": 401},
    "429": {"status": 429, "retry_after": 90},
}
"""What Supabase's and Vercel's interfaces may answer instead of a log."""
TABLES = {
    "audit_logs": ("unknown", 3),
    "auth.sessions": ("unknown", 3),
    "auth.users": ("unknown", 3),
    "users": ("unknown", 3),
    "auth.audit_log_entries": ("nothing_unusual", 0),
    "peakops.containments": ("unknown", 3),
    "cases": ("unknown", 3),
}
"""What is said of a quiet person, by the table that cannot be read."""
COLUMNS = (
    *(("audit_logs", each) for each in ("ip_address", "details", "user_agent", "resource_id")),
    *(("auth.sessions", each) for each in ("refreshed_at", "ip")),
)
INJECTIONS = (
    *("anna@smilecare.example' or '1'='1", "anna@smilecare.example'; drop table audit_logs; --", "%", "a%@b.example"),
    *("../../v1/projects", "{}", "--help-me", "\u202eanna@smilecare.example", "x" * 5000),
)
"""What somebody may type to reach another place."""


@pytest.fixture
def investigate(peakops, load):
    """Load a world with faults and investigate Anna, held to the contract."""

    def investigate(name, *faults, subject="anna@smilecare.example", options=(), **changes):
        load(f"security/{name}", faults=list(faults), **changes)
        words = ("security", "investigate", subject, *options, "--json", "--timeout", f"{TIMEOUT}s")
        script = peakops("--sandbox", *words)
        assert script.seconds < TIMEOUT + 1
        assert script.code == script.json["exit_code"]
        return script

    return investigate


def told(ran):
    return ran.json["verdict"]["code"], ran.code


def of(vendor, fault, route="*"):
    return {"vendor": vendor, "route": route, **fault}


@pytest.mark.parametrize("name", SILENCE)
def test_the_platform_logs_are_silent(name, investigate):
    """The verdict stands on the portal's log and the sessions; what they alone have is said to be missing."""
    ran = investigate("quiet", of("supabase", SILENCE[name], LOGS))
    states = {each["signal"]: each["state"] for each in ran.json["data"]["missing"]}

    assert ("nothing_unusual", 0) == told(ran)
    assert ["supabase_logs"] == ran.json["verdict"]["sources"]["missing"]
    assert {"new_country": "not_available", "failures_then_success": "not_available"}.items() <= states.items()


@pytest.mark.parametrize("name", ["reset", "html", "401"])
def test_the_firewall_is_silent(name, investigate):
    """It only adds to the time line."""
    ran = investigate("firewall_blocked", of("vercel", SILENCE[name]))

    assert ("nothing_unusual", 0) == told(ran)
    assert ["firewall"] == ran.json["verdict"]["sources"]["missing"]
    assert "firewall" not in {each["source"] for each in ran.json["data"]["timeline"]}


def test_what_the_platform_logs_alone_prove_is_unproven_without_them(investigate):
    """The failures before the success are nowhere else: the same log-in is only new, and the gap is named."""
    ran = investigate("burst_in_platform_logs", of("supabase", {"status": 403}, LOGS))

    assert "likely_compromised" != ran.json["verdict"]["code"]
    assert not ran.json["verdict"]["complete"]
    assert "analytics:read" in " ".join(each["why"] for each in ran.json["data"]["missing"])


@pytest.mark.parametrize("name", DATABASE)
def test_the_database_is_silent(name, investigate):
    """Nobody is found absent, and nothing is called usual, where the database cannot be asked."""
    fault, category, _ = DATABASE[name]
    if "table" in fault:
        fault = {**fault, "table": "audit_logs"} | ({"column": "ip_address"} if "column" in fault else {})
    ran = investigate("quiet", {"vendor": "database", **fault})

    assert ("unknown", 3) == told(ran)
    assert category in {each["error"]["category"] for each in ran.json["evidence"] if each["error"]}


@pytest.mark.parametrize(
    ("kind", "table"),
    [*(("deny", each) for each in TABLES), ("missing_table", "audit_logs"), ("missing_table", "auth.sessions")],
)
def test_one_table_gone(kind, table, investigate):
    """What it would have told is not made up; Supabase Auth's log alone is not needed."""
    ran = investigate("quiet", {"vendor": "database", "fault": kind, "table": table})

    assert TABLES[table] == told(ran)
    assert not ran.json["verdict"]["complete"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_one_column_gone(table, column, investigate):
    """The schema is not the one that is read: unknown, and the column is named."""
    ran = investigate("quiet", {"vendor": "database", "fault": "missing_column", "table": table, "column": column})

    assert ("unknown", 3) == told(ran)
    assert column in ran.json["verdict"]["says"]


@pytest.mark.parametrize("table", ["auth.sessions", "auth.audit_log_entries", "peakops.containments", "users"])
def test_what_the_portals_log_alone_proves(table, investigate):
    """A take-over that the log shows stays one, whatever else cannot be read."""
    ran = investigate("burst_then_success", {"vendor": "database", "fault": "deny", "table": table})
    expected = ("unknown", 3) if table == "users" else ("likely_compromised", 2)

    assert expected == told(ran)


def test_the_pivots_are_silent(investigate):
    """A table that may not be read is no absence of others."""
    denied = {"vendor": "database", "fault": "deny", "table": "auth.sessions"}
    ran = investigate("burst_then_success", denied, options=("--ip", "198.51.100.77", "--session", ANNA))

    assert ("likely_compromised", 2) == told(ran)
    assert None is ran.json["data"]["shared"]["session"]
    assert {"portal"} == {each["source"] for each in ran.json["data"]["shared"]["address"]}


@pytest.mark.parametrize("subject", INJECTIONS)
def test_what_is_typed_reaches_nobody(subject, investigate):
    """It is an identifier, or nothing: nobody's, and the log is as it was."""
    ran = investigate("quiet", subject=subject)

    assert ran.code in (14, 64)
    assert ("nothing_unusual", 0) == told(investigate("quiet"))


def test_a_page_tells_each_gap_once(peakops, load):
    """Every signal that could not be had is named with its reason, and no other."""
    load("security/token_refused")
    page = peakops("--sandbox", "security", "investigate", "anna@smilecare.example").out
    gaps = page.partition("Signals that could not be had")[2].partition("Time line")[0]

    assert {"new_country", "two_countries", "failures_then_success"} == set(re.findall(r"\b\w+_\w+\b", gaps)) & set(
        CODES
    )
