"""The sweep of everything: the sections' own verdicts in one run, its mutes, and what it has told before."""

import errno
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import jsonschema
import psycopg
import pytest

from peakops import sandbox, sightings, sweeps
from peakops.cli.commands import Run
from peakops.cli.invocation import Invocation
from peakops.cli.sandboxed import settings_of
from peakops.cli.sweeping import apart, job
from peakops.cli.sweeping.apart import Relay
from peakops.cli.sweeping.rounds import Rounds
from peakops.cli.sweeping.sections import REGISTER, Section
from peakops.errors import BadInput, Unreachable
from peakops.investigate import fault_of
from peakops.model import Report, Ruling, Status
from peakops.mutes import Mutes, Writing, key_of
from peakops.render import Stream, Style, schema
from peakops.report import Frame
from peakops.scenarios.notify.at_provider import AtProvider, Lists
from peakops.settings import Settings, WriteKeys
from peakops.sources import Shared, Sources
from peakops.sources.database import FRESH_SECONDS
from peakops.sources.writers import Writers

from .conftest import PEAKOPS, environment
from .test_worlds import Page

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
FRAME = Frame(command="sweep", environment="sandbox")
CASE, EXPIRED = "CASE-1042", "44444444-4444-4444-8444-000000000001"
MISSING = sweeps.fingerprint("cases", CASE, "missing_in_salesforce", "never_attempted")
DOWN = {"vendor": "salesforce", "route": "*", "status": 503}
TWO = ("--section", "cases", "--section", "invitations")
"""What finds something in the mixed world."""


def mixed(**tables):
    """A case that never reached Salesforce (critical), and an invitation past its date (warning); no other is wrong."""
    world, other = (sandbox.named(each) for each in ("case/missing_never_attempted", "invitation/pending_expired"))
    kept = {**world["tables"], "peakops.mutes": []}
    users = [*kept.get("users", ()), *(each for each in other["tables"]["users"] if each not in kept.get("users", ()))]
    mine = {"users": users, "invitations": other["tables"]["invitations"]}
    return {**world, "tables": {**kept, **mine, **tables}}


def muted(key, until, **more):
    row = {"fingerprint": key, "owner": "labs", "reason": "Seen to", "made_at": "-1d", "expires_at": until}
    return [{**row, **more}]


def told(ran):
    """Section, subject and verdict of what a run told, the mutes too."""
    rows = ran.json["data"]["items"]
    return sorted((each["section"], each["subject"], each["verdict"]) for each in rows)


def sandbox_mute(state):
    """The one mute as it is stored."""
    return sandbox.dump(state / "peakops")["tables"]["peakops.mutes"][0]


CASE_ROW = ("cases", CASE, "missing_in_salesforce")
INVITATION_ROW = ("invitations", EXPIRED, "pending_expired")


@pytest.fixture
def sweep(peakops):
    """Run the sweep of the two sections with --json."""
    return lambda *args, **env: peakops("--sandbox", "sweep", "--since", "30d", *TWO, *args, "--json", **env)


def test_a_fingerprint_is_the_same_everywhere():
    """It rests on section, subject, verdict and cause alone, and begins with the section's name."""
    row = {"subject": "INV-1", "verdict": "paid_twice", "severity": "critical", "cause": None, "says": "x", "next": []}
    first = sweeps.finding("payments", {**row, "at": NOW, "says": "another sentence"})

    assert "payments-821fa5642927" == sweeps.finding("payments", row)["fingerprint"]
    assert first["fingerprint"] == sweeps.finding("payments", row)["fingerprint"]
    assert 4 == len({sweeps.fingerprint(*each) for each in ("abcd", "abce", "abed", "eabc")})


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, ("ok", 0, "clear")),
        ({"warning": 9}, ("warning", 1, "waiting")),
        ({"unknown": 1, "warning": 9}, ("unknown", 3, "unknown")),
        ({"critical": 1, "unknown": 9, "warning": 9}, ("critical", 2, "waiting")),
    ],
)
def test_the_worst_decides(counts, expected):
    """Critical before unknown before warning, whichever section it is of."""
    sections = [sweeps.Section("payments"), sweeps.Section("cases", counted=Counter(counts))]
    found = sweeps.of_sections(FRAME, sections, (), ())

    assert expected == (found.status.value, found.exit_code, found.verdict.code)
    assert bool(counts.get("unknown")) == (found.data["summary"]["unknown_sections"] == ["cases"])


