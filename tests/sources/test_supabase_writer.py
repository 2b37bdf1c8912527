"""The writes at Supabase Auth against the sandbox's GoTrue: done once, compared before, and proven after."""

import time
from datetime import UTC, datetime

import pytest

from peakops import sandbox
from peakops.errors import (
    Bug,
    Changed,
    Denied,
    NotConfigured,
    NotFound,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
    Unverified,
)
from peakops.sources.supabase_writer import SupabaseWriter

from .played import Reply

SEEN, NEW, INVITED, BANNED, DELETED, SSO, PHONE, NOBODY = (
    f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 9)
)
WORLD = {
    "says": "Accounts in every state that a mail or a ban can find.",
    "now": "2026-11-20T15:00:00Z",
    "tables": {
        "auth.users": [
            {"id": SEEN, "email": "seen@smilecare.example", "email_confirmed_at": "-3d", "created_at": "-9d"},
            {"id": NEW, "email": "new@smilecare.example", "confirmation_sent_at": "-2h", "created_at": "-1d"},
            {"id": INVITED, "email": "invited@smilecare.example", "invited_at": "-2d", "created_at": "-2d"},
            {
                "id": BANNED,
                "email": "banned@smilecare.example",
                "email_confirmed_at": "-3d",
                "banned_until": "+9d",
                "created_at": "-9d",
            },
            {"id": DELETED, "email": "aGFzaA", "deleted_at": "-1d", "created_at": "-9d"},
            {"id": SSO, "email": "sso@smilecare.example", "is_sso_user": True, "created_at": "-9d"},
            {"id": PHONE, "phone": "15550100", "created_at": "-9d"},
        ]
    },
}
HOURS_AGO = "2026-11-20T13:00:00+00:00"
DAYS_AGO = "2026-11-18T15:00:00+00:00"
NOW = "2026-11-20T15:00:00Z"
UNTIL = "2026-11-29T15:00:00+00:00"
PLAN = {"plan": "abc", "key": "peakops-abc-1-0"}
KEY = "sb_secret_canary00000000000000000000000"


@pytest.fixture
def writer(load):
    """A writer of the world, with faults."""

    def writer(*, faults=(), seconds=10.0, key=None, **changes):
        box = load({**WORLD, **changes}, faults=[{"vendor": "supabase", **each} for each in faults])
        url = box.vendor_url("supabase")
        return SupabaseWriter(key or box.supabase_key, url=url, deadline=time.monotonic() + seconds)

    return writer


@pytest.fixture
def account(state):
    """An account as it is in the database now."""

    def account(user):
        return next(each for each in sandbox.dump(state / "peakops")["tables"]["auth.users"] if each["id"] == user)

    return account


@pytest.fixture
def sent(state):
    """The writes that the sandbox has seen, as paths."""
    return lambda: [each["path"] for each in sandbox.requests(state / "peakops") if each["method"] != "GET"]


def at(server, seconds=3.0):
    return SupabaseWriter(KEY, url=server.url, deadline=time.monotonic() + seconds)


MAILS = [
    ("resend", NEW, HOURS_AGO, "confirmation_sent_at", "/auth/v1/resend"),
    ("recover", SEEN, "", "recovery_sent_at", "/auth/v1/recover"),
    ("invite", NEW, HOURS_AGO, "invited_at", "/auth/v1/invite"),
    ("invite", INVITED, DAYS_AGO, "invited_at", "/auth/v1/invite"),
    ("invite", INVITED, "", "confirmation_sent_at", "/auth/v1/invite"),
]


@pytest.mark.parametrize(("call", "user", "was", "mark", "path"), MAILS)
def test_a_mail_is_sent_once(call, user, was, mark, path, writer, account, sent):
    """The time in the account proves it; the same plan again finds that it was sent and sends none."""
    write = getattr(writer(), call)
    made = write(user=user, was_sent_at=was, **PLAN)
    again = write(user=user, was_sent_at=was, **PLAN)

    when = f"sent {NOW.replace('Z', '+00:00')}"

    assert {"id": user, "status": when, "already": False} == made
    assert {"id": user, "status": when, "already": True} == again
    assert NOW == account(user)[mark].replace("+00:00", "Z")
    assert [path] == sent()


