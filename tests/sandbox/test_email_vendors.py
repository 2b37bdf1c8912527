"""SendGrid and Resend as the sandbox plays them: who is suppressed, what is sent, and what became of a mail."""

import http.client
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

        def ask(method, path, body=None, key=KEYS[vendor], **headers):
            headers = {
                "Content-Type": "application/json",
                **headers,
                **({"Authorization": f"Bearer {key}"} if key else {}),
            }
            status, ask.headers, text = call(box, method, f"/{vendor}{path}", body, **headers)
            return status, json.loads(text) if text else None

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
        ({"sendgrid": {"outcomes": [{"email": "a", "status": "bounce"}]}},
         "sendgrid.outcomes[0].status: no such status; did you mean bounced?"),
        ({"sendgrid": {"domains": [{"domain": "a.example", "dns": {"dkim": {}}}]}},
         "sendgrid.domains[0].dns.dkim: no such record; did you mean dkim2?"),
        ({"sendgrid": {"domains": [{"domain": "a.example", "dns": {"dkim1": {"valid": "no"}}}]}},
         "sendgrid.domains[0].dns.dkim1.valid: must be true or false."),
        ({"sendgrid": {"stats": [{"requests": "3"}]}}, "sendgrid.stats[0].requests: must be a number"),
        ({"sendgrid": {"credits": {"remain": "3"}}}, "sendgrid.credits.remain: must be a number"),
        ({"resend": {"quota": {"daily": "3"}}}, "resend.quota.daily: must be a number"),
        ({"sendgrid": {"credits": {"remaining": 0}}}, "sendgrid.credits.remaining: no such key; did you mean remain?"),
        ({"sendgrid": {"suppressions": {"groups": [{"email": "a"}]}}},
         "sendgrid.suppressions.groups[0].group: must be a string."),
        ({"resend": {"metrics": {"bounce": 5.2}}}, "resend.metrics.bounce: no such metric; did you mean bounced?"),
        ({"resend": {"quota": {"weekly": 1}}}, "resend.quota.weekly: no such key"),
        ({"resend": {"domains": [{"name": "a.example", "records": [{"status": "ok"}]}]}},
         "resend.domains[0].records[0].status: no such status"),
    ],
)  # fmt: skip
def test_a_part_that_is_refused(home, part, says):
    """By the place in the file, with the name that was perhaps meant."""
    with pytest.raises(BadInput) as refused:
        sandbox.load(home, world(**part), source="")
    assert says in str(refused.value)


FROM = "portal@peakdental.example"


ENDS = ("clicked", "bounced", "complained", "suppressed")


def letter(*to, **more):
    """What SendGrid is asked to send."""
    return {
        "personalizations": [{"to": [{"email": each} for each in to]}],
        "from": {"email": FROM},
        "subject": "Your case has arrived",
        "content": [{"type": "text/plain", "value": "It is here."}],
        "categories": ["peakops-1"],
        **more,
    }


def note(to, **more):
    """What Resend is asked to send."""
    return {"from": f"Peak <{FROM}>", "to": to, "subject": "Your case has arrived", "text": "It is here.", **more}


def test_sendgrid_sends_a_mail(ask):
    """202 and the beginning of the log's id; the log finds it by its category, and never has its text."""
    ask = ask("sendgrid", {})
    assert (202, None) == ask("POST", "/v3/mail/send", letter(HEALTHY, custom_args={"row": 7}))
    begin = ask.headers["X-Message-Id"]
    _, found = ask("POST", "/v3/logs", {"query": "categories IN ('peakops-0', 'peakops-1')"})
    assert [(HEALTHY, "delivered", begin)] == [
        (each["to_email"], each["status"], each["sg_message_id"].partition(".")[0]) for each in found["messages"]
    ]
    assert [] == ask("POST", "/v3/logs", {"query": "categories IN ('peakops')"})[1]["messages"]
    _, one = ask("GET", f"/v3/logs/{found['messages'][0]['sg_message_id']}")
    assert (["peakops-1"], {"row": "7"}) == (one["category"], one["custom_args"])
    assert "It is here" not in json.dumps(one)
    assert (99_999, 1) == tuple(ask("GET", "/v3/user/credits")[1][name] for name in ("remain", "used"))
    (today,) = ask("GET", "/v3/stats?start_date=2026-11-20&aggregated_by=day")[1]
    assert (1, 1) == tuple(today["stats"][0]["metrics"][name] for name in ("requests", "delivered"))