def test_muted_is_never_ok():
    """A section of which everything is muted ends 0, and says that it is muted, not that nothing is wrong."""
    found = sweeps.of_sections(FRAME, [sweeps.Section("cases", muted=Counter(critical=1, warning=1))], (), ())

    assert (0, "muted", 2) == (found.exit_code, found.verdict.code, found.data["summary"]["muted"])


ROW = {"verdict": "x", "severity": "critical", "cause": None, "at": NOW, "says": "x", "next": ["peakops case backlog"]}


def report(status, *, complete=True, **more):
    ruling = Ruling(code="x", title="X", says="x", complete=complete)
    return Report(command="case backlog", environment="sandbox", started_at=NOW, status=status, verdict=ruling, **more)


@pytest.mark.parametrize(
    ("found", "rows", "expected"),
    [
        (report(Status.OK), 0, False),
        (report(Status.OK, complete=False), 0, False),
        (report(Status.CRITICAL), 0, False),
        (report(Status.CRITICAL, complete=False), 0, True),
        (report(Status.UNKNOWN, complete=False), 0, True),
        (report(Status.ERROR), 0, True),
        (report(Status.UNKNOWN, data={"summary": {"severities": {"unknown": 2}}}), 2, False),
        (report(Status.UNKNOWN, data={"summary": {"severities": {"unknown": 3}}}), 2, True),
        (report(Status.UNKNOWN, data={"summary": {"severities": {"unknown": 2}}}, warnings=("It is down.",)), 2, True),
    ],
)
def test_when_a_section_is_unknown(found, rows, expected):
    """Where it says so, or something critical hides it; not where its own rows name each subject that is unknown."""
    assert expected == sweeps.unsure(sweeps.Section("cases", found=Counter(unknown=rows)), found)


def test_what_no_row_says_is_a_row_of_the_section():
    """That a vendor refuses all of it is told as a finding, once no row has that severity."""
    refused = report(Status.CRITICAL, next=("peakops case salesforce",))
    row = sweeps.unexplained(sweeps.Section("cases"), "case backlog", refused)

    assert ("cases", "x", "critical") == (row["subject"], row["verdict"], row["severity"])
    assert ["peakops case salesforce", "peakops case backlog"] == row["next"]
    assert None is sweeps.unexplained(sweeps.Section("cases", found=Counter(critical=1)), "case backlog", refused)


def rounds(looks, seconds, memory=None, limit=sys.maxsize, take=None):
    """What a run of sections comes to whose looks are literal functions, and its rows."""
    rows = []
    ran = Run(
        invocation=Invocation(),
        frame=Frame(command="sweep", environment="sandbox"),
        style=Style(),
        timeout=seconds,
        stream=Relay(take=take or rows.append, limit=limit),
    )
    chosen = [Section(name=name, command="case backlog", look=look) for name, look in looks.items()]
    return Rounds(ran, chosen, Mutes.of((), NOW), memory).go(), rows


def test_no_section_ends_another():
    """Neither a source that is down nor a mistake of ours: it is unknown for its section, and the others go on."""
    shares = []

    def down(run):
        raise Unreachable("It is down.", hint="Wait.", code="ups.down")

    def wrong(run):
        run.emit({**ROW, "subject": "CASE-1"})
        raise ValueError("no number")

    def right(run):
        shares.append(run.timeout)
        run.emit({**ROW, "subject": "CASE-2"})
        return report(Status.CRITICAL)

    found, rows = rounds({"labels": down, "webhooks": wrong, "cases": right, "leases": right}, 8.0)
    sections = found.data["summary"]["sections"]

    assert (2, ["labels", "webhooks"]) == (found.exit_code, found.data["summary"]["unknown_sections"])
    assert ("It is down. Wait.", "unknown") == (sections["labels"]["why"], sections["labels"]["status"])
    assert "ValueError: no number" in sections["webhooks"]["why"]
    assert ["labels", "CASE-1", "webhooks", "CASE-2", "CASE-2"] == [each["subject"] for each in rows]
    # Half of what is left, then all of it: the others took next to nothing.
    assert [4.0, 8.0] == [round(each) for each in shares]


