"""A person who is kept out and let in again: evidence first, nothing left, and how it was, wherever a run is killed."""

import json
import time
from pathlib import Path

import psycopg
import pytest

from peakops import bag, journal, sandbox
from peakops.settings import Settings, WriteKeys
from peakops.sources.evidence_writer import EvidenceWriter

from .conftest import WHY
from .test_crashes import MOST_STEPS, TEAM
from .test_exit_codes import locked

ANNA, MAIL = "55555555-5555-4555-8555-000000000101", "anna@smilecare.example"
NOW = "2026-11-20T15:00:00Z"
FOR_GOOD = "2126-10-27T15:00:00Z"
SURE = ("--confirm", MAIL, *WHY)
VERIFY = ("security", "verify", MAIL)
CONTAIN = ("security", "contain", MAIL, *SURE)
RELEASE = ("security", "release", MAIL, *SURE)
LETS_IN = ("auth.sessions", "auth.refresh_tokens", "auth.flow_state", "auth.one_time_tokens")
SESSION = (
    "insert into auth.sessions (id, user_id, created_at, updated_at) values "
    f"('88888888-8888-4888-8888-0000000000aa', '{ANNA}', '2026-11-20T15:00:00Z', '2026-11-20T15:00:00Z')"
)
AFTER_EACH = range(2, MOST_STEPS, 2)
"""Killed after each step; before the next one nothing is another."""
BAN = {"vendor": "supabase", "route": "PUT /auth/v1/admin/users/*"}


def world_of(name):
    return sandbox.named(f"security_verify/{name}")


def with_team(name, **more):
    document = world_of(name)
    return {**document, "tables": {**document["tables"], **TEAM, **more}}


def alone(name):
    """The world of a team that has not run `peakops setup`."""
    document = world_of(name)
    tables = {table: rows for table, rows in document["tables"].items() if not table.startswith("peakops.")}
    return {**document, "tables": tables}


def told(ran):
    return ran.json["status"], ran.code


@pytest.fixture
def anna(rows):
    """Until when Anna's account is banned, and whether her profile is on."""

    def anna():
        (account,) = [each for each in rows("auth.users") if each["id"] == ANNA]
        (profile,) = [each for each in rows("users") if each["id"] == ANNA]
        return account.get("banned_until"), profile["is_active"]

    return anna


@pytest.fixture
def left(rows):
    """How many rows of Anna's let somebody in, table by table."""
    return lambda: [len(rows(table)) for table in LETS_IN]


@pytest.fixture
def bags(folder, state):
    """The evidence on this machine, oldest first, each held against its manifests and its seal."""

    def bags():
        public = sandbox.ensure(state / "peakops").evidence_public_key
        kept = sorted((folder() / "evidence").glob("*"), key=lambda each: each.stat().st_mtime_ns)
        return [(each, bag.check(each, public)) for each in kept]

    return bags


@pytest.fixture
def owner(state):
    """Run a statement as the database's owner."""

    def run(statement):
        with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    return run


@pytest.fixture
def puts(state):
    """What Supabase was asked to change."""
    return lambda: [
        each["path"]
        for each in sandbox.requests(state / "peakops")
        if each["vendor"] == "supabase" and each["method"] == "PUT"
    ]


def noted(rows):
    return [each["action"] for each in rows("audit_logs") if "peakops_plan" in (each.get("details") or {})]


def test_a_person_is_contained(fix, load, anna, left, rows, entries, bags):
    """Evidence, ban, sessions, tokens, links, profile, record: and until when old access tokens still work."""
    load("security_verify/not_contained")
    ran = fix(*CONTAIN)
    (action,) = rows("peakops.containments")
    ((path, checked),) = bags()

    assert ("changed", 0, "tokens_may_work") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert (FOR_GOOD, False) == anna()
    assert [0, 0, 0, 0] == left()
    assert ["user.contained"] == noted(rows)
    assert ["intended", "evidence", "done", "intended", "done", "intended", "done"] == entries()
    assert ((), "sealed") == (checked.faults, checked.sealed)
    before = {"banned_until": None, "is_active": True, "jwt_exp": 3600, "evidence": f"sha256:{checked.digest}"}
    assert ("ticket 4711", before) == (action["reason"], action["previous"])
    assert str(path) == ran.json["data"]["steps"][0]["brought"]["id"]
    assert "until 20 Nov 2026 16:01 UTC (jwt_exp 3600 s)" in ran.json["verdict"]["says"]
    assert any("rotate the JWT signing key" in each for each in ran.json["data"]["plan"]["notes"])


