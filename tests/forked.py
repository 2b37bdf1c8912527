"""
A fork server for the runs of the command, so that each of thousands need not start Python and import the libraries.

A test wants the command in a process of its own: real descriptors, a real exit code, no state of another run. A fresh
interpreter gives that, and takes a quarter of a second to do so: most of the time of the whole suite. So one process
for each worker of pytest imports what the command imports, runs none of it, opens nothing, starts no thread, and forks
for every run a child that becomes what `python SCRIPT ARGUMENTS` would be: its descriptors, folder, umask, environment,
streams, signals, `sys.argv` and `__main__`.

What a fork cannot honour is decided here too (`honours`), and `ForkServer.run` makes it a real process by itself: the
variables that something reads when it starts or is imported. With PEAKOPS_TEST_COLD=1 every run is a real process.

The differences that are left:
- the seed of hashes is the same for all runs of a worker;
- a traceback that leaves the program begins with the frames of this file;
- what a run has imported tells nothing;
- a run that ends as usual, with no thread left, runs its exit handlers and flushes its streams, but does not take its
  modules down, which takes 30 ms. Any other end is the interpreter's own.
"""

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import re
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

POSSIBLE = all(hasattr(*each) for each in [(os, "fork"), (os, "pidfd_open"), (socket, "send_fds")])
"""Whether this platform can: Linux, from 5.3 on."""
READ_LATE = re.compile(
    r"_?PEAKOPS_.*|XDG_.*|PG[A-Z]+|COMP_\w+|HOME|PATH|SHELL|TERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR_FORCE"
    r"|(?i:(http|https|all|no)_proxy)|PYTEST_CURRENT_TEST"
)
"""The variables that peakops and its libraries read where they use them. Any other makes a run a real process."""
OBJECTS = ("charge", "dispute", "event", "payment_intent", "refund", "webhook_endpoint")
MODULES = (
    *("psycopg", "stripe._stripe_client", "httpx", "httpcore", "pydantic_settings", "rich.console", "rich.text"),
    *("stripe._object_classes", "stripe._v1_services", "stripe._v2_services", "stripe._search_result_object", "netrc"),
    *(f"stripe._{name}{kind}" for name in OBJECTS for kind in ("", "_service")),
)
"""What a command may import beside peakops itself. Not typer.rich_utils, which reads variables on import."""


def preload():
    """
    Import what the commands import, and read what the program brings along: its words, its queries, the authorities.

    What cannot be imported or read is left for the run that needs it to say so.
    """
    import peakops

    ours = [each.name for each in pkgutil.walk_packages(peakops.__path__, "peakops.", onerror=lambda _name: None)]
    for name in (*ours, *MODULES):
        if not name.startswith("peakops.sandbox.vendors"):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    with contextlib.suppress(Exception):
        from peakops import playbook
        from peakops.sources import http, queries

        for file in Path(playbook.__file__).parent.glob("*.toml"):
            playbook.words(file.stem)
        for file in Path(queries.root()).rglob("*.sql"):
            queries.load(file.relative_to(queries.root()).with_suffix("").as_posix())
        http._tls()


def serve(door):
    """Fork for every request, until nobody is at the other end; returns in the child, with what it is to become."""
    runs = {}
    while True:
        for ready in select.select([door, *runs], [], [])[0]:
            if ready is not door:
                pid, reply = runs.pop(ready)
                reply.sendall(f" {os.waitpid(pid, 0)[1]}".encode())
                reply.close()
                os.close(ready)
                continue
            word, given, _flags, _address = socket.recv_fds(door, 1, 4)
            if not word:
                os._exit(0)
            reply = socket.socket(fileno=given[0])
            pid = os.fork()
            if pid == 0:
                with reply, reply.makefile("rb") as file:
                    return {**json.loads(file.read()), "streams": given[1:]}
            for each in given[1:]:
                os.close(each)
            with contextlib.suppress(OSError):
                reply.sendall(str(pid).encode())
            runs[os.pidfd_open(pid)] = pid, reply