def test_a_section_that_never_ends(monkeypatch):
    """It is left behind at the end of its share, with what it has found; the next has its time."""
    monkeypatch.setattr(apart, "PARTING_SECONDS", 0.0)
    released, kept = threading.Event(), Shared(kept={"email": 1})

    def hangs(run):
        run.shared.kept["email"] = kept
        run.emit({**ROW, "subject": "CASE-1"})
        released.wait(9)
        return report(Status.CRITICAL)

    def right(run):
        run.emit({**ROW, "subject": str(run.shared.kept)})
        return report(Status.CRITICAL)

    found, rows = rounds({"cases": hangs, "leases": right}, 2.2)
    released.set()

    assert ["CASE-1", "cases", "{}"] == [each["subject"] for each in rows]
    assert (2, ["cases"]) == (found.exit_code, found.data["summary"]["unknown_sections"])
    assert "did not end within its share" in found.data["summary"]["sections"]["cases"]["why"]


def test_what_cannot_be_written_ends_all():
    """What is lost on the way out was not told: no section's silence stands for it, and the run has told nothing."""
    tries = []

    def failing(row):
        tries.append(row)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        rounds({"cases": many(0, 1), "labels": many(0, 1)}, 9.0, take=failing)


def many(first, count):
    """A look that finds so many cases."""

    def look(run):
        for number in range(first, first + count):
            run.emit({**ROW, "subject": f"CASE-{number}"})
        return report(Status.CRITICAL)

    return look


def test_what_a_limit_cut_in_an_earlier_section_is_new_again(team):
    """Once the limit is passed nothing more is shown, so that nothing more is noted as told."""
    memory = team()
    _, rows = rounds({"cases": many(0, 3), "labels": many(10, 3)}, 9.0, memory, limit=1)
    memory.keep(("cases", "labels"))
    again, _ = rounds({"cases": many(0, 3), "labels": many(10, 3)}, 9.0, team(NOW + timedelta(hours=1)))

    assert (1, 5) == (again.data["summary"]["known"], again.data["summary"]["findings"])
    assert 6 == len(rows)


def test_a_memory_that_fails_is_asked_once(tmp_path):
    """The rest of the run is told without it, and that is said once."""
    memory = sightings.LocalSightings(folder=tmp_path, environment="test", name="sweep 24h", now=NOW, warning="")
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "sweep.24h.cases.json").write_text("{")
    found, _ = rounds({"cases": many(0, 250), "labels": many(0, 1)}, 9.0, memory)

    assert 251 == found.data["summary"]["severities"]["critical"]
    assert 1 == len(found.warnings)


def test_what_this_machine_remembers_is_forgotten_once_it_is_gone(tmp_path):
    """Also what lies before the window: an invitation that was made long ago, and has ended in it."""
    every = [{**row(each), "at": NOW - timedelta(days=40)} for each in "ab"]

    def run(hours, rows):
        now = NOW + timedelta(hours=hours)
        memory = sightings.LocalSightings(folder=tmp_path, environment="test", name="sweep 24h", now=now, warning="")
        news = memory.news(rows, 9)
        memory.keep(("cases",))
        return news

    assert [{"cases-a", "cases-b"}, set(), {"cases-b"}] == [run(0, every), run(1, every[:1]), run(2, every)]


def test_each_window_remembers_by_itself(team):
    """A run that reaches less far forgets nothing of those that reach further; what is old is forgotten with any."""
    day, hour = team(name="sweep 24h"), team(NOW + timedelta(hours=1), "sweep 1h")
    day.news([row("a")], 9)
    day.keep(("cases",))
    hour.keep(("cases",))
    after = team(NOW + timedelta(hours=2), "sweep 24h").news([row("a")], 9)
    team(NOW + timedelta(days=91), "sweep 1h").keep(())

    assert set() == after
    assert {"cases-a"} == team(NOW + timedelta(days=91), "sweep 24h").news([row("a")], 9)


def test_what_an_error_ends_was_not_told(capsys):
    """A report that could not be written ends in an error's, which is no telling."""
    noted = []
    for error in (None, fault_of(BadInput("No space is left.", code="output.failed"))):
        stream = Stream(Style(jsonl=True), limit=9)
        stream.told, stream.untold = partial(noted.append, "told"), partial(noted.append, "untold")
        stream.end(report(Status.OK, error=error), Style(jsonl=True))
        stream.close()

    assert ["told", "untold"] == noted
    assert 2 == len(capsys.readouterr().out.splitlines())


