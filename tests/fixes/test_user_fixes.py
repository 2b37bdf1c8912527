"""The fixes of `user check`: one mail or one change, proven by Supabase's own record, and none where it is not sure."""

import sys
import threading
from datetime import datetime, timedelta

import jsonschema
import psycopg
import pytest

from peakops import journal, sandbox
from peakops.render import schema

from ..conftest import environment
from .conftest import KILLED, WHY
from .test_crashes import MOST_STEPS, TEAM

ANNA, MAIL = "55555555-5555-4555-8555-000000000101", "anna@smilecare.example"
SMILE, HARBOR = "22222222-2222-4222-8222-000000000001", "22222222-2222-4222-8222-000000000002"
NOW = "2026-11-20T15:00:00Z"
CONFIRMED = ("--confirm", MAIL, *WHY)
RESEND = ("user", "resend-confirmation", MAIL)
RESET = ("user", "reset-password", MAIL)
ENABLE = ("user", "enable", MAIL)
MOVE = ("user", "set-practice", MAIL, "Smile Care")
CHANGES = {
    "resend": ("email_not_confirmed", (*RESEND, "--yes")),
    "invite": ("invited", (*RESEND, "--yes")),
    "reset": ("can_log_in", (*RESET, "--yes")),
    "unban": ("banned", (*ENABLE, *CONFIRMED)),
    "switch_on": ("disabled_in_portal", (*ENABLE, *CONFIRMED)),
    "both": ("banned_and_disabled", (*ENABLE, *CONFIRMED)),
    "move": ("wrong_practice", (*MOVE, *CONFIRMED)),
}
"""Each way in which a person is helped: the world, and the command that does it."""
MAILS = {"resend": "/auth/v1/resend", "invite": "/auth/v1/invite", "reset": "/auth/v1/recover"}
"""By which call of Supabase's each mail is sent."""


def world_of(name):
    return sandbox.named(f"user/{name}")


@pytest.fixture
def anna(rows):
    """Anna's account, profile and practice, as they are now."""

    def anna(column, table="auth.users"):
        (row,) = [each for each in rows(table) if each["id"] == ANNA]
        return row.get(column)

    return anna


@pytest.fixture
def sent(state):
    """The calls that Supabase was asked to change something with, and carried out or not."""
    return lambda: [
        each["path"]
        for each in sandbox.requests(state / "peakops")
        if each["vendor"] == "supabase" and each["method"] != "GET"
    ]


@pytest.fixture
def audit(rows):
    """The rows of the audit log that peakops wrote."""
    return lambda: [each for each in rows("audit_logs") if "peakops_plan" in (each.get("details") or {})]


def steps(ran):
    return [(each["targets"][0], each["already"]) for each in ran.json["data"]["steps"]]


def told(ran):
    return ran.json["status"], ran.code


def test_a_confirmation_is_sent_again(fix, load, anna, sent, audit, entries):
    """One mail, when it went, one row in the audit log; the finding stays, since only the person ends it."""
    load("user/email_not_confirmed")
    ran = fix(*RESEND, "--yes")
    (row,) = audit()

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert "email_not_confirmed" == ran.json["verdict"]["code"]
    assert (["/auth/v1/resend"], NOW) == (sent(), anna("confirmation_sent_at"))
    assert "sent 2026-11-20T15:00:00+00:00" == ran.json["data"]["steps"][0]["brought"]["status"]
    assert [(f"confirmation mail to {MAIL}", False), ("audit log", False)] == steps(ran)
    assert ("user.confirmation_resent", ANNA, "user") == (row["action"], row["resource_id"], row["resource_type"])
    assert ["intended", "done", "intended", "done"] == entries()


def test_an_invitation_of_an_account_is_sent_again(fix, load, anna, sent):
    """Supabase resends no invitation: the account is invited once more."""
    load("user/invited")
    ran = fix(*RESEND, "--yes")

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert ["/auth/v1/invite"] == sent()
    assert (NOW, NOW) == (anna("confirmation_sent_at"), anna("invited_at"))


