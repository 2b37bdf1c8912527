"""Supabase Auth as the sandbox plays it: real auth tables behind it, and the silences of the real one."""

import base64
import http.client
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from conftest import NOW, rows, world

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox.vendors.supabase import durations
from peakops.sandbox.vendors.supabase.keys import PUBLISHABLE, SECRET

AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANN, BOB, CY, SSO, OTHER = (f"00000000-0000-0000-0000-0000000000{n}" for n in ("a1", "b1", "c1", "d1", "e1"))
FACTOR = "00000000-0000-0000-0000-0000000000f1"
USERS = "/auth/v1/admin/users"
TABLES = {
    "auth.users": [
        {"id": ANN, "email": "ann@smile.example", "email_confirmed_at": "-9d", "created_at": "-10d",
         "encrypted_password": "canary_hash", "raw_user_meta_data": {"full_name": "Ann Able", "x": 1}},
        {"id": BOB, "email": "bob@smile.example", "confirmation_sent_at": "-1h", "created_at": "-8d"},
        {"id": CY, "email": "cy@smile.example", "email_confirmed_at": "-2d", "created_at": "-6d",
         "recovery_sent_at": "-20s", "email_change": "cyril@smile.example"},
        {"id": SSO, "email": "sso@smile.example", "is_sso_user": True, "created_at": "-5d"},
        {"id": OTHER, "email": "other@smile.example", "aud": "elsewhere", "created_at": "-4d"},
    ],
    "auth.identities": [
        {"provider_id": ANN, "user_id": ANN, "provider": "email", "identity_data": {"email": "ann@smile.example"}}
    ],
    "auth.sessions": [{"id": ANN, "user_id": ANN, "aal": "aal2", "factor_id": FACTOR}],
    "auth.mfa_factors": [
        {"id": FACTOR, "user_id": ANN, "factor_type": "totp", "status": "verified", "secret": "canary_secret",
         "created_at": "-9d", "updated_at": "-9d", "last_challenged_at": "-1d"}
    ],
    "auth.one_time_tokens": [
        {"id": ANN, "user_id": ANN, "token_type": "recovery_token", "token_hash": "canary_old", "relates_to": "ann"}
    ],
}  # fmt: skip
BEARER = {"apikey": SECRET, "X-Supabase-Api-Version": "2024-01-01"}


