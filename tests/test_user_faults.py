"""Every source of `user check` with every fault: unknown, or what is still proven; never not found, always in time."""

import pytest

from .test_faults import DATABASE, STRIPE, TIMEOUT, paired
from .test_user_worlds import MAIL

VENDOR = {name: fault for name, (fault, _) in STRIPE.items() if name != "error_code"}
"""The faults of a vendor, whoever it is."""
LIES = ("{}", "[]", '{"messages": null, "data": [{}]}')
TABLES = {
    "auth.users": ("unknown", 3),
    "users": ("unknown", 3),
    "practices": ("unknown", 3),
    "auth.identities": ("unknown", 3),
    "auth.mfa_factors": ("unknown", 3),
    "auth.sessions": ("can_log_in", 0),
    "invitations": ("can_log_in", 0),
    "audit_logs": ("can_log_in", 0),
    "auth.one_time_tokens": ("can_log_in", 0),
    "auth.audit_log_entries": ("can_log_in", 0),
}
"""What is still said of somebody who can log in, by the table that cannot be read."""
COLUMNS = {
    "auth.users": ("banned_until", "deleted_at"),
    "users": ("is_active", "practice_id"),
    "practices": ("status",),
    "auth.identities": ("provider",),
    "auth.mfa_factors": ("last_challenged_at", "status"),
}


@pytest.fixture
def check(peakops, load):
    """Load a world with faults and check Anna, held to the contract."""

    def check(name, *faults, args=(), **changes):
        load(f"user/{name}", faults=list(faults), **changes)
        asked = ("--sandbox", "user", "check", MAIL, *args, "--timeout", f"{TIMEOUT}s")
        script = peakops(*asked, "--json")
        assert script.seconds < TIMEOUT + 1
        assert script.code == script.json["exit_code"]
        assert "not_found" != script.json["verdict"]["code"]
        return script

    return check


def told(ran):
    return ran.json["verdict"]["code"], ran.json["verdict"]["cause"], ran.code


def database(fault, **more):
    return {"vendor": "database", "fault": fault, **more}


def vendor(name, fault, route="*"):
    return {"vendor": name, "route": route, **fault}


WITHOUT = [
    ("supabase", "supabase", "email_not_confirmed_link_expired", ("email_not_confirmed", None, 1)),
    ("email", "sendgrid", "confirmation_suppressed", ("email_not_confirmed", None, 1)),
    ("email", "resend", "confirmation_bounced", ("email_not_confirmed", None, 1)),
    ("email", "sendgrid", "can_log_in_suppressed", ("can_log_in", None, 0)),
]


@pytest.mark.parametrize(("silent", "name"), [*paired(WITHOUT, VENDOR), *paired(WITHOUT, reversed(list(VENDOR)))])
def test_a_vendor_is_gone(silent, name, check):
    """The database decides: the verdict stands without the vendor, incomplete, and names who was silent."""
    source, vendor_name, world, left = silent
    ran = check(world, vendor(vendor_name, VENDOR[name]))

    assert left == told(ran)
    assert not ran.json["verdict"]["complete"]
    assert [source] == ran.json["verdict"]["sources"]["missing"]
    assert all(each["error"]["hint"] for each in ran.json["evidence"] if each["source"] == source and each["error"])
    assert ran.json["warnings"]


@pytest.mark.parametrize("body", LIES)
@pytest.mark.parametrize(
    ("source", "vendor_name", "world", "code"),
    [
        ("supabase", "supabase", "email_not_confirmed_link_expired", "email_not_confirmed"),
        ("email", "sendgrid", "confirmation_suppressed", "email_not_confirmed"),
        ("email", "resend", "confirmation_bounced", "email_not_confirmed"),
    ],
)
def test_a_vendor_lies(source, vendor_name, world, code, body, check):
    """JSON of another shape is no answer: nothing is made of it, and who sent it is named."""
    ran = check(world, vendor(vendor_name, {"body": body}))

    assert (code, 1) == (ran.json["verdict"]["code"], ran.code)
    assert [source] == ran.json["verdict"]["sources"]["missing"]


def test_a_resend_key_that_may_only_send(check):
    """The list of suppressions is refused to it: incomplete, with what the key lacks."""
    ran = check("confirmation_complained", resend={"key": "sending_access"})
    (suppressions,) = [each for each in ran.json["evidence"] if each["name"] == "suppressions"]

    assert ("email_not_confirmed", None, 1) == told(ran)
    assert "permission" == suppressions["error"]["category"]


def test_a_vendor_that_hangs_is_not_waited_for_by_the_others(check):
    """The time is up for the vendor alone: everything in the database was read."""
    ran = check("can_log_in_suppressed", vendor("sendgrid", {"delay_s": 30}), vendor("supabase", {"delay_s": 30}))

    assert ("can_log_in", None, 0) == told(ran)
    assert {"email", "supabase"} == {each["source"] for each in ran.json["evidence"] if each["error"]}


