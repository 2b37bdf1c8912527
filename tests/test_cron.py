"""Jobs that run by themselves: rendered lines that run, runs that are noted, one at a time, and their status."""

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import jsonschema
import psycopg
import pytest

from peakops import runs
from peakops.cli.cron import lines, units
from peakops.cli.cron.lines import Place
from peakops.cli.invocation import Invocation, Terminated
from peakops.cli.noting import Noting
from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.errors import Locked, TimedOut
from peakops.model import Report, Status
from peakops.render import schema
from peakops.scenarios.cron import jobs

from . import command_tree
from .conftest import PEAKOPS, environment

MINUTE = timedelta(minutes=1)
SWEPT = Report(
    command="sweep", environment="sandbox", started_at=datetime(2026, 11, 20, 15, tzinfo=UTC), status=Status.OK
)
SH = shutil.which("dash") or "/bin/sh"
"""As cron starts a line on Debian; whatever /bin/sh is elsewhere."""
PLACE = Place(program=("/opt/peak ops/bin/peakops",), environment="production", env_file="/etc/peakops/100%.env")


def job(name="sweep", **changes):
    return replace(next(each for each in jobs.every() if each.name == name), **changes)


def as_cron_reads(line):
    """What cron hands to the shell: the sixth field on, to the first bare %, with each escaped one as it was meant."""
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace("\\%", "")
    return command.replace("\\%", "%")


@pytest.mark.parametrize("each", jobs.every(), ids=lambda each: each.name)
def test_a_job_keeps_to_its_time(each):
    """It ends before its next beginning, jitter included, and only jobs of a day or more have a time of day."""
    assert each.limit + each.jitter < each.every
    assert each.overdue > each.jitter
    assert bool(each.at) == (each.every >= jobs.DAY)
    assert each.every >= jobs.DAY or not timedelta(hours=1) % each.every


@pytest.mark.parametrize("each", jobs.every(), ids=lambda each: each.name)
def test_a_job_is_a_command(each):
    """Its words are a command, and its options are that command's."""
    words = [word for word in each.command.split() if not word.startswith("-")]

    assert {*each.command.split()} - {*words} | {"--timeout"} <= command_tree.options(words)


@pytest.mark.parametrize(
    ("cron", "systemd", "changes"),
    [
        ("* * * * *", "*-*-* *:*:00 UTC", {"every": MINUTE}),
        ("*/15 * * * *", "*-*-* *:00/15:00 UTC", {"every": 15 * MINUTE}),
        ("5 6 * * *", "*-*-* 06:05:00 UTC", {"every": jobs.DAY, "at": "06:05"}),
        ("15 6 * * 1", "Mon *-*-* 06:15:00 UTC", {"every": jobs.WEEK, "at": "Mon 06:15"}),
    ],
)
def test_when_a_job_runs(cron, systemd, changes):
    """The same moments for cron and for systemd."""
    each = job(**changes)

    assert (cron, systemd) == (lines.schedule(each), units.calendar(each))


@pytest.fixture
def rendered(tmp_path):
    """Run a rendered line under sh, with a peakops that tells its arguments and ends with a code."""
    program = tmp_path / "100% of it's" / "peakops"
    program.parent.mkdir()

    def run(code, does="", **changes):
        program.write_text(f'#!/bin/sh\nfor each; do echo "<$each>"; done\necho oops >&2\n{does}\nexit {code}\n')
        program.chmod(0o755)
        place = replace(PLACE, program=(str(program),), env_file=str(tmp_path / "a 'b' 50%.env"))
        *_, line = lines.crontab([job(**changes)], place)
        assert lines.LONGEST > len(line)
        return subprocess.run([SH, "-c", as_cron_reads(line)], capture_output=True, text=True, check=False)

    return run


def test_a_rendered_line_runs(rendered, tmp_path):
    """Its arguments arrive as meant whatever is in the paths; it tells what was said, and ends with the same code."""
    done = rendered(2, jitter=timedelta())
    said = ["--env", "production", "--env-file", str(tmp_path / "a 'b' 50%.env"), "sweep", "--new-only", "--jsonl"]

    assert (2, "") == (done.returncode, done.stderr)
    assert [*(f"<{each}>" for each in (*said, "--timeout", "720s")), "oops"] == done.stdout.splitlines()