def jwt(**claims):
    """A legacy key, or a user's token; the sandbox looks at no signature."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "signature"])


SERVICE, ANON = jwt(role="service_role"), jwt(role="anon")


class Auth:
    """A loaded world, asked as a client asks."""

    def __init__(self, box):
        self.box = box

    def ask(self, method, path, body=None, headers=BEARER):
        connection = http.client.HTTPConnection(self.box.http.removeprefix("http://"), timeout=10)
        connection.request(method, f"/supabase{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        kind = answer.headers["Content-Type"]
        return answer.status, json.loads(text) if kind == "application/json" else text, answer.headers

    def told(self, method, path, body=None):
        """The body of an answer that is none of an error."""
        status, answer, _ = self.ask(method, path, body)
        assert 200 == status, answer
        return answer

    def refused(self, method, path, body=None, headers=BEARER):
        """Status and code of an error."""
        status, answer, _ = self.ask(method, path, body, headers)
        return status, answer.get("code", answer.get("message"))

    def row(self, statement):
        (row,) = rows(self.box.url_as("postgres"), statement)
        return row if len(row) > 1 else row[0]

    def user(self, column, user):
        return self.row(f"select {column} from auth.users where id = '{user}'")


@pytest.fixture
def auth(play):
    """A world with five users, or with other parts."""
    return lambda **parts: Auth(play(**{"tables": TABLES, **parts}))


def kept(home):
    """What the supervisor has written down of the vendor, its private keys as well."""
    (path,) = (home / "sandbox").glob("world-*/vendor-supabase.json")
    return path.read_text()


def mails(home):
    return [(mail["to"], mail["kind"]) for mail in json.loads(kept(home)).get("_mails", [])]


def test_a_recovery_mail_leaves_its_time_and_a_token(auth, home):
    """The proof of a mail is the changed time; its token is in the tables, and in nothing that is answered or kept."""
    asked = auth()
    assert {} == asked.told(
        "POST", "/auth/v1/recover?redirect_to=https://portal.example/x", {"email": "Ann@SMILE.example"}
    )
    assert AT == asked.user("recovery_sent_at", ANN)
    token = asked.user("recovery_token", ANN)
    assert token.startswith("canary_")
    assert token != "canary_old"
    assert (token, 1) == asked.row("select max(token_hash), count(*) from auth.one_time_tokens")
    assert [("ann@smile.example", "recovery")] == mails(home)
    assert token not in kept(home)
    assert "canary" not in json.dumps(asked.told("GET", f"{USERS}/{ANN}"))


@pytest.mark.parametrize("who", ["nobody@smile.example", "sso@smile.example", "other@smile.example"])
def test_nobody_hears_that_there_is_no_such_user(auth, home, who):
    """200 and {} for an address that is unknown, of single sign-on, or of another audience; and nothing happens."""
    asked = auth()
    assert {} == asked.told("POST", "/auth/v1/recover", {"email": who})
    assert {} == asked.told("POST", "/auth/v1/resend", {"type": "signup", "email": who})
    assert [] == mails(home)
    assert (0, 1) == asked.row(
        "select (select count(*) from auth.audit_log_entries), (select count(*) from auth.one_time_tokens)"
    )


def test_a_confirmed_user_gets_no_confirmation(auth, home):
    """200 and {}, and the time stays as it is."""
    asked = auth()
    assert {} == asked.told("POST", "/auth/v1/resend", {"type": "signup", "email": "ann@smile.example"})
    assert (None, []) == (asked.user("confirmation_sent_at", ANN), mails(home))


def test_an_unconfirmed_user_gets_one(auth, home):
    """The confirmation is sent again, and so is the mail of a change of address."""
    asked = auth()
    asked.told("POST", "/auth/v1/resend", {"type": "signup", "email": "bob@smile.example"})
    asked.told("POST", "/auth/v1/resend", {"type": "email_change", "email": "cy@smile.example"})
    assert (AT, AT) == (asked.user("confirmation_sent_at", BOB), asked.user("email_change_sent_at", CY))
    assert [("bob@smile.example", "signup"), ("cyril@smile.example", "email_change")] == mails(home)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"type": "invite"}, "Missing one of these types: signup, email_change, sms, phone_change"),
        ({"type": "signup"}, "Type provided requires an email address"),
        ({"type": "sms", "phone": "15550100"}, "Phone logins are disabled"),
        ({"type": "email_change"}, "Missing email address or phone number"),
        ({"type": "signup", "email": "no address"}, "Unable to validate email address: invalid format"),
        ({"type": "signup", "email": '"quoted"@smile.example'}, "Unable to validate email address: invalid format"),
        ({"type": "signup", "email": 7}, "Could not parse request body as JSON: email is no string"),
    ],
)  # fmt: skip
def test_a_resend_that_makes_no_sense(auth, body, says):
    """There is no type `invite`; what is refused is refused with 400 and a sentence."""
    status, answer, _ = auth().ask("POST", "/auth/v1/resend", body)
    assert (400, says) == (status, answer["message"])


def test_one_mail_a_minute_to_one_user(auth, home):
    """A second mail within `smtp_max_frequency` is 429, says the seconds that are left, and leaves nothing behind."""
    asked = auth()
    before = asked.user("recovery_token", CY)
    status, answer, headers = asked.ask("POST", "/auth/v1/recover", {"email": "cy@smile.example"})
    says = "For security purposes, you can only request this after 40 seconds."
    assert (429, "over_email_send_rate_limit", says) == (status, answer["code"], answer["message"])
    assert "over_email_send_rate_limit" == headers["x-sb-error-code"]
    assert (before, AT - timedelta(seconds=20)) == asked.user("recovery_token, recovery_sent_at", CY)
    assert (0, []) == (asked.row("select count(*) from auth.audit_log_entries"), mails(home))
    asked.box = sandbox.clock(home, 40)
    asked.told("POST", "/auth/v1/recover", {"email": "cy@smile.example"})
    assert [("cy@smile.example", "recovery")] == mails(home)


def test_so_many_mails_an_hour(auth, home):
    """The project's limit counts what this sandbox sent within the last hour; links are not mails."""
    asked = auth(supabase={"config": {"rate_limit_email_sent": 1}})
    asked.told("POST", "/auth/v1/recover", {"email": "ann@smile.example"})
    full = (429, "over_email_send_rate_limit")
    assert full == asked.refused("POST", "/auth/v1/resend", {"type": "signup", "email": "bob@smile.example"})
    assert full == asked.refused("POST", "/auth/v1/invite", {"email": "new@smile.example"})
    assert 0 == asked.row("select count(*) from auth.users where email = 'new@smile.example'")
    asked.told("POST", "/auth/v1/admin/generate_link", {"type": "invite", "email": "new@smile.example"})
    asked.box = sandbox.clock(home, 3600)
    asked.told("POST", "/auth/v1/resend", {"type": "signup", "email": "bob@smile.example"})