def test_a_reset_is_sent(fix, load, anna, sent, audit):
    """One recovery mail; password and sessions stay as they are, until the person sets a new one."""
    load("user/can_log_in")
    before = anna("encrypted_password")
    ran = fix(*RESET, "--yes")

    assert ("changed", 0, "can_log_in") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert (["/auth/v1/recover"], NOW) == (sent(), anna("recovery_sent_at"))
    assert before == anna("encrypted_password")
    assert ["user.password_reset_sent"] == [each["action"] for each in audit()]
    assert "sent 2026-11-20T15:00:00+00:00" == ran.json["data"]["steps"][0]["brought"]["status"]


def test_a_ban_is_lifted(fix, load, anna, audit, entries):
    """The account is not banned any more, and can log in; the profile is not touched."""
    load("user/banned")
    ran = fix(*ENABLE, *CONFIRMED)

    assert ("changed", 0, "can_log_in") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert anna("banned_until") is None
    assert [("user.enabled", "ticket 4711")] == [(each["action"], each["details"]["reason"]) for each in audit()]
    assert ["intended", "done", "intended", "done"] == entries()


def test_a_profile_is_switched_on(fix, load, anna, sent, audit):
    """One transaction in the portal; Supabase is not asked to change anything."""
    load("user/disabled_in_portal")
    ran = fix(*ENABLE, *CONFIRMED)

    assert ("changed", 0, "can_log_in") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert (True, [], 1) == (anna("is_active", "users"), sent(), len(audit()))


def test_both_are_lifted(fix, load, anna, audit):
    """A ban and a profile that is off: one command, two steps, one row in the audit log."""
    load("user/banned_and_disabled")
    ran = fix(*ENABLE, *CONFIRMED)

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert (None, True, 1) == (anna("banned_until"), anna("is_active", "users"), len(audit()))
    assert [(f"account {MAIL}", False), (f"profile {MAIL}", False)] == steps(ran)


@pytest.mark.parametrize("name", ["everything_at_once"])
def test_what_is_left_after_a_ban_is_another_matter(name, fix, load, anna):
    """The ban is lifted and the profile on; what else is in the way is the verdict, and no failure of this."""
    load(f"user/{name}")
    ran = fix(*ENABLE, *CONFIRMED)

    assert ("changed", 0, "email_mismatch") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert (None, True) == (anna("banned_until"), anna("is_active", "users"))


@pytest.mark.parametrize(
    ("name", "practice", "where"),
    [
        ("wrong_practice", "Smile Care", SMILE),
        ("wrong_practice", SMILE.upper(), SMILE),
        ("practice_missing", "Smile Care", SMILE),
        ("practice_suspended", "Harbor Dental", HARBOR),
        ("practice_closed", HARBOR, HARBOR),
    ],
)
def test_a_person_is_moved(name, practice, where, fix, load, anna, audit):
    """To the practice of that id or exact name; the plan tells what becomes visible."""
    load(f"user/{name}")
    ran = fix(*MOVE[:-1], practice, *CONFIRMED)

    assert ("changed", 0, "can_log_in") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert where == anna("practice_id", "users")
    assert ["user.practice_set"] == [each["action"] for each in audit()]
    assert any(note.startswith("Becomes visible: ") for note in ran.json["data"]["plan"]["notes"])


def test_what_a_move_shows_and_hides(fix, load):
    """What the person will see, and what not any more, is told before it is confirmed."""
    load("user/wrong_practice")
    plan = fix(*MOVE, "-n").json["data"]["plan"]

    assert [
        "Becomes visible: Smile Care has 0 invoices, 2 cases, 0 shipments and 1 person.",
        "Is not visible any more: Harbor Dental has 1 invoice, 0 cases, 0 shipments and 1 person.",
    ] == plan["notes"]
    assert ("Harbor Dental", "Smile Care") == (plan["actions"][0]["was"], plan["actions"][0]["becomes"])


