"""Blocks and limits that are leased: made once, taken back once, whatever is killed, lost, refused or changed."""

import json
from urllib.request import Request, urlopen

import pytest

from peakops import journal, sandbox

from ..conftest import WORLDS
from .conftest import WHY
from .test_crashes import MOST_STEPS

NET, OTHER = "198.51.100.0/24", "192.0.2.0/24"
LEASE = "1ea5e000-0000-4000-8000-000000000001"
CONFIG = "PATCH /v1/security/firewall/config"
BLOCK = ("security", "block", NET, "--for", "24h", "--confirm", NET, *WHY)
UNBLOCK = ("security", "unblock", NET, "--confirm", NET, *WHY)
LIMIT = ("security", "limit", "api-burst", "--to", "500", "--for", "2h", "--confirm", "api-burst", *WHY)
RESTORE = ("security", "restore", "api-burst", "--confirm", "api-burst", *WHY)
SWEEP = ("security", "leases", "--sweep")
DRAFT = {"author": "robin-deploys", "updated_at": "-20m", "changes": [{"action": "ip.insert"}, {"action": "ip.remove"}]}


def document(name="nothing_blocked", **more):
    """A world of the firewall, with changes of its part of Vercel's."""
    world = json.loads((WORLDS / "security_blocks" / f"{name}.json").read_text("utf-8"))
    world["vercel"]["firewall"] |= more
    return world


def leased_limit(limit=500, **lease):
    """A world in which the limit of 100 was set to 500 for two hours, and is `limit` now."""
    world = document()
    world["vercel"]["firewall"]["rules"][0]["rate_limit"]["limit"] = limit
    inverse = {"via": "vercel", "call": "set_limit", "params": {"rule": "rule_api", "limit": 100, "held": 500}}
    row = {
        **{"id": LEASE, "kind": "limit", "subject": "rule_api", "inverse": {**inverse, "made": "rule_api"}},
        **{"reason": "Campaign", "operator": "casey@desk", "made_at": "-1h", "expires_at": "+1h"},
    }
    world["tables"]["peakops.leases"] = [{**row, **lease}]
    return world


@pytest.fixture
def firewall(world):
    """What the firewall has now: the networks that it denies, with their notes, and the limit of the rule."""

    class Now:
        @property
        def denied(self):
            return {each["ip"]: each["notes"] for each in self._part["ips"] if each["action"] == "deny"}

        @property
        def entries(self):
            return [each["ip"] for each in self._part["ips"]]

        @property
        def limit(self):
            return self._part["rules"][0]["rate_limit"]["limit"]

        @property
        def rule(self):
            return self._part["rules"][0]

        @property
        def _part(self):
            return world()["vercel"]["firewall"]

    return Now()


@pytest.fixture
def leases(world):
    """The leases that are open, and how those that are not have ended."""

    class Now:
        @property
        def open(self):
            return [each for each in self._rows if each.get("ended_at") is None]

        @property
        def outcomes(self):
            return [each["outcome"] for each in self._rows if each.get("ended_at") is not None]

        @property
        def _rows(self):
            return world()["tables"].get("peakops.leases", [])

    return Now()


def at_vercel(state):
    """The variables with which a command reads the sandbox's firewall as if it were the true one."""
    up = sandbox.ensure(state / "peakops")
    return {
        "PEAKOPS_VERCEL_URL": up.vendor_url("vercel"),
        "PEAKOPS_VERCEL_TOKEN": up.vercel_token,
        "PEAKOPS_VERCEL_PROJECT": up.vercel_project,
        "PEAKOPS_VERCEL_TEAM": up.vercel_team,
    }


def refused(ran):
    """The code of the error, and the exit code."""
    return ran.json["error"]["code"], ran.code


def said(ran):
    """What an operator is told of a refusal."""
    return ran.json["error"]["message"]


