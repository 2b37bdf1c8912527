"""`peakops doctor`, judged on literal facts: at least one test for each row of its playbook."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from peakops.cli.checkup import judged
from peakops.investigate import diagnose
from peakops.model import Evidence, Fault, Report
from peakops.scenarios.doctor import salesforce, stripe, ups, usage
from peakops.scenarios.doctor.check import NEEDED, SCENARIO
from peakops.scenarios.doctor.machine import MAIN
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SETTINGS = (
    *("database_url", "stripe_api_key", "supabase_url", "supabase_key", "email_provider"),
    *("salesforce_url", "ups_client_id", "ups_client_secret", "ups_shipper"),
    *("database_perf_url", "vercel_token", "portal_url"),
)
SERVER = {
    "version": "17.4",
    "role": "reader",
    "superuser": False,
    "makes_roles": False,
    "bypasses_rls": True,
    "statement_timeout": "8s",
    "read_only": True,
    "standby": False,
    "way": "direct",
    "tls": True,
    "clock_ahead_s": 0.2,
}
TABLE = {"name": "public.invoices", "read": True, "hidden": False, "writable": []}
ROLE = {"name": "app", "superuser": False, "makes_roles": False, "writes": True}
PLAN = {"query": "payment/invoices", "fault": None, "object": None, "says": None}
WRITE = {**PLAN, "query": "payment/record_payment"}
STRIPE_KEY = {"kind": "restricted", "mode": "live"}
CHARGES = {"resource": "charges", "granted": True, "clock_ahead_s": 0.4, "says": None}
SUPABASE_KEY = {"kind": "secret", "admin": True, "legacy": False, "expires_at": None}
LIMITS = {"smtp_max_frequency": 60, "rate_limit_email_sent": 30, "mailer_otp_exp": 3600, "known_by": "project"}
IDENTITY = {
    "user_id": "005SB0000000001AAA",
    "username": "integration@peakdental.example",
    "active": True,
    "organization_id": "00DSB0000000001AAA",
    "instance": "USA614",
    "sandbox": False,
    "flow": "client_credentials",
    "version": "62.0",
    "case_field": "Portal_Case_Id__c",
}
DAILY = {"daily_max": 15000, "daily_remaining": 11000, "daily_used": 4000}
CASE_FIELD = {"name": "Portal_Case_Id__c", "external_id": True, "unique": True}
TOKEN = {"expires_at": NOW, "cached": True, "lasts_s": 3000}
PRODUCT = {"product": "shipping", "granted": True, "code": None}
SCOPES = {
    "provider": "sendgrid",
    "can_read_suppressions": True,
    "can_read_messages": True,
    "can_read_stats": True,
    "can_read_domains": True,
    "missing": [],
}
DOMAIN = {
    "domain": "peakdental.example",
    "verified": True,
    "status": "valid",
    "missing": [],
    "provider": "sendgrid",
}
KEYS = {"seals_as": "4d81ecc453664dc7", "agree": True, "pseudonyms": True}
LEASE = {"kind": "block", "subject": "203.0.113.0/24", "due": False}
SWEPT = {"ended_at": NOW, "seconds": 600.0}
PERFORMER = {"role": "perf", "superuser": False, "monitors": True, "has_statements": True, "may_become": True}


def setting(name, origin="environment"):
    named = {"setting": name, "variable": f"PEAKOPS_{name.upper()}", "present": bool(origin), "origin": origin}
    return {**named, "exposed": False}


def page(vendor, indicator="none", **more):
    return {"vendor": vendor, "indicator": indicator, "description": "All well", "incidents": [], **more}


def team_columns():
    from peakops.scenarios.setup.check import wanted

    return [
        {"table_name": table, "column_name": column, "readable": True}
        for table, columns in wanted().items()
        for column in columns
    ]


RAN = {
    "job": "escalation tick",
    "started_at": NOW - timedelta(minutes=1),
    "host": "web1",
    "ended_at": NOW - timedelta(seconds=59),
    "exit_code": 0,
}
CONTACTS = {"file": "contacts.toml", "absent": None, "usable": True, "flaws": []}
FLAW = {"code": "tbd", "line": 7, "says": "people.lead.channels is empty: nobody can be called by it.", "hint": "…"}
HEALTHY = {
    "playbook": {"old": False, "says": "The playbook was updated in November 2026."},
    "settings": [setting(name) for name in SETTINGS],
    "variables": [],
    "keys": KEYS,
    "server": SERVER,
    "tables": [TABLE, {**TABLE, "name": "auth.refresh_tokens", "read": False, "hidden": True}],
    "roles": [],
    "plans": [PLAN],
    "columns": team_columns(),
    **{"team": [{"schema": True}], "leases": [], "sweep": [], "runs": [RAN]},
    "writer": {**SERVER, "role": "writer"},
    "writer_plans": [WRITE],
    "stripe_write_key": {**STRIPE_KEY, "reads": True},
    "supabase_write_key": SUPABASE_KEY,
    "salesforce_write_app": {"flow": "client_credentials"},
    "ups_write_app": {"given": True},
    "email_write_key": {"provider": "sendgrid", "can_send": True, "missing": []},
    "vercel_write_token": {"reads": True},
    "stripe_key": STRIPE_KEY,
    **{f"permission_{each}": {**CHARGES, "resource": each} for each in stripe.LISTS},
    "supabase_key": SUPABASE_KEY,
    "supabase_health": {"name": "GoTrue", "version": "v2.196.0"},
    "supabase_settings": {
        "email_enabled": True,
        "disable_signup": True,
        "autoconfirm": False,
        "saml_enabled": False,
        "providers": ["email"],
    },
    "supabase_limits": LIMITS,
    "identity": IDENTITY,
    "limits": DAILY,
    "describe": [CASE_FIELD],
    "versions": [{"version": "62.0", "label": "Winter '25"}],
    "case_read": None,
    "account_read": None,
    "token": TOKEN,
    "products": [PRODUCT, {**PRODUCT, "product": "tracking"}],
    "probe": {"answered": True},
    "scopes": SCOPES,
    "sender": {"provider": "sendgrid", "from_domain": "peakdental.example"},
    "domains": [DOMAIN],
    "performance_role": PERFORMER,
    "vercel_token": {"name": "peakops", "expires_at": None, "scopes": ["team:team_1"]},
    "vercel_project": {"id": "prj_1", "name": "portal"},
    "vercel_firewall": [],
    "portal": {"url": "https://portal.example", "status": 200, "took_ms": 90},
    "status_stripe": page("stripe"),
    "status_supabase": page("supabase"),
    "status_vercel": page("vercel"),
    "status_email": page("sendgrid"),
    "chain": {"entries": 3, "torn": 0, "broken": 0, "first": None},
    **{"contacts_file": CONTACTS, "contacts_gaps": [], "contacts_unset": []},
    "installed": {"peakops": "1.2.3", "python": "3.11.7"},
}
"""What a station whose configuration is in order brings; it is not the sandbox."""


def evidence(name, value, error=None):
    rows = value if isinstance(value, list) else [value] if value else []
    single = not isinstance(value, list)
    source = name.partition("_")[0]
    return Evidence(name=name, source=source, at=NOW, rows=() if error else tuple(rows), single=single, error=error)


def judge(without=(), faults=None, **said):
    """The outcomes by question, and the verdict; `without` are looks that were not declared, `faults` silent ones."""
    looked = tuple(
        evidence(name, value, (faults or {}).get(name))
        for name, value in {**HEALTHY, **said}.items()
        if name not in without
    )
    outcomes = diagnose(SCENARIO, looked)
    judged = rule(SCENARIO, outcomes, looked)
    return {each.name: each for each in outcomes}, judged.ruling, judged.status.value


def fault(code, category, says="It failed."):
    return Fault(code=code, category=category, message=says, hint="Do this.")


DOWN = fault("x.unreachable", "upstream")
REFUSED = fault("x.invalid_key", "auth", "It refuses.")


def test_a_healthy_station_is_ready():
    """Every question is answered, none finds anything, and the verdict says so."""
    outcomes, ruling, status = judge()

    assert ("ready", "ok") == (ruling.code, status)
    assert {"sandbox_state"} == {name for name, each in outcomes.items() if each.verdict == "skipped"}
    assert set() == {name for name, each in outcomes.items() if each.verdict == "unknown"}


MISSING = {**PLAN, "fault": "database.missing_column", "object": "i.amount_due", "says": "…"}
DENIED = {**PLAN, "fault": "database.permission_denied", "object": "invoices", "says": "…"}
ODD = {**PLAN, "fault": "internal.bug", "object": "an object", "says": "A query failed: DatatypeMismatch (42804)."}
INCIDENT = {"indicator": "major", "incidents": [{"name": "Slow", "status": "investigating"}]}
ROWS = [
    (
        "settings_given",
        "nothing_configured",
        "critical",
        {"settings": [setting(each, "" if each in MAIN else "environment") for each in SETTINGS]},
    ),
    ("settings_known", "unknown_variable", "warning", {"variables": [{"variable": "PEAKOPS_X", "nearest": None}]}),
    (
        "settings_private",
        "secret_exposed",
        "warning",
        {"settings": [{**setting(each), "exposed": each == "database_url"} for each in SETTINGS]},
    ),
    ("database_rows", "reader_blind", "critical", {"tables": [{**TABLE, "hidden": True}]}),
    ("database_queries", "schema_differs", "critical", {"plans": [PLAN, MISSING]}),
    ("database_queries", "schema_differs", "critical", {"plans": [ODD]}),
    ("database_queries", "schema_differs", "critical", {"plans": [DENIED, MISSING]}),
    ("database_queries", "reader_denied", "critical", {"plans": [PLAN, DENIED]}),
    ("database_role", "reader_may_write", "warning", {"tables": [{**TABLE, "writable": ["insert"]}]}),
    ("database_role", "reader_may_write", "warning", {"server": {**SERVER, "superuser": True}}),
    ("database_role", "reader_may_write", "warning", {"server": {**SERVER, "makes_roles": True}}),
    ("database_role", "reader_may_write", "warning", {"roles": [ROLE]}),
    ("database_guards", "not_guarded", "warning", {"server": {**SERVER, "statement_timeout": "0"}}),
    ("database_guards", "not_guarded", "warning", {"server": {**SERVER, "read_only": False}}),
    ("database_clock", "database_clock_differs", "warning", {"server": {**SERVER, "clock_ahead_s": -61.0}}),
    ("database_team", "team_tables_differ", "critical", {"columns": team_columns()[1:]}),
    ("database_team", "team_tables_missing", "warning", {"columns": []}),
    (
        "database_team",
        "team_tables_missing",
        "warning",
        {"columns": [each for each in team_columns() if each["table_name"] != "locks"]},
    ),
    (
        "database_team",
        "team_tables_missing",
        "warning",
        {"columns": [{**e, "readable": False} for e in team_columns()]},
    ),
    ("database_jobs", "jobs_overdue", "warning", {"runs": [{**RAN, "started_at": NOW - timedelta(minutes=7)}]}),
    ("database_leases", "leases_due", "warning", {"leases": [{**LEASE, "due": True}], "sweep": [SWEPT]}),
    ("database_leases", "leases_unswept", "warning", {"leases": [LEASE]}),
    ("database_leases", "leases_unswept", "warning", {"leases": [LEASE], "sweep": [{**SWEPT, "seconds": 7201.0}]}),
    ("settings_keys", "evidence_keys_differ", "warning", {"keys": {**KEYS, "agree": False}}),
    ("writing_database", "writer_cannot", "critical", {"writer_plans": [{**WRITE, **{"fault": "x", "says": "No."}}]}),
    (
        "writing_stripe",
        "stripe_write_key_unrestricted",
        "warning",
        {"stripe_write_key": {"kind": "unrestricted", "mode": "live", "reads": True}},
    ),
    (
        "writing_supabase",
        "supabase_write_key_wrong",
        "critical",
        {"supabase_write_key": {**SUPABASE_KEY, "admin": False}},
    ),
    (
        "writing_supabase",
        "supabase_write_key_legacy",
        "warning",
        {"supabase_write_key": {**SUPABASE_KEY, "legacy": True}},
    ),
    ("stripe_key", "stripe_key_unrestricted", "warning", {"stripe_key": {"kind": "unrestricted", "mode": "live"}}),
    (
        "stripe_permissions",
        "stripe_permission_missing",
        "critical",
        {"permission_events": {**CHARGES, "resource": "events", "granted": False, "says": "It lacks x."}},
    ),
    (
        "stripe_clock",
        "stripe_clock_differs",
        "warning",
        {each: {**CHARGES, "clock_ahead_s": 12.0} for each in stripe.LOOKS},
    ),
    ("supabase_key", "supabase_key_wrong", "critical", {"supabase_key": {**SUPABASE_KEY, "kind": "unknown"}}),
    ("supabase_key", "supabase_key_wrong", "critical", {"supabase_key": {**SUPABASE_KEY, "expires_at": NOW}}),
    ("supabase_key", "supabase_key_legacy", "warning", {"supabase_key": {**SUPABASE_KEY, "legacy": True}}),
    (
        "supabase_settings",
        "password_login_off",
        "warning",
        {"supabase_settings": {**HEALTHY["supabase_settings"], "email_enabled": False}},
    ),
    ("supabase_limits", "few_mails", "warning", {"supabase_limits": {**LIMITS, "rate_limit_email_sent": 2}}),
    ("salesforce_login", "user_inactive", "critical", {"identity": {**IDENTITY, "active": False}}),
    ("salesforce_limits", "api_limit_low", "warning", {"limits": {**DAILY, "daily_remaining": 2999}}),
    ("salesforce_limits", "api_limit_reached", "critical", {"limits": {**DAILY, "daily_remaining": 749}}),
    ("salesforce_version", "version_retired", "critical", {"versions": [{"version": "68.0", "label": "Summer '26"}]}),
    (
        "salesforce_version",
        "version_ends",
        "warning",
        {"identity": {**IDENTITY, "version": "40.0"}, "versions": [{"version": "40.0", "label": "Summer '17"}]},
    ),
    ("salesforce_field", "external_id_unusable", "critical", {"describe": [{**CASE_FIELD, "unique": False}]}),
    ("salesforce_flow", "soap_ends", "warning", {"identity": {**IDENTITY, "flow": "password"}}),
    ("ups_products", "ups_product_missing", "critical", {"products": [PRODUCT, {**PRODUCT, "granted": False}]}),
    (
        "ups_shipper",
        "ups_no_shipper",
        "warning",
        {"settings": [setting(each, "" if each == "ups_shipper" else "environment") for each in SETTINGS]},
    ),
    ("email_key", "email_may_not_read", "warning", {"scopes": {**SCOPES, "can_read_messages": False}}),
    ("email_key", "email_may_not_count", "warning", {"scopes": {**SCOPES, "can_read_stats": False, "missing": ["x"]}}),
    ("email_domain", "email_domain_unverified", "critical", {"domains": [{**DOMAIN, "verified": False}]}),
    (
        "email_domain",
        "email_domain_unverified",
        "critical",
        {"domains": [], "sender": {"provider": "resend", "from_domain": "peakdental.example"}},
    ),
    (
        "writing_email",
        "email_write_key_cannot_send",
        "critical",
        {"email_write_key": {"provider": "sendgrid", "can_send": False, "missing": ["mail.send"]}},
    ),
    (
        "writing_email",
        "email_write_key_lacks",
        "warning",
        {"email_write_key": {"provider": "resend", "can_send": True, "missing": ["full_access"]}},
    ),
    ("performance_role", "performance_lacks", "warning", {"performance_role": {**PERFORMER, "monitors": False}}),
    ("performance_role", "performance_lacks", "warning", {"performance_role": {**PERFORMER, "may_become": False}}),
    (
        "vercel_token",
        "vercel_token_ends",
        "warning",
        {"vercel_token": {"name": "peakops", "expires_at": NOW + timedelta(days=14), "scopes": []}},
    ),
    ("pages_portal", "portal_broken", "warning", {"portal": {**HEALTHY["portal"], "status": 502}}),
    ("status_stripe", "stripe_incident", "warning", {"status_stripe": page("stripe", **INCIDENT)}),
    ("status_supabase", "supabase_incident", "warning", {"status_supabase": page("supabase", **INCIDENT)}),
    ("status_email", "email_incident", "warning", {"status_email": page("sendgrid", **INCIDENT)}),
    ("status_vercel", "vercel_incident", "warning", {"status_vercel": page("vercel", **INCIDENT)}),
    (
        "journal_chain",
        "journal_broken",
        "critical",
        {"chain": {"entries": 3, "torn": 1, "broken": 1, "first": "line 2"}},
    ),
    ("contacts_file", "contacts_faulty", "critical", {"contacts_file": {**CONTACTS, "flaws": [FLAW]}}),
    ("contacts_reached", "contacts_out_of_reach", "warning", {"contacts_gaps": [{"stretch": "Sat 02:00 to 14:00"}]}),
    (
        "contacts_reached",
        "contacts_out_of_reach",
        "warning",
        {"contacts_unset": [{"variable": "PEAKOPS_PAGE_X", "why": "not set"}]},
    ),
    ("journal_chain", "journal_torn", "warning", {"chain": {"entries": 3, "torn": 1, "broken": 0, "first": None}}),
]


@pytest.mark.parametrize(("question", "code", "severity", "said"), ROWS)
def test_each_row(question, code, severity, said):
    """What was seen is found by its question, is the verdict, and nothing else is."""
    outcomes, ruling, status = judge(**said)

    assert (code, severity) == (ruling.code, status)
    assert {question: code} == {
        name: each.code for name, each in outcomes.items() if each.code and each.finding.severity != "ok"
    }


@pytest.mark.parametrize(
    ("look", "question", "code"),
    [
        ("server", "database_reachable", "database_refused"),
        ("writer", "writing_database", "writer_refused"),
        ("permission_refunds", "stripe_key", "stripe_key_refused"),
        ("stripe_write_key", "writing_stripe", "stripe_write_key_refused"),
        ("supabase_write_key", "writing_supabase", "supabase_write_key_wrong"),
        ("supabase_health", "supabase_reachable", "supabase_refused"),
        ("salesforce_write_app", "writing_salesforce", "salesforce_write_app_refused"),
        ("ups_write_app", "writing_ups", "ups_write_app_refused"),
        ("identity", "salesforce_login", "salesforce_auth_failed"),
        ("scopes", "email_key", "email_key_refused"),
        ("email_write_key", "writing_email", "email_write_key_refused"),
        ("vercel_write_token", "writing_vercel", "vercel_write_token_refused"),
        ("performance_role", "performance_role", "performance_refused"),
    ],
)
def test_who_refuses_has_answered(look, question, code):
    """A refusal is critical, with what was said and the way out; silence of the same look is unknown."""
    outcomes, ruling, status = judge(faults={look: REFUSED})
    _, unknown, _ = judge(faults={look: DOWN})

    assert (code, "critical") == (ruling.code, status)
    assert outcomes[question].says.endswith("It refuses. Do this.")
    assert "unknown" == unknown.code


@pytest.mark.parametrize(
    ("look", "code", "category", "question", "found"),
    [
        ("case_read", "salesforce.invalid_type", "permission", "salesforce_rights", "salesforce_may_not_read"),
        ("limits", "salesforce.request_limit_exceeded", "rate_limit", "salesforce_limits", "api_limit_reached"),
        ("token", "ups.250002", "auth", "ups_token", "ups_credentials"),
        ("products", "ups.250002", "auth", "ups_token", "ups_credentials"),
        ("probe", "ups.10429", "rate_limit", "ups_limit", "ups_rate_limited"),
        ("probe", "ups.20001", "upstream", "ups_available", "ups_down"),
    ],
)
def test_a_refusal_of_salesforce_or_ups_is_told_by_its_question(look, code, category, question, found):
    """What Salesforce and UPS refuse, and why, is a finding, and no other one is made of it."""
    outcomes, ruling, status = judge(faults={look: fault(code, category)})

    assert (found, "critical") == (ruling.code, status)
    assert {question: found} == {
        name: each.code for name, each in outcomes.items() if each.finding and each.code != "ready"
    }


@pytest.mark.parametrize(
    ("look", "code", "question"),
    [
        ("salesforce_write_app", "salesforce.no_write_key", "writing_salesforce"),
        ("ups_write_app", "ups.not_configured", "writing_ups"),
    ],
)
def test_half_of_an_app_that_writes_will_not_do(look, code, question):
    """Critical, as a refusal is: somebody wants fixes, and they end before they have done anything."""
    outcomes, ruling, status = judge(faults={look: fault(code, "config")})

    assert (f"{look}_refused", "critical") == (ruling.code, status)
    assert "found" == outcomes[question].verdict


@pytest.mark.parametrize("name", ["salesforce_url", "ups_client_id"])
def test_one_vendor_alone_is_something(name):
    """What is configured was looked at: that is not nothing."""
    _, ruling, _ = judge(settings=[setting(each, "environment" if each == name else "") for each in SETTINGS])

    assert "nothing_configured" != ruling.code


def test_an_app_that_is_refused_needs_the_laboratorys_address_too():
    """It is there; whether the address is does not depend on UPS's answer."""
    rows = [setting(each, "" if each == "ups_shipper" else "environment") for each in SETTINGS]
    outcomes, _, _ = judge(settings=rows, faults={"ups_write_app": REFUSED})

    assert "ups_no_shipper" == outcomes["ups_shipper"].code


