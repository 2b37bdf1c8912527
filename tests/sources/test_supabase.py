"""The Supabase client against the sandbox's GoTrue over real auth tables, and against answers that are wrong."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from peakops import sandbox
from peakops.errors import Denied, NotConfigured, NotFound, RateLimited, TimedOut, Unauthenticated, Unreachable
from peakops.settings import Settings
from peakops.sources.http_errors import Answer
from peakops.sources.supabase import DEFAULTS, Supabase
from peakops.sources.supabase_calls import ref_of
from peakops.sources.supabase_errors import refusal
from peakops.sources.supabase_keys import expiry_of_key, kind_of_key, sent_as

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
JANE, NEW, NOBODY = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 9))
WORLD = {
    "says": "An account that can log in, and one that is not confirmed.",
    "now": "2026-11-20T15:00:00Z",
    "tables": {
        "auth.users": [
            {
                "id": JANE,
                "email": "jane@smilecare.example",
                "encrypted_password": "canary_hash",
                "recovery_token": "canary_recovery",
                "email_confirmed_at": "-3d",
                "banned_until": "+1d",
                "created_at": "-9d",
                "raw_app_meta_data": {"provider": "email", "providers": ["email"]},
                "raw_user_meta_data": {"full_name": "Jane Doe"},
            },
            {"id": NEW, "email": "new+x@smilecare.example", "confirmation_sent_at": "-2h", "created_at": "-1d"},
        ],
        "auth.mfa_factors": [
            {
                "id": "00000000-0000-4000-8000-0000000000f1",
                "user_id": JANE,
                "factor_type": "totp",
                "status": "verified",
                "friendly_name": "Jane's phone",
                "secret": "canary_secret",
                "created_at": "-2d",
                "updated_at": "-2d",
                "last_challenged_at": "-1h",
            }
        ],
    },
    "supabase": {"config": {"rate_limit_email_sent": 100, "jwt_exp": 900}},
}


def token(**claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJl"


SERVICE = token(role="service_role", exp=1983812996)
ANON = token(role="anon", exp=1983812996)


@pytest.fixture
def supabase(load):
    """A client of the world, with changes of the world and of the settings."""

    def client(*, faults=(), seconds=10.0, world=WORLD, **given):
        box = load(world, faults=[{"vendor": "supabase", **each} for each in faults])
        settings = {
            "supabase_url": box.vendor_url("supabase"),
            "supabase_key": box.supabase_key,
            "supabase_management_url": box.vendor_url("supabase"),
            **given,
        }
        return Supabase(Settings(**settings), deadline=time.monotonic() + seconds)

    return client


def at(server, **given):
    """A client of a server that plays its own part."""
    given = {"supabase_key": "sb_secret_canary00000000000000000000000", **given}
    settings = Settings(supabase_url=server.url, supabase_management_url=server.url, **given)
    return Supabase(settings, deadline=time.monotonic() + 3)


def test_health_says_what_answers(supabase):
    """Name and version, and the request by which Supabase's support finds it."""
    brought = supabase().health()

    assert brought.single
    assert "GoTrue" == brought.rows[0]["name"]
    assert brought.rows[0]["version"].startswith("v2.")
    assert 1 == len(brought.request_ids)


def test_settings_say_how_people_log_in(supabase):
    """The ways that are on, by name, and whether an address needs to be confirmed."""
    (row,) = supabase().settings().rows

    assert {
        "email_enabled": True,
        "disable_signup": False,
        "autoconfirm": False,
        "saml_enabled": False,
        "providers": ["email"],
    } == row


def test_limits_are_the_projects_where_a_token_reads_them(supabase):
    """With a token the Management API is asked."""
    (row,) = supabase(supabase_token=sandbox.Sandbox.supabase_token).limits().rows

    assert {**DEFAULTS, "rate_limit_email_sent": 100, "jwt_exp": 900, "known_by": "project"} == row


