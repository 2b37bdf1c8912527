"""What a review of blocks, limits and their sweep has found: each stays mended."""

import psycopg
import pytest

from peakops import sandbox

from .conftest import WHY
from .test_crashes import MOST_STEPS
from .test_leases import (
    BLOCK,
    CONFIG,
    LEASE,
    LIMIT,
    NET,
    SWEEP,
    at_vercel,
    document,
    leased_limit,
    refused,
    said,
)
from .test_leases import firewall as firewall  # noqa: PLC0414  (a fixture that is used here, too)
from .test_leases import leases as leases  # noqa: PLC0414  (a fixture that is used here, too)

DAY_S = 86_400
PRACTICE = "11111111-1111-4111-8111-111111111111"
SOMEBODY = "aaaaaaaa-0000-4000-8000-000000000001"
OTHERS = "their own block, Robin"
NOTES = f"peakops lease {LEASE} until 2026-11-21T13:00:00Z by casey@desk"


def logged(**entry):
    """A world in which the portal's log has one entry of a person."""
    world = document()
    row = {"action": "auth.login", "user_id": SOMEBODY, "practice_id": PRACTICE, "created_at": "-2d"}
    world["tables"]["audit_logs"] = [{**row, **entry}]
    return world


@pytest.mark.parametrize("words", [BLOCK, LIMIT], ids=["block", "limit"])
def test_what_died_halfway_is_taken_back_all_the_same(words, fix, killed, load, firewall, leases, state):
    """0: wherever the run that made it died, the sweep ends it once its time is over, and no hand is needed."""
    for at in range(1, MOST_STEPS):
        load(document())
        was_killed = killed(at, *words)
        sandbox.clock(state / "peakops", 2 * DAY_S)
        ran = fix(*SWEEP)

        assert (0, [], 100, []) == (ran.code, firewall.entries, firewall.limit, leases.open), at
        if not was_killed:
            return
    pytest.fail("it was still killed at the last step")


@pytest.mark.parametrize(
    "entry",
    [
        {"ip_address": "::ffff:198.51.100.9"},
        {"ip_address": "198.51.100.0/28"},
        {"ip_address": "198.51.100.9", "action": "case.viewed"},
    ],
    ids=["mapped", "network", "at_work"],
)
def test_people_who_are_at_work_there(entry, fix, load, firewall):
    """19: an IPv4 address that was noted as IPv6 too, and who works there without a log-in of late."""
    load(logged(**entry))
    ran = fix(*BLOCK)

    assert ("fix.forbidden", 19) == refused(ran)
    assert "1 person of 1 practice" in said(ran)
    assert [] == firewall.entries


@pytest.mark.parametrize(
    "entry",
    [
        {"ip_address": "198.51.100.9", "action": "auth.login_failed"},
        {"ip_address": "198.51.100.9", "user_id": None, "action": "case.viewed"},
        {"ip_address": "198.51.100.9", "created_at": "-31d"},
    ],
    ids=["failed", "nobody", "long_ago"],
)
def test_who_is_nobody_there(entry, fix, load, firewall):
    """0: who tried and failed, what no person did, and what is long ago."""
    load(logged(**entry))

    assert 0 == fix(*BLOCK).code


def test_a_mapped_address_is_the_address(fix, load, firewall):
    """0: ::ffff:198.51.100.7 is 198.51.100.7, and is blocked as that."""
    load(document())
    ran = fix("security", "block", "::FFFF:198.51.100.7", "--confirm", "198.51.100.7", *WHY)

    assert (0, ["198.51.100.7"]) == (ran.code, firewall.entries)


@pytest.mark.parametrize("words", ["fe80::1%eth0", "2001:db8::7%eth0", "2001:db8::%eth0/48"])
def test_a_zone_is_no_network(words, fix):
    """64: a zone is of one machine's interfaces, and no database or vendor knows it."""
    assert 64 == fix("security", "block", words).code


