"""A forked run of the command (forked.py) is what a run by a fresh interpreter is, in its words and in its end."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from . import forked
from .conftest import PEAKOPS, environment

CHECK = ("--sandbox", "payment", "check", "INV-123")
NOT_TWICE = re.compile(r"req_[0-9a-f]+|\d+ ms|_ms\": \d+|at\": \"[^\"]+|at 0x[0-9a-f]+")
"""What two runs of the same command differ in: request ids, times and addresses."""
FRAMES = re.compile(r"  File \"[^\"]*forked.py\".*\n.*\n")
"""What a forked run's traceback has more."""
PORTRAIT = """
import gc, locale, os, signal, sys, threading, time
main = sys.modules["__main__"]
for each in [sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__]:
    number = each.fileno()
    print(each, each.errors, each.line_buffering, each.write_through, each.newlines, each.buffer, each.isatty())
    print(number, os.fstat(number).st_mode, os.get_inheritable(number))
print(os.umask(0), os.getcwd(), sorted(os.environ.items()), sorted(os.listdir("/proc/self/fd")), ascii(sys.argv))
print(sys.path, sys.flags, __name__, __file__, vars(main) is globals(), locale.setlocale(locale.LC_ALL), time.tzname)
print([(each, signal.getsignal(each)) for each in sorted(signal.valid_signals())], signal.pthread_sigmask(0, []))
print(os.getpgrp(), os.getsid(0), [each.name for each in threading.enumerate()], gc.isenabled(), gc.get_debug())
print(sys.stdin.read(), file=sys.stderr)
"""
"""A program that tells all of itself that should be the same."""
ENDS = {
    "at its last line": "print('here')",
    "with a number": "import sys; print('here'); sys.exit(3)",
    "with a large number": "import sys; sys.exit(-1)",
    "with words": "import sys; sys.exit('words')",
    "by a signal": "import os; print('lost'); os.kill(os.getpid(), 15)",
    "by a key": "import os; print('kept'); os.kill(os.getpid(), 2); import time; time.sleep(5)",
    "killed": "import os; print('lost'); os.kill(os.getpid(), 9)",
    "with handlers": "import atexit, sys; atexit.register(print, 'after'); print('before'); sys.exit()",
    "with a handler that fails": "import atexit, sys; atexit.register(lambda: 1 / 0); sys.exit(2)",
    "after its threads": "import sys, threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start(); sys.exit(1)",
    "before a thread that it does not wait for": "import sys, threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(2), print('never')), daemon=True).start(); sys.exit(1)",
    "with an error": "def broken():\n    raise RuntimeError('it broke')\n\n\nbroken()\n",
    "with a full disk": "import os, sys; os.dup2(os.open('/dev/full', 1), 1); print('lost'); sys.exit(0)",
    "with a closed stream": "import os, sys; os.close(1); print('lost'); sys.exit(0)",
}


@pytest.fixture
def twice(forks, state):
    """Run something cold and forked; gives exit code, stdout and stderr of both."""

    def run(*command, stdin=None, **env):
        both = []
        for cold in (True, False):
            with Path(stdin or os.devnull).open("rb") as file:
                ran = forks.run(command, env=environment(state, **env), stdin=file, cold=cold)
            both.append(
                (ran.returncode, NOT_TWICE.sub("#", ran.stdout), NOT_TWICE.sub("#", FRAMES.sub("", ran.stderr)))
            )
        return both

    return run


@pytest.fixture
def script(tmp_path):
    """The command that runs a text as a program."""

    def written(text):
        (tmp_path / "script.py").write_text(text)
        return sys.executable, tmp_path / "script.py"

    return written


def needs_forks():
    if not forked.POSSIBLE or os.environ.get("PEAKOPS_TEST_COLD", "0") not in ("", "0"):
        pytest.skip("every run is cold here")