def test_a_mail_whose_answer_was_lost_is_not_sent_again(writer, sent):
    """It is carried out and the connection breaks: the plan that is run again finds the mail."""
    write = writer(faults=[{"route": "POST /auth/v1/resend", "after_effect": "drop_connection", "times": 1}]).resend
    with pytest.raises(Unreachable):
        write(user=NEW, was_sent_at=HOURS_AGO, **PLAN)

    assert write(user=NEW, was_sent_at=HOURS_AGO, **PLAN)["already"]
    assert ["/auth/v1/resend"] == sent()


def test_a_mail_that_somebody_else_sent_is_one(writer, sent):
    """A time that is not the one that was seen means that a mail has gone out since."""
    assert writer().resend(user=NEW, was_sent_at=DAYS_AGO, **PLAN)["already"]
    assert [] == sent()


@pytest.mark.parametrize("call", ["resend", "invite"])
def test_a_confirmed_account_needs_no_confirmation(call, writer, sent):
    """Who confirmed between the look and the write is left alone."""
    with pytest.raises(Changed, match="confirmed by now") as refused:
        getattr(writer(), call)(user=SEEN, was_sent_at="", **PLAN)

    assert refused.value.nothing_done
    assert [] == sent()


@pytest.mark.parametrize("call", ["resend", "recover", "invite"])
@pytest.mark.parametrize(("user", "error"), [(DELETED, Changed), (PHONE, Refused), (NOBODY, NotFound)])
def test_nobody_is_written_to_who_cannot_be(call, user, error, writer, sent):
    """A deleted account, one without an address, and none at all."""
    with pytest.raises(error) as refused:
        getattr(writer(), call)(user=user, was_sent_at="", **PLAN)

    assert refused.value.nothing_done
    assert [] == sent()


def test_a_200_is_no_proof(writer):
    """GoTrue answers well for an account of single sign-on, and sends nothing."""
    with pytest.raises(Unverified) as wrong:
        writer().recover(user=SSO, was_sent_at="", **PLAN)

    assert "supabase.not_sent" == wrong.value.code
    assert "mail settings and limits" in wrong.value.hint


def test_a_proof_that_comes_late_is_one(played):
    """A replica may show the old account for a moment."""
    before = Reply(body={"id": NEW, "email": "new@smilecare.example"})
    after = Reply(body={"id": NEW, "email": "new@smilecare.example", "recovery_sent_at": NOW})
    server = played(before, Reply(), before, after)

    assert not at(server).recover(user=NEW, was_sent_at="", **PLAN)["already"]
    assert ["GET", "POST", "GET", "GET"] == [each.method for each in server.asked]


def test_times_are_one_to_the_second(played):
    """A plan's time without fractions is the account's with them."""
    body = {"id": NEW, "email": "new@smilecare.example"}
    before = Reply(body={**body, "confirmation_sent_at": "2026-11-20T13:00:00.123456Z"})
    after = Reply(body={**body, "confirmation_sent_at": NOW})

    assert not at(played(before, Reply(), after)).resend(user=NEW, was_sent_at=HOURS_AGO, **PLAN)["already"]


def test_the_address_is_gotrues_own(played):
    """What is sent names the address that the account has now; no redirect, no data."""
    account = {"id": NEW, "email": "new@smilecare.example"}
    server = played(Reply(body=account), Reply(), Reply(body={**account, "confirmation_sent_at": NOW}))
    at(server).resend(user=NEW, was_sent_at="", **PLAN)

    assert {"type": "signup", "email": "new@smilecare.example"} == server.asked[1].body


