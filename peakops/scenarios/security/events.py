"""
What a person did, and from where: the one shape in which every source's rows are judged. Pure.

An event is a row {at, user, kind, ip, agent, country, asn, session, practice, home, rows, source, line}; what is not
known is None. `home` is the person's own practice and `practice` that of what was touched. `rows` are the records
that were read. `line` names where it stands, for whoever looks it up.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from socket import AF_INET, inet_pton

from peakops.scenario import Row

LOGIN, FAILED, READ, EXPORT, PRIVILEGE, REFRESH, SESSION = (
    *("login", "login_failed", "read", "export", "privilege", "refresh", "session"),
)
PRESENT = (LOGIN, READ, EXPORT, PRIVILEGE)
"""Kinds that only a person at a keyboard makes; a browser refreshes its session by itself."""
NARROW = {4: 24, 6: 48}
"""One network: what a household, an office or a cell of a mobile carrier has, by the version of IP."""
WIDE = {4: 16, 6: 32}
"""One provider, roughly, where nobody tells its number: addresses of a line change within it."""

TOOLS = (
    *("python-requests", "python-httpx", "python-urllib", "aiohttp", "curl", "wget", "okhttp", "axios", "node-fetch"),
    *("undici", "go-http-client", "java/", "libwww", "postmanruntime", "insomnia", "headless", "phantomjs", "selenium"),
    *("puppeteer", "playwright", "scrapy", "httpie", "powershell", "ruby", "guzzle"),
)
"""Marks of programs that are no browser (facts 1.3, L5)."""
BROWSERS = (
    *(("edg", "Edge"), ("opr/", "Opera"), ("samsungbrowser", "Samsung Internet"), ("fxios", "Firefox")),
    *(("firefox", "Firefox"), ("crios", "Chrome"), ("chrome", "Chrome"), ("safari", "Safari")),
)
"""A browser names the ones that it descends from too, so the first mark that is there counts."""
SYSTEMS = (
    *(("iphone", "iPhone"), ("ipad", "iPad"), ("android", "Android"), ("windows", "Windows"), ("cros", "ChromeOS")),
    *(("mac os x", "macOS"), ("macintosh", "macOS"), ("linux", "Linux")),
)


@dataclass(frozen=True)
class Family:
    """An agent without its version, which changes every month: 'Chrome on Windows'."""

    name: str
    tool: bool
    """Whether it is a program that no person reads pages with."""


@lru_cache(maxsize=4096)
def family(agent: str) -> Family:
    """The family of a user agent; one that nobody knows is called by its first word."""
    said = agent.lower()
    tool = next((mark for mark in TOOLS if mark in said), None)
    if tool:
        return Family(tool.rstrip("/"), tool=True)
    browser = next((name for mark, name in BROWSERS if mark in said), None)
    if not browser:
        return Family(said.partition("/")[0][:40].strip() or "nothing", tool=False)
    return Family(
        f"{browser} on {next((name for mark, name in SYSTEMS if mark in said), 'another system')}", tool=False
    )


@lru_cache(maxsize=16384)
def network(ip: str) -> str | None:
    """The network of an address, /24 or /48, by its first address; None where it is no address."""
    return _within(ip, NARROW)


@lru_cache(maxsize=16384)
def provider(ip: str) -> str | None:
    """The wider network of an address, /16 or /32."""
    return _within(ip, WIDE)


def _within(ip: str, bits: dict[int, int]) -> str | None:
    try:
        octets = (*inet_pton(AF_INET, ip)[: bits[4] // 8], 0, 0)[:4]
    except (OSError, ValueError):
        return _within_any(ip, bits)
    return ".".join(map(str, octets))


def _within_any(ip: str, bits: dict[int, int]) -> str | None:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((mapped, bits[mapped.version]), strict=False).network_address)


def is_elsewhere(event: Row) -> bool:
    """Whether what was touched belongs to another practice than the person; our own people belong to none."""
    return bool(event["home"] and event["practice"] and event["home"] != event["practice"])