@pytest.mark.parametrize(
    ("args", "env", "code"),
    [
        (CHECK, {}, 2),
        ((*CHECK, "-v"), {"COLUMNS": "40"}, 2),
        ((*CHECK, "--json"), {}, 2),
        ((*CHECK, "--json", "-o", "/dev/full"), {}, 64),
        (CHECK, {"PEAKOPS_JSON": "1"}, 2),
        (("payment", "check", "INV-123"), {"PEAKOPS_SANDBOX": "1"}, 2),
        (CHECK, {"FORCE_COLOR": "1", "TERM": "xterm-256color"}, 2),
        (CHECK, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, 2),
        (CHECK, {"PEAKOPS_TIMEOUT": "nonsense"}, 64),
        (("--sandbox", "payment", "check", "NOPE-1"), {}, 14),
        (("payment", "check", "INV-123", "--json"), {}, 3),
        (("payment", "check"), {}, 64),
        (("payment", "check", "INV-123", "--nonsense"), {}, 64),
        (("--sandbox", "user", "check", "anna@smilecare.example"), {}, 14),
        (("--sandbox", "payment", "mark-paid", "INV-123"), {}, 12),
        (("--sandbox", "payment", "mark-paid", "INV-123", "--dry-run", "--json"), {}, 10),
        (("payment", "decline", "expired_card"), {}, 0),
        (("--help",), {}, 0),
        (("--help",), {"COLUMNS": "40"}, 0),
        (("--version",), {}, 0),
        ((), {}, 64),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple | dict) else str(value),
)
def test_the_same_words_and_the_same_code(twice, load, args, env, code):
    """Whatever is asked, whatever the variables say: both print the same and end the same."""
    load("paid_not_recorded")
    cold, fork = twice(PEAKOPS, *args, **env)

    assert cold == fork
    assert code == cold[0], cold


@pytest.mark.parametrize("how", ENDS)
def test_a_program_ends_as_it_would(twice, script, how):
    """Exit codes, signals, exit handlers, threads, tracebacks, and what could not be written."""
    cold, fork = twice(*script(ENDS[how]))

    assert cold == fork


@pytest.mark.parametrize(
    "env", [{}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONUTF8": "1"}, {"TZ": "XYZ-3"}]
)
def test_the_same_process(twice, script, tmp_path, monkeypatch, env):
    """Streams, descriptors, folder, umask, variables, signals, arguments, path: a program sees no difference."""
    (tmp_path / "said").write_text("said")
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o027)
    try:
        cold, fork = twice(*script(PORTRAIT), "ü", "", "--", stdin=tmp_path / "said", **env)
    finally:
        os.umask(before)

    assert cold == fork
    assert 0 == cold[0], cold
    assert cold[1].startswith("<_io.TextIOWrapper name='<stdin>'")
    assert "said\n" == cold[2]


def test_what_a_fork_cannot_honour_is_cold(forks, script, state):
    """A run is forked; with a variable that is read when something starts, or by wish, it is not."""
    needs_forks()
    command = script("import sys; print('stripe' in sys.modules)")
    asked = [{}, {"PEAKOPS_JSON": "1"}, {"NO_COLOR": "1"}, {"PYTHONUTF8": "1"}, {"LANG": "C"}, {"TYPER_USE_RICH": "0"}]
    forked_runs = [forks.run(command, env=environment(state, **env)).stdout for env in asked]
    wished = forks.run(command, env=environment(state), cold=True).stdout

    assert ["True\n"] * 3 + ["False\n"] * 3 == forked_runs
    assert "False\n" == wished


