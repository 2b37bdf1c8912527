"""Who works where: practices with offices, and people with habits, homes and machines."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .ground import DESKTOPS, LAPTOPS, PHONES, TRIPS_ABROAD, Device, Ground, Network, Spot, device

ZONES = (
    *("America/New_York",) * 5,
    *("America/Chicago",) * 3,
    "America/Denver",
    "America/Phoenix",
    *("America/Los_Angeles",) * 2,
    "Pacific/Honolulu",
)
A_PRACTICE_HAS = 13.3
"""People of a practice on average: 2,000 in 150."""


@dataclass
class Office:
    """A place of a practice: all that sit in it share one address."""

    block: Network
    spot: Spot
    later: Spot
    """The address after the line's provider gave it another."""
    changes_on: int

    def spot_on(self, day: int) -> Spot:
        return self.later if day >= self.changes_on else self.spot


@dataclass
class Practice:
    """A practice and its offices."""

    id: str
    zone: ZoneInfo
    offices: list[Office]
    closed: frozenset[date]
    is_lab: bool = False
    people: list["Person"] = field(default_factory=list)


@dataclass
class Trip:
    """Days away from home, with the networks of the place."""

    first: int
    last: int
    networks: list[Network]
    roams: bool
    """Abroad, a phone still comes out of its own carrier at home."""


