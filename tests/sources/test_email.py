"""The e-mail providers' clients against the sandbox's SendGrid and Resend: the same rows from both."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops.errors import (
    Denied,
    NotConfigured,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from peakops.settings import Settings
from peakops.sources import http
from peakops.sources.email import Email

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
JANE = "jane@smilecare.example"
QUOTED = "o'brien+x@smilecare.example"
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")
SENDGRID = {
    "messages": [
        {"sg_message_id": "sg-old.filter1", "to_email": JANE, "status": "delivered", "created_at": "-9d"},
        {
            "sg_message_id": "sg-2.filter1",
            "to_email": JANE,
            "status": "bounced",
            "reason": "550 5.1.1 unknown",
            "created_at": "-2h",
        },
        {"sg_message_id": "sg-1.filter1", "to_email": JANE, "status": "delivered", "created_at": "-3h"},
        {"sg_message_id": "sg-3.filter1", "to_email": QUOTED, "status": "dropped", "created_at": "-1h"},
    ],
    "suppressions": {
        "bounces": [{"email": JANE, "reason": "550 5.1.1 unknown", "created": "-2h"}],
        "blocks": [{"email": QUOTED, "reason": "421 4.7.0", "created": "-2h"}],
        "spam_reports": [{"email": QUOTED, "created": "-1d"}],
        "invalid_emails": [{"email": QUOTED, "created": "-1d"}],
        "unsubscribes": [{"email": QUOTED, "created": "-1d"}],
    },
}
RESEND = {
    "emails": [
        {"id": "re-old", "to": [JANE], "last_event": "delivered", "created_at": "-9d"},
        {
            "id": "re-2",
            "to": [f"Jane Doe <{JANE}>"],
            "last_event": "bounced",
            "created_at": "-2h",
            "html": "<p>Dear Jane</p>",
        },
        {"id": "re-1", "to": ["else@smilecare.example", JANE], "last_event": "delivered", "created_at": "-3h"},
        {"id": "re-3", "to": [QUOTED], "last_event": "suppressed", "created_at": "-1h"},
    ],
    "suppressions": [
        {"email": JANE, "origin": "bounce", "created_at": "-2h"},
        {"email": QUOTED, "origin": "complaint", "created_at": "-1d"},
        {"email": "hand@smilecare.example", "origin": "manual", "created_at": "-1d"},
    ],
}


@pytest.fixture
def email(load):
    """A client of a provider in the sandbox, with what the provider has."""

    def client(provider, part=None, *, faults=(), seconds=10.0, **given):
        world = {"says": "A provider with some mails.", "now": "2026-11-20T15:00:00Z", "email_provider": provider}
        part = {"sendgrid": SENDGRID, "resend": RESEND}[provider] if part is None else part
        box = load({**world, provider: part}, faults=[{"vendor": provider, **each} for each in faults])
        settings = {
            "email_provider": provider,
            "sendgrid_api_key": box.sendgrid_key,
            "sendgrid_url": box.vendor_url("sendgrid"),
            "resend_api_key": box.resend_key,
            "resend_url": box.vendor_url("resend"),
            **given,
        }
        return Email(Settings(**settings), deadline=time.monotonic() + seconds)

    return client


def at(provider, server, seconds=3.0):
    """A client of a server that plays its own part."""
    given = {f"{provider}_url": server.url, f"{provider}_api_key": "not_a_key"}
    return Email(Settings(email_provider=provider, **given), deadline=time.monotonic() + seconds)


BOTH = pytest.mark.parametrize("provider", ["sendgrid", "resend"])


@BOTH
@pytest.mark.parametrize("spelling", [JANE, f" {JANE.upper()} "])
def test_a_bounced_address_is_suppressed(provider, spelling, email):
    """Both providers' rows have the same fields; letters and spaces do not count."""
    (row,) = email(provider).suppressions(email=spelling).rows

    assert {"kind", "email", "reason", "created", "provider"} == set(row)
    assert ("bounce", JANE, provider) == (row["kind"], row["email"], row["provider"])
    assert NOW - timedelta(hours=2) == row["created"]