def test_a_second_mail_within_a_minute_is_refused(writer, sent):
    """The refusal says how long to wait, and is not tried again by itself."""
    write = writer().recover
    write(user=SEEN, was_sent_at="", **PLAN)
    with pytest.raises(RateLimited) as refused:
        write(user=SEEN, was_sent_at=NOW, **PLAN)

    assert ("supabase.over_email_send_rate_limit", 429) == (refused.value.code, refused.value.http_status)
    assert 60 == refused.value.retry_after_s
    assert "60 s" in str(refused.value)
    assert 2 == len(sent())


def test_the_projects_limit_names_no_time(writer):
    """Too many mails in the hour: GoTrue does not say when it is over."""
    with pytest.raises(RateLimited) as refused:
        writer(supabase={"config": {"rate_limit_email_sent": 0}}).recover(user=SEEN, was_sent_at="", **PLAN)

    assert refused.value.retry_after_s is None


def test_an_address_that_confirmed_meanwhile_is_not_invited(played):
    """GoTrue refuses with email_exists what the look could not see yet."""
    server = played(
        Reply(body={"id": NEW, "email": "new@smilecare.example"}), Reply(422, body={"code": "email_exists"})
    )
    with pytest.raises(Refused) as refused:
        at(server).invite(user=NEW, was_sent_at="", **PLAN)

    assert "supabase.email_exists" == refused.value.code


def test_a_ban_is_lifted_once(writer, account, sent):
    """It is read back; the second time there is nothing left to do."""
    write = writer().unban
    made = write(user=BANNED, was_banned_until=UNTIL, **PLAN)
    again = write(user=BANNED, was_banned_until=UNTIL, **PLAN)

    assert {"id": BANNED, "status": "unbanned", "already": False} == made
    assert again["already"]
    assert not account(BANNED).get("banned_until")
    assert [f"/auth/v1/admin/users/{BANNED}"] == sent()


def test_another_ban_than_was_seen_stays(writer, account, sent):
    """Somebody banned the account anew: that is not what was confirmed."""
    with pytest.raises(Changed) as refused:
        writer().unban(user=BANNED, was_banned_until=HOURS_AGO, **PLAN)

    assert refused.value.nothing_done
    assert account(BANNED)["banned_until"]
    assert [] == sent()


def test_a_ban_that_stays_is_told(played):
    """A good answer is no proof."""
    server = played(Reply(body={"id": BANNED, "banned_until": UNTIL}))
    with pytest.raises(Unverified) as wrong:
        at(server).unban(user=BANNED, was_banned_until=UNTIL, **PLAN)

    assert "supabase.still_banned" == wrong.value.code
    assert "dashboard" in wrong.value.hint
    assert {"ban_duration": "none"} == server.asked[1].body


BAN = {"was_banned_until": "", "until": ""}


def test_an_account_is_banned_once(writer, account, sent):
    """For a hundred years, which is read back; the second time there is nothing left to do; no session ends by it."""
    write = writer().ban
    made, again = write(user=SEEN, **BAN, **PLAN), write(user=SEEN, **BAN, **PLAN)

    assert {"id": SEEN, "status": "banned", "already": False} == made
    assert again["already"]
    assert account(SEEN)["banned_until"].startswith("2126-10-27")
    assert [f"/auth/v1/admin/users/{SEEN}"] == sent()


def test_a_ban_for_days_becomes_one_for_good_and_back(writer, account):
    """What was recorded before is what is put back, to the minute; the clock is the one that the writer was given."""
    writing = writer()
    writing._now = lambda: datetime(2026, 11, 20, 15, tzinfo=UTC)
    writing.ban(user=BANNED, was_banned_until=UNTIL, until="", **PLAN)
    for_good = account(BANNED)["banned_until"]
    back = writing.ban(user=BANNED, was_banned_until=for_good, until=UNTIL, **PLAN)

    assert ("2126-10-27T15:00:00Z", False) == (for_good, back["already"])
    assert "2026-11-29T15:00:00Z" == account(BANNED)["banned_until"]


