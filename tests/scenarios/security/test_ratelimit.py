"""Who ran into a limit, judged on planted logs: every story by its name, and no block that would hit anybody."""

import random
from datetime import UTC, date, datetime
from ipaddress import ip_address, ip_network

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.security import cover, crawlers, ratelimit_networks
from peakops.scenarios.security.ratelimit import SCENARIO
from peakops.sources import weblogs, weblogs_count
from peakops.sources.weblogs_count import Counter
from peakops.verdict import rule

from . import planted_logs as planted

DOWN = Fault(code="database.unreachable", category="upstream", message="The database does not answer.")
SILENT = Fault(code="firewall.not_configured", category="config", message="Vercel is not configured.")


def logs(rows):
    return weblogs.row(_counted(rows))


def _counted(rows):
    counter = Counter()
    counter.take(planted.lines(rows))
    return counter.counted


def facts(rows, people=(), rules=SILENT):
    """The evidence of these rows, and what the portal says of people: (network, how many), or why it is silent."""
    return (
        Evidence(name="logs", source="weblogs", rows=(logs(rows),), single=True),
        _answer("people", people if isinstance(people, Fault) else tuple(_known(*each) for each in people)),
        _answer("rules", rules),
    )


def _known(network, people):
    return {"network": network, "people": people, "entries": 9, "last_at": None, "emails": ["a@b.example"]}


def _answer(name, told):
    return Evidence(name=name, source="x", **{"error" if isinstance(told, Fault) else "rows": told})


def judged(rows, people=(), **more):
    return _ruled(facts(rows, people, **more))


def _ruled(evidence):
    found = rule(SCENARIO, diagnose(SCENARIO, evidence), evidence)
    commands = [each for finding in found.findings for each in finding.next]
    return found, {each["network"]: each for each in SCENARIO.data(Facts(evidence))["networks"]}, commands


@pytest.mark.parametrize("network", planted.STORIES)
def test_every_story_alone_is_told_by_its_name(network):
    """And by the same verdict as beside all others."""
    story, expected = planted.STORIES[network]

    found, networks, _ = judged(story())

    assert {network: expected} == {name: each["verdict"] for name, each in networks.items()}
    assert expected == found.ruling.code


def test_all_stories_at_once_are_told_apart():
    """The verdict is the attack; blocks are named for the attackers alone, the clinic and the crawlers are safe."""
    found, networks, commands = judged(planted.everything())

    assert {each: verdict for each, (_, verdict) in planted.STORIES.items()} == {
        name: each["verdict"] for name, each in networks.items()
    }
    assert ("attack", None) == (found.ruling.code, found.ruling.cause)
    blocked = [ip_network(each.split()[3]) for each in commands if each.startswith("peakops security block ")]
    assert blocked
    for safe in ("203.0.113.40", "66.249.66.1", "192.0.2.77", "100.43.90.3"):
        assert not any(ip_address(safe) in each for each in blocked)
    assert all(each.endswith(" --for 24h") for each in commands if " block " in each)


def test_a_block_is_the_narrowest_that_holds_the_attackers():
    """180 of 254 addresses are the /24; with good neighbours the network is cut around them."""
    whole = judged(planted.attack_24())[1]["198.51.100.0/24"]["blocks"]
    neighbour = [
        planted.row("198.51.100.7", 200, planted.START, "/api/auth/login", planted.WINDOWS.format(140), "POST"),
        planted.row("198.51.100.250", 200, planted.START, "/cases", planted.WINDOWS.format(140)),
    ]
    _, networks, commands = judged([*planted.attack_24(), *neighbour])
    around = [each["cidr"] for each in networks["198.51.100.0/24"]["blocks"]]

    assert ["198.51.100.0/24"] == [each["cidr"] for each in whole]
    assert around
    assert not any(ip_address("198.51.100.7") in ip_network(each) for each in around)
    assert 0 == sum(each["logins"] for each in networks["198.51.100.0/24"]["blocks"])
    assert commands == [f"peakops security block {each} --for 24h" for each in around if _harmless(networks, each)][:3]


def _harmless(networks, cidr):
    return next(ratelimit_networks.harmless(b) for n in networks.values() for b in n["blocks"] if b["cidr"] == cidr)


@pytest.mark.parametrize(("people", "cause"), [([("198.51.100.0/24", 3)], "hits_others"), (DOWN, "not_known")])
def test_a_block_is_not_named_where_it_hits_people_or_nobody_knows(people, cause):
    """The portal knows people there, or could not be asked: it is an attack all the same."""
    found, _, commands = judged(planted.attack_24(), people)

    assert ("attack", cause) == (found.ruling.code, found.ruling.cause)
    assert [] == commands
    assert "Block nothing yet." in found.ruling.do