def test_a_section_that_the_time_does_not_reach():
    """It is unknown: not looked at is not in order."""
    none, _ = rounds({"labels": lambda _: report(Status.OK)}, 0.5)
    short, _ = rounds({"labels": lambda _: time.sleep(0.6) or report(Status.OK), "cases": many(0, 1)}, 1.5)

    assert (3, ["labels"]) == (none.exit_code, none.data["summary"]["unknown_sections"])
    # The first has what one needs, and not half of what is too little for two.
    assert (3, ["cases"]) == (short.exit_code, short.data["summary"]["unknown_sections"])


def test_the_key_of_a_mute():
    """A fingerprint as it is, else an id; what may be a person's address is refused, for good."""
    assert "payments-92f3a1dd4fa4" == key_of(" payments-92f3a1dd4fa4 ")
    assert "payments-92f3a1dd4fa4" == key_of("[payments-92f3a1dd4fa4]")
    assert "subject:INV-1" == key_of("INV-1") == key_of("subject:INV-1")
    for given in ("jane@smilecare.example", "", "  ", "a\nb", "x" * 101, "payments-92f3a1dd4fa", "cases-0123456789abc"):
        with pytest.raises(BadInput):
            key_of(given)


def test_which_mute_counts():
    """One that holds before one that is over; one that was ended is none."""
    rows = [
        {"fingerprint": key, "state": state}
        for key, state in (("f", "expired"), ("subject:s", "active"), ("e", "ended"))
    ]
    mutes = Mutes.of(rows, NOW)

    assert ("active", "expired") == tuple(mutes.of_finding(*each)["state"] for each in (("f", "s"), ("f", "t")))
    assert None is mutes.of_finding("e", "t")


def test_the_last_word_on_a_mute_counts_whatever_the_clocks_say(portal, tmp_path):
    """An end, or another mute, outranks one of a machine whose clock was ahead; the row of a mute is left as it was."""
    settings = Settings(environment="test", database_url=portal, clock=NOW)
    writing = Writing(settings, WriteKeys(database_url=portal), tmp_path)
    with psycopg.connect(portal, autocommit=True) as connection:
        ahead = ("cases-0123456789ab", NOW + timedelta(hours=2), NOW + timedelta(days=7))
        connection.execute("insert into peakops.mutes values (%s, 'labs', 'x', %s, %s)", ahead)
        ended, now = writing.end(ahead[0])
        _, once_more = writing.end(ahead[0])
        again = writing.add(ahead[0], owner="labs", reason="y", lasts=3600)
        (state,) = [each["state"] for each in writing._writers.rows("sweep/mutes")]
        kept = connection.execute("select expires_at from peakops.mutes where reason = 'x' order by made_at").fetchall()
        connection.execute("delete from peakops.mutes")

    assert ("ended", "active") == (ended["state"], state)
    assert (True, False) == (now, once_more)
    assert timedelta(hours=1) == again["expires_at"] - again["made_at"]
    assert [ahead[2], ended["made_at"]] == [each[0] for each in kept]


def row(mark, section="cases"):
    return {"section": section, "fingerprint": f"{section}-{mark}", "verdict": "x", "at": NOW}


@pytest.fixture
def team(portal, tmp_path):
    """The team's memory at a moment: `team(at)` is that of one run, on a connection of its own."""
    settings = sandbox_settings(portal)

    def opened(at=NOW, name="sweep 24h", **more):
        writers = Writers(settings, WriteKeys(database_url=portal), tmp_path)
        return sightings.TeamSightings(writers=writers, now=at, name=name, **more)

    yield opened
    with psycopg.connect(portal) as connection:
        connection.execute("delete from peakops.seen")


def sandbox_settings(url):
    return Settings(environment="test", database_url=url)