def test_limits_without_a_token_are_said_to_be_defaults(supabase):
    """Without a token nobody is asked, and the note says what that means for mails."""
    brought = supabase().limits()

    assert {**DEFAULTS, "known_by": "defaults"} == brought.rows[0]
    assert "PEAKOPS_SUPABASE_TOKEN" in brought.notes[0]
    assert "only 2 an hour" in brought.notes[0]


def test_a_limit_that_nobody_set_is_the_default(played):
    """The Management API writes null for it; the token goes to the Management API and the key does not."""
    server = played(Reply(body={**DEFAULTS, "smtp_max_frequency": None, "jwt_exp": 60}))
    (row,) = at(server, supabase_token="sbp_x").limits().rows

    assert (60, 60) == (row["smtp_max_frequency"], row["jwt_exp"])
    assert "Bearer sbp_x" == server.asked[0].headers["authorization"]
    assert "apikey" not in server.asked[0].headers
    assert "/v1/projects/local/config/auth" == server.asked[0].path


def test_limits_need_no_key(played):
    """The token reads them, and without a token nobody is asked: a key is not missed."""
    server = played(Reply(body={**DEFAULTS, "jwt_exp": 60}))

    assert 60 == at(server, supabase_key=None, supabase_token="sbp_x").limits().rows[0]["jwt_exp"]
    assert "defaults" == at(server, supabase_key=None).limits().rows[0]["known_by"]
    assert 1 == len(server.asked)


def test_limits_without_an_address_are_not_configured():
    """It is the address that tells which project the token is asked for."""
    with pytest.raises(NotConfigured) as refused:
        Supabase(Settings(supabase_token="sbp_x"), deadline=time.monotonic() + 1).limits()

    assert "supabase.not_configured" == refused.value.code
    assert "PEAKOPS_SUPABASE_URL and PEAKOPS_SUPABASE_TOKEN" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in DEFAULTS for value in (-1, 10**30, True, "60", [60], float("inf"), float("nan"))),
        ("mailer_otp_exp", 30 * 86400 + 1),
        ("rate_limit_email_sent", 10_000_001),
    ],
)
def test_a_limit_that_no_project_has_cannot_be_read(name, value, played):
    """What is reckoned with it is a time or a number of mails."""
    with pytest.raises(Unreachable) as refused:
        at(played(Reply(body={**DEFAULTS, name: value})), supabase_token="sbp_x").limits()

    assert "supabase.unreadable" == refused.value.code


@pytest.mark.parametrize("value", [0, 30 * 86400, 90.0])
def test_a_limit_that_a_project_may_have_is_read(value, played):
    """From none at all to thirty days, and as a whole number."""
    (row,) = at(played(Reply(body={**DEFAULTS, "mailer_otp_exp": value})), supabase_token="sbp_x").limits().rows

    assert (int(value), int) == (row["mailer_otp_exp"], type(row["mailer_otp_exp"]))


def test_limits_that_hang_hold_nothing_up(played):
    """They end after five seconds, however much time there is."""
    server = played(Reply(after_s=30))
    given = {"supabase_url": server.url, "supabase_management_url": server.url, "supabase_token": "sbp_x"}
    start = time.monotonic()
    with pytest.raises(TimedOut):
        Supabase(Settings(**given), deadline=time.monotonic() + 60).limits()

    assert 2 < time.monotonic() - start < 5.5


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(401, Unauthenticated, "supabase.invalid_key"), (404, NotFound, "supabase.no_project")],
)
def test_a_token_that_does_not_read_the_project_is_told(status, error, code, played):
    """The error names the token's setting, not the key's; defaults do not take its place."""
    with pytest.raises(error) as refused:
        at(played(Reply(status)), supabase_token="sbp_x").limits()

    assert code == refused.value.code
    assert "PEAKOPS_SUPABASE_TOKEN" in refused.value.hint


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("https://abcdefghijklmnopqrst.supabase.co", "abcdefghijklmnopqrst"),
        ("http://127.0.0.1:8000/supabase", "local"),
        ("https://auth.smilecare.example", "local"),
    ],
)
def test_the_ref_is_the_projects_name_in_its_address(url, ref):
    """Another address does not tell it."""
    assert ref == ref_of(url)