def test_an_app_that_ups_gives_a_token_lacks_products_where_all_are_refused():
    """The secret is good: that is not what the refusal is about."""
    refused = [{**PRODUCT, "product": each, "granted": False} for each in ("shipping", "tracking")]
    outcomes, ruling, _ = judge(products=refused)

    assert "ups_product_missing" == ruling.code
    assert "ok" == outcomes["ups_token"].verdict


def test_a_product_that_ups_does_not_speak_of_is_unknown():
    """Neither granted nor refused: the question is open, and nothing is ready."""
    outcomes, ruling, _ = judge(products=[PRODUCT, {**PRODUCT, "product": "tracking", "granted": None}])

    assert "unknown" == ruling.code
    assert "unknown" == outcomes["ups_products"].verdict


def test_who_is_not_let_in_is_told_once():
    """Where Salesforce refuses the log-in, its other questions do not arise, since nobody could ask them."""
    outcomes, _, _ = judge(faults=dict.fromkeys(("identity", "limits", "describe", "versions"), REFUSED))
    told = {name: each.verdict.value for name, each in outcomes.items() if name.startswith("salesforce_")}

    assert "found" == told.pop("salesforce_login")
    assert {"skipped"} == set(told.values())


def test_a_station_that_makes_no_labels_needs_no_address_of_its_own():
    """The address is named, and passed over."""
    rows = [setting(each, "" if each == "ups_shipper" else "environment") for each in SETTINGS]
    outcomes, ruling, _ = judge(settings=rows, ups_write_app=None)

    assert "ready" == ruling.code
    assert "PEAKOPS_UPS_SHIPPER is not set; only a label that is made needs it." == outcomes["ups_shipper"].says


