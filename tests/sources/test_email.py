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
from peakops.playbook import words
from peakops.settings import Settings
from peakops.sources import http
from peakops.sources.email import Email
from peakops.sources.smtp_codes import hard

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

    assert {"kind", "email", "reason", "created", "provider", "hard"} == set(row)
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
    assert {"id", "to", "status", "reason", "at", "provider", "hard"} == set(brought.rows[0])
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


CALLS = {
    "suppressions": {"email": JANE},
    "messages": {"email": JANE, "since": WEEK},
    "tagged": {"reference": "peakops-1"},
    **{each: {} for each in ("configured", "domains", "rates", "scopes", "quota", "allowlist")},
}


@pytest.mark.parametrize("call", CALLS)
def test_without_a_provider_nobody_is_asked(call):
    """A note says so; it is no fault."""
    given = CALLS[call]
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
    ("said", "for_good"),
    [
        (("5.1.1",), True),
        (("", "550 5.1.1 The email account does not exist"), True),
        (("550 5.1.10 RESOLVER.ADR.RecipientNotFound",), True),
        (("550-5.2.1 The email account is disabled",), True),
        (("552 5.2.2 Mailbox full",), False),
        (("550 5.7.1 Blocked", "5.1.1"), False),
        (("550 5.7.515 Access denied",), False),
        (("451 4.3.0 Try again",), False),
        (("421 Try again later",), False),
        (("550 5.1.8 Sender address rejected",), None),
        (("550 5.4.1 Recipient address rejected",), None),
        (("550 Refused by 192.5.1.1",), None),
        (("Bounced Address",), None),
        ((None, ""), None),
    ],
)
def test_an_address_is_at_fault_for_good_or_the_mail_was(said, for_good):
    """The first enhanced code counts; what says nothing is not guessed, and the address of a server is no code."""
    assert for_good is hard(*said)


def test_what_is_for_good_is_told_apart(email):
    """A bounce by its code; a block is of one mail; what is no address never takes one; a complaint says nothing."""
    lists = {name: [{"email": JANE, "created": "-1d"}] for name in LISTS}
    full = {"email": JANE, "reason": "552 5.2.2 Mailbox full", "created": "-1d"}
    rows = email("sendgrid", {"suppressions": lists}).suppressions(email=JANE).rows
    (bounce,) = email("sendgrid", {"suppressions": {"bounces": [full]}}).suppressions(email=JANE).rows

    expected = {"bounce": True, "block": False, "spam_report": None, "invalid_email": True, "unsubscribe": None}
    assert expected == {row["kind"]: row["hard"] for row in rows}
    assert False is bounce["hard"]
    assert [True, None] == [row["hard"] for row in email("sendgrid").messages(email=JANE, since=WEEK).rows]


def test_a_group_that_was_left_is_told(email):
    """Its name is the reason; a group that others left is not theirs."""
    groups = [{"email": JANE, "group": "Cases"}, {"email": QUOTED, "group": "Invoices"}]
    (row,) = email("sendgrid", {"suppressions": {"groups": groups}}).suppressions(email=JANE).rows

    assert ("group_unsubscribe", JANE, "Cases") == (row["kind"], row["email"], row["reason"])


def test_groups_that_the_key_may_not_read_hold_nothing_up(email):
    """They are a right of their own: the lists are told, and a note says what is not."""
    part = {**SENDGRID, "scopes": [f"suppression.{each}.read" for each in LISTS]}
    brought = email("sendgrid", part).suppressions(email=JANE)

    assert ["bounce"] == [row["kind"] for row in brought.rows]
    (note,) = brought.notes
    assert "asm.groups.suppressions.read" in note


def test_a_resend_is_found_by_its_reference(email):
    """It is the mail's category at SendGrid; an address narrows it."""
    mail = {"sg_message_id": "sg-9.x", "to_email": JANE, "categories": ["peakops-1"], "created_at": "-1h"}
    client = email("sendgrid", {"messages": [mail, *SENDGRID["messages"]]})
    (row,) = client.tagged(reference="peakops-1", email=JANE).rows

    assert ("sg-9.x", JANE, "peakops-1", "delivered") == (row["id"], row["to"], row["reference"], row["status"])
    assert () == client.tagged(reference="peakops-1", email=QUOTED).rows
    assert () == client.tagged(reference="peakops-2").rows == client.tagged(reference=None).rows


def test_resend_cannot_be_asked_for_a_reference(played):
    """Nobody is asked, and a note says so."""
    server = played(Reply())
    brought = at("resend", server).tagged(reference="peakops-1")

    assert () == brought.rows
    assert "tag" in brought.notes[0]
    assert [] == server.asked