def test_a_network_is_blocked_for_a_while(fix, load, firewall, leases, rows, entries):
    """0: the entry names the lease, the lease how it is taken back; journal and audit log name the network."""
    load(document())
    ran = fix(*BLOCK)
    (lease,) = leases.open

    assert (0, "changed", "blocked") == (ran.code, ran.json["status"], ran.json["verdict"]["code"])
    assert f"peakops lease {lease['id']} until 2026-11-21T15:00:00Z by " in firewall.denied[NET]
    assert {"via": "vercel", "call": "unblock", "params": {"network": NET}} == {
        key: lease["inverse"][key] for key in ("via", "call", "params")
    }
    assert ("ticket 4711", "block", NET) == (lease["reason"], lease["kind"], lease["subject"])
    assert ["security.blocked"] * 2 == [each["action"] for each in rows("audit_logs")]
    assert f"Vercel's firewall, {NET}" in json.dumps(rows("audit_logs"))
    assert ["intended", "done"] * 3 == entries()


def test_the_journal_names_the_network(fix, load, folder):
    """What was blocked is not masked there: it is what the line is about, and what a run goes on with."""
    load(document())
    fix(*BLOCK)

    assert all(NET in entry.command and entry.subject == f"network:{NET}" for entry in journal.read(folder()))


def test_a_second_run_has_nothing_to_do(fix, load, leases, firewall):
    """0, and one lease and one entry: it is blocked already."""
    load(document())
    fix(*BLOCK)
    again = fix(*BLOCK)

    assert (0, "ok", 1) == (again.code, again.json["status"], len(leases.open))
    assert [NET] == firewall.entries


def test_it_is_let_in_again(fix, load, firewall, leases):
    """0: the entry is gone and the lease has ended; a second run has nothing to do; a new block has a new lease."""
    load(document())
    fix(*BLOCK)
    first = leases.open[0]["id"]
    ran, again = fix(*UNBLOCK), fix(*UNBLOCK)

    assert (0, "changed", 0, "ok") == (ran.code, ran.json["status"], again.code, again.json["status"])
    assert ({}, ["unblocked"]) == (firewall.denied, leases.outcomes)
    assert 0 == fix(*BLOCK).code
    assert first != leases.open[0]["id"]


@pytest.mark.parametrize(
    ("network", "code", "says"),
    [
        ("10.1.0.0/16", "reserved", "10.0.0.0/8, which is private"),
        ("127.0.0.1", "reserved", "loopback"),
        ("fe80::/64", "reserved", "link-local"),
        ("203.0.0.0/15", "too_wide", "prefix /15"),
        ("2001:db8::/32", "too_wide", "IPv6 from /48 to /128"),
        ("54.187.216.0/24", "vendor", "from which Stripe sends webhooks (read 2026-11-26"),
        ("2600:1f24:64:8000::1", "vendor", "Resend"),
        ("203.0.113.0/24", "practice", "2 people of 1 practice came from"),
    ],
)
def test_networks_that_are_never_blocked(network, code, says, fix, load, firewall, leases):
    """19, and why: nobody comes from there, it is too wide, a vendor's, or people of practices log in from there."""
    world = document()
    logins = [(f"aaaaaaaa-0000-4000-8000-00000000000{who}", "-2d") for who in (1, 2, 2)]
    practice = "11111111-1111-4111-8111-111111111111"
    row = {"action": "auth.login", "ip_address": "203.0.113.9", "practice_id": practice}
    world["tables"]["audit_logs"] = [
        *({**row, "user_id": who, "created_at": at} for who, at in logins),
        {**row, "user_id": "aaaaaaaa-0000-4000-8000-000000000003", "created_at": "-31d"},
    ]
    load(world)
    ran = fix("security", "block", network, "--confirm", network, *WHY)

    assert ("fix.forbidden", 19) == refused(ran)
    assert says in said(ran)
    assert code in [each["code"] for each in ran.json["findings"]]
    assert ([], []) == (firewall.entries, leases.open)


