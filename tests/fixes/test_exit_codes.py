"""Every exit code of the contract, reached by a real process; the same code with --json and without."""

import subprocess
import sys

import psycopg
import pytest

from peakops import sandbox
from peakops.errors import Exit

from ..conftest import environment
from .conftest import MARK_PAID, REFUND
from .test_guards import locked
from .test_refund import TWICE

CHECK = ("payment", "check", "INV-123")
PLAN = ("payment", "mark-paid", "INV-123", "--dry-run")
DOWN = [{"vendor": "stripe", "route": "*", "status": 503}]
BUG = """
import sys
from peakops import report
from peakops.cli import main
report.of_scenario = lambda *args: {}["a mistake"]
sys.exit(main(sys.argv[1:]))
"""


def refunds(**fault):
    return [{"vendor": "stripe", "route": "POST /v1/refunds", **fault}]


SIMPLE = {
    Exit.OK: ("paid", [], CHECK),
    Exit.WARNING: ("never_attempted", [], CHECK),
    Exit.CRITICAL: ("paid_not_recorded", [], CHECK),
    Exit.UNKNOWN: ("paid", DOWN, (*CHECK, "--timeout", "5s")),
    Exit.PLANNED: ("paid_not_recorded", [], PLAN),
    Exit.NOT_CONFIRMED: ("paid_not_recorded", [], PLAN[:3]),
    Exit.NOT_FOUND: ("paid", [], ("payment", "check", "NOPE-1")),
    Exit.AMBIGUOUS: ("ambiguous_email", [], ("payment", "check", "billing@smilecare.example")),
    Exit.REFUSED: ("void", [], MARK_PAID),
    Exit.USAGE: ("paid", [], ("payment", "check", "--nonsense")),
    Exit.BAD_INPUT: ("paid", [], ("sandbox", "load", "/nowhere.json")),
    Exit.UNAVAILABLE: (TWICE, refunds(status=503), REFUND),
    Exit.TEMPORARY: (TWICE, refunds(status=429), REFUND),
    Exit.TIMED_OUT: ("paid", [], (*CHECK, "--timeout", "0.00001s")),
}
"""Codes that a world and a command line lead to."""
ELSEWHERE = {Exit.INTERRUPTED, Exit.TERMINATED}
"""tests/cli/test_contract.py sends the signals."""


@pytest.mark.parametrize("code", SIMPLE)
def test_a_code_is_reached(code, peakops, load):
    """The process ends with it, and so does the one for people; the document says the same."""
    world, faults, args = SIMPLE[code]
    load(world, faults=faults)
    ran = peakops("--sandbox", *args, "--json")
    load(world, faults=faults)

    assert (code, code) == (ran.code, ran.json["exit_code"])
    assert code == peakops("--sandbox", *args).code


def test_partial(fix, load, state):
    """11: the refund was made, its row could not be written."""
    load(TWICE)
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute("revoke insert on public.payments from peakops_writer")

    assert Exit.PARTIAL == fix(*REFUND).code


def test_changed_and_unverified(meanwhile, load):
    """16 where the invoice changes before the plan is applied, 18 where it changes back afterwards."""
    load("paid_not_recorded")
    before = meanwhile("before", "update public.invoices set amount_due = 1", *MARK_PAID)
    load("paid_not_recorded")
    after = meanwhile("after", "update public.invoices set status = 'open'", *MARK_PAID)

    assert (Exit.CHANGED, Exit.UNVERIFIED) == (before.code, after.code)


def test_locked(fix, load):
    """17: another station has the lease."""
    document = sandbox.named("paid_not_recorded")
    load(document, tables={**document["tables"], "peakops.locks": [locked("+1m")]})

    assert Exit.LOCKED == fix(*MARK_PAID).code


def test_denied_and_not_configured(peakops, load, configured):
    """77 without the credentials that write, 78 with a key that is none."""
    load("paid_not_recorded")
    denied = peakops(*MARK_PAID, "--json", **configured())
    malformed = peakops(*CHECK, "--json", **configured(PEAKOPS_STRIPE_API_KEY="nonsense"))

    assert (Exit.DENIED, Exit.NOT_CONFIGURED) == (denied.code, malformed.code)


def test_a_bug(load, state):
    """70, in one document, without a traceback."""
    load("paid")
    ran = subprocess.run(
        [sys.executable, "-c", BUG, "--sandbox", *CHECK, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(state),
        check=False,
    )

    assert Exit.BUG == ran.returncode
    assert "Traceback" not in ran.stderr


def test_none_is_left_out():
    """Each code of the contract is in a test of this file, or a signal."""
    shown = {Exit.PARTIAL, Exit.CHANGED, Exit.UNVERIFIED, Exit.LOCKED, Exit.DENIED, Exit.NOT_CONFIGURED, Exit.BUG}

    assert set(Exit) == SIMPLE.keys() | shown | ELSEWHERE