@BOTH
def test_what_is_configured_is_known_without_asking(provider, played):
    """The domain of the sender is what must be verified; letters do not count."""
    server = played(Reply())
    said = Settings(email_provider=provider, email_from="Peak <portal@Peakdental.Example>")
    (row,) = Email(said, deadline=time.monotonic()).configured().rows
    (bare,) = Email(Settings(email_provider=provider), deadline=time.monotonic()).configured().rows

    assert {"provider": provider, "from_domain": "peakdental.example"} == row
    assert bare["from_domain"] is None
    assert [] == server.asked


DOMAINS = {
    "sendgrid": {
        "domains": [
            {"domain": "peakdental.example", "valid": True},
            {"domain": "old.example", "valid": False, "dns": {"dkim1": {"valid": False}}},
        ]
    },
    "resend": {
        "domains": [
            {"name": "peakdental.example"},
            {"name": "old.example", "status": "failed"},
        ]
    },
}


@BOTH
def test_a_domain_is_told_with_what_is_wrong_with_it(provider, email):
    """Both providers' rows have the same fields."""
    rows = {row["domain"]: row for row in email(provider, DOMAINS[provider]).domains().rows}

    assert {"domain", "verified", "status", "missing", "provider"} == set(rows["old.example"])
    assert (True, []) == (rows["peakdental.example"]["verified"], rows["peakdental.example"]["missing"])
    assert False is rows["old.example"]["verified"]
    assert any("dkim" in each.lower() for each in rows["old.example"]["missing"])


def test_a_domain_that_lacks_only_tracking_sends(email):
    """Resend calls it verified in part; without its DKIM it would not send."""
    tracking = {"record": "Tracking", "type": "CNAME", "name": "links", "status": "failed"}
    good = [{"record": each, "status": "verified"} for each in ("SPF", "DKIM")]
    bad = [{"record": "DKIM", "status": "failed"}, {"record": "SPF", "status": "verified"}]
    named = {"one.example": [*good, tracking], "two.example": bad}
    parts = [{"name": name, "status": "partially_verified", "records": each} for name, each in named.items()]
    rows = {row["domain"]: row for row in email("resend", {"domains": parts}).domains().rows}

    assert {"one.example": True, "two.example": False} == {name: row["verified"] for name, row in rows.items()}
    assert ["Tracking CNAME links"] == rows["one.example"]["missing"]


def test_sendgrids_domains_are_read_page_by_page(played):
    """Fifty at a time, until one page is not full."""
    page = [{"domain": f"{number}.example", "valid": True, "dns": {}} for number in range(50)]
    server = played(Reply(body=page), Reply(body=page[:1]))

    assert 51 == len(at("sendgrid", server).domains().rows)
    assert [f"/v3/whitelabel/domains?limit=50&offset={each}" for each in (0, 50)] == [
        each.path for each in server.asked
    ]


def test_sendgrids_rates_are_of_counts(email):
    """Bounces by what was asked for, complaints by what arrived; by day too."""
    days = [
        {"date": "-2d", "requests": 100, "delivered": 90, "bounces": 6, "blocks": 3, "spam_reports": 0},
        {"date": "-1d", "requests": 100, "delivered": 90, "bounces": 4, "blocks": 1, "spam_reports": 9},
    ]
    (row,) = email("sendgrid", {"stats": days}).rates(since=NOW - timedelta(days=3), until=NOW).rows

    counts = {"requests": 200, "delivered": 180, "bounces": 10, "blocks": 4, "complaints": 9, "unsubscribes": 0}
    assert counts == {name: row[name] for name in counts}
    assert (0.05, 0.05) == (row["bounce_rate"], row["complaint_rate"])
    assert {"2026-11-18": 6, "2026-11-19": 4} == {
        each["date"]: each["bounces"] for each in row["days"] if each["bounces"]
    }


def test_resends_rates_are_per_cent(email):
    """They are told as fractions, as SendGrid's are; a block is a bounce there."""
    part = {"metrics": {"sent": 2000, "bounce_rate": 5.2, "complaint_rate": 0.08}}
    (row,) = email("resend", part).rates(since=WEEK, until=NOW).rows

    assert (0.052, 0.0008) == pytest.approx((row["bounce_rate"], row["complaint_rate"]))
    assert (2000, None, []) == (row["requests"], row["blocks"], row["days"])


@BOTH
def test_without_a_mail_there_is_no_rate(provider, email):
    """Nothing was sent: no rate is good or bad."""
    (row,) = email(provider, {}).rates(since=WEEK, until=NOW).rows

    assert (0, None, None) == (row["requests"], row["bounce_rate"], row["complaint_rate"])


