"""What is unusual in one event, given what is usual for the person and for the organisation. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from peakops.scenario import Row
from peakops.scenarios.security.baseline import Baseline, robust_z
from peakops.scenarios.security.context import Context
from peakops.scenarios.security.events import (
    EXPORT,
    LOGIN,
    PRIVILEGE,
    READ,
    SESSION,
    family,
    is_elsewhere,
    network,
    provider,
)
from peakops.scenarios.security.signals import (
    COLD,
    COLD_FACTOR,
    COLD_HOURS,
    ENOUGH_HOURS,
    FAILURES,
    FEW_FAILURES,
    HABIT,
    HABIT_DAYS,
    HALF,
    LIKE,
    MANY_FAILURES,
    MASS_READING,
    MASS_ROWS,
    MASS_Z,
    NEW_COUNTRY,
    NEW_DEVICE,
    NEW_NETWORK,
    NEW_PROVIDER,
    OFF_HOURS,
    OFTEN,
    ON_KNOWN_NETWORK,
    OTHER_PRACTICE,
    PRIVILEGE_CHANGE,
    QUARTER,
    REFERRAL,
    REFERRED,
    SOMETIMES,
    SPRAYED,
    TOOL,
    TRAVEL,
    TWO_COUNTRIES,
    UNSEEN_AGENT,
    WITHOUT_LOGIN,
    Signal,
)


@dataclass(frozen=True)
class Moment:
    """An event, and what is known before it."""

    event: Row
    known: Baseline
    context: Context


Found = tuple[str, float, str]
"""A code, its points, and the words."""


def of_event(event: Row, known: Baseline, context: Context) -> list[Signal]:
    """All that is unusual in an event, before it is learnt."""
    moment, found = Moment(event, known, context), list[Signal]()
    for rule in BY_KIND.get(event["kind"], ()):
        for code, points, says in rule(moment):
            more = {"at": event["at"], "line": str(event["line"])}
            found.append(Signal(code=code, points=round(points, 2), says=says, **more))
    return found


def _network(moment: Moment) -> Iterator[Found]:
    event, known, context = moment.event, moment.known, moment.context
    place = _new_place(event, known)
    if place is None:
        return
    weight = _weight(known.networks.rate) * _trust(place, event, context)
    seen = f"{known.networks.new} of {known.networks.times} earlier times it was a new one"
    yield "new_network", NEW_NETWORK * weight, f"From {event['ip']}, a network not seen of this person before; {seen}."
    if event["asn"]:
        if known.asns.times and event["asn"] not in known.asns:
            yield (
                "new_provider",
                NEW_PROVIDER * weight,
                f"The network belongs to AS{event['asn']}, a provider new to this person.",
            )
    elif provider(event["ip"]) not in known.providers:
        weight = _weight(known.providers.rate) * _trust(place, event, context)
        yield (
            "new_provider",
            NEW_PROVIDER * HALF * weight,
            f"Nothing near {event['ip']} was seen of this person either.",
        )


def _without_login(moment: Moment) -> Iterator[Found]:
    event, known, context = moment.event, moment.known, moment.context
    if known.logins >= COLD and (place := _new_place(event, known)):
        points = WITHOUT_LOGIN * _weight(known.networks.rate) * _trust(place, event, context)
        yield "without_login", points, f"A session was used from {event['ip']} that was begun elsewhere."


def _new_place(event: Row, known: Baseline) -> str | None:
    """The network, where it is new to somebody who is known by networks."""
    place = network(event["ip"]) if event["ip"] else None
    return None if place is None or place in known.networks or known.networks.times < COLD else place


def _trust(place: str, event: Row, context: Context) -> float:
    """Half for a network that colleagues use."""
    return HALF if context.colleagues(event["home"], place, event["at"]) else 1.0


def _weight(rate: float) -> float:
    """How much a new value says of somebody for whom they are new at this rate."""
    return QUARTER if rate >= OFTEN else HALF if rate >= SOMETIMES else 1.0


def _device(moment: Moment) -> Iterator[Found]:
    event, known, context = moment.event, moment.known, moment.context
    if not event["agent"] or known.agents.times < COLD:
        return
    kind = family(event["agent"])
    if kind.name in known.agents:
        return
    weight = _weight(known.agents.rate)
    if event["ip"] and network(event["ip"]) in known.networks:
        weight *= ON_KNOWN_NETWORK
    elif event["ip"] and (place := network(event["ip"])):
        weight *= _trust(place, event, context)
    yield "new_device", NEW_DEVICE * weight, f"With {kind.name}, which this person has not used before."
    if not context.common(kind.name, event["at"]):
        yield "unseen_agent", UNSEEN_AGENT * weight, f"Nobody else of the organisation uses {kind.name}."
    if kind.tool:
        yield "not_a_browser", TOOL * weight, f"{kind.name} is a program, not a browser."


def _country(moment: Moment) -> Iterator[Found]:
    event, known, context = moment.event, moment.known, moment.context
    where, place = event["country"], network(event["ip"]) if event["ip"] else None
    if not where or known.countries.times < COLD:
        return
    # A VPN abroad is no journey.
    trust = HALF if place and context.everybody(place, event["at"]) else 1.0
    if where not in known.countries:
        points = NEW_COUNTRY * _weight(known.countries.rate) * trust
        yield "new_country", points, f"From {where}, a country not seen of this person before."
    if known.country and known.country[0] != where and event["at"] - known.country[1] < TRAVEL:
        minutes = round((event["at"] - known.country[1]).total_seconds() / 60)
        yield "two_countries", TWO_COUNTRIES * trust, f"From {where}, {minutes} minutes after {known.country[0]}."


def _hour(moment: Moment) -> Iterator[Found]:
    event, known = moment.event, moment.known
    if known.present < ENOUGH_HOURS:
        return
    hour = event["at"].hour
    if not any(known.hours[(hour + near) % 24] for near in (-1, 0, 1)):
        yield (
            "off_hours",
            OFF_HOURS,
            f"At {event['at']:%H:%M} UTC, an hour in which this person was never active before.",
        )


def _failures(moment: Moment) -> Iterator[Found]:
    event, known = moment.event, moment.known
    count = len(known.failures)
    if count < FEW_FAILURES:
        return
    points = FAILURES * (2 if count >= MANY_FAILURES else 1)
    if event["ip"] and network(event["ip"]) in known.networks:
        points *= HALF  # forgotten passwords are typed at the usual desk
    yield "failures_then_success", points, f"{count} log-ins failed in the half hour before this one succeeded."


def _spray(moment: Moment) -> Iterator[Found]:
    event, known, context = moment.event, moment.known, moment.context
    place = network(event["ip"]) if event["ip"] else None
    if place and place not in known.networks and context.sprayed(place, event["at"]):
        yield (
            "sprayed_network",
            SPRAYED,
            f"Many accounts were tried from {event['ip']}'s network that day, mostly in vain.",
        )


def _mass(moment: Moment) -> Iterator[Found]:
    event, known = moment.event, moment.known
    rows = known.rows_in_hour(event)
    if rows < MASS_ROWS:
        return
    before = known.earlier_hours(event)
    if len(before) < COLD_HOURS:
        if rows >= MASS_ROWS * COLD_FACTOR:
            yield (
                "mass_reading",
                MASS_READING,
                f"{rows} records in an hour, of a person of whom little reading is known.",
            )
        return
    like = sum(each >= rows * LIKE for each in before)
    if robust_z(rows, before) > MASS_Z and like < HABIT:
        usual = sorted(before)[len(before) // 2]
        yield "mass_reading", MASS_READING, f"{rows} records in an hour; {usual} is this person's usual hour."


def _other_practice(moment: Moment) -> Iterator[Found]:
    """Doubled in a visit with anything else that is new; see score.py."""
    event, known = moment.event, moment.known
    if not is_elsewhere(event) or event["practice"] in known.practices:
        return
    many = (event["rows"] or 0) > REFERRAL and not moment.context.young(event["at"])
    weight = _weight(known.practices.rate) if len(known.elsewhere) >= HABIT_DAYS else 1.0
    words = f"Touched what belongs to practice {event['practice']}, which is not this person's."
    yield "other_practice", (OTHER_PRACTICE if many else REFERRED) * weight, words


def _privilege(_: Moment) -> Iterator[Found]:
    """Worth something only in a visit that is new; see score.py."""
    yield "privilege_change", PRIVILEGE_CHANGE, "A role, password, address or second factor was changed."


Rule = Callable[[Moment], Iterator[Found]]
PLACED: tuple[Rule, ...] = (_network, _device, _country)
DONE: tuple[Rule, ...] = (*PLACED, _hour, _without_login, _other_practice)
BY_KIND: Mapping[str, tuple[Rule, ...]] = {
    SESSION: PLACED,
    LOGIN: (*PLACED, _hour, _failures, _spray),
    READ: (*DONE, _mass),
    EXPORT: (*DONE, _mass),
    PRIVILEGE: (*DONE, _privilege),
}
"""What looks for something unusual in which kinds of events."""