def test_two_mails_of_sendgrid_s_are_two(ask):
    """There is no idempotency key: what is sent twice arrives twice, under two ids."""
    ask = ask("sendgrid", {})
    ids = []
    for _ in range(2):
        assert 202 == ask("POST", "/v3/mail/send", letter(HEALTHY))[0]
        ids.append(ask.headers["X-Message-Id"])
    assert 2 == len(set(ids)) == len(ask("POST", "/v3/logs", {"query": f"to_email = '{HEALTHY}'"})[1]["messages"])


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"from": None}, ["from.email"]),
        ({"from": {"email": "nobody"}}, ["from.email"]),
        ({"personalizations": []}, ["personalizations"]),
        ({"personalizations": [{"to": []}]}, ["personalizations.0.to"]),
        ({"personalizations": [{"to": [{"email": "x"}], "cc": [{}]}]},
         ["personalizations.0.to.0.email", "personalizations.0.cc.0.email"]),
        ({"subject": ""}, ["subject"]),
        ({"content": []}, ["content"]),
        ({"content": [{"type": "text/plain", "value": ""}]}, ["content.0.value"]),
        ({"categories": [str(each) for each in range(11)]}, ["categories"]),
        ({"categories": ["a", "a"]}, ["categories"]),
        ({"categories": ["a" * 256]}, ["categories.0"]),
        ({"categories": "a"}, ["categories"]),
        ({"subject": None, "content": None}, ["subject", "content"]),
        ({"from": {"email": "portal@other.example"}}, ["from"]),
    ],
)  # fmt: skip
def test_a_mail_that_sendgrid_does_not_take(ask, more, fields):
    """Everything that is wrong with it, each with its field; nothing is sent. A sender not verified is 403."""
    ask = ask("sendgrid", {})
    status, body = ask("POST", "/v3/mail/send", letter(HEALTHY, **more))
    assert (403 if fields == ["from"] else 400, fields) == (status, [each["field"] for each in body["errors"]])
    assert [] == ask("POST", "/v3/logs", {})[1]["messages"]


def test_a_mail_that_sendgrid_only_tries(ask):
    """200 and nothing sent; and a body of another type is not read at all."""
    ask = ask("sendgrid", {})
    tried = letter(HEALTHY, mail_settings={"sandbox_mode": {"enable": True}})
    assert 200 == ask("POST", "/v3/mail/send", tried)[0]
    assert 415 == ask("POST", "/v3/mail/send", letter(HEALTHY), **{"Content-Type": "text/plain"})[0]
    assert [] == ask("POST", "/v3/logs", {})[1]["messages"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("bounces", "Bounced Address"), ("spam_reports", "Spam Reporting Address"), ("invalid_emails", "Invalid"),
     ("unsubscribes", "Unsubscribed Address"), ("blocks", None)],
)  # fmt: skip
def test_sendgrid_drops_what_is_for_a_suppressed_address(ask, name, reason):
    """All lists keep a mail back but that of blocks, which were of one mail each."""
    ask = ask("sendgrid", {"suppressions": {name: [{"email": BOUNCED}]}})
    assert 202 == ask("POST", "/v3/mail/send", letter(BOUNCED.upper()))[0]
    (found,) = ask("POST", "/v3/logs", {})[1]["messages"]
    assert ("dropped" if reason else "delivered", reason or "") == (found["status"], found["reason"])