def test_no_ban_is_made_over_one_that_was_not_seen(writer, account, sent):
    """Somebody banned the account meanwhile: that is not what was recorded as the state before."""
    with pytest.raises(Changed) as refused:
        writer().ban(user=BANNED, **BAN, **PLAN)

    assert refused.value.nothing_done
    assert "2026-11-29T15:00:00Z" == account(BANNED)["banned_until"]
    assert [] == sent()


def test_a_ban_that_does_not_show_is_told(played):
    """A good answer is no proof: nobody is called banned who can log in."""
    server = played(Reply(body={"id": SEEN}))
    with pytest.raises(Unverified) as wrong:
        at(server).ban(user=SEEN, **BAN, **PLAN)

    assert "supabase.not_banned" == wrong.value.code
    assert {"ban_duration": "876000h"} == server.asked[1].body


def test_a_password_that_nobody_knows(played):
    """It is another one each time, of all kinds of characters, 72 at most, and in nothing that is handed back."""
    server = played(Reply(body={"id": SEEN}))
    made = [at(server).shut(user=SEEN, **PLAN) for _ in range(2)]
    given = [each.body["password"] for each in server.asked]

    assert [{"id": SEEN, "status": "password replaced", "already": False}] * 2 == made
    assert 2 == len(set(given))
    assert all(40 <= len(each) <= 72 and each.startswith("aA1!") for each in given)


def test_a_link_is_handed_over(writer):
    """With the account's id; it sends no mail."""
    made = writer().generate_link(type="recovery", email="seen@smilecare.example", **PLAN)

    assert (SEEN, "made", False) == (made["id"], made["status"], made["already"])
    assert "token=" in made["link"]


def test_a_link_for_nobody_is_not_made(writer):
    """A recovery link makes no account."""
    with pytest.raises(NotFound):
        writer().generate_link(type="recovery", email="nobody@smilecare.example", **PLAN)


@pytest.mark.parametrize(
    ("how", "error", "certain"),
    [
        ({"status": 500}, Unreachable, False),
        ({"error": "request_timeout"}, TimedOut, False),
        ({"error": "hook_timeout"}, TimedOut, False),
        ({"error": "over_email_send_rate_limit"}, RateLimited, True),
        ({"error": "email_address_not_authorized"}, Refused, True),
        ({"error": "validation_failed"}, Refused, True),
        ({"error": "captcha_failed"}, Refused, True),
        ({"error": "not_admin"}, Denied, True),
        ({"error": "conflict"}, Changed, False),
        ({"body": "<html>"}, Unreachable, False),
        ({"reset": True}, Unreachable, False),
        ({"delay_s": 30}, TimedOut, False),
    ],
)
def test_a_write_that_fails_is_sent_once(how, error, certain, writer, sent):
    """Only what says for certain that nothing was done is a refusal; no failure is followed by a second mail."""
    write = writer(seconds=2, faults=[{"route": "POST /auth/v1/recover", **how}]).recover
    with pytest.raises(error) as wrong:
        write(user=SEEN, was_sent_at="", **PLAN)

    assert certain is wrong.value.nothing_done
    assert wrong.value.hint
    assert wrong.value.code.startswith(("supabase.", "fix."))
    assert 1 >= len(sent())


NEWCOMER, BANISHED = {"id": NEW, "email": "new@smilecare.example"}, {"id": BANNED, "banned_until": UNTIL}
TWO_STEPS = [
    (NEWCOMER, "recover", {"user": NEW, "was_sent_at": ""}, "to send the mail"),
    (BANISHED, "unban", {"user": BANNED, "was_banned_until": UNTIL}, "to lift the ban"),
    ({"id": SEEN}, "ban", {"user": SEEN, **BAN}, "to ban the account"),
]
FAILED_LOOKS = [
    Reply(401),
    Reply(403, body={"code": "not_admin"}),
    Reply(404, body={"code": "user_not_found"}),
    Reply(404),
    Reply(422, body={"code": "validation_failed"}),
    Reply(429, headers={"Retry-After": "60"}),
    Reply(503),
    Reply(body="<html>"),
    Reply(body={"id": NOBODY}),
    Reply(reset=True),
    Reply(after_s=30),
]


