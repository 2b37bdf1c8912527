"""The e-mail writer against the sandbox, and against providers whose answers are lost: one mail, one entry, no more."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from peakops import sandbox
from peakops.errors import (
    Denied,
    NotConfigured,
    PeakopsError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unreachable,
    Unverified,
    certain,
)
from peakops.settings import Settings, WriteKeys
from peakops.sources import resend_writer, sendgrid_writer, writers
from peakops.sources.email_writer import EmailWriter

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
JANE, ELSE = "jane@smilecare.example", "else@smilecare.example"
TEXT = "Dear Jane Canary, your crown is ready."
MAIL = {"to": JANE, "subject": "Case of Jane Canary", "body": TEXT}
STEP = {"plan": "plan", "key": "peakops-plan-1-0"}
REFERENCE = "peakops-0123456789abcdef01234567"
SEND = {"message": MAIL, "reference": REFERENCE, **STEP}
SENDS = {"sendgrid": "POST /v3/mail/send", "resend": "POST /emails"}
MAILS = {"sendgrid": "messages", "resend": "emails"}
BOTH = pytest.mark.parametrize("provider", MAILS)


@pytest.fixture
def writer(load):
    """A writer to a provider of the sandbox, with what the provider has."""

    def writer(provider, part=None, *, faults=(), seconds=15.0, key=None, **given):
        world = {"says": "Mails.", "now": "2026-11-20T15:00:00Z", "email_provider": provider}
        box = load({**world, provider: part or {}}, faults=[{"vendor": provider, **each} for each in faults])
        keys = WriteKeys(**{f"{provider}_key": key or getattr(box, f"{provider}_key")})
        settings = {
            "email_provider": provider,
            "email_from": box.email_from,
            f"{provider}_url": box.vendor_url(provider),
            "clock": NOW,
            **given,
        }
        return EmailWriter(Settings(**settings), keys, deadline=time.monotonic() + seconds)

    return writer


@pytest.fixture
def has(state):
    """What a provider has of a kind by now."""
    return lambda provider, kind: sandbox.dump(state / "peakops")[provider][kind]


@pytest.fixture
def asked(state):
    """The requests that change something, of all that the sandbox has seen."""
    return lambda: [
        f"{each['method']} {each['path']}"
        for each in sandbox.requests(state / "peakops")
        if each["method"] != "GET" and not each["path"].endswith("/logs")
    ]


def at(provider, server, seconds=12.0):
    given = {f"{provider}_url": server.url, "email_from": "Peak <portal@peakdental.example>", "clock": NOW}
    keys = WriteKeys(**{f"{provider}_key": "not_a_key"})
    return EmailWriter(Settings(email_provider=provider, **given), keys, deadline=time.monotonic() + seconds)


@pytest.fixture
def hasty(monkeypatch):
    """The looks after a lost answer follow each other at once."""
    monkeypatch.setattr(sendgrid_writer, "LOOKS_AFTER_S", (0.0, 0.01))
    monkeypatch.setattr(resend_writer, "PAUSES_S", (0.0, 0.01))


def refused(act, *kinds):
    """The error of an act, in which nothing of a person or of a mail is told."""
    with pytest.raises(kinds or PeakopsError) as wrong:
        act()
    told = f"{wrong.value.says} {wrong.value.hint} {wrong.value.code}"
    assert not [each for each in (JANE, "Canary", "crown", "not_a_key") if each in told]
    return wrong.value


@BOTH
def test_a_mail_is_sent_once_for_its_reference(provider, writer, has):
    """A run that died between the send and its record finds it the second time."""
    client = writer(provider)
    first, second = client.send(**SEND), client.send(**SEND)

    assert ("sent", False) == (first["status"], first["already"])
    assert ("found", True) == (second["status"], second["already"])
    assert second["id"].startswith(first["id"])
    (mail,) = has(provider, MAILS[provider])
    assert mail["id" if provider == "resend" else "sg_message_id"].startswith(first["id"])
    assert JANE in str(mail)


@BOTH
@pytest.mark.parametrize(("body", "kind"), [(TEXT, "text"), (f"\n <p>{TEXT}</p>", "html")])
def test_a_mail_is_from_the_portals_sender(provider, body, kind, played):
    """A body that begins with an angle bracket is HTML, any other text; the reference is said."""
    answers = {
        "sendgrid": (Reply(body={"messages": []}), Reply(202, body="", headers={"X-Message-Id": "m1"})),
        "resend": (Reply(body={"data": []}), Reply(body={"id": "m1"})),
    }
    server = played(*answers[provider])
    made = at(provider, server).send(**{**SEND, "message": {**MAIL, "body": body}})
    sent = server.asked[-1]

    assert {"id": "m1", "status": "sent", "already": False} == made
    if provider == "sendgrid":
        assert {"email": "portal@peakdental.example", "name": "Peak"} == sent.body["from"]
        assert [{"type": {"text": "text/plain", "html": "text/html"}[kind], "value": body}] == sent.body["content"]
        assert [REFERENCE] == sent.body["categories"]
    else:
        assert ("Peak <portal@peakdental.example>", body) == (sent.body["from"], sent.body[kind])
        assert [{"name": "peakops", "value": REFERENCE}] == sent.body["tags"]
        assert REFERENCE == sent.headers["idempotency-key"]


@BOTH
@pytest.mark.parametrize("broken", [{"to": None}, {"to": " "}, {"subject": None}, {"body": ""}])
def test_a_mail_that_is_not_whole_is_not_sent(provider, broken, writer, asked):
    """The part that is missing is named."""
    client = writer(provider)
    wrong = refused(lambda: client.send(**{**SEND, "message": {**MAIL, **broken}}), Refused)

    assert ("email.not_whole", True) == (wrong.code, wrong.nothing_done)
    assert next(iter(broken)) in wrong.says
    assert [] == asked()


NOT_ONE = {
    "recipient": [
        {"to": f"{JANE}, {ELSE}"},
        {"to": f"Jane Canary <{JANE}>"},
        {"to": f"{JANE}\nBcc: {ELSE}"},
        {"to": "Jane"},
    ],
    "subject": [{"subject": f"Crown\r\nBcc: {ELSE}"}, {"subject": "Crown\u2028of Jane Canary"}],
}


@BOTH
@pytest.mark.parametrize(("part", "broken"), [(part, each) for part, several in NOT_ONE.items() for each in several])
def test_a_mail_has_one_recipient_and_no_further_header(provider, part, broken, writer, asked):
    """What might go to somebody else is refused before a provider is asked."""
    client = writer(provider)
    wrong = refused(lambda: client.send(**{**SEND, "message": {**MAIL, **broken}}), Refused)

    assert ("email.not_whole", True) == (wrong.code, wrong.nothing_done)
    assert part in wrong.says
    assert [] == asked()


@BOTH
@pytest.mark.parametrize(
    "address", ["o'brien@smilecare.example", "j+a.b_c@sub.smilecare.example", "müller@smilecare.example"]
)
def test_an_odd_address_is_one(provider, address, writer, has):
    """Quotes, plus signs and letters of other alphabets are an address's own."""
    writer(provider).send(**{**SEND, "message": {**MAIL, "to": address, "subject": "Krönchen ✓"}})

    assert address in str(has(provider, MAILS[provider]))