def test_the_evidence_holds_what_is_lost_and_no_secret(fix, load, bags):
    """Every session with its address and agent, as it was before; e-mail masked, no token, no hash, no key."""
    load("security_verify/not_contained")
    fix(*CONTAIN)
    ((path, _),) = bags()
    text = "".join(each.read_text() for each in path.rglob("*") if each.is_file())
    sessions = json.loads((path / "data" / "sessions.json").read_text())
    account = json.loads((path / "data" / "account.json").read_text())["rows"][0]

    assert {"203.0.113.24", "203.0.113.25"} == {each["ip"] for each in sessions["rows"]}
    assert (2, {"id": ANNA}, "security/evidence_sessions") == (sessions["count"], sessions["params"], sessions["query"])
    assert (None, "a…@smilecare.example") == (account["banned_until"], account["email"])
    assert "canary" not in text
    assert MAIL not in text


def test_it_is_killed_between_all_steps(fix, killed, load, anna, left, rows, entries, bags):
    """Nothing is changed before the evidence is whole; the same command finishes it, once, wherever it was killed."""
    for at in AFTER_EACH:
        load(with_team("not_contained"))
        before, was_left = anna(), left()
        was_killed = killed(at, *CONTAIN)
        kept = [checked for _, checked in bags()]
        if (before, was_left) != (anna(), left()):
            assert [()] == [each.faults for each in kept], at
        again = fix(*CONTAIN)

        assert 0 == again.code, (at, again.out)
        assert "tokens_may_work" == again.json["verdict"]["code"], at
        assert ((FOR_GOOD, False), [0, 0, 0, 0]) == (anna(), left()), at
        (action,) = rows("peakops.containments")
        assert (None, True) == (action["previous"]["banned_until"], action["previous"]["is_active"]), at
        assert ["user.contained"] == noted(rows), at
        digests = {f"sha256:{each.digest}" for _, each in bags() if not each.faults}
        assert action["previous"]["evidence"] in digests, at
        entries()
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


def test_a_release_is_killed_between_all_steps(fix, killed, load, anna, rows):
    """The ban and the profile as they were, the record closed, one row in the audit log: wherever it was killed."""
    for at in AFTER_EACH:
        load(with_team("contained"))
        was_killed = killed(at, *RELEASE)
        again = fix(*RELEASE)

        assert 0 == again.code, (at, again.out)
        assert (None, True) == anna(), at
        assert [NOW] == [each["released_at"] for each in rows("peakops.containments")], at
        assert ["user.released"] == noted(rows), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


@pytest.mark.parametrize(
    ("changes", "was"),
    [
        ("", (None, True)),
        ("update public.users set is_active = false", (None, False)),
        ("update auth.users set banned_until = '2026-11-25T15:00:00Z'", ("2026-11-25T15:00:00Z", True)),
        ("update auth.users set banned_until = '2026-11-10T15:00:00Z'", (None, True)),
    ],
    ids=["free", "profile_off", "banned_for_days", "ban_over"],
)
@pytest.mark.parametrize("team", [True, False], ids=["team", "alone"])
def test_a_release_restores_what_was(changes, was, team, fix, load, owner, anna, rows):
    """Contained and released: ban and profile are what they were before, by the team's record or by the journal."""
    load(with_team("not_contained") if team else alone("not_contained"))
    if changes:
        owner(changes)
    contained, released = fix(*CONTAIN), fix(*RELEASE)

    assert [0, 0] == [contained.code, released.code], released.json["error"]
    assert was == anna()
    assert ["user.contained", "user.released"] == noted(rows)
    assert "not_contained" == released.json["verdict"]["code"]
    assert any("do not come back" in each for each in released.json["data"]["plan"]["notes"])