def test_a_wider_block_of_one_host_covers_nothing(fix, load):
    """19 as an overlap: it is not denied everywhere, and nobody is told that it is."""
    load(document(ips=[{"ip": "198.51.0.0/16", "hostname": "old.smilecare.example"}]))
    ran = fix(*BLOCK)

    assert ("fix.forbidden", 19, "overlaps") == (*refused(ran), ran.json["verdict"]["code"])


def test_two_entries_of_one_network(fix, load, firewall, leases):
    """The one of the lease is taken away, though somebody else's comes before it, which stays."""
    theirs, ours = {"id": "ip_2", "ip": NET, "notes": OTHERS}, {"id": "ip_1", "ip": NET, "notes": NOTES}
    load(document("overdue", ips=[theirs, ours]))
    ran = fix(*SWEEP)

    assert (0, {NET: OTHERS}, [NET], []) == (ran.code, firewall.denied, firewall.entries, leases.open)


def test_an_entry_that_was_widened_by_hand(fix, load, firewall, leases):
    """1: it still names the lease, and is told as left alone, not as gone."""
    load(document("overdue", ips=[{"ip": "198.51.0.0/16", "notes": NOTES}]))
    ran = fix(*SWEEP)

    assert (1, {"left_alone": 1}, ["left alone"]) == (ran.code, ran.json["data"]["results"], leases.outcomes)
    assert ["198.51.0.0/16"] == firewall.entries


def test_a_rule_that_is_gone(fix, load, leases):
    """0: there is nothing to put back, and the lease does not stay due for ever."""
    world = leased_limit(expires_at="-1m")
    world["vercel"]["firewall"]["rules"] = world["vercel"]["firewall"]["rules"][1:]
    load(world)
    ran = fix(*SWEEP)

    assert (0, {"gone": 1}, []) == (ran.code, ran.json["data"]["results"], leases.open)


def test_a_rule_that_does_not_count_any_more(fix, load, leases):
    """1: somebody has made another rule of it; it is left alone and the lease ends."""
    world = leased_limit(expires_at="-1m")
    world["vercel"]["firewall"]["rules"][0] |= {"rate_limit": None, "action": "deny"}
    load(world)
    ran = fix(*SWEEP)

    assert (1, {"left_alone": 1}, []) == (ran.code, ran.json["data"]["results"], leases.open)


@pytest.mark.parametrize("ended", ["+1h", "+300d"])
def test_a_sweep_of_a_clock_that_is_ahead(ended, fix, load):
    """19: a run that ended in the future tells of no run."""
    world = document()
    world["tables"]["peakops.runs"][0] |= {"started_at": ended, "ended_at": ended}
    load(world)
    ran = fix(*BLOCK)

    assert ("fix.forbidden", 19) == refused(ran)
    assert "clock" in said(ran)


def test_a_sweep_that_vercel_refuses_for_malformed_does_not_count(fix, load, firewall):
    """19: nothing was taken back, and no new lease rests on that."""
    load(document("overdue"), faults=[{"vendor": "vercel", "route": CONFIG, "status": 400}])
    ran = fix(*SWEEP)
    block = fix("security", "block", "192.0.2.0/24", "--confirm", "192.0.2.0/24", *WHY)

    assert (19, {"failed": 1}) == (ran.code, ran.json["data"]["results"])
    assert ("fix.forbidden", 19) == refused(block)


def test_the_run_cannot_be_noted_at_its_end(load, firewall, leases, meanwhile, state):
    """11 with what was taken back: it is told, though the run counts for nothing."""
    load(document("overdue"))
    ran = meanwhile("before", "alter table if exists peakops.runs rename to runs_hidden", *SWEEP)
    with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as connection:
        connection.execute("alter table peakops.runs_hidden rename to runs")

    assert (11, "partial", {"taken_back": 1}) == (ran.code, ran.json["status"], ran.json["data"]["results"])
    assert "could not be noted" in said(ran)
    assert ([], []) == (firewall.entries, leases.open)


