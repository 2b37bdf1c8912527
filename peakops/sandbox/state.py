"""Where the running sandbox is written down: the state file, and the lock that its supervisor holds for life."""

import contextlib
import fcntl
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from peakops import __version__
from peakops.errors import NotConfigured, Unreachable
from peakops.sandbox import times

START_DEADLINE_S = 15.0
"""A cold start takes about a second; ten times that on a busy machine, and then it is not going to happen."""
POLL_S = 0.01
"""Between two looks at a lock or a file; each look takes microseconds."""
PROBE_GRACE_S = 0.5
"""A probe of the lock lasts microseconds; a lock that is still held after this is held by a supervisor."""
SOCKET_NAME = ".s.PGSQL.5432"
STARTUP_MESSAGE = struct.pack("!ii", 41, 196608) + b"user\0postgres\0database\0postgres\0\0"
"""PostgreSQL's start-up message: its length, protocol 3.0, and who wants in."""
TERMINATE_MESSAGE = struct.pack("!ci", b"X", 4)
PROBE_S = 1.0


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: where to find it and what world is in it. `now` is None when its clock is the real one."""

    pid: int
    http: str
    token: str
    database_url: str
    now: datetime | None
    world: str
    says: str
    stripe_key: str
    email_provider: str | None
    runtime: Path
    sockets: Path
    generation: int
    journal: Path
    """A folder for the journal of this world; each load starts with an empty one."""
    runs: bool = False
    """Whether the clock runs on from `now`, which is where it was when this was read."""

    supabase_key = "sb_secret_sandbox0000000000000000000000"
    supabase_token = "sbp_sandbox0000000000000000000000000000000000"  # noqa: S105  (the vendors of the sandbox are played)
    sendgrid_key = "SG.sandbox000000000000000.sandbox000000000000000000000000000000000000000"
    resend_key = "re_sandbox0_sandbox00000000000000"
    vercel_token = "sandbox0vercel0token0000"  # noqa: S105
    vercel_project = "prj_sandbox000000000000000000"
    vercel_team = "team_sandbox00000000000000000"
    email_from = "Peak Dental Studio <portal@peakdental.example>"
    salesforce_consumer_key = "3MVG9sandbox00000000000000000000000000000000"
    salesforce_consumer_secret = "SANDBOX0SALESFORCE0CONSUMER0SECRET0000000000000000000000000000000"  # noqa: S105
    ups_client_id = "sandbox0ups0client0id"
    ups_client_secret = "sandbox0ups0client0secret0000000000"  # noqa: S105
    evidence_key = (
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIF0UR+rbEWzbSNZRTrEQPIMzrHs8cC2CGg36G9ROCNzJ\n"
        "-----END PRIVATE KEY-----"
    )
    evidence_public_key = "zANgEWm7gCl8UdSd8t4lAzNc4wx+P64YVbDX95GKmtw="
    pseudonym_key = "sandbox0pseudonym0key000000000000000"
    """What the played vendors expect, whatever the world."""

    @property
    def contacts(self) -> Path:
        """Whom the sandbox's laboratory calls, and when."""
        return Path(__file__).with_name("contacts.toml")

    @property
    def ups_shipper(self) -> dict[str, Any]:
        """The laboratory of the sandbox, as a label says it."""
        return {
            "name": "Peak Dental Studio",
            "lines": ["1 Main Street"],
            "city": "Albany",
            "state": "NY",
            "postal_code": "12207",
            "country": "US",
            "phone": "5185550100",
        }

    def vendor_url(self, name: str) -> str:
        """The address at which the named vendor answers, without a final slash."""
        return f"{self.http}/{name}"

    def url_as(self, role: str) -> str:
        """The database's address for another role: `peakops_writer`, or `postgres`, who may do anything."""
        return self.database_url.replace("//peakops_reader@", f"//{role}@", 1)


def folder(home: Path) -> Path:
    """The sandbox's own folder inside the state folder, made private if it does not exist."""
    path = home / "sandbox"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotConfigured(
            f"The state folder {home} cannot be used: {error.strerror}.",
            hint="Set XDG_STATE_HOME to a folder that you may write to.",
            source="sandbox",
        ) from error
    return path


def state_file(home: Path) -> Path:
    """The file that says where the running sandbox is."""
    return home / "sandbox" / "state.json"


def write_file(path: Path, text: str) -> None:
    """Write a private file as one step: it is the old text or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def read_record(home: Path) -> dict[str, Any] | None:
    """What the state file says, or None if there is none that this user wrote."""
    path = state_file(home)
    try:
        if path.stat().st_uid != os.geteuid():
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def sandbox_of(record: dict[str, Any]) -> Sandbox:
    """The sandbox that a state file describes."""
    now, since = record["now"], record.get("since")
    return Sandbox(
        pid=record["pid"],
        http=record["http"],
        token=record["token"],
        database_url=record["database_url"],
        now=times.reached(datetime.fromisoformat(now), since) if now else None,
        world=record["world"],
        says=record["says"],
        stripe_key=record["stripe_key"],
        email_provider=record["email_provider"],
        runtime=Path(record["runtime"]),
        sockets=Path(record["sockets"]),
        generation=record["generation"],
        journal=Path(record["journal"]),
        runs=since is not None,
    )


def supervised(home: Path) -> bool:
    """Whether a supervisor lives: it does as long as it holds its lock, whatever pids say."""
    try:
        descriptor = os.open(home / "sandbox" / "lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def postgres_listens(sockets: Path) -> bool:
    """
    Whether the database lets a client in, in a millisecond and without a driver.

    A server that recovers from a crash accepts the connection and then refuses the log-in, so one is tried: the
    answer to a start-up message of protocol 3.0 begins with R where it is granted, and with E where it is not.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(str(sockets / SOCKET_NAME))
            probe.sendall(STARTUP_MESSAGE)
            granted = probe.recv(1) == b"R"
            probe.sendall(TERMINATE_MESSAGE)
        except OSError:
            return False
    return granted


def attach(home: Path) -> Sandbox | None:
    """The sandbox if it is up and of our version, and note that it is in use; no HTTP request is made."""
    record = read_record(home)
    if record is None or record.get("version") != __version__ or not supervised(home):
        return None
    sandbox = sandbox_of(record)
    if not postgres_listens(sandbox.sockets):
        return None
    with contextlib.suppress(OSError):
        os.utime(state_file(home))
    return sandbox


def take_lock(path: Path, seconds: float) -> int | None:
    """Hold the lock at `path` until the process ends; None if another held it all the time that we waited."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(POLL_S)
        else:
            return descriptor


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """One start or stop at a time: others wait here. Raises Unreachable if the one before does not end."""
    descriptor = take_lock(folder(home) / "starting", START_DEADLINE_S * 2)
    if descriptor is None:
        raise Unreachable("Another start or stop of the sandbox has not ended.", source="sandbox")
    try:
        yield
    finally:
        os.close(descriptor)


def log_tail(home: Path, lines: int = 5) -> str:
    """The last lines of the supervisor's log, as one line."""
    try:
        text = (home / "sandbox" / "log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "the log is empty"
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip()) or "the log is empty"
