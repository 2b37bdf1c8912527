"""Where requests come from: an address plan of networks of every kind, and the browsers that send them."""

import ipaddress
import random
from dataclasses import dataclass

MISPLACED = 0.01
CARRIERS, RESIDENTIAL, HOSTERS, VPNS = 4, 14, 9, 5
ABROAD = ("NG", "RU", "RO", "VN", "BR", "IN", "ID", "UA", "TR", "CN", "GB", "NL")
TRIPS_ABROAD = ("CA", "MX", "GB", "DE", "IT", "FR", "IN", "JP")
SCRIPTS = ("python-requests/2.31.0", "python-httpx/0.27.0", "Go-http-client/2.0", "okhttp/4.12.0", "axios/1.7.2")


@dataclass(frozen=True)
class Spot:
    """One address, and the country that is said of it."""

    ip: str
    country: str


@dataclass(frozen=True)
class Network:
    """A block of addresses as a country or AS file knows it."""

    cidr: str
    asn: int
    organisation: str
    country: str
    kind: str
    """residential | business | mobile | hosting | vpn | travel"""

    def spot(self, chance: random.Random) -> Spot:
        """Any address of it; of IPv6 in any of its blocks of 64 bits."""
        block = ipaddress.ip_network(self.cidr)
        offset = chance.randrange(1, min(block.num_addresses, 2**64) - 1)
        if block.version == 6:
            offset = chance.getrandbits(64 - block.prefixlen) << 64 | chance.getrandbits(64)
        return Spot(str(block[offset]), self.country)


class Ground:
    """All networks of a book, given out so that no two overlap."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.networks: list[Network] = []
        self.used: set[str] = set()
        self.residential = [self._many("residential", f"Home Cable {n}", "US", 24) for n in range(RESIDENTIAL)]
        self.carriers = [self._carrier(n) for n in range(CARRIERS)]
        self.hosters = [
            self._many("hosting", f"Host {n}", chance.choice(("US", "US", "NL", "DE", "FR", "SG")), 6)
            for n in range(HOSTERS)
        ]
        self.vpns = [self._vpn(n) for n in range(VPNS)]
        self.abroad = {
            country: self._many("residential", f"Telecom {country}", country, 6) for country in (*ABROAD, *TRIPS_ABROAD)
        }

    def office(self) -> Network:
        """A block of one office, from a business line's provider."""
        return self._take("business", f"Business Fibre {self.chance.randrange(9)}", "US", 29)

    def hotel(self, country: str) -> Network:
        """The guests' network of a hotel, an airport, a conference."""
        return self._take("travel", f"Guest Wi-Fi {country}", country, 24)

    def _many(self, kind: str, name: str, country: str, count: int) -> list[Network]:
        asn = self._asn()
        return [self._take(kind, name, country, self.chance.choice((20, 21, 22)), asn) for _ in range(count)]

    def _carrier(self, number: int) -> list[Network]:
        """A mobile carrier: blocks behind its translation, and IPv6 where each attach gives a new prefix."""
        asn, name = self._asn(), f"Mobile {number}"
        blocks = [self._take("mobile", name, "US", 19, asn) for _ in range(8)]
        six = Network(f"2607:fb{number:x}0::/32", asn, name, "US", "mobile")
        self.networks.append(six)
        return [*blocks, six, six, six]

    def _vpn(self, number: int) -> list[Network]:
        """A VPN service: exits in several countries, in the halls of hosting companies."""
        asn = self._asn()
        countries = ("US", "US", "US", "US", self.chance.choice(TRIPS_ABROAD), self.chance.choice(("CA", "NL", "GB")))
        return [self._take("vpn", f"Private Tunnel {number}", each, 24, asn) for each in countries]

    def _take(self, kind: str, name: str, country: str, prefix: int, asn: int | None = None) -> Network:
        while True:
            base = (self.chance.randrange(11, 100), self.chance.randrange(256), self.chance.randrange(256))
            if base[:2] == (100, 64) or f"{base[0]}.{base[1]}" in self.used:
                continue
            self.used.add(f"{base[0]}.{base[1]}")
            start = ipaddress.ip_address(".".join(map(str, (*base, self.chance.randrange(256)))))
            block = ipaddress.ip_network(f"{start}/{prefix}", strict=False)
            # What files say of a country is wrong here and there.
            said = "CA" if kind == "residential" and country == "US" and self.chance.random() < MISPLACED else country
            made = Network(str(block), asn or self._asn(), name, said, kind)
            self.networks.append(made)
            return made

    def _asn(self) -> int:
        return self.chance.randrange(10_000, 400_000)


@dataclass
class Device:
    """A machine with its browser, which updates itself some days after each release."""

    template: str
    base: int
    """The version of the browser on the first day."""
    lag: int
    """Days from a release to this machine's update."""

    def agent(self, day: int) -> str:
        """What the browser calls itself on a day; a release comes every 28 days."""
        return self.template.format(v=self.base + max(0, day - self.lag + 20) // 28)


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{v}.0"
_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_IPHONE = "iPhone; CPU iPhone OS 18_6 like Mac OS X"
CHROME_WINDOWS = (f"Mozilla/5.0 ({_WINDOWS}) {_WEBKIT} Safari/537.36", 140)
DESKTOPS = (
    CHROME_WINDOWS,
    CHROME_WINDOWS,
    (f"Mozilla/5.0 ({_WINDOWS}) {_WEBKIT} Safari/537.36 Edg/{{v}}.0.0.0", 140),
    (f"Mozilla/5.0 ({_MAC}) {_WEBKIT} Safari/537.36", 140),
    (f"Mozilla/5.0 ({_WINDOWS}; rv:{{v}}.0) Gecko/20100101 Firefox/{{v}}.0", 142),
)
LAPTOPS = (*DESKTOPS[1:], (f"Mozilla/5.0 ({_MAC}) {_SAFARI} Safari/605.1.15", 26))
PHONES = (
    (f"Mozilla/5.0 ({_IPHONE}) {_SAFARI} Mobile/15E148 Safari/604.1", 26),
    (f"Mozilla/5.0 ({_IPHONE}) {_SAFARI} Mobile/15E148 Safari/604.1", 26),
    (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Mobile Safari/537.36", 140),
)
INTRUDERS = (
    *DESKTOPS[:4],
    (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Safari/537.36", 138),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", 128),
    (f"Mozilla/5.0 (Windows NT 6.1; Win64; x64) {_WEBKIT} Safari/537.36", 109),
)
"""Beside what everybody has: systems of theirs, and names of browsers that are out of date."""


def device(chance: random.Random, kinds: tuple[tuple[str, int], ...]) -> Device:
    """A machine of one of the kinds."""
    template, base = chance.choice(kinds)
    return Device(template, base, chance.randrange(0, 18))
