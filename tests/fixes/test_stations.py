"""Two operators on two machines: two state folders before one portal, and the team's tables between them."""

import sys

import psycopg
import pytest

from peakops import sandbox

from ..conftest import environment
from .conftest import KILLED, REFUND
from .test_crashes import AFTER_THE_REFUND, BEFORE_THE_REFUND, THE_LEASE
from .test_refund import SURPLUS, TWICE, given_back, noted

DUPLICATES = ("payment", "duplicates", "INV-123", "--json")


@pytest.fixture
def stations(peakops, forks, load, writing, tmp_path):
    """Two stations, by their name: run a command there, or kill it at a step."""
    document = sandbox.named(TWICE)
    load(document, tables={**document["tables"], "peakops.locks": [], "peakops.journal": []})

    def run(station, *args, kill_at=None):
        home = tmp_path / station
        home.mkdir(exist_ok=True)
        env = writing(PEAKOPS_OPERATOR=station)
        if kill_at is None:
            return peakops(*args, home=home, **env)
        command = [sys.executable, KILLED, str(kill_at), *args]
        done = forks.run(command, env=environment(home, **env))
        assert -9 == done.returncode
        return done

    return run


@pytest.fixture
def later(state):
    """Let every lease run out."""

    def run_out():
        with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
            owner.execute("update peakops.locks set expires_at = now() - interval '1 minute'")

    return run_out


def test_the_next_operator_finishes_what_another_machine_began(stations, later, rows):
    """17 while the dead run's lease lasts; then its change is found, and finished there, once; both see that it is."""
    stations("ada", *REFUND, kill_at=THE_LEASE + AFTER_THE_REFUND)
    locked = stations("bob", *REFUND, "--json")
    later()
    found, done = stations("bob", *DUPLICATES), stations("bob", *REFUND, "--json")
    seen = [stations(each, *DUPLICATES).json["verdict"]["code"] for each in ("ada", "bob")]

    assert 17 == locked.code
    assert ("unfinished_change", 2) == (found.json["verdict"]["code"], found.code)
    assert ("changed", 0) == (done.json["status"], done.code), done.json["error"]
    assert ["already_refunded", "already_refunded"] == seen
    assert {SURPLUS: 12000} == given_back(rows)
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


def test_what_another_machine_began_without_effect_is_planned_anew(stations, later, rows):
    """Killed before the refund: the other machine closes that plan, and makes the refund of its own."""
    stations("ada", *REFUND, kill_at=THE_LEASE + BEFORE_THE_REFUND)
    later()
    done = stations("bob", *REFUND, "--json")
    seen = [stations(each, *DUPLICATES).json["verdict"]["code"] for each in ("ada", "bob")]

    assert 0 == done.code, done.json["error"]
    assert ["already_refunded", "already_refunded"] == seen
    assert (1, 1, 1) == (len(rows("refunds")), len(noted(rows)), len(rows("notifications")))


def test_a_run_that_lives_is_not_unfinished(stations):
    """While a lease lasts its plan is being carried out: the check of another machine does not call it unfinished."""
    stations("ada", *REFUND, kill_at=THE_LEASE + BEFORE_THE_REFUND)

    assert "double_charge" == stations("bob", *DUPLICATES).json["verdict"]["code"]


def test_what_another_version_began(stations, later, state, rows):
    """A plan that this version cannot read is the verdict, and no fix goes past it: 2, and 19; nothing is a bug."""
    stations("ada", *REFUND, kill_at=THE_LEASE + BEFORE_THE_REFUND)
    later()
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute("update peakops.journal set detail = detail - 'body'")
    found, refused = stations("bob", *DUPLICATES), stations("bob", *REFUND, "--json")

    assert ("unfinished_change", 2) == (found.json["verdict"]["code"], found.code)
    assert ("fix.unfinished_unreadable", 19) == (refused.json["error"]["code"], refused.code)
    assert [] == rows("refunds")
