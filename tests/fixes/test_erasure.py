"""A person is erased once and wholly: what goes, what stays, what is refused, and what a run that was killed leaves."""

import json
import sys
from pathlib import Path

import jsonschema
import psycopg
import pytest

from peakops import journal, sandbox
from peakops.render import schema
from peakops.sources.pseudonyms import digest, pseudonym

from ..conftest import environment
from .conftest import WHY

MAIL, BEN_MAIL = "anna@smilecare.example", "ben@smilecare.example"
ANNA, BEN = "55555555-5555-4555-8555-000000000101", "55555555-5555-4555-8555-000000000102"
ASKED = ("--request", "R-17", "--basis", "GDPR art. 17(1)(b)", "--identity-confirmed", "call-back")
ERASE = ("data", "delete", MAIL, *ASKED, "--confirm", f"sandbox/{MAIL}", *WHY)
KEY = sandbox.state.Sandbox.pseudonym_key
KILLED = Path(__file__).with_name("killed_erasing.py")
OWN = ("peakops.locks", "peakops.journal", "peakops.deletions", "peakops.runs", "audit_logs", "auth.audit_log_entries")
"""Tables that tell of the deletion itself."""
MOST_STEPS = 60


@pytest.fixture
def portal_as_owner(state):
    """A statement at the sandbox's database, by somebody who may do anything."""

    def run(statement, *params):
        with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as connection:
            found = connection.execute(statement, params or None)
            return found.fetchall() if found.description else []

    return run


@pytest.fixture
def tables(world):
    """The tables of the world but those that tell of the deletion."""
    return lambda: {name: rows for name, rows in world()["tables"].items() if name not in OWN}


def test_everything_of_the_person_goes_and_nothing_else(load, fix, tables, rows):
    """Her rows go, what stays does not name her, and Ben, the practice, its cases and books are as they were."""
    load("data/held")
    before = tables()
    ran = fix(*ERASE)
    after = tables()

    assert (0, "nothing_held") == (ran.code, ran.json["verdict"]["code"]), ran.out
    assert [BEN] == [each["id"] for each in after["users"]]
    assert [BEN] == [each["id"] for each in after["auth.users"]]
    assert [] == [
        each for name in ("auth.sessions", "auth.refresh_tokens", "auth.flow_state") for each in after.get(name, [])
    ]
    assert [BEN] == [each["user_id"] for each in after["notifications"]]
    for name, column in (("cases", "submitted_by"), ("payments", "created_by"), ("invitations", "invited_by")):
        hers = [each for each in before[name] if each.get("email", "").lower() != MAIL]
        assert [{**each, column: each.get(column) if each.get(column) != ANNA else None} for each in hers] == [
            {**each, column: each.get(column)} for each in after[name]
        ]
    assert before["practices"] == after["practices"]
    assert before["invoices"] == after["invoices"]


def test_the_audit_log_keeps_what_was_done_under_a_pseudonym(load, fix, rows):
    """Action, time and entity stay; the person, their network and agent, and what names them do not."""
    load("data/held")
    fix(*ERASE)
    log, her = rows("audit_logs"), pseudonym(KEY, ANNA)

    assert [her, her, her, BEN, BEN, BEN, None] == [each.get("user_id") for each in log]
    assert ["auth.login", "case.created", "records.viewed"] == [each["action"] for each in log[:3]]
    assert [{"country": "US"}, {"case_type": "crown"}, {"rows": 12}] == [each["details"] for each in log[:3]]
    assert not any(each.get("ip_address") or each.get("user_agent") for each in log[:3])
    assert (her, {"from": "staff", "to": "member"}) == (log[3]["resource_id"], log[3]["details"])
    assert "198.51.100.4" == log[3]["ip_address"]
    assert {"role": "member"} == log[4]["details"]
    assert ("user.erased", her) == (log[6]["action"], log[6]["resource_id"])
    assert ANNA not in json.dumps(log)


def test_no_record_of_ours_holds_the_address(load, fix, rows, folder, portal_as_owner):
    """Neither journal nor its copy, neither log: ids alone, and in the log of deletions not even those."""
    load("data/held")
    fix(*ERASE)
    (line,) = rows("peakops.deletions")
    copies = portal_as_owner("select detail::text from peakops.journal")

    assert MAIL not in (folder() / journal.NAME).read_text("utf-8").lower()
    assert copies
    assert not any(MAIL in each[0].lower() for each in copies)
    assert MAIL not in json.dumps(rows("audit_logs"))
    assert MAIL not in json.dumps(line)
    assert ANNA not in json.dumps(line)
    assert (digest(KEY, ANNA), "GDPR art. 17(1)(b)") == (line["subject_hmac"], line["basis"])
    assert {"delete": 4} == line["counts"]["public.notifications"]
    assert {"null": 3} == line["counts"]["public.cases"]
    assert "practice" in line["kept"]["public.cases"]["ground"]