@pytest.mark.parametrize("name", DATABASE)
@pytest.mark.parametrize("world", ["can_log_in", "revoked_only"])
def test_the_person_cannot_be_read(world, name, check):
    """Blind, denied, down, slow or changed: unknown, 3, the reason named; nobody is not found by a blind look."""
    fault, category, code = DATABASE[name]
    names = {"table": "users"} if "table" in fault else {}
    column = {"column": "email"} if "column" in fault else {}
    ran = check(world, {"vendor": "database", **fault, **names, **column})
    (person,) = [each for each in ran.json["evidence"] if each["name"] == "person"]

    assert ("unknown", None, 3) == told(ran)
    assert category == person["error"]["category"]
    assert person["error"]["code"].startswith(code)
    assert person["error"]["hint"]
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("fault", ["deny", "missing_table"])
def test_one_table_gone(fault, table, check):
    """Who can log in is told only where account, profile, identities and factors were read."""
    ran = check("can_log_in", database(fault, table=table))
    code, exit_code = TABLES[table]

    assert (code, exit_code) == (ran.json["verdict"]["code"], ran.code)
    assert not ran.json["verdict"]["complete"]
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(("table", "column"), [(table, each) for table, columns in COLUMNS.items() for each in columns])
def test_one_column_gone(table, column, check):
    """A column that is not there any more makes the look silent, and the verdict unknown."""
    ran = check("can_log_in", database("missing_column", table=table, column=column))

    assert ("unknown", None, 3) == told(ran)
    assert "database.missing_column" in {each["error"]["code"] for each in ran.json["evidence"] if each["error"]}


@pytest.mark.parametrize("table", ["auth.users", "auth.sessions", "invitations"])
def test_one_table_slow(table, check):
    """A table that never answers takes the time of others with it, and nothing is made up for that."""
    ran = check("can_log_in", database("slow", table=table))

    assert told(ran) in {("unknown", None, 3), ("can_log_in", None, 0)}
    assert "unknown" == ran.json["verdict"]["code"] or TABLES[table][1] == 0
    assert not ran.json["verdict"]["complete"]


@pytest.mark.parametrize(
    ("world", "table", "left"),
    [
        ("banned", "peakops.containments", ("banned", None, 2)),
        ("contained", "peakops.containments", ("banned", None, 2)),
        ("can_log_in_released", "peakops.containments", ("unknown", None, 3)),
        ("contained_not_banned", "peakops.containments", ("unknown", None, 3)),
        ("can_log_in_mfa_passed", "auth.sessions", ("unknown", None, 3)),
        ("mfa_locked", "auth.sessions", ("unknown", None, 3)),
        ("sso_only", "auth.mfa_factors", ("no_password_identity", "sso", 1)),
        ("disabled_in_portal", "auth.identities", ("disabled_in_portal", None, 2)),
        ("invited_only", "invitations", ("unknown", None, 3)),
        ("revoked_only", "invitations", ("unknown", None, 3)),
        ("near_misses", "invitations", ("can_log_in", None, 0)),
        ("auth_account_missing", "invitations", ("auth_account_missing", None, 2)),
        ("email_not_confirmed", "auth.identities", ("email_not_confirmed", None, 1)),
    ],
)
def test_what_is_still_proven(world, table, left, check):
    """Critical only what the other tables prove; a warning where the person was read; else unknown."""
    assert left == told(check(world, database("deny", table=table)))


@pytest.mark.parametrize("world", ["banned", "contained"])
def test_a_ban_with_silent_security_actions_is_not_lifted(world, check, peakops):
    """Whether the ban is on purpose could not be read: no fix is named, and the verb refuses."""
    ran = check(world, database("deny", table="peakops.containments"))
    enabled = peakops("--sandbox", "user", "enable", MAIL, "--confirm", MAIL, "--reason", "x", "--json")

    assert ran.json["findings"][0]["fix"] is None
    assert not any("enable" in each for each in ran.json["next"])
    assert "Whether it is a security action could not be read." in ran.json["verdict"]["says"]
    assert 19 == enabled.code


@pytest.mark.parametrize("table", ["practices", "invoices", "cases", "shipments"])
def test_the_practice_that_was_expected_cannot_be_compared(table, check):
    """What the practices hold is only told; the practices themselves are needed."""
    ran = check("wrong_practice", database("deny", table=table), args=("--expect-practice", "Smile Care"))

    assert (("unknown", None, 3) if table == "practices" else ("wrong_practice", None, 2)) == told(ran)


def test_everything_is_gone(check):
    """Nothing answers: unknown, and each silent source is named."""
    faults = [database("down"), vendor("supabase", {"status": 503}), vendor("sendgrid", {"reset": True})]
    ran = check("can_log_in_suppressed", *faults)

    assert ("unknown", None, 3) == told(ran)
    assert "database" in ran.json["verdict"]["sources"]["missing"]


def test_a_fault_is_told_to_people_too(check, peakops):
    """The page names the silent look, the reason and what to do, and has the same exit code."""
    check("can_log_in", database("deny", table="auth.identities"))
    page = peakops("--sandbox", "user", "check", MAIL)

    assert 3 == page.code
    assert "UNKNOWN" in page.out
    assert "may not read auth.identities" in page.out
