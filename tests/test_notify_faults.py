"""Every source of `notify check` with every fault: a refusal is found, silence is unknown, always in time."""

import pytest

from peakops import sandbox

from .test_faults import DATABASE, TIMEOUT

SILENCE = {
    "reset": {"reset": True},
    "slow": {"delay_s": 30},
    "html": {"body": "<html>busy</html>"},
    "list": {"body": "[]"},
    "null": {"body": "null"},
}
"""What says nothing of the mail: neither that it arrived, nor that it did not."""
REFUSALS = {
    "401": ({"status": 401}, ("key_without_scope", "of_peakops", 2)),
    "403": ({"status": 403}, ("key_without_scope", "of_peakops", 2)),
    "429": ({"status": 429, "retry_after": 90}, ("unknown", None, 3)),
    "500": ({"status": 500}, ("unknown", None, 3)),
}
"""What the provider answers to every look, and the verdict on a mail that the portal holds for sent."""
QUOTA = {"vendor": "resend", "route": "*", "error": "daily_quota_exceeded"}
TABLES = {
    "notifications": ("unknown", 3),
    "users": ("unknown", 3),
    "audit_logs": ("delivered", 0),
}
"""What is said of a mail that arrived, by the table that cannot be read."""
COLUMNS = (
    *(("notifications", each) for each in ("status", "error", "provider_message_id", "read_at")),
    ("users", "notification_preferences"),
)
INJECTIONS = (
    *(
        "anna@smilecare.example' or '1'='1",
        "anna@smilecare.example'; drop table notifications; --",
        "%",
        "a%@b.example",
    ),
    *("../v3/mail/send", "anna@smilecare.example/../../x", "anna@smilecare.example?delete_all=true", "{}", "--help-me"),
    *("88888888-8888-4888-8888-000000000009", "\u202eanna@smilecare.example", "x" * 5000),
)
"""What somebody may type to reach another place of the database or of the provider."""


@pytest.fixture
def check(peakops, load):
    """Load a world with faults and check Anna's notifications, held to the contract."""

    def check(name, *faults, subject="anna@smilecare.example", options=(), **changes):
        load(f"notify/{name}", faults=list(faults), **changes)
        words = ("notify", "check", subject, *options, "--json", "--timeout", f"{TIMEOUT}s")
        script = peakops("--sandbox", *words)
        assert script.seconds < TIMEOUT + 1
        assert script.code == script.json["exit_code"]
        return script

    return check


def told(ran):
    return ran.json["verdict"]["code"], ran.json["verdict"]["cause"], ran.code


def of(vendor, fault, route="*"):
    return {"vendor": vendor, "route": route, **fault}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize(("vendor", "world"), [("sendgrid", "delivered"), ("resend", "delivered_resend")])
def test_the_provider_refuses(vendor, world, name, check):
    """A refusal of the key is a finding; a limit of requests and an error of its own say nothing of this mail."""
    fault, verdict = REFUSALS[name]
    ran = check(world, of(vendor, fault))

    assert verdict == told(ran)
    assert ran.json["next"] == []


def test_the_quota_is_a_finding(check):
    """Also where the reader is the one that is refused."""
    assert ("quota_reached", "now", 2) == told(check("delivered_resend", QUOTA))


@pytest.mark.parametrize(
    ("vendor", "name"), [*(("sendgrid", name) for name in SILENCE), ("resend", "reset"), ("resend", "html")]
)
def test_the_provider_is_silent(vendor, name, check):
    """Unknown, 3, and it is named; nothing is made of a body that is none of the provider's."""
    ran = check({"sendgrid": "delivered", "resend": "delivered_resend"}[vendor], of(vendor, SILENCE[name]))

    assert ("unknown", None, 3) == told(ran)
    assert ["email"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("* /v3/logs*", ("unknown", None, 3)),
        ("GET /v3/suppression/*", ("unknown", None, 3)),
        ("GET /v3/asm/*", ("unknown", None, 3)),
        ("GET /v3/whitelabel/*", ("delivered", None, 0)),
        ("GET /v3/stats", ("delivered", None, 0)),
        ("GET /v3/scopes", ("delivered", None, 0)),
        ("GET /v3/user/*", ("delivered", None, 0)),
    ],
)
def test_one_route_is_silent(route, expected, check):
    """Only what says how it is with the mail, and with the address, is needed for a mail that arrived."""
    ran = check("delivered", *(of("sendgrid", {"reset": True}, each) for each in _routes(route)))

    assert expected == told(ran)
    assert not ran.json["verdict"]["complete"]


def _routes(route):
    """A route for any method is one for each."""
    return [route.replace("*", method, 1) for method in ("GET", "POST")] if route.startswith("* ") else [route]


@pytest.mark.parametrize(
    ("world", "left"),
    [
        ("suppressed_bounce_soft", ("unknown", None, 3)),
        ("bounced_as_the_portal_says", ("bounced", "hard", 2)),
        ("provider_down_over", ("provider_down", None, 2)),
        ("key_of_the_portal", ("key_without_scope", "of_the_portal", 2)),
        ("domain_verified_since", ("domain_unverified", None, 2)),
        ("not_sent", ("not_sent", "queued", 2)),
        ("no_notification", ("no_notification", "earlier_ones", 2)),
        ("preference_off", ("preference_off", "email", 1)),
        ("unread_in_app", ("unread_in_app", None, 1)),
    ],
)
def test_what_the_portal_alone_proves(world, left, check):
    """It stands without the provider; what only the provider can tell is unknown."""
    vendor = sandbox.named(f"notify/{world}")["email_provider"]
    options = ("--type", "invoice") if world == "preference_off" else ()
    ran = check(world, of(vendor, SILENCE["reset"]), options=options)

    assert left == told(ran)
    assert not ran.json["verdict"]["complete"]