def test_an_account_is_the_chosen_fields(supabase):
    """Times are UTC; no password, no token, no name."""
    brought = supabase().user(id=JANE)
    (row,) = brought.rows

    assert brought.single
    assert ("jane@smilecare.example", ["email"]) == (row["email"], row["providers"])
    assert (NOW - timedelta(days=3), NOW + timedelta(days=1)) == (row["email_confirmed_at"], row["banned_until"])
    assert row["invited_at"] is None
    assert not [each for each in ("canary", "Jane Doe") if each in str(brought)]


def test_an_account_that_is_not_there_is_no_row(supabase):
    """GoTrue says by name that it has none; that is an answer."""
    brought = supabase().user(id=NOBODY)

    assert ((), True) == (brought.rows, brought.single)


def test_a_404_that_is_not_gotrues_is_no_answer(played):
    """A wrong address has no accounts either; it must not look like a person who does not exist."""
    with pytest.raises(NotFound) as refused:
        at(played(Reply(404, body={"message": "no Route matched with those values"}))).user(id=JANE)

    assert "supabase.not_found" == refused.value.code
    assert "PEAKOPS_SUPABASE_URL" in refused.value.hint


@pytest.mark.parametrize(
    "body",
    [{}, {"id": NEW}, {"id": 7}, {"id": JANE, "created_at": "soon"}, {"id": JANE, "banned_until": True}, [], None],
)
def test_an_account_that_is_none_cannot_be_read(body, played):
    """An answer about somebody else, or without an id, or with times that are none, is unreadable."""
    with pytest.raises(Unreachable) as refused:
        at(played(Reply(body=body))).user(id=JANE)

    assert "supabase.unreadable" == refused.value.code


def test_accounts_are_found_by_a_part_of_their_address(supabase):
    """The filter is GoTrue's: letters as they are written."""
    client = supabase()

    assert {JANE, NEW} == {row["id"] for row in client.users(filter="@smilecare").rows}
    assert [NEW] == [row["id"] for row in client.users(filter="new+x@").rows]
    assert () == client.users(filter="JANE@").rows
    assert [JANE] == [row["id"] for row in client.users(filter="jane doe").rows]


def page_of(numbers):
    return [{"id": f"user-{number}"} for number in numbers]


def test_accounts_are_paged(played):
    """All pages are read, by what GoTrue says that there are: it may give fewer to a page than were asked for."""
    total = {"X-Total-Count": "3"}
    server = played(
        Reply(body={"users": page_of([1, 2])}, headers=total), Reply(body={"users": page_of([3])}, headers=total)
    )
    brought = at(server).users(filter="a&b=c")

    assert ["user-1", "user-2", "user-3"] == [row["id"] for row in brought.rows]
    assert () == brought.notes
    assert "/auth/v1/admin/users?page=2&per_page=200&filter=a%26b%3Dc" == server.asked[1].path


def test_too_many_accounts_are_cut_and_said(played):
    """After five pages it ends with a note."""
    server = played(Reply(body={"users": page_of([1])}, headers={"X-Total-Count": "9000"}))
    brought = at(server).users(filter="a")

    assert 5 == len(server.asked)
    assert ("Only the first 5 of 9000 accounts were read.",) == brought.notes


def test_factors_are_the_chosen_fields(supabase):
    """Kind, state and times; neither the secret nor the name that the person gave it."""
    brought = supabase().factors(user=JANE)

    assert ["totp", "verified"] == [brought.rows[0][name] for name in ("factor_type", "status")]
    assert NOW - timedelta(hours=1) == brought.rows[0]["last_challenged_at"]
    assert not [each for each in ("canary", "Jane") if each in str(brought)]