@pytest.mark.parametrize("status", [400, 422, 451])
def test_what_resend_refuses_by_name_is_certain(status, played):
    """Nothing is asked again, and nothing is left open."""
    server = played(Reply(body={"data": []}), Reply(status, body={"name": "security_error"}))
    wrong = refused(lambda: at("resend", server).send(**SEND))

    assert ("email.refused", True, 2) == (wrong.code, wrong.nothing_done, len(server.asked))


def test_sendgrid_names_the_field_that_it_refuses(played):
    """Its sentence, which may hold an address, is not repeated."""
    body = {"errors": [{"message": f"{JANE} is none", "field": "personalizations.0.to.0.email"}]}
    server = played(Reply(body={"messages": []}), Reply(400, body=body))
    wrong = refused(lambda: at("sendgrid", server).send(**SEND), Refused)

    assert "'personalizations.0.to.0.email'" in wrong.says


def test_an_entry_without_an_id_is_not_lifted(played):
    """The path of no entry is that of the whole list."""
    server = played(Reply(body={"id": "", "email": JANE, "origin": "bounce"}))
    wrong = refused(lambda: at("resend", server).release(address=JANE, kind="bounce", **STEP), Unreachable)

    assert ("email.unreadable", True, 1) == (wrong.code, wrong.nothing_done, len(server.asked))