def test_a_session_that_is_made_meanwhile_ends_too(fix, meanwhile, load, left):
    """Between the ban and the transaction: it ends with the others. After that: 18, and the same command ends it."""
    load("security_verify/not_contained")
    during = meanwhile("write", SESSION, *CONTAIN)
    assert (0, [0, 0, 0, 0]) == (during.code, left()), during.out

    load("security_verify/not_contained")
    after = meanwhile("after", SESSION, *CONTAIN)
    again = fix(*CONTAIN)

    assert (18, "partly_contained", "sessions_left") == (
        after.code,
        after.json["verdict"]["code"],
        after.json["verdict"]["cause"],
    )
    assert (0, [0, 0, 0, 0]) == (again.code, left()), again.out


def test_without_rights_it_says_so_before_the_plan(fix, load, owner, anna, left, bags):
    """19 with the table that is missing and the other way; that one ends the sessions by a password nobody sees."""
    load("security_verify/not_contained")
    owner("revoke delete on auth.sessions, auth.refresh_tokens from peakops_writer")
    planned, refused = fix("security", "contain", MAIL, "-n"), fix(*CONTAIN)

    assert [19, 19] == [planned.code, refused.code]
    assert "fix.no_right_to_end" == refused.json["error"]["code"]
    assert "auth.refresh_tokens and auth.sessions" in refused.json["error"]["message"]
    assert "--by password" in refused.json["error"]["hint"]
    assert ((None, True), [2, 2, 0, 1], []) == (anna(), left(), bags())


def test_by_password(fix, load, owner, anna, rows, puts, folder):
    """Sessions and links end with a password that is in no output and no journal; a release says that it is gone."""
    load("security_verify/not_contained")
    owner("revoke delete on auth.sessions, auth.refresh_tokens from peakops_writer")
    owner("delete from auth.refresh_tokens")
    before = [each["encrypted_password"] for each in rows("auth.users")]
    done = fix(*CONTAIN, "--by", "password")
    released = fix("security", "release", MAIL, "-n")
    written = (folder() / "journal.ndjson").read_text()

    assert ("changed", 0) == told(done), done.json["error"]
    assert ((FOR_GOOD, False), [], []) == (anna(), rows("auth.sessions"), rows("auth.one_time_tokens"))
    assert before != [each["encrypted_password"] for each in rows("auth.users")]
    assert [f"/auth/v1/admin/users/{ANNA}"] * 2 == puts()
    assert "aA1!" not in done.out + written
    assert any("reset mail" in each for each in released.json["data"]["plan"]["notes"])


def test_supabase_is_down(fix, load, anna, left, bags):
    """69, nothing is changed; the evidence that was kept is whole, and the same command goes on later."""
    load("security_verify/not_contained", faults=[{**BAN, "status": 503}])
    ran = fix(*CONTAIN)

    assert ("error", 69) == told(ran), ran.out
    assert ((None, True), [2, 2, 0, 1]) == (anna(), left())
    assert [()] == [each.faults for _, each in bags()]


def test_the_answer_of_the_ban_is_lost(fix, load, anna, left, puts):
    """It is not certain whether the ban was made; the next run sees that it was, and makes it no second time."""
    load("security_verify/not_contained", faults=[{**BAN, "after_effect": "drop_connection", "times": 1}])
    lost = fix(*CONTAIN)
    asked = len(puts())
    again = fix(*CONTAIN)

    assert 69 == lost.code
    assert "not certain" in lost.json["error"]["hint"]
    assert ("changed", 0) == told(again), again.json["error"]
    assert ((FOR_GOOD, False), [0, 0, 0, 0], asked) == (anna(), left(), len(puts()))


def test_evidence_that_cannot_be_kept_stops_it(fix, load, anna, left, folder):
    """78, and nothing is changed: what would be lost is kept first, or nothing is lost."""
    load("security_verify/not_contained")
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / "evidence").write_text("in the way")
    ran = fix(*CONTAIN)

    assert (78, "evidence.failed") == (ran.code, ran.json["error"]["code"])
    assert ((None, True), [2, 2, 0, 1]) == (anna(), left())


