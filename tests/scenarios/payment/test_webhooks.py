"""`payment webhooks`, judged on literal facts."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.payment.webhooks import FEW, SCENARIO
from peakops.scenarios.payment.webhooks_line import data
from peakops.verdict import rule

from .conftest import NOW
from .test_events import ENDPOINT, row, sent

LOOKS = {"events": "stripe", "endpoints": "stripe", "received": "database", "unfinished": "database"}
BASE = {"events": [sent()], "endpoints": [ENDPOINT], "received": [row()], "unfinished": []}


def evidence(silent=(), notes=(), **said):
    given = {**BASE, **said}
    return tuple(
        Evidence(
            name=name,
            source=source,
            at=NOW,
            rows=() if name in silent else tuple(given[name]),
            notes=(f"Only a part of {name} was read.",) if name in notes else (),
            error=Fault(code="x.down", category="upstream", message=f"{name} is down.") if name in silent else None,
        )
        for name, source in LOOKS.items()
    )


def judge(silent=(), notes=(), **said):
    looked = evidence(silent, notes, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


def verdict(judged):
    return judged.ruling.code, judged.status.value


BAD = row(status="failed", error="lock timeout", processed_at=None)
WAITING = row(status="received", processed_at=None)
COUNTED = {"all_failed": 3000, "all_unprocessed": 1}
MANY = [{**BAD, "event_id": "evt_2", **COUNTED}, {**WAITING, "event_id": "evt_3", **COUNTED}]
"""Of many failed events one was read, and the only one that waits."""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("all_delivered", "ok")),
        ({"events": [], "received": []}, ("all_delivered", "ok")),
        ({"events": [sent(pending_webhooks=1)], "received": []}, ("undelivered", "warning")),
        ({"received": []}, ("not_received", "warning")),
        ({"received": [BAD], "unfinished": [BAD]}, ("failed", "warning")),
        ({"events": [], "received": [], "unfinished": [BAD]}, ("failed", "warning")),
        ({"received": [WAITING], "unfinished": [WAITING]}, ("unprocessed", "warning")),
        ({"endpoints": [{**ENDPOINT, "status": "disabled"}]}, ("endpoint_disabled", "critical")),
        ({"endpoints": []}, ("no_endpoint", "critical")),
        ({"endpoints": [{**ENDPOINT, "enabled_events": ["charge.failed"]}]}, ("no_endpoint", "critical")),
    ],
)
def test_verdicts(said, expected):
    """One row of the playbook each."""
    assert expected == verdict(judge(**said))


def test_what_is_young_is_on_its_way():
    """Neither delivered nor processed a minute after it was made: too early to say."""
    young = {"events": [sent(age_s=60, pending_webhooks=1)], "received": []}

    assert "all_delivered" == judge(**young).ruling.code
    assert "all_delivered" == judge(received=[{**WAITING, "age_s": 60}]).ruling.code


def test_an_endpoint_that_another_one_stands_in_for():
    """An old endpoint is disabled, and a new one takes the same: nothing is wrong, and it is said."""
    old = {**ENDPOINT, "id": "we_0", "status": "disabled", "enabled_events": ["payment_intent.succeeded"]}
    judged = judge(endpoints=[old, ENDPOINT])

    assert ("all_delivered", "ok") == verdict(judged)


def test_a_disabled_endpoint_whose_events_nobody_else_takes():
    """The enabled one takes less than the disabled one did: critical, and it is named what is lost."""
    new = {**ENDPOINT, "enabled_events": ["charge.succeeded"]}
    judged = judge(endpoints=[{**ENDPOINT, "id": "we_0", "status": "disabled"}, new])

    assert ("endpoint_disabled", "critical") == verdict(judged)
    assert "payment_intent.succeeded" in judged.ruling.says
    assert "charge.succeeded" not in judged.ruling.says


def test_what_can_be_sent_again():
    """A few commands, those that tell of money first, and how many more there are."""
    many = [sent(id=f"evt_{n}", type="charge.failed", pending_webhooks=1) for n in range(5)]
    judged = judge(events=[*many, sent(id="evt_m", pending_webhooks=1, livemode=True)], received=[])
    (finding,) = judged.findings

    assert FEW == len(finding.next)
    assert "stripe events resend evt_m --webhook-endpoint=we_1 --live" == finding.next[0]
    assert "6 event(s)" in finding.says
    assert f"Of 6 that can be sent again, {FEW} are named." in finding.says


def test_what_cannot_be_sent_again():
    """No endpoint takes it, Stripe does not list it, or the portal has it already: no command."""
    nowhere = {**ENDPOINT, "status": "disabled"}
    assert () == judge(events=[sent(pending_webhooks=1)], received=[], endpoints=[nowhere]).findings[1].next
    assert () == judge(events=[], received=[], unfinished=[BAD]).findings[0].next
    assert () == judge(received=[WAITING]).findings[0].next


@pytest.mark.parametrize("silent", LOOKS)
def test_silence_is_never_all_delivered(silent):
    """Each look may hold what went wrong."""
    assert ("unknown", "unknown") == verdict(judge(silent=(silent,)))


@pytest.mark.parametrize("cut", ["events", "received", "unfinished"])
def test_what_was_not_read_is_never_all_delivered(cut):
    """Nothing is wrong in what was read, and there was more: unknown, with what is missing."""
    judged = judge(notes=(cut,))

    assert ("unknown", "unknown") == verdict(judged)
    assert f"Only a part of {cut} was read." in judged.ruling.says


def answers(**said):
    return {each.name: each.verdict.value for each in diagnose(SCENARIO, evidence(**said))}


def test_a_question_is_open_while_its_look_was_cut():
    """An event that was not read may be undelivered; what the portal itself holds was read in whole."""
    found = answers(notes=("events",))

    assert ["unknown", "ok", "ok", "unknown", "unknown"] == [
        found[name] for name in ("delivered", "failed", "processed", "received", "whole")
    ]


def test_a_finding_stands_though_not_everything_was_read():
    """What was found is wrong, whatever else there is."""
    assert "undelivered" == judge(notes=("events",), events=[sent(pending_webhooks=1)], received=[]).ruling.code


def test_how_many_there_are_with_those_that_were_not_read():
    """The portal counts what was too much to be read, each kind by itself."""
    found = judge(events=[], received=[], unfinished=MANY, notes=("unfinished",))

    assert ["failed", "unprocessed"] == [each.code for each in found.findings]
    assert "1 of 3000 event(s)" in found.findings[0].says
    assert "1 event(s)" in found.findings[1].says


def test_a_kind_of_which_none_was_read_is_unknown():
    """The portal counts events that wait, and none of them was read."""
    unread = [{**BAD, "all_failed": 1, "all_unprocessed": 7}]

    assert "unknown" == answers(unfinished=unread, received=[BAD])["processed"]


def test_a_payment_is_looked_at_before_its_failed_event_is_sent_again():
    """Recorded by hand meanwhile, it would be recorded twice."""
    assert "peakops payment check" in judge(received=[BAD], unfinished=[BAD]).ruling.do


def test_a_disabled_endpoint_is_proven_by_itself():
    """The database is down: what the endpoints prove is critical all the same, and not complete."""
    judged = judge(silent=("received", "unfinished"), endpoints=[])

    assert ("no_endpoint", "critical", False) == (*verdict(judged), judged.ruling.complete)


def test_a_silent_log_makes_nothing_undelivered():
    """Whether the portal has the event is not known."""
    assert [] == data(Facts(evidence(("received",), events=[sent(pending_webhooks=1)])))["items"]


def test_counts():
    """How many there are of each kind, read or not; --limit can list those that were read."""
    found = data(Facts(evidence(unfinished=MANY)))

    assert {"made": 1, "undelivered": 0, "not_received": 0, "failed": 3000, "unprocessed": 1} == found["counts"]
    assert (2, 2) == (len(found["items"]), found["total"])
