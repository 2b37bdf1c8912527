"""SendGrid and Resend as the sandbox plays them: who is suppressed, and what became of a mail."""

import json

import pytest
from conftest import call, world

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox.state import Sandbox

BOUNCED, HEALTHY = "bounced@smile.example", "healthy@smile.example"
SENDGRID = {
    "messages": [
        {"sg_message_id": "m1.recvd-1", "to_email": BOUNCED, "status": "bounced", "reason": "550 5.1.1 unknown user",
         "created_at": "-2h", "subject": "It's here"},
        {"sg_message_id": "m2.recvd-1", "to_email": HEALTHY, "created_at": "-1h"},
        {"sg_message_id": "m3.recvd-1", "to_email": HEALTHY, "status": "deferred", "created_at": "-3d"},
        {"sg_message_id": "m4.recvd-1", "to_email": HEALTHY, "created_at": "-31d"},
    ],
    "suppressions": {
        "bounces": [{"email": BOUNCED, "reason": "550 5.1.1 unknown user", "created": "-2h"}],
        "spam_reports": [{"email": BOUNCED}],
        "unsubscribes": [{"email": BOUNCED}],
    },
}  # fmt: skip
RESEND = {
    "emails": [
        {"id": f"mail-{number}", "to": [HEALTHY, BOUNCED][number % 2 : number % 2 + 1], "created_at": f"-{number}h",
         "last_event": "delivered", "html": "<p>Hello</p>"}
        for number in range(5)
    ],
    "suppressions": [
        {"id": "s1", "email": BOUNCED, "origin": "bounce", "created_at": "-1d"},
        {"id": "s2", "email": "angry@smile.example", "origin": "complaint", "created_at": "-2d"},
    ],
    "domains": [{"name": "portal.example", "status": "failed"}],
}  # fmt: skip
KEYS = {"sendgrid": Sandbox.sendgrid_key, "resend": Sandbox.resend_key}


@pytest.fixture
def ask(play):
    """Load a world of one provider, and ask it: status and body."""

    def load(vendor, part, **more):
        box = play(**{vendor: part}, **more)

        def ask(method, path, body=None, key=KEYS[vendor]):
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            status, _, text = call(box, method, f"/{vendor}{path}", body, **headers)
            return status, json.loads(text)

        return ask

    return load


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v3/suppression/bounces/{BOUNCED}",
         [{"created": 1795179600, "email": BOUNCED, "reason": "550 5.1.1 unknown user", "status": "5.1.1"}]),
        ("/v3/suppression/bounces/Bounced@Smile.example",
         [{"created": 1795179600, "email": BOUNCED, "reason": "550 5.1.1 unknown user", "status": "5.1.1"}]),
        (f"/v3/suppression/bounces/{HEALTHY}", []),
        (f"/v3/suppression/blocks/{BOUNCED}", []),
        (f"/v3/suppression/spam_reports/{BOUNCED}",
         [{"created": 1795183200, "email": BOUNCED, "ip": "198.51.100.25"}]),
        (f"/v3/suppression/invalid_emails/{BOUNCED}", []),
        (f"/v3/asm/suppressions/global/{BOUNCED}", {"recipient_email": BOUNCED}),
        (f"/v3/asm/suppressions/global/{HEALTHY}", {}),
    ],
)  # fmt: skip
def test_who_is_on_sendgrid_s_lists(ask, path, body):
    """A list by address: one entry or none; the global one is an object."""
    assert (200, body) == ask("sendgrid", SENDGRID)("GET", path)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"to_email = '{HEALTHY}'", ["m2", "m3"]),
        ("to_email = 'Healthy@SMILE.example'"
         ' AND sg_message_id_created_at >= TIMESTAMP "2026-11-20T00:00:00Z"', ["m2"]),
        ("subject = 'It''s here'", ["m1"]),
        ("status IN ('deferred', 'bounced')", ["m1", "m3"]),
        ('sg_message_id = "m1.recvd-1"', ["m1"]),
        ("", ["m2", "m1", "m3"]),
    ],
)  # fmt: skip
def test_sendgrid_s_log_is_searched(ask, query, found):
    """Conditions joined by AND, the newest mail first; after thirty days a mail is forgotten."""
    status, body = ask("sendgrid", SENDGRID)("POST", "/v3/logs", {"query": query})
    assert (200, found) == (status, [each["sg_message_id"].partition(".")[0] for each in body["messages"]])