def test_a_complaint_that_takes_a_bounces_place_is_not_lifted(played):
    """Resend's entry is named by its id, and not by the address that another one may have by then."""
    server = played(ENTRY["resend"], ABSENT["resend"], Reply(body={"id": "s2", "email": JANE, "origin": "complaint"}))
    wrong = refused(lambda: at("resend", server).release(address=JANE, kind="bounce", **STEP), Unverified)

    assert "email.still_suppressed" == wrong.code
    assert ["/suppressions/s1"] == [each.path for each in server.asked if each.method == "DELETE"]


@BOTH
def test_what_is_missing_is_named(provider, writer, asked):
    """The sender, the key, and the provider itself, before anything is sent."""
    bare = EmailWriter(Settings(email_provider=provider, email_from="a@b.example"), WriteKeys(), deadline=0)
    nobody = EmailWriter(Settings(email_from="a@b.example"), WriteKeys(), deadline=0)
    sender = refused(lambda: writer(provider, email_from=None).send(**SEND), NotConfigured)
    key, none = (refused(lambda each=each: each.send(**SEND), NotConfigured) for each in (bare, nobody))

    assert "PEAKOPS_EMAIL_FROM" in sender.says
    assert f"PEAKOPS_{provider.upper()}_WRITE_KEY" in key.hint
    assert "PEAKOPS_EMAIL_PROVIDER" in none.says
    assert {True} == {each.nothing_done for each in (sender, key, none)}
    assert [] == asked()


@BOTH
def test_a_lost_answer_is_looked_up(provider, writer, has, hasty):
    """The mail went out and the connection broke: it is found, and no second one goes out."""
    client = writer(provider, faults=[{"route": SENDS[provider], "after_effect": "drop_connection", "times": 1}])
    made = client.send(**SEND)

    assert ("sent", False) == (made["status"], made["already"])
    assert 1 == len(has(provider, MAILS[provider]))


@pytest.mark.parametrize("reply", [Reply(reset=True), Reply(500), Reply(202, body=""), Reply(409)])
def test_what_sendgrids_log_does_not_show_is_open(reply, played, hasty):
    """The log lags: the mail is asked for once, and it is never said that nothing was done."""
    empty = Reply(body={"messages": []})
    server = played(empty, reply, empty)
    wrong = refused(lambda: at("sendgrid", server).send(**SEND), Unreachable)

    assert ("email.outcome_unknown", False, False) == (wrong.code, wrong.nothing_done, certain(wrong))
    assert "quarter of an hour" in wrong.hint
    assert 1 == sum(each.path == "/v3/mail/send" for each in server.asked)


def test_a_look_that_fails_leaves_it_open(played, hasty):
    """Its refusal says nothing of the mail."""
    server = played(Reply(body={"messages": []}), Reply(reset=True), Reply(403))
    wrong = refused(lambda: at("sendgrid", server).send(**SEND), Unreachable)

    assert ("email.outcome_unknown", False) == (wrong.code, certain(wrong))


def test_resend_is_asked_again_under_the_same_key(played, hasty):
    """The same request to the letter; what does not come then is open."""
    server = played(Reply(body={"data": []}), Reply(reset=True), Reply(500), Reply(body={"id": "m1"}))
    made = at("resend", server).send(**SEND)
    sends = [each for each in server.asked if each.method == "POST"]

    assert ("m1", "sent") == (made["id"], made["status"])
    assert 3 == len(sends)
    assert 1 == len({(each.headers["idempotency-key"], str(each.body)) for each in sends})


@pytest.mark.parametrize("later", [Reply(500), Reply(429), Reply(403, body={"name": "invalid_api_key"}), Reply(409)])
def test_a_refusal_after_a_lost_answer_is_not_certain(later, played, hasty):
    """It is of the second request, and says nothing of the first."""
    server = played(Reply(body={"data": []}), Reply(reset=True), later)
    wrong = refused(lambda: at("resend", server).send(**SEND), Unreachable)

    assert ("email.outcome_unknown", False) == (wrong.code, certain(wrong))