def test_what_the_reader_may_not_see_is_noted_and_holds_nothing_up(fix, load, owner, bags):
    """Without the newer grants an account is contained all the same; the bag says what is not in it."""
    load("security_verify/not_contained")
    owner("revoke select on auth.flow_state, auth.mfa_factors from peakops_reader")
    ran = fix(*CONTAIN)
    ((path, checked),) = bags()
    factors = json.loads((path / "data" / "factors.json").read_text())

    assert (18, "unknown") == (ran.code, ran.json["verdict"]["code"]), ran.out
    assert ("database.permission_denied", ()) == (factors["error"], checked.faults)


def test_a_log_that_takes_too_long_holds_nothing_up(state, load):
    """What ends is kept; of a log that stays where it is the bag says that it was not read in time."""
    load("security_verify/not_contained")
    up = sandbox.ensure(state / "peakops")
    with psycopg.connect(up.url_as("postgres")) as busy:
        busy.execute("lock table auth.audit_log_entries in access exclusive mode")
        settings = Settings(database_url=up.database_url)
        writer = EvidenceWriter(settings, WriteKeys(), up.journal, deadline=time.monotonic() + 2)
        made = writer.snapshot(user=ANNA, plan="0" * 32, key="k")
    path = Path(made["id"])
    log, sessions = (json.loads((path / "data" / name).read_text()) for name in ("auth_log.json", "sessions.json"))
    (entry,) = [each for each in journal.read(up.journal) if each.kind == "evidence"]

    assert ("database.statement_timeout", 2) == (log["error"], sessions["count"])
    assert "security/evidence_auth_log" in entry.detail["missing"]
    assert ((), f"sha256:{entry.detail['digest']}") == (bag.check(path, None).faults, made["status"])


def test_a_second_containment_has_nothing_to_do(fix, load, bags, rows):
    """0, and neither evidence nor a record is made anew."""
    load("security_verify/contained")
    ran = fix(*CONTAIN)

    assert ("ok", 0, None) == (*told(ran), ran.json["data"]["plan"])
    assert (1, []) == (len(rows("peakops.containments")), bags())


def test_two_runs_at_once(fix, load):
    """17: another station has the lease on the person."""
    lease = {**locked("+1m"), "subject": f"user:{ANNA}"}
    load(with_team("not_contained", **{"peakops.locks": [lease]}))

    assert 17 == fix(*CONTAIN).code


def test_a_change_under_the_lease(meanwhile, load, anna, bags):
    """16, and nothing is done: the profile was switched off between the plan and the lease."""
    load("security_verify/not_contained")
    ran = meanwhile("before", "update public.users set is_active = false", *CONTAIN)

    assert (16, (None, False), []) == (ran.code, anna(), bags())


def test_nobody_is_enabled_while_contained(fix, load, anna):
    """19, and the words name the command that releases, which nobody is led to without asking."""
    load("security_verify/contained")
    ran = fix("user", "enable", MAIL, *SURE)

    assert 19 == ran.code
    assert f"Only 'peakops security release {MAIL}' ends it." in ran.json["error"]["message"]
    assert (FOR_GOOD, False, []) == (*anna(), ran.json["next"])


def test_a_team_without_setup_contains_with_a_warning(fix, load, rows, anna, left):
    """An emergency does not wait for a schema: the audit log and the journal are the record, and a note says so."""
    load(alone("not_contained"))
    ran = fix(*CONTAIN)

    assert ("changed", 0) == told(ran), ran.json["error"]
    assert ((FOR_GOOD, False), [0, 0, 0, 0]) == (anna(), left())
    assert any("peakops setup" in each for each in ran.json["data"]["plan"]["notes"])
    assert ["tokens_may_work", "tokens_may_work"] == [ran.json["verdict"]["code"], fix(*VERIFY).json["verdict"]["code"]]


def test_no_release_while_an_incident_is_open(fix, load, anna):
    """19, and nothing is changed."""
    load("security_verify/open_incident")
    ran = fix(*RELEASE)

    assert (19, "fix.open_incident") == (ran.code, ran.json["error"]["code"])
    assert (FOR_GOOD, False) == anna()


ENABLE = ("user", "enable", MAIL, *SURE)
HELD = ("update auth.users set banned_until = '2026-11-25T15:00:00Z'", "update public.users set is_active = false")