def test_what_passes_sendgrid_s_lists(ask):
    """The allowlist lets bounces and unsubscribes by while it is on; a setting of the mail lets by what it names."""
    listed = {"bounces": [{"email": BOUNCED}], "spam_reports": [{"email": "angry@smile.example"}]}

    def ends(box, to, **settings):
        asked = letter(to, mail_settings={name: {"enable": True} for name in settings})
        assert 202 == box("POST", "/v3/mail/send", asked)[0]
        identifier = box.headers["X-Message-Id"]
        found = box("POST", "/v3/logs", {"query": "categories IN ('peakops-1')"})[1]["messages"]
        return next(each["status"] for each in found if each["sg_message_id"].startswith(identifier))

    box = ask("sendgrid", {"suppressions": listed, "allowlist": ["smile.example"]})
    assert ("delivered", "dropped") == (ends(box, BOUNCED), ends(box, "angry@smile.example"))
    box = ask("sendgrid", {"suppressions": listed, "allowlist": [BOUNCED], "allowlist_enabled": False})
    assert ("dropped", "delivered") == (ends(box, BOUNCED), ends(box, BOUNCED, bypass_bounce_management=True))


def test_what_becomes_of_a_mail_is_the_world_s(ask):
    """An address to which the next mail bounces: it is on the list of bounces from then on."""
    part = {"outcomes": [{"email": HEALTHY, "status": "bounced", "reason": "550 5.1.1 gone"}]}
    ask = ask("sendgrid", part)
    ends = []
    for _ in range(2):
        ask("POST", "/v3/mail/send", letter(HEALTHY))
        ends.append(ask("POST", "/v3/logs", {"query": "status IN ('bounced', 'dropped')"})[1]["messages"])
    assert ["bounced", "dropped"] == [each["status"] for each in ends[-1]]
    (bounce,) = ask("GET", f"/v3/suppression/bounces/{HEALTHY}")[1]
    assert ("550 5.1.1 gone", "5.1.1", 1795186800) == tuple(bounce[name] for name in ("reason", "status", "created"))


@pytest.mark.parametrize("name", ["bounces", "blocks", "spam_reports", "invalid_emails"])
def test_an_address_is_taken_off_one_of_sendgrid_s_lists(ask, name):
    """204 once, 404 after that; the other addresses and lists stay. The global list says 204 to anybody."""
    others = [{"email": HEALTHY}]
    ask = ask("sendgrid", {"suppressions": {name: [{"email": BOUNCED}, *others], "unsubscribes": [{"email": BOUNCED}]}})
    path = f"/v3/suppression/{name}/{BOUNCED.upper()}"
    assert [204, 404] == [ask("DELETE", path)[0] for _ in range(2)]
    assert ([], [HEALTHY]) == tuple(
        [each["email"] for each in ask("GET", f"/v3/suppression/{name}/{email}")[1]] for email in (BOUNCED, HEALTHY)
    )
    everywhere = f"/v3/asm/suppressions/global/{BOUNCED}"
    assert {"recipient_email": BOUNCED} == ask("GET", everywhere)[1]
    assert [204, 204] == [ask("DELETE", everywhere)[0] for _ in range(2)]
    assert {} == ask("GET", everywhere)[1]


def test_a_whole_list_of_sendgrid_s(ask):
    """By page, by time and by the beginning of an address; some or all are taken off, but never by a body of both."""
    listed = [{"email": f"{name}@smile.example", "created": f"-{hours}h"} for hours, name in enumerate("abc", 1)]
    ask = ask("sendgrid", {"suppressions": {"bounces": listed, "unsubscribes": listed}})

    def names(query="", which="bounces"):
        return "".join(each["email"][0] for each in ask("GET", f"/v3/suppression/{which}{query}")[1])

    assert ("abc", "bc", "ab", "c", "abc") == (
        names(), names("?offset=1"), names("?start_time=1795179600"), names("?email=C@"), names(which="unsubscribes")
    )  # fmt: skip
    assert [400, 400] == [ask("GET", f"/v3/suppression/bounces?{query}")[0] for query in ("limit=501", "offset=-1")]
    bounces = "/v3/suppression/bounces"
    assert [400, 400] == [ask("DELETE", bounces, body)[0] for body in ({}, {"delete_all": True, "emails": []})]
    assert (204, "bc") == (ask("DELETE", bounces, {"emails": ["A@smile.example"]})[0], names())
    assert (204, "", "abc") == (ask("DELETE", bounces, {"delete_all": True})[0], names(), names(which="unsubscribes"))


