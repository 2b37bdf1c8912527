"""What a command does not import. A list, not a stopwatch: timings are nox -s bench's, and these never flicker."""

import subprocess
import sys

import pytest

from tests.conftest import environment

SPY = """
import atexit, sys
atexit.register(lambda: print("LOADED", *sorted(sys.modules), file=sys.stderr))
sys.argv[0] = "peakops"
from peakops.__main__ import run
run()
"""
"""The console script, which says at its end what it has imported."""
SOURCES = {"psycopg", "stripe", "requests", "httpx", "urllib3", "simple_salesforce", "jwt", "cryptography"}
SETTINGS = {"pydantic", "pydantic_core", "pydantic_settings"}
SCREEN = {"rich", "rich.console", "typer.rich_utils", "pygments", "markdown_it"}
STANDARD = {"asyncio", "importlib.metadata", "ssl", "email", "http.client", "unittest", "argparse"}
"""Of the standard library, what costs most and what no command needs that asks nobody."""
SANDBOX = {"peakops.sandbox"}

LIGHT = [
    ["--help"],
    ["--version"],
    ["payment", "--help"],
    ["payment", "check", "--help"],
    ["payment", "events", "--help"],
    ["payment", "webhooks", "--help"],
    ["payment", "webhooks", "--guide"],
    ["payment", "decline", "expired_card"],
    ["payment", "decline", "expired_card", "--json"],
    ["payment", "check", "INV-123", "--guide"],
    ["case", "check", "--help"],
    ["case", "backlog", "--help"],
    ["shipping", "check", "--guide"],
    ["schema", "payment", "check"],
    ["data", "scan", "--help"],
    ["doctor", "--help"],
    ["doctor", "--guide"],
    ["config", "--help"],
    ["init", "--help"],
]


@pytest.fixture
def loaded(state):
    """Run a command in a fresh interpreter; gives its exit code and the names of all that it imported."""

    def run(*args):
        done = subprocess.run(
            [sys.executable, "-c", SPY, *args],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env=environment(state),
            check=False,
        )
        marked = [line for line in done.stderr.splitlines() if line.startswith("LOADED ")]
        assert 1 == len(marked), done.stderr
        return done.returncode, set(marked[0].split()[1:])

    return run


@pytest.mark.parametrize("args", LIGHT, ids=" ".join)
def test_what_asks_nobody_imports_no_client(loaded, args):
    """A command that needs no source loads no SDK, no pydantic, no rich and no sandbox: it answers in a moment."""
    code, modules = loaded(*args)
    assert 0 == code
    assert "peakops.cli" in modules, "the spy sees what is imported"
    assert set() == modules & (SOURCES | SETTINGS | SCREEN | STANDARD | SANDBOX)


def test_help_imports_no_group(loaded):
    """`peakops --help` names the groups and imports none of them, nor what judges, reports and prints."""
    code, modules = loaded("--help")
    assert 0 == code
    unneeded = ("peakops.scenario", "peakops.cli.payment", "peakops.report", "peakops.render", "peakops.settings")
    assert set() == {name for name in modules if name.startswith(unneeded)}


def test_a_check_in_a_pipe_imports_no_screen_and_no_settings(loaded, load):
    """`payment check --json` in the sandbox asks both sources, and loads neither rich nor pydantic."""
    load("paid_not_recorded")
    code, modules = loaded("--sandbox", "payment", "check", "INV-123", "--json")
    assert 2 == code
    assert {"psycopg", "stripe"} <= modules
    assert set() == modules & (SETTINGS | SCREEN)
