"""The fixes of `notify check`: one mail, a list with one entry less or more, one preference; or a refusal."""

import json
import shlex
import threading

import jsonschema
import pytest

from peakops import journal, sandbox
from peakops.render import schema

from .conftest import WHY
from .test_crashes import AFTER_THE_REFUND, BEFORE_THE_REFUND, MOST_STEPS

ANNA, MAIL = "55555555-5555-4555-8555-000000000101", "anna@smilecare.example"
BOSS = "55555555-5555-4555-8555-000000000102"
SMILE = "22222222-2222-4222-8222-000000000001"
LETTER, OTHER = "66666666-6666-4666-8666-000000000001", "66666666-6666-4666-8666-000000000002"
NOW = "2026-11-20T15:00:00Z"
CONFIRMED = ("--confirm", MAIL, *WHY)
RESEND, RELEASE = ("notify", "resend", MAIL), ("notify", "release", MAIL)
ALLOW, ENABLE = ("notify", "allow", MAIL), ("notify", "enable", MAIL)
SUBJECT, BODY = "Crown of canary-patient", "canary-patient's crown is on its way: https://portal.example/cases/1042"
VENDORS = ("sendgrid", "resend")
SEND = {"sendgrid": "POST /v3/mail/send", "resend": "POST /emails"}
UNLIST = {"sendgrid": "DELETE /v3/suppression/bounces/*", "resend": "DELETE /suppressions/*"}
SOFT, HARD = "452 4.2.2 The mailbox is over quota", "550 5.1.1 The account does not exist"
LAG_S = 15 * 60
"""How long SendGrid's log may lag, as the fix has it."""
ID = "sg20261118"
"""What the portal stores of a mail that SendGrid took; its log's id begins so."""


def letter(**said):
    """A notification that the portal could not send, two days ago."""
    told = {"id": LETTER, "practice_id": SMILE, "user_id": ANNA, "type": "case_update", "channel": "email"}
    stored = {"subject": SUBJECT, "body": BODY, "status": "failed", "error": "413: canary", "created_at": "-2d"}
    return {**told, **stored, **said}


def portal(provider="sendgrid", *letters, user=None, logged=(), **vendors):
    """A world with Anna, her boss, and these notifications."""
    people = [
        {"id": ANNA, "email": MAIL, "full_name": "Anna Smith", "role": "member", "practice_id": SMILE, **(user or {})},
        {"id": BOSS, "email": "boss@smilecare.example", "full_name": "Bo Ss", "role": "owner", "practice_id": SMILE},
    ]
    accounts = [
        {"id": ANNA, "aud": "authenticated", "role": "authenticated", "email": MAIL, "email_confirmed_at": "-9d"}
    ]
    tables = {
        "practices": [{"id": SMILE, "name": "Smile Care"}],
        "users": people,
        "auth.users": accounts,
        "notifications": [*letters],
        "audit_logs": list(logged),
    }
    document = {"world": "notify", "says": "For a test.", "now": NOW, "email_provider": provider, "tables": tables}
    domains = {"resend": {"domains": [{"name": "peakdental.example"}]}} if provider == "resend" else {}
    return {**document, **{name: {**domains.get(name, {}), **part} for name, part in {**domains, **vendors}.items()}}


def listed(provider, reason=SOFT, **more):
    """The address on the provider's list of bounces."""
    if provider == "resend":
        return {"suppressions": [{"email": MAIL, "origin": "bounce", "created_at": "-2d"}]}
    return {"suppressions": {"bounces": [{"email": MAIL, "reason": reason, "created": "-2d"}], **more}}


@pytest.fixture
def mails(world):
    """The mails that the provider in use took, newest last."""

    def mails():
        document = world()
        found = document["sendgrid"]["messages"] if document["email_provider"] == "sendgrid" else []
        return found or list(reversed(document.get("resend", {}).get("emails", [])))

    return mails


@pytest.fixture
def stored(rows):
    """What the portal stores of the notification."""

    def stored(id=LETTER):
        (row,) = [each for each in rows("notifications") if each["id"] == id]
        return row["status"], row.get("provider"), bool(row.get("provider_message_id")), row.get("error")

    return stored


@pytest.fixture
def audits(rows):
    """The fixes that the audit log tells of."""
    return lambda: [each["action"] for each in rows("audit_logs") if "peakops_run" in (each.get("details") or {})]


@pytest.fixture
def kept(folder, world):
    """All that is kept of a run: the journal and the audit log."""

    def kept():
        files = [path.read_text("utf-8") for path in folder().rglob("*") if path.is_file()]
        return "".join(files) + json.dumps(world()["tables"]["audit_logs"])

    return kept


def told(ran):
    return ran.json["status"], ran.json["verdict"]["code"], ran.code


def refused(ran):
    return ran.json["error"]["code"], ran.code