def test_the_status_page_is_silent(check):
    """It only adds to the answer."""
    ran = check("delivered", status={"sendgrid": "down"})

    assert ("delivered", None, 0) == told(ran)
    assert ["status"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("name", DATABASE)
def test_the_notifications_cannot_be_read(name, check):
    """Blind, denied, down, slow or changed: unknown, 3, the reason named; never `no_notification` by a blind look."""
    fault, category, code = DATABASE[name]
    names = {"table": "notifications"} if "table" in fault else {}
    column = {"column": "provider_message_id"} if "column" in fault else {}
    ran = check("delivered", {"vendor": "database", **fault, **names, **column})
    found = next(each for each in ran.json["evidence"] if each["source"] == "database" and each["error"])

    assert ("unknown", None, 3) == told(ran)
    assert category == found["error"]["category"]
    assert found["error"]["code"].startswith(code)
    assert "database" in ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("fault", ["deny", "missing_table"])
def test_one_table_gone(fault, table, check):
    """Only what a verdict does not need may be missing."""
    ran = check("delivered", {"vendor": "database", "fault": fault, "table": table})

    assert TABLES[table] == (ran.json["verdict"]["code"], ran.code)
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_one_column_gone(table, column, check):
    """The look is silent, and the verdict unknown."""
    ran = check("delivered", {"vendor": "database", "fault": "missing_column", "table": table, "column": column})

    assert ("unknown", None, 3) == told(ran)


@pytest.mark.parametrize("subject", INJECTIONS)
def test_what_is_typed_reaches_no_other_place(subject, check, state):
    """14, or 64: it is bound in SQL, and no provider is asked about anybody."""
    ran = check("delivered", subject=subject)
    asked = [each["path"] for each in sandbox.requests(state / "peakops") if each["vendor"] == "sendgrid"]

    assert ran.code in (14, 64), ran.json["verdict"]
    assert [] == [each for each in asked if "suppression" in each or "logs" in each]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--type", "invoice"), "bounced"),
        (("--type", "no_such"), "no_notification"),
        (("--channel", "in_app"), "no_notification"),
        (("--since", "1h"), "no_notification"),
        (("--since", "today"), "delivered"),
        (("--since", "2026-11-20T13:00:00Z"), "no_notification"),
        (("--notification", "88888888-8888-4888-8888-000000000002"), "bounced"),
        (("--notification", "88888888-8888-4888-8888-000000000077"), "unknown"),
    ],
)
def test_what_is_asked_about(options, code, check):
    """One type, one channel, since a moment by the environment's clock, or one notification."""
    assert code == check("delivered", options=options).json["verdict"]["code"]


CODES = {
    "550 5.1.1 <rose.holloway@canary.example> unknown": ("550", "5.1.1"),
    "HTTP 503": ("503", None),
    "validation_error: Invalid `to` field. Rose Holloway": ("validation_error", None),
    "validation_error: The peakdental.example domain is not verified.": ("sender_unverified", None),
    "The from address does not match a verified Sender Identity.": ("sender_unverified", None),
    "Maximum credits exceeded": ("maximum_credits_exceeded", None),
    "Timeout after 30 s": ("Timeout", None),
    "ECONNREFUSED 10.0.0.1:443": ("ECONNREFUSED", None),
    "Holloway, Rose: crown 4711": ("other", None),
    "5501 Holloway Street": ("other", None),
    "holloway": ("other", None),
    "  ": (None, None),
}
"""What the portal may have stored, and what is read of it."""


def test_of_an_error_its_codes_alone_are_read(check):
    """Whatever words the portal stored: they may name a patient."""
    world = sandbox.named("notify/send_failed_words")
    (one,) = world["tables"]["notifications"]
    ids = [f"88888888-8888-4888-8888-0000000001{number:02}" for number in range(len(CODES))]
    rows = [{**one, "id": id, "error": error} for id, error in zip(ids, CODES, strict=True)]
    ran = check("send_failed_words", tables={**world["tables"], "notifications": rows})
    (look,) = [each for each in ran.json["evidence"] if each["name"] == "notifications"]
    read = {each["id"]: (each["error_code"], each["enhanced_code"]) for each in look["rows"]}

    assert dict(zip(ids, CODES.values(), strict=True)) == read
    assert "olloway" not in ran.out


def test_each_channel_has_its_newest(check):
    """Many on the one do not push out what is asked about on the other; that there are more is said."""
    world = sandbox.named("notify/unread_in_app")
    (one,) = world["tables"]["notifications"]
    id = "88888888-8888-4888-8888-0000000002{:02}"
    many = [{**one, "id": id.format(number), "created_at": f"-{number + 1}m"} for number in range(60)]
    mail = {**one, "id": id.format(99), "channel": "email", "status": "queued", "created_at": "-3h"}
    ran = check("unread_in_app", tables={**world["tables"], "notifications": [*many, mail]})

    assert ("not_sent", "queued", 2) == told(ran)
    assert id.format(0) == ran.json["data"]["notification"]["in_app"]["id"]
    assert "at least 50 in all" in ran.out


@pytest.mark.parametrize("options", [("--since", "soon"), ("--channel", "sms"), ("--notification", "n-1")])
def test_what_cannot_be_meant(options, peakops, load):
    """A usage error, before anything is asked."""
    load("notify/delivered")

    assert 64 == peakops("--sandbox", "notify", "check", "anna@smilecare.example", *options).code
