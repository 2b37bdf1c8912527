"""The log-in to Salesforce, and the shields around the library: ended sessions, hanging answers, hosts, secrets."""

import base64
import json
import logging
import subprocess
import sys
import threading
import time
from dataclasses import replace

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from peakops.errors import NotConfigured, NotFound, TimedOut, Unauthenticated, Unreachable
from peakops.sandbox.vendors.salesforce.login import PASSWORD, SECURITY_TOKEN
from peakops.settings import Settings, WriteKeys
from peakops.sources.salesforce import Salesforce
from peakops.sources.salesforce_door import Door, Straight
from peakops.sources.salesforce_login import ENDS, of_reader, of_writer
from peakops.sources.salesforce_session import Session
from peakops.sources.threads import at_once

from .org import GRANTED, TOKEN, Org, page, refusal, soap
from .played import Played, Reply

ORG = "https://peak.my.salesforce.com"
APP = {"salesforce_consumer_key": "3MVG9canary", "salesforce_consumer_secret": "canary_secret"}
USER = "integration@peakdental.example"
SIGNED = {"salesforce_consumer_key": "3MVG9canary", "salesforce_username": USER}
WITH_PASSWORD = {"salesforce_username": USER, "salesforce_password": "canary_pass<&>", "salesforce_flow": "password"}
ENDED = Reply(401, body=refusal("INVALID_SESSION_ID"))
EMPTY = Reply(body=page())