def test_an_attacker_that_got_in_is_not_blocked_blindly():
    """A log-in that succeeded among the attackers may be a person's: the block is not named."""
    rows = [*planted.attack_24(), planted.row("198.51.100.30", 200, planted.START, "/api/auth/login", "x", "POST")]

    _, networks, _ = judged(rows)

    assert not any(
        ip_address("198.51.100.30") in ip_network(each["cidr"]) for each in networks["198.51.100.0/24"]["blocks"]
    )


def test_the_clinics_limit_is_raised_by_what_it_needed():
    """Where Vercel's rule is known: the busiest minute of an address, with room, and never below the old value."""
    rules = ({"id": "rule_burst", "name": "api-burst", "active": True, "limit": 40, "window_s": 60, "action": "deny"},)
    found, networks, commands = judged(planted.office(rule="rule_burst"), rules=rules)

    (command,) = commands
    assert "legitimate_heavy" == found.ruling.code
    assert command.startswith("peakops security limit rule_burst --to ")
    assert command.endswith(" --for 2h")
    assert int(command.split()[5]) >= max(networks["203.0.113.0/24"]["peak"], 40) * 1.25


def test_a_limit_that_is_not_vercels_is_not_raised_there():
    """The portal answered 429, or Supabase: another rate at Vercel helps nobody."""
    found, _, commands = judged(planted.office())

    assert [] == commands
    assert "429 came from the portal itself" in found.ruling.says
    assert found.ruling.do.startswith("Raise nothing at Vercel")


def test_supabase_is_told_by_the_path():
    """Its answers reach the log where the portal passes them on."""
    rows = [{**each, "source": "external"} for each in planted.guessing(["203.0.113.9"], 40)]
    for each in rows:
        each["proxy"]["path"] = "/auth/v1/token"

    assert {"supabase"} == set(logs(rows)["answered_by"])


def test_no_address_no_verdict_on_anybody():
    """Runtime logs: what was limited is told, and that nobody can say who it was."""
    rows = [
        {"rowId": str(number), "timestampInMs": planted.START, "timestamp": planted.START, "requestPath": "/api/x",
         "responseStatusCode": 429, "source": "lambda"}
        for number in range(30)
    ]  # fmt: skip

    found, networks, _ = judged(rows)

    assert ("no_addresses", {}) == (found.ruling.code, networks)
    assert "/api/x 30" in found.ruling.says


def test_nothing_limited_is_quiet():
    """Whatever else there is."""
    assert "quiet" == judged(planted.office(limited=0))[0].ruling.code


def test_few_requests_are_unclear():
    """Three requests say nothing of anybody."""
    assert "unclear" == judged([planted.row("203.0.113.5", 429, planted.START, agent="x")])[0].ruling.code


def test_without_the_log_it_is_unknown():
    """A log that could not be read to its end leaves no verdict."""
    late = Fault(code="source.timeout", category="timeout", message="The log could not be read to its end in the time.")
    evidence = (Evidence(name="logs", source="weblogs", error=late), *facts([planted.row("1.2.3.4", 429, 1)])[1:])

    assert "unknown" == rule(SCENARIO, diagnose(SCENARIO, evidence), evidence).ruling.code


@pytest.mark.parametrize(
    ("agent", "address", "on", "expected"),
    [
        (planted.GOOGLEBOT, "66.249.66.1", date(2026, 11, 20), "verified"),
        (planted.GOOGLEBOT, "2001:4860:4801:10::1", date(2026, 11, 20), "verified"),
        (planted.GOOGLEBOT, "185.220.101.5", date(2026, 11, 20), "forged"),
        (planted.GOOGLEBOT, "185.220.101.5", date(2028, 1, 1), "unknowable"),
        (planted.GOOGLEBOT, "185.220.101.5", date(1970, 1, 1), "unknowable"),
        (planted.YANDEX, "185.220.101.5", date(2026, 11, 20), "unknowable"),
        ("SomeNewBot/1.0", "203.0.113.5", date(2026, 11, 20), "unknowable"),
        (planted.WINDOWS.format(140), "66.249.66.1", date(2026, 11, 20), None),
    ],
)
def test_a_claim_is_held_against_what_is_published(agent, address, on, expected):
    """Inside of the list, outside of a fresh one, outside of an old one, and where there is none."""
    assert expected == crawlers.identity(agent, [address], on)