def test_groups_from_which_an_address_has_unsubscribed(ask):
    """Every group with whether it is so; a mail of such a group is dropped, one of another is not."""
    groups = [{"email": BOUNCED, "group": "Cases"}, {"email": HEALTHY, "group": "Invoices"}]
    ask = ask("sendgrid", {"suppressions": {"groups": groups}})
    _, body = ask("GET", f"/v3/asm/suppressions/{BOUNCED}")
    assert [("Cases", True), ("Invoices", False)] == [
        (each["name"], each["suppressed"]) for each in body["suppressions"]
    ]
    for each in body["suppressions"]:
        ask("POST", "/v3/mail/send", letter(BOUNCED, subject=each["name"], asm={"group_id": each["id"]}))
    found = ask("POST", "/v3/logs", {})[1]["messages"]
    assert [("Cases", "dropped"), ("Invoices", "delivered")] == [(each["subject"], each["status"]) for each in found]


def test_sendgrid_s_allowlist_is_replaced_whole(ask):
    """What is not sent stays as it is; a list that is sent is all of the list."""
    ask = ask("sendgrid", {"allowlist": ["a.example", "b@b.example"]})
    path = "/v3/mail_settings/address_whitelist"
    assert {"enabled": True, "list": ["a.example", "b@b.example"]} == ask("GET", path)[1]
    assert {"enabled": False, "list": ["a.example", "b@b.example"]} == ask("PATCH", path, {"enabled": False})[1]
    assert {"enabled": False, "list": ["c.example"]} == ask("PATCH", path, {"list": ["c.example", "c.example"]})[1]
    assert [400, 400] == [ask("PATCH", path, body)[0] for body in ({"list": "c.example"}, {"enabled": "no"})]
    assert {"enabled": False, "list": ["c.example"]} == ask("GET", path)[1]


def test_sendgrid_s_domains(ask):
    """The records of one that is not in good order; the next look finds what is published by now."""
    dns = {"dkim1": {"valid": False, "published": True}, "dkim2": {"valid": False}}
    ask = ask("sendgrid", {"domains": [{"domain": "peakdental.example", "dns": dns}]})
    (found,) = ask("GET", "/v3/whitelabel/domains")[1]
    assert (False, {"mail_cname": True, "dkim1": False, "dkim2": False}) == valid(found)
    assert 403 == ask("POST", "/v3/mail/send", letter(HEALTHY))[0]
    path = f"/v3/whitelabel/domains/{found['id']}"
    _, looked = ask("POST", f"{path}/validate")
    assert (False, 'Expected CNAME for "s2._domainkey.peakdental.example"') == (
        looked["valid"], looked["validation_results"]["dkim2"]["reason"]
    )  # fmt: skip
    assert (False, {"mail_cname": True, "dkim1": True, "dkim2": False}) == valid(ask("GET", path)[1])
    assert [404, 404] == [ask(*way)[0] for way in (("GET", f"{path}0"), ("POST", f"{path}0/validate"))]


def valid(domain):
    """Whether a domain is in good order, and which of its records are."""
    return domain["valid"], {name: each["valid"] for name, each in domain["dns"].items()}