@pytest.mark.parametrize("given", [{"supabase_url": None}, {"supabase_key": None}, {"supabase_key": ""}])
@pytest.mark.parametrize(
    "look",
    [
        lambda client: client.key(),
        lambda client: client.health(),
        lambda client: client.settings(),
        lambda client: client.user(id=JANE),
    ],
)
def test_a_project_that_is_not_configured_is_said(given, look, supabase):
    """The error names what to set."""
    client = supabase(**given)
    with pytest.raises(NotConfigured) as refused:
        look(client)

    assert "supabase.not_configured" == refused.value.code
    assert "PEAKOPS_SUPABASE_URL and PEAKOPS_SUPABASE_KEY" in refused.value.hint


KEYS = {
    "secret": "sb_secret_abc",
    "publishable": "sb_publishable_abc",
    "service_role": SERVICE,
    "anon": ANON,
    "unknown": "sbp_abc",
}


@pytest.mark.parametrize(("kind", "key"), KEYS.items())
def test_the_kinds_of_keys_are_told_apart(kind, key):
    """By their beginning, or by the role in a token."""
    assert kind == kind_of_key(key)


@pytest.mark.parametrize(
    "key",
    ["", "a.b.c", "..", token(), token(role="authenticated"), token(role=["anon"]), "eyJ.W10.x", "a.Ww==.c", "ä.ö.ü"],
)
def test_what_is_no_key_is_unknown(key):
    """Whatever it is, it does not crash."""
    assert ("unknown", None) == (kind_of_key(key), expiry_of_key(key))


def test_a_legacy_key_tells_when_it_ends(supabase):
    """The key's row is what doctor shows; the key itself is not in it."""
    brought = supabase(supabase_key=ANON).key()
    ends = datetime.fromtimestamp(1983812996, UTC)

    assert {"kind": "anon", "admin": False, "legacy": True, "expires_at": ends} == brought.rows[0]
    assert ANON not in str(brought)


@pytest.mark.parametrize(("exp", "ends"), [("1700000000.5", 2023), ("1e999", None), ("NaN", None), ('"soon"', None)])
def test_a_date_may_have_fractions(exp, ends):
    """RFC 7519 allows them; what is no date is none."""
    claims = base64.urlsafe_b64encode(f'{{"role": "service_role", "exp": {exp}}}'.encode()).decode().rstrip("=")
    expires = expiry_of_key(f"eyJhbGciOiJIUzI1NiJ9.{claims}.x")

    assert ends == (expires and expires.year)


def test_only_a_legacy_key_is_a_bearer():
    """The gateway takes a bearer for a token, which a secret key is not."""
    assert {"apikey": "sb_secret_abc"} == sent_as("sb_secret_abc")
    assert {"apikey": SERVICE, "Authorization": f"Bearer {SERVICE}"} == sent_as(SERVICE)


@pytest.mark.parametrize("key", [KEYS["publishable"], KEYS["anon"], KEYS["unknown"]])
def test_accounts_need_a_secret_key(key, played):
    """The kind is said, nobody is asked, and the key is not told."""
    server = played(Reply())
    for look in (
        lambda: at(server, supabase_key=key).user(id=JANE),
        lambda: at(server, supabase_key=key).users(filter="a"),
    ):
        with pytest.raises(Denied) as refused:
            look()
        assert "supabase.not_admin" == refused.value.code
        assert "PEAKOPS_SUPABASE_KEY" in refused.value.hint
        assert key not in refused.value.says
    assert [] == server.asked


def test_a_legacy_key_reads_accounts(supabase):
    """The older kind works until Supabase ends it."""
    assert JANE == supabase(supabase_key=SERVICE).user(id=JANE).rows[0]["id"]


def test_a_wrong_key_is_said(supabase):
    """A secret key of another project is turned away by the gateway."""
    with pytest.raises(Unauthenticated) as refused:
        supabase(supabase_key="sb_secret_another000000000000000000000").health()

    assert "supabase.invalid_key" == refused.value.code
    assert "PEAKOPS_SUPABASE_KEY" in refused.value.hint