@pytest.mark.parametrize("look", [each for each in NEEDED if each != "sandbox"])
def test_silence_is_unknown_whatever_else_is_a_warning(look):
    """Each look but a status page that is silent makes the verdict unknown, before any warning."""
    _, ruling, status = judge(faults={look: DOWN}, status_stripe=page("stripe", **INCIDENT))

    assert ("unknown", "unknown") == (ruling.code, status)


def test_a_team_without_a_file_of_contacts_is_told_so():
    """Nothing is wrong with a station that calls nobody; what that means is said."""
    absent = {**CONTACTS, "absent": "contacts.toml: there is no such file.", "usable": False}
    outcomes, ruling, _ = judge(contacts_file=absent)

    assert "ready" == ruling.code
    assert "contacts.toml: there is no such file. The escalation would call nobody." == outcomes["contacts_file"].says
    assert "skipped" == outcomes["contacts_reached"].verdict.value


@pytest.mark.parametrize("vendor", ["stripe", "supabase", "email", "vercel"])
def test_a_silent_status_page_changes_nothing(vendor):
    """The verdict stays, and is not complete; a page that announces maintenance reports no incident."""
    outcomes, ruling, status = judge(faults={f"status_{vendor}": DOWN})
    _, announced, _ = judge(**{f"status_{vendor}": page(vendor, "maintenance")})

    assert ("ready", "ok", False) == (ruling.code, status, ruling.complete)
    assert ("skipped", "It failed.") == (outcomes[f"status_{vendor}"].verdict.value, outcomes[f"status_{vendor}"].says)
    assert "ready" == announced.code