@pytest.fixture(scope="module")
def key():
    """A private key as an app's certificate has it."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def org():
    """Start an org with a script; a session with it, and the org."""
    up = []

    def start(*replies, seconds=5.0, logins=None, **given):
        up.append(Org(*replies, **({"logins": logins} if logins else {})))
        settings = Settings(salesforce_url=up[-1].url, **(given or APP))
        return Session(of_reader(settings), deadline=time.monotonic() + seconds), up[-1]

    yield start
    for each in up:
        each.stop()


def limits(client):
    return client.restful("limits")


def fails(session, call=limits):
    """The error that a call ends in."""
    with pytest.raises(Exception) as failed:
        session.ask(call)
    return failed.value


def test_a_run_logs_in_once(org):
    """Looks that run at the same time share one session."""
    session, server = org(Reply(body={"a": 1}, after_s=0.05), logins=(Reply(body=GRANTED, after_s=0.1),))
    crew = [threading.Thread(target=session.ask, args=(limits,)) for _ in range(8)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()

    assert (1, 8) == (len(server.logins), len(server.asked))
    assert {f"Bearer {TOKEN}"} == {each.headers["authorization"] for each in server.asked}


def test_a_session_that_ended_is_renewed_once(org):
    """The same call again, with all its headers and what it asked for."""
    session, server = org(ENDED, Reply(body={"a": 1}))
    ask = {"method": "GET", "params": {"x": "1"}, "headers": {"Sforce-Query-Options": "batchSize=2000"}}

    assert {"a": 1} == session.ask(lambda client: client.restful("limits", **ask))
    assert (2, 2) == (len(server.logins), len(server.asked))
    assert server.asked[0].path == server.asked[1].path
    assert ["batchSize=2000"] * 2 == [each.headers["sforce-query-options"] for each in server.asked]


@pytest.mark.parametrize(
    "call",
    [limits, lambda client: client.Case.describe(), lambda client: client.query("SELECT Id FROM Case")],
)
def test_a_lasting_401_costs_two_logins_and_four_requests(call, org):
    """The library alone would ask without an end; the error says where to look."""
    session, server = org(ENDED)
    error = fails(session, call)

    assert Unauthenticated is type(error)
    assert "salesforce.invalid_session_id" == error.code
    assert all(word in error.hint for word in ("session policy", "IP range", "frozen"))
    assert (2, 2) == (len(server.logins), len(server.asked))


def test_what_no_new_session_helps_is_not_asked_again(org):
    """A further look of the run has the same answer without a request, and so without a further log-in."""
    session, server = org(ENDED)
    first, second = fails(session), fails(session)

    assert (first.code, first.says) == (second.code, second.says)
    assert (2, 2) == (len(server.logins), len(server.asked))


def test_looks_at_once_with_an_ended_session_renew_it_once(org):
    """Whoever comes first renews it, and the others take the new one."""
    session, server = org(ENDED)
    crew = [threading.Thread(target=fails, args=(session,)) for _ in range(8)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()

    assert 2 == len(server.logins)


def test_who_comes_while_the_new_session_is_refused_makes_no_third(org):
    """A look that begins between the second log-in and its refusal takes that session, and not its own."""
    session, server = org(ENDED)
    session.log_in()
    renewed = session._opened(instead=session._opened())

    assert "salesforce.invalid_session_id" == fails(session).code
    assert (2, 1) == (len(server.logins), len(server.asked))
    assert session._client is renewed


@pytest.mark.parametrize("body", ["", "<html>", {}, [], [7], [{}], [{"errorCode": 7}], {"error": "x"}, "null"])
def test_a_401_with_a_strange_body_is_a_401(body, org):
    """The library looks for a code in it without asking whether there is one."""
    session, server = org(Reply(401, body=body))

    assert "salesforce.invalid_session_id" == fails(session).code
    assert (2, 2) == (len(server.logins), len(server.asked))


def test_userinfo_says_401_in_its_own_way(org):
    """A 403 and a word; the session is renewed all the same."""
    session, server = org(Reply(403, body="Bad_OAuth_Token"), Reply(body={"user_id": "005"}))

    assert {"user_id": "005"} == session.ask(lambda client: client.oauth2("userinfo"))
    assert 2 == len(server.logins)


@pytest.mark.parametrize("reply", [Reply(after_s=30), Reply(drip=True), Reply(mute=True)])
def test_an_answer_that_does_not_come_to_its_end_is_cut(reply, org):
    """Within the time, whether nothing comes, or a byte now and then, of the head too."""
    session, _ = org(reply, seconds=0.8)
    start = time.monotonic()

    assert TimedOut is type(fails(session))
    assert time.monotonic() - start < 2


def test_an_endless_answer_does_not_fill_the_memory(org):
    """More than 16 MB are not read, whatever time there is."""
    session, _ = org(Reply(endless=True), seconds=60)
    start = time.monotonic()

    assert TimedOut is type(fails(session))
    assert time.monotonic() - start < 15


def test_a_log_in_that_hangs_is_cut(org):
    """It goes through the same door; those who wait for it end with it."""
    session, server = org(EMPTY, logins=(Reply(after_s=30),), seconds=0.8)
    start = time.monotonic()
    others = [threading.Thread(target=fails, args=(session,)) for _ in range(3)]
    for each in others:
        each.start()
    error = fails(session)
    for each in others:
        each.join()

    assert (TimedOut, True) == (type(error), error.nothing_done)
    assert time.monotonic() - start < 2
    assert [] == server.asked


@pytest.mark.parametrize(
    "reply", [Reply(503), Reply(500, body=refusal("UNKNOWN_EXCEPTION")), Reply(reset=True), Reply(429)]
)
def test_what_only_reads_is_asked_again(reply, org):
    """After 5xx, a broken connection and a 429 without a name."""
    session, server = org(reply, Reply(body={"a": 1}))

    assert {"a": 1} == session.ask(limits)
    assert (1, 2) == (len(server.logins), len(server.asked))


@pytest.mark.parametrize("reply", [Reply(400), Reply(403), Reply(404), Reply(body="<html>"), Reply(302)])
def test_what_does_not_help_is_not_asked_again(reply, org):
    """A refusal stays one."""
    session, server = org(reply)
    fails(session)

    assert 1 == len(server.asked)


def test_a_redirect_is_not_followed(org):
    """Neither with the token nor without."""
    elsewhere = Played(Reply(body={"a": 1}))
    session, _ = org(Reply(302, headers={"Location": f"{elsewhere.url}/services/data"}))
    error = fails(session)
    elsewhere.stop()

    assert "salesforce.redirected" == error.code
    assert [] == elsewhere.asked


def test_nobody_there_is_said(org):
    """A connection that is not made sends nothing."""
    session, server = org(seconds=1)
    server.stop()
    error = fails(session)

    assert (Unreachable, "salesforce.unreachable", True) == (type(error), error.code, error.nothing_done)


def test_a_write_that_was_not_sent_is_certain(org):
    """The org was there for the log-in and a look, and is not for the write."""
    session, server = org(Reply(body={"a": 1}, headers={"Connection": "close"}), seconds=9)
    session.ask(limits)
    server.stop()
    with pytest.raises(Unreachable) as failed:
        session.write(limits)

    assert failed.value.nothing_done


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/services/data/v62.0/limits",
        "https://peak.my.salesforce.com@evil.example/",
        "https://peak.my.salesforce.com.evil.example/",
        "http://peak.my.salesforce.com/services/data/v62.0/limits",
        "https://peak.my.salesforce.com:8443/",
    ],
)
def test_the_token_goes_to_the_org_alone(url):
    """Whatever address the library or an answer made, another host is not asked, nor the org in the clear."""
    door = Door(ORG, hosts=(ORG.removeprefix("https://"),), deadline=time.monotonic() + 1)
    with pytest.raises(requests.exceptions.InvalidURL):
        Straight(door).get(url, headers={"Authorization": "Bearer canary"})


def test_a_netrc_does_not_take_the_tokens_place(org, tmp_path, monkeypatch):
    """requests would send the password of such a file instead of the token."""
    (tmp_path / "netrc").write_text("default login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session, server = org(Reply(body={}))
    session._straight.trust_env = True
    session.ask(limits)

    assert f"Bearer {TOKEN}" == server.asked[0].headers["authorization"]


def test_a_proxy_is_for_the_world_outside(org, monkeypatch):
    """For this machine it is passed by; for an org it is what requests makes of it."""
    proxy = Played(Reply())
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy.url)
    session, server = org(Reply(body={}))
    session.ask(limits)
    outside = Session(of_reader(Settings(salesforce_url=ORG, **APP)), deadline=time.monotonic() + 1)
    error = fails(outside)
    proxy.stop()

    assert 1 == len(server.asked)
    assert (Unreachable, True) == (type(error), error.nothing_done)


def test_client_credentials_go_to_the_org(salesforce_box):
    """As HTTP Basic, at the My Domain."""
    session, server = salesforce_box(**APP)
    session.ask(limits)
    (asked,) = server.logins

    assert "/salesforce/services/oauth2/token" == asked.path
    assert "grant_type=client_credentials" == asked.body
    assert f"Basic {base64.b64encode(b'3MVG9canary:canary_secret').decode()}" == asked.headers["authorization"]


@pytest.fixture
def salesforce_box(org):
    def start(**given):
        return org(Reply(body={}), **given)

    return start


def test_a_jwt_is_signed_for_the_user(key, salesforce_box):
    """Three minutes of life, for login.salesforce.com, by the app, with the app's key."""
    session, server = salesforce_box(**SIGNED, salesforce_private_key=key)
    session.ask(limits)
    form = dict(each.split("=", 1) for each in server.logins[0].body.split("&"))
    claims = jwt.decode(form["assertion"], options={"verify_signature": False})

    assert ("3MVG9canary", USER, "https://login.salesforce.com") == (claims["iss"], claims["sub"], claims["aud"])
    assert 100 < int(claims["exp"]) - time.time() < 200