@pytest.fixture
def half_enabled(load, owner, anna, killed):
    """A world in which `user enable` was killed when it had lifted the ban, and had not switched the profile on."""

    def half_enabled(document):
        for at in range(2, MOST_STEPS):
            load(document)
            for each in HELD:
                owner(each)
            was_killed = killed(at, *ENABLE)
            if anna()[0] is None:
                assert was_killed
                assert (None, False) == anna()
                return
        pytest.fail("the ban was never lifted")

    return half_enabled


@pytest.mark.parametrize("team", [True, False], ids=["team", "alone"])
def test_what_another_verb_began_does_not_hold_it_up(team, fix, half_enabled, anna, left, folder):
    """0: it is closed, said in the plan, and never gone on with; the next look has no unfinished change."""
    half_enabled(with_team("not_contained") if team else alone("not_contained"))
    looked, planned = fix(*VERIFY), fix("security", "contain", MAIL, "-n")
    ran = fix(*CONTAIN)
    again = fix(*ENABLE)
    closed = [each for each in journal.read(folder()) if each.kind == "closed"]

    assert ("not_contained", 10) == (looked.json["verdict"]["code"], planned.code)
    assert any("'user enable' was begun" in each for each in planned.json["data"]["plan"]["notes"])
    assert ("changed", 0, "tokens_may_work") == (*told(ran), ran.json["verdict"]["code"]), ran.json["error"]
    assert [0, 0, 0, 0] == left()
    assert ["'security contain' came before it"] == [each.detail["why"] for each in closed]
    if team:
        # Without the team's table nothing tells 'user enable' of a containment, which `security contain` warns of.
        assert (19, (FOR_GOOD, False)) == (again.code, anna()), again.out


def test_a_release_that_was_killed_does_not_hold_it_up(fix, killed, load, anna, left):
    """The ban is back at once; a later release restores what was so before the first containment."""
    for at in AFTER_EACH:
        load(alone("not_contained"))
        fix(*CONTAIN)
        killed(at, *RELEASE)
        if anna() == (None, False):
            break
    else:
        pytest.fail("the release was never killed half-way")
    contained = fix(*CONTAIN)
    seen = anna()
    released = fix(*RELEASE)

    assert (0, (FOR_GOOD, False), [0, 0, 0, 0]) == (contained.code, seen, left()), contained.out
    assert (0, (None, True)) == (released.code, anna()), released.out


@pytest.mark.parametrize("team", [True, False], ids=["team", "alone"])
@pytest.mark.parametrize("meanwhile", ["update public.users set is_active = false", "delete from public.users"])
def test_what_is_done_by_hand_between_two_runs(meanwhile, team, fix, killed, load, owner, anna, left, rows):
    """Killed after the ban, and the profile switched off or deleted by hand: one run more, and nothing is left."""
    for at in range(2, MOST_STEPS):
        load(with_team("not_contained") if team else alone("not_contained"))
        killed(at, *CONTAIN)
        if rows("auth.users")[0].get("banned_until"):
            break
    owner(meanwhile)
    ran = fix(*CONTAIN)

    assert ("changed", 0, [0, 0, 0, 0]) == (*told(ran), left()), ran.out
    assert all(not each["is_active"] for each in rows("users"))


@pytest.mark.parametrize("team", [True, False], ids=["team", "alone"])
def test_a_ban_of_before_stays(team, fix, load, owner, anna):
    """Somebody else's ban for good is not lifted by a release, whoever tells how it was."""
    load(with_team("not_contained") if team else alone("not_contained"))
    owner(f"update auth.users set banned_until = '{FOR_GOOD}'")
    contained, released = fix(*CONTAIN), fix(*RELEASE)

    assert [0, FOR_GOOD] == [contained.code, anna()[0]], contained.out
    assert anna()[1], released.out


def test_a_log_in_that_failed_is_no_other_way_in(fix, load):
    """Whoever is kept out and tries is kept out: no alarm after the tail."""
    tried = {"user_id": ANNA, "action": "auth.login_failed", "resource_type": "user", "created_at": "-5m"}
    document = world_of("contained")
    load({**document, "tables": {**document["tables"], "audit_logs": [*document["tables"]["audit_logs"], tried]}})

    assert ("contained", 0) == (fix(*VERIFY).json["verdict"]["code"], fix(*VERIFY).code)