@pytest.mark.parametrize("reply", FAILED_LOOKS)
@pytest.mark.parametrize(("account", "call", "given", "what"), TWO_STEPS)
def test_what_cannot_be_read_back_is_not_verified(account, call, given, what, reply, played):
    """Once the write is answered well, no refusal of the look afterwards says that nothing was done."""
    server = played(Reply(body=account), Reply(), reply)
    with pytest.raises(Unverified) as wrong:
        getattr(at(server, seconds=1.5), call)(**given, **PLAN)

    assert ("supabase.unread", "supabase", False) == (wrong.value.code, wrong.value.source, wrong.value.nothing_done)
    assert f"took the request {what}, and what came of it could not be read back: " in wrong.value.says
    assert "Run the same command again" in wrong.value.hint
    assert 1 == len([each for each in server.asked if each.method != "GET"])


@pytest.mark.parametrize("reply", FAILED_LOOKS)
@pytest.mark.parametrize(("account", "call", "given", "what"), TWO_STEPS)
def test_what_cannot_be_read_before_is_not_done(account, call, given, what, reply, played):
    """The same errors before the write say for certain that nothing was done."""
    server = played(reply)
    with pytest.raises(PeakopsError) as wrong:
        getattr(at(server, seconds=1.5), call)(**given, **PLAN)

    assert wrong.value.nothing_done
    assert {"GET"} == {each.method for each in server.asked}


def test_a_link_that_cannot_be_read_is_made(played):
    """The earlier links are over by then."""
    with pytest.raises(Unverified) as wrong:
        at(played(Reply(body={"id": NEW}))).generate_link(type="recovery", email="new@smilecare.example", **PLAN)

    assert "supabase.unread" == wrong.value.code
    assert "to make a link" in wrong.value.says


def test_a_link_of_another_kind_is_not_made():
    """A mistake of ours, found before anybody is asked."""
    writer = SupabaseWriter(KEY, url="https://abc.supabase.co", deadline=time.monotonic() + 1)
    with pytest.raises(Bug) as wrong:
        writer.generate_link(type="login", email="new@smilecare.example", **PLAN)

    assert wrong.value.nothing_done


@pytest.mark.parametrize(
    ("key", "error", "code"),
    [
        (None, NotConfigured, "supabase.no_write_key"),
        ("", NotConfigured, "supabase.no_write_key"),
        ("sb_publishable_canary0000000000000000000", Denied, "supabase.not_admin"),
        ("something_else", Denied, "supabase.not_admin"),
    ],
)
def test_only_a_secret_key_writes(key, error, code):
    """The error names the setting, and never the key."""
    with pytest.raises(error) as refused:
        SupabaseWriter(key, url="https://abc.supabase.co", deadline=time.monotonic() + 1)

    assert (code, True) == (refused.value.code, refused.value.nothing_done)
    assert "PEAKOPS_SUPABASE_WRITE_KEY" in refused.value.says
    assert not key or key not in refused.value.says


def test_no_error_and_no_result_holds_a_secret(writer):
    """Neither the key nor a token of the database is in what the writes return or raise."""
    write, told = writer(), []
    for call, given in [
        ("recover", {"user": SEEN, "was_sent_at": ""}),
        ("recover", {"user": SEEN, "was_sent_at": NOW}),
        ("invite", {"user": SEEN, "was_sent_at": ""}),
        ("recover", {"user": SSO, "was_sent_at": ""}),
    ]:
        try:
            told.append(str(getattr(write, call)(**given, **PLAN)))
        except PeakopsError as wrong:
            told.append(f"{wrong!r} {wrong.says} {wrong.hint}")

    assert 4 == len(told)
    assert not [each for each in told if "canary" in each or "sb_secret" in each.replace("(sb_secret_…", "")]