def test_sendgrid_s_figures(ask):
    """A row for each day of the span; what a world does not say of a day follows from what it says, or is counted."""
    part = {"stats": [{"date": "2026-11-18", "requests": 1000, "bounces": 52, "spam_reports": 3}], **SENDGRID}
    ask = ask("sendgrid", part)

    def figures(query):
        status, body = ask("GET", f"/v3/stats?{query}")
        return status, [(each["date"], *(each["stats"][0]["metrics"][name] for name in NAMES)) for each in body]

    days = [("2026-11-18", 1000, 948, 52), ("2026-11-19", 0, 0, 0), ("2026-11-20", 2, 1, 1)]
    assert (200, days) == figures("start_date=2026-11-18")
    assert (200, days[:1]) == figures("start_date=2026-11-18&end_date=2026-11-18")
    assert (200, [("2026-11-16", 1003, 949, 53)]) == figures("start_date=2026-11-17&aggregated_by=week")
    assert (200, [("2026-11-01", 1003, 949, 53)]) == figures("start_date=2026-11-02&aggregated_by=month")
    wrong = (
        "",
        "start_date=yesterday",
        "start_date=2026-11-20&end_date=2026-11-19",
        "start_date=2026-11-20&aggregated_by=hour",
    )
    assert [400] * 4 == [ask("GET", f"/v3/stats?{query}")[0] for query in wrong]
    kinds = ask("GET", "/v3/suppression/bounces/classifications")[1]["result"]
    assert [{"date": "2026-11-20", "stats": [{"classification": "Invalid Address", "count": 1}]}] == kinds


NAMES = ("requests", "delivered", "bounces")


def test_sendgrid_without_credits(ask):
    """401 as for a bad key, with its own sentence; a fault of that name comes with the same status."""
    spent = ask("sendgrid", {"credits": {"total": 100, "remain": 0}})
    answer = (401, {"errors": [{"message": "Maximum credits exceeded"}]})
    assert answer == spent("POST", "/v3/mail/send", letter(HEALTHY))
    assert (100, "2026-12-01") == tuple(spent("GET", "/v3/user/credits")[1][name] for name in ("used", "next_reset"))
    fault = {"vendor": "sendgrid", "route": "POST /v3/mail/send", "error": "Maximum credits exceeded"}
    assert answer == ask("sendgrid", {}, faults=[fault])("POST", "/v3/mail/send", letter(HEALTHY))


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("mail.send", "POST", "/v3/mail/send", letter(HEALTHY)),
        ("suppression.bounces.delete", "DELETE", "/v3/suppression/bounces", {"emails": []}),
        ("suppression.read", "GET", "/v3/suppression/spam_reports", None),
        ("asm.suppressions.global.delete", "DELETE", f"/v3/asm/suppressions/global/{BOUNCED}", None),
        ("asm.groups.suppressions.read", "GET", f"/v3/asm/suppressions/{BOUNCED}", None),
        ("mail_settings.address_whitelist.read", "GET", "/v3/mail_settings/address_whitelist", None),
        ("mail_settings.address_whitelist.update", "PATCH", "/v3/mail_settings/address_whitelist", {}),
        ("stats.read", "GET", "/v3/stats?start_date=2026-11-20", None),
        ("user.credits.read", "GET", "/v3/user/credits", None),
        ("whitelabel.read", "GET", "/v3/whitelabel/domains", None),
        ("whitelabel.update", "POST", "/v3/whitelabel/domains/1001/validate", None),
    ],
)  # fmt: skip
def test_a_route_of_sendgrid_s_needs_its_scope(ask, scope, method, path, body):
    """With it alone the route opens; without it, it is 403."""
    assert ask("sendgrid", {"scopes": [scope]})(method, path, body)[0] in (200, 202, 204)
    assert (403, {"errors": [{"message": "access forbidden"}]}) == ask("sendgrid", {"scopes": []})(method, path, body)


def test_sendgrid_s_limit_is_in_the_headers(ask):
    """Of every answer, and of a fault that says too many."""
    ask = ask(
        "sendgrid", {}, faults=[{"vendor": "sendgrid", "route": "GET /v3/stats", "status": 429, "retry_after": 7}]
    )
    ask("GET", "/v3/scopes")
    assert ("600", "599") == (ask.headers["X-RateLimit-Limit"], ask.headers["X-RateLimit-Remaining"])
    assert 429 == ask("GET", "/v3/stats")[0]
    assert ("0", "7") == (ask.headers["X-RateLimit-Remaining"], ask.headers["Retry-After"])