def test_our_own_networks(fix, load, state, writing, peakops, firewall):
    """19 for a network of PEAKOPS_OWN_NETWORKS, and for the address from which this session comes."""
    load(document())
    own = {"PEAKOPS_OWN_NETWORKS": '["198.51.100.128/25"]', "PEAKOPS_VERCEL_WRITE_TOKEN": "t0ken"}
    env = writing(**at_vercel(state), **own)
    office = peakops(*BLOCK, "--json", **env)
    here = fix("security", "block", OTHER, "--confirm", OTHER, *WHY, SSH_CONNECTION="192.0.2.5 50022 10.0.0.1 22")

    assert ("fix.forbidden", 19) == refused(office)
    assert "198.51.100.128/25, which is ours (PEAKOPS_OWN_NETWORKS)" in said(office)
    assert ("fix.forbidden", 19) == refused(here)
    assert "192.0.2.5, which is ours (this session" in said(here)
    assert [] == firewall.entries


@pytest.mark.parametrize(
    ("ips", "code", "says"),
    [
        ([{"ip": "198.51.0.0/16"}], "fix.forbidden", "lies within 198.51.0.0/16"),
        ([{"ip": "198.51.100.7"}], "fix.forbidden", "1 entries within"),
        ([{"ip": NET, "action": "log"}], "fix.forbidden", "another entry"),
        ([{"ip": NET, "notes": "spam, ask Robin"}], "fix.forbidden", "no lease is open"),
    ],
)
def test_entries_that_are_in_the_way(ips, code, says, fix, load, leases):
    """19: what overlaps, contradicts, or is somebody else's block already."""
    load(document(ips=ips))
    ran = fix(*BLOCK)

    assert (code, 19) == refused(ran)
    assert says in said(ran)
    assert [] == leases.open


def test_a_colleagues_draft(fix, load, firewall, leases):
    """19 with whose it is and how much is in it; taking back is not refused, and says what the draft may do."""
    load(document(draft=DRAFT))
    ran = fix(*BLOCK)
    load(document("leased", draft=DRAFT))
    back = fix(*UNBLOCK)

    assert ("fix.forbidden", 19) == refused(ran)
    assert "robin-deploys has a draft of the firewall that is not published" in said(ran)
    assert "with 2 changes" in said(ran)
    assert 0 == back.code
    assert any("robin-deploys" in each for each in back.json["data"]["plan"]["notes"])


def test_a_draft_that_appears_after_the_lease(fix, load, firewall, leases, state):
    """19 where somebody begins a draft after a run has failed between the lease and the block: no block."""
    load(document(), faults=[{"vendor": "vercel", "route": CONFIG, "status": 503, "times": 1}])
    first = fix(*BLOCK)
    up = sandbox.ensure(state / "peakops")
    url = f"{up.vendor_url('vercel')}/v1/security/firewall/config/draft?projectId=portal&slug=peak-dental-studio"
    value = {"ip": OTHER, "hostname": "*", "action": "log"}
    body = json.dumps({"action": "ip.insert", "value": value}).encode()
    urlopen(Request(url, body, {"Authorization": f"Bearer {up.vercel_token}"}, method="PATCH")).close()
    ran = fix(*BLOCK)

    assert 11 == first.code
    assert ("fix.forbidden", 19) == refused(ran)
    assert ([], 1) == (firewall.entries, len(leases.open))


@pytest.mark.parametrize("runs", [[], "stale", "died", "failed"])
def test_no_lease_without_a_sweep(runs, fix, load, leases):
    """19 with the cron line, where no sweep has run to its end within two hours; one sweep, and it is made."""
    run = {"sweep": "security leases", "started_at": "-1h", "host": "h", "ended_at": "-1h", "exit_code": 0}
    changes = {
        "stale": {"started_at": "-3h", "ended_at": "-3h"},
        "died": {"ended_at": None, "exit_code": None},
        "failed": {"exit_code": 77},
    }
    world = document()
    world["tables"]["peakops.runs"] = [{**run, **changes[runs]}] if runs else []
    load(world)
    ran, limit = fix(*BLOCK), fix(*LIMIT)

    assert ("fix.forbidden", 19) == refused(ran) == refused(limit)
    assert "*/10 * * * * peakops security leases --sweep" in said(ran)
    assert "peakops security leases --sweep" == ran.json["error"]["hint"]
    assert (0, []) == (fix(*SWEEP).code, leases.open)
    assert 0 == fix(*BLOCK).code


