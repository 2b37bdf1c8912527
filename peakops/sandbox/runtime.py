"""The private folder where the sandbox's PostgreSQL keeps its data and its socket, and what ends there."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from peakops.errors import NotConfigured
from peakops.sandbox import binaries, state

PREFIX = "peakops-"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - the folder below it is made by mkdtemp
ROOM_NEEDED_BYTES = 1 << 30
"""A cluster takes 40 MB and a copied PostgreSQL 75; Docker's /dev/shm of 64 MB would fill up."""
SOCKET_PATH_LIMIT_BYTES = 100
"""Linux takes 107 bytes, macOS 103."""
OTHER_TEMP = "export TMPDIR=/tmp"
SERVER_USER = 65534
"""`nobody`: PostgreSQL refuses to run as root, so root's sandbox runs it as this user."""
END_LIMIT_S = 5.0
"""A fast shutdown takes 10 ms; then comes the harder signal."""


def server_user() -> int | None:
    """The user to run PostgreSQL as, if it must not be ours."""
    return SERVER_USER if os.geteuid() == 0 else None


def make(home: Path) -> Path:
    """A new private folder for the data and the socket, noted in the state folder before anything is in it."""
    runtime = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent_folder()))
    state.write_file(note(home), str(runtime))
    user = server_user()
    for part in ("data", "s", "down"):
        (runtime / part).mkdir(mode=0o700)
        if user is not None and part != "down":
            os.chown(runtime / part, user, user)
    if user is not None:
        os.chown(runtime, 0, user)
        runtime.chmod(0o710)
    if len(os.fsencode(runtime / "down" / state.SOCKET_NAME)) > SOCKET_PATH_LIMIT_BYTES:
        remove(runtime)
        raise NotConfigured(f"The path {runtime.parent} is too long for a socket.", hint=OTHER_TEMP, source="sandbox")
    return runtime


def parent_folder() -> Path:
    """
    Memory if it has room (PostgreSQL starts twice as fast there), else the temp folder.

    Raises NotConfigured if PostgreSQL could not run in either.
    """
    user = server_user()
    copies = user is not None and not binaries.open_to_others(binaries.binaries())
    for place in (MEMORY_DISK, Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            roomy = place != MEMORY_DISK or shutil.disk_usage(place).free > ROOM_NEEDED_BYTES
            runs = not (copies and os.statvfs(place).f_flag & getattr(os, "ST_NOEXEC", 0))
            entered = user is None or binaries.passable(place)
            if roomy and runs and entered and os.access(place, os.W_OK | os.X_OK):
                return place
    raise NotConfigured(
        f"The sandbox's PostgreSQL cannot run below {tempfile.gettempdir()}.", hint=OTHER_TEMP, source="sandbox"
    )


def sockets(runtime: Path) -> Path:
    """The folder of the database's socket; short, since the operating system limits the path."""
    return runtime / "s"


def note(home: Path) -> Path:
    """The file that names the runtime folder from the moment that it exists."""
    return home / "sandbox" / "runtime"


def noted(home: Path) -> Path | None:
    """The runtime folder that an earlier supervisor left, if it is there and surely ours."""
    try:
        runtime = Path(note(home).read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return runtime if ours(runtime) else None


def ours(runtime: Path) -> bool:
    """Whether it is a folder that `make` made for this user: its name, owner and mode, and no symbolic link."""
    try:
        found = runtime.lstat()
    except OSError:
        return False
    private = stat.S_IMODE(found.st_mode) == (0o700 if server_user() is None else 0o710)
    return runtime.name.startswith(PREFIX) and stat.S_ISDIR(found.st_mode) and private and found.st_uid == os.geteuid()


def remove(runtime: Path) -> None:
    """Remove the folder and all that is in it."""
    shutil.rmtree(runtime, ignore_errors=True)


def end_orphan(runtime: Path) -> None:
    """End the PostgreSQL that a killed supervisor left at this folder; none is fine."""
    pid = orphan(runtime)
    if pid is None:
        return
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        deadline = time.monotonic() + END_LIMIT_S
        while orphan(runtime) == pid:
            if time.monotonic() > deadline:
                break
            time.sleep(state.POLL_S)
        else:
            return


def orphan(runtime: Path) -> int | None:
    """The pid of the PostgreSQL that runs at this folder; a pid that was given to another program since is not it."""
    try:
        pid = int((runtime / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if str(runtime / "data") in command_line(pid) else None


def command_line(pid: int) -> str:
    """How a process was started; empty if there is no such process."""
    path = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - POSIX ps and a number
    return asked.stdout