@pytest.mark.parametrize(
    ("vendor", "path", "body", "sent"),
    [("sendgrid", "/v3/mail/send", letter(HEALTHY), "messages"), ("resend", "/emails", note(HEALTHY), "emails")],
)  # fmt: skip
def test_a_lost_answer_has_sent_the_mail(ask, home, vendor, path, body, sent):
    """The connection breaks after the mail is taken on: it is there, and a dump shows it."""
    fault = {"vendor": vendor, "route": f"POST {path}", "after_effect": "drop_connection", "times": 1}
    ask = ask(vendor, {}, faults=[fault])
    with pytest.raises(http.client.RemoteDisconnected):
        ask("POST", path, body)
    dumped = sandbox.dump(home)
    assert 1 == len(dumped[vendor][sent])
    sandbox.load(home, dumped, source="")
    assert dumped == sandbox.dump(home)


def test_resend_sends_a_mail(ask):
    """Its id, under which it is read with its text and its tags; the list, newest first, has neither."""
    ask = ask("resend", RESEND | {"domains": [{"name": "peakdental.example"}]})
    tags = [{"name": "peakops", "value": "peakops-1"}]
    status, sent = ask("POST", "/emails", note(HEALTHY, tags=tags, reply_to="help@peakdental.example"))
    assert (200, ["id"]) == (status, list(sent))
    _, body = ask("GET", f"/emails/{sent['id']}")
    assert ("delivered", [HEALTHY], tags, "It is here.") == tuple(
        body[name] for name in ("last_event", "to", "tags", "text")
    )
    assert ["help@peakdental.example"] == body["reply_to"]
    first = ask("GET", "/emails?limit=1")[1]["data"][0]
    assert (sent["id"], set()) == (first["id"], {"tags", "text", "html"} & set(first))


def test_resend_sends_once_for_a_key(ask, home):
    """The same key and mail give the same id, for a day; another mail under the key is refused; the list has one."""
    ask = ask("resend", {})
    key = {"Idempotency-Key": "peakops-1"}
    first = ask("POST", "/emails", note(HEALTHY), **key)
    assert 200 == first[0]
    assert first == ask("POST", "/emails", dict(reversed(note(HEALTHY).items())), **key)
    assert (409, "invalid_idempotent_request") == named(ask("POST", "/emails", note(BOUNCED), **key))
    assert (400, "invalid_idempotency_key") == named(
        ask("POST", "/emails", note(HEALTHY), **{"Idempotency-Key": "k" * 257})
    )
    assert 1 == len(ask("GET", "/emails")[1]["data"])
    sandbox.clock(home, 24 * 3600)
    assert first[1]["id"] != ask("POST", "/emails", note(HEALTHY), **key)[1]["id"]


def named(answer):
    """The status and the name of an error of Resend's."""
    status, body = answer
    assert status == body["statusCode"]
    return status, body["name"]


