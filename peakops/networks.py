"""How networks lie to each other: addresses and CIDR as texts, of both versions of IP. Pure."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
MAPPED = ip_network("::ffff:0:0/96")
"""IPv4 within IPv6 (RFC 4291, 2.5.5.2): how a server that listens on both writes an IPv4 address down."""


def network_of(text: str) -> Network | None:
    """
    An address or CIDR as a network, bits of a host taken off; None for anything else, also with a zone (fe80::1%eth0).

    What is IPv4 in the spelling of IPv6 is IPv4: ::ffff:203.0.113.7 is 203.0.113.7.
    """
    try:
        found = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    if "%" in text:
        return None
    if found.version == MAPPED.version and found.prefixlen > MAPPED.prefixlen and found.overlaps(MAPPED):
        within = int(found.network_address) - int(MAPPED.network_address)
        return IPv4Network((IPv4Address(within), found.prefixlen - MAPPED.prefixlen))
    return found


def plain(network: Network) -> str:
    """A network as it is typed and listed: CIDR, and a single address without a prefix."""
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if alone else str(network)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same network: 203.0.113.7 is 203.0.113.7/32."""
    first = network_of(one)
    return first is not None and first == network_of(other)


def touches(one: str, other: str) -> bool:
    """Whether two networks have an address in common; what is no network has none."""
    first, second = network_of(one), network_of(other)
    return first is not None and second is not None and first.version == second.version and first.overlaps(second)


def beside(network: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Of entries with an `ip`, those of this very network (exact), of one around it (wider), and within (narrower)."""
    found: dict[str, list[Mapping[str, Any]]] = {"exact": [], "wider": [], "narrower": []}
    wanted = network_of(network)
    for each in entries:
        there = network_of(each["ip"])
        if wanted and there and touches(network, each["ip"]):
            lies = "exact" if wanted == there else "wider" if there.prefixlen < wanted.prefixlen else "narrower"
            found[lies].append(each)
    return found
