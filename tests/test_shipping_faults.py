"""Every source of `shipping check` with every fault: what UPS refuses is found, silence is unknown, always in time."""

import pytest

from peakops import sandbox

from .test_faults import DATABASE, TIMEOUT

TOKEN = "POST /security/v1/oauth/token"
SILENCE = {
    "reset": {"reset": True},
    "slow": {"delay_s": 30},
    "html": {"body": "<html>busy</html>"},
    "list": {"body": "[]"},
    "empty": {"body": "{}"},
    "null": {"body": '{"trackResponse": null}'},
}
"""What says nothing of UPS: neither that it is down, nor that it has no label."""
REFUSALS = {
    "401": ({"status": 401}, ("ups_credentials", "of_peakops", 2)),
    "403": ({"status": 403}, ("ups_product_missing", "of_peakops", 2)),
    "429": ({"status": 429, "retry_after": 90}, ("ups_rate_limited", "now", 1)),
    "500": ({"status": 500}, ("ups_down", "now", 2)),
    "503": ({"status": 503}, ("ups_down", "now", 2)),
    "250002": ({"error": "250002"}, ("ups_credentials", "of_peakops", 2)),
    "250009": ({"error": "250009"}, ("ups_product_missing", "of_peakops", 2)),
    "10429": ({"error": "10429"}, ("ups_rate_limited", "now", 1)),
    "20001": ({"error": "20001"}, ("ups_down", "now", 2)),
}
"""What UPS answers to every call, the one for the token too, and the verdict on a shipment without a label."""
TABLES = {
    "shipments": ("unknown", 3),
    "practices": ("unknown", 3),
    "audit_logs": ("unknown", 3),
    "cases": ("never_requested", 1),
}
"""What is said of a shipment that nobody asked a label for, by the table that cannot be read."""
COLUMNS = (
    *(
        ("shipments", "ship_to"),
        ("shipments", "error_code"),
        ("shipments", "tracking_number"),
        ("shipments", "packages"),
    ),
    *(("practices", "ups_account_number"), ("audit_logs", "details")),
)
INJECTIONS = (
    *(
        "SHP-77/../../../security/v1/oauth/token",
        "SHP-77?refNumType=x&shipperNum=Z9",
        "SHP-77#x",
        "SHP-77%2F..",
        "../ship",
    ),
    *(
        "1Z' or '1'='1",
        "SHP-77'; drop table shipments; --",
        "1ZA1B2C30300000071/../../x",
        "SHP-77\\r\\nX-Evil: 1",
        "%00",
        "*",
    ),
    *("1ZA1B2C3030000007\u0661", "{}", "[]", "--help-me", "\u202eSHP-77", "x" * 5000),
)
"""What somebody may type to reach another place of the database or of UPS."""


ASKED_ANYWAY = {"/security/v1/oauth/token", "/api/addressvalidation/v2/3", "/api/labels/v1/recovery"}
"""Paths of UPS's in which nothing of ours stands."""


@pytest.fixture
def check(peakops, load):
    """Load a world with faults and check its shipment, held to the contract."""

    def check(name, *faults, subject="SHP-77", **changes):
        load(f"shipping/{name}", faults=list(faults), **changes)
        script = peakops("--sandbox", "shipping", "check", subject, "--json", "--timeout", f"{TIMEOUT}s")
        assert script.seconds < TIMEOUT + 1
        assert script.code == script.json["exit_code"]
        return script

    return check


def asked_of_ups(state):
    """The paths that UPS was asked for since the world was loaded."""
    return {each["path"] for each in sandbox.requests(state / "peakops") if each["vendor"] == "ups"}


def told(ran):
    return ran.json["verdict"]["code"], ran.json["verdict"]["cause"], ran.code


def ups(fault, route="*"):
    return {"vendor": "ups", "route": route, **fault}


@pytest.mark.parametrize("name", REFUSALS)
def test_ups_refuses(name, check):
    """Its refusal is a finding with a code of its own, and not unknown."""
    fault, verdict = REFUSALS[name]
    ran = check("never_requested", ups(fault))

    assert verdict == told(ran)
    assert ran.json["next"] == []