def test_the_sandbox_takes_every_way_to_log_in(load, key):
    """Each ends in the same org, and says which it was."""
    box = load({"says": "An org.", "now": "2026-11-20T15:00:00Z"})
    app = {"salesforce_consumer_key": box.salesforce_consumer_key, "salesforce_username": USER}
    ways = {
        "client_credentials": {**app, "salesforce_consumer_secret": box.salesforce_consumer_secret},
        "jwt": {**app, "salesforce_private_key": key},
        "password": {"salesforce_username": USER, "salesforce_password": PASSWORD},
    }
    for flow, given in ways.items():
        settings = Settings(salesforce_url=box.vendor_url("salesforce"), **given)
        brought = Salesforce(settings, deadline=time.monotonic() + 5).identity()
        assert (flow, USER) == (brought.rows[0]["flow"], brought.rows[0]["username"])
        assert ((ENDS,) if flow == "password" else ()) == brought.notes
    token = {**ways["password"], "salesforce_security_token": SECURITY_TOKEN}
    settings = Settings(salesforce_url=box.vendor_url("salesforce"), **token)
    assert 1 == len(Salesforce(settings, deadline=time.monotonic() + 5).limits().rows)


@pytest.mark.parametrize(
    ("url", "given", "central"),
    [
        (ORG, {}, "login.salesforce.com"),
        ("https://peak--dev.sandbox.my.salesforce.com", {}, "test.salesforce.com"),
        ("https://peak--dev.scratch.my.salesforce.com", {}, "test.salesforce.com"),
        (ORG, {"salesforce_login_url": "https://test.salesforce.com"}, "test.salesforce.com"),
        (ORG, {"salesforce_login_url": ORG}, "peak.my.salesforce.com"),
    ],
)
def test_a_sandbox_org_is_logged_in_to_elsewhere(url, given, central):
    """Unless the setting says where."""
    assert central == of_reader(Settings(salesforce_url=url, **APP, **given)).central


