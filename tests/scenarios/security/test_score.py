"""The score of one person's visits: what counts, what is halved, what is forgiven, and what must never be high."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops.scenarios.security import context, score, signals
from peakops.scenarios.security.context import Context
from peakops.scenarios.security.events import family, network, provider

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
DESK, PHONE = "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/605"
HOME, AWAY = "203.0.113.7", "198.51.100.9"
OWN, OTHER = "practice-1", "practice-2"
OLD = NOW - timedelta(days=60)
NOTHING = Context()


def event(at=NOW, kind="login", **more):
    told = {"ip": HOME, "agent": DESK, "country": "US", "asn": None, "session": None, "practice": None, "home": OWN}
    return {
        "at": at,
        "user": "u",
        "kind": kind,
        "rows": None,
        "source": "portal",
        "line": "audit_logs 1",
        **told,
        **more,
    }


def days(count, **more):
    """A log-in on each of so many days before, at the same hour."""
    return [event(NOW - timedelta(days=day), **more) for day in range(count, 0, -1)]


def found(*events, known=40, company=NOTHING, **more):
    """The signals of the worst visit of today, by code with points."""
    told = score.judge([*days(known, **more), *events], company, NOW - timedelta(hours=12))
    return {each.code: each.points for each in told.days[0].signals} if told.days else {}


def test_the_usual_desk_is_worth_nothing():
    """A person who does what they always do has no signal at all, and is told as nothing unusual."""
    judged = score.judge([*days(40), event()], Context(), NOW - timedelta(hours=12))

    assert ((), 0.0, "nothing_unusual", 41) == (judged.days, judged.score, judged.verdict, judged.learned)


def test_a_new_network_alone_is_noise():
    """It happens hundreds of times a day."""
    assert {"new_network": 1.0, "new_provider": 1.0} == found(event(ip=AWAY))


def test_an_address_of_the_same_line_is_not_new():
    """A /24, or a /48 of IPv6, is one network; a provider's wider network is half of what is new."""
    assert {} == found(event(ip="203.0.113.200"))
    assert {"new_network": 1.0} == found(event(ip="203.0.9.1"))


def test_who_always_brings_new_networks_is_hardly_surprising():
    """A quarter of the points where every fourth log-in, or more, came from a new network."""
    roaming = [event(NOW - timedelta(days=day), ip=f"10.{day}.0.1") for day in range(40, 0, -1)]
    judged = score.judge([*roaming, event(ip=AWAY)], Context(), NOW - timedelta(hours=12))

    assert {"new_network": 0.25, "new_provider": 0.25} == {each.code: each.points for each in judged.days[0].signals}


def test_nothing_is_new_of_somebody_who_is_new():
    """Cold start: before three log-ins are known there is no usual."""
    assert {} == found(event(ip=AWAY, agent="curl/8.0", country="RU"), known=2)


def test_a_network_of_colleagues_is_half_as_new_from_the_second_day_on():
    """An attacker who takes two accounts of an office in one evening does not make it an office."""
    of_office = {(OWN, network(AWAY)): OLD}
    of_tonight = {(OWN, network(AWAY)): NOW - timedelta(hours=2)}

    assert {"new_network": 0.5, "new_provider": 0.5} == found(event(ip=AWAY), company=Context(shared=of_office))
    assert {"new_network": 1.0, "new_provider": 1.0} == found(event(ip=AWAY), company=Context(shared=of_tonight))


def test_a_network_of_everybody_is_never_learnt():
    """Whoever uses the company's VPN today is not known by it tomorrow: so may be whoever stole a password."""
    vpn = Context(everybodys={network(AWAY): OLD})
    before = event(NOW - timedelta(days=1, hours=1), ip=AWAY)
    judged = score.judge([*days(40), before, event(ip=AWAY)], vpn, NOW - timedelta(hours=12))

    assert {"new_network", "new_provider"} == {each.code for each in judged.days[0].signals}


def test_a_new_browser_at_the_usual_desk_is_a_quarter_of_one_elsewhere():
    """Browsers and telephones are bought."""
    assert {"new_device": 0.5} == found(event(agent=PHONE))
    assert 2.0 == found(event(agent=PHONE, ip=AWAY))["new_device"]


def test_a_program_that_nobody_uses_weighs_more_than_a_browser():
    """Not a browser, and unseen of anybody: each has points of its own."""
    company = Context(agents={"Chrome on Windows": OLD})

    assert {"new_device": 2.0, "unseen_agent": 2.0, "not_a_browser": 2.0} == {
        code: points
        for code, points in found(event(agent="python-requests/2.32", ip=AWAY), company=company).items()
        if code in ("new_device", "unseen_agent", "not_a_browser")
    }


def test_a_country_alone_is_never_high():
    """Sources of countries disagree in 2 to 5 of 100: neither one nor two countries reach a question."""
    far = found(event(country="SG"))

    assert {"new_country": 3.0} == far
    assert score.verdict(sum(far.values())) == "nothing_unusual"


