"""What the tests of the write path share: a fix that is run, killed, and looked at afterwards."""

import sys
from pathlib import Path

import pytest

from peakops import journal, sandbox

from ..conftest import Ran, environment

KILLED = Path(__file__).with_name("killed.py")
MEANWHILE = Path(__file__).with_name("meanwhile.py")
WHY = ("--reason", "ticket 4711")
MARK_PAID = ("payment", "mark-paid", "INV-123", "--confirm", "INV-123", *WHY)
REFUND = ("payment", "refund", "INV-123", "--confirm", "INV-123", *WHY)


@pytest.fixture
def fix(peakops):
    """Run a fix in the sandbox with --json."""

    def run(*args, **env):
        return peakops("--sandbox", *args, "--json", **env)

    return run


@pytest.fixture
def world(state):
    """The present state of the sandbox, as a world."""
    return lambda: sandbox.dump(state / "peakops")


@pytest.fixture
def rows(world):
    """The rows of a table, or the objects of a list of Stripe's, as they are now."""

    def rows(name):
        document = world()
        return document["tables"].get(name) or document["stripe"].get(name) or []

    return rows


@pytest.fixture
def folder(state):
    """The folder of the sandbox's journal."""
    return lambda: sandbox.ensure(state / "peakops").journal


@pytest.fixture
def entries(folder):
    """The kinds of the journal's lines, in order; the chain is whole."""

    def kinds():
        assert [] == journal.verify(folder())
        return [each.kind for each in journal.read(folder())]

    return kinds


@pytest.fixture
def killed(state, forks):
    """Run a fix and kill it at its Nth step; True if it was killed, False if it ended before that, as it must: well."""

    def run(at, *args, ends=(0,)):
        done = forks.run([sys.executable, KILLED, str(at), "--sandbox", *args], env=environment(state))
        assert done.returncode in (*ends, -9), done.stderr
        return done.returncode == -9

    return run


@pytest.fixture
def meanwhile(state, forks):
    """Run a fix while somebody else runs a statement, `before` or `after` the plan is applied."""

    def run(when, statement, *args):
        url = sandbox.ensure(state / "peakops").url_as("postgres")
        command = [sys.executable, MEANWHILE, when, url, statement, "--sandbox", *args, "--json"]
        done = forks.run(command, env=environment(state))
        return Ran(done.returncode, done.stdout, done.stderr, 0.0)

    return run


@pytest.fixture
def configured(state):
    """The variables with which a command reaches the sandbox as if it were a real portal, for reading alone."""

    def variables(**more):
        up = sandbox.ensure(state / "peakops")
        return {
            "PEAKOPS_DATABASE_URL": up.database_url,
            "PEAKOPS_STRIPE_API_KEY": up.stripe_key,
            "PEAKOPS_STRIPE_URL": up.vendor_url("stripe"),
            "PEAKOPS_SUPABASE_URL": up.vendor_url("supabase"),
            "PEAKOPS_SUPABASE_KEY": "sb_publishable_sandbox000000000000000000",
            "PEAKOPS_SUPABASE_TOKEN": up.supabase_token,
            "PEAKOPS_SUPABASE_MANAGEMENT_URL": up.vendor_url("supabase"),
            **more,
        }

    return variables


@pytest.fixture
def writing(state, configured):
    """The same, with the credentials that write."""

    def variables(**more):
        up = sandbox.ensure(state / "peakops")
        write = {
            "PEAKOPS_DATABASE_WRITE_URL": up.url_as("peakops_writer"),
            "PEAKOPS_STRIPE_WRITE_KEY": up.stripe_key,
            "PEAKOPS_SUPABASE_WRITE_KEY": up.supabase_key,
        }
        return configured(**write, **more)

    return variables