@pytest.mark.parametrize(("status", "code"), [(401, 77), (429, 75)])
def test_what_the_next_lease_would_meet_too(status, code, fix, load, state):
    """A token that is refused, or a limit: Vercel is asked for one lease, and not for the other."""
    world = document("overdue")
    first = world["tables"]["peakops.leases"][0]
    world["tables"]["peakops.leases"].append({**first, "id": LEASE.replace("1ea5", "2ea5"), "subject": "192.0.2.0/24"})
    load(world, faults=[{"vendor": "vercel", "route": CONFIG, "status": status, "retry_after": 0}])
    ran = fix(*SWEEP)
    asked = [each for each in sandbox.requests(state / "peakops") if each["method"] == "PATCH"]

    assert (code, {"failed": 1, "not_tried": 1}) == (ran.code, ran.json["data"]["results"])
    assert 1 == len(asked)


def test_a_dry_sweep_needs_no_key_that_writes(peakops, load, configured, state):
    """10: what is due can be seen by whoever may only read."""
    load(document("overdue"))
    ran = peakops(*SWEEP, "--dry-run", "--json", **configured(**at_vercel(state)))

    assert 10 == ran.code


def test_leases_of_a_network_in_another_notation(peakops, load):
    """The network is the same, however it is spelt."""
    load("security_blocks/leased")
    ran = peakops("--sandbox", "security", "leases", "2001:DB8:BAD:0::/48", "--json")

    assert ["2001:db8:bad::/48"] == [each["subject"] for each in ran.json["data"]["items"]]


def test_a_lease_that_was_renewed_since_it_was_listed(fix, load, firewall, leases, meanwhile):
    """0 for what is due; what somebody made anew while the sweep was under way is not taken back."""
    world = document("overdue")
    first = world["tables"]["peakops.leases"][0]
    second = {**first, "id": LEASE.replace("1ea5", "2ea5"), "subject": "192.0.2.0/24", "expires_at": "-1m"}
    world["tables"]["peakops.leases"].append(second)
    world["vercel"]["firewall"]["ips"] += [{"ip": "192.0.2.0/24", "notes": f"peakops lease {second['id']}"}]
    load(world)
    renewed = f"update peakops.leases set expires_at = '2026-11-21T15:00:00Z' where id = '{second['id']}'"
    ran = meanwhile("before", renewed, *SWEEP)

    assert (0, {"taken_back": 1, "unchanged": 1}) == (ran.code, ran.json["data"]["results"])
    assert (["192.0.2.0/24"], 1) == (firewall.entries, len(leases.open))


@pytest.mark.parametrize(("released", "code"), [(None, 0), ("-1h", 19)])
def test_the_network_of_a_takeover(released, code, fix, load, firewall):
    """0: whoever is kept out already is kept out by no block; 19 once the person was let in again."""
    world = logged(ip_address="198.51.100.9")
    row = {"user_id": SOMEBODY, "made_at": "-1d", "operator": "casey@desk", "reason": "Take-over", "previous": {}}
    world["tables"]["peakops.containments"] = [{**row, "released_at": released}]
    load(world)
    ran = fix(*BLOCK)

    assert (code, [NET] * (code == 0)) == (ran.code, firewall.entries)


@pytest.mark.parametrize(
    ("ips", "states", "leads"),
    [
        ([{"ip": "198.51.0.0/16", "notes": NOTES}], ["changed"], [f"peakops security unblock {NET}"]),
        ([{"ip": "192.0.2.0/24", "hostname": "old.smilecare.example"}], ["unleased", "missing"], []),
    ],
    ids=["widened", "one_host"],
)
def test_the_list_leads_to_no_refusal(ips, states, leads, fix, load):
    """A lease is ended by its own network; an entry of one host is no block that 'security unblock' takes away."""
    load(document("leased", ips=ips))
    items = [each for each in fix("security", "blocks").json["data"]["items"] if each["ip"] != "2001:db8:bad::/48"]

    assert (states, leads) == ([each["state"] for each in items], items[0]["next"])