OF_SOURCE = {
    "database": ("server", "tables", "roles", "plans", "columns", "team", "leases", "sweep", "runs"),
    "stripe": ("stripe_key", *stripe.LOOKS),
    "supabase": ("supabase_key", "supabase_health", "supabase_settings", "supabase_limits"),
    "salesforce": (*salesforce.LOOKS, *salesforce.READS),
    "ups": ups.LOOKS,
    "email": ("scopes", "sender", "domains", "status_email"),
    "performance": ("performance_role",),
    "vercel": ("vercel_token", "vercel_project", "vercel_firewall"),
    "pages": ("portal",),
}


@pytest.mark.parametrize(
    ("source", "settings", "says"),
    [
        ("database", ("database_url",), "PEAKOPS_DATABASE_URL is not set."),
        ("stripe", ("stripe_api_key",), "PEAKOPS_STRIPE_API_KEY is not set."),
        (
            "supabase",
            ("supabase_url", "supabase_key"),
            "PEAKOPS_SUPABASE_URL and PEAKOPS_SUPABASE_KEY are not set.",
        ),
        ("salesforce", ("salesforce_url",), "PEAKOPS_SALESFORCE_URL is not set."),
        (
            "ups",
            ("ups_client_id", "ups_client_secret"),
            "PEAKOPS_UPS_CLIENT_ID and PEAKOPS_UPS_CLIENT_SECRET are not set.",
        ),
        ("email", ("email_provider",), "PEAKOPS_EMAIL_PROVIDER is not set."),
        ("performance", ("database_perf_url",), "PEAKOPS_DATABASE_PERF_URL is not set."),
        ("vercel", ("vercel_token",), "PEAKOPS_VERCEL_TOKEN is not set."),
        ("pages", ("portal_url",), "PEAKOPS_PORTAL_URL is not set."),
    ],
)
def test_what_is_not_configured_is_passed_over(source, settings, says):
    """Its questions are skipped with the setting that is missing; the verdict is about the rest."""
    rows = [setting(name, "" if name in settings else "environment") for name in SETTINGS]
    outcomes, ruling, _ = judge(without=OF_SOURCE[source], settings=rows)
    told = {each.says for name, each in outcomes.items() if name.startswith(source)}

    assert "ready" == ruling.code
    assert {says} == told