def test_a_mail_to_a_suppressed_address_is_sent_all_the_same(auth, home):
    """Auth hands its mail over; that the provider throws it away it does not hear."""
    asked = auth(sendgrid={"suppressions": {"bounces": [{"email": "bob@smile.example"}]}})
    asked.told("POST", "/auth/v1/resend", {"type": "signup", "email": "bob@smile.example"})
    assert [("bob@smile.example", "signup")] == mails(home)


def test_invitations(auth, home):
    """A confirmed user is refused, one who is not is invited again, even at once, and an unknown one is made."""
    asked = auth()
    assert (422, "email_exists") == asked.refused("POST", "/auth/v1/invite", {"email": "ann@smile.example"})
    for _ in range(2):
        assert BOB == asked.told("POST", "/auth/v1/invite", {"email": "bob@smile.example"})["id"]
    assert (AT, AT) == asked.user("invited_at, confirmation_sent_at", BOB)
    made = asked.told("POST", "/auth/v1/invite", {"email": "New@smile.example", "data": {"full_name": "New One"}})
    assert ("new@smile.example", {"full_name": "New One"}) == (made["email"], made["user_metadata"])
    assert "email" == made["identities"][0]["provider"]
    assert ("authenticated", "", made["id"]) == asked.user("aud, encrypted_password, id::text", made["id"])
    assert ["invite"] * 3 == [kind for _, kind in mails(home)]
    assert [("user_invited", "service_role")] * 3 == rows(
        asked.box.url_as("postgres"),
        "select payload ->> 'action', payload ->> 'actor_username' from auth.audit_log_entries",
    )


def test_a_generated_link_kills_the_one_before_and_sends_nothing(auth, home):
    """It knows no minute between two, sets the time as a mail would, and is answered once."""
    asked = auth()
    first, second = (
        asked.told("POST", "/auth/v1/admin/generate_link", {"type": "recovery", "email": "cy@smile.example"})
        for _ in range(2)
    )
    assert (CY, "recovery", "https://portal.example") == (first["id"], first["verification_type"], first["redirect_to"])
    assert first["hashed_token"] in first["action_link"]
    assert first["hashed_token"] != second["hashed_token"]
    assert (second["hashed_token"], AT) == asked.user("recovery_token, recovery_sent_at", CY)
    assert ([], False) == (mails(home), second["hashed_token"] in kept(home))


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("invite", (200, "invite")), ("magiclink", (200, "signup")), ("signup", (400, "validation_failed")),
     ("recovery", (404, "user_not_found")), ("email_change_new", (404, "user_not_found")),
     ("birthday", (400, "validation_failed"))],
)  # fmt: skip
def test_a_link_for_somebody_unknown(auth, kind, outcome):
    """An invitation and a magic link make the account (a signup needs a password for it); the others find nobody."""
    asked = auth()
    body = {"type": kind, "email": "new@smile.example", "new_email": "newer@smile.example"}
    status, answer, _ = asked.ask("POST", "/auth/v1/admin/generate_link", body)
    assert outcome == (status, answer.get("verification_type", answer.get("code")))
    assert int(status == 200) == asked.row("select count(*) from auth.users where email = 'new@smile.example'")