def valid(ran, command):
    jsonschema.Draft202012Validator(schema.of(" ".join(command[:2]))).validate(ran.json)


# Sending again.


@pytest.mark.parametrize("provider", VENDORS)
def test_a_dry_run_plans(provider, fix, load, world):
    """10: the mail and its note; not a byte changes, and neither subject nor text is in it."""
    load(portal(provider, letter()))
    before = world()
    ran = fix(*RESEND, "--dry-run", "--reveal", *WHY)
    send, note = ran.json["data"]["plan"]["actions"]

    assert ("planned", "send_failed", 10) == told(ran), ran.json["error"]
    assert [(provider, "send"), ("database", "notify/resent")] == [(each["via"], each["call"]) for each in (send, note)]
    assert {"read": "notify/message", "notification": LETTER}.items() <= send["params"]["message"].items()
    assert {"of": 1, "field": "id"} == note["params"]["message"]
    assert ["--notification", LETTER] == ran.json["data"]["plan"]["arguments"]
    assert "canary" not in ran.out
    assert before == world()
    valid(ran, RESEND)


@pytest.mark.parametrize("provider", VENDORS)
def test_a_mail_is_sent_again(provider, fix, load, mails, stored, audits, folder, kept):
    """One mail as it was written, its id in the portal, one row in the audit log; the second run does nothing."""
    load(portal(provider, letter()))
    ran, again = fix(*RESEND, "--yes", "--reveal", *WHY), fix(*RESEND, "--yes")
    (mail,) = mails()

    assert ("changed", "delivered", 0) == told(ran), ran.json["error"]
    assert ("ok", "delivered", 0) == told(again), again.json["error"]
    assert SUBJECT == mail["subject"]
    assert ("sent", provider, True, None) == stored()
    assert ["notification.resent"] == audits()
    assert ["intended", "done", "intended", "done"] == [
        each.kind for each in journal.read(folder()) if each.kind != "revealed"
    ]
    assert "canary" not in ran.out + kept()
    valid(ran, RESEND)


def messages(status, reason="", **said):
    """A mail of the portal's in SendGrid's log."""
    told = {"sg_message_id": f"{ID}.recvd-1", "to_email": MAIL, "created_at": "-2d", "status": status, "reason": reason}
    return {"messages": [{**told, **said}]}


SENT = {"status": "sent", "error": None, "provider": "sendgrid", "provider_message_id": ID}
REMEDIED = {
    "send_failed": (letter(), {}),
    "not_sent": (letter(status="queued", error=None), {}),
    "bounced": (letter(**SENT), messages("blocked", SOFT)),
    "dropped": (letter(**SENT), messages("dropped", "Bounced Address")),
    "wrong_address": (
        letter(**{**SENT, "provider_message_id": f"{ID}.recvd-1"}),
        messages("delivered", to_email="old@smilecare.example"),
    ),
    "quota_reached": (letter(error="Maximum credits exceeded"), {}),
    "provider_down": (letter(error="503"), {}),
    "key_without_scope": (letter(error="403"), {}),
    "domain_unverified": (letter(error="The domain is not verified"), {}),
}
"""By the verdict: the notification, and what SendGrid says; what was wrong with the provider is over."""


@pytest.mark.parametrize("code", REMEDIED)
def test_what_a_resend_remedies(code, fix, load, mails, stored):
    """One mail more, which the portal holds."""
    row, sendgrid = REMEDIED[code]
    load(portal("sendgrid", row, sendgrid=sendgrid))
    check, before = fix("notify", "check", MAIL), len(mails())
    (named, *_) = check.json["next"]
    ran = fix(*shlex.split(named)[1:], "--yes")

    assert code == check.json["verdict"]["code"]
    assert ("changed", "delivered", 0) == told(ran), ran.json["error"]
    assert before + 1 == len(mails())
    assert ("sent", "sendgrid", True, None) == stored()


def test_another_one_is_named(fix, load, mails, stored):
    """--notification sends that one again; the newest, and every other, stays as it is."""
    older = letter(id=OTHER, created_at="-3d", subject="Another")
    load(portal("sendgrid", letter(), older))
    ran = fix(*RESEND, "--notification", OTHER, "--yes")

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert ["Another"] == [each["subject"] for each in mails()]
    assert ("sent", "failed") == (stored(OTHER)[0], stored()[0])