@pytest.mark.parametrize(
    "name",
    [
        *("writer", "stripe_write_key", "supabase_write_key", "salesforce_write_app", "ups_write_app"),
        *("email_write_key", "vercel_write_token"),
    ],
)
def test_a_station_without_writing_credentials_is_in_order(name):
    """A credential that writes and is not there is passed over, and its setting named."""
    said = {name: None, **({"writer_plans": None} if name == "writer" else {})}
    outcomes, ruling, _ = judge(**said)
    (skipped,) = [each for key, each in outcomes.items() if key.startswith("writing") and each.verdict == "skipped"]

    assert "ready" == ruling.code
    assert "is not set" in skipped.says


def test_what_is_not_asked_for_says_so():
    """A source that is configured and was not named: that, and no setting."""
    outcomes, _, _ = judge(without=OF_SOURCE["stripe"])

    assert "It was not asked for." == outcomes["stripe_key"].says


def test_a_blinded_role_is_told_once():
    """Where row-level security is in the way of every plan, the schema is not blamed for it."""
    blind = {**PLAN, "fault": "database.blind", "object": "invoices", "says": "…"}
    outcomes, ruling, _ = judge(tables=[{**TABLE, "hidden": True}], plans=[blind])

    assert "reader_blind" == ruling.code
    assert "skipped" == outcomes["database_queries"].verdict