def test_a_second_run_has_nothing_to_do(load, fix, world):
    """0 by the address and by the id, and nothing is changed; the log lists it once."""
    load("data/held")
    fix(*ERASE)
    before = world()["tables"]
    by_mail = fix(*ERASE)
    by_id = fix("data", "delete", ANNA, *ASKED, "--confirm", f"sandbox/{ANNA}", *WHY)
    log = fix("data", "log")

    assert (0, 0) == (by_mail.code, by_id.code)
    assert before == world()["tables"]
    assert ["R-17"] == [each["request"] for each in log.json["data"]["items"]]
    assert ("both", True, 0) == (
        log.json["data"]["items"][0]["known_by"],
        log.json["data"]["items"][0]["finished"],
        log.code,
    )


def test_it_is_killed_between_any_two_steps(load, fix, killed, tables, rows, folder):
    """All of the transaction or nothing of it; the same command finishes; one line in the log; the journal is whole."""
    load("data/held")
    nothing = tables()
    for at in range(1, MOST_STEPS):
        load("data/held")
        was_killed = killed(at, *ERASE)
        left = tables()
        whole = ANNA in [each["id"] for each in left["users"]]
        assert (left == nothing) if whole else [BEN] == [each["user_id"] for each in left["notifications"]], at
        again = fix(*ERASE)

        assert 0 == again.code, (at, again.out)
        assert [BEN] == [each["id"] for each in rows("users")], at
        assert [BEN] == [each["id"] for each in rows("auth.users")], at
        assert [4] == [each["counts"]["public.notifications"]["delete"] for each in rows("peakops.deletions")], at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("it was still killed at the last step")


def test_it_is_killed_inside_of_the_transaction(load, fix, forks, state, tables):
    """After the statement and before the commit: nothing has changed, and the same command does it."""
    load("data/held")
    before = tables()
    done = forks.run([sys.executable, KILLED, "--sandbox", *ERASE], env=environment(state))

    assert -9 == done.returncode
    assert before == tables()
    assert 0 == fix(*ERASE).code
    assert [BEN] == [each["id"] for each in tables()["users"]]


def test_supabase_fails_after_the_transaction(load, fix, rows):
    """11: the portal's part is done; later the same command deletes the account alone, and the counts stay."""
    load(
        "data/held",
        faults=[{"vendor": "supabase", "route": "DELETE /auth/v1/admin/users/*", "status": 500, "times": 1}],
    )
    first = fix(*ERASE)
    log = fix("data", "log")
    again = fix(*ERASE)

    assert (11, "partial") == (first.code, first.json["status"]), first.out
    assert ("account_left", 1) == (log.json["verdict"]["code"], log.code)
    assert 0 == again.code, again.out
    assert [True, None] == [each["already"] or None for each in again.json["data"]["steps"]]
    assert {"delete": 4} == rows("peakops.deletions")[0]["counts"]["public.notifications"]


MEANWHILE = Path(__file__).with_name("meanwhile.py")


@pytest.mark.parametrize("when", ["before", "write"])
def test_somebody_adds_a_row_meanwhile(when, load, forks, state, tables):
    """16: another notification of hers than the plan has counted; nothing was written."""
    load("data/held")
    before = tables()
    owner = sandbox.ensure(state / "peakops").url_as("postgres")
    more = f"insert into public.notifications (user_id, type) values ('{ANNA}', 'case_update')"
    done = forks.run(
        [sys.executable, MEANWHILE, when, owner, more, "--sandbox", *ERASE, "--json"], env=environment(state)
    )
    after = tables()

    assert 16 == done.returncode, done.stdout
    assert len(before["notifications"]) + 1 == len(after["notifications"])
    assert {**before, "notifications": None} == {**after, "notifications": None}


TRIGGER = (
    "create function public.no() returns trigger language plpgsql as 'begin raise exception ''not {}''; end';"
    "create trigger no before delete on public.notifications for each row execute function public.no()"
)


@pytest.mark.parametrize(
    ("made", "undone"),
    [
        (TRIGGER.format(MAIL), "drop function public.no cascade"),
        (
            "create rule no as on delete to public.notifications do instead nothing",
            "drop rule no on public.notifications",
        ),
    ],
)
def test_a_trigger_or_rule_that_refuses(made, undone, load, fix, portal_as_owner, tables):
    """19, certain that nothing was written, and no word of what the trigger says; without it, it is done."""
    load("data/held")
    before = tables()
    portal_as_owner(made)
    refused = fix(*ERASE)
    portal_as_owner(undone)

    assert (19, "database.refused") == (refused.code, refused.json["error"]["code"]), refused.out
    assert before == tables()
    assert 0 == fix(*ERASE).code