FAILURES = [
    ({"error": "not_admin"}, Denied, "supabase.not_admin"),
    ({"error": "no_authorization"}, Unauthenticated, "supabase.no_authorization"),
    ({"error": "bad_jwt"}, Unauthenticated, "supabase.bad_jwt"),
    ({"error": "over_request_rate_limit", "retry_after": 60}, RateLimited, "supabase.over_request_rate_limit"),
    ({"status": 503}, Unreachable, "supabase.unexpected_failure"),
    ({"error": "request_timeout"}, TimedOut, "supabase.request_timeout"),
    ({"body": "<html>down</html>"}, Unreachable, "supabase.unreadable"),
    ({"body": "<html>down</html>", "status": 502}, Unreachable, "supabase.failed"),
    ({"reset": True}, Unreachable, "supabase.unreachable"),
    ({"delay_s": 30}, TimedOut, "supabase.timeout"),
]


@pytest.mark.parametrize(("how", "error", "code"), FAILURES)
def test_failures_are_told_apart(how, error, code, supabase):
    """Each way to fail has its error, its code and a hint, within the time limit."""
    client = supabase(seconds=2, faults=[{"route": "GET /auth/v1/admin/users/*", **how}])
    start = time.monotonic()
    with pytest.raises(error) as refused:
        client.user(id=JANE)

    assert time.monotonic() - start < 2.5
    assert (code, "supabase") == (refused.value.code, refused.value.source)
    assert refused.value.hint


MAPPED = [
    "user_not_found",
    "email_exists",
    "user_banned",
    "email_not_confirmed",
    "invalid_credentials",
    "otp_expired",
    "over_email_send_rate_limit",
    "over_request_rate_limit",
    "validation_failed",
    "not_admin",
    "no_authorization",
    "bad_jwt",
    "session_not_found",
    "same_password",
    "weak_password",
    "email_address_invalid",
    "email_address_not_authorized",
    "signup_disabled",
    "hook_timeout",
    "unexpected_failure",
    "conflict",
    "request_timeout",
]


@pytest.mark.parametrize("code", MAPPED)
def test_every_code_has_its_words(code):
    """A sentence, a hint for each; none is left to the HTTP status."""
    answer = Answer(status=418, body={"code": code, "message": "said by GoTrue"})
    error = refusal(answer)

    assert f"supabase.{code}" == error.code
    assert error.says.endswith(".")
    assert "GoTrue" not in error.says
    assert error.hint.endswith((".", "peakops user resend-confirmation"))
    assert "Run the check again" not in error.hint


@pytest.mark.parametrize(
    ("text", "seconds", "wait"),
    [
        ("For security purposes, you can only request this after 45 seconds.", 45, "45 s"),
        ("For security purposes, you can only request this after 1 second.", 1, "1 s"),
        ("email rate limit exceeded", None, "an hour"),
    ],
)
def test_how_long_to_wait_is_read_from_the_text(text, seconds, wait):
    """GoTrue sends no Retry-After with it; the hint says how long."""
    error = refusal(Answer(status=429, body={"code": "over_email_send_rate_limit", "message": text}))

    assert seconds == error.retry_after_s
    assert RateLimited is type(error)
    assert f"Wait {wait}, then" in error.hint


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, body={"code": "not_admin", "message": "User not allowed"}),
        Reply(403, body={"code": 403, "error_code": "not_admin", "msg": "User not allowed"}),
        Reply(403, body="", headers={"x-sb-error-code": "not_admin"}),
    ],
)
def test_every_envelope_is_read(reply, played):
    """The newer error body, the older one, and the header alone."""
    with pytest.raises(Denied) as refused:
        at(played(reply)).health()

    assert "supabase.not_admin" == refused.value.code


def test_a_code_that_is_not_known_is_told(played):
    """A refusal under a new code names it, and nothing that is no code."""
    for sent, code in (("brand_new_code", "supabase.brand_new_code"), ("a b\n", "supabase.refused")):
        with pytest.raises(Exception, match="refused a request") as refused:
            at(played(Reply(422, body={"code": sent, "message": "x"}))).health()
        assert code == refused.value.code
        assert "error codes" in refused.value.hint