def test_the_teams_tables_do_not_make_the_schema_another_one():
    """Queries that wait for setup are counted apart: `setup` has not been run, and that is a question of its own."""
    waits = {**PLAN, "fault": "database.missing_table", "object": "peakops.locks", "says": "…"}
    outcomes, _, _ = judge(plans=[PLAN, waits], writer_plans=[WRITE, waits])

    assert "1 query (1 more after setup) would run." == outcomes["database_queries"].says
    assert "ok" == outcomes["writing_database"].verdict


@pytest.mark.parametrize("object", ["peakops", "peakops.locks"])
def test_a_denied_table_of_the_teams_is_a_failure(object):
    """Only a table that is missing waits for setup: who may not use the schema will change nothing."""
    denied = {**DENIED, "query": "change/audit", "object": object}
    outcomes, ruling, _ = judge(writer_plans=[WRITE, denied])

    assert "writer_cannot" == ruling.code
    assert f"the role has no right to {object}. " in outcomes["writing_database"].says


def test_a_fault_names_the_commands_that_suffer():
    """Each missing column and each table without a right has its query and every command that asks it, and no other."""
    denied = {**DENIED, "query": "user/invitations", "object": "public.invitations"}
    outcomes, _, _ = judge(plans=[denied, MISSING, {**MISSING, "query": "payment/invoice"}])
    first, _, second = outcomes["database_queries"].says.partition(" sql/user/invitations.sql: ")

    assert first.startswith("sql/payment/invoices.sql and 1 query more: there is no column i.amount_due.")
    assert all(each in first for each in usage.reading()["payment/invoices"])
    assert second.startswith("the role has no right to public.invitations.")
    assert all(each in second for each in usage.reading()["user/invitations"])
    assert "user check" not in first
    assert "payment check" not in second