@pytest.mark.parametrize("code", [0, 17])
def test_a_line_is_silent_where_nothing_is_to_be_told(code, rendered):
    """Nothing for cron to mail: all is well, or another machine has the job just now."""
    done = rendered(code, jitter=timedelta())

    assert (code, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_line_waits_and_is_ended(rendered):
    """It waits at most as long as the jitter, and a run that does not end itself is ended with what it has said."""
    began = time.monotonic()
    done = rendered(0, does="exec sleep 30", jitter=timedelta(seconds=1), limit=timedelta(seconds=1) - jobs.GRACE)

    assert 124 == done.returncode
    assert "oops" in done.stdout
    assert 3.5 > time.monotonic() - began


def test_a_job_that_does_not_note_its_runs_is_named():
    """By --job, which makes any command note them; the others note their own."""
    named = lines.command(job("security hunt"), PLACE)

    assert "'/opt/peak ops/bin/peakops' --job 'security hunt' --env production" in named
    assert "--job" not in lines.command(job("sweep"), PLACE)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_units_are_systemds(peakops, tmp_path):
    """systemd finds no fault in any of the units, nor in what would be run."""
    folder = tmp_path / "units"
    done = peakops("--sandbox", "cron", "render", "--format", "systemd", "-o", str(folder), "--json")
    files = sorted(folder.iterdir())
    verified = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)

    assert 0 == done.code
    assert [str(each) for each in files] == sorted(done.json["data"]["written"])
    assert 2 * len(jobs.every()) == len(files)
    assert (0, "") == (verified.returncode, verified.stderr)


def test_units_keep_to_the_job():
    """Findings and a lock are no failure; signs of systemd's own are escaped; a day that was missed is made up for."""
    place = replace(PLACE, program=("/opt/$peak/bin/peakops",))
    told = units.units([job(), job("doctor")], place, user="ops", writes=(Path("/srv/100% peak ops"), Path("/srv/b")))
    service, timer = told["peakops-sweep.service"], told["peakops-sweep.timer"]

    assert {"peakops-sweep", "peakops-doctor"} == {each.partition(".")[0] for each in told}
    assert "\nSuccessExitStatus=1 2 3 17\n" in service
    assert "\nExecStart='/opt/$$peak/bin/peakops' --env production sweep " in service
    assert "\nTimeoutStartSec=780\n" in service
    assert "\nEnvironmentFile=/etc/peakops/100%%.env\n" in service
    assert '\nReadWritePaths="-/srv/100%% peak ops" -/srv/b\n' in service
    assert "--env-file" not in service
    assert "\nRandomizedDelaySec=60\n" in timer
    assert "\nPersistent=no\n" in timer
    assert "\nPersistent=yes\n" in told["peakops-doctor.timer"]


def test_no_secret_is_rendered(peakops, tmp_path):
    """What only this shell has is named, and no value of it; nor anything of the env file but its name."""
    env_file = tmp_path / "some.env"
    env_file.write_text("PEAKOPS_DATABASE_URL=postgresql://u:filehush@127.0.0.1/x\n")
    given = {"PEAKOPS_HEARTBEAT_URL": "https://ping.example/shellhush", "PEAKOPS_STRIPE_API_KEY": "sk_test_shellhush"}
    told = [
        peakops("--env-file", str(env_file), "cron", "render", "--format", form, *more, home=tmp_path, **given)
        for form in ("crontab", "systemd")
        for more in ((), ("--json",))
    ]

    for each in told:
        assert 0 == each.code
        assert "hush" not in each.out + each.err
        assert "PEAKOPS_STRIPE_API_KEY" in each.out
        assert str(env_file) in each.out
    assert sorted(given) == sorted(told[1].json["data"]["lacking"])


def test_what_reaches_people_is_named(peakops, tmp_path):
    """A job whose shell alone knows where people are called calls nobody; a proxy's password is no job's either."""
    given = {
        "PEAKOPS_PAGE_SLACK": "https://hooks.example/shellhush",
        "PEAKOPS_PAGE_PAGER_FILE": str(tmp_path),
        "HTTPS_PROXY": "http://me:shellhush@proxy.example",
        "NO_PROXY": "portal.example",
    }
    done = peakops("cron", "render", "--json", home=tmp_path, **given)
    lacking = {*done.json["data"]["lacking"]}

    assert "shellhush" not in done.out
    assert {"PEAKOPS_PAGE_SLACK", "PEAKOPS_PAGE_PAGER_FILE", "HTTPS_PROXY"} == lacking
    assert '\nNO_PROXY="portal.example"\n' in done.json["data"]["files"]["crontab"]


@pytest.mark.parametrize("prefix", ["/opt/a\\b", "/opt/" + "é" * 400])
def test_a_path_that_no_line_can_hold_is_refused(prefix, peakops):
    """A \\ means something else to each that reads it, and cron cuts a line that is too long."""
    assert 64 == peakops("--sandbox", "cron", "render", "--prefix", prefix).code


