"""
Log-ins of a portal, made up: 2,000 people of 150 practices over 60 days, and take-overs among them.

It knows the portal's schema, what it writes and what is told of incidents, and nothing of peakops: no detector was
looked at. People commute, travel, mistype, share an office's address, change browsers and phones; intruders spray
passwords, replay cookies, phish from abroad, and sit at a colleague's desk at night. The figures of both are guesses
of how such things go; a gate on them says how a detector fares here, and nowhere else.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .days import Days
from .ground import Ground, Network
from .people import Person, Town
from .takeovers import STYLES, Intruder

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SESSION_DAYS = 21
"""A session that nobody ended is there for so long."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Takeover:
    """One account in other hands, and when."""

    user: str
    style: str
    at: datetime
    """The first thing that the intruder did with the account."""
    days: tuple[date, ...]
    """The days, in UTC, on which they did anything with it."""


@dataclass
class Book:
    """What the portal's database holds, and the truth beside it."""

    now: datetime
    since: datetime
    tables: dict[str, list[Row]] = field(default_factory=dict)
    """Rows by table, named as in a world; times are aware datetimes in UTC."""
    truth: list[Takeover] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    """What a country or AS file would know of the addresses."""

    def world(self, name: str = "logins") -> dict[str, Any]:
        """The document that `peakops sandbox load` takes."""
        says = f"{len(self.tables['users'])} people, {len(self.truth)} accounts in other hands."
        tables = {table: [_as_json(row) for row in rows] for table, rows in self.tables.items()}
        return {"world": name, "says": says, "now": self.now.isoformat(), "tables": tables}


def generate(seed: int, *, people: int = 2000, days: int = 60, takeovers: int = 40) -> Book:
    """
    A book from a seed: the same seed gives the same book.

    The last day is the one of NOW, in part. The take-overs are of the four styles in turn, never two of one account,
    and none in the first sixth of the days, since nobody is known by then.
    """
    chance = random.Random(seed)
    since = (NOW - timedelta(days=days - 1)).replace(hour=0)
    ground = Ground(chance)
    town = Town(chance, ground, people, days, since.date())
    log = Days(chance, town, ground)
    log.fill()
    victims = [each for each in town.people if not each.script and each.there(days - 1) and each.joined < days // 2]
    truth = []
    for number, victim in enumerate(chance.sample(victims, min(takeovers, len(victims)))):
        intruder = Intruder(chance, town, ground, log, victim, chance.randrange(max(1, days // 6), days - 1))
        intruder.act(STYLES[number % len(STYLES)])
        done = [at for at in intruder.done if at < NOW]
        truth.append(Takeover(victim.id, intruder.style, min(done), tuple(sorted({each.date() for each in done}))))
    return _book(chance, town, ground, log, since, truth)


def _book(chance: random.Random, town: Town, ground: Ground, log: Days, since: datetime, truth: list[Takeover]) -> Book:
    rows = sorted((each for each in log.rows if each["created_at"] < NOW), key=lambda row: row["created_at"])
    book = Book(NOW, since, truth=truth, networks=ground.networks)
    book.tables["practices"] = [
        {"id": each.id, "name": f"Practice {n}", "timezone": each.zone.key, "created_at": since - timedelta(days=500)}
        for n, each in enumerate(town.practices)
    ]
    last = {row["user_id"]: row["created_at"] for row in rows if row["action"] == "auth.login"}
    book.tables["users"] = [_user(each, since) for each in town.people]
    book.tables["auth.users"] = [
        {"id": each.id, "email": each.email, "created_at": _joined(each, since), "last_sign_in_at": last.get(each.id)}
        for each in town.people
    ]
    book.tables["auth.sessions"] = [
        each
        for each in log.sessions
        if each["refreshed_at"] < NOW and each["refreshed_at"] > NOW - timedelta(days=SESSION_DAYS)
    ]
    book.tables["audit_logs"] = rows
    return book


def _user(person: Person, since: datetime) -> Row:
    return {
        "id": person.id,
        "email": person.email,
        "full_name": f"Person {person.email.partition('@')[0][6:]}",
        "role": person.role,
        "practice_id": person.practice.id,
        "is_active": person.left > 1000,
        "created_at": _joined(person, since),
    }


def _joined(person: Person, since: datetime) -> datetime:
    return since + timedelta(days=person.joined, hours=7)


def _as_json(row: Row) -> Row:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def told(book: Book) -> str:
    """A book in one line, to look at."""
    actions = Counter(row["action"] for row in book.tables["audit_logs"])
    return (
        f"{dict(actions)}; {len(book.tables['auth.sessions'])} sessions; {Counter(each.style for each in book.truth)}"
    )