def test_an_address_in_capitals_is_the_same_org():
    """requests writes every host in small letters, and the door lets out what goes to the org alone."""
    assert "peak.my.salesforce.com" == of_reader(Settings(salesforce_url=ORG.replace("peak", "Peak"), **APP)).host


@pytest.mark.parametrize(
    ("given", "flow"),
    [
        (APP, "client_credentials"),
        ({**APP, **SIGNED, "salesforce_private_key": "pem"}, "client_credentials"),
        ({**APP, **SIGNED, "salesforce_private_key": "pem", "salesforce_flow": "jwt"}, "jwt"),
        ({**SIGNED, "salesforce_private_key": "pem"}, "jwt"),
        ({"salesforce_username": USER, "salesforce_password": "x"}, "password"),
    ],
)
def test_the_way_to_log_in_is_the_first_that_is_there(given, flow):
    """Or the one that the setting names."""
    assert flow == of_reader(Settings(salesforce_url=ORG, **given)).flow


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "PEAKOPS_SALESFORCE_URL, PEAKOPS_SALESFORCE_CONSUMER_KEY, PEAKOPS_SALESFORCE_CONSUMER_SECRET for"),
        (APP, "Set PEAKOPS_SALESFORCE_URL for"),
        ({"salesforce_url": ORG, "salesforce_flow": "jwt"}, "CONSUMER_KEY, PEAKOPS_SALESFORCE_USERNAME, PEAKOPS_"),
        ({"salesforce_url": ORG, "salesforce_flow": "password"}, "PEAKOPS_SALESFORCE_PASSWORD for the log-in with a"),
    ],
)
def test_what_is_missing_is_named(given, missing):
    """Every setting of the way to log in that is not there."""
    with pytest.raises(NotConfigured) as refused:
        of_reader(Settings(**given))

    assert "salesforce.not_configured" == refused.value.code
    assert missing in refused.value.hint


def test_the_app_that_writes_has_settings_of_its_own():
    """Those that read are not taken in their place, and no password is."""
    settings = Settings(salesforce_url=ORG, **APP, **WITH_PASSWORD)
    with pytest.raises(NotConfigured) as refused:
        of_writer(settings, WriteKeys())

    assert "salesforce.no_write_key" == refused.value.code
    assert "PEAKOPS_SALESFORCE_WRITE_CONSUMER_KEY, PEAKOPS_SALESFORCE_WRITE_CONSUMER_SECRET" in refused.value.hint
    keys = WriteKeys(salesforce_consumer_key="k", salesforce_consumer_secret="s")
    assert "PEAKOPS_SALESFORCE_WRITE_CONSUMER_SECRET" == of_writer(settings, keys).secret
    keys = WriteKeys(salesforce_consumer_key="k", salesforce_username=USER, salesforce_private_key="pem")
    assert "jwt" == of_writer(settings, keys).flow