def test_without_the_schema(fix, load, firewall):
    """19 with the command that makes it, for what leases and for the sweep; what was made by hand can be taken back."""
    load(document("no_schema"))
    other = ("security", "block", OTHER, "--confirm", OTHER, *WHY)
    ran, limit, sweep = fix(*other), fix(*LIMIT), fix(*SWEEP)

    assert ("fix.forbidden", 19) == refused(ran) == refused(limit)
    assert {"peakops setup"} == {each.json["error"]["hint"] for each in (ran, limit, sweep)}
    assert ("fix.no_place", 19) == refused(sweep)
    assert (0, {}) == (fix(*UNBLOCK).code, firewall.denied)


def test_the_log_of_who_logged_in_cannot_be_read(fix, load, leases):
    """19: it may speak against the block."""
    load(document(), faults=[{"vendor": "database", "fault": "deny", "table": "audit_logs"}])
    ran = fix(*BLOCK)

    assert ("fix.unproven", 19) == refused(ran)
    assert [] == leases.open


@pytest.mark.parametrize("length", ["8d", "169h"])
def test_a_mitigation_lasts_a_week_at_most(length, fix, load):
    """19 for more than seven days."""
    load(document())
    ran = fix("security", "block", NET, "--for", length, "--confirm", NET, *WHY)

    assert ("fix.too_long", 19) == refused(ran)


@pytest.mark.parametrize("words", [("block", "198.51.100.7/24"), ("block", "fish"), ("block", NET, "--for", "0s")])
def test_what_is_no_network_or_no_time(words, fix):
    """64; of bits of a host it is said which they are."""
    ran = fix("security", *words)

    assert 64 == ran.code
    assert ("/24" in words[1] and len(words) == 2) == ("beyond the /24 all must be zero" in said(ran))


def test_a_limit_is_raised_and_put_back(fix, load, firewall, leases):
    """0: only the limit changes, the old one is in the lease; put back it is as before."""
    load(document())
    before = firewall.rule
    raised = fix(*LIMIT)
    (lease,) = leases.open
    during = firewall.rule
    back, again = fix(*RESTORE), fix(*RESTORE)

    assert (0, "limit_held") == (raised.code, raised.json["verdict"]["code"])
    assert {"rule": "rule_api", "limit": 100, "held": 500} == lease["inverse"]["params"]
    assert 500 == during["rate_limit"]["limit"]
    assert {**during, "rate_limit": before["rate_limit"]} == before
    assert (0, 0, before, ["set to 100"]) == (back.code, again.code, firewall.rule, leases.outcomes)


def test_one_lease_a_rule(fix, load, firewall):
    """0 for the same limit once more; 19 for another while the first lasts."""
    load(document())
    first, same = fix(*LIMIT), fix(*LIMIT)
    other = fix("security", "limit", "rule_api", "--to", "900", "--confirm", "api-burst", *WHY)

    assert (0, 0, "ok") == (first.code, same.code, same.json["status"])
    assert ("fix.leased", 19, 500) == (*refused(other), firewall.limit)


@pytest.mark.parametrize(("words", "code"), [(("no-wordpress",), 19), (("nobody",), 14)])
def test_rules_that_have_no_limit(words, code, fix, load):
    """19 for a rule that denies; 14 for one that is not there."""
    load(document())

    assert code == fix("security", "limit", *words, "--to", "5", "--dry-run").code


def test_two_rules_of_one_name(fix, load):
    """15: the candidates are named by their ids."""
    rules = [{"id": each, "name": "api-burst", "rate_limit": {}} for each in ("rule_a", "rule_b")]
    load(document(rules=rules))
    ran = fix("security", "limit", "api-burst", "--to", "5", "--dry-run")

    assert (15, ["rule_a", "rule_b"]) == (ran.code, [each["id"] for each in ran.json["data"]["candidates"]])


