"""Which addresses may be asked, which of them a key may be sent to, and what of them is told."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST_SHOWN = 200
UNTOLD = "?…"
"""What ends an address of which a part is not told: another page, if it were typed so."""


def is_safe(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or http that does not leave this machine."""
    parts, host = _read(url)
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_web(url: str) -> bool:
    """Whether it is an address of HTTP that names a host, and neither a user nor a password."""
    parts, host = _read(url)
    printable = url.isprintable() and " " not in parts.netloc
    return printable and parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: SplitResult) -> str:
    """An address as it is told: without what stands behind the path, which may hold a token."""
    told = f"{url.scheme}://{url.netloc}{url.path or '/'}"
    return f"{told[:LONGEST_SHOWN]}{UNTOLD if url.query or len(told) > LONGEST_SHOWN else ''}"


def _read(url: str) -> tuple[SplitResult, str]:
    """An address and its host, which is empty where it names none, or cannot be read."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return urlsplit(""), ""
    return parts, host