@pytest.mark.parametrize(
    "body",
    [{"query": "to_email LIKE 'x'"}, {"query": "status = 'bounced'"}, {"query": "to_email = 'x' AND"},
     {"query": "sg_message_id_created_at > '2026-11-20'"}, {"query": "name = 'x'"}, {"query": "to_email = 'x' OR 1"},
     {"limit": 1001}, {"query": 3}],
)  # fmt: skip
def test_a_search_that_sendgrid_does_not_understand(ask, body):
    """400 in SendGrid's envelope."""
    status, answer = ask("sendgrid", SENDGRID)("POST", "/v3/logs", body)
    assert (400, ["field", "message"]) == (status, sorted(answer["errors"][0]))


def test_one_mail_of_sendgrid_s(ask):
    """With what happened to it: its reason is in its last event."""
    ask = ask("sendgrid", SENDGRID)
    _, body = ask("GET", "/v3/logs/m1.recvd-1")
    assert ("bounced", ["processed", "bounce"]) == (body["status"], [each["event"] for each in body["events"]])
    assert ("550 5.1.1 unknown user", "bounce", 1795179601) == tuple(
        body["events"][-1][name] for name in ("reason", "type", "timestamp")
    )
    assert 404 == ask("GET", "/v3/logs/m1")[0]


def test_what_sendgrid_s_key_may_do(ask):
    """A scope that is missing is 403, a key that is wrong 401; the scopes are told to every key."""
    narrow = ask("sendgrid", {**SENDGRID, "scopes": ["mail.send", "suppression.bounces.read"]})
    assert (200, {"scopes": ["mail.send", "suppression.bounces.read"]}) == narrow("GET", "/v3/scopes")
    assert [200, 403, 403, 403] == [
        narrow("GET", f"/v3/suppression/bounces/{BOUNCED}")[0],
        narrow("GET", f"/v3/suppression/blocks/{BOUNCED}")[0],
        narrow("GET", "/v3/logs/m1.recvd-1")[0],
        narrow("POST", "/v3/logs", {})[0],
    ]
    assert [401, 401] == [narrow("GET", "/v3/scopes", key=key)[0] for key in ("SG.other", None)]


def test_resend_s_mails_by_page(ask):
    """Newest first, after or before one of them; a list has no text."""
    ask = ask("resend", RESEND)
    _, first = ask("GET", "/emails?limit=2")
    assert (["mail-0", "mail-1"], True) == ([each["id"] for each in first["data"]], first["has_more"])
    assert "2026-11-20 15:00:00.000000+00" == first["data"][0]["created_at"]
    assert "html" not in first["data"][0]
    _, last = ask("GET", "/emails?limit=10&after=mail-1")
    assert (["mail-2", "mail-3", "mail-4"], False) == ([each["id"] for each in last["data"]], last["has_more"])
    _, before = ask("GET", "/emails?limit=1&before=mail-2")
    assert (["mail-1"], True) == ([each["id"] for each in before["data"]], before["has_more"])
    assert [422] * 3 == [ask("GET", f"/emails?{query}")[0] for query in ("limit=101", "after=x", "after=a&before=b")]


def test_one_mail_of_resend_s(ask):
    """With its text and its last event; 404 in Resend's envelope where there is none."""
    ask = ask("resend", RESEND)
    status, body = ask("GET", "/emails/mail-1")
    assert (200, [BOUNCED], "delivered", "<p>Hello</p>") == (status, body["to"], body["last_event"], body["html"])
    assert (404, {"statusCode": 404, "name": "not_found", "message": "Email not found"}) == ask("GET", "/emails/x")


