"""What every test may use: the command in a real subprocess, and a sandbox of the session's own."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from peakops import sandbox

PEAKOPS = Path(sys.executable).parent / "peakops"
NOISE = ("CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONWARNINGS")
WORLDS = Path(sandbox.__file__).parent / "worlds"


@dataclass(frozen=True)
class Ran:
    """What a process left behind."""

    code: int
    out: str
    err: str
    seconds: float

    @cached_property
    def json(self):
        """The one document on stdout; anything more or less fails the test."""
        return json.loads(self.out)


def environment(home: Path, **more: str) -> dict[str, str]:
    """A process's environment: nothing of the developer's own settings in it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PEAKOPS_") and key not in NOISE}
    places = {"XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "HOME": str(home)}
    return {**kept, **places, "TERM": "dumb", "COLUMNS": "80", **more}


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    """The state folder of this session's sandbox, which ends with it."""
    home = tmp_path_factory.mktemp("home")
    yield home
    sandbox.stop(home / "peakops")


@pytest.fixture(scope="session")
def peakops(state):
    """Run the installed command: `peakops("payment", "check", "INV-1", PEAKOPS_JSON="1")`."""

    def run(*args: str, stdin=subprocess.DEVNULL, home: Path = state, **env: str) -> Ran:
        start = time.monotonic()
        done = subprocess.run(
            [PEAKOPS, *args],
            capture_output=True,
            text=True,
            stdin=stdin,
            timeout=120,
            env=environment(home, **env),
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr, time.monotonic() - start)

    return run


@pytest.fixture(scope="session")
def load(state):
    """Load a world by name or document into the session's sandbox, with changes of its top level."""

    def load(world, **changes):
        document = sandbox.named(world) if isinstance(world, str) else world
        return sandbox.load(state / "peakops", {**document, **changes}, source="test")

    return load