def test_covers_hold_the_bad_and_no_good():
    """On random addresses: every bad one is in one network, none that is spared is, half of each are bad."""
    chance = random.Random()
    for _ in range(200):
        seen = [f"203.0.113.{each}" for each in chance.sample(range(256), chance.randrange(1, 120))]
        bad = [each for each in seen if chance.random() < chance.choice((0.1, 0.6, 0.95))]
        spared = [each for each in seen if chance.random() < 0.05]
        covers = list(map(ip_network, cover.narrowest(bad, seen, spared)))
        for each in set(bad) - set(spared):
            assert 1 == sum(ip_address(each) in one for one in covers)
        for one in covers:
            within = [each for each in seen if ip_address(each) in one]
            assert not set(within) & set(spared)
            assert 2 * len(set(within) & set(bad)) >= len(within)


def paced(client, agent, path, *, step_ms, count, done, method="GET"):
    """A program that asks for one thing at an even pace; of so many of a hundred requests it gets an answer."""
    return [
        planted.row(client, 200 if n % 100 < done else 429, planted.START + n * step_ms, path, agent, method)
        for n in range(count)
    ]


def clinic(client="203.0.113.40", done=35, agents=14):
    """Many browsers behind one address, whose requests are mostly held back, and which ask again."""
    chance = random.Random(6)
    return [
        planted.row(
            client,
            200 if chance.randrange(100) < done else 429,
            planted.START + n * 1500 + chance.randrange(1400),
            chance.choice(("/cases", f"/cases/{n}", "/api/cases", "/_next/static/app.js")),
            planted.WINDOWS.format(130 + chance.randrange(agents)),
        )
        for n in range(900)
    ]


INNOCENT = {
    "a clinic that retries": (clinic, "unclear"),
    "a carrier's many": (lambda: [r for n in range(60) for r in clinic(f"203.0.113.{n}", 30, 3)[:40]], "unclear"),
    "Stripe": (
        lambda: paced(
            "54.187.174.169", "Stripe/1.0", "/api/webhooks/stripe", step_ms=180_000, count=600, done=5, method="POST"
        ),
        "legitimate_heavy",
    ),
    "another sender of webhooks": (
        lambda: paced("192.0.2.9", "UPS", "/api/webhooks/ups", step_ms=180_000, count=600, done=5, method="POST"),
        "unclear",
    ),
    "a probe": (lambda: paced("192.0.2.9", "curl/8", "/api/health", step_ms=60_000, count=2880, done=20), "unclear"),
    "a program of a clinic": (
        lambda: paced("192.0.2.9", "Desk/3", "/api/sync", step_ms=300, count=900, done=30),
        "unclear",
    ),
}


@pytest.mark.parametrize("who", INNOCENT)
def test_who_is_held_back_and_harmless_is_no_attack(who):
    """Most of what they ask was answered 429, and beside an attack, too, no block is named for them."""
    story, expected = INNOCENT[who]

    alone, beside = judged(story()), judged([*story(), *planted.attack_24()])

    assert expected == alone[0].ruling.code
    assert not [each for each in alone[2] if " block " in each]
    hit = [ip_network(each.split()[3]) for each in beside[2] if " block " in each]
    assert hit
    assert not any(ip_address(row["proxy"]["clientIp"]) in each for row in story() for each in hit)


def test_a_clinic_within_the_attacked_network_is_spared():
    """Most of its requests were refused, as those of its neighbours were; but it works there, and is not blocked."""
    attackers = [each for each in planted.attack_24() if each["proxy"]["clientIp"] != "198.51.100.40"]

    _, networks, commands = judged([*attackers, *clinic("198.51.100.40")])

    blocks = [ip_network(each["cidr"]) for each in networks["198.51.100.0/24"]["blocks"]]
    assert blocks
    assert not any(ip_address("198.51.100.40") in each for each in blocks)
    assert commands


@pytest.mark.parametrize(
    ("client", "says"), [("66.249.66.1", "Google's"), ("54.187.174.169", "Stripe's"), ("10.1.2.3", "private")]
)
def test_what_nobody_should_block_is_not_named(client, says):
    """A crawler's range, a vendor's address, a private one: guesses from there are no reason to block it."""
    found, networks, commands = judged(
        planted.guessing([client, *(client.rpartition(".")[0] + f".{each}" for each in (200, 201, 202))], 200)
    )

    assert "attack" == found.ruling.code
    assert not [each for each in commands if f" {client}" in each]
    (row,) = networks.values()
    assert not any(ip_address(client) in ip_network(each["cidr"]) and not each["needed"] for each in row["blocks"])
    assert all(says in each["needed"] for each in row["blocks"] if each["needed"])