def test_rates_are_of_the_last_thirty_days_unless_said(played):
    """By the clock of the settings; SendGrid takes days."""
    server = played(Reply(body=[]))
    settings = Settings(email_provider="sendgrid", sendgrid_url=server.url, sendgrid_api_key="not_a_key", clock=NOW)
    Email(settings, deadline=time.monotonic() + 3).rates()

    assert "/v3/stats?start_date=2026-10-21&end_date=2026-11-20&aggregated_by=day" == server.asked[0].path


def test_rates_that_resend_tells_without_counts_are_told(played):
    """An account may tell rates alone."""
    server = played(Reply(body={"totals": {"bounce_rate": 2.5, "complaint_rate": 0}}))
    (row,) = at("resend", server).rates(since=WEEK, until=NOW).rows

    assert (0.025, 0.0, None, None) == (row["bounce_rate"], row["complaint_rate"], row["requests"], row["bounces"])


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("call", ["rates", "suppressions", "messages", "domains"])
@BOTH
def test_an_endpoint_that_is_not_there_is_not_empty(provider, call, status, played):
    """Some are of 2026: an account may not have them."""
    server = played(Reply(status, body={"name": "method_not_allowed", "errors": [{"message": "no"}]}))
    with pytest.raises(NotFound) as refused:
        getattr(at(provider, server), call)(**CALLS[call])

    assert "email" == refused.value.source
    assert f"PEAKOPS_{provider.upper()}_URL" in refused.value.hint


@pytest.mark.parametrize(
    ("quota", "row"),
    [
        ({"monthly_used": 700}, {"limit": None, "used": 700, "remaining": None}),
        (
            {"daily": 100, "daily_used": 100, "monthly": 3000, "monthly_used": 700},
            {"limit": 100, "used": 100, "remaining": 0},
        ),
        (
            {"daily": 100, "daily_used": 1, "monthly": 3000, "monthly_used": 2990},
            {"limit": 3000, "used": 2990, "remaining": 10},
        ),
    ],
)
def test_resend_tells_what_is_used(quota, row, email):
    """Its limits are known on the free plan only, and there the nearer one is told."""
    brought = email("resend", {"quota": quota}).quota()

    assert row == {name: brought.rows[0][name] for name in row}
    assert 1 == len(brought.notes)


def test_a_quota_that_is_not_told_is_no_row(played):
    """A note says so."""
    brought = at("resend", played(Reply(body={"data": [], "has_more": False}))).quota()

    assert () == brought.rows
    assert "quota" in brought.notes[0]


def test_sendgrids_credits(email):
    """With the day on which they begin anew."""
    (row,) = email("sendgrid", {"credits": {"total": 100, "used": 100, "remain": 0}}).quota().rows

    assert (100, 100, 0) == (row["limit"], row["used"], row["remaining"])
    assert NOW < row["resets_at"]


def test_the_allowlist_is_told_with_whether_it_counts(email):
    """Entries of one that is off have no effect, which a note says even where there are none."""
    on = email("sendgrid", {"allowlist": ["smilecare.example"]}).allowlist()
    off = email("sendgrid", {"allowlist": [], "allowlist_enabled": False}).allowlist()

    assert ({"entry": "smilecare.example", "enabled": True, "provider": "sendgrid"},) == on.rows
    assert ((), ()) == (on.notes, off.rows)
    assert "switched off" in off.notes[0]


def test_resend_has_no_allowlist(email):
    """A note says so."""
    brought = email("resend").allowlist()

    assert () == brought.rows
    assert ("Resend has no allowlist.",) == brought.notes


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
    assert set(scopes) == set(row["scopes"])


@pytest.mark.parametrize(("key", "reads"), [("full_access", True), ("sending_access", False)])
def test_scopes_of_resend(key, reads, email):
    """They only show in what is refused to the key."""
    (row,) = email("resend", {"key": key}).scopes().rows

    assert [key] == row["scopes"]
    assert {reads} == {row[f"can_read_{each}"] for each in ("suppressions", "messages", "stats", "domains")}
    assert (True, [] if reads else ["full_access"]) == (row["can_send"], row["missing"])


def test_scopes_that_are_missing_are_named(email):
    """Of a key that reads all of it, and whether it sends."""
    (row,) = email("sendgrid", {"scopes": ["mail.send", "suppression.read", "email_activity.read"]}).scopes().rows

    assert (True, False, False) == (row["can_send"], row["can_read_stats"], row["can_read_domains"])
    assert {"stats.read", "whitelabel.read", "asm.groups.suppressions.read"} < set(row["missing"])
    assert [] == email("sendgrid").scopes().rows[0]["missing"]


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

    assert "email.restricted_api_key" == refused.value.code
    assert "full access" in refused.value.hint