@pytest.mark.parametrize(
    ("more", "outcome", "says"),
    [
        ({"from": None}, (422, "missing_required_field"), "Missing `from` field."),
        ({"to": []}, (422, "missing_required_field"), "Missing `to` field."),
        ({"subject": ""}, (422, "missing_required_field"), "Missing `subject` field."),
        ({"text": None}, (422, "missing_required_field"), "Missing `html` or `text` field."),
        ({"text": 3}, (422, "validation_error"), "The `text` field must be a `string`."),
        ({"from": "Peak"}, (422, "validation_error"), "Invalid `from` field."),
        ({"to": [HEALTHY, "x"]}, (422, "validation_error"), "Invalid `to` field."),
        ({"to": [HEALTHY] * 51}, (422, "validation_error"), "The `to` field has more than 50 items."),
        ({"to": [3]}, (422, "validation_error"), "The `to` field must be"),
        ({"tags": [{"name": "a", "value": "a@b"}]}, (422, "validation_error"), "Tags should only contain ASCII"),
        ({"tags": {"a": "b"}}, (422, "validation_error"), "The `tags` field must be"),
        ({"from": "x@other.example"}, (403, "validation_error"), "The other.example domain is not verified."),
    ],
)  # fmt: skip
def test_a_mail_that_resend_does_not_take(ask, more, outcome, says):
    """The first thing that is wrong with it; nothing is sent, and the key is free."""
    ask = ask("resend", {})
    answer = ask("POST", "/emails", note(HEALTHY) | more, **{"Idempotency-Key": "k"})
    assert outcome == named(answer)
    assert answer[1]["message"].startswith(says)
    assert 200 == ask("POST", "/emails", note(HEALTHY), **{"Idempotency-Key": "k"})[0]
    assert 1 == len(ask("GET", "/emails")[1]["data"])


def test_a_mail_of_resend_s_to_a_suppressed_address(ask):
    """It is taken on and kept back, until the address is off the list; one of two recipients does not keep it back."""
    ask = ask("resend", {"suppressions": [{"id": "s1", "email": BOUNCED}]})

    def ends(*to):
        return ask("GET", f"/emails/{ask('POST', '/emails', note(list(to)))[1]['id']}")[1]["last_event"]

    assert ("suppressed", "delivered") == (ends(BOUNCED.upper()), ends(BOUNCED, HEALTHY))
    gone = {"object": "suppression", "id": "s1", "deleted": True}
    assert (200, gone) == ask("DELETE", f"/suppressions/{BOUNCED}")
    assert (404, "not_found") == named(ask("DELETE", f"/suppressions/{BOUNCED}"))
    assert "delivered" == ends(BOUNCED)


def test_an_address_is_put_on_resend_s_list(ask):
    """By hand, once; and by a mail that bounces, with the mail as its source."""
    ask = ask("resend", {"outcomes": [{"email": BOUNCED, "last_event": "bounced"}]})
    status, added = ask("POST", "/suppressions", {"email": HEALTHY})
    assert (201, "suppression") == (status, added["object"])
    assert added == ask("POST", "/suppressions", {"email": HEALTHY.upper()})[1]
    assert (422, "missing_required_field") == named(ask("POST", "/suppressions", {}))
    sent = ask("POST", "/emails", note(f"Jane <{BOUNCED}>"))[1]["id"]
    found = ask("GET", "/suppressions")[1]["data"]
    assert [(BOUNCED, "bounce", sent), (HEALTHY, "manual", None)] == [
        (each["email"], each["origin"], each["source_id"]) for each in found
    ]


def test_resend_s_domains(ask):
    """One by itself has its records; a look verifies what is published, and waits for the rest."""
    records = [{"record": "SPF", "status": "failed", "published": True}, {"record": "DKIM", "status": "failed"}]
    part = {"domains": [{"id": "d1", "name": "peakdental.example", "status": "failed", "records": records}]}
    ask = ask("resend", part)

    def states():
        body = ask("GET", "/domains/d1")[1]
        return body["status"], [(each["record"], each["status"]) for each in body["records"]]

    assert ("failed", [("SPF", "failed"), ("DKIM", "failed")]) == states()
    assert (403, "validation_error") == named(ask("POST", "/emails", note(HEALTHY)))
    assert (200, {"object": "domain", "id": "d1"}) == ask("POST", "/domains/d1/verify")
    assert ("pending", [("SPF", "verified"), ("DKIM", "pending")]) == states()
    assert "records" not in ask("GET", "/domains")[1]["data"][0]
    assert (404, "not_found") == named(ask("GET", "/domains/d2"))