def test_the_sweep_takes_back_what_is_due(fix, load, firewall, leases, world, state):
    """0, without a question: the block and the limit that are due, not the others; a second sweep has nothing to do."""
    both = leased_limit(expires_at="-1m")
    due = document("overdue")
    both["tables"]["peakops.leases"] += [{**due["tables"]["peakops.leases"][0], "id": LEASE.replace("1ea5", "2ea5")}]
    notes = f"peakops lease {LEASE.replace('1ea5', '2ea5')}"
    both["vercel"]["firewall"]["ips"] = [{"id": "ip_1", "ip": NET, "notes": notes}]
    load(both)
    ran, again = fix(*SWEEP), fix(*SWEEP)

    assert (0, {"taken_back": 2}) == (ran.code, ran.json["data"]["results"])
    assert ({}, 100, []) == (firewall.denied, firewall.limit, leases.open)
    assert (0, {}) == (again.code, again.json["data"]["results"])
    runs = [each for each in world()["tables"]["peakops.runs"] if each["started_at"].startswith("2026-11-20T15:00")]
    assert [0] == [each["exit_code"] for each in runs]


def test_a_dry_sweep_changes_nothing(fix, load, firewall, leases):
    """10: what is due is listed, and no run is noted."""
    load(document("overdue"))
    ran = fix(*SWEEP, "--dry-run")

    assert (10, ["planned"]) == (ran.code, [each["result"] for each in ran.json["data"]["items"]])
    assert ([NET], 1) == (firewall.entries, len(leases.open))


@pytest.mark.parametrize(
    ("start", "result", "outcome"),
    [
        (
            document("overdue", ips=[{"ip": NET, "action": "log", "notes": f"peakops lease {LEASE}"}]),
            "left_alone",
            "left alone",
        ),
        (document("overdue", ips=[{"ip": NET, "notes": "mine now, Robin"}]), "left_alone", "left alone"),
        (document("overdue", ips=[]), "gone", "gone"),
        (leased_limit(limit=900, expires_at="-1m"), "left_alone", "left alone"),
        (leased_limit(limit=100, expires_at="-1m"), "gone", "put back before"),
    ],
)
def test_what_somebody_changed_is_left_alone(start, result, outcome, fix, load, firewall, leases):
    """1 where somebody has changed it, 0 where somebody has taken it back: told, left as it is, and the lease ends."""
    load(start)
    before = (firewall.entries, firewall.limit)
    ran = fix(*SWEEP)

    assert (int(result == "left_alone"), {result: 1}) == (ran.code, ran.json["data"]["results"])
    assert (before, [outcome]) == ((firewall.entries, firewall.limit), leases.outcomes)


def test_one_lease_that_fails_does_not_stop_the_others(fix, load, firewall, leases):
    """11: the block cannot be removed, the limit is put back; the next sweep does the rest."""
    world = leased_limit(expires_at="-1m")
    due = document("overdue")["tables"]["peakops.leases"][0] | {
        "id": LEASE.replace("1ea5", "2ea5"),
        "expires_at": "-2m",
    }
    world["tables"]["peakops.leases"].append(due)
    world["vercel"]["firewall"]["ips"] = [{"id": "ip_1", "ip": NET, "notes": f"peakops lease {due['id']}"}]
    load(world, faults=[{"vendor": "vercel", "route": CONFIG, "status": 402, "times": 1}])
    ran, again = fix(*SWEEP), fix(*SWEEP)

    assert (11, {"failed": 1, "taken_back": 1}) == (ran.code, ran.json["data"]["results"])
    assert "vercel.plan" in [each["error"]["code"] for each in ran.json["data"]["items"] if each["error"]]
    assert (0, {"taken_back": 1}, [], []) == (again.code, again.json["data"]["results"], firewall.entries, leases.open)


@pytest.mark.parametrize(("status", "code"), [(401, 77), (402, 77), (403, 77), (429, 75)])
def test_a_sweep_that_can_take_nothing_back_does_not_count(status, code, fix, load, firewall):
    """Its own code, and no new lease rests on it: nothing would take it back."""
    world = document("overdue")
    load(world, faults=[{"vendor": "vercel", "route": CONFIG, "status": status, "retry_after": 0}])
    ran = fix(*SWEEP)
    load(world | {"now": "2026-11-20T15:30:00Z"})

    assert (code, {"failed": 1}, [NET]) == (ran.code, ran.json["data"]["results"], firewall.entries)