@pytest.mark.parametrize("fault", [{"after_effect": "drop_connection"}, {"status": 404}, {"status": 403}])
def test_what_supabase_answers_is_not_believed(fault, load, fix, rows):
    """11 where the answer is lost, or says no account, or no right; the same command finishes."""
    load("data/held", faults=[{"vendor": "supabase", "route": "DELETE /auth/v1/admin/users/*", "times": 1, **fault}])

    assert 11 == fix(*ERASE).code
    assert 0 == fix(*ERASE).code
    assert [BEN] == [each["id"] for each in rows("auth.users")]


@pytest.mark.parametrize("subject", [f"user:{ANNA}", "table:public.users"])
def test_a_hold_is_placed_meanwhile(subject, load, forks, state, tables):
    """16: a legal hold on the person or a table that came after the last look ends the transaction."""
    load("data/held")
    before = tables()
    owner = sandbox.ensure(state / "peakops").url_as("postgres")
    hold = f"insert into peakops.legal_holds values ('{subject}', 'x', 'counsel', '2026-11-20T15:00:00Z')"
    done = forks.run([sys.executable, MEANWHILE, "write", owner, hold, "--sandbox", *ERASE], env=environment(state))

    assert 16 == done.returncode, done.stdout
    assert {**before, "peakops.legal_holds": None} == {**tables(), "peakops.legal_holds": None}


