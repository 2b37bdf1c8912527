"""An address as it is looked up and asked for."""

from urllib.parse import SplitResult, quote

URL_CHARACTERS = "/%:=&?~#+!$,;'@()*[]"
"""What stays as it is in a path that is typed; a blank or an umlaut is written as a browser does."""


def target(url: SplitResult) -> str:
    """What is asked for at the host: the path and the query, as a browser writes them."""
    query = f"?{url.query}" if url.query else ""
    return quote(f"{url.path or '/'}{query}", safe=URL_CHARACTERS)


def ascii_host(host: str) -> str:
    """A host's name as it is looked up. Raises UnicodeError."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def host_header(url: SplitResult) -> str:
    host = ascii_host(url.hostname or "")
    named = f"[{host}]" if ":" in host else host
    return f"{named}:{url.port}" if url.port else named


def port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