def test_faults_without_end_are_counted():
    """Five are told; how many more there are is said."""
    outcomes, _, _ = judge(plans=[{**MISSING, "object": f"i.c{number}"} for number in range(7)])

    assert outcomes["database_queries"].says.endswith(" 2 faults more.")


def test_each_denied_list_names_its_own_commands():
    """A list that is denied is told beside one that stays silent, and the commands of the others are not."""
    lacks = {"granted": False, "says": "It lacks x."}
    denied = {"permission_charges": {**CHARGES, **lacks}, "permission_webhook_endpoints": {**CHARGES, **lacks}}
    denied["permission_webhook_endpoints"]["resource"] = "webhook_endpoints"
    outcomes, ruling, _ = judge(faults={"permission_events": DOWN}, **denied)
    charges, _, endpoints = outcomes["stripe_permissions"].says.partition(" webhook_endpoints: ")

    assert ("stripe_permission_missing", False) == (ruling.code, ruling.complete)
    assert charges.startswith("charges: It lacks x. ")
    assert "payment reconcile" in charges
    assert endpoints.startswith("It lacks x. ")
    assert "payment reconcile" not in endpoints


def test_a_silent_list_is_unknown_alone():
    """The key is accepted and the clock is known by the other lists; only whether that one may be read is not."""
    outcomes, ruling, _ = judge(faults={"permission_events": DOWN})

    assert {"stripe_permissions"} == {name for name, each in outcomes.items() if each.verdict == "unknown"}
    assert "unknown" == ruling.code


@pytest.mark.parametrize(
    ("look", "code", "category", "expected"),
    [
        ("vercel_token", "vercel.invalid_token", "auth", "vercel_refused"),
        ("vercel_token", "vercel.forbidden", "permission", "vercel_token_narrow"),
        ("vercel_project", "vercel.not_found", "not_found", "vercel_project_missing"),
        ("vercel_project", "vercel.not_configured", "config", "vercel_project_missing"),
        ("vercel_firewall", "vercel.forbidden", "permission", "vercel_firewall_refused"),
    ],
)
def test_what_vercel_does_not_show_is_a_warning(look, code, category, expected):
    """A token that has ended, one of a project alone, and a project named wrongly or not at all; the rest stands."""
    outcomes, ruling, status = judge(faults={look: fault(code, category, "It is not shown.")})

    assert (expected, "warning") == (ruling.code, status)
    assert {look} == {name for name, each in outcomes.items() if each.code and each.finding.severity != "ok"}


def test_the_senders_domain_may_be_covered_by_another():
    """A domain above the sender's is enough; one of somebody else's is none of ours."""
    sender = {"provider": "sendgrid", "from_domain": "mail.peakdental.example"}
    above, _, _ = judge(sender=sender, domains=[DOMAIN, {**DOMAIN, "domain": "other.example", "verified": False}])
    beside, _, _ = judge(sender=sender, domains=[{**DOMAIN, "domain": "dental.example", "verified": False}])
    below, _, _ = judge(
        sender=sender, domains=[{**DOMAIN, "domain": "mail.peakdental.example", "verified": False}, DOMAIN]
    )

    assert "peakdental.example is verified." == above["email_domain"].says
    assert below["email_domain"].says == above["email_domain"].says
    assert "it may know the single address" in beside["email_domain"].says