@pytest.mark.parametrize("name", CHANGES)
def test_a_plan_changes_nothing(name, fix, load, world, sent, entries):
    """--dry-run: 10 and the plan; not a byte of the world, no request that writes, no line in the journal."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    before = world()
    ran = fix(*command, "--dry-run")

    assert ("planned", 10) == told(ran), ran.json["error"]
    assert ran.json["data"]["plan"]["actions"]
    assert (before, [], []) == (world(), sent(), entries())
    jsonschema.Draft202012Validator(schema.of(" ".join(command[:2]))).validate(ran.json)


@pytest.mark.parametrize("name", ["reset", "both"])
def test_the_report_keeps_its_schema(name, fix, load):
    """What is told of a change that was carried out is what `peakops schema` promises."""
    document, command = CHANGES[name]
    load(f"user/{document}")

    jsonschema.Draft202012Validator(schema.of(" ".join(command[:2]))).validate(fix(*command).json)


@pytest.mark.parametrize("name", ["resend", "both", "move"])
def test_the_page_of_a_change(name, peakops, load):
    """A person reads what was done, to whom, and what limits the next mail."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    ran = peakops("--sandbox", *command)

    assert 0 == ran.code, ran.err
    assert "What was done" in ran.out
    assert name not in MAILS or "Supabase sends one mail every 60 s to an address, and 30 an hour" in ran.out


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("resend", (), 12),
        ("resend", ("--confirm", "someone@smilecare.example", "--reason", "x"), 12),
        ("resend", ("--confirm", MAIL, "--reason", "x"), 0),
        ("reset", (), 12),
        ("reset", ("--yes",), 0),
        ("unban", (), 12),
        ("unban", ("--yes",), 12),
        ("unban", ("--yes", "--reason", "x"), 12),
        ("unban", ("--confirm", MAIL), 64),
        ("unban", ("--confirm", MAIL, "--reason", " "), 64),
        ("unban", ("--confirm", "someone@smilecare.example", "--reason", "x"), 12),
        ("unban", ("--confirm", "Anna@SmileCare.Example", "--reason", "x"), 0),
        ("unban", ("--confirm", ANNA, "--reason", "x"), 0),
        ("switch_on", ("--yes",), 12),
        ("move", ("--yes",), 12),
        ("move", ("--confirm", "Smile Care", "--reason", "x"), 12),
        ("move", ("--confirm", ANNA.upper(), "--reason", "x"), 0),
    ],
)
def test_what_confirms(name, options, code, fix, load, world):
    """A mail by --yes; access by the address as it was typed, in any case, or by the id, and with a reason."""
    document, command = CHANGES[name]
    bare = command[: command.index("--yes" if "--yes" in command else "--confirm")]
    load(f"user/{document}")
    before = world()
    ran = fix(*bare, *options)

    assert code == ran.code, ran.json["error"]
    assert (code == 0) == (before != world())


def test_somebody_who_was_named_by_id(fix, load, anna):
    """The plan is confirmed by what was typed: the id; an address was never typed, and confirms nothing."""
    load("user/banned")
    by_address = fix("user", "enable", ANNA, "--confirm", MAIL, *WHY)
    by_id = fix("user", "enable", ANNA, "--confirm", ANNA, *WHY)

    assert (12, 0) == (by_address.code, by_id.code)
    assert anna("banned_until") is None


REFUSED = [
    ("contained", ENABLE, "fix.no_finding"),
    ("contained_and_disabled", ENABLE, "fix.no_finding"),
    ("contained_not_banned", ENABLE, "fix.no_finding"),
    ("contained", RESET, "fix.no_finding"),
    ("contained", RESEND, "fix.no_finding"),
    ("contained", MOVE, "fix.no_finding"),
    ("deleted_with_profile", ENABLE, "fix.no_finding"),
    ("auth_account_missing", RESET, "fix.no_finding"),
    ("profile_missing", RESET, "fix.no_finding"),
    ("email_mismatch", RESET, "fix.no_finding"),
    ("disabled_in_portal", RESET, "fix.no_finding"),
    ("banned", RESET, "fix.no_finding"),
    ("banned", RESEND, "fix.no_finding"),
    ("google_only", RESET, "fix.no_finding"),
    ("mfa_locked", RESET, "fix.no_finding"),
    ("email_not_confirmed", RESET, "fix.no_finding"),
    ("invited_only", RESEND, "fix.doubted"),
    ("invited_revoked", RESEND, "fix.doubted"),
    ("invited_suppressed", RESEND, "fix.doubted"),
    ("confirmation_suppressed", RESEND, "fix.doubted"),
    ("invited_only", MOVE, "fix.no_finding"),
    ("invited", MOVE, "fix.no_finding"),
    ("invited_only", ENABLE, "fix.no_finding"),
    ("everything_at_once", MOVE, "fix.no_finding"),
    ("wrong_practice", (*MOVE[:-1], "Nowhere"), "fix.no_practice"),
    ("wrong_practice_same_names", MOVE, "fix.ambiguous"),
    ("practice_suspended", MOVE, "fix.practice_closed"),
    ("phone_account", RESET, "fix.no_finding"),
]
"""World, command and the code of the refusal."""