def become(script, args, environment, folder, umask, streams):
    """Be what `python script args` is once the interpreter is up. The streams are the descriptors for 0, 1 and 2."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, stream(number, name))
        setattr(sys, f"__{name}__", getattr(sys, name))
    sys.argv = [script, *args]
    sys.path[0] = str(Path(script).resolve().parent)
    gc.enable()
    program = sys.modules["__main__"] = types.ModuleType("__main__")
    program.__file__ = script
    return compile(Path(script).read_bytes(), script, "exec"), vars(program)


def stream(number, name):
    """A standard stream as CPython's `create_stdio` makes it, like the server's own, which had the same variables."""
    like, writes = getattr(sys, name), number > 0
    unbuffered = like.write_through
    file = open(number, "wb" if writes else "rb", buffering=0 if unbuffered and writes else -1, closefd=False)  # noqa: SIM115
    raw = getattr(file, "raw", file)
    raw.name = f"<{name}>"
    made = io.TextIOWrapper(
        file,
        encoding=like.encoding,
        errors=like.errors,
        newline="\n",
        line_buffering=not unbuffered and (raw.isatty() or number == 2),
        write_through=unbuffered,
    )
    made.mode = "w" if writes else "r"
    return made


def leave(code):
    """End a run that ended as usual; returns where the end is not usual, and then the interpreter ends it itself."""
    if not isinstance(code, int | None) or threading.active_count() > 1:
        return
    threading._shutdown()
    atexit._run_exitfuncs()
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit((code or 0) & 0xFF)


class ForkServer:
    """The tests' side. A context manager, as a server ends with its session; without a server every run is cold."""

    def __init__(self, environment):
        """Start it with `environment`; a run's may differ from that in what `honours` allows."""
        self.environment = environment
        self.door = None
        if not POSSIBLE or os.environ.get("PEAKOPS_TEST_COLD", "0") not in ("", "0"):
            return
        self.door, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                pass_fds=[theirs.fileno()],
            )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        if self.door is not None:
            self.door.close()
            self.process.wait()

    def honours(self, environment):
        """Whether a run with these variables can be a fork of the server."""
        differ = dict(self.environment.items() ^ environment.items())
        return self.door is not None and all(READ_LATE.fullmatch(name) for name in differ)

    def run(self, command, *, env, stdin=subprocess.DEVNULL, timeout=120, text=True, cold=False):
        """
        What `subprocess.run` gives for a script of Python's, or for `[sys.executable, script, ...]`.

        `stdin` is DEVNULL or a file. Raises TimeoutExpired after `timeout` seconds; the run has been killed then.
        """
        command = [os.fsdecode(each) for each in command]
        script, *args = command[1:] if command[0] == sys.executable else command
        if cold or script.startswith("-") or not self.honours(env):
            return subprocess.run(
                command, capture_output=True, text=text, stdin=stdin, timeout=timeout, env=env, check=False
            )
        deadline = time.monotonic() + timeout
        with contextlib.ExitStack() as stack:
            out, err, reply = self._start(stack, script, args, env, stdin)
            said = _all_of(out, err, reply, deadline)
        pid, status = said[reply].split()
        code = os.waitstatus_to_exitcode(int(status))
        if time.monotonic() > deadline and code == -signal.SIGKILL:
            raise subprocess.TimeoutExpired(command, timeout, said[out], said[err])
        read = _text if text else bytes
        done = subprocess.CompletedProcess(command, code, read(said[out]), read(said[err]))
        done.pid = int(pid)
        return done

    def _start(self, stack, script, args, env, stdin):
        """Ask for a run; gives our ends of its stdout, its stderr, and the socket on which the server answers."""
        reply, theirs = socket.socketpair()
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        for each in (reply, *(os.fdopen(each, "rb", buffering=0) for each in (out, err))):
            stack.enter_context(each)
        with contextlib.ExitStack() as passed:
            passed.enter_context(theirs)
            for each in (its_out, its_err):
                passed.callback(os.close, each)
            given = passed.enter_context(Path(os.devnull).open("rb")) if stdin == subprocess.DEVNULL else stdin
            socket.send_fds(self.door, [b"."], [theirs.fileno(), given.fileno(), its_out, its_err])
        umask = os.umask(0)
        os.umask(umask)
        wanted = {"script": script, "args": args, "environment": env, "folder": str(Path.cwd()), "umask": umask}
        reply.sendall(json.dumps(wanted).encode())
        reply.shutdown(socket.SHUT_WR)
        return out, err, reply


def _all_of(out, err, reply, deadline):
    """All that comes from the three until their ends; after the deadline the run is killed."""
    said = {out: b"", err: b"", reply: b""}
    with selectors.DefaultSelector() as waiting:
        for each in said:
            waiting.register(each, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0, deadline - time.monotonic()) if deadline else None)
            if not ready:
                deadline = None
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(said[reply].split()[0]), signal.SIGKILL)
            for key, _events in ready:
                more = os.read(key.fd, 65536)
                said[key.fileobj] += more
                if not more:
                    waiting.unregister(key.fileobj)
    return said


def _text(said):
    """As `text=True` gives it."""
    return io.TextIOWrapper(io.BytesIO(said)).read()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key that ends the tests ends the server by its door
    gc.disable()
    sys.path[0] = str(Path(sys.executable).parent)
    preload()
    gc.collect()
    gc.freeze()
    code, names = become(**serve(socket.socket(fileno=int(sys.argv[1]))))
    try:
        exec(code, names)
    except SystemExit as left:
        leave(left.code)
        raise
