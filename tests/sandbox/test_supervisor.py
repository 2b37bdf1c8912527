"""The sandbox stays up between calls, heals when something is killed, and ends without a trace."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import TINY, alive, call, postmaster, rows, world

from peakops import sandbox
from peakops.errors import BadInput, Unreachable
from peakops.sandbox import control, state

ROOT = Path(__file__).parents[2]


def eventually(holds, seconds=15):
    """Whether it comes true in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def supervisors(home):
    """The pids of all supervisors of this state folder."""
    mark = f"peakops.sandbox.supervisor\0{home}".encode()
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and mark in command(p)]


def command(process):
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_the_first_call_starts_it_and_the_next_finds_it(own_home):
    """`ensure` starts the sandbox with the clinic in it, once."""
    first = sandbox.ensure(own_home)
    assert "clinic" == first.world
    assert first == sandbox.ensure(own_home)
    assert (first, False) == sandbox.start(own_home)
    assert first == sandbox.status(own_home)


def test_attaching_makes_no_request_and_is_quick(home):
    """A warm call reads a file, tests a lock and connects to a socket: under 20 ms, while the server sleeps."""
    box = sandbox.ensure(home)
    os.kill(box.pid, signal.SIGSTOP)
    try:
        best = min(timed(lambda: sandbox.ensure(home)) for _ in range(5))
    finally:
        os.kill(box.pid, signal.SIGCONT)
    assert 0.02 > best


def timed(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_the_door_is_light():
    """Importing the door loads neither psycopg nor http.server nor typer: peakops pays for it in every call."""
    heavy = ["psycopg", "http", "http.client", "typer", "subprocess", "asyncio", "argparse", "importlib.metadata"]
    code = f"import sys, peakops.sandbox; print([name for name in {heavy} if name in sys.modules])"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "[]\n" == asked.stdout


def test_four_first_calls_make_one_sandbox(own_home):
    """Whoever comes second waits for the first."""
    code = f"from pathlib import Path; from peakops import sandbox; print(sandbox.ensure(Path({str(own_home)!r})).pid)"

    def first_call(_number):
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout

    with ThreadPoolExecutor(4) as pool:
        pids = {int(text) for text in pool.map(first_call, range(4))}
    assert pids == set(supervisors(own_home))
    assert 1 == len(pids)


def test_a_killed_postgres_is_restarted_in_place(own_home):
    """The world is still there, under the same address, and its slow tables are slow again."""
    control.start(own_home, *TINY)
    box = sandbox.load(own_home, world(faults=[{"vendor": "database", "fault": "slow", "table": "cases"}]), source="")
    before = postmaster(box)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: state.postgres_listens(box.sockets) and postmaster(box) != before)
    assert box == sandbox.ensure(own_home)
    assert eventually(lambda: [("cases",)] == rows(box.url_as("postgres"), LOCKED))
    assert [("Smile Care",)] == rows(box.database_url, "select name from practices")


LOCKED = """select c.relname::text from pg_locks l join pg_class c on c.oid = l.relation
             where l.mode = 'AccessExclusiveLock' and c.relkind = 'r'"""


def test_a_killed_supervisor_is_replaced_with_the_same_world(own_home):
    """What was written to the database and to a vendor, the clock and the countdown of a fault are all kept."""
    control.start(own_home, *TINY)
    sandbox.load(own_home, world(faults=[{"vendor": "ups", "route": "*", "status": 503, "times": 2}]), source="")
    box = sandbox.clock(own_home, 3600)
    rows(box.url_as("peakops_writer"), "update practices set name = 'Renamed'")
    assert [503, 503, 201] == [call(box, "POST", "/ups/v1/parcels", {"id": "p1"})[0] for _ in range(3)]
    before = sandbox.dump(own_home)
    os.kill(box.pid, signal.SIGKILL)
    assert eventually(lambda: None is sandbox.status(own_home))
    healed, started = control.start(own_home, *TINY)
    assert (True, box.runtime, box.now) == (started, healed.runtime, healed.now)
    assert "Renamed" == before["tables"]["practices"][0]["name"]
    assert before == sandbox.dump(own_home)


def test_a_world_outlives_the_loss_of_its_database(own_home):
    """If the memory disk is emptied, the world that was loaded last is loaded again."""
    box = sandbox.load(own_home, world(), source="")
    os.kill(box.pid, signal.SIGKILL)
    os.kill(postmaster(box), signal.SIGKILL)
    assert eventually(lambda: None is sandbox.status(own_home))
    (box.runtime / "data" / "global" / "pg_control").unlink()
    again = sandbox.ensure(own_home)
    assert ("small", False) == (again.world, box.runtime.exists())