@pytest.mark.parametrize("provider", MAILS)
def test_a_provider_that_hangs_is_given_up_in_time(provider, played, hasty, monkeypatch):
    """There is time for the looks, and the whole ends by the deadline."""
    monkeypatch.setattr(sendgrid_writer, "SPARE_S", 1.0)
    monkeypatch.setattr(resend_writer, "SPARE_S", 1.0)
    empty = {"sendgrid": Reply(body={"messages": []}), "resend": Reply(body={"data": []})}[provider]
    server = played(empty, Reply(after_s=30), *([empty] if provider == "sendgrid" else []))
    client, start = at(provider, server, seconds=3.5), time.monotonic()
    wrong = refused(lambda: client.send(**SEND), TimedOut)

    assert ("email.outcome_unknown", False) == (wrong.code, certain(wrong))
    assert time.monotonic() - start < 4


@BOTH
def test_without_time_nothing_is_sent(provider, writer, asked):
    """Its answer would hardly come."""
    client = writer(provider, seconds=5)
    wrong = refused(lambda: client.send(**SEND), TimedOut)

    assert wrong.nothing_done
    assert [] == asked()


@pytest.mark.parametrize("provider", MAILS)
def test_a_twin_that_cannot_be_looked_for_stops_the_mail(provider, writer, asked):
    """The look comes first; where it fails nothing is sent."""
    look = {"sendgrid": "POST /v3/logs", "resend": "GET /emails"}[provider]
    client = writer(provider, faults=[{"route": look, "status": 503}], seconds=11)
    wrong = refused(lambda: client.send(**SEND), Unreachable)

    assert wrong.nothing_done
    assert [] == asked()


@pytest.mark.parametrize(
    ("provider", "part", "error", "code"),
    [
        ("sendgrid", {"credits": {"total": 1, "used": 1, "remain": 0}}, RateLimited, "maximum_credits_exceeded"),
        ("sendgrid", {"domains": [{"domain": "else.example"}]}, Denied, "sender_unverified"),
        ("sendgrid", {"scopes": ["email_activity.read"]}, Denied, "permission_denied"),
        ("resend", {"quota": {"daily": 1, "daily_used": 1}}, RateLimited, "daily_quota_exceeded"),
        ("resend", {"domains": [{"name": "else.example"}]}, Denied, "validation_error"),
    ],
)
def test_a_refusal_is_certain(provider, part, error, code, writer, has):
    """It has the provider's word, and nothing was sent."""
    client = writer(provider, part)
    wrong = refused(lambda: client.send(**SEND), error)

    assert (f"email.{code}", True) == (wrong.code, wrong.nothing_done)
    assert [] == has(provider, MAILS[provider])


@BOTH
def test_a_wrong_key_sends_nothing(provider, writer):
    """The setting is named, and not its value."""
    client = writer(provider, key="not_a_key")
    wrong = refused(lambda: client.send(**SEND), Unauthenticated)

    assert (True, True) == (wrong.nothing_done, f"PEAKOPS_{provider.upper()}_WRITE_KEY" in wrong.hint)


def test_a_key_that_only_sends_is_enough_at_resend(writer, has):
    """The list cannot be read then, and the idempotency key does without it."""
    client = writer("resend", {"key": "sending_access"})
    made = [client.send(**SEND), client.send(**SEND)]

    assert ["sent", "sent"] == [each["status"] for each in made]
    assert 1 == len({each["id"] for each in made}) == len(has("resend", "emails"))


def test_a_reference_with_another_text_is_refused_by_resend(writer, has):
    """A mail of it went out: the person is not sent another one, and the sentence says so."""
    client = writer("resend")
    client.send(**SEND)
    wrong = refused(lambda: client.send(**{**SEND, "message": {**MAIL, "body": "Another"}}), Refused)

    assert ("email.invalid_idempotent_request", True) == (wrong.code, wrong.nothing_done)
    assert "24 hours" in wrong.says
    assert 1 == len(has("resend", "emails"))


def listed(provider, kind="bounce", address=JANE):
    """The part of a world in which an address is on a list."""
    if provider == "resend":
        return {"suppressions": [{"id": "s1", "email": address, "origin": kind}, {"email": ELSE, "origin": "bounce"}]}
    name = {"bounce": "bounces", "block": "blocks", "invalid_email": "invalid_emails"}[kind]
    return {"suppressions": {name: [{"email": address}, {"email": ELSE}]}}