def test_resend_s_suppressions(ask):
    """By page, by origin, by id and by address, whatever its case."""
    ask = ask("resend", RESEND)
    assert ["s1", "s2"] == [each["id"] for each in ask("GET", "/suppressions")[1]["data"]]
    assert ["s2"] == [each["id"] for each in ask("GET", "/suppressions?origin=complaint")[1]["data"]]
    assert ["s1", "s1"] == [ask("GET", f"/suppressions/{way}")[1]["id"] for way in ("s1", "Bounced@smile.example")]
    assert 404 == ask("GET", f"/suppressions/{HEALTHY}")[0]
    assert ["failed"] == [each["status"] for each in ask("GET", "/domains")[1]["data"]]


@pytest.mark.parametrize(
    ("kind", "key", "outcome"),
    [("full_access", "re_other_0", (403, "invalid_api_key")), ("full_access", None, (401, "missing_api_key")),
     ("sending_access", KEYS["resend"], (401, "restricted_api_key"))],
)  # fmt: skip
def test_resend_s_key(ask, kind, key, outcome):
    """A key that may only send reads nothing."""
    status, body = ask("resend", {**RESEND, "key": kind})("GET", "/emails", key=key)
    assert outcome == (status, body["name"])


@pytest.mark.parametrize(
    ("vendor", "path", "fault", "outcome"),
    [("sendgrid", "/v3/scopes", {"status": 429}, (429, {"errors": [{"message": "too many requests"}]})),
     ("resend", "/emails", {"error": "daily_quota_exceeded"},
      (429, {"statusCode": 429, "name": "daily_quota_exceeded",
             "message": "You have reached your daily email sending quota."}))],
)  # fmt: skip
def test_faults_come_in_the_vendor_s_envelope(ask, vendor, path, fault, outcome):
    """SendGrid has sentences, Resend has names."""
    assert outcome == ask(vendor, {}, faults=[{"vendor": vendor, "route": "*", **fault}])("GET", path)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"sendgrid": {"mesages": []}}, "sendgrid.mesages: no such resource; did you mean messages?"),
        ({"sendgrid": {"messages": [{}]}}, "sendgrid.messages[0].to_email: must be a string."),
        ({"sendgrid": {"messages": [{"to_email": "a", "status": "bounce"}]}},
         "sendgrid.messages[0].status: no such status; did you mean bounced?"),
        ({"sendgrid": {"suppressions": {"bounce": []}}},
         "sendgrid.suppressions.bounce: no such list of suppressions; did you mean bounces?"),
        ({"sendgrid": {"suppressions": {"blocks": [{"email": "a", "created": "soon"}]}}},
         "sendgrid.suppressions.blocks[0].created: 'soon' is no time"),
        ({"sendgrid": {"scopes": [1]}}, "sendgrid.scopes: must be a list of strings."),
        ({"resend": {"emails": [{"to": []}]}}, "resend.emails[0].to: must name somebody."),
        ({"resend": {"emails": [{"to": ["a"], "last_event": "bounce"}]}},
         "resend.emails[0].last_event: no such last_event; did you mean bounced?"),
        ({"resend": {"suppressions": [{"id": "1", "email": email} for email in "ab"]}}, "resend: 1 occurs twice."),
        ({"resend": {"key": "full"}}, "resend.key: no such key"),
    ],
)  # fmt: skip
def test_a_part_that_is_refused(home, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(**part), source="")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("parts", "provider"),
    [({"sendgrid": {}}, "sendgrid"), ({"resend": {}}, "resend"), ({}, None), ({"sendgrid": {}, "resend": {}}, None),
     ({"sendgrid": {}, "resend": {}, "email_provider": "resend"}, "resend")],
)  # fmt: skip
def test_the_provider_in_use(play, parts, provider):
    """The one that is named, or the only one of which the world says a part."""
    assert provider == play(**parts).email_provider


def test_both_parts_come_back_in_a_dump(home):
    """With absolute times and the defaults; loaded, it dumps to itself."""
    more = {
        "stats": [{"date": "-1d", "requests": 3}],
        "domains": [{"domain": "portal.example"}],
        "allowlist": ["a.example"],
    }
    sandbox.load(home, world(sendgrid={**SENDGRID, **more}, resend=RESEND), source="")
    first = sandbox.dump(home)
    assert "2026-11-19" == first["sendgrid"]["stats"][0]["date"]
    sandbox.load(home, first, source="")
    assert first == sandbox.dump(home)
