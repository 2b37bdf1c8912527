"""The narrowest networks that cover the bad addresses, and take no good neighbour along. Pure."""

from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

LEAST_BAD = 0.5
"""Of the addresses that were seen in a network, so many must be bad before it stands for them."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def narrowest(bad: Collection[str], seen: Collection[str], spared: Collection[str]) -> list[str]:
    """
    Networks that hold all of `bad`, each with at least half of what was `seen` in it bad, and none that is `spared`.

    An address that is both bad and spared is left out. All of them are of one family.
    """
    kept = {ip_address(each) for each in spared}
    wanted = sorted(ip_address(each) for each in bad if ip_address(each) not in kept)
    others = sorted(ip_address(each) for each in {*seen} - {*bad})
    return [str(each) for each in _cover(wanted, others, kept)]


def _cover(bad: Sequence[Address], others: Sequence[Address], spared: Collection[Address]) -> list[Network]:
    if not bad:
        return []
    around = _around(bad[0], bad[-1])
    within = [each for each in others if each in around]
    total = len(bad) + len(within)
    if len(bad) >= LEAST_BAD * total and not any(each in around for each in spared):
        return [around]
    low, high = around.subnets()
    return [found for half in (low, high) for found in _cover([each for each in bad if each in half], within, spared)]


def _around(first: Address, last: Address) -> Network:
    """The smallest network that holds both."""
    differing = (int(first) ^ int(last)).bit_length()
    prefix = first.max_prefixlen - differing
    kind = IPv4Network if first.version == 4 else IPv6Network
    return kind((int(first), prefix), strict=False)