def test_hours_are_circular():
    """Who works until 23:30 is not unusual at 00:15; at 04:00 they are. Fewer than twenty events say nothing."""
    late = NOW.replace(hour=23, minute=30) - timedelta(days=1)
    night = [event(late - timedelta(days=day)) for day in range(40, 0, -1)]

    def hour(at, known):
        told = score.judge([*known, event(at)], Context(), at - timedelta(hours=12))
        return [each.code for day in told.days for each in day.signals]

    assert [] == hour(NOW.replace(hour=0, minute=15), night)
    assert ["off_hours"] == hour(NOW.replace(hour=4), night)
    assert [] == hour(NOW.replace(hour=4), night[-15:])


@pytest.mark.parametrize(
    ("failures", "ip", "points"), [(4, AWAY, None), (5, AWAY, 4.0), (8, AWAY, 8.0), (8, HOME, 4.0)]
)
def test_failures_before_a_success(failures, ip, points):
    """Five in half an hour count, eight count twice; at the usual desk it is a forgotten password."""
    tries = [event(NOW - timedelta(minutes=20 - n), kind="login_failed", ip=ip) for n in range(failures)]

    assert points == found(*tries, event(ip=ip)).get("failures_then_success")


def test_failures_of_the_day_before_are_forgotten():
    """And a failure is nobody's network or device."""
    tries = [event(NOW - timedelta(hours=2), kind="login_failed", ip=AWAY, agent=PHONE) for _ in range(9)]

    assert {"new_network": 1.0, "new_provider": 1.0} == found(*tries, event(ip=AWAY))


def test_a_success_where_many_accounts_are_tried():
    """It counts for a day after, and not on the person's own network."""
    company = Context(sprays={network(AWAY): ((NOW - timedelta(hours=5), NOW - timedelta(hours=4)),)})

    assert 6.0 == found(event(ip=AWAY), company=company)["sprayed_network"]
    assert "sprayed_network" not in found(event(ip=AWAY), company=company, ip=AWAY)


def reading(rows, hours=12, **more):
    before = [event(NOW - timedelta(days=day), kind="read", rows=10 + day % 3) for day in range(hours, 0, -1)]
    return [*before, event(kind="read", rows=rows, **more)]


@pytest.mark.parametrize(("rows", "points"), [(199, None), (200, 5.0), (5000, 5.0)])
def test_mass_reading_is_two_hundred_rows_and_eight_spreads(rows, points):
    """Against the median of the person's own hours."""
    assert points == found(*sorted(reading(rows), key=lambda each: each["at"])).get("mass_reading")


def test_reading_of_an_hour_is_summed():
    """A hundred and fifty from each of two places is three hundred."""
    told = reading(150)

    assert 5.0 == found(*told, event(NOW + timedelta(minutes=9), kind="read", rows=150, ip=AWAY))["mass_reading"]


def test_a_habit_of_exporting_is_no_mass_reading():
    """Two earlier hours with half as much: the month's statement."""
    exports = [event(NOW - timedelta(days=day), kind="export", rows=400) for day in (30, 60)]
    told = sorted([*exports, *reading(500)], key=lambda each: each["at"])

    assert {} == {code: points for code, points in found(*told, known=0).items() if code == "mass_reading"}


def test_little_is_known_so_much_must_be_read():
    """With fewer than five hours of reading only ten times as many rows count."""
    assert None is found(*reading(1999, hours=2)).get("mass_reading")
    assert 5.0 == found(*reading(2000, hours=2))["mass_reading"]


def test_another_practice_alone_is_a_question():
    """A referred case is opened at the usual desk; who belongs to no practice is one of our own."""
    alone = found(event(kind="read", rows=25, practice=OTHER))

    assert {"other_practice": 5.0} == alone
    assert "unusual" == score.verdict(sum(alone.values()))
    assert {} == found(event(kind="read", rows=1, practice=OTHER, home=None))
    assert {} == found(event(kind="read", rows=1, practice=OWN))


def test_another_practice_is_high_for_many_records_or_with_anything_else():
    """No referral has so many; and nobody who was asked to look comes with a new browser."""
    assert 10.0 == found(event(kind="read", rows=26, practice=OTHER))["other_practice"]
    assert 10.0 == found(event(agent=PHONE), event(kind="read", rows=1, practice=OTHER))["other_practice"]


def test_another_practice_that_was_touched_before_is_a_habit():
    """Who often touches a new one is worth less for it; who has two and touches a third is not."""

    def after(*practices):
        told = [event(NOW - timedelta(days=20 - n), kind="read", rows=1, practice=p) for n, p in enumerate(practices)]
        return found(*told, event(kind="read", rows=1, practice="practice-9"), known=0).get("other_practice")

    assert "other_practice" not in found(
        event(NOW - timedelta(days=9), kind="read", rows=1, practice=OTHER), event(kind="read", rows=1, practice=OTHER)
    )
    assert 5.0 == after(OTHER)
    assert 5.0 == after(*[OTHER] * 12)
    assert 1.25 == after(OTHER, "practice-3", "practice-4")