def test_a_block_that_holds_a_vendors_address_unseen_is_not_named():
    """Stripe sent nothing in this log; its address lies between those of the attackers."""
    _, networks, commands = judged(planted.guessing(["54.187.174.168", "54.187.174.170"], 200))

    (block,) = networks["54.187.174.0/24"]["blocks"]
    assert ("54.187.174.168/30", []) == (block["cidr"], commands)
    assert "Stripe's" in block["needed"]


def test_our_own_network_is_not_blocked():
    """A test of load from the office is an attack by its signs, and not to be blocked."""
    log = weblogs.row(_counted(planted.attack_24()), own=["198.51.100.0/24"])

    found, networks, commands = _ruled(
        (Evidence(name="logs", source="weblogs", rows=(log,), single=True), *facts([])[1:])
    )

    assert "attack" == found.ruling.code
    assert [] == commands == networks["198.51.100.0/24"]["blocks"]


def test_two_rules_of_the_firewall_raise_none():
    """One of them may be what holds an attack back."""
    rows = [*planted.office(rule="rule_burst"), *planted.office("203.0.113.41", rule="rule_login")]

    assert ["peakops security blocks"] == judged(rows)[2]


@pytest.mark.parametrize("hidden", [{"damaged": ["drain.gz"]}, {"unreadable": 200, "lines": 2000}, {"rows": 1_000_000}])
def test_what_was_not_read_is_not_quiet(hidden):
    """A file that was cut off, many broken lines, one id for all rows: nobody knows whether somebody was held back."""
    answered = facts(planted.office(limited=0))
    log = Evidence(name="logs", source="weblogs", rows=({**answered[0].rows[0], **hidden},), single=True)

    found = _ruled((log, *answered[1:]))[0]

    assert "unknown" == found.ruling.code
    assert not found.ruling.complete


def test_a_log_in_the_other_order_is_judged_as_well():
    """The newest row first: from when to when is told in the order of time."""
    rows = planted.polling()
    counter = Counter()
    counter.take(planted.lines(rows)[::-1])

    told = weblogs.row(counter.counted)["networks"][0]

    assert (min(each["timestamp"] for each in rows), max(each["timestamp"] for each in rows)) == (
        told["first"],
        told["last"],
    )


def test_paths_and_agents_cannot_leak_a_secret():
    """A token in a query, an address in a path: neither is in anything that is told."""
    rows = [
        planted.row("203.0.113.5", 429, planted.START + n, f"/invitations/tok{'a' * 30}1?token=canary", "x")
        for n in range(9)
    ]

    told = repr(judged(rows)[1]) + repr(logs(rows))

    assert "canary" not in told
    assert "aaaa" not in told


def test_the_days_are_the_logs():
    """Times are told as the rows have them, in UTC."""
    assert datetime(2026, 11, 20, 9, tzinfo=UTC) == logs(planted.polling())["first"]


def test_clients_that_were_folded_are_blocked_with_their_network_or_not_at_all(monkeypatch):
    """Nobody knows who is where in it: the whole /48, and not where one log-in of it succeeded."""
    monkeypatch.setattr(weblogs_count, "ADDRESSES", 40)
    rows = planted.guessing([f"2001:db8:bad:{number:x}::1" for number in range(400)], 1)
    login = planted.row("2001:db8:bad:fff::9", 200, planted.START, "/api/auth/login", "x", "POST")

    alone, beside = judged(rows), judged([*rows, login])

    assert ["peakops security block 2001:db8:bad::/48 --for 24h"] == alone[2]
    assert ("attack", []) == (beside[0].ruling.code, beside[2])
    assert "a log-in succeeded" in beside[0].ruling.says


def test_guesses_at_an_even_pace_are_no_page_of_ours():
    """One address that posts passwords every two seconds and says that it is a browser."""
    rows = [
        planted.row(
            "192.0.2.77", 429 if n % 3 else 401, planted.START + n * 2000, "/api/auth/login", planted.MAC, "POST"
        )
        for n in range(300)
    ]

    assert "attack" == judged(rows)[0].ruling.code


def test_a_page_that_asks_for_its_session_again_and_again_is_one():
    """A path of logging in, asked for and not posted to."""
    rows = [{**each, "proxy": {**each["proxy"], "path": "/api/auth/session"}} for each in planted.polling()]

    assert "client_bug" == judged(rows)[0].ruling.code