@pytest.mark.parametrize("name", SILENCE)
@pytest.mark.parametrize("route", ["*", "GET /api/track/*", TOKEN])
def test_ups_is_silent(name, route, check):
    """Unknown, 3, and UPS is named; nothing is made of a body that is none of UPS's."""
    ran = check("never_requested", ups(SILENCE[name], route))

    assert ("unknown", None, 3) == told(ran)
    assert ["ups"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("name", ["reset", "html"])
@pytest.mark.parametrize(
    ("world", "left"),
    [
        ("invalid_address", ("invalid_address", None, 2)),
        ("ups_account", ("ups_account", None, 2)),
        ("ups_down_over", ("ups_down", None, 2)),
        ("ups_rate_limited_over", ("ups_rate_limited", "over", 1)),
        ("labelled", ("unknown", None, 3)),
        ("voided", ("unknown", None, 3)),
    ],
)
def test_what_the_stored_code_proves(name, world, left, check):
    """It stands without UPS; what only UPS can tell is unknown, and no fix is named."""
    ran = check(world, ups(SILENCE[name]))

    assert left == told(ran)
    assert not ran.json["verdict"]["complete"]
    assert [] == [each for each in ran.json["next"] if "retry" in each]


@pytest.mark.parametrize("route", ["POST /api/addressvalidation/*", "POST /api/labels/*"])
def test_what_a_label_that_is_there_does_not_need(route, check):
    """Neither the address nor the label's image is asked about any more."""
    ran = check("labelled", ups({"status": 503}, route))

    assert ("ups_down", "now", 2) == told(ran)
    assert ("labelled", None, 0) == told(check("labelled", ups({"reset": True}, route)))


@pytest.mark.parametrize("name", DATABASE)
def test_the_shipment_cannot_be_read(name, check):
    """Blind, denied, down, slow or changed: unknown, 3, the reason named; never not found by a blind look."""
    fault, category, code = DATABASE[name]
    names = {"table": "shipments"} if "table" in fault else {}
    column = {"column": "tracking_number"} if "column" in fault else {}
    ran = check("labelled", {"vendor": "database", **fault, **names, **column})
    (found,) = [each for each in ran.json["evidence"] if each["name"] == "shipment"]

    assert ("unknown", None, 3) == told(ran)
    assert category == found["error"]["category"]
    assert found["error"]["code"].startswith(code)
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("fault", ["deny", "missing_table"])
def test_one_table_gone(fault, table, check):
    """Only what a verdict does not need may be missing."""
    ran = check("never_requested", {"vendor": "database", "fault": fault, "table": table})

    assert TABLES[table] == (ran.json["verdict"]["code"], ran.code)
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_one_column_gone(table, column, check):
    """The look is silent, and the verdict unknown."""
    ran = check("never_requested", {"vendor": "database", "fault": "missing_column", "table": table, "column": column})

    assert ("unknown", None, 3) == told(ran)


@pytest.mark.parametrize("subject", INJECTIONS)
def test_what_is_typed_reaches_no_other_place(subject, check, state):
    """14, or 64: it is bound in SQL, and a part of a path at UPS alone; no route is asked for that there is not."""
    ran = check("labelled", subject=subject)

    assert ran.code in (14, 64), ran.json["verdict"]
    assert ASKED_ANYWAY >= asked_of_ups(state)


def test_a_label_of_a_stranger_is_not_ours(check):
    """Others number their shipments too: a label with our number that another account made leads nowhere."""
    (ours,) = sandbox.named("shipping/label_not_stored_by_number")["ups"]["shipments"]
    number = "1ZZ9Z9Z90300000071"
    strange = {**ours, "tracking_number": number, "account": "Z9Z9Z9"}
    played = {"accounts": ["A1B2C3", "Z9Z9Z9"], "shipments": [strange]}
    ran = check("label_not_stored_by_number", subject=number, ups=played)

    assert (14, "not_found") == (ran.code, ran.json["verdict"]["code"])


@pytest.mark.parametrize("number", ["SHP-77/../x", "SHP?a=b&c#d", "..", "SHP 77%00", "\u202eSHP-77"])
def test_a_number_that_is_no_path(number, check, state):
    """What the portal holds as a number is one part of a path, or is not asked for: never another route of UPS's."""
    world = sandbox.named("shipping/never_requested")
    world["tables"]["shipments"][0]["shipment_number"] = number
    ran = check("never_requested", subject="77777777-7777-4777-8777-000000000077", tables=world["tables"])

    assert "labelled" != ran.json["verdict"]["code"]
    told = asked_of_ups(state) - ASKED_ANYWAY
    assert [] == [each for each in told if not each.startswith("/api/track/v1/reference/details/")]