def test_a_crontab_is_printed_as_it_is_meant(peakops, tmp_path):
    """What is printed, and what -o writes, is the crontab to the letter: no door masks a piece of a line."""
    file = tmp_path / "crontab"
    printed = peakops("--sandbox", "cron", "render", "--json")
    written = peakops("--sandbox", "cron", "render", "-o", str(file))
    again = peakops("--sandbox", "cron", "render", "-o", str(file))

    jsonschema.Draft202012Validator(schema.of("cron render")).validate(printed.json)
    assert (0, 64) == (written.code, again.code)
    assert file.read_text() == printed.json["data"]["files"]["crontab"]
    assert file.read_text() == peakops("--sandbox", "cron", "render").out


WORLD = {"sweep": "sweep", "started_at": "-10m", "host": "web1", "ended_at": "-9m", "exit_code": 1}


@pytest.fixture
def ran(load):
    """Load a portal whose team has noted these runs; the sandbox."""

    def ran(*rows):
        return load("paid", tables={**named("paid"), "peakops.runs": [{**WORLD, **each} for each in rows]})

    return ran


def named(world):
    from peakops import sandbox

    return sandbox.named(world).get("tables", {})


def noted(up):
    with psycopg.connect(up.url_as("postgres")) as connection:
        return connection.execute("select sweep, exit_code from peakops.runs order by started_at, sweep").fetchall()


def test_status_of_what_ran(ran, peakops):
    """2 where nobody is called, whatever else is a warning; a list for people and for scripts, a line for each job."""
    ran({}, {"sweep": "escalation tick", "started_at": "-7m"}, {"sweep": "doctor", "ended_at": None, "exit_code": None})
    page, document = peakops("--sandbox", "cron", "status"), peakops("--sandbox", "cron", "status", "--json")
    states = {each["job"]: each["state"] for each in document.json["data"]["items"]}

    jsonschema.Draft202012Validator(schema.of("cron status")).validate(document.json)
    assert (2, 2) == (page.code, document.code)
    assert "escalation tick last began 7 minutes ago on web1; it runs every 60 s." in page.out
    assert "peakops --sandbox escalation tick" in page.out
    assert {each.name for each in jobs.every()} == states.keys()
    assert ("overdue", "ran", "died") == tuple(states[each] for each in ("escalation tick", "sweep", "doctor"))
    assert 0 == peakops("--sandbox", "cron", "status", "sweep").code
    assert 64 == peakops("--sandbox", "cron", "status", "swep").code


def test_a_clock_ahead_hides_no_run(ran, peakops):
    """A machine whose clock is an hour ahead fills the list with its runs; ours in time is seen all the same."""
    ahead = ({"host": "web2", "started_at": f"+{hour}h", "ended_at": f"+{hour}h"} for hour in range(1, 14))
    ran({"started_at": "-5m", "ended_at": None, "exit_code": None}, {"started_at": "-25m"}, *ahead)
    done = peakops("--sandbox", "cron", "status", "sweep", "--json")
    (item,) = done.json["data"]["items"]

    assert (0, "web1", "running") == (done.code, item["host"], item["state"])


def test_status_that_cannot_be_read(load, peakops):
    """3: that the runs are not to be seen is not that there were none."""
    tables = {**named("paid"), "peakops.runs": [WORLD]}
    load("paid", tables=tables, faults=[{"vendor": "database", "fault": "deny", "table": "peakops.runs"}])

    assert 3 == peakops("--sandbox", "cron", "status").code


def test_a_rendered_line_notes_its_run(ran, peakops, state):
    """The rendered line runs peakops in this sandbox under sh, and the team knows of it; the code is as ever."""
    up = ran()
    printed = peakops("--sandbox", "cron", "render", "--job", "journal verify", "--prefix", str(PEAKOPS.parent.parent))
    command = as_cron_reads(printed.out.splitlines()[-1]).partition("; ")[2]
    done = subprocess.run([SH, "-c", command], env=environment(state), capture_output=True, text=True, check=False)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert [("journal verify", 0)] == noted(up)


def test_a_job_is_noted_by_its_code(ran, peakops, tmp_path):
    """The code of a finding and of an error; what notes itself, and what is no job, cannot be named."""
    up = ran()
    found = peakops("--sandbox", "contacts", "check", PEAKOPS_JOB="contacts check", PEAKOPS_CONTACTS=str(tmp_path))
    wrong = peakops("--sandbox", "--job", "journal verify", "journal", "verify", "--reveal")

    assert {("contacts check", found.code), ("journal verify", 64)} == set(noted(up))
    assert (2, 64) == (found.code, wrong.code)
    assert 64 == peakops("--sandbox", "--job", "sweep", "doctor").code