def test_nothing_is_left_for_the_next_run(peakops, load, tmp_path):
    """Settings, the environment's name, colours and widths of one run are nothing to the next."""
    load("paid_not_recorded")
    plain, without = peakops(*CHECK), peakops("payment", "check", "INV-123", "--json")
    file = tmp_path / "settings"
    file.write_text("PEAKOPS_STRIPE_API_KEY=nonsense\n")
    peakops("--env-file", str(file), "payment", "check", "INV-123", "--json", PEAKOPS_ENV="staging")
    peakops(
        *CHECK, PEAKOPS_JSON="1", FORCE_COLOR="1", TERM="xterm-256color", COLUMNS="200", XDG_CACHE_HOME=str(tmp_path)
    )
    again, still = peakops(*CHECK), peakops("payment", "check", "INV-123", "--json")

    assert (plain.code, NOT_TWICE.sub("#", plain.out)) == (again.code, NOT_TWICE.sub("#", again.out))
    assert (3, "default") == (without.code, without.json["environment"])
    assert (without.code, without.json["verdict"], "default") == (
        still.code,
        still.json["verdict"],
        still.json["environment"],
    )


def test_runs_at_the_same_time(forks, script, state):
    """Two runs of different lengths: each gets its own output and its own code."""
    from concurrent.futures import ThreadPoolExecutor

    command = script("import sys, time; time.sleep(float(sys.argv[1])); print(sys.argv[2]); sys.exit(int(sys.argv[2]))")

    def run(seconds, number):
        return forks.run([*command, seconds, number], env=environment(state))

    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(run, ["0.5", "0.1", "0.3", "0"], ["1", "2", "3", "4"]))

    assert [(1, "1\n"), (2, "2\n"), (3, "3\n"), (4, "4\n")] == [(each.returncode, each.stdout) for each in ended]


@pytest.mark.parametrize("cold", [True, False])
def test_a_run_that_does_not_end_is_killed(forks, script, state, tmp_path, cold):
    """After its time: TimeoutExpired, and no process is left."""
    command = [*script("import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)")]
    with pytest.raises(subprocess.TimeoutExpired):
        forks.run([*command, str(tmp_path / "pid")], env=environment(state), timeout=1, cold=cold)

    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()


def test_a_sandbox_outlives_the_run_that_starts_it(peakops, tmp_path):
    """Its supervisor keeps neither the run's pipes open, nor any descriptor of the server's."""
    started = peakops("sandbox", "start", "--json", home=tmp_path)
    try:
        pid = started.json["data"]["pid"]
        opened = {int(each.name): str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
        log = str(tmp_path / "peakops" / "sandbox" / "log")
        assert 0 == started.code
        assert ["/dev/null", log, log] == [opened[number] for number in range(3)]
        assert 1 == len([each for each in opened.values() if each.startswith("socket:")]), opened
        assert peakops("sandbox", "status", "--json", home=tmp_path).json["data"]["up"]
    finally:
        assert 0 == peakops("sandbox", "stop", home=tmp_path).code


def test_the_server_does_nothing_but_fork(forks, script, state):
    """It has one thread, no descriptor but its streams and its door, and no module that reads variables on import."""
    needs_forks()
    loaded = forks.run(script("import sys; print('typer.rich_utils' in sys.modules)"), env=environment(state)).stdout
    process = Path("/proc", str(forks.process.pid))

    assert "False\n" == loaded
    assert 1 == len(list((process / "task").iterdir()))
    for _ in range(100):  # the door to the run that has just ended may be open for a moment
        if len(list((process / "fd").iterdir())) <= 4:
            break
        time.sleep(0.02)
    assert 4 == len(list((process / "fd").iterdir()))


def test_the_server_ends_with_its_tests(forks):
    """A worker of pytest that is killed leaves no server behind; the server has the variables that it was given."""
    needs_forks()
    code = "import os, sys, time\nfrom tests.forked import ForkServer\n"
    code += "print(ForkServer(dict(os.environ)).process.pid, flush=True); time.sleep(60)"
    worker = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "THE_MARK": "here"},
    )
    with worker:
        server = Path("/proc", worker.stdout.readline().strip())
        time.sleep(0.1)
        assert b"THE_MARK=here" in (server / "environ").read_bytes().split(b"\0")
        worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while (server / "cmdline").exists() and (server / "cmdline").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not server.exists() or not (server / "cmdline").read_bytes()