def test_links_for_those_who_are_known(auth):
    """A confirmed user is invited by nobody; a change of address gets a link for each side."""
    asked = auth()
    path = "/auth/v1/admin/generate_link"
    for kind in ("invite", "signup"):
        assert (422, "email_exists") == asked.refused("POST", path, {"type": kind, "email": "ann@smile.example"})
    body = {"email": "ann@smile.example", "new_email": "anna@smile.example", "redirect_to": "https://portal.example/in"}
    current = asked.told("POST", path, {"type": "email_change_current", **body})
    new = asked.told("POST", path, {"type": "email_change_new", **body})
    assert (current["hashed_token"], new["hashed_token"], "anna@smile.example") == asked.user(
        "email_change_token_current, email_change_token_new, email_change", ANN
    )
    assert "https://portal.example/in" == new["redirect_to"]
    elsewhere = {"type": "recovery", "email": "ann@smile.example", "redirect_to": "https://evil.example"}
    assert "https://portal.example" == asked.told("POST", path, elsewhere)["redirect_to"]


def test_a_ban_ends_no_session(auth):
    """`ban_duration` sets a time and no more; `none` takes it away."""
    asked = auth()
    answer = asked.told("PUT", f"{USERS}/{ANN}", {"ban_duration": "1h30m"})
    assert "2026-11-20T16:30:00Z" == answer["banned_until"]
    assert (AT + timedelta(minutes=90), 1) == (
        asked.user("banned_until", ANN),
        asked.row("select count(*) from auth.sessions"),
    )
    assert "banned_until" not in asked.told("PUT", f"{USERS}/{ANN}", {"ban_duration": "none"})
    assert None is asked.user("banned_until", ANN)
    said = asked.row("select payload::text from auth.audit_log_entries limit 1")
    assert ("user_modified", ANN) == (json.loads(said)["action"], json.loads(said)["traits"]["user_id"])


@pytest.mark.parametrize(
    ("text", "says"),
    [("30d", 'time: unknown unit "d" in duration "30d"'), ("10", 'time: missing unit in duration "10"'),
     ("forever", 'time: invalid duration "forever"'), ("2562048h", 'time: invalid duration "2562048h"')],
)  # fmt: skip
def test_a_ban_in_days_is_refused(auth, text, says):
    """Go knows no days; the refusal is 400, and nobody is banned."""
    asked = auth()
    status, answer, _ = asked.ask("PUT", f"{USERS}/{ANN}", {"ban_duration": text})
    assert (400, "validation_failed", f"invalid format for ban duration: {says}") == (status, *answer.values())
    assert None is asked.user("banned_until", ANN)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("876000h", 876000 * 3600), ("-1.5h", -5400), ("1m.5s", 60.5), ("20ms", 0.02)]
)
def test_durations_are_go_s(text, seconds):
    """What time.ParseDuration reads."""
    assert seconds == durations.parsed(text).total_seconds()


def test_a_new_password_ends_every_session_and_link(auth):
    """The hash is another one, and neither a session nor a one-time token is left."""
    asked = auth()
    for weak in ("short", ""):
        assert (422, "weak_password") == asked.refused("PUT", f"{USERS}/{ANN}", {"password": weak})
    asked.told("PUT", f"{USERS}/{ANN}", {"password": "long enough"})
    assert "canary_hash" != asked.user("encrypted_password", ANN)
    assert (0, 0) == asked.row(
        "select (select count(*) from auth.sessions), (select count(*) from auth.one_time_tokens)"
    )


def test_an_account_is_changed(auth):
    """Address, confirmation and metadata; null takes a key away, and an account without an identity gets one."""
    asked = auth()
    body = {"email": "Bobby@smile.example", "email_confirm": True, "user_metadata": {"full_name": "Bob", "x": None}}
    answer = asked.told("PUT", f"{USERS}/{BOB}", body)
    assert ("bobby@smile.example", NOW) == (answer["email"], answer["email_confirmed_at"])
    assert {"full_name": "Bob", "email_verified": True} == answer["user_metadata"]
    assert ["bobby@smile.example"] == [identity["email"] for identity in answer["identities"]]
    changed = asked.told("PUT", f"{USERS}/{ANN}", {"email": "anna@smile.example", "user_metadata": {"x": None}})
    assert (["anna@smile.example"], {"full_name": "Ann Able"}) == (
        [identity["email"] for identity in changed["identities"]],
        changed["user_metadata"],
    )