@pytest.mark.parametrize(
    ("provider", "kind", "id"),
    [
        ("sendgrid", "bounce", "bounces"),
        ("sendgrid", "block", "blocks"),
        ("sendgrid", "invalid_email", "invalid_emails"),
        ("resend", "bounce", "s1"),
    ],
)
def test_an_address_is_released(provider, kind, id, writer, has):
    """The one that was asked for, whatever its letters; the id names nobody, and a second time it is done already."""
    client = writer(provider, listed(provider, kind))
    first, second = (client.release(address=f" {JANE.upper()} ", kind=kind, **STEP) for _ in range(2))

    assert {"id": id, "status": "released", "already": False} == first
    assert ("released", True) == (second["status"], second["already"])
    left = str(has(provider, "suppressions"))
    assert (False, True) == (JANE in left, ELSE in left)


@pytest.mark.parametrize(
    ("provider", "kind", "part"),
    [
        ("sendgrid", "spam_report", {"suppressions": {"spam_reports": [{"email": JANE}]}}),
        ("sendgrid", "unsubscribe", {"suppressions": {"unsubscribes": [{"email": JANE}]}}),
        ("sendgrid", "group_unsubscribe", {"suppressions": {"groups": [{"email": JANE, "group": "Cases"}]}}),
        ("resend", "bounce", listed("resend", "complaint")),
        ("resend", "bounce", listed("resend", "manual")),
        ("resend", "spam_report", listed("resend", "complaint")),
    ],
)
def test_what_a_person_asked_for_is_not_lifted(provider, kind, part, writer, has, asked):
    """A complaint and an unsubscription, by whatever name they are asked for."""
    client = writer(provider, part)
    wrong = refused(lambda: client.release(address=JANE, kind=kind, **STEP), Refused)

    assert ("email.not_released", True) == (wrong.code, wrong.nothing_done)
    assert JANE in str(has(provider, "suppressions"))
    assert [] == asked()


DELETES = {"sendgrid": "DELETE /v3/suppression/bounces/*", "resend": "DELETE /suppressions/*"}


@BOTH
def test_a_release_whose_answer_was_lost_is_read_back(provider, writer):
    """The list says that the address is gone."""
    lost = [{"route": DELETES[provider], "after_effect": "drop_connection", "times": 1}]
    made = writer(provider, listed(provider), faults=lost).release(address=JANE, kind="bounce", **STEP)

    assert ("released", False) == (made["status"], made["already"])


@BOTH
def test_a_release_that_is_not_shown_is_open(provider, writer):
    """It failed, and the list still has the address."""
    client = writer(provider, listed(provider), faults=[{"route": DELETES[provider], "status": 503}])
    wrong = refused(lambda: client.release(address=JANE, kind="bounce", **STEP), Unreachable)

    assert ("email.outcome_unknown", False) == (wrong.code, certain(wrong))


ENTRY = {
    "sendgrid": Reply(body=[{"email": JANE, "created": 1}]),
    "resend": Reply(body={"id": "s1", "email": JANE, "origin": "bounce"}),
}
TAKEN = {"sendgrid": Reply(204, body=""), "resend": Reply(body={"id": "s1", "deleted": True})}
ABSENT = {
    "sendgrid": Reply(404, body={"errors": [{"message": "not found"}]}),
    "resend": Reply(404, body={"name": "not_found", "message": "Suppression not found"}),
}
GONE = {"sendgrid": Reply(body=[]), "resend": ABSENT["resend"]}


@BOTH
@pytest.mark.parametrize(
    ("after", "code"), [("entry", "email.still_suppressed"), (Reply(403), "email.unread"), (Reply(500), "email.unread")]
)
def test_a_release_that_is_taken_and_not_shown_is_unverified(provider, after, code, played):
    """The provider answered well; what the list says afterwards, or that it says nothing, is told."""
    server = played(ENTRY[provider], TAKEN[provider], ENTRY[provider] if after == "entry" else after)
    wrong = refused(lambda: at(provider, server, 11).release(address=JANE, kind="bounce", **STEP), Unverified)

    assert (code, False) == (wrong.code, certain(wrong))