@BOTH
def test_an_address_that_is_on_no_list_has_no_row(provider, email):
    """That the provider has nothing is an answer."""
    assert () == email(provider).suppressions(email="nobody@smilecare.example").rows


def test_every_list_of_sendgrids_is_read(email):
    """An address may be on several; one with a quote and a plus is asked for as it is."""
    on_all = {"suppressions": {name: [{"email": QUOTED, "created": "-1d"}] for name in LISTS}}
    rows = email("sendgrid", on_all).suppressions(email=QUOTED).rows

    assert ["bounce", "block", "spam_report", "invalid_email", "unsubscribe"] == [row["kind"] for row in rows]
    assert ["block", "spam_report", "invalid_email", "unsubscribe"] == [
        row["kind"] for row in email("sendgrid").suppressions(email=QUOTED).rows
    ]


@pytest.mark.parametrize(
    ("address", "kind"), [(QUOTED, "spam_report"), ("hand@smilecare.example", "unsubscribe"), (JANE, "bounce")]
)
def test_resends_origins_have_the_same_names(address, kind, email):
    """A complaint is a spam report, and what somebody put on the list by hand is an unsubscription."""
    assert [kind] == [row["kind"] for row in email("resend").suppressions(email=address).rows]


@pytest.mark.parametrize(("provider", "path"), [("sendgrid", "/v3/suppression/bounces/"), ("resend", "/suppressions/")])
def test_an_address_is_one_part_of_the_path(provider, path, played):
    """Whatever is in it: a slash or a question mark asks for nothing else."""
    server = played(Reply(404))
    with pytest.raises(NotFound):
        at(provider, server).suppressions(email="a/../b?c#d@smilecare.example")

    assert f"{path}a%2F..%2Fb%3Fc%23d%40smilecare.example" in [each.path for each in server.asked]


@BOTH
def test_mails_to_an_address_are_the_newest_first(provider, email):
    """Those to somebody else and those before the moment are not in it; nor is their text."""
    brought = email(provider).messages(email=JANE, since=WEEK)

    assert ["bounced", "delivered"] == [row["status"] for row in brought.rows]
    assert [NOW - timedelta(hours=2), NOW - timedelta(hours=3)] == [row["at"] for row in brought.rows]
    assert {(JANE, provider)} == {(row["to"], row["provider"]) for row in brought.rows}
    assert {"id", "to", "status", "reason", "at", "provider"} == set(brought.rows[0])
    assert "Dear Jane" not in str(brought)


@pytest.mark.parametrize(("provider", "count"), [("sendgrid", 3), ("resend", 3)])
def test_mails_without_a_moment_are_all(provider, count, email):
    """As far back as the provider goes."""
    assert count == len(email(provider).messages(email=JANE, since=None).rows)


@pytest.mark.parametrize(("provider", "id"), [("sendgrid", "sg-2.filter1"), ("resend", "re-2")])
def test_a_mail_is_found_by_its_id(provider, id, email):
    """Whom it went to need not be known."""
    (row,) = email(provider).messages(email=None, since=WEEK, id=id).rows

    assert (id, JANE, "bounced") == (row["id"], row["to"], row["status"])
    assert timedelta(seconds=1) > abs(row["at"] - (NOW - timedelta(hours=2)))


def test_sendgrid_says_why(email):
    """In its list and on the mail's own page."""
    client = email("sendgrid")

    assert "550 5.1.1 unknown" == client.messages(email=JANE, since=WEEK).rows[0]["reason"]
    assert "550 5.1.1 unknown" == client.messages(email=None, since=WEEK, id="sg-2.filter1").rows[0]["reason"]


def test_sendgrids_short_id_is_found_by_the_address(email):
    """What SendGrid answers when a mail is sent is only the beginning of the log's id."""
    client = email("sendgrid")

    assert ["sg-2.filter1"] == [row["id"] for row in client.messages(email=JANE, since=WEEK, id="sg-2").rows]
    assert () == client.messages(email=None, since=WEEK, id="sg-2").rows