def test_a_user_is_read_by_id_alone(auth):
    """Whatever the audience; an unknown id and one that is none are 404."""
    asked = auth()
    answer = asked.told("GET", f"{USERS}/{ANN}")
    assert ("ann@smile.example", "2026-11-11T15:00:00Z") == (answer["email"], answer["email_confirmed_at"])
    assert ["totp"] == [factor["factor_type"] for factor in answer["factors"]]
    assert "elsewhere" == asked.told("GET", f"{USERS}/{OTHER}")["aud"]
    assert (404, "user_not_found") == asked.refused("GET", f"{USERS}/{FACTOR}")
    assert (404, "validation_failed") == asked.refused("GET", f"{USERS}/ann@smile.example")


def test_users_by_page(auth):
    """Newest first, of the audience, with the count and the links to more."""
    asked = auth()
    status, answer, headers = asked.ask("GET", f"{USERS}?page=1&per_page=3")
    assert (200, [SSO, CY, BOB], "4") == (status, [user["id"] for user in answer["users"]], headers["X-Total-Count"])
    assert (
        '</admin/users?page=2&per_page=3>; rel="next", </admin/users?page=2&per_page=3>; rel="last"' == headers["Link"]
    )
    assert [ANN] == [user["id"] for user in asked.told("GET", f"{USERS}?page=2&per_page=3")["users"]]
    assert (400, "validation_failed") == asked.refused("GET", f"{USERS}?page=x")


@pytest.mark.parametrize(
    ("text", "found"), [("ann%40", [ANN]), ("ANN%40", []), ("able", [ANN]), ("smile", [SSO, CY, BOB, ANN])]
)
def test_a_filter_minds_the_case_of_an_address(auth, text, found):
    """A part of the address, as it is written, or of the full name, however it is written."""
    assert found == [user["id"] for user in auth().told("GET", f"{USERS}?filter={text}")["users"]]


def test_a_factor_is_taken_away(auth):
    """Its session goes on, with the password alone."""
    asked = auth()
    (factor,) = asked.told("GET", f"{USERS}/{ANN}/factors")
    assert ("verified", "2026-11-19T15:00:00Z", False) == (
        factor["status"],
        factor["last_challenged_at"],
        "secret" in factor,
    )
    assert (404, "mfa_factor_not_found") == asked.refused("DELETE", f"{USERS}/{BOB}/factors/{FACTOR}")
    assert factor == asked.told("DELETE", f"{USERS}/{ANN}/factors/{FACTOR}")
    assert ("aal1", None) == asked.row("select aal::text, factor_id from auth.sessions")
    assert [] == asked.told("GET", f"{USERS}/{ANN}/factors")


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"apikey": SECRET}, 200),
        ({"apikey": SECRET, "Authorization": f"Bearer {SECRET}"}, 200),
        ({"apikey": SERVICE, "Authorization": f"Bearer {SERVICE}"}, 200),
        ({"apikey": SECRET, "Authorization": f"Bearer {SERVICE}"}, 200),
        ({"apikey": SERVICE}, (401, "no_authorization")),
        ({"apikey": ANON, "Authorization": f"Bearer {ANON}"}, (403, "not_admin")),
        ({"apikey": PUBLISHABLE}, (403, "not_admin")),
        ({"apikey": SECRET, "Authorization": f"Bearer {jwt(role='authenticated')}"}, (403, "not_admin")),
        ({"apikey": SECRET, "Authorization": "Bearer sb_secret_other"}, (403, "bad_jwt")),
        ({}, (401, "No API key found in request")),
        ({"Authorization": f"Bearer {SECRET}"}, (401, "No API key found in request")),
        ({"apikey": "sb_secret_other"}, (401, "Invalid API key")),
        ({"apikey": jwt(role="service_role", exp=1)}, (401, "Invalid API key")),
        ({"apikey": SECRET, "User-Agent": "Mozilla/5.0"}, (401, "Forbidden use of secret API key in browser")),
    ],
)
def test_who_is_an_admin(auth, headers, outcome):
    """The gateway looks at `apikey`, Auth at the bearer; it makes one of a new key, and none of a legacy one."""
    status, answer, told = auth().ask("GET", USERS, headers={**headers, "X-Supabase-Api-Version": "2024-01-01"})
    assert outcome == (200 if status == 200 else (status, answer.get("code", answer.get("message"))))
    assert answer.get("code") == told["x-sb-error-code"]


