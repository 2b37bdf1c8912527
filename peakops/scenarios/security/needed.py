"""Networks that nobody should block: where no visitor comes from, whose requests the portal needs, ours. Pure."""

from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from peakops import playbook
from peakops.networks import Network, network_of


class Needed(NamedTuple):
    """A network and what it is; `expected` where requests of programs come from there by right."""

    network: Network
    what: str
    expected: bool


def near(network: str, own: Iterable[str]) -> list[Needed]:
    """Those that touch a network, each with what it is; `own` are our own networks."""
    here = network_of(network)
    ours = [Needed(found, "ours", expected=True) for each in own if (found := network_of(each))]
    return [each for each in (*ours, *_known()) if here and _touch(here, each.network)]


def first(cidr: str, those: Iterable[Needed]) -> str | None:
    """What a network touches of those, in words; None where it touches none."""
    here = network_of(cidr)
    return next((f"{each.network} is {each.what}" for each in those if here and _touch(here, each.network)), None)


def holds(address: str, those: Iterable[Needed]) -> bool:
    """Whether an address lies in one of those."""
    return any(ip_address(address) in each.network for each in those)


def _touch(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


@cache
def _known() -> tuple[Needed, ...]:
    return tuple(_listed())


def _listed() -> Iterator[Needed]:
    words = playbook.words("networks")
    crawlers = playbook.words("crawlers")["crawler"]
    told = [(f"{each['name']}'s, which sends {each['sends']}", True, each["networks"]) for each in words["vendor"]]
    told += [(each["what"], False, each["networks"]) for each in words["reserved"]]
    told += [(f"{each['operator']}'s, for {each['name']}", False, each["published"]) for each in crawlers]
    yield from (Needed(each, what, by) for what, by, listed in told for each in map(network_of, listed) if each)
