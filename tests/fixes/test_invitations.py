"""The fixes of an invitation: one fresh invitation in the place of all, a link that is shown once, and what refuses."""

import json
import sys
import threading
from datetime import datetime

import jsonschema
import psycopg
import pytest

from peakops import journal, sandbox
from peakops.render import schema

from ..conftest import PEAKOPS, environment
from .conftest import KILLED, WHY
from .test_crashes import AFTER_THE_REFUND, BEFORE_THE_REFUND, MOST_STEPS
from .test_guards import typed

NEW = "new.member@smilecare.example"
OLD = "44444444-4444-4444-8444-000000000001"
REISSUE = ("invitation", "reissue", NEW, "--yes", *WHY)
REVOKE = ("invitation", "revoke", NEW, "--yes", *WHY)
DELETE = ("invitation", "delete", NEW, "--confirm", f"sandbox/{NEW}", *WHY)
LINK = ("invitation", "link", NEW, "--confirm", NEW, *WHY, "--reveal")
PAGE = "https://portal.example/invitations/"
VALIDATORS = {
    verb: jsonschema.Draft202012Validator(schema.of(f"invitation {verb}"))
    for verb in ("reissue", "revoke", "delete", "link")
}
INVITATIONS = "public.invitations"


def states(rows):
    """The stored states by id, without the fresh rows' ids."""
    return {each["id"]: each["status"] for each in rows("invitations")}


def fresh(rows):
    """The rows that no world brought."""
    return [each for each in rows("invitations") if not each["id"].startswith("44444444-")]


def texts(folder):
    """All that the journal holds, as it lies on the disk."""
    return "".join(path.read_text("utf-8") for path in folder().rglob("*") if path.is_file())


def test_a_dry_run_plans(fix, load, rows):
    """10, and both changes with what they were and become; nothing is changed, and no secret is in the plan."""
    load("pending_expired")
    before = rows("invitations")
    ran = fix("invitation", "reissue", NEW, "--dry-run")
    close, renew = ran.json["data"]["plan"]["actions"]

    assert ("planned", 10) == (ran.json["status"], ran.code)
    assert ("invitation/close", "expired: its link works no longer") == (close["call"], close["becomes"])
    assert ("none", "pending for 7 days from now, with a link of its own") == (renew["was"], renew["becomes"])
    assert {"private": "token"} == renew["params"]["fresh"]
    assert ["peakops sends no mail of the portal's." in each for each in ran.json["data"]["plan"]["notes"]] == [True]
    assert before == rows("invitations")
    VALIDATORS["reissue"].validate(ran.json)


@pytest.mark.parametrize("verb", ["reissue", "revoke", "delete", "link"])
def test_a_dry_run_needs_no_confirmation(verb, fix, load, world):
    """10 with the plan of each, also of the link, which it does not make: not a byte changes."""
    load("several_pending")
    before = world()
    ran = fix("invitation", verb, NEW, "-n")

    assert ("planned", 10) == (ran.json["status"], ran.code), ran.json["error"]
    assert "link" not in ran.json["data"]
    assert before == world()
    VALIDATORS[verb].validate(ran.json)