def test_another_command_is_no_run_of_the_job(ran, peakops):
    """A variable that is still set makes no run of what is typed next; the code is that of the command."""
    up = ran()
    done = peakops("--sandbox", "payment", "check", "INV-0", "--json", PEAKOPS_JOB="security hunt")

    assert (14, []) == (done.code, noted(up))
    assert ["The run of 'security hunt' was not noted. 'payment check' is not what that job runs."] == done.json[
        "warnings"
    ]


def test_a_run_that_cannot_be_noted_is_the_same_run(peakops, load, tmp_path):
    """Without the team's tables, or settings, it does the same, with the same code, and says what nobody knows."""
    load("paid")
    (file := tmp_path / "peakops" / "config.toml").parent.mkdir()
    file.write_text("bogus = 1\n")
    done = peakops("--sandbox", "--job", "journal verify", "journal", "verify", "--json")
    unset = peakops("--job", "journal verify", "journal", "verify", "--json", XDG_CONFIG_HOME=str(tmp_path))

    assert (0, 0) == (done.code, unset.code)
    assert "The run of 'journal verify' was not noted." in done.json["warnings"][0]
    assert "The run of 'journal verify' was not noted." in unset.json["warnings"][0]


def test_a_database_that_went_mute_takes_little_of_a_run(station, monkeypatch):
    """What it did not hear of the beginning the end makes up for; a pooler that hangs is a warning in time."""
    monkeypatch.setattr(runs, "NOTE_SECONDS", 0.3)
    settings, keys, folder = station("a")
    with psycopg.connect(keys.database_url) as connection:
        connection.execute("lock table peakops.runs in access exclusive mode")
        began = time.monotonic()
        run = runs.Noted("sweep", settings, keys, folder)
        took = time.monotonic() - began
        connection.rollback()
        monkeypatch.undo()
        told = run.told(SWEPT)
        codes = connection.execute("select exit_code from peakops.runs where sweep = 'sweep' and host <> 'web1'")

        assert 1 > took
        assert [(0,)] == codes.fetchall()
        assert () == told.warnings