@pytest.mark.parametrize(
    ("part", "figures"),
    [
        ({"metrics": {"bounce_rate": 5.2, "complaint_rate": 0.4}}, (1000, 948, 52, 4, 5.2, 0.4)),
        ({"metrics": {"sent": 200, "bounced": 10}}, (200, 190, 10, 0, 5.0, 0.0)),
        ({"emails": [{"to": [HEALTHY], "last_event": end} for end in ENDS]},
         (3, 2, 1, 1, 33.3333, 50.0)),
        ({}, (0, 0, 0, 0, 0.0, 0.0)),
    ],
)  # fmt: skip
def test_resend_s_figures(ask, part, figures):
    """Rates in percent; what a world does not say follows from what it says, or is counted."""
    names = "sent,delivered,bounced,complained,bounce_rate,complaint_rate"
    status, body = ask("resend", part)("GET", f"/emails/metrics?metrics={names}")
    assert (200, names.split(","), figures) == (status, list(body["totals"]), tuple(body["totals"].values()))
    assert ("2026-11-14T15:00:00.000Z", False) == (body["start_date"], "data" in body)


def test_resend_s_figures_by_day(ask):
    """A row for each day on which there was a mail; a parameter that is none is refused."""
    mails = [
        {"to": [HEALTHY], "created_at": f"-{days}d", "from": f"a@{name}.example"}
        for days, name in ((9, "a"), (2, "a"), (1, "b"))
    ]
    ask = ask("resend", {"emails": mails})
    _, body = ask(
        "GET", "/emails/metrics?dimensions=period&dimensions=domain&metrics=sent,bounced&start_date=2026-11-13"
    )
    assert [("2026-11-18", "a.example", 1, 0), ("2026-11-19", "b.example", 1, 0)] == [
        (each["period"], each["domain_name"], each["sent"], each["bounced"]) for each in body["data"]
    ]
    wrong = ("metrics=lost", "dimensions=hour", "granularity=yearly", "start_date=soon", "start_date=2026-11-21")
    assert [422] * 5 == [ask("GET", f"/emails/metrics?{query}")[0] for query in wrong]


@pytest.mark.parametrize("span", ["daily", "monthly"])
def test_resend_s_quota(ask, span):
    """Each recipient counts; how much is used is in the headers, and what is over it is refused and not sent."""
    ask = ask("resend", {"quota": {span: 10, f"{span}_used": 8}})
    assert 200 == ask("POST", "/emails", note([HEALTHY, BOUNCED]))[0]
    assert "10" == ask.headers[f"x-resend-{span}-quota"]
    assert (429, f"{span}_quota_exceeded") == named(ask("POST", "/emails", note(HEALTHY)))
    assert 1 == len(ask("GET", "/emails")[1]["data"])
    assert (span == "daily") == ("x-resend-daily-quota" in ask.headers)


def test_a_key_of_resend_s_that_only_sends(ask):
    """It sends, and everything else is refused to it by name."""
    ask = ask("resend", {"key": "sending_access"})
    assert 200 == ask("POST", "/emails", note(HEALTHY))[0]
    ways = [("GET", "/emails/x"), ("GET", "/emails/metrics"), ("DELETE", "/suppressions/x"), ("GET", "/domains"),
            ("POST", "/domains/x/verify"), ("GET", "/logs")]  # fmt: skip
    assert [(401, "restricted_api_key")] * 6 == [named(ask(*way)) for way in ways]


def test_resend_s_log_of_requests(ask):
    """What the world says of it and what was asked since, the newest first; a dump has the world's alone."""
    ask = ask("resend", {"logs": [{"id": "l1", "response_status": 429, "created_at": "-2h"}]})
    ask("POST", "/emails", {})
    ask("GET", "/emails")
    found = ask("GET", "/logs")[1]["data"]
    assert [("GET", 200), ("POST", 422), ("POST", 429)] == [(each["method"], each["response_status"]) for each in found]
    assert "/emails" == ask("GET", f"/logs/{found[1]['id']}")[1]["endpoint"]
    assert (404, "not_found") == named(ask("GET", "/logs/l2"))


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
