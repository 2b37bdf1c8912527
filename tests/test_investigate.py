"""Gathering: everything at once, within one deadline; a failure or a crash of one look is an answer too."""

import threading
import time
from datetime import UTC, datetime

import pytest

from peakops.errors import Unreachable
from peakops.investigate import Terms, diagnose, gather
from peakops.model import Brought, Verdict
from peakops.promise import kept
from peakops.scenario import Facts, Missing, Scenario, ok
from peakops.scenarios.payment.check import SCENARIO

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANSWERS = {
    "one": Brought(rows=({"id": "1", "at": None},), single=True),
    "many": Brought(rows=({"id": "a"}, {"id": "b"})),
}


def run(declare, read, seconds=5.0, told=lambda *_: None):
    scenario = Scenario(module="peakops.scenarios.payment.check", gather=declare, checks=(), subject=())
    terms = Terms(seconds=seconds, now=lambda: NOW, told=told)
    return {each.name: each for each in gather(scenario, read, {}, terms)}


def reader(**calls):
    """A source whose calls are functions of their parameters."""
    return lambda _, call, params: calls[call](**params)


def brought(name):
    return lambda **_: ANSWERS[name]


def slow(seconds, name="many"):
    def call(**_):
        time.sleep(seconds)
        return ANSWERS[name]

    return call


def failing(**_):
    raise Unreachable("It is down.", code="x.down", hint="Wait.")


def test_looks_run_at_once():
    """Four looks of 0.3 s take 0.3 s."""
    start = time.monotonic()
    run(lambda look: [look.at("s", f"look{number}", "call") for number in range(4)], reader(call=slow(0.3)))

    assert time.monotonic() - start < 0.9


def test_the_deadline_is_one_for_all():
    """Looks that hang cost the time limit once, however many they are, and are evidence of silence."""
    start = time.monotonic()
    found = run(
        lambda look: [look.at("s", f"look{number}", "hang" if number else "call") for number in range(4)],
        reader(hang=slow(30), call=brought("many")),
        seconds=0.5,
    )

    assert time.monotonic() - start < 1.2
    assert [None, "s.timeout", "s.timeout", "s.timeout"] == [each.error and each.error.code for each in found.values()]


def test_a_trickle_of_answers_does_not_move_the_deadline():
    """Each answer that comes in leaves the deadline where it was."""
    start = time.monotonic()

    def declare(look):
        for number in range(8):
            look.at("s", f"look{number}", "call", wait=number * 0.3)

    def call(wait):
        time.sleep(wait)
        return ANSWERS["many"]

    found = run(declare, reader(call=call), seconds=1.0)

    assert time.monotonic() - start < 1.6
    assert found["look7"].error


def test_a_promise_is_kept_by_the_earlier_look():
    """A later look is asked with what an earlier one brought."""
    seen = {}

    def declare(look):
        first = look.at("s", "first", "one")
        look.at("s", "second", "note", id=first["id"], all=(first.then(lambda row: [row["id"], None, "2", "1"]),))

    run(declare, reader(one=brought("one"), note=lambda **params: seen.update(params) or ANSWERS["many"]))

    assert {"id": "1", "all": ("1", "2")} == seen


def test_what_is_not_there_is_left_out_of_several():
    """None inside a list is no id: a look with it would ask for everybody's."""
    assert ("a", "b") == kept((["a", None, "b"], None, "a"))


def test_a_silent_look_takes_the_next_one_with_it_unless_something_stands_in():
    """Without a stand-in the next look says whom it waited for; with one it is asked."""

    def declare(look):
        first = look.at("s", "first", "fails")
        look.at("s", "second", "many", id=first["id"])
        look.at("s", "third", "many", id=first["id"].otherwise("stand-in"))
        look.at("s", "fourth", "many", id=first["id"].otherwise(None))

    found = run(declare, reader(fails=failing, many=brought("many")))

    assert ("look.not_asked", True) == (found["second"].error.code, found["second"].consequence)
    assert "first" in found["second"].error.message
    assert (None, None) == (found["third"].error, found["fourth"].error)
    assert ("x.down", False) == (found["first"].error.code, found["first"].consequence)


def test_a_look_that_still_waits_is_not_its_sources_silence():
    """The time is up while a look waits for a slow one: only the slow one's source was slow."""

    def declare(look):
        first = look.at("a", "first", "hang")
        look.at("b", "second", "many", id=first["id"])

    found = run(declare, reader(hang=slow(30), many=brought("many")), seconds=0.4)

    assert (False, True) == (found["first"].consequence, found["second"].consequence)


def test_a_crash_of_a_look_is_an_answer():
    """A bug in one look is told as one, and the others are still there."""
    found = run(
        lambda look: [look.at("s", "bad", "crash"), look.at("s", "good", "many")],
        reader(crash=lambda **_: {}["nothing"], many=brought("many")),
    )

    assert ("internal", None) == (found["bad"].error.category, found["good"].error)


def test_a_crash_of_a_check_is_unknown():
    """A check that fails on what it read answers `unknown`; the others still judge."""

    def mode(facts):
        raise KeyError("status")

    def currency(facts):
        return ok("fine")

    scenario = Scenario(module=SCENARIO.module, gather=SCENARIO.gather, checks=(mode, currency), subject=())
    by_name = {each.name: each.verdict for each in diagnose(scenario, ())}

    assert (Verdict.UNKNOWN, Verdict.OK) == (by_name["mode"], by_name["currency"])


def test_a_fact_that_was_not_had_is_missing():
    """Reading a silent look raises Missing with its reason, and is not counted as read."""
    evidence = tuple(run(lambda look: look.at("s", "first", "fails"), reader(fails=failing)).values())
    facts = Facts(evidence)
    with pytest.raises(Missing, match=r"It is down\."):
        facts["first"]

    assert {} == facts.read
    assert not facts.known("first")


def test_progress_is_told():
    """After each answer it is told how many have come of how many."""
    told = []
    run(
        lambda look: [look.at("s", "a", "many"), look.at("s", "b", "many")],
        reader(many=brought("many")),
        told=lambda *count: told.append(count),
    )

    assert [(1, 2), (2, 2)] == told


def test_threads_do_not_keep_the_process(monkeypatch):
    """Looks run in daemon threads: a hung one does not keep the process from ending."""
    kinds = []
    run(
        lambda look: look.at("s", "a", "note"),
        reader(note=lambda: kinds.append(threading.current_thread().daemon) or ANSWERS["many"]),
    )

    assert [True] == kinds