@pytest.mark.parametrize(("name", "command", "code"), REFUSED)
def test_where_nothing_may_be_done(name, command, code, fix, load, world, sent):
    """19 where it is contained, not of this verb, or in doubt; not a byte changes, and no mail goes."""
    load(f"user/{name}")
    before = world()
    command = (*command[:2], ANNA, *command[3:]) if name == "phone_account" else command
    ran = fix(*command, *CONFIRMED)

    assert (code, "refused", 19) == (ran.json["error"]["code"], *told(ran))
    assert (before, []) == (world(), sent())


def test_a_closed_practice_takes_nobody_in(fix, load):
    """19 for a move to a practice that is suspended or closed."""
    document = world_of("practice_missing")
    (own,) = document["tables"]["practices"]
    load(document, tables={**document["tables"], "practices": [{**own, "status": "suspended"}]})
    ran = fix(*MOVE, *CONFIRMED)

    assert ("fix.practice_closed", 19) == (ran.json["error"]["code"], ran.code)


NOTHING_TO_DO = [
    ("can_log_in", RESEND),
    ("can_log_in", ENABLE),
    ("mfa_locked", ENABLE),
    ("practice_suspended", ENABLE),
    ("email_not_confirmed", ENABLE),
    ("can_log_in", MOVE),
    ("mfa_locked", MOVE),
    ("email_not_confirmed", MOVE),
    ("confirmation_suppressed", MOVE),
]


@pytest.mark.parametrize(("name", "command"), NOTHING_TO_DO)
def test_what_holds_already(name, command, fix, load, world, sent):
    """0 and no plan where the address is confirmed, nothing is off, or the person belongs there."""
    load(f"user/{name}")
    before = world()
    ran = fix(*command, *CONFIRMED)

    assert ("ok", 0, None) == (*told(ran), ran.json["data"]["plan"]), ran.json["error"]
    assert (before, []) == (world(), sent())


@pytest.mark.parametrize("name", ["unban", "switch_on", "both", "move"])
def test_again_is_nothing(name, fix, load, audit):
    """The same command once more: 0, no second row."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    once, again = fix(*command), fix(*command)

    assert [("changed", 0), ("ok", 0)] == [told(once), told(again)]
    assert 1 == len(audit())


@pytest.mark.parametrize("name", MAILS)
def test_a_second_mail_within_the_minute(name, fix, load, sent, state):
    """19 with the seconds that are left; a minute later the next one goes, with a row of its own."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    once, soon = fix(*command), fix(*command)
    sandbox.clock(state / "peakops", 59)
    sooner = fix(*command)
    sandbox.clock(state / "peakops", 1)
    later = fix(*command)

    assert [0, 19, 19, 0] == [each.code for each in (once, soon, sooner, later)], later.json["error"]
    assert ("fix.too_soon", 60) == (soon.json["error"]["code"], soon.json["error"]["retry_after_s"])
    assert 1 == sooner.json["error"]["retry_after_s"]
    assert [MAILS[name]] * 2 == sent()


def test_the_projects_own_limits(fix, load):
    """What the project has set is what is waited for, and what is told."""
    document = world_of("can_log_in")
    load(document, supabase={"config": {"smtp_max_frequency": 300, "rate_limit_email_sent": 1}})
    once, soon = fix(*RESET, "--yes"), fix(*RESET, "--yes")

    assert "one mail every 5 min to an address, and 1 an hour" in once.json["data"]["plan"]["notes"][0]
    assert ("fix.too_soon", 300) == (soon.json["error"]["code"], soon.json["error"]["retry_after_s"])