@pytest.mark.parametrize("key", [SECRET, PUBLISHABLE, SERVICE, ANON])
def test_what_everybody_may_ask(auth, key):
    """Health, settings and the two mails need a key, and no admin."""
    asked, headers = (
        auth(supabase={"config": {"disable_signup": True, "external_phone_enabled": True}}),
        {"apikey": key},
    )
    assert "GoTrue" == asked.ask("GET", "/auth/v1/health", headers=headers)[1]["name"]
    _, settings, _ = asked.ask("GET", "/auth/v1/settings", headers=headers)
    assert (True, True, True, False) == (
        settings["disable_signup"],
        settings["external"]["email"],
        settings["external"]["phone"],
        settings["external"]["apple"],
    )
    assert 200 == asked.ask("POST", "/auth/v1/recover", {"email": "ann@smile.example"}, headers)[0]


def test_errors_in_both_bodies(auth):
    """{code, message} from 2024-01-01 on, {code: status, error_code, msg} before; the header says the code in both."""
    asked = auth()
    newer = asked.ask("GET", f"{USERS}/{FACTOR}")
    older = asked.ask("GET", f"{USERS}/{FACTOR}", headers={"apikey": SECRET})
    assert {"code": "user_not_found", "message": "User not found"} == newer[1]
    assert {"code": 404, "error_code": "user_not_found", "msg": "User not found"} == older[1]
    assert ["user_not_found"] * 2 == [each[2]["x-sb-error-code"] for each in (newer, older)]
    assert ("2024-01-01", None) == tuple(each[2]["X-Supabase-Api-Version"] for each in (newer, older))


def test_faults_come_in_auth_s_envelope(auth):
    """A code brings its usual status, a status its usual code."""
    limit = {"error": "over_request_rate_limit", "retry_after": 3}
    asked = auth(
        faults=[
            {"vendor": "supabase", "route": "POST /auth/v1/recover", **limit},
            {"vendor": "supabase", "route": f"GET {USERS}/*", "status": 503},
        ]
    )
    status, answer, headers = asked.ask("POST", "/auth/v1/recover", {"email": "ann@smile.example"})
    assert (429, "over_request_rate_limit", "3") == (status, answer["code"], headers["Retry-After"])
    assert (503, "unexpected_failure") == asked.refused("GET", f"{USERS}/{ANN}")


def test_a_database_that_hangs(auth):
    """Auth gives up in time, and answers 504; what needs no database goes on."""
    asked = auth(faults=[{"vendor": "database", "fault": "slow"}])
    assert (504, "request_timeout") == asked.refused("GET", f"{USERS}/{ANN}")
    assert (504, "request_timeout") == asked.refused("POST", "/auth/v1/recover", {"email": "ann@smile.example"})
    assert 200 == asked.ask("GET", "/auth/v1/health")[0]


@pytest.mark.parametrize(
    "fault",
    [{"fault": "down"}, {"fault": "missing_table", "table": "auth.users"},
     {"fault": "missing_column", "table": "auth.users", "column": "email"}],
)  # fmt: skip
def test_a_database_that_is_not_there(auth, fault):
    """500, as Auth answers without its database or with a schema of another version."""
    asked = auth(faults=[{"vendor": "database", **fault}])
    assert (500, "unexpected_failure") == asked.refused("GET", f"{USERS}/{ANN}")