def test_a_fresh_one_takes_its_place(fix, load, rows, entries):
    """Same address, role, practice, inviter and lifetime; another token; the old one ends in the same transaction."""
    load("pending_expired")
    (old,) = rows("invitations")
    ran = fix(*REISSUE)
    (new,), (audit,) = fresh(rows), rows("audit_logs")

    assert ("changed", "pending", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert "pending_expired" == ran.json["data"]["before"]
    same = ("email", "practice_id", "role", "invited_by")
    assert [old[each] for each in same] == [new[each] for each in same]
    assert ("pending", "2026-11-27T15:00:00Z") == (new["status"], new["expires_at"])
    assert new.get("provider_message_id") is None
    assert len(new["token"]) >= 43
    assert new["token"] != old["token"]
    assert "expired" == states(rows)[OLD]
    assert ("invitation.reissued", "invitation", OLD) == (
        *(audit["action"], audit["resource_type"]),
        audit["resource_id"],
    )
    assert ["intended", "done"] == entries()
    VALIDATORS["reissue"].validate(ran.json)


def test_it_happens_once(fix, load, rows):
    """The same command again: 0, nothing to do, and no second invitation."""
    load("pending_expired")
    fix(*REISSUE)
    again = fix(*REISSUE)

    assert ("ok", 0, None) == (again.json["status"], again.code, again.json["data"]["plan"])
    assert (1, 1) == (len(fresh(rows)), len(rows("audit_logs")))


REMEDIED = {
    "accepted_without_account": {"accepted"},
    "accepted_account_deleted": {"accepted"},
    "bounced": {"revoked"},
    "bounced_expired": {"expired"},
    "bounced_several": {"revoked"},
    "expired": {"expired"},
    "never_sent": {"revoked"},
    "never_sent_expired": {"expired"},
    "pending_expired": {"expired"},
    "revoked": {"revoked"},
    "several_pending": {"revoked", "expired"},
    "several_pending_mixed_case": {"revoked"},
}
"""What a fresh invitation remedies, and what has become of the older rows."""


@pytest.mark.parametrize("name", REMEDIED)
def test_what_a_reissue_remedies(name, fix, load, rows):
    """One fresh invitation that is pending, and no other; an accepted row stays as it is."""
    load(f"invitation/{name}")
    ran = fix(*REISSUE)
    (new,) = fresh(rows)

    assert (0, "pending") == (ran.code, ran.json["verdict"]["code"]), ran.json["error"]
    assert "pending" == new["status"]
    assert REMEDIED[name] == {status for id, status in states(rows).items() if id != new["id"]}


def test_the_newest_of_several_is_the_model(fix, load, rows):
    """Practice and role are those of the newest one, and the plan says that another practice loses its own."""
    load("several_pending")
    ran = fix(*REISSUE)
    (new,) = fresh(rows)

    assert ("22222222-2222-4222-8222-000000000002", "admin") == (new["practice_id"], new["role"])
    assert any("Smile Care" in each for each in ran.json["data"]["plan"]["notes"])


NOT_REMEDIED = {
    "accepted": (19, "fix.no_finding"),
    "already_a_user": (19, "fix.no_finding"),
    "invitations_blinded": (3, None),
    "pending": (0, None),
    "pending_expired_closed": (19, "fix.practice_closed"),
    "pending_expired_user": (19, "fix.has_account"),
    "several_pending_user": (19, "fix.has_account"),
    "similar": (14, "not_found"),
    "suppressed": (19, "fix.no_finding"),
    "suppressed_revoked": (19, "fix.suppressed"),
    "unknown_status": (19, "fix.no_finding"),
}


@pytest.mark.parametrize("name", NOT_REMEDIED)
def test_without_its_finding_nothing_is_done(name, fix, load, world):
    """The verdict is another one, or a guard is against it: not a byte of the world changes."""
    load(f"invitation/{name}")
    before = world()
    ran = fix("invitation", "reissue", "new.membre@smilecare.example" if name == "similar" else NEW, "--yes")

    assert NOT_REMEDIED[name] == (ran.code, (ran.json["error"] or {}).get("code"))
    assert before == world()
    VALIDATORS["reissue"].validate(ran.json)


def test_a_suppressed_address_is_led_to_the_link(fix, load):
    """The refusal's hint is the link, which needs no mail; and the check names the link as the remedy."""
    load("invitation/suppressed")

    assert f"peakops invitation link {NEW}" == fix(*REISSUE).json["error"]["hint"]
    assert [f"peakops invitation link {NEW}"] == fix("invitation", "check", NEW).json["next"]


def test_somebody_who_has_an_account_is_another_commands(fix, load):
    """The hint names the person by the address, masked where an id was typed: the invitation's id would name nobody."""
    load("invitation/pending_expired_user")
    hints = [fix("invitation", "reissue", name, "--yes").json["error"]["hint"] for name in (NEW, OLD)]

    assert [f"peakops user check {NEW}", "peakops user check n…@smilecare.example"] == hints
    assert "ambiguous" != fix("user", "check", "n…@smilecare.example").json["verdict"]["code"]


@pytest.mark.parametrize("verb", ["reissue", "link"])
@pytest.mark.parametrize("name", ["pending_expired_closed", "pending_expired_user"])
def test_what_would_refuse_is_not_named(name, verb, fix, load):
    """A closed practice, or an account: the check names neither as the fix nor as what is next."""
    load(f"invitation/{name}")
    ran = fix("invitation", "check", NEW)

    assert [None] == list({each["fix"] and each["fix"]["command"] for each in ran.json["findings"][:1]})
    assert [] == [each for each in ran.json["next"] if verb in each]


def test_a_silent_provider_speaks_against_a_reissue_and_not_a_link(fix, load, rows):
    """Whether the address is suppressed is not known: 19 and nothing done; a link is handed over without any mail."""
    fault = {"vendor": "sendgrid", "route": "*", "status": 403}
    load("invitation/pending_expired", faults=[fault])
    mail = fix(*REISSUE)

    assert ("fix.unproven", 19) == (mail.json["error"]["code"], mail.code)
    assert [] == fresh(rows)
    assert 0 == fix(*LINK).code
    assert 1 == len(fresh(rows))


def test_dates_that_tell_nothing(fix, load, rows):
    """An invitation that ended before it was made: the fresh one lasts seven days, and the plan says so."""
    document = sandbox.named("pending_expired")
    (old,) = document["tables"]["invitations"]
    load(document, tables={**document["tables"], "invitations": [{**old, "created_at": "-1d", "expires_at": "-2d"}]})
    ran = fix(*REISSUE)
    (new,) = fresh(rows)

    assert "2026-11-27T15:00:00Z" == new["expires_at"]
    assert any("7 days are taken" in each for each in ran.json["data"]["plan"]["notes"])


@pytest.mark.parametrize("verb", ["reissue", "revoke", "delete", "link"])
def test_more_than_were_read(verb, fix, load, world):
    """Twenty and more invitations: one that was not read may be pending, so that nothing is done."""
    document = sandbox.named("pending_expired")
    (old,) = document["tables"]["invitations"]
    many = [{**old, "id": f"44444444-4444-4444-8444-{number:012}", "token": f"canary_{number}"} for number in range(21)]
    load(document, tables={**document["tables"], "invitations": many})
    before = world()
    ran = fix(*{"reissue": REISSUE, "revoke": REVOKE, "delete": DELETE, "link": LINK}[verb])

    assert ("fix.too_many", 19) == (ran.json["error"]["code"], ran.code)
    assert before == world()


def test_revoking_keeps_the_rows(fix, load, rows, entries):
    """All that is pending is revoked, past its date too; the second time there is nothing to do."""
    load("several_pending")
    ran, again = fix(*REVOKE), fix(*REVOKE)

    assert ("changed", "revoked", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert ["revoked"] * 3 == list(states(rows).values())
    assert ["invitation.revoked"] == [each["action"] for each in rows("audit_logs")]
    assert ("ok", 0, None) == (again.json["status"], again.code, again.json["data"]["plan"])
    assert ["intended", "done"] == entries()
    VALIDATORS["revoke"].validate(ran.json)


REVOKED = {
    "accepted": ("ok", "accepted"),
    "already_a_user": ("changed", "revoked"),
    "bounced": ("changed", "revoked"),
    "bounced_expired": ("ok", "bounced"),
    "expired": ("ok", "expired"),
    "never_sent": ("changed", "revoked"),
    "pending": ("changed", "revoked"),
    "pending_expired": ("changed", "revoked"),
    "pending_expired_closed": ("changed", "revoked"),
    "several_pending_user": ("changed", "revoked"),
    "suppressed": ("changed", "revoked"),
}


@pytest.mark.parametrize("name", REVOKED)
def test_whatever_is_pending_can_be_revoked(name, fix, load, rows):
    """0 whatever the verdict is, and nothing is pending afterwards; where nothing was, nothing is done."""
    load(f"invitation/{name}")
    ran = fix(*REVOKE)

    assert (*REVOKED[name], 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert "pending" not in states(rows).values()


def test_an_older_one_that_is_pending_can_be_revoked(fix, load, rows):
    """The newest is accepted, and an older one has been left pending: it is revoked, the accepted one stays."""
    document = sandbox.named("invitation/accepted")
    (newest,) = document["tables"]["invitations"]
    old = {**newest, "id": OLD[:-1] + "2", "status": "pending", "created_at": "-40d", "expires_at": "-33d"}
    old.pop("accepted_at")
    load(document, tables={**document["tables"], "invitations": [newest, old]})
    ran = fix(*REVOKE)

    assert ("changed", "accepted", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert {newest["id"]: "accepted", old["id"]: "revoked"} == states(rows)


def test_deleting_takes_the_history(fix, load, rows):
    """Each row is in the plan and gone afterwards; the look finds nobody, which is what was wanted; then it is 14."""
    load("pending_after_others")
    ran, again = fix(*DELETE), fix(*DELETE)

    assert ("changed", "not_found", 0) == (ran.json["status"], ran.json["verdict"]["code"], ran.code), ran.json["error"]
    assert 3 == len(ran.json["data"]["plan"]["actions"])
    assert [] == rows("invitations")
    assert ["invitation.deleted"] == [each["action"] for each in rows("audit_logs")]
    assert 14 == again.code
    VALIDATORS["delete"].validate(ran.json)


@pytest.mark.parametrize("name", ["accepted", "accepted_without_account", "suppressed_accepted"])
def test_what_was_accepted_is_kept(name, fix, load, world):
    """19: the row tells who let the person in; not a byte changes."""
    load(f"invitation/{name}")
    before = world()
    ran = fix(*DELETE)

    assert ("fix.accepted", 19) == (ran.json["error"]["code"], ran.code)
    assert "its row is kept" in ran.json["error"]["message"]
    assert before == world()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("reissue", NEW), 12),
        (("revoke", NEW), 12),
        (("link", NEW, "--reveal", "--reason", "x"), 12),
        (("link", NEW, "--reveal", "--reason", "x", "--yes"), 12),
        (("link", NEW, "--reveal", "--reason", "x", "--confirm", "owner@smilecare.example"), 12),
        (("link", NEW, "--reveal", "--confirm", NEW), 64),
        (("link", NEW, "--confirm", NEW, "--reason", "x"), 64),
        (("delete", NEW, "--yes"), 12),
        (("delete", NEW, "--confirm", NEW, "--reason", "x"), 12),
        (("delete", NEW, "--confirm", f"production/{NEW}", "--reason", "x"), 12),
    ],
)
def test_what_does_not_confirm(command, code, fix, load, world):
    """No --yes for B, another object or none for C and D, no place to show a link, no reason: nothing is changed."""
    load("pending_expired")
    before = world()
    ran = fix("invitation", *command)

    assert code == ran.code, ran.json["error"]
    assert before == world()


@pytest.mark.parametrize("name", [OLD, NEW, NEW.upper()])
def test_what_names_an_invitation(name, fix, load, rows):
    """The address in any case, and the id, find it and confirm it."""
    load("pending_expired")
    ran = fix("invitation", "link", name, "--confirm", name, *WHY, "--reveal")

    assert 0 == ran.code, ran.json["error"]
    assert 1 == len(fresh(rows))


def test_a_link_is_revealed_once(fix, load, rows, folder):
    """It holds the fresh row's token, which is nowhere but in `data.link`; the journal notes for whom it was."""
    load("pending")
    ran = fix(*LINK)
    (new,) = fresh(rows)
    revealed = [each for each in journal.read(folder(), kind="revealed") if each.detail.get("what") == "link"]

    assert ("changed", 0) == (ran.json["status"], ran.code), ran.json["error"]
    assert f"{PAGE}{new['token']}" == ran.json["data"]["link"]
    assert (1, 0) == (ran.out.count(new["token"]), ran.err.count(new["token"]))
    assert new["token"] not in texts(folder) + json.dumps(rows("audit_logs"))
    assert [f"invitation:{OLD}"] == [each.subject for each in revealed]
    assert "revoked" == states(rows)[OLD]
    VALIDATORS["link"].validate(ran.json)


def test_a_link_again_is_another_one(fix, load, rows):
    """The same command shows a second link: the first works no longer, even within one moment."""
    load("pending")
    first, second = fix(*LINK), fix(*LINK)
    (one,) = (each for each in fresh(rows) if each["status"] == "revoked")
    (other,) = (each for each in fresh(rows) if each["status"] == "pending")

    assert [f"{PAGE}{each['token']}" for each in (one, other)] == [ran.json["data"]["link"] for ran in (first, second)]
    assert datetime.fromisoformat(one["created_at"]) < datetime.fromisoformat(other["created_at"])


@pytest.mark.parametrize("name", ["suppressed", "suppressed_resend", "bounced", "never_sent", "several_pending"])
def test_a_link_does_without_the_mail(name, fix, load, rows):
    """0 where no mail arrives: the look afterwards shows the fresh invitation, whatever the provider still says."""
    load(f"invitation/{name}")
    ran = fix(*LINK)
    (new,) = fresh(rows)

    assert 0 == ran.code, ran.json["error"]
    assert ran.json["data"]["link"].endswith(new["token"])
    assert [new["id"]] == [id for id, status in states(rows).items() if status == "pending"]


def test_a_terminal_shows_the_link_and_no_file_keeps_it(state, load, rows, folder):
    """The plan shows no secret; the address is typed; the link is shown once, after it was done."""
    load("pending")
    code, shown = typed(state, f"{NEW}\n".encode(), "invitation", "link", NEW, prompt=b"to carry it out")
    (new,) = fresh(rows)

    assert 0 == code, shown
    assert 1 == shown.replace("\r\n", "").replace(" ", "").count(f"{PAGE}{new['token']}")
    assert "fresh=<token>" in shown
    assert new["token"] not in texts(folder)


def test_a_reissue_shows_no_token(fix, peakops, load, rows, folder):
    """Neither the envelope nor the page, the journal or the audit log has the fresh token, or the old one."""
    for how in ((), ("--json",), ("--json", "--reveal"), ("-v",)):
        load("pending_expired")
        ran = peakops("--sandbox", *REISSUE, *how)
        (new,) = fresh(rows)

        assert 0 == ran.code
        assert new["token"] not in ran.out + ran.err + texts(folder) + json.dumps(rows("audit_logs"))


@pytest.fixture
def supabase(tmp_path, forks, writing):
    """
    Run `invitation link` as if at a real portal whose page is not configured: Supabase makes the link.

    It is not run by `peakops`, which listens for the secret that is asked for here.
    """

    def run(*program, **env):
        command = [*(program or [PEAKOPS]), "invitation", "link", NEW, "--confirm", NEW, *WHY, "--reveal", "--json"]
        return forks.run(command, env=environment(tmp_path, **{**writing(), **env}))

    return run


def at_the_clock(name):
    """A world whose clock is the real one."""
    return {key: value for key, value in sandbox.named(name).items() if key != "now"}


def test_supabase_makes_the_link_where_the_portal_has_no_page(supabase, load, rows, tmp_path):
    """Its link is shown once, the portal's rows are as after a reissue, and the address is in no plan's parameter."""
    load(at_the_clock("never_sent_no_provider"))
    ran = supabase()
    envelope = json.loads(ran.stdout)
    (account,) = rows("auth.users")
    (new,) = fresh(rows)
    link = envelope["data"]["link"]

    assert ("changed", 0) == (envelope["status"], ran.returncode), envelope["error"]
    assert "/auth/v1/verify?token=" in link
    assert (NEW, None) == (account["email"], account.get("email_confirmed_at"))
    assert "pending" == new["status"]
    assert {"private": "email"} == envelope["data"]["plan"]["actions"][0]["params"]["email"]
    assert link not in ran.stderr
    VALIDATORS["link"].validate(envelope)
    kept = (tmp_path / "peakops" / "journal.ndjson").read_text("utf-8")
    assert '"generate_link"' in kept
    assert "verify?token" not in kept
    assert new["token"] not in kept


@pytest.mark.parametrize(("status", "code"), [(401, 77), (403, 77), (500, 69), (503, 69)])
def test_where_supabase_refuses_the_rows_stay(status, code, supabase, load, rows):
    """Supabase comes first: where it makes no link, no invitation ends, and the command can be run again."""
    fault = {"vendor": "supabase", "route": "POST /auth/v1/admin/generate_link", "status": status}
    load(at_the_clock("never_sent_no_provider"), faults=[fault])
    before = rows("invitations")
    ran = supabase()

    assert code == ran.returncode, ran.stdout
    assert "link" not in json.loads(ran.stdout)["data"]
    assert before == rows("invitations")


def test_without_the_key_that_writes(supabase, load, rows):
    """77 and the name of the setting; nothing is asked of anybody."""
    load(at_the_clock("never_sent_no_provider"))
    ran = supabase(PEAKOPS_SUPABASE_WRITE_KEY="")
    error = json.loads(ran.stdout)["error"]

    assert ("fix.no_write_access", 77) == (error["code"], ran.returncode)
    assert "PEAKOPS_SUPABASE_WRITE_KEY" in error["message"]
    assert [] == fresh(rows)


def test_the_portals_page_needs_no_supabase(supabase, load, rows):
    """With PEAKOPS_INVITATION_URL the link is the portal's, and no key of Supabase's is needed to write."""
    load(at_the_clock("never_sent_no_provider"))
    page = "https://portal.other.example/join?t={token}&x=1"
    ran = supabase(PEAKOPS_SUPABASE_WRITE_KEY="", PEAKOPS_INVITATION_URL=page)
    (new,) = fresh(rows)

    assert 0 == ran.returncode, ran.stdout
    assert page.replace("{token}", new["token"]) == json.loads(ran.stdout)["data"]["link"]


@pytest.mark.parametrize("at", [BEFORE_THE_REFUND, AFTER_THE_REFUND, AFTER_THE_REFUND + 4, AFTER_THE_REFUND + 6])
def test_a_link_of_supabases_is_killed(at, supabase, load, rows):
    """Before and after Supabase's call and the transaction: the next run shows a link, and one row is pending."""
    load(at_the_clock("never_sent_no_provider"))
    killed = supabase(sys.executable, KILLED, str(at))
    ran = supabase()

    assert -9 == killed.returncode
    assert 0 == ran.returncode, ran.stdout
    assert "/auth/v1/verify?token=" in json.loads(ran.stdout)["data"]["link"]
    assert 1 == list(states(rows).values()).count("pending")
    assert 1 == len(rows("auth.users"))


@pytest.mark.parametrize(
    ("command", "name", "left", "team"),
    [
        (REISSUE, "several_pending", ["expired", "pending", "revoked", "revoked"], True),
        (REISSUE, "several_pending", ["expired", "pending", "revoked", "revoked"], False),
    ],
    ids=["reissue-team", "reissue"],
)
def test_it_is_killed(command, name, left, team, fix, killed, load, rows, folder):
    """One fresh invitation at most, one audit row, a whole journal: wherever the first run was killed."""
    document = sandbox.named(name)
    tables = {**document["tables"], **({"peakops.locks": [], "peakops.journal": []} if team else {})}
    for at in range(1, MOST_STEPS):
        load(document, tables=tables)
        was_killed = killed(at, *command)
        again = fix(*command)

        # What a first run has deleted, the next one does not find.
        assert again.code in ((0, 14) if command is DELETE else (0,)), (at, again.out)
        assert left == sorted(states(rows).values()), at
        assert 1 == len(rows("audit_logs")), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


def test_a_link_is_killed(fix, killed, load, rows, folder):
    """Wherever the first run was killed, the next one shows a link that works, and it is the only one."""
    for at in range(1, MOST_STEPS):
        load("pending")
        was_killed = killed(at, *LINK)
        again = fix(*LINK)
        (new,) = (each for each in rows("invitations") if each["status"] == "pending")

        assert 0 == again.code, (at, again.out)
        assert f"{PAGE}{new['token']}" == again.json["data"]["link"], at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


def test_an_unfinished_change_is_the_verdict(fix, killed, load, rows):
    """Killed before it was committed: the check names the command with the id, which does it."""
    load("pending_expired")
    assert killed(4, *REISSUE)
    ran = fix("invitation", "check", NEW)
    again = fix("invitation", "reissue", OLD, "--yes")

    assert ("unfinished_change", 2) == (ran.json["verdict"]["code"], ran.code)
    assert f"peakops invitation reissue {OLD}" == ran.json["next"][0]
    assert 0 == again.code, again.json["error"]
    assert 1 == len(fresh(rows))


def test_two_at_once(peakops, load, rows):
    """Two operators reissue together: one of them changes, the other is locked out, too late, or has nothing to do."""
    load("expired")
    codes = []
    crew = [
        threading.Thread(target=lambda: codes.append(peakops("--sandbox", *REISSUE, "--json").code)) for _ in range(2)
    ]
    for each in crew:
        each.start()
    for each in crew:
        each.join()

    assert sorted(codes) in [[0, 0], [0, 16], [0, 17]]
    assert (1, 1) == (len(fresh(rows)), len(rows("audit_logs")))


ANOTHER = (
    f"insert into {INVITATIONS} (email, practice_id, status, token, created_at, expires_at)"
    f" select upper(email), practice_id, 'pending', 'canary_another', created_at + interval '1 day', expires_at"
    f" from {INVITATIONS} limit 1"
)


@pytest.mark.parametrize("when", ["before", "write"])
@pytest.mark.parametrize("command", [REISSUE, REVOKE, DELETE, LINK], ids=lambda each: each[1])
@pytest.mark.parametrize(
    "statement",
    [f"update {INVITATIONS} set status = 'accepted', accepted_at = created_at", ANOTHER],
    ids=["accepted", "another"],
)
def test_it_changed_meanwhile(when, command, statement, meanwhile, load, rows):
    """Accepted, or invited once more, between the look and the write: 16, and nothing of ours is written."""
    load("pending_expired")
    ran = meanwhile(when, statement, *command)

    assert 16 == ran.code, ran.json["error"]
    assert [] == rows("audit_logs")
    assert OLD in states(rows)
    assert "canary" not in ran.out + ran.err


def test_a_write_that_is_not_allowed(fix, load, rows, state):
    """77 where the role may not insert: the transaction is rolled back, and the old invitation stays as it was."""
    load("pending_expired")
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute(f"revoke insert on {INVITATIONS} from peakops_writer")
    ran = fix(*REISSUE)

    assert 77 == ran.code
    assert {OLD: "pending"} == states(rows)


def test_a_masked_address_changes_nothing(fix, load):
    """19, with the id to name instead: a mask fits whoever is the only one left."""
    load("invitation/pending_expired")
    ran = fix("invitation", "revoke", "n…@smilecare.example", "--yes")

    assert (19, "fix.masked") == (ran.code, ran.json["error"]["code"])
