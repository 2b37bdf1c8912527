"""`peakops cron status`, judged on literal facts: at least one test for each row of its playbook."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault, Verdict
from peakops.scenarios.cron.jobs import every
from peakops.scenarios.cron.runs import standing
from peakops.scenarios.cron.status import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TICK, SWEEP, LEASES, HUNT = every()[:4]
MINUTE = timedelta(minutes=1)


def run(job, began, code=0, took=MINUTE / 6, host="web1"):
    """A run that began so long ago; one without a code has not ended."""
    started = NOW - began
    ended = None if code is None else started + took
    return {"job": job.name, "started_at": started, "host": host, "ended_at": ended, "exit_code": code}


def absent(job):
    return {"job": job.name, "started_at": None, "host": None, "ended_at": None, "exit_code": None}


@pytest.mark.parametrize(
    ("word", "runs"),
    [
        ("never_ran", [absent(SWEEP)]),
        ("ran", [run(SWEEP, 10 * MINUTE)]),
        ("ran", [run(SWEEP, 45 * MINUTE, code=2)]),
        ("overdue", [run(SWEEP, 46 * MINUTE)]),
        ("overdue", [run(SWEEP, 46 * MINUTE, code=None)]),
        ("overdue", [run(SWEEP, timedelta(minutes=-6))]),
        ("ran", [run(SWEEP, timedelta(minutes=-4))]),
        ("ran", [run(SWEEP, timedelta(days=-300), host="web2"), run(SWEEP, 10 * MINUTE)]),
        ("overdue", [run(SWEEP, timedelta(minutes=-6), host="web2"), run(SWEEP, 46 * MINUTE)]),
        ("failed", [{**run(SWEEP, 2 * MINUTE), "exit_code": None}]),
        ("running", [run(SWEEP, 5 * MINUTE, code=None)]),
        ("running", [run(SWEEP, 14 * MINUTE, code=None)]),
        ("died", [run(SWEEP, 15 * MINUTE, code=None)]),
        ("died", [run(SWEEP, 2 * MINUTE, code=None), run(SWEEP, 17 * MINUTE, code=None)]),
        ("running", [run(SWEEP, 2 * MINUTE, code=None), run(SWEEP, 17 * MINUTE)]),
        ("ran", [run(SWEEP, 2 * MINUTE, host="web2"), run(SWEEP, 17 * MINUTE, code=None)]),
        ("failed", [run(SWEEP, 2 * MINUTE, code=78)]),
        ("failed", [run(SWEEP, 2 * MINUTE, code=11)]),
        ("failed", [run(SWEEP, 1 * MINUTE, code=None), run(SWEEP, 16 * MINUTE, code=124)]),
        ("ran", [run(SWEEP, 2 * MINUTE, code=3), run(SWEEP, 17 * MINUTE, code=70)]),
        ("never_ran", [run(HUNT, 2 * MINUTE)]),
    ],
)
def test_how_a_job_stands(word, runs):
    """By its newest run, of any machine: one that is under way counts, one that died does not, and 1-3 is no error."""
    assert word == standing(SWEEP, runs, NOW).word


def test_what_is_said_of_a_job():
    """The machine, when, and what is expected of it."""
    late = standing(LEASES, [run(LEASES, timedelta(hours=3))], NOW)
    dead = standing(SWEEP, [run(SWEEP, 20 * MINUTE, code=None)], NOW)

    assert "last began 3 hours ago on web1; it runs every 10 min" == late.says
    assert "began 20 minutes ago on web1 and never ended; its time limit is 12 min" == dead.says
    assert (
        "ended 4 minutes ago on web1 with 2, after 60 s"
        == standing(SWEEP, [run(SWEEP, 5 * MINUTE, 2, MINUTE)], NOW).says
    )


GOOD = [run(job, MINUTE) for job in every()]


def answered(runs, schema=True, fault=None):
    team = Evidence(name="team", source="database", at=NOW, rows=({"schema": schema, "locks": schema},))
    error = Fault(code="database.timeout", category="timeout", message="late", source="database") if fault else None
    return team, Evidence(name="runs", source="database", at=NOW, rows=tuple(runs), error=error)


def ruled(runs, schema=True, fault=None):
    evidence = answered(runs, schema, fault)
    return rule(SCENARIO, diagnose(SCENARIO, evidence), evidence)


def instead(*runs):
    """All is well, but for the jobs of these runs."""
    named = {each["job"] for each in runs}
    return [*(each for each in GOOD if each["job"] not in named), *runs]


@pytest.mark.parametrize(
    ("code", "status", "runs"),
    [
        ("all_ran", "ok", GOOD),
        ("nobody_called", "critical", instead(run(TICK, 7 * MINUTE), run(SWEEP, timedelta(hours=1)))),
        ("overdue", "warning", instead(run(SWEEP, timedelta(hours=1)), run(HUNT, MINUTE, code=78))),
        ("died", "warning", instead(run(SWEEP, 20 * MINUTE, code=None), run(HUNT, MINUTE, code=78))),
        ("failed", "warning", instead(run(HUNT, MINUTE, code=78))),
        ("failed", "warning", instead(run(TICK, MINUTE, code=11), absent(HUNT))),
        ("nobody_called", "critical", instead(run(TICK, MINUTE, code=78))),
        ("nobody_called", "critical", instead(run(TICK, MINUTE, code=2))),
        ("nobody_called", "critical", instead(run(TICK, MINUTE, code=3))),
        ("nobody_called", "critical", instead(run(TICK, 3 * MINUTE, code=None))),
        ("nobody_called", "critical", instead(run(TICK, MINUTE / 6, code=None), run(TICK, MINUTE, code=124))),
        ("never_ran", "warning", instead(absent(HUNT))),
        ("never_ran", "warning", instead(absent(TICK))),
        ("all_ran", "ok", [run(SWEEP, MINUTE)]),
    ],
)
def test_the_verdict(code, status, runs):
    """The worst first: that nobody is called, then what is missed, died, failed, has never run."""
    judged = ruled(runs)

    assert (code, status) == (judged.ruling.code, judged.status.value)


@pytest.mark.parametrize("code", [None, 2, 78])
def test_that_nobody_is_called_is_told_once(code):
    """As the one finding: not as a job that failed or died besides, and never beside that everything ran."""
    outcomes = diagnose(SCENARIO, answered(instead(run(TICK, 3 * MINUTE, code=code))))

    assert ["nobody_called"] == [each.code for each in outcomes if each.verdict is Verdict.FOUND]


def test_without_an_answer_it_is_unknown():
    """3 where the runs cannot be read: silence of the database is not that nothing ran."""
    assert "unknown" == ruled([], fault=True).status.value


def test_without_the_schema_there_is_no_place():
    """No run can have been noted, which is a warning with the command that makes the place; nothing else is well."""
    judged, outcomes = ruled([], schema=False), diagnose(SCENARIO, answered([], schema=False))

    assert ("no_place", "warning") == (judged.ruling.code, judged.status.value)
    assert {Verdict.FOUND, Verdict.SKIPPED} == {each.verdict for each in outcomes}


def test_what_never_called_anybody_is_not_well():
    """Nobody knows whether what has never run would call anybody."""
    outcomes = diagnose(SCENARIO, answered(instead(absent(TICK))))

    assert Verdict.SKIPPED == next(each.verdict for each in outcomes if each.name == "calling")