def test_auth_sees_what_a_blinded_reader_does_not(auth):
    """Row-level security and a missing grant are the reader's trouble, not Auth's."""
    asked = auth(
        faults=[
            {"vendor": "database", "fault": "blind"},
            {"vendor": "database", "fault": "deny", "table": "auth.users"},
        ]
    )
    assert "ann@smile.example" == asked.told("GET", f"{USERS}/{ANN}")["email"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(asked.box.database_url, "select id from auth.users")


def test_the_project_s_configuration(auth):
    """The Management API says all 237 settings, the world's among them, to who has a token of the account."""
    asked = auth(supabase={"config": {"jwt_exp": 600}})
    path = "/v1/projects/abcdefghijklmnopqrst/config/auth"
    status, answer, _ = asked.ask("GET", path, headers={"Authorization": f"Bearer {asked.box.supabase_token}"})
    assert (200, 237) == (status, len(answer))
    assert (600, 60, 30, 3600, None) == tuple(
        answer[name]
        for name in ("jwt_exp", "smtp_max_frequency", "rate_limit_email_sent", "mailer_otp_exp", "smtp_pass")
    )
    assert (401, "Unauthorized") == asked.refused("GET", path)


def test_an_unknown_route_is_noted(auth, home):
    """Auth answers in plain text, and a test can see that something unknown was asked."""
    status, text, _ = auth().ask("GET", "/auth/v1/admin/audit")
    assert (404, b"404 page not found\n") == (status, text)
    assert ["/auth/v1/admin/audit"] == [each["path"] for each in sandbox.unknown_requests(home)]


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"confg": {}}, "supabase.confg: no such resource; did you mean config?"),
        ({"config": {"jwt_expiry": 1}}, "supabase.config.jwt_expiry: no such setting of Auth; did you mean jwt_exp?"),
        ({"config": {"jwt_exp": "1h"}}, "supabase.config.jwt_exp: must be a whole number."),
        ({"config": []}, "supabase.config: must be an object."),
        ({"logs": [{"timestamp": "-1h", "message": ""}]}, "supabase.logs[0].message: no such key; did you mean"),
        ({"logs": [{}]}, "supabase.logs[0].timestamp: must be a time: 2026-11-20T15:00:00Z, or -2h"),
    ],
)  # fmt: skip
def test_a_part_that_is_refused(home, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(supabase=part), source="")
    assert says in str(refused.value)


def test_the_part_comes_back_in_a_dump(auth, home):
    """As it was given, with absolute times, without the mails."""
    asked = auth(supabase={"config": {"jwt_exp": 600}, "logs": [{"timestamp": "-1h", "event_message": "login"}]})
    asked.told("POST", "/auth/v1/recover", {"email": "ann@smile.example"})
    line = {"timestamp": "2026-11-20T14:00:00Z", "source": "auth_logs", "event_message": "login", "attributes": {}}
    assert {"config": {"jwt_exp": 600}, "logs": [line]} == sandbox.dump(home)["supabase"]


def test_an_account_is_deleted_for_good(auth):
    """With its sessions and factors; its address stays in Auth's own log; who is gone is unknown."""
    asked = auth()
    assert {} == asked.told("DELETE", f"{USERS}/{ANN}", {"should_soft_delete": False})
    assert 0 == asked.row(f"select count(*) from auth.sessions where user_id = '{ANN}'")
    assert 1 == asked.row(
        "select count(*) from auth.audit_log_entries where payload ->> 'action' = 'user_deleted'"
        f" and payload -> 'traits' ->> 'user_id' = '{ANN}'"
    )
    assert (404, "user_not_found") == asked.refused("DELETE", f"{USERS}/{ANN}")


def test_an_account_that_a_table_refers_to_stays(auth):
    """As the real one: 500, and nothing is noted."""
    asked = auth()
    made = (
        "create table public.profiles (id uuid references auth.users (id)); insert into public.profiles values ('{}')"
    )
    with psycopg.connect(asked.box.url_as("postgres"), autocommit=True) as connection:
        connection.execute(made.format(ANN))
    assert (500, "unexpected_failure") == asked.refused("DELETE", f"{USERS}/{ANN}")
    assert 1 == asked.row(f"select count(*) from auth.users where id = '{ANN}'")