@pytest.mark.parametrize(("status", "code"), [(401, 77), (402, 77), (403, 77), (429, 75), (400, 19)])
def test_the_write_is_refused(status, code, fix, load, firewall, leases):
    """Its exit code; the lease is there and the block is not: a second run makes the block under the same lease."""
    load(document(), faults=[{"vendor": "vercel", "route": CONFIG, "status": status, "times": 1}])
    ran = fix(*BLOCK)
    left, (lease,) = firewall.entries, leases.open
    again = fix(*BLOCK)

    assert 11 == ran.code
    assert code == {"auth": 77, "permission": 77, "rate_limit": 75, "guard": 19}.get(_cause(ran), code)
    assert ([], 0, [NET]) == (left, again.code, firewall.entries)
    assert [lease["id"]] == [each["id"] for each in leases.open]


def _cause(ran):
    return ran.json["error"]["category"]


@pytest.mark.parametrize("fault", [{"after_effect": "drop_connection"}, {"reset": True}, {"status": 503}])
@pytest.mark.parametrize("words", [BLOCK, LIMIT])
def test_the_answer_is_lost(words, fault, fix, load, firewall, leases, state):
    """Vercel is asked once, and looked at: done where it shows it; else a second run does it; never two entries."""
    load(document(), faults=[{"vendor": "vercel", "route": CONFIG, "times": 1, **fault}])
    ran = fix(*words)
    sent = [each for each in sandbox.requests(state / "peakops") if each["method"] == "PATCH"]
    again = fix(*words)

    assert (0 if "after_effect" in fault else 11, 1) == (ran.code, len(sent))
    assert 0 == again.code
    assert ([NET] if words is BLOCK else []) == firewall.entries
    assert (100 if words is BLOCK else 500, 1) == (firewall.limit, len(leases.open))


@pytest.mark.parametrize(
    ("words", "start", "done"),
    [
        (BLOCK, document(), ([NET], 100, 1)),
        (UNBLOCK, document("leased", ips=[{"ip": NET, "notes": f"peakops lease {LEASE}"}]), ([], 100, 1)),
        (LIMIT, document(), ([], 500, 1)),
        (SWEEP, leased_limit(expires_at="-1m"), ([], 100, 0)),
    ],
    ids=["block", "unblock", "limit", "sweep"],
)
def test_killed_at_every_step_and_run_again(words, start, done, fix, killed, load, firewall, leases, entries):
    """Whenever the first run dies, the second ends it: one entry, one lease, and never a block without a lease."""
    for at in range(1, MOST_STEPS):
        load(start)
        was_killed = killed(at, *words)
        open_ = " ".join(each["id"] for each in leases.open)
        assert all(notes.split()[2] in open_ for notes in firewall.denied.values() if words is BLOCK)
        again = fix(*words)

        assert 0 == again.code, (at, again.json["error"])
        assert done == (firewall.entries, firewall.limit, len(leases.open)), at
        assert entries()
        if not was_killed:
            return
    pytest.fail("it was still killed at the last step")


def test_another_run_holds_the_network(fix, load, state):
    """17: two runs never block one network at once."""
    world = document()
    world["tables"]["peakops.locks"] = [
        {"subject": f"network:{NET}", "owner": "robin@laptop/ab/cd", "taken_at": "-5s", "expires_at": "+1m"}
    ]
    load(world)

    assert 17 == fix(*BLOCK).code


def test_without_the_token_that_writes(fix, load, peakops, writing, state):
    """77 where the write token is missing, for the fix and for the sweep; the plan can be seen all the same."""
    load(document())
    env = writing(**at_vercel(state))
    # The clock of a real portal is the real one: the world's sweep is long ago.
    sweep = peakops(*SWEEP, "--json", **env)

    assert ("fix.no_write_access", 77) == refused(sweep)
    assert "PEAKOPS_VERCEL_WRITE_TOKEN" in said(sweep)