@BOTH
def test_an_address_that_somebody_else_released_is_released(provider, played):
    """It went between the look and the request."""
    server = played(ENTRY[provider], ABSENT[provider], GONE[provider])

    assert "released" == at(provider, server).release(address=JANE, kind="bounce", **STEP)["status"]


@BOTH
def test_an_address_is_one_part_of_the_path(provider, played):
    """Whatever is in it; and never a whole list."""
    server = played(ENTRY[provider], TAKEN[provider], GONE[provider])
    at(provider, server).release(address="a/../b?delete_all=true@smilecare.example", kind="bounce", **STEP)

    quoted = "a%2F..%2Fb%3Fdelete_all%3Dtrue%40smilecare.example"
    lifted = {"sendgrid": quoted, "resend": "s1"}[provider]
    assert [quoted, lifted, quoted] == [each.path.rpartition("/")[2] for each in server.asked]
    assert [None] == [each.body for each in server.asked if each.method == "DELETE"]


def test_an_address_is_allowed_beside_the_others(writer, has):
    """SendGrid takes the list as a whole: the others' entries stay as they are written, and there is no twin."""
    client = writer("sendgrid", {"allowlist": ["Smilecare.example", ELSE]})
    first, second = (client.allow(address=each, **STEP) for each in (JANE, JANE.upper()))

    assert {"id": "address_whitelist", "status": "allowed", "already": False} == first
    assert ("allowed", True) == (second["status"], second["already"])
    assert ["Smilecare.example", ELSE, JANE] == has("sendgrid", "allowlist")
    assert has("sendgrid", "allowlist_enabled")


def test_an_allowlist_that_is_off_is_not_written(writer, has):
    """An entry would have no effect, and switching it on is of all entries."""
    client = writer("sendgrid", {"allowlist": [JANE], "allowlist_enabled": False})
    wrong = refused(lambda: client.allow(address=ELSE, **STEP), Refused)

    assert ("email.allowlist_off", True) == (wrong.code, wrong.nothing_done)
    assert [JANE] == has("sendgrid", "allowlist")


def test_an_allowlist_whose_answer_was_lost_is_read_back(writer, has):
    """The list has the entry."""
    lost = [{"route": "PATCH /v3/mail_settings/*", "after_effect": "drop_connection", "times": 1}]
    made = writer("sendgrid", {"allowlist": [ELSE]}, faults=lost).allow(address=JANE, **STEP)

    assert ("allowed", False) == (made["status"], made["already"])
    assert [ELSE, JANE] == has("sendgrid", "allowlist")


def whole(*entries):
    return Reply(body={"enabled": True, "list": list(entries)})


@pytest.mark.parametrize(
    ("patched", "after", "kind", "code"),
    [
        (whole(), whole(JANE), Unverified, "email.entries_lost"),
        (whole(), whole(ELSE), Unverified, "email.not_allowed"),
        (Reply(500), whole(ELSE), Unreachable, "email.outcome_unknown"),
        (whole(), Reply(403), Unverified, "email.unread"),
    ],
)
def test_an_allowlist_that_shows_another_state_is_told(patched, after, kind, code, played):
    """An entry that vanished, one that is not there, and a list that cannot be read."""
    server = played(whole(ELSE), patched, after)
    wrong = refused(lambda: at("sendgrid", server).allow(address=JANE, **STEP), kind)

    assert (code, False) == (wrong.code, certain(wrong))
    assert {"enabled": True, "list": [ELSE, JANE]} == server.asked[1].body
    assert ELSE not in f"{wrong.says} {wrong.hint}"


def test_resend_has_no_allowlist(writer, asked):
    """It is said before anything is asked."""
    wrong = refused(lambda: writer("resend").allow(address=JANE, **STEP), Refused)

    assert ("email.no_allowlist", True) == (wrong.code, wrong.nothing_done)
    assert [] == asked()


@BOTH
def test_the_writers_open_it_by_the_providers_name(provider, writer, has):
    """As a plan's action names it; the database's is not opened for it."""
    client = writer(provider)
    both = writers.Writers(client._settings, client._keys, Path())

    assert "sent" == both.call(provider, "send", SEND)["status"]
    assert 1 == len(has(provider, MAILS[provider]))