@BOTH
def test_a_wrong_key_is_said_and_not_told(provider, email):
    """Resend answers 403 to it and SendGrid 401; both are one error."""
    with pytest.raises(Unauthenticated) as refused:
        email(provider, **{f"{provider}_api_key": "not_a_key"}).suppressions(email=JANE)

    assert "email.invalid_api_key" == refused.value.code
    assert f"PEAKOPS_{provider.upper()}_API_KEY" in refused.value.hint
    assert "not_a_key" not in f"{refused.value.says} {refused.value.hint}"


@pytest.mark.parametrize(
    ("provider", "headers", "seconds"),
    [
        ("sendgrid", {"X-RateLimit-Reset": "+40"}, 40),
        ("sendgrid", {"X-RateLimit-Reset": "1000000000"}, None),
        ("sendgrid", {"X-RateLimit-Reset": "soon"}, None),
        ("resend", {"ratelimit-reset": "7"}, 7),
        ("resend", {"ratelimit-reset": "7", "Retry-After": "3"}, 3),
        ("resend", {"ratelimit-reset": "99999999"}, None),
    ],
)
def test_how_long_to_wait_is_read_from_either_header(provider, headers, seconds, played):
    """SendGrid names the moment, Resend the seconds; what no clock has is not believed."""
    at_40 = {name: f"{time.time() + 40:.0f}" if value == "+40" else value for name, value in headers.items()}
    with pytest.raises(RateLimited) as refused:
        at(provider, played(Reply(429, headers=at_40)), seconds=0.6).domains()

    assert "email.rate_limited" == refused.value.code
    assert pytest.approx(seconds, abs=2) == refused.value.retry_after_s


@pytest.mark.parametrize(
    ("provider", "status", "body", "error", "code"),
    [
        (
            "sendgrid",
            401,
            {"errors": [{"message": "Maximum credits exceeded"}]},
            RateLimited,
            "maximum_credits_exceeded",
        ),
        (
            "sendgrid",
            403,
            {"errors": [{"message": "Maximum credits exceeded"}]},
            RateLimited,
            "maximum_credits_exceeded",
        ),
        ("sendgrid", 403, {"errors": [{"message": "access forbidden"}]}, Denied, "permission_denied"),
        (
            *("sendgrid", 403),
            {"errors": [{"message": "The from address does not match a verified Sender Identity.", "field": "from"}]},
            *(Denied, "sender_unverified"),
        ),
        ("resend", 429, {"name": "daily_quota_exceeded"}, RateLimited, "daily_quota_exceeded"),
        ("resend", 429, {"name": "monthly_quota_exceeded"}, RateLimited, "monthly_quota_exceeded"),
        ("resend", 403, {"name": "validation_error", "message": f"no {JANE}"}, Denied, "validation_error"),
        ("resend", 401, {"name": "missing_api_key"}, Unauthenticated, "missing_api_key"),
        ("resend", 422, {"name": "validation_error", "message": f"no {JANE}"}, Unreachable, "refused"),
        ("resend", 422, {"name": f"no {JANE}"}, Unreachable, "refused"),
        ("resend", 500, {"name": "application_error"}, Unreachable, "failed"),
        ("sendgrid", 401, {"errors": "nothing"}, Unauthenticated, "invalid_api_key"),
        ("sendgrid", 403, [], Denied, "permission_denied"),
    ],
)
def test_what_a_provider_refuses_has_its_word(provider, status, body, error, code, played):
    """A bad key, a right that is missing, a sender and a quota are told apart; no sentence of theirs is repeated."""
    with pytest.raises(error) as refused:
        at(provider, played(Reply(status, body=body)), seconds=0.6).quota()

    assert f"email.{code}" == refused.value.code
    assert JANE not in f"{refused.value.says} {refused.value.hint}"


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


KINDS = ("key", "scope", "quota", "rate", "domain", "address", "returned", "content", "down", "other")


def test_every_code_of_the_table_says_whose_matter_it_is():
    """What it means, and what to do; the codes that a portal stores when nobody answers are there too."""
    codes = words("email")["codes"]

    assert {} == {code: row for code, row in codes.items() if {"kind", "means", "do"} != set(row)}
    assert set(KINDS) == {row["kind"] for row in codes.values()}
    assert {"401", "403", "413", "429", "500", "502", "503", "timeout", "ETIMEDOUT", "ECONNRESET"} <= set(codes)


@pytest.mark.parametrize("code", sorted(each for each in words("email")["codes"] if "." in each))
def test_the_table_and_the_client_agree_on_what_is_for_good(code):
    """A code that is about the address is so in both."""
    assert ("address" == words("email")["codes"][code]["kind"]) is (hard(code) is True)
