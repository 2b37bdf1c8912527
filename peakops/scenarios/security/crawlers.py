"""Whether a client is the crawler that its agent names: verified, forged, or unknowable. Pure, from a dated list."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from peakops import playbook

VERIFIED, FORGED, UNKNOWABLE = "verified", "forged", "unknowable"
LIBRARY = re.compile(
    r"(?i)^$|^\(none\)$|^(?:curl|wget|python|aiohttp|httpx|okhttp|go-http|java|axios|node|undici|got|libwww|ruby|php|"
    r"guzzle|postman|insomnia|scrapy|masscan|zgrab|nuclei|sqlmap|nikto|hydra|gobuster|ffuf|httpie|restsharp|apache-http)|"
    r"headlesschrome|phantomjs|selenium|puppeteer|playwright"
)
"""What no person's browser says of itself."""
BROWSER = re.compile(r"^Mozilla/5\.0 \((?!compatible;)")


def claimed(agent: str) -> str | None:
    """The crawler that an agent names; None where it names none."""
    return next((name for name, pattern, _ in _known() if pattern.search(agent)), None)


def identity(agent: str, addresses: Iterable[str], on: date) -> str | None:
    """
    Whether all of these addresses are the crawler's that the agent names, or none is; None for other agents.

    `on` is the day of the requests: what is not in a list of another time is no proof of forgery. Of requests without
    a time it is the first of 1970, which is another time.
    """
    name = claimed(agent)
    if name is None:
        return None
    published = next(ranges for each, _, ranges in _known() if each == name)
    if not published:
        return UNKNOWABLE
    inside = [any(ip_address(each) in range_ for range_ in published) for each in addresses]
    if all(inside):
        return VERIFIED if inside else UNKNOWABLE
    words = playbook.words("crawlers")
    fresh = abs(on - words["as_of"]) <= timedelta(days=words["trusted_days"])
    return FORGED if fresh and sum(inside) * 2 < len(inside) else UNKNOWABLE


def kind(agent: str) -> str:
    """What an agent says that it is: crawler, library, browser or other."""
    if claimed(agent):
        return "crawler"
    if LIBRARY.search(agent):
        return "library"
    return "browser" if BROWSER.match(agent) else "other"


@cache
def _known() -> tuple[tuple[str, re.Pattern[str], tuple[IPv4Network | IPv6Network, ...]], ...]:
    return tuple(
        (each["name"], re.compile(each["agent"]), tuple(map(ip_network, each["published"])))
        for each in playbook.words("crawlers")["crawler"]
    )
