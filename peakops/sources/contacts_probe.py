"""Whether the addresses of the book answer: mail domains by DNS, web sites by one request; nobody is called."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from peakops.contacts import Book
from peakops.model import Brought
from peakops.sources.http import USER_AGENT
from peakops.sources.mail_exchange import Server, takes_mail
from peakops.sources.threads import at_once, within

ONE_SECONDS = 5.0
"""What one address may take; all are asked at once."""
ASKED = "DNS for the mail domains, HEAD of the web sites"

Said = tuple[bool, str]
"""Whether an address answers, and what of it is told."""


def answers(book: Book, deadline: float, server: Server | None = None) -> Brought:
    """
    One row for each mail domain and each web site of the book. `deadline` is a moment of the monotonic clock.

    `server` is the name server that is asked, this machine's where it is not given.
    """
    server = server or _name_server()
    seconds = max(0.0, min(ONE_SECONDS, deadline - time.monotonic()))
    asked = list(_asked(book, server, seconds))
    heard = at_once([partial(_heard, ask, seconds) for *_, ask in asked])
    rows = [
        {"contact": contact, "target": target, "answers": answered, "says": says}
        for (contact, target, _), (answered, says) in zip(asked, heard, strict=True)
    ]
    return Brought(rows=tuple(rows), asked=ASKED)


def _asked(book: Book, server: Server, seconds: float) -> Iterator[tuple[str, str, Callable[[], Said]]]:
    """Each address that can be asked, once: whose it is, what is told of it, and the question."""
    seen = set[str]()
    for contact in book.people:
        for channel in contact.channels:
            mail = channel.kind == "email"
            target = channel.value.partition("@")[2] if mail else urlsplit(channel.value).hostname or ""
            asked = target if mail else channel.value
            if channel.kind not in ("email", "url") or asked in seen:
                continue
            seen.add(asked)
            ask = partial(takes_mail, target, server, seconds) if mail else partial(_site, channel.value, seconds)
            yield contact.id, target, ask


def _heard(ask: Callable[[], Said], seconds: float) -> Said:
    try:
        return within(seconds, ask)
    except TimeoutError:
        return False, f"no answer within {seconds:g} s"


def _site(url: str, seconds: float) -> Said:
    """Any answer but a failure of the server counts: support sites refuse programs, or send them elsewhere."""
    try:
        with httpx.Client(headers={"User-Agent": USER_AGENT}, timeout=seconds) as client:
            status = client.head(url).status_code
    except httpx.TimeoutException:
        return False, f"no answer within {seconds:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        return False, "no connection" if isinstance(wrong, httpx.ConnectError) else "no answer that can be read"
    return status < 500 and status not in (404, 410), f"HTTP {status}"


def _name_server(file: Path = Path("/etc/resolv.conf")) -> Server:
    """The first name server of this machine; itself where none is named."""
    try:
        lines: list[Any] = [each.split() for each in file.read_text("utf-8", "replace").splitlines()]
    except OSError:
        lines = []
    return next((each[1] for each in lines if each[:1] == ["nameserver"] and each[1:]), "127.0.0.1"), 53