def test_mutes_that_nobody_hears_of(monkeypatch):
    """A database that lets in and says nothing takes no more than its time; then nothing is muted, and that is said."""
    monkeypatch.setattr(job, "MUTES_SECONDS", 0.1)
    frame = Frame(command="sweep", environment="sandbox")
    ran = Run(invocation=Invocation(), frame=frame, style=Style(), timeout=9.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        found, said = job._mutes(ran, sandbox_settings(f"postgresql://x@127.0.0.1:{mute.getsockname()[1]}/x"))

    assert {} == found.rows
    assert said.startswith("The mutes could not be read, so that nothing is muted: the database did not answer")


def test_of_two_runs_at_once_one_tells(team):
    """Each of five hundred findings is told by one of four runs, whichever is first."""
    rows = [row(f"{each:012x}") for each in range(500)]
    runs = [team() for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        news = list(pool.map(lambda each: each.news(rows, 1000), runs))
    for each in runs:
        each.keep(())

    assert {each["fingerprint"] for each in rows} == set().union(*news)
    assert 500 == sum(map(len, news))
    assert set() == team().news(rows, 1000)


def test_what_is_gone_is_new_when_it_comes_again(team):
    """After a run that read its section whole; another section's, and an incomplete run's, are kept."""
    first = team()
    first.news([row("a"), row("b"), row("c", "labels")], 9)
    first.keep(("cases", "labels"))
    second = team(NOW + timedelta(hours=1))
    second.news([row("a")], 9)
    second.keep(("cases",))

    assert {"cases-b"} == team(NOW + timedelta(hours=2)).news([row("a"), row("b"), row("c", "labels")], 9)


def test_what_was_not_told_is_new_again(team):
    """What a limit cuts, what could not be printed, and after an hour what a run claimed that died."""
    cut, failed, died = team(), team(), team()
    cut.news([row("a"), row("b")], 1)
    cut.keep(())
    failed.news([row("c")], 9)
    failed.release()
    died.news([row("d")], 9)
    every = [row(each) for each in "abcd"]

    assert {"cases-b", "cases-c"} == team(NOW + timedelta(minutes=59)).news(every, 9)
    assert {"cases-d"} == team(NOW + timedelta(minutes=61)).news([row("a"), row("d")], 9)


def test_what_a_dead_run_claimed_is_told_by_the_next(team):
    """At once where the lock keeps out every other run, and once, however often the run itself meets it."""
    died, told = team(), team()
    told.news([row("a")], 9)
    told.keep(())
    died.news([row("b")], 9)
    waits, alone = team(), team(alone=True)

    assert set() == waits.news([row("a"), row("b")], 9)
    assert [{"cases-b"}, set()] == [alone.news([row("a"), row("b")], 9) for _ in range(2)]


def test_a_mixed_world(load, peakops, snapshot):
    """Page and document agree: two sections find something, and every section has its line; the code is the same."""
    load(mixed())
    person = peakops("--sandbox", "sweep", "--since", "30d")
    script = peakops("--sandbox", "sweep", "--since", "30d", "--json")
    summary = script.json["data"]["summary"]
    jsonschema.validate(script.json, schema.of("sweep"))

    assert snapshot(extension_class=Page) == person.out
    assert (2, 2) == (person.code, script.code)
    assert [each.name for each in REGISTER] == list(summary["sections"])
    assert {"critical": 2, "unknown": 0, "warning": 1} == summary["severities"]
    assert [CASE_ROW, INVITATION_ROW, ("webhooks", "endpoints", "no_endpoint")] == told(script)


def test_a_source_that_is_down_ends_nothing(load, peakops):
    """Its section is unknown and says why; the other is looked at all the same, and unknown outranks its warning."""
    load(mixed(), faults=[DOWN])
    ran = peakops("--sandbox", "sweep", "--since", "30d", *TWO, "--jsonl")
    *rows, last = [json.loads(each) for each in ran.out.splitlines()]
    summary = last["data"]["summary"]

    assert (3, ["cases"]) == (ran.code, summary["unknown_sections"])
    assert [("cases", "cases", "unknown"), INVITATION_ROW] == [
        (e["section"], e["subject"], e["verdict"]) for e in sorted(rows, key=lambda each: each["section"])
    ]
    assert "Salesforce is not available" in summary["sections"]["cases"]["why"]
    assert ["finding", "finding", "summary"] == [each["type"] for each in (*rows, last)]
    assert {"critical": 0, "unknown": 1, "warning": 1} == summary["severities"]


def test_mutes_that_cannot_be_read_are_unknown(load, peakops):
    """3 with the reason: that nothing is listed must not read as that nothing is muted."""
    load(mixed(), faults=[{"vendor": "database", "fault": "down"}])
    ran = peakops("--sandbox", "mute", "list", "--json")
    assert (3, "unknown", []) == (ran.code, ran.json["status"], ran.json["data"]["items"])
    assert "The portal's database did not answer." in ran.json["warnings"][0]


def test_what_is_muted_raises_no_alarm(load, peakops, sweep, state):
    """Muted for a week the case counts as muted alone; the invitation still decides, and --all lists both."""
    load(mixed())
    args = ("mute", "add", MISSING, "--owner", "labs", "--reason", "jane.roe@smilecare.example knows", "--for", "7d")
    added = peakops("--sandbox", *args, "--json")
    ran, every = sweep(), sweep("--all")
    listed = peakops("--sandbox", "mute", "list", "--json").json["data"]["items"]
    ended = peakops("--sandbox", "mute", "end", MISSING)

    assert (0, "changed", "2026-11-27T15:00:00Z") == (
        added.code,
        added.json["status"],
        added.json["data"]["mute"]["expires_at"],
    )
    assert (1, [INVITATION_ROW]) == (ran.code, told(ran))
    assert ("ok", 1) == tuple(ran.json["data"]["summary"]["sections"]["cases"][each] for each in ("status", "muted"))
    assert 1 == ran.json["data"]["summary"]["muted_severities"]["critical"]
    assert ran.json["verdict"]["says"].endswith("Muted: 1 critical.")
    assert (1, [True]) == (every.code, [e["muted"] for e in every.json["data"]["items"] if e["section"] == "cases"])
    assert [(MISSING, "active", "labs")] == [(e["fingerprint"], e["state"], e["owner"]) for e in listed]
    assert "j…@smilecare.example knows" == listed[0]["reason"] == sandbox_mute(state)["reason"]
    assert (0, 2) == (ended.code, sweep().code)


def test_an_expired_mute_is_a_finding_of_its_own(load, sweep, peakops):
    """Beside what it was about, which counts again; once it is ended, that alone is left."""
    load(mixed(**{"peakops.mutes": muted(f"subject:{CASE}", "-1h")}))
    ran = sweep()
    peakops("--sandbox", "mute", "end", CASE)

    assert [("cases", CASE, "missing_in_salesforce"), ("cases", CASE, "mute_expired"), INVITATION_ROW] == told(ran)
    assert 1 == ran.json["data"]["summary"]["mute_expired"]
    assert [CASE_ROW, INVITATION_ROW] == told(sweep())


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("mute", "add", "INV-1", "--owner", "labs", "--for", "91d", "--reason", "x"), 64),
        (("mute", "add", "INV-1", "--owner", "labs"), 64),
        (("mute", "add", "j@smilecare.example", "--owner", "labs", "--reason", "x"), 65),
        (("mute", "end", "INV-9"), 14),
        (("sweep", "--section", "weather"), 64),
        (("sweep", "--nagios", "--new-only"), 64),
    ],
)
def test_what_is_refused(args, code, peakops, state):
    """A mute without a reason, for too long, or of an address; a mute and a section that do not exist."""
    if args[:2] == ("mute", "end"):
        sandbox.load(state / "peakops", mixed(), source="test")

    assert code == peakops("--sandbox", *args).code