def test_the_hour_is_full(fix, load, sent, anna, audit):
    """75 where the project may send no more within the hour: nothing went, nothing is recorded, nothing stays open."""
    document = world_of("can_log_in")
    load(document, supabase={"config": {"rate_limit_email_sent": 0}})
    ran, check = fix(*RESET, "--yes"), fix("user", "check", MAIL)

    assert ("supabase.over_email_send_rate_limit", 75) == (ran.json["error"]["code"], ran.code)
    assert (None, []) == (anna("recovery_sent_at"), audit())
    assert ("can_log_in", 0) == (check.json["verdict"]["code"], check.code)


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("body", ["{}", "<html>ok</html>"])
def test_supabase_says_well_and_sends_nothing(body, name, fix, load, audit):
    """18 for an answer of 200 with nothing sent: the proof is the account's own record, not the answer."""
    document, command = CHANGES[name]
    route = f"POST {MAILS[name]}"
    load(f"user/{document}", faults=[{"vendor": "supabase", "route": route, "body": body, "times": 1}])
    ran, again = fix(*command), fix(*command)

    assert (18, []) == (ran.code, []) if body == "{}" else ran.code in (18, 69)
    assert ("changed", 0) == told(again), again.json["error"]
    assert 1 == len(audit())


@pytest.mark.parametrize("name", ["resend", "invite", "reset", "unban", "both"])
def test_an_answer_that_was_lost(name, fix, load, sent, anna, audit):
    """It is carried out and the connection breaks: 69; the same command finds it done, and does only the rest."""
    document, command = CHANGES[name]
    route = "PUT /auth/v1/admin/users/*" if name in ("unban", "both") else f"POST {MAILS[name]}"
    fault = {"vendor": "supabase", "route": route, "after_effect": "drop_connection", "times": 1}
    load(f"user/{document}", faults=[fault])
    lost = fix(*command)
    check = fix("user", "check", MAIL)
    again = fix(*command)

    assert 69 == lost.code
    assert "same command" in lost.json["error"]["hint"]
    assert ("unfinished_change", 2) == (check.json["verdict"]["code"], check.code)
    assert ("changed", 0) == told(again), again.json["error"]
    assert [True, False] == [each["already"] for each in again.json["data"]["steps"]]
    assert (1, 1) == (len(sent()), len(audit()))


REFUSALS = {401: 77, 403: 77, 429: 75, 500: 69, 503: 69}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("name", ["reset", "both"])
def test_supabase_refuses_or_fails(name, status, fix, load, world, audit):
    """Nothing is recorded of what was not done; the same command does it once Supabase answers."""
    document, command = CHANGES[name]
    route = "PUT /auth/v1/admin/users/*" if name == "both" else f"POST {MAILS[name]}"
    load(f"user/{document}", faults=[{"vendor": "supabase", "route": route, "status": status, "times": 1}])
    before = world()["tables"]
    failed = fix(*command)
    after = world()["tables"]
    again = fix(*command)

    assert REFUSALS[status] == failed.code, failed.json["error"]
    assert before == after
    assert ("changed", 0) == told(again), again.json["error"]
    assert 1 == len(audit())


@pytest.mark.parametrize("status", [401, 500])
def test_the_limits_cannot_be_read(status, fix, load, sent):
    """19: whether a mail may follow the last one is not known, and none is sent; access is changed all the same."""
    fault = {"vendor": "supabase", "route": "GET /v1/projects/*", "status": status}
    load("user/can_log_in", faults=[fault])
    mail = fix(*RESET, "--yes")
    load("user/disabled_in_portal", faults=[fault])
    access = fix(*ENABLE, *CONFIRMED)

    assert ("fix.unproven", 19) == (mail.json["error"]["code"], mail.code)
    assert [] == sent()
    assert ("changed", 0) == told(access), access.json["error"]


@pytest.mark.parametrize("name", CHANGES)
def test_security_actions_cannot_be_read(name, fix, load, world, sent):
    """Whether it is on purpose is not known: nothing is changed for anybody, be it 19 or unknown."""
    document, command = CHANGES[name]
    read = world_of(document)
    denied = [{"vendor": "database", "fault": "deny", "table": "peakops.containments"}]
    load(read, tables={**read["tables"], "peakops.containments": [], **TEAM}, faults=denied)
    before = world()["tables"]
    ran = fix(*command)

    assert ran.code in (3, 19), ran.json["error"]
    assert (before, []) == (world()["tables"], sent())