def test_the_management_api_is_optional():
    """A token that is refused is a warning; silence leaves the verdict, and it is not complete."""
    _, refused, _ = judge(faults={"supabase_limits": REFUSED})
    outcomes, silent, _ = judge(faults={"supabase_limits": DOWN})

    assert "supabase_token_refused" == refused.code
    assert ("ready", False, "It failed.") == (silent.code, silent.complete, outcomes["supabase_limits"].says)


def test_without_a_provider_the_email_key_is_passed_over():
    """Also where it was asked for by name; the setting is named."""
    outcomes, _, _ = judge(scopes=None)

    assert "PEAKOPS_EMAIL_PROVIDER is not set." == outcomes["email_key"].says


@pytest.mark.parametrize(
    ("said", "question", "says"),
    [
        ({"server": {**SERVER, "clock_ahead_s": -61.0}}, "database_clock", "clock is 61 s behind this machine's."),
        ({"server": {**SERVER, "clock_ahead_s": 61.0}}, "database_clock", "clock is 61 s ahead of this machine's."),
        ({"chain": {"entries": 1, "torn": 0, "broken": 0, "first": None}}, "journal_chain", "whole: 1 entry."),
        ({"chain": {"entries": 3, "torn": 1, "broken": 0, "first": None}}, "journal_chain", "and 1 line that was cut"),
        ({"chain": {"entries": 3, "torn": 0, "broken": 1, "first": "x"}}, "journal_chain", "1 line is not as it was"),
        ({"roles": [ROLE]}, "database_role", "reader may become app, which may write."),
    ],
)
def test_words_fit_their_numbers(said, question, says):
    """One is no plural, and a clock is ahead of another or behind it."""
    outcomes, _, _ = judge(**said)

    assert says in outcomes[question].says


def test_a_fixs_own_query_names_the_fix():
    """What a fix writes with belongs to that fix, and what all of them write with to each."""
    outcomes, _, _ = judge(writer_plans=[{**DENIED, "query": "payment/record_payment"}])
    all_of_them, _, _ = judge(writer_plans=[{**DENIED, "query": "change/audit"}])

    assert "payment mark-paid will change nothing." in outcomes["writing_database"].says
    assert {"payment refund", "setup"} <= {
        each for each in usage.writing()[usage.CHANGE] if each in all_of_them["writing_database"].says
    }


def test_a_slow_look_names_itself_once():
    """A look that has not answered in time begins its sentence with its name; so does the question that it leaves."""
    outcomes, _, _ = judge(
        faults={"plans": fault("database.timeout", "timeout", "The database did not answer within 0.5 s.")}
    )
    report = Report(command="doctor", environment="x", started_at=NOW, outcomes=tuple(outcomes.values()))
    (line,) = [each for each in judged(report, wanted=()).data["checks"] if each["question"] == "database_queries"]

    assert "plans: The database did not answer within 0.5 s." == line["says"]


def test_every_call_of_stripes_has_its_lists():
    """A look at Stripe that a scenario declares is known to need a permission; so is each list that is probed."""
    from peakops.sources.stripe_calls import KINDS

    assert set(usage.stripe_calls()) == set(stripe.RESOURCES)
    assert set(KINDS) == set(stripe.needed()) == set(stripe.LISTS)


def test_every_query_has_its_commands():
    """Each file of sql/ is read or written with by a command, but what the doctor, every fix, a source or perf uses."""
    from peakops.sources import queries

    root = queries.root()
    files = {f"{each.parent.name}/{each.stem}" for each in root.rglob("*.sql")}
    known = {*usage.reading(), *usage.writing()}
    sources = "".join(each.read_text("utf-8") for each in Path(queries.__file__).parent.glob("*.py"))
    of_sources = {"user/size", *(each for each in files if f'"{each}"' in sources)}

    elsewhere = ("doctor/", "change/", "perf/")

    assert set() == {each for each in files - known - of_sources if not each.startswith(elsewhere)}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"seals_as": None, "agree": None}, "PEAKOPS_EVIDENCE_KEY is not set"),
        ({"pseudonyms": False}, "PEAKOPS_PSEUDONYM_KEY is not set"),
        ({"agree": None}, "PEAKOPS_EVIDENCE_PUBLIC_KEY is not set"),
    ],
)
def test_keys_that_are_not_set_are_told_of_and_no_fault(keys, says):
    """Nobody needs them before there is an incident; the setting is named, and what it is for."""
    outcomes, ruling, _ = judge(keys={**KEYS, **keys})

    assert ("ready", "ok") == (ruling.code, outcomes["settings_keys"].verdict)
    assert says in outcomes["settings_keys"].says


def test_a_sweep_that_runs_is_in_order():
    """Open leases and a sweep of ten minutes ago; without leases it need not run."""
    running, _, _ = judge(leases=[LEASE], sweep=[SWEPT])
    idle, _, _ = judge()

    assert "last ran on" in running["database_leases"].says
    assert "There is nothing for it to take back." == idle["database_leases"].says