FAULTS = {
    "down": {"vendor": "database", "fault": "down"},
    "blind": {"vendor": "database", "fault": "blind"},
    "denied": {"vendor": "database", "fault": "deny", "table": "peakops.legal_holds"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_database_that_does_not_answer(fault, load, peakops):
    """3 by the check and by the deletion, never nothing held: what was not read may forbid it."""
    load("data/held", faults=[FAULTS[fault]])
    check, delete = (peakops("--sandbox", *words, "--json") for words in (("data", "check", MAIL), ERASE))

    assert ("unknown", 3) == (check.json["verdict"]["code"], check.code), check.out
    assert ("unknown", 3) == (delete.json["verdict"]["code"], delete.code)


def test_the_log_without_the_database(load, fix):
    """3, and what the journal knows is listed all the same."""
    load("data/held_plain", faults=[{"vendor": "database", "fault": "deny", "table": "peakops.deletions"}])
    ran = fix("data", "log")

    assert ("unknown", 3, []) == (ran.json["verdict"]["code"], ran.code, ran.json["data"]["items"])
    assert 3 == fix("data", "replay", "--since", "30d").code


@pytest.mark.parametrize("name", ["legal_hold", "legal_hold_practice", "legal_hold_table", "open_incident"])
def test_what_forbids_it(name, load, fix, tables):
    """19, and nothing is changed."""
    load(f"data/{name}")
    before = tables()

    assert (19, "fix.forbidden") == ((ran := fix(*ERASE)).code, ran.json["error"]["code"])
    assert before == tables()


SURVEYS = "create table public.surveys (id int primary key, who uuid {} references public.users (id), words text)"
GRANT = "grant select on public.surveys to peakops_reader, peakops_writer"


def test_a_table_that_nobody_has_classified(load, fix, portal_as_owner, tables):
    """19 by its name, whether it refers to her by a foreign key or only names her in a text."""
    load("data/held_plain")
    portal_as_owner(f"{SURVEYS.format('')}; {GRANT}; insert into public.surveys values (1, '{ANNA}', '')")
    by_key = fix(*ERASE)
    portal_as_owner(f"update public.surveys set who = null, words = 'from {MAIL.upper()}'")
    by_text = fix(*ERASE)
    portal_as_owner("drop table public.surveys")

    assert (19, True) == (by_key.code, "public.surveys (who) with 1 row" in by_key.json["error"]["message"]), by_key.out
    assert (19, True) == (by_text.code, "public.surveys.words (1 row)" in by_text.json["error"]["message"])
    assert 2 == len(tables()["users"])


def test_the_log_of_deletions_and_the_key_are_needed(load, fix):
    """19 without 'peakops setup'; what it needs is the next command."""
    load("data/held_without_setup")
    ran = fix(*ERASE)

    assert (19, "data.no_log", "peakops setup") == (ran.code, ran.json["error"]["code"], ran.json["error"]["hint"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--basis", "x", "--identity-confirmed", "y"), 64),
        (("--request", "R-1", "--identity-confirmed", "y"), 64),
        (("--request", "R-1", "--basis", "x"), 64),
        ((*ASKED, "--received", "yesterday"), 64),
        (("--request", "R-1", "--basis", f"mail of {MAIL}", "--identity-confirmed", "y"), 19),
        ((*ASKED, "--confirm", MAIL, *WHY), 12),
        ((*ASKED, "--yes"), 12),
    ],
)
def test_what_must_be_said(options, code, load, fix, tables):
    """A request, a ground and how the identity was made sure; none of it names her; and class D is typed in full."""
    load("data/held_plain")

    assert code == fix("data", "delete", MAIL, *options).code
    assert 2 == len(tables()["users"])


def test_the_audit_log_goes_too_where_that_is_asked_for(load, fix, rows):
    """Her own rows are deleted; what others did to her stays, under a pseudonym."""
    load("data/held")
    ran = fix(*ERASE, "--delete-audit")
    log = rows("audit_logs")

    assert 0 == ran.code, ran.out
    assert [BEN, BEN, BEN, None] == [each.get("user_id") for each in log]
    assert ANNA not in json.dumps(log)


def test_a_request_of_another_person(load, fix, tables):
    """16: the log of deletions has the number for somebody else, and nothing was written."""
    load("data/held_plain")
    fix(*ERASE)
    before = tables()
    ran = fix("data", "delete", BEN, *ASKED, "--confirm", f"sandbox/{BEN}", *WHY)

    assert 16 == ran.code, ran.out
    assert before == tables()


def test_a_residue_that_nobody_explains(load, fix, portal_as_owner, rows):
    """18: it was done, and a row of somebody else's still names her; the place is told."""
    load("data/held_plain")
    portal_as_owner(f"update public.users set full_name = 'was {MAIL}' where id = '{BEN}'")
    ran = fix(*ERASE)

    assert (18, True) == (ran.code, "public.users.full_name (1 row)" in ran.json["error"]["message"]), ran.out
    assert [BEN] == [each["id"] for each in rows("users")]


JOANNA, DESK = "55555555-5555-4555-8555-000000000901", "55555555-5555-4555-8555-000000000902"


def test_an_address_within_another_one(load, fix, portal_as_owner, rows):
    """Joanna's row of the log, whose address ends as Anna's does, is as it was; a row that names Anna is not."""
    load("data/held_plain")
    portal_as_owner("insert into public.users (id, email) values (%s, %s)", JOANNA, "jo" + MAIL)
    for details in ({"to": "jo" + MAIL}, {"to": MAIL + ".org"}, {"to": f"see\n{MAIL}."}, {"to": f"<{MAIL.upper()}>"}):
        portal_as_owner(
            "insert into public.audit_logs (action, details) values ('x', %s)", json.dumps({**details, "rows": 1})
        )
    moved = "insert into public.audit_logs (action, resource_id, details) values ('user.email_changed', %s, %s)"
    portal_as_owner(moved, ANNA, json.dumps({"from": "maiden@name.example", "to": "member"}))
    ran = fix(*ERASE)
    left = [each["details"] for each in rows("audit_logs") if each["action"] == "x"]

    assert 0 == ran.code, ran.out
    assert [{"to": "jo" + MAIL, "rows": 1}, {"to": MAIL + ".org", "rows": 1}, {"rows": 1}, {"rows": 1}] == left
    assert [{"to": "member"}] == [e["details"] for e in rows("audit_logs") if e["action"] == "user.email_changed"]


def test_an_address_that_a_colleague_has_too(load, fix, portal_as_owner, rows):
    """19 by the address; by the id she goes, and the invitation to the address of both is left."""
    load("data/held")
    portal_as_owner("insert into public.users (id, email) values (%s, %s)", DESK, MAIL)
    by_mail = fix(*ERASE)
    by_id = fix("data", "delete", ANNA, *ASKED, "--confirm", f"sandbox/{ANNA}", *WHY)

    assert (19, "data.shared_address") == (by_mail.code, by_mail.json["error"]["code"]), by_mail.out
    assert (0, [BEN, DESK]) == (by_id.code, [each["id"] for each in rows("users")]), by_id.out
    assert MAIL in [each["email"].lower() for each in rows("invitations")]
    assert MAIL in [each["details"].get("email", "").lower() for each in rows("audit_logs")]


VIEW = "create materialized view public.digest as select email from public.users"
DOMAIN = 'create domain public.address as text; create table public.mails ("50%s" public.address)'


def test_copies_that_no_foreign_key_leads_to(load, fix, portal_as_owner):
    """A materialised view, and a column of a domain with an odd name, are searched as any table."""
    load("data/held_plain")
    portal_as_owner(f"{VIEW}; {DOMAIN}; grant select on public.digest, public.mails to peakops_reader")
    portal_as_owner("insert into public.mails values (%s)", MAIL)
    ran = fix(*ERASE)
    portal_as_owner("drop materialized view public.digest; drop table public.mails; drop domain public.address")

    assert 19 == ran.code, ran.out
    assert "public.digest.email (1 row)" in ran.json["error"]["message"]
    assert "public.mails.50%s (1 row)" in ran.json["error"]["message"]


def test_a_key_that_is_not_the_one_of_then(load, fix, portal_as_owner):
    """3, and not nobody: the hashes of another key fit no one who is there."""
    load("data/held_plain")
    fix(*ERASE)
    portal_as_owner("update peakops.deletions set request_id = 'R-8', verified = verified || '{\"key\": \"other\"}'")
    ran = fix("data", "replay", "--since", "30d")

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code), ran.out


def test_after_a_restore(load, fix, world, portal_as_owner, rows):
    """The database's log is gone with the restore: the journal knows, she is found, and that command erases her."""
    load("data/held_plain")
    fix(*ERASE)
    portal_as_owner(
        f"delete from peakops.deletions; insert into public.users (id, email) values ('{ANNA}', '{MAIL}');"
        f"insert into auth.users (id, email, is_sso_user, is_anonymous) values ('{ANNA}', '{MAIL}', false, false)"
    )
    log, replay = fix("data", "log"), fix("data", "replay", "--since", "30d")
    (line,) = replay.json["data"]["items"]
    again = fix("data", "delete", ANNA, *ASKED, "--confirm", f"sandbox/{ANNA}", *WHY)
    after = fix("data", "replay", "--since", "30d")

    assert ("forgotten", 1) == (log.json["verdict"]["code"], log.code)
    assert ("erased_are_back", 2, ANNA, "journal") == (
        *(replay.json["verdict"]["code"], replay.code),
        *(line["user_id"], line["known_by"]),
    )
    assert f"peakops data delete {ANNA} --request R-17 --basis 'GDPR art. 17(1)(b)'" in line["command"]
    assert (0, ["R-17"]) == (again.code, [each["request_id"] for each in rows("peakops.deletions")]), again.out
    assert ("nobody_back", 0) == (after.json["verdict"]["code"], after.code)


def test_a_restore_that_kept_the_log(load, fix):
    """The keyed hash of everybody who is there finds her, though no journal of this machine knows of it."""
    load("data/erased_and_back")
    ran = fix("data", "replay", "--since", "30d")

    assert ("erased_are_back", 2) == (ran.json["verdict"]["code"], ran.code)
    assert [(ANNA, "R-9", "database")] == [
        (each["user_id"], each["request"], each["known_by"]) for each in ran.json["data"]["items"]
    ]
    assert [] == fix("data", "replay", "--since", "9d").json["data"]["items"]


def test_the_playbooks_own_order_fails(load, portal_as_owner):
    """It deletes notifications and the audit log, and the person stays: a case refers to her, and the trail is gone."""
    load("data/held")
    portal_as_owner("delete from public.notifications where user_id = %s", ANNA)
    portal_as_owner("delete from public.audit_logs where user_id = %s", ANNA)
    portal_as_owner("update public.invitations set invited_by = null; update public.payments set created_by = null")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="cases"):
        portal_as_owner("delete from public.users where id = %s", ANNA)

    assert [(0, 1)] == portal_as_owner(
        "select (select count(*) from public.audit_logs where user_id = %s),"
        " (select count(*) from public.users where id = %s)",
        ANNA,
        ANNA,
    )


def test_somebody_holds_a_row(load, fix, state, tables):
    """17 after five seconds, and nothing was written."""
    load("data/held_plain")
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres")) as connection:
        connection.execute("select 1 from public.users where id = %s for update", [ANNA])
        ran = fix(*ERASE)

    assert 17 == ran.code, ran.out
    assert 2 == len(tables()["users"])


def test_the_reports_keep_their_schemas(load, fix):
    """The plan, the erasure, both lists: each is what `peakops schema` says."""
    load("data/held")
    runs = {
        "data delete": (*ERASE[:3], *ASKED, "--dry-run"),
        "data log": ("data", "log"),
        "data replay": ("data", "replay"),
    }
    for name, words in (*runs.items(), ("data delete", ERASE), *runs.items()):
        jsonschema.Draft202012Validator(schema.of(name)).validate(fix(*words).json)