def test_without_the_key_that_writes(peakops, load, writing, sent, anna):
    """77 with the plan and the name of the setting; a profile alone needs no key of Supabase's."""
    load("user/banned")
    ban = peakops(*ENABLE, *CONFIRMED, "--json", **{**writing(), "PEAKOPS_SUPABASE_WRITE_KEY": ""})
    load("user/can_log_in")
    mail = peakops(*RESET, "--yes", "--json", **{**writing(), "PEAKOPS_SUPABASE_WRITE_KEY": ""})
    load("user/disabled_in_portal")
    profile = peakops(*ENABLE, *CONFIRMED, "--json", **{**writing(), "PEAKOPS_SUPABASE_WRITE_KEY": ""})

    for each in (ban, mail):
        assert ("fix.no_write_access", 77) == (each.json["error"]["code"], each.code)
        assert "PEAKOPS_SUPABASE_WRITE_KEY" in each.json["error"]["message"]
        assert each.json["data"]["plan"]["actions"]
    assert ("changed", 0, True) == (*told(profile), anna("is_active", "users")), profile.json["error"]
    assert [] == sent()


def test_with_the_keys_that_write(peakops, load, writing, anna):
    """The same outside of the sandbox, where the key that writes is another than the one that reads."""
    load("user/banned_and_disabled")
    ran = peakops(*ENABLE, *CONFIRMED, "--json", **writing())

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert (None, True) == (anna("banned_until"), anna("is_active", "users"))


def test_a_key_that_may_not_write(peakops, load, writing, audit):
    """77 for a publishable key in the place of a secret one, before anything is asked with it."""
    load("user/can_log_in")
    keys = {**writing(), "PEAKOPS_SUPABASE_WRITE_KEY": "sb_publishable_sandbox000000000000000000"}
    ran = peakops(*RESET, "--yes", "--json", **keys)

    assert (77, []) == (ran.code, audit())
    assert "PEAKOPS_SUPABASE_WRITE_KEY" in ran.json["error"]["message"]


@pytest.mark.parametrize(("name", "team"), [("reset", False), ("both", True)])
def test_killed_at_every_step(name, team, fix, killed, load, sent, anna, audit, folder):
    """One mail, one row in the audit log, a whole journal: wherever the first run was killed."""
    document, command = CHANGES[name]
    read = world_of(document)
    for at in range(1, MOST_STEPS):
        load(read, tables={**read["tables"], **TEAM} if team else read["tables"])
        was_killed = killed(at, *command)
        again = fix(*command)

        # A mail that went, and whose plan is finished, is too young for a second one.
        assert 0 == again.code or (again.json["error"]["code"] == "fix.too_soon" and name in MAILS), (at, again.out)
        assert 1 == len(audit()), at
        assert name == "move" or 1 == len(sent()), (at, sent())
        assert "unfinished_change" != fix("user", "check", MAIL).json["verdict"]["code"], at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


def test_another_verb_comes_after_what_was_begun(fix, killed, load, state):
    """Killed after the ban was lifted: the check says so, and a move is refused with the command that comes first."""
    load("user/banned_and_disabled")
    assert killed(6, *ENABLE, *CONFIRMED)
    check, other = fix("user", "check", MAIL), fix(*MOVE, *CONFIRMED)

    assert ("unfinished_change", 2) == (check.json["verdict"]["code"], check.code)
    assert f"peakops user enable {ANNA}" == check.json["next"][0]
    assert ("fix.unfinished_change", 19) == (other.json["error"]["code"], other.code)


@pytest.mark.parametrize("team", [False, True], ids=["alone", "team"])
@pytest.mark.parametrize("name", ["reset", "both"])
def test_two_at_once(name, team, fix, load, sent, audit):
    """One of two runs does it; the other is locked out, comes too soon, or finds it done."""
    document, command = CHANGES[name]
    read = world_of(document)
    load(read, tables={**read["tables"], **TEAM} if team else read["tables"])
    ran = []
    threads = [threading.Thread(target=lambda: ran.append(fix(*command))) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert 0 in [each.code for each in ran]
    assert {each.code for each in ran} <= {0, 16, 17, 19}, [each.json["error"] for each in ran]
    assert 1 == len(audit())
    assert name == "move" or 1 == len(sent())


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("switch_on", "update public.users set is_active = true"),
        ("switch_on", f"update public.users set practice_id = '{HARBOR}'"),
        ("move", "update public.users set practice_id = null"),
        ("move", f"update public.users set practice_id = '{SMILE}'"),
        ("move", f"update public.practices set status = 'closed' where id = '{SMILE}'"),
        ("unban", "update auth.users set banned_until = banned_until + interval '1 day'"),
        ("unban", "update auth.users set deleted_at = '2026-11-20T15:00:00Z'"),
        ("reset", "update auth.users set recovery_sent_at = '2026-11-20T14:00:00Z'"),
        ("reset", "update auth.users set banned_until = '2027-01-01'"),
        ("resend", "update auth.users set email_confirmed_at = '2026-11-20T14:59:00Z'"),
    ],
)
def test_something_changed_before_it_was_applied(name, statement, meanwhile, load, sent, audit):
    """16: what was planned is not what is there any more; nothing is done."""
    document, command = CHANGES[name]
    read = world_of(document)
    practices = [{"id": SMILE, "name": "Smile Care"}, {"id": HARBOR, "name": "Harbor Dental"}]
    load(read, tables={**read["tables"], "practices": practices})
    ran = meanwhile("before", statement, *command)

    assert 16 == ran.code, ran.json
    assert ([], []) == (sent(), audit())