def test_a_run_whose_noting_hangs_says_so(station, monkeypatch):
    """Each note has its time, and the report its warning; nothing is raised."""
    monkeypatch.setattr(runs, "NOTE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://x@127.0.0.1:{mute.getsockname()[1]}/x"
        told = runs.Noted("sweep", *station("a", database_url=url)).told(SWEPT)

    assert ("The run of 'sweep' was not noted. The database did not answer within 0 s.",) == told.warnings


class Interrupted:
    """A run at whose end somebody presses the key."""

    def told(self, _report):
        raise KeyboardInterrupt


def test_a_key_at_the_end_leaves_the_report():
    """What was found is told all the same, once, and with its code."""
    noting = Noting(Invocation(job="doctor"), "doctor")
    noting._run = Interrupted()
    told = noting.after(None)(SWEPT)

    assert 0 == told.exit_code
    assert ["Whether the end of 'doctor' was noted is not known: it was interrupted."] == list(told.warnings)


@pytest.fixture
def station(ran, tmp_path):
    """What a run has in its hands: settings, keys, and a state folder of its own by name."""
    up = ran()

    def station(name, **keys):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return settings_of(up), replace(write_keys_of(up), **keys), folder

    return station


def test_one_run_at_a_time(station):
    """Another machine is told by whom and since when, the same machine since when; afterwards it is free."""
    with runs.alone("sweep", *station("a"), seconds=60) as warning:
        with pytest.raises(Locked, match=r"'sweep' is being run by \S+@\S+ since 15:00:00 until 15:01:40 UTC"):
            runs.alone("sweep", *station("b"), seconds=60).__enter__()
        with pytest.raises(Locked, match="by another run on this machine since 15:00:00 UTC"):
            runs.alone("sweep", *station("a"), seconds=60).__enter__()
        with runs.alone("escalation tick", *station("b"), seconds=60) as other:
            assert ("", "") == (warning, other)
    with runs.alone("sweep", *station("b"), seconds=60) as warning:
        assert "" == warning


def test_a_lock_of_a_clock_that_was_wrong_is_told_by_its_day(station):
    """A machine whose clock was a year ahead, and that was killed, keeps the others out until then: they are told."""
    settings, keys, folder = station("a")
    ahead = replace(settings, clock=settings.now() + timedelta(days=365))
    with (
        runs.alone("sweep", ahead, keys, folder, seconds=60),
        pytest.raises(Locked, match="since 2027-11-20 15:00:00 until 2027-11-20 15:01:40 UTC"),
    ):
        runs.alone("sweep", *station("b"), seconds=60).__enter__()


def test_the_environments_of_a_machine_do_not_wait_for_one_another(station):
    """The sweep of staging, whose database is another, keeps no sweep of production out."""
    settings, keys, folder = station("a", database_url=None)
    staging, dotted = (replace(settings, environment=each) for each in ("staging", ".."))
    with (
        runs.alone("sweep", settings, keys, folder, seconds=60),
        runs.alone("sweep", staging, keys, folder, seconds=60),
        runs.alone("sweep", dotted, keys, folder, seconds=60),
        pytest.raises(Locked),
    ):
        runs.alone("sweep", staging, keys, folder, seconds=60).__enter__()


def test_of_many_at_once_one_has_it(station):
    """Eight machines whose cron begins in the same second: seven are told who has it."""
    places, ended = [station(f"m{number}") for number in range(8)], threading.Event()

    def begun(place):
        try:
            with runs.alone("sweep", *place, seconds=60):
                return ended.wait(5)
        except Locked:
            if next(others) == len(places) - 1:
                ended.set()
            return False

    others = count(1)
    with ThreadPoolExecutor(len(places)) as crew:
        assert [True] == [each for each in crew.map(begun, places) if each]


@pytest.mark.parametrize("url", [None, "postgresql://x@127.0.0.1:1/x"])
def test_without_a_place_the_machine_is_alone(url, station):
    """Where nothing may be written, or nobody answers, the machine's own lock holds; what it does not do is said."""
    with runs.alone("sweep", *station("a", database_url=url), seconds=60) as warning:
        assert warning.startswith("Another run on this machine is kept out, one on another machine is not.")
        with pytest.raises(Locked):
            runs.alone("sweep", *station("a", database_url=url), seconds=60).__enter__()


KILLED = """
import sys, time
from pathlib import Path
from peakops import runs, sandbox
from peakops.cli.sandboxed import settings_of, write_keys_of
up = sandbox.ensure(Path(sys.argv[1]))
of = settings_of(up), write_keys_of(up), Path(sys.argv[2])
with runs.alone("sweep", *of, seconds=60), runs.noted("sweep", *of):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_that_is_killed(ran, state, tmp_path):
    """It leaves its beginning; the same machine goes on at once, another one when the time limit is over."""
    up, folder = ran(), tmp_path / "a"
    folder.mkdir()
    args = [sys.executable, "-c", KILLED, str(state / "peakops"), str(folder)]
    with subprocess.Popen(args, env=environment(state), stdout=subprocess.PIPE, text=True) as run:
        assert "held\n" == run.stdout.readline()
        run.send_signal(signal.SIGKILL)
    settings, keys = settings_of(up), write_keys_of(up)
    later = replace(settings, clock=settings.now() + timedelta(seconds=101))
    (other := tmp_path / "b").mkdir()

    assert [("sweep", None)] == noted(up)
    with pytest.raises(Locked):
        runs.alone("sweep", settings, keys, other, seconds=60).__enter__()
    with runs.alone("sweep", later, keys, other, seconds=60) as warning:
        assert "" == warning
    with runs.alone("sweep", settings, keys, folder, seconds=60) as warning:
        assert "" == warning


def test_an_error_is_noted_by_its_code(station):
    """An error, a key and a signal through the run are its end; it is noted once, by the first code."""
    settings, keys, folder = station("a")
    for number, wrong in enumerate((TimedOut("late"), KeyboardInterrupt(), Terminated(), ValueError())):
        at = replace(settings, clock=settings.now() + timedelta(seconds=number))
        with pytest.raises(type(wrong)), runs.noted("sweep", at, keys, folder):
            raise wrong

    with psycopg.connect(keys.database_url) as connection:
        codes = connection.execute("select exit_code from peakops.runs order by started_at").fetchall()
    assert [(124,), (130,), (143,), (70,)] == codes


def test_old_runs_are_forgotten(ran, tmp_path):
    """Each beginning takes away runs of the job of more than 90 days ago, and of no other job."""
    up = ran({"started_at": "-91d"}, {"started_at": "-89d"}, {"sweep": "doctor", "started_at": "-91d"})
    runs.note("sweep", settings_of(up).now(), settings_of(up), write_keys_of(up), tmp_path)

    assert [("doctor", 1), ("sweep", 1), ("sweep", None)] == noted(up)
