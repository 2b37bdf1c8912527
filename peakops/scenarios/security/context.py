"""What the whole organisation uses: networks that colleagues share, networks of everybody, and agents. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peakops.scenario import Row
from peakops.scenarios.security.events import family

YOUNG = timedelta(days=10)
"""Whoever helps out elsewhere every week has done so by then; a younger log cannot tell that from an intrusion."""
SETTLED = timedelta(days=1)
"""What is younger lends no trust: an attacker who takes two accounts of an office in an evening is no office."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Since when something is used by two people at least; empty where that could not be asked."""

    shared: Mapping[tuple[Any, str], datetime] = field(default_factory=dict)
    """By practice and network: an office, a clinic's line."""
    everybodys: Mapping[str, datetime] = field(default_factory=dict)
    """Networks that people of several practices use: a VPN, a mobile carrier. Nobody is known by them."""
    agents: Mapping[str, datetime] = field(default_factory=dict)
    """By the family of an agent."""
    sprays: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    """Networks from which log-ins failed at many accounts, and when they did."""
    begins: datetime | None = None
    """The first log-in that is known of anybody."""

    def young(self, at: datetime) -> bool:
        """Whether the log is too young then to tell anybody's habit."""
        return self.begins is not None and at - self.begins < YOUNG

    def sprayed(self, network: str, at: datetime) -> bool:
        """Whether many accounts were tried from the network then, or within the day before."""
        return any(since <= at <= until + SETTLED for since, until in self.sprays.get(network, ()))

    def everybody(self, network: str, at: datetime) -> bool:
        """Whether people of several practices used the network, at least a day before."""
        return _settled(self.everybodys.get(network), at)

    def colleagues(self, practice: Any, network: str, at: datetime) -> bool:
        """Whether two colleagues or more used the network, at least a day before."""
        return practice is not None and _settled(self.shared.get((practice, network)), at)

    def common(self, name: str, at: datetime) -> bool:
        """Whether two people or more used this family of agents, at least a day before; true where nothing is known."""
        return not self.agents or _settled(self.agents.get(name), at)


def _settled(since: datetime | None, at: datetime) -> bool:
    return since is not None and since <= at - SETTLED


def of(networks: Iterable[Row], agents: Iterable[Row], sprays: Iterable[Row]) -> Context:
    """
    The context of what sql/security/networks.sql, agents.sql and sprays.sql bring.

    A network's row has its practice, and the time at which the second person first used it, or no practice where
    it is everybody's. An agent's row has its first two people, and when each of them first used it.
    """
    shared, everybodys = {}, {}
    for row in networks:
        if row["everybodys"]:
            everybodys[row["network"]] = row["since"]
        else:
            shared[row["practice"], row["network"]] = row["since"]
    begins: list[datetime] = []
    first: dict[str, dict[Any, datetime]] = {}
    for row in agents:
        begins.extend(row["firsts"])
        people = first.setdefault(family(row["agent"]).name, {})
        for person, at in zip(row["people"], row["firsts"], strict=True):
            people[person] = min(at, people.get(person, at))
    tried: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
    for row in sprays:
        tried[row["network"]] = (*tried.get(row["network"], ()), (row["since"], row["until"]))
    second = {name: sorted(people.values())[1] for name, people in first.items() if len(people) > 1}
    return Context(
        shared=shared,
        everybodys=everybodys,
        agents=second,
        sprays=tried,
        begins=min(begins, default=None),
    )