def test_stop_ends_all_of_it(own_home):
    """Neither a process nor a folder is left; a second stop has nothing to do, and the next start is the clinic."""
    box = sandbox.load(own_home, world(), source="")
    server = postmaster(box)
    assert sandbox.stop(own_home)
    assert (False, False, False) == (alive(box.pid), alive(server), box.runtime.exists())
    assert (None, False) == (sandbox.status(own_home), sandbox.stop(own_home))
    assert "clinic" == sandbox.ensure(own_home).world


def test_stop_ends_nothing_else(home, tmp_path):
    """A sandbox of another state folder stays up, and a folder without a sandbox is not made."""
    other = sandbox.ensure(home)
    assert not sandbox.stop(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    mine = sandbox.ensure(tmp_path / "mine")
    assert sandbox.stop(tmp_path / "mine")
    assert (False, True, True) == (alive(mine.pid), alive(other.pid), alive(postmaster(other)))


def test_stop_cleans_up_after_a_killed_supervisor(own_home):
    """A supervisor that is gone has left its PostgreSQL: stop ends that too."""
    box = sandbox.ensure(own_home)
    server = postmaster(box)
    os.kill(box.pid, signal.SIGKILL)
    assert eventually(lambda: not alive(box.pid))
    assert sandbox.stop(own_home)
    assert (False, False) == (alive(server), box.runtime.exists())


def test_an_idle_sandbox_ends_and_its_world_comes_back(own_home):
    """Nobody uses it, so it ends by itself; the next call finds the world as it was left."""
    control.start(own_home, "--idle", "1.5")
    box = sandbox.load(own_home, world(), source="")
    rows(box.url_as("peakops_writer"), "update practices set name = 'Renamed'")
    server = postmaster(box)
    assert eventually(lambda: not alive(box.pid))
    assert (None, False, False) == (sandbox.status(own_home), alive(server), box.runtime.exists())
    sandbox.ensure(own_home)
    assert "Renamed" == sandbox.dump(own_home)["tables"]["practices"][0]["name"]


def test_a_sandbox_in_use_does_not_end(own_home):
    """Attaching counts as use."""
    control.start(own_home, "--idle", "1")
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        pid = sandbox.ensure(own_home).pid
        time.sleep(0.1)
    assert [pid] == supervisors(own_home)


def test_a_start_that_hangs_ends_at_the_deadline(own_home, tmp_path, monkeypatch):
    """A PostgreSQL that never comes up is told as unreachable with the log's last lines, and nothing is left."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("initdb", "postgres"):
        (programs / name).write_text("#!/bin/sh\necho sleeping badly >&2\nexec sleep 600\n")
        (programs / name).chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setenv("PEAKOPS_PG_BIN", str(programs))
    monkeypatch.setattr(state, "START_DEADLINE_S", 2.0)
    with pytest.raises(Unreachable, match=r"did not start: .*sleeping badly"):
        sandbox.ensure(own_home)
    assert [] == supervisors(own_home)
    assert not (own_home / "sandbox" / "runtime").exists()


def test_a_broken_file_of_an_earlier_start_does_not_matter(own_home):
    """A state file that cannot be read is as good as none."""
    (own_home / "sandbox").mkdir(parents=True)
    (own_home / "sandbox" / "state.json").write_text("{half")
    assert "clinic" == sandbox.ensure(own_home).world


def test_a_sandbox_of_another_version_is_replaced(own_home):
    """After an upgrade the old supervisor would go on with old code: a new one takes over, with the same world."""
    old = sandbox.load(own_home, world(), source="")
    place = own_home / "sandbox" / "state.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "version": "0.0.0"}))
    new = sandbox.ensure(own_home)
    assert (False, False, "small") == (alive(old.pid), old.runtime.exists(), new.world)


def test_the_state_file_is_private(home):
    """It holds the token."""
    assert 0o600 == (home / "sandbox" / "state.json").stat().st_mode & 0o777
    assert 0o700 == (home / "sandbox").stat().st_mode & 0o777
    assert sandbox.ensure(home).token == json.loads((home / "sandbox" / "state.json").read_text())["token"]


def test_a_supervisor_whose_folder_is_gone_ends(tmp_path):
    """Nobody could ever stop it."""
    import shutil

    gone = tmp_path / "gone"
    box, _ = control.start(gone, "--idle", "4")
    server = postmaster(box)
    shutil.rmtree(gone)
    assert eventually(lambda: not alive(box.pid))
    assert (False, False) == (alive(server), box.runtime.exists())


def test_a_bad_world_starts_the_sandbox_but_is_not_loaded(own_home):
    """`load` on a machine without a sandbox starts it with the clinic, and refuses the file."""
    with pytest.raises(BadInput):
        sandbox.load(own_home, {"wolrd": 1}, source="bad.json")
    assert "clinic" == sandbox.status(own_home).world
