"""Vercel's firewall as peakops reads and changes it, against the sandbox, and against a Vercel that goes wrong."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.errors import Changed, Denied, NotConfigured, PeakopsError, Refused, Unreachable, Unverified, certain
from peakops.settings import Settings, WriteKeys
from peakops.sources.firewall import Firewall
from peakops.sources.vercel_writer import VercelWriter

from .played import Reply

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
NET, LEASE = "198.51.100.0/24", "1ea5e000-0000-4000-8000-000000000001"
OF = {"plan": "p", "key": "k"}
FIREWALL = {
    "ips": [
        {"id": "ip_1", "ip": "192.0.2.0/24", "notes": f"peakops lease {LEASE}"},
        {"id": "ip_2", "ip": "192.0.2.7", "action": "bypass"},
    ],
    "rules": [{"id": "rule_1", "name": "api-burst", "rate_limit": {"limit": 100}}, {"id": "rule_2", "name": "wp"}],
}
EVENT = {"startTime": "2026-11-20T13:00:00Z", "endTime": "2026-11-20T14:00:00Z", "host": "h", "action_type": "deny"}
BLOCK = {"network": NET, "notes": f"peakops lease {LEASE} until …", "lease": LEASE, **OF}
LIMIT = {"rule": "rule_1", "limit": 500, "held": 100, "despite_draft": False, **OF}


@pytest.fixture
def sides(load):
    """The reader and the writer of a sandbox with this firewall."""

    def sides(**more):
        up = load({"says": "A firewall.", "now": "2026-11-20T15:00:00Z", "vercel": {"firewall": {**FIREWALL, **more}}})
        deadline = time.monotonic() + 10
        reader = lambda: Firewall(settings_of(up), deadline=deadline)  # noqa: E731  (each has its own memory)
        return reader, VercelWriter(settings_of(up), write_keys_of(up), deadline=deadline)

    return sides


def settings(url):
    return Settings(vercel_url=url, vercel_token="t0ken", vercel_project="prj_1", vercel_team="team_1")


def writer(vercel):
    return VercelWriter(settings(vercel.url), WriteKeys(vercel_token="t0ken"), deadline=time.monotonic() + 10)


def test_what_is_in_force(sides):
    """Entries and rules with the chosen fields; no draft."""
    reader, _ = sides()
    first, second = reader().blocks().rows
    limited, denying = reader().rules().rows

    assert {"id": "ip_1", "ip": "192.0.2.0/24", "hostname": "*", "action": "deny"} == {
        key: first[key] for key in ("id", "ip", "hostname", "action")
    }
    assert ("192.0.2.7", "bypass", "") == (second["ip"], second["action"], second["notes"])
    assert (100, 60, "rate_limit") == (limited["limit"], limited["window_s"], limited["action"])
    assert (None, None, "deny") == (denying["limit"], denying["window_s"], denying["action"])
    assert () == reader().draft().rows


def test_a_firewall_that_was_never_configured(load):
    """Nothing is blocked: Vercel says null."""
    up = load({"says": "None.", "now": "2026-11-20T15:00:00Z"})
    reader = Firewall(settings_of(up), deadline=time.monotonic() + 10)

    assert ((), (), ()) == (reader.blocks().rows, reader.rules().rows, reader.draft().rows)


def test_a_rule_by_its_id_or_its_name(sides):
    """In any case; nothing for another name."""
    reader, _ = sides()

    assert ["rule_1"] == [each["id"] for each in reader().rule(rule="API-Burst", leased=False).rows]
    assert ["rule_2"] == [each["id"] for each in reader().rule(rule="rule_2", leased=False).rows]
    assert () == reader().rule(rule="nobody", leased=False).rows
    assert [("nobody", True)] == [(each["id"], each["gone"]) for each in reader().rule(rule="nobody", leased=True).rows]


def test_how_entries_lie_to_a_network(sides):
    """This very one, around it, within it."""
    reader, _ = sides()
    of = {name: reader().network(network=name).rows[0] for name in ("192.0.2.0/24", "192.0.2.7", "192.0.0.0/16")}
    ids = {
        name: {lies: [each["id"] for each in row[lies]] for lies in ("exact", "wider", "narrower")}
        for name, row in of.items()
    }

    assert {"exact": ["ip_1"], "wider": [], "narrower": ["ip_2"]} == ids["192.0.2.0/24"]
    assert {"exact": ["ip_2"], "wider": ["ip_1"], "narrower": []} == ids["192.0.2.7"]
    assert {"exact": [], "wider": [], "narrower": ["ip_1", "ip_2"]} == ids["192.0.0.0/16"]


def test_a_draft_and_whose_it_is(sides):
    """The last change tells it; where none does, nobody is named."""
    changes = [{"action": "ip.insert"}, {"action": "ip.remove"}]
    named = sides(draft={"author": "robin-deploys", "updated_at": "-20m", "changes": changes})[0]().draft().rows[0]
    unnamed = sides(draft={})[0]().draft().rows[0]

    assert ("robin-deploys", 2, NOW - timedelta(minutes=20)) == (named["author"], named["changes"], named["updated_at"])
    assert (None, 0) == (unnamed["author"], unnamed["changes"])


def test_the_configuration_is_asked_for_once(played):
    """Whatever is looked at: what is in force and the draft are of one moment; a refusal is not asked for again."""
    vercel = played(Reply(403, {"error": {"code": "forbidden", "message": "no"}}))
    reader = Firewall(settings(vercel.url), deadline=time.monotonic() + 10)
    for look in (reader.blocks, reader.draft, reader.rules):
        with pytest.raises(Denied):
            look()

    assert 1 == len(vercel.asked)


@pytest.mark.parametrize("start", ["2026-11-20T13:00:00Z", "2026-11-20T13:00:00", "1795179600000", 1795179600000])
def test_an_event_in_any_form_of_time(start, played):
    """The specification says a text, and not which."""
    found = {**EVENT, "public_ip": "192.0.2.7", "count": 3, "isActive": True, "startTime": start, "ruleId": None}
    vercel = played(Reply(200, {"actions": [found]}))
    (row,) = Firewall(settings(vercel.url), deadline=time.monotonic() + 10).events(since=NOW, until=NOW).rows

    assert {"ip": "192.0.2.7", "action": "deny", "count": 3, "host": "h", "rule": None, "ended_at": None} == {
        key: row[key] for key in ("ip", "action", "count", "host", "rule", "ended_at")
    }
    assert datetime(2026, 11, 20, 13, tzinfo=UTC) == row["started_at"]


def test_events_of_a_time_oldest_first(load):
    """Those that began in it; of a rule its name; an event that has ended says when."""
    said = {"public_ip": "192.0.2.7", "count": 40, "ruleId": "rule_1", "ruleName": "api-burst", "action": "rate_limit"}
    events = [
        {**said, "startTime": "-1h"},
        {**said, "startTime": "-2h", "endTime": "-90m"},
        {**said, "startTime": "-2d"},
    ]
    up = load({"says": "Events.", "now": "2026-11-20T15:00:00Z", "vercel": {"firewall_events": events}})
    reader = Firewall(settings_of(up), deadline=time.monotonic() + 10)
    rows = reader.events(since=NOW - timedelta(days=1), until=NOW).rows

    assert [NOW - timedelta(hours=2), NOW - timedelta(hours=1)] == [each["started_at"] for each in rows]
    assert [NOW - timedelta(minutes=90), None] == [each["ended_at"] for each in rows]
    assert {("api-burst", "rate_limit", 40)} == {(each["rule"], each["action"], each["count"]) for each in rows}


@pytest.mark.parametrize(
    "body",
    [{}, {"active": {"ips": 3, "rules": []}, "draft": None}, {"active": {"ips": [{}], "rules": []}, "draft": None}],
)
def test_what_cannot_be_read_is_no_empty_firewall(body, played):
    """Unreachable, and not 'nothing is blocked'."""
    vercel = played(Reply(200, body))
    with pytest.raises(Unreachable):
        Firewall(settings(vercel.url), deadline=time.monotonic() + 10).blocks()


@pytest.mark.parametrize("lacking", ["vercel_token", "vercel_project"])
def test_without_a_setting(lacking):
    """NotConfigured, which names it."""
    given = replace(settings("https://api.vercel.com"), **{lacking: None})
    with pytest.raises(NotConfigured, match="not configured") as wrong:
        Firewall(given, deadline=time.monotonic() + 1).blocks()

    assert lacking.upper() in wrong.value.hint


def test_a_block_is_made_once(sides):
    """The second call finds the first one's entry, by its lease."""
    reader, writing = sides()
    first, second = writing.block(**BLOCK), writing.block(**BLOCK)

    assert (first["id"], "blocked", False) == (second["id"], first["status"], first["already"])
    assert ("found", True) == (second["status"], second["already"])
    assert [NET] == [each["ip"] for each in reader().blocks().rows if each["ip"] == NET]