LINK = "https://portal.example/sign?token=canary0canary0"
STATUS = {"status": {"sendgrid": "major"}}
PREFERENCES = {"notification_preferences": {"email": {"case_update": False, "invoice": True}, "in_app": {}}}
SAME = {"id": OTHER, "status": "sent", "error": None, "provider_message_id": "other", "type": "case_update"}
REFUSED = {
    "sent_already": (
        portal("sendgrid", letter(created_at="-1h"), letter(**SAME, created_at="-23h")),
        "fix.sent_already",
    ),
    "read_already": (
        portal("sendgrid", letter(created_at="-1h"), letter(**{**SAME, "status": "read"}, created_at="-2h")),
        "fix.sent_already",
    ),
    "invitation": (portal("sendgrid", letter(type="invitation")), "fix.link_ends"),
    "security": (portal("sendgrid", letter(type="security")), "fix.link_ends"),
    "old_link": (portal("sendgrid", letter(body=f"Sign here: {LINK}")), "fix.link_ended"),
    "old_path": (portal("sendgrid", letter(body=f"https://portal.example/go/{'c4' * 16}")), "fix.link_ended"),
    "preference_off": (portal("sendgrid", letter(), user=PREFERENCES), "fix.forbidden"),
    "bounce": (portal("sendgrid", letter(), sendgrid=listed("sendgrid")), "fix.forbidden"),
    "bounce_at_resend": (portal("resend", letter(), resend=listed("resend")), "fix.forbidden"),
    "complaint": (
        portal("sendgrid", letter(), sendgrid={"suppressions": {"spam_reports": [{"email": MAIL}]}}),
        "fix.forbidden",
    ),
    "unsubscribed": (
        portal("sendgrid", letter(), sendgrid={"suppressions": {"unsubscribes": [{"email": MAIL}]}}),
        "fix.forbidden",
    ),
    "hard_bounce": (portal("sendgrid", letter(**SENT), sendgrid=messages("bounced", HARD)), "fix.doubted"),
    "deferred": (portal("sendgrid", letter(**SENT), sendgrid=messages("deferred", "421 4.7.0")), "fix.forbidden"),
    "no_text": (portal("sendgrid", letter(body=" ")), "fix.nothing_to_send"),
    "no_subject": (portal("sendgrid", letter(subject=None)), "fix.nothing_to_send"),
    "quota_now": (portal("sendgrid", letter(), sendgrid={"credits": {"remain": 0}}), "fix.doubted"),
    "domain_now": (
        portal("sendgrid", letter(), sendgrid={"domains": [{"domain": "peakdental.example", "valid": False}]}),
        "fix.doubted",
    ),
    "down_now": (portal("sendgrid", letter(), **STATUS), "fix.doubted"),
    "in_app_alone": (portal("sendgrid", letter(channel="in_app")), "fix.doubted"),
}
"""The world, and the code of the refusal."""


@pytest.mark.parametrize("name", REFUSED)
def test_where_no_mail_may_go(name, fix, load, world, mails):
    """19, not a byte changes, and the reason names what it is."""
    document, code = REFUSED[name]
    load(document)
    before = world()
    ran = fix(*RESEND, "--yes")

    assert ("refused", 19) == (ran.json["status"], ran.code), ran.json["error"]
    assert code == ran.json["error"]["code"]
    assert before == world()
    assert "canary" not in ran.out


HINTS = {
    "sent_already": (OTHER, "Wait until 20 Nov 2026 16:00 UTC"),
    "invitation": ("'invitation'", f"peakops invitation reissue {MAIL}"),
    "security": ("'security'", f"peakops user reset-password {MAIL}"),
    "bounce": ("would drop the mail", f"notify release {MAIL}"),
    "preference_off": ("Switched off: case_update", "notify enable"),
}


@pytest.mark.parametrize("name", HINTS)
def test_what_is_named_instead(name, fix, load):
    """The refusal says with which evidence, and the hint which command helps."""
    load(REFUSED[name][0])
    error = fix(*RESEND, "--yes").json["error"]

    assert HINTS[name][0] in error["message"]
    assert HINTS[name][1] in error["hint"]