def test_two_machines_tell_each_finding_once(load, state, sweep):
    """Of two processes at once each finding is told by one, whichever has the lock; the next run has nothing new."""
    up = load(mixed())
    command = [PEAKOPS, "--sandbox", "sweep", "--since", "30d", *TWO, "--new-only", "--json"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(state), text=True) for _ in range(2)]
    found = [(run.communicate(timeout=60)[0], run.returncode) for run in runs]
    items = [each for out, _ in found for each in json.loads(out)["data"]["items"]]
    again = sweep("--new-only")

    assert [CASE_ROW, INVITATION_ROW] == sorted((e["section"], e["subject"], e["verdict"]) for e in items)
    assert {2} < {code for _, code in found} <= {0, 2, 17}
    assert ((0, "nothing_new"), 2) == (
        (again.code, again.json["verdict"]["code"]),
        again.json["data"]["summary"]["known"],
    )
    assert up is not None


def test_without_the_teams_tables_this_machine_remembers(load, peakops, sweep):
    """The file of the state folder takes their place, and the report says why."""
    world = mixed()
    del world["tables"]["peakops.mutes"]
    load(world)
    first, second = sweep("--new-only", "--limit", "1"), sweep("--new-only")

    assert (2, 1) == (first.code, len(first.json["data"]["items"]))
    assert any("peakops setup" in each for each in first.json["warnings"])
    assert 1 == len(second.json["data"]["items"])
    assert 0 == sweep("--new-only").code