def test_a_security_action_that_was_opened_meanwhile(meanwhile, load, anna, sent):
    """16: the account was contained while the operator read the plan; the ban stays."""
    read = world_of("banned")
    load(read)
    statement = f"""insert into peakops.containments (user_id, made_at, operator, reason)
        values ('{ANNA}', '2026-11-20T14:59:00Z', 'mara@ops-1', 'taken over')"""
    ran = meanwhile("before", statement, *ENABLE, *CONFIRMED)

    assert 16 == ran.code, ran.json
    assert anna("banned_until") is not None
    assert [] == sent()


@pytest.mark.parametrize("name", ["switch_on", "move"])
def test_the_profile_changed_at_the_write(name, meanwhile, load, anna, audit):
    """16: the row is locked as it was seen, and is not that any more; nothing is written."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    changed = {"switch_on": "is_active = true", "move": "practice_id = null"}[name]
    ran = meanwhile("write", f"update public.users set {changed} where id = '{ANNA}'", *command)

    assert 16 == ran.code, ran.json
    assert [] == audit()


@pytest.mark.parametrize("name", CHANGES)
def test_the_journal_holds_neither_address_nor_secret(name, fix, load, folder, rows):
    """Of the person the journal and the team's copy know the id alone; the audit log of the portal may name them."""
    document, command = CHANGES[name]
    read = world_of(document)
    load(read, tables={**read["tables"], **TEAM})
    fix(*command)
    text = "".join(each.read_text("utf-8") for each in sorted(folder().rglob("journal.ndjson"))) + str(
        rows("peakops.journal")
    )

    assert ANNA in text
    assert MAIL not in text
    assert "Anna" not in text
    assert "canary" not in text
    assert "sb_secret" not in text


def test_a_station_that_died_is_followed_by_another(peakops, load, writing, tmp_path, state, forks, sent, audit):
    """The mail went, the machine died: another one finds it sent once the lease has run out, and only notes it."""
    read = world_of("can_log_in")
    load(read, tables={**read["tables"], **TEAM})
    home = tmp_path / "ada"
    home.mkdir()
    env = writing(PEAKOPS_OPERATOR="ada")
    command = [sys.executable, KILLED, "8", *RESET, "--yes"]
    assert -9 == forks.run(command, env=environment(home, **env)).returncode
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute("update peakops.locks set expires_at = now() - interval '1 minute'")
    other = tmp_path / "bob"
    other.mkdir()
    ran = peakops(*RESET, "--yes", "--json", home=other, **writing(PEAKOPS_OPERATOR="bob"))

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert [True, False] == [each["already"] for each in ran.json["data"]["steps"]]
    assert (1, 1) == (len(sent()), len(audit()))


def test_the_time_of_a_mail_is_the_accounts(fix, load, state, anna):
    """An hour later the step says an hour later: what is told is Supabase's record, not the clock of the first run."""
    load("user/can_log_in")
    fix(*RESET, "--yes")
    sandbox.clock(state / "peakops", 3600)
    ran = fix(*RESET, "--yes")
    later = datetime.fromisoformat(NOW) + timedelta(hours=1)

    assert f"sent {later.isoformat()}" == ran.json["data"]["steps"][0]["brought"]["status"]
    assert later == datetime.fromisoformat(anna("recovery_sent_at"))