ALLOWED = {
    "older": (letter(**SAME, created_at="-25h"),),
    "another_subject": (letter(**SAME, created_at="-1h", subject="Another"),),
    "another_type": (letter(**{**SAME, "type": "invoice"}, created_at="-1h"),),
    "not_sent_either": (letter(**{**SAME, "status": "failed"}, created_at="-1h"),),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_no_second_mail(name, fix, load, mails):
    """A mail of another day, subject or type, or one that did not go out, is not the same."""
    load(portal("sendgrid", letter(), *ALLOWED[name]))
    ran = fix("notify", "resend", LETTER, "--yes")

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert 1 == len(mails())


def test_the_same_that_bounced_is_no_second_mail(fix, load, mails):
    """Another notification of the kind went out within the day, and SendGrid says that it did not arrive."""
    bounced = messages("blocked", SOFT, sg_message_id="other.recvd-1", created_at="-1h")
    load(portal("sendgrid", letter(), letter(**SAME, created_at="-1h"), sendgrid=bounced))
    ran = fix("notify", "resend", LETTER, "--yes")

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert 2 == len(mails())


@pytest.mark.parametrize("body", [BODY, f"Sign here: {LINK}", f"https://portal.example/cases/{LETTER}"])
def test_a_link_that_may_still_work(body, fix, load, mails):
    """A link without a secret lasts; one with a secret does so within the day; the plan says that it was not tried."""
    load(portal("sendgrid", letter(body=body, created_at="-2h" if body.endswith(LINK) else "-6d")))
    ran = fix(*RESEND, "--yes")

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert any("has a link" in each for each in ran.json["data"]["plan"]["notes"])
    assert 1 == len(mails())


def test_a_resend_that_was_undone_is_not_repeated_the_same_day(fix, load, mails, state):
    """19 within 24 hours of a resend, by its row in the audit log; after that the next one goes."""
    import psycopg

    load(portal("sendgrid", letter()))
    first = fix(*RESEND, "--yes")
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as portal_side:
        portal_side.execute("update notifications set status = 'failed', error = '413', provider_message_id = null")
    soon = fix(*RESEND, "--yes")
    sandbox.clock(state / "peakops", 24 * 3600 + 1)
    later = fix(*RESEND, "--yes")

    assert [0, 19] == [each.code for each in (first, soon)], soon.json["error"]
    assert "fix.sent_already" == soon.json["error"]["code"]
    assert "by resend" in soon.json["error"]["message"]
    assert (0, 2) == (later.code, len(mails()))


@pytest.mark.parametrize("provider", VENDORS)
def test_a_lost_answer_of_a_mail(provider, fix, load, mails, stored, audits):
    """The mail went out and the answer was lost: the same run finds it, and sends no second one."""
    lost = {"vendor": provider, "route": SEND[provider], "after_effect": "drop_connection", "times": 1}
    load(portal(provider, letter()), faults=[lost])
    ran = fix(*RESEND, "--yes")

    assert ("changed", "delivered", 0) == told(ran), ran.json["error"]
    assert (1, ["notification.resent"]) == (len(mails()), audits())
    assert ("sent", provider, True, None) == stored()


def test_a_mail_that_the_log_does_not_show(fix, load, mails, audits, state):
    """69 where SendGrid breaks off and shows nothing; 19 while its log lags; the plan after that says what it means."""
    load(
        portal("sendgrid", letter()),
        faults=[{"vendor": "sendgrid", "route": SEND["sendgrid"], "reset": True, "times": 1}],
    )
    ran = fix(*RESEND, "--yes")
    check = fix("notify", "check", MAIL).json
    soon = fix(*shlex.split(check["next"][0])[1:], "--yes")
    sandbox.clock(state / "peakops", LAG_S)
    planned = fix(*shlex.split(check["next"][0])[1:], "--dry-run")
    again = fix(*shlex.split(check["next"][0])[1:], "--yes")

    assert ("email.outcome_unknown", 69) == refused(ran)
    assert "quarter of an hour" in ran.json["error"]["hint"]
    assert ("fix.too_soon", 19) == refused(soon)
    assert "15:15:00 UTC" in soon.json["error"]["hint"]
    assert "unfinished_change" == check["verdict"]["code"]
    assert (
        "may have sent a mail that SendGrid does not show: then this one is the second"
        in planned.json["data"]["plan"]["notes"][0]
    )
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert (1, ["notification.resent"]) == (len(mails()), audits())


def test_a_mail_of_a_run_that_nobody_remembers(fix, killed, load, mails, audits, folder, stored):
    """Killed after the mail went, and the journal is lost: it is found by its category, noted, and not sent again."""
    for at in range(1, MOST_STEPS):
        load(portal("sendgrid", letter()))
        assert killed(at, *RESEND, "--yes")
        if mails():
            break
    for each in folder().glob("journal.*"):
        each.unlink()
    ran = fix(*RESEND, "--yes")

    assert ("changed", "delivered", 0) == told(ran), ran.json["error"]
    assert any("An earlier run sent it" in each for each in ran.json["data"]["plan"]["notes"])
    assert [True, False] == [each["already"] for each in ran.json["data"]["steps"]]
    assert (1, ["notification.resent"]) == (len(mails()), audits())
    assert "sent" == stored()[0]


@pytest.mark.parametrize(
    ("provider", "fault", "code"),
    [
        ("sendgrid", {"status": 401}, 77),
        ("sendgrid", {"status": 403}, 77),
        ("sendgrid", {"status": 429}, 75),
        ("sendgrid", {"status": 400}, 19),
        ("resend", {"error": "restricted_api_key"}, 77),
        ("resend", {"error": "daily_quota_exceeded"}, 75),
        ("resend", {"error": "validation_error"}, 19),
    ],
)
def test_a_refusal_of_the_mail_is_certain(provider, fault, code, fix, load, mails, stored, audits):
    """Nothing went out and nothing is noted; the next run begins anew, and sends one."""
    load(portal(provider, letter()), faults=[{"vendor": provider, "route": SEND[provider], **fault, "times": 1}])
    ran = fix(*RESEND, "--yes")
    between, check, again = (mails(), stored(), audits()), fix("notify", "check", MAIL), fix(*RESEND, "--yes")

    assert code == ran.code, ran.json["error"]
    assert ([], ("failed", None, False, "413: canary"), []) == between
    assert "send_failed" == check.json["verdict"]["code"]
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert 1 == len(mails())


KILLED_AT = {"sendgrid": range(BEFORE_THE_REFUND, MOST_STEPS), "resend": (BEFORE_THE_REFUND, AFTER_THE_REFUND)}
"""From the mail on anywhere; at Resend, which finds a mail in another way, right before it goes and right after."""


@pytest.mark.parametrize("provider", VENDORS)
def test_a_resend_is_killed(provider, fix, killed, load, mails, stored, audits, folder, state):
    """Wherever the first run was killed: the same command again ends with one mail, which is noted once."""
    for at in KILLED_AT[provider]:
        load(portal(provider, letter()))
        was_killed = killed(at, *RESEND, "--yes")
        sandbox.clock(state / "peakops", LAG_S)
        again = fix(*RESEND, "--yes")

        assert 0 == again.code, (at, again.out)
        assert (1, ["notification.resent"]) == (len(mails()), audits()), at
        assert ("sent", provider, True, None) == stored(), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            break
    assert was_killed == (provider == "resend"), "the fix was still killed at the last step"


MEANWHILE = [
    "update notifications set body = 'Another text'",
    "update notifications set subject = 'Another'",
    "update notifications set status = 'sent', provider_message_id = 'theirs'",
    "update users set email = 'new@smilecare.example'",
    """update users set notification_preferences = '{"email": {"case_update": false}}'""",
]


@pytest.mark.parametrize("statement", MEANWHILE)
def test_the_portal_changes_meanwhile(statement, meanwhile, load, mails, audits):
    """16 where it changes before the plan is carried out: no mail goes."""
    load(portal("sendgrid", letter()))
    ran = meanwhile("before", statement, *RESEND, "--yes")

    assert ("fix.state_changed", 16) == refused(ran)
    assert ([], []) == (mails(), audits())


def test_the_portal_sends_it_meanwhile(meanwhile, fix, load, mails, rows, audits):
    """Between the mail and its note: 11, and the portal's own note is not written over."""
    load(portal("sendgrid", letter()))
    theirs = "update notifications set status = 'sent', provider_message_id = 'theirs', error = null"
    ran = meanwhile("write", theirs, *RESEND, "--yes")

    assert ("fix.partial", 11) == refused(ran)
    assert (["theirs"], 1) == ([each["provider_message_id"] for each in rows("notifications")], len(mails()))


def test_a_mail_that_is_not_noted_afterwards(meanwhile, load, mails):
    """18 where the look afterwards does not find the notification as it was noted."""
    load(portal("sendgrid", letter()))
    ran = meanwhile("after", "update notifications set status = 'failed'", *RESEND, "--yes")

    assert ("fix.unverified", 18, 1) == (*refused(ran), len(mails()))
    assert "shows the notification as 'failed'" in ran.json["error"]["message"]


@pytest.mark.parametrize("provider", VENDORS)
def test_a_mail_that_comes_back_at_once(provider, fix, load, mails, stored):
    """18, with the receiving server's words: it was sent and noted, and did not arrive."""
    ends = {"sendgrid": {"status": "bounced", "reason": HARD}, "resend": {"last_event": "bounced"}}
    load(portal(provider, letter(), **{provider: {"outcomes": [{"email": MAIL, **ends[provider]}]}}))
    ran = fix(*RESEND, "--yes")

    assert ("fix.unverified", 18, 1) == (*refused(ran), len(mails()))
    assert "did not arrive" in ran.json["error"]["message"]
    assert "sent" == stored()[0]


def test_two_runs_at_once(fix, load, mails, audits):
    """One mail, whichever of them sent it."""
    load(portal("sendgrid", letter()))
    ran = []
    threads = [threading.Thread(target=lambda: ran.append(fix(*RESEND, "--yes"))) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert 0 in [each.code for each in ran]
    assert {each.code for each in ran} <= {0, 16, 17, 19}, [each.json["error"] for each in ran]
    assert (1, ["notification.resent"]) == (len(mails()), audits())


# All four.

LISTED = portal("sendgrid", letter(**SENT), sendgrid={**listed("sendgrid"), **messages("dropped", "Bounced Address")})
OFF = portal("sendgrid", user=PREFERENCES)
CHANGES = {
    "resend": (portal("sendgrid", letter()), (*RESEND, "--yes")),
    "release": (LISTED, (*RELEASE, *CONFIRMED)),
    "allow": (LISTED, (*ALLOW, *CONFIRMED)),
    "enable": (OFF, (*ENABLE, *CONFIRMED)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_confirms(name, fix, load, world):
    """12 without an answer, and of class C with --yes alone; the hint is the command that confirms by itself."""
    document, (*command, _) = CHANGES[name] if name == "resend" else (CHANGES[name][0], (*CHANGES[name][1][:3], ""))
    load(document)
    before = world()
    bare, yes = fix(*command), fix(*command, "--yes", *WHY, "--dry-run" if name == "resend" else "--quiet")

    assert 12 == bare.code, bare.json["error"]
    assert ("--yes" if name == "resend" else f"--confirm {MAIL} --reason TEXT") in bare.json["error"]["hint"]
    assert (10 if name == "resend" else 12) == yes.code
    assert before == world()


@pytest.mark.parametrize("name", CHANGES)
def test_without_write_credentials(name, peakops, load, configured, state, world):
    """77, what would be done, and the name of the setting that is missing."""
    document, command = CHANGES[name]
    up = load(document)
    reading = configured(
        PEAKOPS_EMAIL_PROVIDER="sendgrid",
        PEAKOPS_EMAIL_FROM=up.email_from,
        PEAKOPS_SENDGRID_URL=up.vendor_url("sendgrid"),
        PEAKOPS_SENDGRID_API_KEY=up.sendgrid_key,
        PEAKOPS_DATABASE_WRITE_URL="" if name == "enable" else up.url_as("peakops_writer"),
    )
    before = world()
    # Outside of the sandbox it is another day.
    named = ("--notification", LETTER) if name == "resend" else ()
    ran = peakops(*command, *named, "--json", **reading)

    assert ("fix.no_write_access", 77) == refused(ran)
    setting = "PEAKOPS_DATABASE_WRITE_URL" if name == "enable" else "PEAKOPS_SENDGRID_WRITE_KEY"
    assert setting in ran.json["error"]["message"]
    assert ran.json["data"]["plan"]["actions"]
    assert before == world()


@pytest.mark.parametrize("at", [BEFORE_THE_REFUND, AFTER_THE_REFUND], ids=["before", "after"])
@pytest.mark.parametrize("name", ["release", "allow", "enable"])
def test_a_change_is_killed(name, at, fix, killed, load, audits, entries, world):
    """Right before the change, or right after it: the same command again ends with it done, and noted once."""
    document, command = CHANGES[name]
    load(document)
    assert 0 == fix(*command).code
    wanted = world()
    load(document)
    assert killed(at, *command)
    again, ended = fix(*command), world()

    assert 0 == again.code, again.out
    assert (wanted["sendgrid"], wanted["tables"]["users"]) == (ended["sendgrid"], ended["tables"]["users"])
    assert 1 == len(audits())
    assert entries()


@pytest.mark.parametrize("name", ["release", "allow", "enable"])
def test_a_masked_address_changes_nothing(name, fix, load, world):
    """19: whoever is the only one left with that letter is not named by it."""
    load(CHANGES[name][0])
    before = world()
    ran = fix("notify", name, "a…@smilecare.example", *CONFIRMED)

    assert ("fix.masked", 19) == refused(ran)
    assert before == world()


# Releasing.


@pytest.mark.parametrize("provider", VENDORS)
def test_a_bounce_is_released(provider, fix, load, world, audits, kept):
    """The address is on the list no more, the audit log says it, the journal does not hold it; again is nothing."""
    load(portal(provider, letter(), **{provider: listed(provider)}))
    ran, again = fix(*RELEASE, *CONFIRMED), fix(*RELEASE, *CONFIRMED)
    left = world()[provider]["suppressions"]

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert (None, None) == (again.json["data"]["plan"], again.json["error"])
    assert [] == (left["bounces"] if provider == "sendgrid" else left)
    assert ["notification.address_released"] == audits()
    assert MAIL not in kept()
    assert ran.json["next"], "what was dropped is still to be sent"
    valid(ran, RELEASE)


def test_every_list_of_the_address_is_cleared(fix, load, world):
    """A bounce and a block: a step each; entries of others stay."""
    other = {"email": "else@smilecare.example", "reason": SOFT}
    bounces = [other, {"email": MAIL, "reason": SOFT}]
    lists = {"suppressions": {"bounces": bounces, "blocks": [{"email": MAIL, "reason": "550 5.7.1 policy"}]}}
    load(portal("sendgrid", letter(), sendgrid=lists))
    ran = fix(*RELEASE, *CONFIRMED)
    left = world()["sendgrid"]["suppressions"]

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert ([other["email"]], []) == ([each["email"] for each in left["bounces"]], left["blocks"])
    assert 2 == len(ran.json["data"]["plan"]["actions"])


def test_an_address_that_was_taken_for_invalid(fix, load, world):
    """Beside a bounce it is taken off that list too, with the warning to compare it first; alone it is corrected."""
    invalid = [{"email": MAIL}]
    load(portal("sendgrid", letter(), sendgrid={"suppressions": {"invalid_emails": invalid}}))
    alone = fix(*RELEASE, *CONFIRMED)
    load(portal("sendgrid", letter(), sendgrid=listed("sendgrid", invalid_emails=invalid)))
    ran = fix(*RELEASE, *CONFIRMED)

    assert ("fix.no_finding", 19) == refused(alone)

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert [] == world()["sendgrid"]["suppressions"]["invalid_emails"]
    assert any("letter for letter" in each for each in ran.json["data"]["plan"]["notes"])


WISH = {"spam_reports": "suppressed_complaint", "unsubscribes": "suppressed_unsubscribe"}


@pytest.mark.parametrize("kind", WISH)
@pytest.mark.parametrize("verb", ["release", "allow"])
def test_a_persons_wish_is_not_lifted(verb, kind, fix, load, world):
    """19 with the reason: a complaint is a legal matter, and who unsubscribed subscribes again by themselves."""
    load(portal("sendgrid", letter(), sendgrid={"suppressions": {kind: [{"email": MAIL}]}}))
    before = world()
    ran = fix("notify", verb, MAIL, *CONFIRMED)

    assert ("fix.forbidden", WISH[kind], 19) == (ran.json["error"]["code"], ran.json["verdict"]["code"], ran.code)
    assert ("legal matter" if kind == "spam_reports" else "at their own wish") in ran.json["error"]["message"]
    assert before == world()


@pytest.mark.parametrize("verb", ["release", "allow"])
def test_a_wish_beside_a_bounce_is_not_lifted(verb, fix, load, world):
    """19: the bounce comes first as a verdict, and what the person asked for forbids it all the same."""
    both = {"suppressions": {"bounces": [{"email": MAIL, "reason": SOFT}], "unsubscribes": [{"email": MAIL}]}}
    load(portal("sendgrid", letter(), sendgrid=both))
    before = world()
    ran = fix("notify", verb, MAIL, *CONFIRMED)

    assert ("fix.forbidden", 19) == refused(ran)
    assert before == world()


@pytest.mark.parametrize("verb", ["release", "allow"])
def test_a_mailbox_that_is_not_there(verb, fix, load, world):
    """19 for a hard bounce: the address is corrected instead."""
    load(portal("sendgrid", letter(), sendgrid=listed("sendgrid", HARD)))
    before = world()
    ran = fix("notify", verb, MAIL, *CONFIRMED)

    assert ("fix.no_mailbox", 19) == refused(ran)
    assert "correct it in the portal" in ran.json["error"]["hint"]
    assert before == world()


@pytest.mark.parametrize("provider", VENDORS)
def test_a_lost_answer_of_a_release(provider, fix, load, world, audits):
    """The list shows that the entry is gone."""
    lost = {"vendor": provider, "route": UNLIST[provider], "after_effect": "drop_connection", "times": 1}
    load(portal(provider, letter(), **{provider: listed(provider)}), faults=[lost])
    ran = fix(*RELEASE, *CONFIRMED)

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert ["notification.address_released"] == audits()


@pytest.mark.parametrize("provider", VENDORS)
def test_a_release_that_does_nothing(provider, fix, load, audits):
    """18 where the provider answers well and has the entry still: that is told, and the same command does it."""
    fault = {"vendor": provider, "route": UNLIST[provider], "body": "{}", "times": 1}
    load(portal(provider, letter(), **{provider: listed(provider)}), faults=[fault])
    ran, again = fix(*RELEASE, *CONFIRMED), fix(*RELEASE, *CONFIRMED)

    assert ("email.still_suppressed", 18) == refused(ran)
    assert ("changed", 0) == (again.json["status"], again.code), again.json["error"]
    assert ["notification.address_released"] == audits()


# Allowing.


def test_an_address_is_allowed(fix, load, world, audits, kept):
    """It is on the list, and whatever others have put there; the journal does not hold it; again is nothing."""
    theirs = ["partner.example", "lab@lab.example"]
    load({**LISTED, "sendgrid": {**LISTED["sendgrid"], "allowlist": theirs}})
    ran, again = fix(*ALLOW, *CONFIRMED), fix(*ALLOW, *CONFIRMED)

    assert ("changed", "suppressed_bounce", 0) == told(ran), ran.json["error"]
    assert ("suppressed_bounce", None) == (again.json["verdict"]["code"], again.json["data"]["plan"])
    assert [*theirs, MAIL] == world()["sendgrid"]["allowlist"]
    assert ["notification.address_allowed"] == audits()
    assert MAIL not in kept()
    assert any("receiving clinic" in each for each in ran.json["data"]["plan"]["notes"])
    valid(ran, ALLOW)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (portal("resend", letter(), resend=listed("resend")), "fix.no_allowlist"),
        ({**LISTED, "sendgrid": {**LISTED["sendgrid"], "allowlist_enabled": False}}, "fix.allowlist_off"),
        (portal("sendgrid", letter()), "fix.no_finding"),
    ],
    ids=["resend", "off", "nothing"],
)
def test_where_no_list_helps(document, code, fix, load, world):
    """19 at Resend, which has no such list, where SendGrid's is off, and where nothing is suppressed."""
    load(document)
    before = world()
    ran = fix(*ALLOW, *CONFIRMED)

    assert (code, 19) == refused(ran)
    assert before == world()


def test_a_domain_is_nobody(fix, load, world):
    """14: one person's address is allowed, and never a whole domain."""
    load(LISTED)
    before = world()
    ran = fix("notify", "allow", "smilecare.example", *CONFIRMED)

    assert 14 == ran.code
    assert before == world()


# Switching on.


def changed(**details):
    return {"id": 1, "user_id": ANNA, "action": "user.preferences_changed", "resource_type": "user",
            "resource_id": ANNA, "details": details, "created_at": "-3d"}  # fmt: skip


def test_a_preference_is_switched_on(fix, load, rows, audits):
    """That one alone; every other stays, and the plan says who switched it off, and when."""
    off = changed(channel="email", type="case_update", enabled=False)
    load(portal("sendgrid", user=PREFERENCES, logged=[off]))
    ran, again = fix(*ENABLE, *CONFIRMED), fix(*ENABLE, *CONFIRMED)
    (mine,) = [each for each in rows("users") if each["id"] == ANNA]

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert (None, None) == (again.json["data"]["plan"], again.json["error"])
    assert {"email": {"case_update": True, "invoice": True}, "in_app": {}} == mine["notification_preferences"]
    assert ["notification.preference_enabled"] == audits()
    (note,) = ran.json["data"]["plan"]["notes"]
    assert "The person changed it on 17 Nov 2026 15:00 UTC: switch it on at their own wish alone." == note
    valid(ran, ENABLE)


@pytest.mark.parametrize(
    ("logged", "note"),
    [
        ([], "does not tell who"),
        ([changed(channel="email", type="invoice", enabled=False)], "does not tell who"),
        ([{**changed(channel="email", type="case_update", enabled=False), "user_id": BOSS}], f"User {BOSS} changed it"),
        ([{**changed(), "user_id": None}], "Somebody unknown changed it"),
    ],
)
def test_who_switched_it_off(logged, note, fix, load):
    """As far as the audit log tells."""
    load(portal("sendgrid", user=PREFERENCES, logged=logged))
    (told_of,) = fix(*ENABLE, "--dry-run").json["data"]["plan"]["notes"]

    assert note in told_of


SEVERAL = {"email": {"case_update": False, "invoice": False}, "in_app": {}}


def test_one_of_several(fix, load, rows):
    """19 where several are off, and one of them once it is named; what was typed is in the command that confirms."""
    load(portal("sendgrid", user={"notification_preferences": SEVERAL}))
    several = fix(*ENABLE, *CONFIRMED)
    asked = fix(*ENABLE, "--type", "invoice")
    named = fix(*ENABLE, "--type", "invoice", *CONFIRMED)
    (mine,) = [each for each in rows("users") if each["id"] == ANNA]

    assert ("fix.several_off", 19) == refused(several)
    assert "--type invoice" in asked.json["error"]["hint"]
    assert ("changed", 0) == (named.json["status"], named.code), named.json["error"]
    assert {"email": {"case_update": False, "invoice": True}, "in_app": {}} == mine["notification_preferences"]


def test_a_whole_channel_is_the_persons_own(fix, load, world):
    """19: which of its kinds the person wants nobody knows."""
    load(portal("sendgrid", user={"notification_preferences": {"email": False}}))
    before = world()
    ran = fix(*ENABLE, "--type", "invoice", *CONFIRMED)

    assert ("fix.whole_channel", 19) == refused(ran)
    assert before == world()


def test_a_preference_changes_meanwhile(meanwhile, load, audits):
    """16 where the person has switched it on by then, or the whole channel off."""
    for theirs in ('{"email": {"case_update": true}}', '{"email": false}'):
        load(OFF)
        ran = meanwhile("before", f"update users set notification_preferences = '{theirs}'", *ENABLE, *CONFIRMED)

        assert ("fix.state_changed", 16) == refused(ran)
        assert [] == audits()


def test_a_preference_changes_at_the_write(meanwhile, load, rows, audits):
    """16, and nothing is written: the row is compared in the transaction that changes it."""
    load(OFF)
    theirs = "update users set notification_preferences = '{\"email\": false}'"
    ran = meanwhile("write", theirs, *ENABLE, *CONFIRMED)

    assert 16 == ran.code, ran.json["error"]
    assert {"email": False} == next(each for each in rows("users") if each["id"] == ANNA)["notification_preferences"]
    assert [] == audits()