def test_no_password_from_version_65_on():
    """Salesforce has no SOAP log-in there."""
    settings = Settings(salesforce_url=ORG, **WITH_PASSWORD, salesforce_version="65.0")
    with pytest.raises(NotConfigured) as refused:
        of_reader(settings)

    assert "salesforce.password_ended" == refused.value.code
    assert "password" == of_reader(replace(settings, salesforce_version="64.0")).flow


@pytest.mark.parametrize(
    "url", ["http://peak.my.salesforce.com", "https://peak.example", "https://salesforce.com.x/", "x"]
)
def test_an_address_that_is_no_orgs_is_not_configured(url):
    """The library puts .salesforce.com behind every name; and nothing goes out in the clear."""
    with pytest.raises(NotConfigured) as refused:
        of_reader(Settings(salesforce_url=url, **APP))

    assert "salesforce.malformed_address" == refused.value.code


def test_a_key_that_is_none_is_not_configured(salesforce_box):
    """It is said without the key, and nobody is asked."""
    session, server = salesforce_box(**SIGNED, salesforce_private_key="canary_pem")
    error = fails(session)

    assert (NotConfigured, "salesforce.malformed_key") == (type(error), error.code)
    assert "canary" not in error.says + error.hint
    assert [] == server.logins


OAUTH = [
    ("invalid_grant", "user hasn't approved this consumer", "not pre-authorised"),
    ("invalid_grant", "authentication failure", "credentials are wrong"),
    ("invalid_grant", "ip restricted or invalid login hours", "not log in from this network"),
    ("invalid_grant", "audience is invalid", "another Salesforce"),
    ("invalid_grant", "canary text", "not accepted"),
    ("invalid_grant", None, "not accepted"),
    ("invalid_client_id", "client identifier invalid", "No app has this consumer key"),
    ("invalid_client", "invalid client credentials", "do not belong together"),
    ("inactive_user", "user is inactive", "not active"),
    ("inactive_org", "organization is inactive", "locked, closed or suspended"),
    ("unsupported_grant_type", "grant type not supported", "does not offer this way"),
    ("something_new", "canary text", "something_new"),
]


@pytest.mark.parametrize(("error", "description", "means"), OAUTH)
def test_a_refused_log_in_says_why(error, description, means, org):
    """Which way to log in, and what it means in our words; it is tried once, since more would lock the user."""
    session, server = org(EMPTY, logins=(Reply(400, body={"error": error, "error_description": description}),))
    failed, again = fails(session), fails(session)

    assert (Unauthenticated, f"salesforce.{error}") == (type(failed), failed.code)
    assert failed.says.startswith("Salesforce refuses the log-in with client credentials: ")
    assert means.lower() in failed.says.lower()
    assert failed.hint
    assert "canary" not in failed.says + failed.hint
    assert (failed.says, 1, 0) == (again.says, len(server.logins), len(server.asked))


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(500, body=soap(sf__exceptionCode="INVALID_LOGIN", sf__exceptionMessage="canary")), "invalid_login"),
        (Reply(500, body=soap(sf__exceptionCode="SERVER_UNAVAILABLE")), "server_unavailable"),
        (Reply(500, body=soap(sf__exceptionCode="UNSUPPORTED_API_VERSION")), "unsupported_api_version"),
        (Reply(503, body="<html>"), "failed"),
        (Reply(200, body="<html>"), "unreadable"),
        (Reply(200, body=soap(sessionId="x")), "unreadable"),
    ],
)
def test_a_refused_password_says_why(reply, code, org):
    """SOAP wraps it in XML; the password stays here."""
    session, server = org(EMPTY, logins=(reply,), seconds=1, **WITH_PASSWORD)
    failed = fails(session)

    assert f"salesforce.{code}" == failed.code
    assert "canary" not in failed.says + failed.hint
    assert "canary_pass&lt;&amp;&gt;" in server.logins[0].body


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        *((Reply(body=body), "unreadable") for body in ({}, [], None, "x", {"access_token": "a"}, 7)),
        (Reply(body={**GRANTED, "access_token": None}), "unreadable"),
        (Reply(body={**GRANTED, "access_token": "a\r\nX-B: c"}), "unreadable"),
        (Reply(503, body="<html>"), "failed"),
        (Reply(503, body=refusal("SERVER_UNAVAILABLE")), "server_unavailable"),
        (Reply(404, body={}), "not_found"),
        (Reply(302), "redirected"),
    ],
)
def test_a_log_in_that_is_none_is_told(reply, code, org):
    """An answer without a session, or of somebody in between."""
    session, server = org(EMPTY, logins=(reply,), seconds=1)

    assert f"salesforce.{code}" == fails(session).code
    assert [] == server.asked