def test_an_entry_of_somebody_else_is_a_twin_too(sides):
    """Changed: nothing is sent where the network has an entry that is not of this lease."""
    _, writing = sides()
    with pytest.raises(Changed) as wrong:
        writing.block(**{**BLOCK, "network": "192.0.2.7"})

    assert certain(wrong.value)


def test_an_entry_is_taken_away_once(sides):
    """And one that is another one now is left."""
    reader, writing = sides()
    gone = {"network": "192.0.2.0/24", "entry": "ip_1", **OF}
    first, second = writing.unblock(**gone), writing.unblock(**gone)
    with pytest.raises(Changed):
        writing.unblock(network="192.0.2.7", entry="ip_2", **OF)

    assert (("unblocked", False), ("gone", True)) == tuple(
        (each["status"], each["already"]) for each in (first, second)
    )
    assert ["ip_2"] == [each["id"] for each in reader().blocks().rows]


def test_a_limit_is_set_from_the_value_that_was_seen(sides):
    """Once; from another value it is left, and a rule that is gone is not made."""
    reader, writing = sides()
    first, second = writing.set_limit(**LIMIT), writing.set_limit(**LIMIT)
    for other in ({"limit": 900}, {"rule": "rule_9"}):
        with pytest.raises(Changed):
            writing.set_limit(**{**LIMIT, **other})

    assert ((False, "set to 500"), True) == ((first["already"], first["status"]), second["already"])
    assert 500 == reader().rule(rule="rule_1", leased=False).rows[0]["limit"]


