"""Starts, stops and asks the supervisor, from the command's side."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from peakops import __version__
from peakops.errors import Unreachable
from peakops.sandbox import binaries, kept, problems, runtime, state
from peakops.sandbox.state import Sandbox

CALL_LIMIT_S = 120.0
"""A world of a million rows loads in less."""
END_LIMIT_S = 10.0
"""An orderly end takes 50 ms."""
TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 - the header's name

_started: list["subprocess.Popen[bytes]"] = []
"""Supervisors that this process has started; kept, since Python warns of a child that is let go."""


def ask(sandbox: Sandbox, act: str, document: dict[str, Any] | None = None) -> Any:
    """What the supervisor answers. Raises what it raised, or Unreachable."""
    import http.client

    address = sandbox.http.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=CALL_LIMIT_S)
    body = None if document is None else json.dumps(document).encode()
    try:
        connection.request("GET" if body is None else "POST", f"/_sandbox/{act}", body, {TOKEN_HEADER: sandbox.token})
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(
            f"The sandbox does not answer: {error!r}.", hint="peakops sandbox stop", source="sandbox"
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise problems.read(told)
    return told


PATIENCE_S = 6.0
"""A supervisor that holds the lock and is not up by then hangs, and is replaced; a cold start takes two seconds."""


def start(home: Path, *options: str) -> tuple[Sandbox, bool]:
    """The sandbox, started if it is not up. Raises Unreachable, NotConfigured, or BadInput for a bad first world."""
    with state.alone(home):
        sandbox = state.attach(home)
        if sandbox is not None:
            return sandbox, False
        deadline = time.monotonic() + state.START_DEADLINE_S
        record = state.read_record(home)
        left = record is not None or state.state_file(home).exists()
        if state.supervised(home) and left and (record or {}).get("version") != __version__:
            end(home, supervisor_pid(home))
        other = awaited(home, time.monotonic() + PATIENCE_S)
        if other is not None:
            return other, False
        binaries.binaries()
        child = spawn(home, options)
        try:
            return wait(home, child, deadline), True
        except BaseException:
            end(home, child.pid)
            raise


def spawn(home: Path, options: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Start a supervisor that outlives this process."""
    (state.folder(home) / "problem.json").unlink(missing_ok=True)
    with os.fdopen(os.open(state.folder(home) / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "peakops.sandbox.supervisor", str(home.resolve()), *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/", env=environment(),
        )  # fmt: skip
    _started.append(child)
    return child


def environment() -> dict[str, str]:
    """This process's environment, with the folders that Python imports from, and without libpq's settings."""
    kept_names = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {**kept_names, "PYTHONPATH": os.pathsep.join(str(Path(part).resolve()) for part in sys.path)}


def awaited(home: Path, deadline: float) -> Sandbox | None:
    """The sandbox of a supervisor that is there already; None if there is none, it ends, or it does not answer."""
    while state.supervised(home):
        sandbox = state.attach(home)
        if sandbox is not None:
            return sandbox
        if time.monotonic() > deadline:
            end(home, supervisor_pid(home))
        time.sleep(state.POLL_S)
    return None


def wait(home: Path, child: "subprocess.Popen[bytes]", deadline: float) -> Sandbox:
    """The sandbox once it is up; `child` is the supervisor that must have written the state file."""
    while time.monotonic() < deadline:
        sandbox = state.attach(home)
        if sandbox is not None and sandbox.pid == child.pid:
            return sandbox
        if child.poll() is not None:
            break
        time.sleep(state.POLL_S)
    with contextlib.suppress(OSError, ValueError):
        raise problems.read(json.loads((state.folder(home) / "problem.json").read_text(encoding="utf-8")))
    raise not_started(home)


def not_started(home: Path) -> Unreachable:
    """The error of a sandbox that did not come up in time."""
    return Unreachable(
        f"The sandbox did not start: {state.log_tail(home)}.", hint="peakops sandbox stop", source="sandbox"
    )


def stop(home: Path) -> bool:
    """End the sandbox and remove what it had; False if there was none."""
    if not (home / "sandbox").is_dir():
        return False
    with state.alone(home):
        was_up = state.supervised(home)
        left = runtime.noted(home) is not None
        if was_up:
            end(home, supervisor_pid(home))
        clear(home)
        return was_up or left


def supervisor_pid(home: Path) -> int | None:
    """Whom the lock belongs to."""
    try:
        return int((home / "sandbox" / "pid").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def end(home: Path, pid: int | None) -> None:
    """End the supervisor that holds the lock, and what it leaves behind."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if pid is not None and state.supervised(home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        deadline = time.monotonic() + END_LIMIT_S
        while state.supervised(home) and time.monotonic() < deadline:
            time.sleep(state.POLL_S)
        if not state.supervised(home):
            break
    for child in _started:
        child.poll()
    clear(home, keep_document=True)


def clear(home: Path, *, keep_document: bool = False) -> None:
    """End the PostgreSQL that a sandbox has left here, and remove what it has left lying; only its own."""
    state.state_file(home).unlink(missing_ok=True)
    folder = runtime.noted(home)
    if folder is not None:
        runtime.end_orphan(folder)
        runtime.remove(folder)
    runtime.note(home).unlink(missing_ok=True)
    kept.forget_others(home, None)
    if not keep_document:
        (state.folder(home) / "document.json").unlink(missing_ok=True)