def test_a_young_log_knows_no_habit():
    """In the first ten days nobody can be told from somebody who helps out elsewhere, but for what else is new."""
    young, old = (Context(begins=NOW - timedelta(days=days)) for days in (9, 11))
    touched = event(kind="read", rows=90, practice=OTHER)

    assert {"other_practice": 5.0} == found(touched, company=young)
    assert {"other_practice": 10.0} == found(touched, company=old)
    assert 10.0 == found(event(ip=AWAY), {**touched, "ip": AWAY}, company=young)["other_practice"]


def test_a_change_of_rights_counts_in_a_visit_that_is_new():
    """At the usual desk somebody changes a password."""
    assert {} == found(event(), event(NOW + timedelta(minutes=1), kind="privilege"))
    elsewhere = event(ip=AWAY), event(NOW + timedelta(minutes=1), kind="privilege", ip=AWAY)
    assert 3.0 == found(*elsewhere)["privilege_change"]


def test_signals_of_different_places_are_not_added_up():
    """Somebody who travels, and exports at the desk, is no intruder; what has no address joins what was going on."""
    told = sorted([*days(40), *reading(500, country=None), event(ip=AWAY, country="SG")], key=lambda each: each["at"])
    judged = score.judge(told, Context(), NOW - timedelta(hours=12))
    assert 5.0 == judged.score

    nowhere = {"ip": None, "agent": None, "country": None}
    joined = [event(ip=AWAY, country="SG"), event(NOW + timedelta(minutes=5), kind="privilege", **nowhere)]
    assert {"new_country", "new_network", "new_provider", "privilege_change"} == set(found(*joined))


def test_a_visit_is_of_the_day_of_its_weightiest_signal():
    """It may have begun the evening before."""
    evening = NOW.replace(hour=23) - timedelta(days=1)
    told = [
        *days(40),
        event(evening, ip=AWAY),
        event(NOW.replace(hour=4), kind="read", rows=1, practice=OTHER, ip=AWAY),
    ]
    judged = score.judge(sorted(told, key=lambda each: each["at"]), Context(), evening - timedelta(hours=1))

    assert [NOW.date()] == [day.day for day in judged.alerts]


def test_what_was_before_the_window_is_only_learnt_from():
    """And for ninety days: what was not seen for longer is new again."""
    old = [event(NOW - timedelta(days=200 - n), ip=AWAY) for n in range(5)]

    assert {} == found(event(ip=AWAY), known=40, ip=AWAY)
    assert "new_network" in {
        each.code
        for day in score.judge([*old, *days(40), event(ip=AWAY)], Context(), NOW - timedelta(hours=12)).days
        for each in day.signals
    }


def test_no_points_can_reach_the_alert_without_two_signals():
    """But reading of another practice beyond a referral: each alone stays below it, no single rule pages anybody."""
    alone = {
        *(signals.NEW_NETWORK, signals.NEW_PROVIDER, signals.NEW_DEVICE, signals.UNSEEN_AGENT, signals.TOOL),
        *(signals.NEW_COUNTRY, signals.TWO_COUNTRIES, signals.OFF_HOURS, signals.MASS_READING, signals.SPRAYED),
        *(signals.PRIVILEGE_CHANGE, signals.WITHOUT_LOGIN, signals.FAILURES, signals.REFERRED),
    }
    assert max(alone) < score.LIKELY <= signals.OTHER_PRACTICE


def test_addresses_and_agents():
    """Networks by version of IP, mapped addresses as what they are; families without versions; nonsense is nothing."""
    assert ("203.0.113.0", "203.0.0.0") == (network(HOME), provider(HOME))
    assert ("2001:db8:1::", "2001:db8::") == (network("2001:db8:1:2::3"), provider("2001:db8:1:2::3"))
    assert ("203.0.113.0", None) == (network("::ffff:203.0.113.7"), network("proxy"))
    assert ("Chrome on Windows", False) == (family(DESK).name, family(DESK).tool)
    assert ("Safari on iPhone", "Edge on macOS") == (
        family(PHONE).name,
        family("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/141 Safari/537 Edg/141").name,
    )
    assert [True, True, False] == [family(each).tool for each in ("curl/8.5", "HeadlessChrome/141", "PeakDental/3 iOS")]


def test_the_context_is_made_of_rows():
    """The second person's first use is since when something is common; a family's agents count together."""
    early, late = OLD, OLD + timedelta(days=3)
    networks = [
        {"practice": OWN, "network": "10.0.0.0", "since": early, "everybodys": False},
        {"practice": None, "network": "10.9.0.0", "since": late, "everybodys": True},
    ]
    agents = [
        {"agent": DESK, "people": ["a"], "firsts": [early]},
        {"agent": DESK.replace("141", "142"), "people": ["b", "a"], "firsts": [late, late]},
        {"agent": "curl/8", "people": ["a"], "firsts": [early]},
    ]
    made = context.of(networks, agents, [{"network": "10.1.0.0", "since": early, "until": late}])

    assert {"Chrome on Windows": late} == made.agents
    assert (early, {"10.9.0.0": late}) == (made.begins, made.everybodys)
    assert made.sprayed("10.1.0.0", late + timedelta(hours=23))
    assert not made.sprayed("10.1.0.0", late + timedelta(hours=25))
    assert not made.common("curl", NOW)