@BOTH
def test_a_mail_that_the_provider_does_not_have_is_no_row(provider, email):
    """An id of before the log's beginning, for example."""
    assert () == email(provider).messages(email=None, since=WEEK, id="nothing").rows


def test_a_quote_in_an_address_asks_for_nobody_else(played):
    """It is doubled in SendGrid's query, and what comes back is compared once more."""
    mail = {"sg_message_id": "1", "status": "delivered", "sg_message_id_created_at": "2026-11-20T15:00:00Z"}
    server = played(
        Reply(body={"messages": [{**mail, "to_email": "x' or 'a@b.example"}, {**mail, "to_email": "c@d.example"}]})
    )
    rows = at("sendgrid", server).messages(email="x' or 'a@b.example", since=WEEK).rows

    assert ["x' or 'a@b.example"] == [row["to"] for row in rows]
    assert "to_email = 'x'' or ''a@b.example' AND" in server.asked[0].body["query"]
    assert 'TIMESTAMP "2026-11-13T15:00:00Z"' in server.asked[0].body["query"]


def pages(count, at):
    return [{"id": f"{number}", "to": [JANE], "last_event": "sent", "created_at": at} for number in range(count)]


def test_resends_list_is_read_back_to_the_moment(played):
    """It has no filter: pages are read until they are older, each behind the last mail of the one before."""
    server = played(
        Reply(body={"data": pages(2, "2026-11-20 14:00:00+00"), "has_more": True}),
        Reply(body={"data": pages(2, "2026-11-01 14:00:00+00"), "has_more": True}),
    )
    brought = at("resend", server).messages(email=JANE, since=WEEK)

    assert 2 == len(brought.rows)
    assert () == brought.notes
    assert ["/emails?limit=100", "/emails?limit=100&after=1"] == [each.path for each in server.asked]


def test_resends_long_list_is_cut_and_said(played):
    """After five pages it ends with a note."""
    server = played(Reply(body={"data": pages(1, "2026-11-20 14:00:00+00"), "has_more": True}))
    brought = at("resend", server).messages(email=JANE, since=WEEK)

    assert 5 == len(server.asked)
    assert ("Only the newest 500 mails to anybody were read.",) == brought.notes


def test_what_resend_does_not_have_is_not_what_it_does_not_offer(played):
    """A 404 for the endpoint itself says nothing of the address."""
    body = {"statusCode": 404, "name": "not_found", "message": "The requested endpoint does not exist"}
    with pytest.raises(NotFound):
        at("resend", played(Reply(404, body=body))).suppressions(email=JANE)
    with pytest.raises(NotFound):
        at("resend", played(Reply(404, body="<html>"))).suppressions(email=JANE)


@pytest.mark.parametrize("call", ["suppressions", "messages", "scopes"])
def test_without_a_provider_nobody_is_asked(call):
    """A note says so; it is no fault."""
    given = {"suppressions": {"email": JANE}, "messages": {"email": JANE, "since": WEEK}, "scopes": {}}[call]
    brought = getattr(Email(Settings(), deadline=time.monotonic()), call)(**given)

    assert () == brought.rows
    assert ("No e-mail provider is configured.",) == brought.notes


@BOTH
def test_a_provider_that_hangs_holds_nothing_up(provider, played, monkeypatch):
    """Its looks end soon, however much time there is, and each has that time for itself."""
    monkeypatch.setattr(http, "ADVISORY_SECONDS", 1.0)
    server = played(Reply(after_s=30))
    client = at(provider, server, seconds=60)
    start = time.monotonic()
    for look in (lambda: client.suppressions(email=JANE), lambda: client.messages(email=JANE, since=WEEK)):
        asked = len(server.asked)
        with pytest.raises(TimedOut):
            look()
        assert len(server.asked) > asked

    assert time.monotonic() - start < 2.5


