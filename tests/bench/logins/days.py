"""What happens on ordinary days: log-ins, readings, exports, mistypings, changes of roles, and sprays in vain."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from .ground import INTRUDERS, SCRIPTS, Device, Ground, Spot, device
from .people import Office, Person, Practice, Town, an_id

Row = dict[str, Any]
STAYS = 0.35
"""Of the log-ins, those that are not ended by a log-out: their sessions stay."""
RESUMES = 0.25
"""Of the phone's visits, those that go on with a session of an earlier day instead of logging in."""
REFERRED = 0.0002
"""Of the looks, those at a case that another practice referred."""
VAIN_SPRAYS = 0.001
"""Of a day and a person: two a day on 2,000 people."""


class Days:
    """The rows of the portal's log and of Supabase's sessions, as they come about."""

    def __init__(self, chance: random.Random, town: Town, ground: Ground) -> None:
        self.chance, self.town, self.ground = chance, town, ground
        self.rows: list[Row] = []
        self.sessions: list[Row] = []
        self.of: dict[str, list[Row]] = defaultdict(list)
        """The sessions of a person."""
        self.cases: dict[str, list[str]] = {each.id: [an_id(chance) for _ in range(40)] for each in town.practices}

    def fill(self) -> None:
        """All days of everybody."""
        for day in range(self.town.days):
            date = self.town.since + timedelta(days=day)
            for person in self.town.people:
                if person.there(day):
                    self._day(person, day, date)
            for _ in range(self._count(VAIN_SPRAYS * len(self.town.people))):
                self._vain_spray(day)
        for practice in self.town.practices:
            for _ in range(self._count(len(practice.people) / 13)):
                self._promotion(practice)
        for person in self.chance.sample(self.town.people, len(self.town.people) // 400):
            self._stale_password(person)

    def _day(self, person: Person, day: int, date: Any) -> None:
        chance = self.chance
        if person.script:
            self._nightly(person, day)
            return
        if date.weekday() in person.weekdays and date not in person.practice.closed:
            for _ in range(self._count(person.a_day)):
                hour = chance.triangular(*person.hours, person.hours[0] + 1.2)
                self._visit(person, day, hour, off_site=chance.random() < person.off_site)
        if chance.random() < person.evenings:
            self._visit(person, day, chance.triangular(18.0, 23.8, 20.0), off_site=True)
        if chance.random() < 0.001:
            self._visit(person, day, chance.uniform(0.0, 5.5), off_site=True)
        if chance.random() < 0.04 and date.weekday() > 4:
            self._visit(person, day, chance.triangular(8.0, 22.0, 11.0), off_site=True)

    def _visit(self, person: Person, day: int, hour: float, *, off_site: bool) -> None:
        """A log-in, or a phone that goes on where it was, and what is read then."""
        chance, at = self.chance, self.town.moment(person.practice, day, hour)
        spot, machine = self._where(person, day, off_site=off_site)
        agent = machine.agent(day)
        if not (machine is person.phone and chance.random() < RESUMES):
            self._mistype(person, day, at, spot, agent)
            self.login(person, at, spot, agent)
        at += timedelta(seconds=chance.uniform(10, 240))
        for _ in range(self._count(1.1)):
            rows = max(1, round(chance.lognormvariate(0, 0.6) * person.reads))
            self.look(person, self._whose(person), at, spot, agent, rows)
            at += timedelta(seconds=chance.uniform(30, 2400))
        if person.reports and chance.random() < 0.3:
            action = "records.exported" if chance.random() < 0.4 else "records.viewed"
            self.look(person, person.practice, at, spot, agent, chance.randrange(200, 4000), action)
        elif chance.random() < 0.004:
            self.look(person, person.practice, at, spot, agent, chance.randrange(10, 300), "records.exported")

    def _where(self, person: Person, day: int, *, off_site: bool) -> tuple[Spot, Device]:
        """The address and the machine of a visit."""
        chance, trip = self.chance, person.trip_on(day)
        if trip:
            if chance.random() < 0.4:
                away = person.carrier if trip.roams or chance.random() < 0.8 else trip.networks
                return chance.choice(away).spot(chance), person.phone
            return chance.choice(trip.networks).spot(chance), person.laptop
        if person.vpn and (off_site or chance.random() < 0.5):
            return chance.choice(person.vpn).spot(chance), person.laptop if off_site else person.desk
        if not off_site:
            office: Office = person.office if chance.random() < 0.95 else chance.choice(person.practice.offices)
            mobile = chance.random() < 0.06
            if mobile and chance.random() < 0.5:
                return chance.choice(person.carrier).spot(chance), person.phone
            # Now and then one sits at a colleague's machine.
            colleague = chance.choice(person.practice.people) if chance.random() < 0.01 else person
            return office.spot_on(day), person.phone if mobile else colleague.desk
        if chance.random() < 0.35:
            at_home = chance.random() < 0.5
            return person.home_on(day) if at_home else chance.choice(person.carrier).spot(chance), person.phone
        return person.home_on(day), person.laptop

    def _whose(self, person: Person) -> Practice:
        """The practice whose records are looked at."""
        chance = self.chance
        if person.others and chance.random() < (0.95 if person.practice.is_lab else 0.3):
            return chance.choice(person.others)
        return chance.choice(self.town.practices) if chance.random() < REFERRED else person.practice

    def _mistype(self, person: Person, day: int, at: datetime, spot: Spot, agent: str) -> None:
        chance = self.chance
        forgot = person.away[1] <= day <= person.away[1] + 1 and chance.random() < 0.2
        if forgot or chance.random() < person.mistypes:
            count = chance.randrange(3, 8) if forgot else chance.choices((1, 2, 3, 4, 6), (70, 18, 7, 4, 1))[0]
            for number in range(count):
                self.fail(person.id, person.practice.id, at - timedelta(seconds=12.0 * (count - number)), spot, agent)

    def _nightly(self, person: Person, day: int) -> None:
        at = self.town.moment(person.practice, day, 2.2 + self.chance.random() / 30)
        spot = person.host or person.office.spot
        self.login(person, at, spot, person.script)
        rows = round(self.chance.gauss(500, 30))
        self.look(person, person.practice, at, spot, person.script, rows, "records.exported")

    def _promotion(self, practice: Practice) -> None:
        """An owner or admin changes the role of a colleague, at work."""
        chance, day = self.chance, self.chance.randrange(self.town.days)
        who = [each for each in practice.people if each.role in ("owner", "admin", "staff") and each.there(day)]
        whose = [each for each in practice.people if each.role == "member" and each.there(day)]
        if who and whose:
            actor = chance.choice(who)
            at = self.town.moment(practice, day, chance.uniform(9, 16))
            spot, machine = self._where(actor, day, off_site=False)
            self.login(actor, at, spot, machine.agent(day))
            self.change(actor, chance.choice(whose), at + timedelta(minutes=4), spot, machine.agent(day))

    def _stale_password(self, person: Person) -> None:
        """A machine that was not told of the new password asks all day, and is put right in the evening."""
        chance, day = self.chance, self.chance.randrange(self.town.days)
        start = self.town.moment(person.practice, day, 9)
        spot, agent = person.home_on(day), person.phone.agent(day)
        for minutes in range(0, chance.randrange(60, 500), 15):
            self.fail(person.id, person.practice.id, start + timedelta(minutes=minutes), spot, agent)
        self.login(person, start + timedelta(minutes=505), spot, agent)

    def _vain_spray(self, day: int) -> None:
        at = self.town.moment(self.town.practices[0], day, self.chance.uniform(0, 24))
        targets = self.chance.sample(self.town.people, min(len(self.town.people), self.chance.randrange(30, 160)))
        spots = [spot.spot(self.chance) for spot in self.chance.choice(self.ground.hosters)[:4]]
        self.spray(targets, at, spots, self.intruder_agent(day))

    def spray(self, targets: list[Person], at: datetime, spots: list[Spot], agent: str) -> datetime:
        """One to three guesses at each account, and at addresses of nobody; gives when it was over."""
        chance, pause = self.chance, self.chance.choice((2.0, 8.0, 30.0))
        for each in targets:
            for _ in range(chance.choices((1, 2, 3), (6, 3, 1))[0]):
                known = chance.random() < 0.7
                self.fail(
                    each.id if known else None, each.practice.id if known else None, at, chance.choice(spots), agent
                )
                at += timedelta(seconds=chance.expovariate(1 / pause))
        return at

    def intruder_agent(self, day: int) -> str:
        """A tool's own name, or that of a browser which may be old."""
        if self.chance.random() < 0.35:
            return self.chance.choice(SCRIPTS)
        return device(self.chance, INTRUDERS).agent(day)

    def login(self, person: Person, at: datetime, spot: Spot, agent: str) -> Row:
        """A log-in, and its session where it stays; gives the session."""
        self._row("auth.login", person.id, person.practice.id, at, spot, agent, {"country": spot.country})
        refreshed = at + timedelta(hours=self.chance.choice((0, 0, 1, 2, 4)))
        session = {
            "id": an_id(self.chance),
            "user_id": person.id,
            "created_at": at,
            "updated_at": refreshed,
            "refreshed_at": refreshed,
            "user_agent": agent,
            "ip": spot.ip,
            "aal": "aal1",
        }
        if self.chance.random() < STAYS:
            self.sessions.append(session)
            self.of[person.id].append(session)
        return session

    def fail(self, user: str | None, practice: str | None, at: datetime, spot: Spot, agent: str) -> None:
        """A log-in that was refused."""
        details = {"country": spot.country, "reason": "invalid_credentials"}
        self._row("auth.login_failed", user, practice, at, spot, agent, details)

    def look(
        self,
        person: Person,
        practice: Practice,
        at: datetime,
        spot: Spot,
        agent: str,
        rows: int,
        action: str = "records.viewed",
    ) -> None:
        """Records of a practice, viewed or exported."""
        about = {"resource_type": "case", "resource_id": self.chance.choice(self.cases[practice.id])}
        self._row(action, person.id, practice.id, at, spot, agent, {"rows": rows}, **about)

    def change(self, actor: Person, whose: Person, at: datetime, spot: Spot, agent: str) -> None:
        """A role is made a higher one."""
        about = {"resource_type": "user", "resource_id": whose.id}
        details = {"from": whose.role, "to": "admin" if whose.role == "member" else "owner"}
        self._row("user.role_changed", actor.id, whose.practice.id, at, spot, agent, details, **about)

    def _row(
        self,
        action: str,
        user: str | None,
        practice: str | None,
        at: datetime,
        spot: Spot,
        agent: str,
        details: Row,
        resource_type: str | None = None,
        resource_id: str | None = None,
    ) -> None:
        self.rows.append(
            {
                "user_id": user,
                "practice_id": practice,
                "action": action,
                "resource_type": resource_type,
                "resource_id": resource_id,
                "details": details,
                "ip_address": spot.ip,
                "user_agent": agent,
                "created_at": at,
            }
        )

    def _count(self, mean: float) -> int:
        """A whole number that is this on average."""
        whole = int(mean)
        return whole + (self.chance.random() < mean - whole)
