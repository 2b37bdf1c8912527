"""Accounts in other hands: four styles, as told of real incidents."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from .days import Days
from .ground import ABROAD, INTRUDERS, Ground, Spot, device
from .people import Person, Practice, Town

STYLES = ("sprayed", "stolen_session", "phished", "insider")


class Intruder:
    """Somebody with an account that is not theirs, from one day on."""

    def __init__(self, chance: random.Random, town: Town, ground: Ground, log: Days, victim: Person, day: int) -> None:
        self.chance, self.town, self.ground, self.log, self.victim, self.day = chance, town, ground, log, victim, day
        self.style = ""
        self.done: list[datetime] = []
        """When they did something with the account."""

    def act(self, style: str) -> None:
        """Take the account over, in this style."""
        self.style = style
        ways: dict[str, Callable[[], None]] = {
            "sprayed": self._sprayed,
            "stolen_session": self._stolen_session,
            "phished": self._phished,
            "insider": self._insider,
        }
        ways[style]()

    def _sprayed(self) -> None:
        """Guesses, or leaked passwords, from rented machines; one fits. They look about, and may come back."""
        chance = self.chance
        hoster = chance.choice(self.ground.hosters)
        spots = [chance.choice(hoster).spot(chance) for _ in range(chance.randrange(1, 6))]
        agent = self.log.intruder_agent(self.day)
        at = self.town.moment(self.victim.practice, self.day, chance.uniform(0, 24))
        others = chance.sample(self.town.people, min(len(self.town.people) // 2, chance.randrange(30, 150)))
        at = self.log.spray([each for each in others if each is not self.victim], at, spots, agent)
        for _ in range(chance.choices((0, 1, 2, 3, 6, 12), (1, 3, 3, 2, 1, 1))[0]):
            self.log.fail(self.victim.id, self.victim.practice.id, at, chance.choice(spots), agent)
            at += timedelta(seconds=chance.uniform(1, 90))
        at = self._enter(at, chance.choice(spots), agent)
        # The tool found the password; a person uses it, minutes or hours later, by the same provider.
        again = chance.choice(hoster).spot(chance)
        browser = device(chance, INTRUDERS).agent(self.day)
        for visit in range(chance.choices((1, 2, 4), (5, 3, 2))[0]):
            at = self._enter(
                at + timedelta(hours=chance.uniform(0.1, 3) + visit * chance.uniform(0, 30)), again, browser
            )
            at = self._read(at, again, browser, chance.randrange(2, 9), (5, 120))
            if chance.random() < 0.5:
                at = self._export(at, again, browser, chance.randrange(100, 3000))

    def _stolen_session(self) -> None:
        """A cookie copied from the victim's machine: no log-in, and the session's last use is from elsewhere."""
        chance = self.chance
        kind = chance.random()
        block = (
            chance.choice(self.ground.abroad[chance.choice(ABROAD)])
            if kind < 0.4
            else chance.choice(chance.choice(self.ground.hosters))
            if kind < 0.75
            else chance.choice(chance.choice(self.ground.vpns))
        )
        spot = block.spot(chance)
        # Thieves' browsers can say what the stolen one said; not all take the trouble.
        copied = chance.random() < 0.3
        agent = chance.choice((self.victim.desk, self.victim.laptop)).agent(self.day) if copied else ""
        agent = agent or self.log.intruder_agent(self.day)
        at = self.town.moment(self.victim.practice, self.day, chance.uniform(0, 24))
        for _ in range(chance.choices((1, 2, 3), (5, 3, 2))[0]):
            at = self._read(at, spot, agent, chance.randrange(4, 20), (10, 200))
            if chance.random() < 0.4:
                at = self._export(at, spot, agent, chance.randrange(200, 4000))
            if chance.random() < 0.12:
                at = self._promote(at, spot, agent)
            self._refresh(at, spot, agent)
            at += timedelta(hours=chance.uniform(2, 40))

    def _phished(self) -> None:
        """The password was typed into a false page: a log-in by its machine, one from abroad, and all is taken."""
        chance = self.chance
        country = chance.choice(ABROAD)
        at = self.town.moment(self.victim.practice, self.day, chance.uniform(9, 20))
        if chance.random() < 0.6:
            relay = chance.choice(chance.choice(self.ground.hosters)).spot(chance)
            copied = self.victim.desk.agent(self.day)
            at = self._enter(at, relay, copied if chance.random() < 0.7 else self.log.intruder_agent(self.day))
            at += timedelta(hours=chance.uniform(0.1, 12))
        spot = chance.choice(self.ground.abroad[country]).spot(chance)
        agent = device(chance, INTRUDERS).agent(self.day)
        if chance.random() < 0.2:
            self.log.fail(self.victim.id, self.victim.practice.id, at - timedelta(seconds=20), spot, agent)
        at = self._enter(at, spot, agent)
        at = self._read(at, spot, agent, chance.randrange(1, 6), (5, 60))
        for _ in range(chance.randrange(1, 7)):
            at = self._export(at, spot, agent, round(min(20_000, chance.lognormvariate(7.2, 0.9))))
        if chance.random() < 0.2:
            self._promote(at, spot, agent)

    def _insider(self) -> None:
        """
        A colleague with the victim's password, by night: slowly through what is no business of theirs, or a role.

        They sit at their own machine, at home or in the office that both share.
        """
        chance, victim = self.chance, self.victim
        colleagues = [each for each in victim.practice.people if each is not victim] or self.town.people
        colleague = chance.choice(colleagues)
        at_home = chance.random() < 0.6
        others = [each for each in self.town.practices if each is not victim.practice and each not in victim.others]
        prey = chance.sample(others, min(len(others), chance.randrange(1, 4)))
        for night in range(
            self.day, min(self.town.days - 1, self.day + chance.randrange(2, 12)), chance.randrange(1, 4)
        ):
            at = self.town.moment(victim.practice, night, chance.choice((22.5, 23.5, 0.5, 1.5, 3.0)) + chance.random())
            spot = colleague.home_on(night) if at_home else victim.office.spot_on(night)
            agent = (colleague.laptop if at_home else colleague.desk).agent(night)
            at = self._enter(at, spot, agent)
            if night == self.day and chance.random() < 0.4:
                at = self._promote(at, spot, agent)
            at = self._read(at, spot, agent, chance.randrange(3, 9), (3, 40), prey)

    def _enter(self, at: datetime, spot: Spot, agent: str) -> datetime:
        self.log.login(self.victim, at, spot, agent)
        self.done.append(at)
        return at + timedelta(seconds=self.chance.uniform(5, 200))

    def _read(
        self,
        at: datetime,
        spot: Spot,
        agent: str,
        times: int,
        rows: tuple[int, int],
        practices: list[Practice] | None = None,
    ) -> datetime:
        for _ in range(times):
            whose = self.chance.choice(practices or [self.victim.practice])
            self.log.look(self.victim, whose, at, spot, agent, self.chance.randrange(*rows))
            self.done.append(at)
            at += timedelta(seconds=self.chance.uniform(4, 400))
        return at

    def _export(self, at: datetime, spot: Spot, agent: str, rows: int) -> datetime:
        self.log.look(self.victim, self.victim.practice, at, spot, agent, rows, "records.exported")
        self.done.append(at)
        return at + timedelta(seconds=self.chance.uniform(20, 900))

    def _promote(self, at: datetime, spot: Spot, agent: str) -> datetime:
        """A role is changed: the account's own, or a friend's."""
        whose = self.victim if self.chance.random() < 0.5 else self.chance.choice(self.victim.practice.people)
        self.log.change(self.victim, whose, at, spot, agent)
        self.done.append(at)
        return at + timedelta(seconds=self.chance.uniform(20, 300))

    def _refresh(self, at: datetime, spot: Spot, agent: str) -> None:
        """The victim's newest session before this was last used from here."""
        earlier = [each for each in self.log.of[self.victim.id] if each["created_at"] < at]
        if earlier:
            session = max(earlier, key=lambda each: each["created_at"])
            session.update(ip=spot.ip, user_agent=agent, refreshed_at=at, updated_at=at)