@BOTH
def test_without_an_address_nobody_is_asked(provider, played):
    """A look that found no address brings none."""
    server = played(Reply())
    client = at(provider, server)

    assert () == client.suppressions(email=None).rows == client.messages(email=None, since=WEEK).rows
    assert [] == server.asked


@BOTH
def test_a_provider_without_its_key_is_not_configured(provider):
    """The provider is named and its key is missing: the error names the setting."""
    with pytest.raises(NotConfigured) as refused:
        Email(Settings(email_provider=provider), deadline=time.monotonic() + 1).suppressions(email=JANE)

    assert "email.not_configured" == refused.value.code
    assert f"PEAKOPS_{provider.upper()}_API_KEY" in refused.value.hint


@pytest.mark.parametrize(
    ("scopes", "lists", "log"),
    [
        (["mail.send", "suppression.read", "email_activity.read", "stats.read"], True, True),
        (["mail.send", "suppression.bounces.read"], False, False),
        ([f"suppression.{each}.read" for each in LISTS], True, False),
        ([], False, False),
    ],
)
def test_scopes_of_sendgrid(scopes, lists, log, email):
    """One scope for all lists, or one for each; only those that matter are shown."""
    (row,) = email("sendgrid", {"scopes": scopes}).scopes().rows

    assert (lists, log) == (row["can_read_suppressions"], row["can_read_messages"])
    assert {each for each in scopes if each != "stats.read"} == set(row["scopes"])


@pytest.mark.parametrize(("key", "reads"), [("full_access", True), ("sending_access", False)])
def test_scopes_of_resend(key, reads, email):
    """They only show in what is refused to the key."""
    (row,) = email("resend", {"key": key}).scopes().rows

    assert [key] == row["scopes"]
    assert (reads, reads) == (row["can_read_suppressions"], row["can_read_messages"])


def test_a_scope_that_is_missing_is_named(email):
    """SendGrid says only that it is forbidden."""
    with pytest.raises(Denied) as refused:
        email("sendgrid", {"scopes": ["mail.send"]}).suppressions(email=JANE)

    assert "email.permission_denied" == refused.value.code
    assert "suppression.read" in refused.value.hint


def test_a_key_that_only_sends_is_said(email):
    """Resend answers 401 to it, though the key is a good one."""
    with pytest.raises(Denied) as refused:
        email("resend", {"key": "sending_access"}).suppressions(email=JANE)

    assert "email.sending_key" == refused.value.code
    assert "full access" in refused.value.hint


@BOTH
def test_a_wrong_key_is_said_and_not_told(provider, email):
    """Resend answers 403 to it and SendGrid 401; both are one error."""
    with pytest.raises(Unauthenticated) as refused:
        email(provider, **{f"{provider}_api_key": "not_a_key"}).suppressions(email=JANE)

    assert "email.invalid_key" == refused.value.code
    assert f"PEAKOPS_{provider.upper()}_API_KEY" in refused.value.hint
    assert "not_a_key" not in f"{refused.value.says} {refused.value.hint}"


@BOTH
@pytest.mark.parametrize(
    ("how", "error", "code"),
    [
        ({"status": 503}, Unreachable, "email.failed"),
        ({"status": 429, "retry_after": 60}, RateLimited, "email.rate_limited"),
        ({"body": "<html>"}, Unreachable, "email.unreadable"),
        ({"body": "[{}]"}, Unreachable, "email.unreadable"),
        ({"body": "{}"}, Unreachable, "email.unreadable"),
        ({"reset": True}, Unreachable, "email.unreachable"),
        ({"delay_s": 30}, TimedOut, "email.timeout"),
    ],
)
def test_failures_are_told_apart(provider, how, error, code, email):
    """Each way to fail has its error, its code and a hint, within the time limit."""
    client = email(provider, faults=[{"route": "*", **how}], seconds=2)
    start = time.monotonic()
    with pytest.raises(error) as refused:
        client.suppressions(email=JANE)

    assert time.monotonic() - start < 2.5
    assert (code, "email") == (refused.value.code, refused.value.source)
    assert refused.value.hint