def test_what_cannot_be_remembered_is_told(load, sweep):
    """Where the team's memory fails in the middle everything is told, and the report says so."""
    up = load(mixed())
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as connection:
        connection.execute("drop table peakops.seen")
    ran = sweep("--new-only")

    assert (2, [CASE_ROW, INVITATION_ROW]) == (ran.code, told(ran))
    assert any("is not known, so that they are told" in each for each in ran.json["warnings"])
    assert "may be told again" in ran.err


def test_one_line_for_a_monitoring_system(load, peakops):
    """With its numbers, and the exit code of the sweep."""
    load(mixed())
    ran = peakops("--sandbox", "sweep", "--since", "30d", *TWO, "--nagios")

    assert ran.out.startswith("PEAKOPS CRITICAL - sweep: Something needs somebody.")
    assert (2, 1) == (ran.code, len(ran.out.splitlines()))
    assert "|critical=1;;0;0 warning=1;0;;0 unknown=0;0;;0 muted=0" in ran.out


OWN = {each.name: each.command.split() for each in REGISTER}


def test_one_verdict_a_subject(load, peakops):
    """On the clinic each section's rows have the subjects, verdicts and causes of the section's own command."""
    load("clinic")
    ran = peakops("--sandbox", "sweep", "--since", "7d", "--json").json["data"]["items"]
    for name in ("payments", "invitations", "cases", "labels", "notifications", "security"):
        listed = peakops("--sandbox", *OWN[name], "--since", "7d", "--json").json["data"]["items"]
        own = {(each["subject"], each["verdict"], each.get("cause")) for each in listed}
        mine = {(e["subject"], e["verdict"], e["cause"]) for e in ran if e["section"] == name and e["subject"] != name}

        assert own == mine, name
        assert own or name in ("invitations",)


def test_the_providers_lists_are_read_once(load, opened):
    """A second section with a window within the first's asks for nothing; a wider one asks for the log alone."""
    reader, asked, lists = opened(load("notify_sweep/after_an_outage")), [], Lists()

    def stream(source, call, params):
        asked.append(call)
        return reader.stream(source, call, params)

    def listen(days):
        asked.clear()
        given = {"silent": {}, "since": NOW - timedelta(days=days), "lists": lists}
        AtProvider(read=reader.read, stream=stream, **given).listen(general=False)
        return list(asked)

    assert [["mails", "suppressed"], [], [], ["mails"]] == [listen(days) for days in (9, 9, 7, 10)]
    assert sorted(lists.by_id) == sorted(each for mails in lists.to.values() for each in mails)


def test_a_connection_is_handed_on_while_it_is_fresh(load, opened):
    """The next reader takes it; one that was idle for long, or in the middle of something, is not handed on."""
    up = load("clinic")
    shared = Shared()
    settings = settings_of(up)

    def session():
        reader = Sources(settings, time.monotonic() + 30, up.journal, shared)
        reader.read("database", "rows", {"query": "change/team_tables"})
        return reader, reader.database._connection.info.backend_pid

    _, first = session()
    shared.collect()
    reader, second = session()
    rows = reader.stream(
        "database", "stream", {"query": "case/backlog", "since": NOW - timedelta(days=9), "until": NOW}
    )
    next(rows)
    shared.collect()
    assert [] == shared.idle
    rows.close()
    _, third = session()
    shared.collect()
    shared.idle = [(since - FRESH_SECONDS - 1, each) for since, each in shared.idle]
    _, fourth = session()
    shared.collect()
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s, 5000)", [fourth])
    _, fifth = session()

    assert first == second
    assert 4 == len({second, third, fourth, fifth})
