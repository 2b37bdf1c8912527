"""The judgements of a network and of a rate limit on literal facts: at least one for each row of the playbook."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.networks import beside, plain
from peakops.scenario import Facts
from peakops.scenarios.security import block, leasing, limit, network, restore, rule, unblock
from peakops.verdict import rule as ruled

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
NET = "198.51.100.0/24"
LEASE = {
    **{"id": "lease-1", "kind": "block", "subject": NET, "operator": "casey@desk", "made_at": NOW, "made": "ip_1"},
    **{"expires_at": NOW + timedelta(hours=2), "ended_at": None, "outcome": None, "back_to": None, "held": None},
}
ENTRY = {"id": "ip_1", "ip": NET, "hostname": "*", "action": "deny", "notes": "peakops lease lease-1 until …"}
SWEPT = {"ended_at": NOW, "seconds": 60.0}
SILENCE = Fault(code="database.denied", category="permission", message="The role may not read it.")
RULE = {
    "id": "rule_1",
    "name": "api",
    "active": True,
    "limit": 100,
    "window_s": 60,
    "action": "rate_limit",
    "gone": False,
}
HELD = {**LEASE, "kind": "limit", "subject": "rule_1", "back_to": 100, "held": 500}


def seen(subject, silent=(), **rows):
    """The looks of a network or a rule, each with its rows or silent."""
    usual = {
        **{"leases": [], "team": [{"schema": True}], "sweep": [SWEPT], "draft": []},
        **{
            "logins": [{"people": 0, "practices": 0, "contained": 0, "last_at": None}],
            "changes": [],
            "team_changes": [],
        },
    }
    looks = {**usual, **subject, **rows}
    return tuple(
        Evidence(
            name=name,
            source="database",
            at=NOW,
            rows=() if name in silent else tuple(each),
            single=name in ("network", "rule", "draft"),
            error=SILENCE if name in silent else None,
        )
        for name, each in looks.items()
    )


def of_network(entries=(), name=NET, ours=(), **more):
    return seen({"network": [{"id": name, **beside(name, entries), "ours": list(ours)}]}, **more)


def of_rule(silent=(), rows=(), **said):
    return seen({"rule": [{**RULE, **said}]}, silent, leases=list(rows))


def judged(scenario, evidence):
    """The verdict, and every code that was found."""
    outcomes = diagnose(scenario, evidence)
    found = ruled(scenario, outcomes, evidence)
    return found.ruling.code, {each.code for each in found.findings}


@pytest.mark.parametrize(
    ("entries", "rows", "code"),
    [
        ([], [], "open"),
        ([ENTRY], [LEASE], "blocked"),
        ([ENTRY], [], "blocked_unleased"),
        ([ENTRY], [{**LEASE, "ended_at": NOW, "outcome": "gone"}], "blocked_unleased"),
        ([{**ENTRY, "notes": "mine"}], [LEASE], "block_changed"),
        ([{**ENTRY, "action": "log"}], [LEASE], "block_changed"),
        ([], [LEASE], "block_missing"),
        ([], [{**LEASE, "made": None}], "block_missing"),
        ([{**ENTRY, "action": "bypass"}], [], "entry_differs"),
        ([{**ENTRY, "hostname": "portal.example"}], [], "entry_differs"),
        ([{**ENTRY, "ip": "198.51.0.0/16"}], [], "covered"),
        ([{**ENTRY, "ip": "198.51.0.0/16", "action": "log"}], [], "open"),
        ([{**ENTRY, "ip": "198.51.0.0/16", "action": "bypass"}], [], "overlaps"),
        ([{**ENTRY, "ip": "198.51.100.7"}], [], "overlaps"),
        ([{**ENTRY, "ip": "2001:db8::/48"}], [], "open"),
    ],
)
def test_how_the_firewall_stands_to_a_network(entries, rows, code):
    """One verdict for each, whatever Vercel and the leases say."""
    assert code == judged(network.SCENARIO, of_network(entries, leases=rows))[0]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "10.0.0.0/24"}, "reserved"),
        ({"name": "224.0.0.0/24"}, "reserved"),
        ({"name": "0.0.0.0/0"}, "too_wide"),
        ({"name": "::/0"}, "too_wide"),
        ({"name": "fish"}, "too_wide"),
        ({"name": "3.18.12.63"}, "vendor"),
        ({"name": "76.76.21.21"}, "vendor"),
        ({"ours": [{"network": NET, "what": "PEAKOPS_OWN_NETWORKS"}]}, "own"),
        ({"logins": [{"people": 1, "practices": 1, "last_at": NOW}]}, "practice"),
        ({"team": [{"schema": False}]}, "no_place"),
        ({"sweep": []}, "no_sweep"),
        ({"sweep": [{"ended_at": NOW, "seconds": 7201.0}]}, "no_sweep"),
        ({"draft": [{"author": None, "updated_at": NOW, "changes": 0}]}, "draft"),
    ],
)
def test_what_speaks_against_a_block(more, code):
    """It is found beside the verdict, which it never is; and the block forbids it."""
    verdict, found = judged(network.SCENARIO, of_network(**more))

    assert "open" == verdict
    assert code in found
    assert code in block.FIX.forbids


@pytest.mark.parametrize("name", ["198.51.100.0/24", "203.0.113.7", "2001:db8:bad::/48", "9.9.9.9"])
def test_nothing_speaks_against_a_strangers_network(name):
    """Of the documentation's own networks, which the sandbox's strangers have, too."""
    assert ("open", {"open"}) == judged(network.SCENARIO, of_network(name=name))


@pytest.mark.parametrize("silent", ["logins", "sweep", "draft", "team"])
def test_a_guard_that_is_silent_forbids_a_block_and_no_unblock(silent):
    """The verdict stands without it; the block needs its look, and what takes back does not."""
    assert "open" == judged(network.SCENARIO, of_network(silent=(silent,)))[0]
    assert silent in block.FIX.needs
    assert silent not in unblock.FIX.needs


@pytest.mark.parametrize("silent", ["network", "leases"])
def test_without_the_firewall_or_the_leases_nothing_is_known(silent):
    """Unknown."""
    assert "unknown" == judged(network.SCENARIO, of_network([ENTRY], silent=(silent,)))[0]


@pytest.mark.parametrize(
    ("limit_now", "rows", "code"),
    [
        (100, [], "limit_usual"),
        (500, [HELD], "limit_held"),
        (100, [{**HELD, "made": None}], "limit_begun"),
        (100, [HELD], "limit_begun"),
        (900, [HELD], "limit_moved"),
        (900, [{**HELD, "held": None, "back_to": None}], "limit_moved"),
        (None, [], "no_limit"),
    ],
)
def test_how_a_limit_stands(limit_now, rows, code):
    """One verdict for each, whatever the rule and its lease say."""
    assert code == judged(rule.SCENARIO, of_rule(rows=rows, limit=limit_now))[0]


def test_only_what_the_lease_has_set_is_put_back():
    """500 becomes 100 again, and only from 500; 900 stays, and the lease ends."""
    ours = restore.propose(Facts(of_rule(rows=[HELD], limit=500))).actions
    theirs = restore.propose(Facts(of_rule(rows=[HELD], limit=900))).actions

    assert {"rule": "rule_1", "limit": 100, "held": 500, "despite_draft": True} == ours[0].params
    assert ["security/end_lease"] == [each.call for each in theirs]


def test_the_lease_comes_first_and_its_note_last():
    """So that a block, or a limit, without a lease never exists."""
    blocked = block.propose(Facts(of_network())).actions
    limited = limit.propose(Facts(of_rule()), to=500).actions

    assert ["security/open_lease", "block", "security/confirm_lease"] == [each.call for each in blocked]
    assert ["security/open_lease", "set_limit", "security/confirm_lease"] == [each.call for each in limited]


def test_what_is_taken_back_is_taken_back_before_its_lease_ends():
    """A run that dies between leaves a lease that finds nothing, and not a block without one."""
    actions = unblock.propose(Facts(of_network([ENTRY], leases=[LEASE]))).actions

    assert ["unblock", "security/end_lease"] == [each.call for each in actions]


def test_a_lease_has_the_same_name_until_it_has_ended():
    """Or the plan would be another one under the lease than before it; the next one of the subject has another."""
    fresh, again = (leasing.name_of("block", NET, Facts(of_network())) for _ in range(2))
    ended = leasing.name_of("block", NET, Facts(of_network(leases=[{**LEASE, "ended_at": NOW}])))

    assert fresh == again
    assert len({fresh, ended, leasing.name_of("limit", NET, Facts(of_network()))}) == 3


@pytest.mark.parametrize(
    ("given", "named"),
    [("203.0.113.7/32", "203.0.113.7"), ("203.0.113.0/24", "203.0.113.0/24"), ("2001:DB8::/48", "2001:db8::/48")],
)
def test_a_network_is_named_in_one_way(given, named):
    """A single address without a prefix, as Vercel lists it."""
    from ipaddress import ip_network

    assert named == plain(ip_network(given))