@pytest.mark.parametrize(
    ("reply", "most"), [(Reply(503), 3), (Reply(500, body="<html>busy</html>"), 3), (Reply(429), 1)]
)
def test_looks_at_once_do_not_storm_a_log_in_that_fails(reply, most, org):
    """Each of them would be tried again by itself: they share the attempts, and after a 429 there is none."""
    session, server = org(logins=(reply,))
    errors = at_once([lambda: fails(session)] * 8)

    assert {"salesforce"} == {each.source for each in errors}
    assert all(each.nothing_done for each in errors)
    assert most == len(server.logins)


def test_too_many_log_ins_are_a_limit(org):
    """By its code, and by what the description says: not the credentials are wrong."""
    session, server = org(logins=(Reply(500, body=soap(sf__exceptionCode="LOGIN_RATE_EXCEEDED")),), **WITH_PASSWORD)

    assert "salesforce.login_rate_exceeded" == fails(session).code
    fails(session)
    assert 1 == len(server.logins)


def test_a_log_in_that_failed_for_now_is_tried_again(org):
    """A 503 says nothing of the credentials."""
    session, server = org(Reply(body={}), logins=(Reply(503), Reply(body=GRANTED)))
    session.ask(limits)

    assert (2, 1) == (len(server.logins), len(server.asked))


def test_no_secret_is_told(org, key, caplog, recwarn):
    """Neither in an error, nor in what libraries log or warn of, nor in a repr."""
    caplog.set_level(logging.DEBUG)
    refused = Reply(400, body={"error": "invalid_grant", "error_description": "user hasn't approved this consumer"})
    for given in (APP, {**SIGNED, "salesforce_private_key": key}, WITH_PASSWORD):
        for replies, logins in (((ENDED,), (Reply(body=GRANTED),)), ((EMPTY,), (refused,))):
            session, server = org(*replies, logins=logins, **given)
            error = fails(session)
            told = f"{error!r} {error.hint} {session.login!r} {session.login} {caplog.text} {[str(w) for w in recwarn]}"
            assertion = server.logins[0].body
            secrets = ("canary", "MII", key[60:90], base64.b64encode(b"3MVG9canary").decode()[:12], assertion[-40:])
            assert [] == [each for each in secrets if each in told]


def test_the_library_comes_without_its_ballast():
    """zeep, lxml, PyJWT and cryptography are not imported, and importing the settings imports none of it."""
    script = (
        "import sys, json; from peakops.settings import Settings; import peakops.sources;"
        "early = 'simple_salesforce' in sys.modules or 'requests' in sys.modules;"
        "import peakops.sources.salesforce, peakops.sources.salesforce_writer;"
        "names = ('zeep', 'lxml', 'jwt', 'cryptography', 'httpx');"
        "print(json.dumps([early, [each for each in names if each in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert [False, []] == json.loads(done.stdout)


def test_a_page_that_salesforce_has_not_is_said(org):
    """A version too new, or a wrong address."""
    session, _ = org(Reply(404, body=refusal("NOT_FOUND")))
    error = fails(session)

    assert (NotFound, "salesforce.not_found") == (type(error), error.code)
    assert "PEAKOPS_SALESFORCE_URL" in error.hint