@dataclass
class Person:
    """One person with an account, and what is usual for them."""

    id: str
    email: str
    role: str
    practice: Practice
    office: Office
    desk: Device
    phone: Device
    laptop: Device
    home: list[Spot]
    """The addresses that the home's provider gave, one after the other."""
    home_days: int
    carrier: list[Network]
    joined: int = -400
    left: int = 10_000
    hours: tuple[float, float] = (8.0, 17.5)
    weekdays: frozenset[int] = frozenset(range(5))
    a_day: float = 1.5
    """Log-ins of a working day."""
    off_site: float = 0.12
    evenings: float = 0.06
    mistypes: float = 0.05
    reads: float = 8.0
    """Rows of a look, about."""
    vpn: list[Network] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    away: tuple[int, int] = (10_000, 10_000)
    others: list[Practice] = field(default_factory=list)
    """Practices that are theirs to read besides: the lab's staff, an owner of several."""
    reports: bool = False
    script: str = ""
    """The user agent of an integration, which logs in by night from its own server."""
    host: Spot | None = None

    def there(self, day: int) -> bool:
        """Whether they have an account and are not on holiday."""
        return self.joined <= day < self.left and not self.away[0] <= day < self.away[1]

    def home_on(self, day: int) -> Spot:
        return self.home[min(day // self.home_days, len(self.home) - 1)]

    def trip_on(self, day: int) -> Trip | None:
        return next((each for each in self.trips if each.first <= day <= each.last), None)


def an_id(chance: random.Random) -> str:
    """A random UUID of this book's chance."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


class Town:
    """Everybody, made up from one chance."""

    def __init__(self, chance: random.Random, ground: Ground, people: int, days: int, since: date) -> None:
        self.chance, self.ground, self.days, self.since = chance, ground, days, since
        count = max(3, round(people / A_PRACTICE_HAS))
        self.practices = [self._practice(is_lab=n == 0) for n in range(count)]
        sizes = [1.6 if each.is_lab else chance.lognormvariate(0, 0.7) for each in self.practices]
        homes = [*self.practices, *chance.choices(self.practices, sizes, k=people - count)]
        self.people = [self._person(number, practice, number < count) for number, practice in enumerate(homes)]
        self._several()

    def _practice(self, *, is_lab: bool) -> Practice:
        chance = self.chance
        closed = {date(2026, 11, 11)} if chance.random() < 0.4 else set()
        closed |= {date(2026, 10, 12)} if chance.random() < 0.3 else set()
        offices = [self._office() for _ in range(chance.choices((1, 2, 3), (8, 2, 1))[0])]
        return Practice(an_id(chance), ZoneInfo(chance.choice(ZONES)), offices, frozenset(closed), is_lab)

    def _office(self) -> Office:
        block = self.ground.office()
        moves = self.chance.random() < 0.12
        later = (self.ground.office() if self.chance.random() < 0.3 else block).spot(self.chance)
        changes = self.chance.randrange(self.days) if moves else 10_000
        return Office(block, block.spot(self.chance), later, changes)

    def _person(self, number: int, practice: Practice, first: bool) -> Person:
        chance = self.chance
        provider = chance.choice(self.ground.residential)
        near = chance.sample(provider, 3)
        role = "staff" if practice.is_lab else "owner" if first else chance.choices(("member", "admin"), (9, 1))[0]
        desk = device(chance, DESKTOPS)
        person = Person(
            id=an_id(chance),
            email=f"person{number}@practice{number % 997}.example",
            role=role,
            practice=practice,
            office=chance.choice(practice.offices),
            desk=desk,
            phone=device(chance, PHONES),
            laptop=device(chance, LAPTOPS),
            home=[chance.choice(near).spot(chance) for _ in range(1 + self.days // 15)],
            home_days=chance.choice((15, 25, 60, 400)),
            carrier=chance.choice(self.ground.carriers),
        )
        self._habits(person)
        practice.people.append(person)
        return person

    def _habits(self, person: Person) -> None:
        chance = self.chance
        start = chance.gauss(8.0, 0.7)
        person.hours = (start, start + chance.choice((6.0, 8.5, 9.0, 10.0)))
        if chance.random() < 0.25:
            person.weekdays = frozenset(chance.sample(range(5), 3))
        if chance.random() < 0.12:
            person.weekdays |= {5}
        person.a_day = min(8.0, chance.lognormvariate(0.34, 0.45))
        person.off_site = chance.choices((0.02, 0.15, 0.6), (5, 4, 1))[0]
        person.evenings = chance.choices((0.0, 0.08, 0.4), (5, 4, 1))[0]
        person.mistypes = 0.28 if chance.random() < 0.04 else 0.05
        person.reads = chance.lognormvariate(2.0, 0.6)
        person.reports = chance.random() < 0.03
        if chance.random() < 0.05:
            exits = chance.choice(self.ground.vpns)
            # Most take the nearest exit; some let the service choose a country.
            person.vpn = exits if chance.random() < 0.2 else [each for each in exits if each.country == "US"]
        if chance.random() < 0.06:
            person.joined = chance.randrange(1, self.days)
        elif chance.random() < 0.03:
            person.left = chance.randrange(1, self.days)
        if chance.random() < 0.2:
            gone = chance.randrange(self.days)
            person.away = (gone, gone + chance.randrange(4, 12))
        if chance.random() < 0.07:
            person.trips.append(self._trip())
        if chance.random() < 0.004:
            self._integration(person)

    def _trip(self) -> Trip:
        chance, first = self.chance, self.chance.randrange(self.days)
        country = chance.choice(TRIPS_ABROAD) if chance.random() < 0.18 else "US"
        places = [self.ground.hotel(country) for _ in range(2)]
        return Trip(first, first + chance.randrange(1, 7), places, roams=country != "US")

    def _integration(self, person: Person) -> None:
        person.script = "python-requests/2.32.3"
        person.host = self.chance.choice(self.ground.hosters[0]).spot(self.chance)
        person.joined, person.left, person.trips, person.away = -400, 10_000, [], (10_000, 10_000)

    def _several(self) -> None:
        """Who reads in more practices than one, as a matter of course."""
        rest = [each for each in self.practices if not each.is_lab]
        for person in self.people:
            if person.practice.is_lab:
                person.others = self.chance.sample(rest, max(1, len(rest) // 2))
            elif person.role == "owner" and self.chance.random() < 0.1:
                person.others = self.chance.sample(rest, min(len(rest), self.chance.randrange(1, 4)))

    def moment(self, practice: Practice, day: int, hour: float) -> datetime:
        """An hour of a day at a practice, in UTC."""
        there = datetime.combine(self.since + timedelta(days=day), datetime.min.time(), practice.zone)
        return (there + timedelta(hours=hour)).astimezone(UTC)