@pytest.mark.parametrize("call", ["block", "limit", "restore"])
def test_a_draft_that_appears_right_before_the_write(call, sides):
    """Changed, and nothing is sent, for what is new; what is put back is put back all the same."""
    reader, writing = sides(draft={"author": "robin-deploys", "changes": [{"action": "ip.insert"}]})
    if call == "restore":
        assert not writing.set_limit(**{**LIMIT, "despite_draft": True})["already"]
        return
    with pytest.raises(Changed, match="robin-deploys has a draft") as wrong:
        writing.block(**BLOCK) if call == "block" else writing.set_limit(**LIMIT)

    assert certain(wrong.value)
    assert (2, 100) == (len(reader().blocks().rows), reader().rule(rule="rule_1", leased=False).rows[0]["limit"])


EMPTY = {"active": {"ips": [], "rules": []}, "draft": None, "versions": []}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Refused, "vercel.malformed_change"),
        (401, PeakopsError, "vercel.invalid_token"),
        (402, Denied, "vercel.plan"),
        (403, Denied, "vercel.forbidden"),
        (429, PeakopsError, "vercel.rate_limited"),
    ],
)
def test_a_refusal_is_certain(status, kind, code, played):
    """Nothing was done, it was sent once, and the setting of the write token is named."""
    vercel = played(Reply(200, EMPTY), Reply(status, {"error": {"code": "x", "message": "canary"}}), Reply(200, EMPTY))
    with pytest.raises(kind) as wrong:
        writer(vercel).block(**BLOCK)

    assert (code, True) == (wrong.value.code, certain(wrong.value))
    assert "canary" not in f"{wrong.value.says} {wrong.value.hint}"
    assert status != 403 or "PEAKOPS_VERCEL_TEAM" in wrong.value.hint
    assert 1 == sum(each.method == "PATCH" for each in vercel.asked)


def test_vercel_takes_it_and_does_not_show_it(played):
    """Unverified: whether it is there, is not known."""
    vercel = played(Reply(200, EMPTY), Reply(200, {}), Reply(200, EMPTY))
    with pytest.raises(Unverified) as wrong:
        writer(vercel).block(**BLOCK)

    assert not certain(wrong.value)


def test_the_server_fails_and_nothing_is_there(played):
    """Not certain: it may be made yet."""
    vercel = played(
        Reply(200, EMPTY), Reply(500, {"error": {"code": "internal_server_error", "message": ""}}), Reply(200, EMPTY)
    )
    with pytest.raises(Unreachable) as wrong:
        writer(vercel).block(**BLOCK)

    assert not certain(wrong.value)
    assert 1 == sum(each.method == "PATCH" for each in vercel.asked)


def test_without_the_token_that_writes():
    """NotConfigured, which names it."""
    with pytest.raises(NotConfigured, match="PEAKOPS_VERCEL_WRITE_TOKEN"):
        VercelWriter(settings("https://api.vercel.com"), WriteKeys(), deadline=time.monotonic() + 1)


def test_a_rule_is_sent_back_as_it_was(played):
    """All of it but the limit, with what this version does not know."""
    mitigate = {
        "action": "rate_limit",
        "rateLimit": {"algo": "fixed_window", "window": 60, "limit": 100, "keys": ["ip"], "new": 1},
    }
    whole = {"id": "rule_1", "name": "api", "active": False, "conditionGroup": [{"conditions": []}, {"conditions": []}]}
    active = {"ips": [], "rules": [{**whole, "action": {"mitigate": mitigate}}]}
    vercel = played(
        Reply(200, {"active": active, "draft": None}),
        Reply(402, {"error": {"code": "payment_required", "message": ""}}),
        Reply(200, {"active": active, "draft": None}),
    )
    with pytest.raises(Denied):
        writer(vercel).set_limit(**LIMIT)
    sent = next(each.body for each in vercel.asked if each.method == "PATCH")

    assert {**mitigate, "rateLimit": {**mitigate["rateLimit"], "limit": 500}} == sent["value"]["action"]["mitigate"]
    assert ["name", "active", "conditionGroup", "action"] == list(sent["value"])
    assert (False, 2) == (sent["value"]["active"], len(sent["value"]["conditionGroup"]))
