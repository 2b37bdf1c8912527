"""One answer of a page over a connection of our own, with the clock read at each step."""

import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, TypeVar
from urllib.parse import SplitResult

from peakops.sources.pages_address import ascii_host, host_header, port, target
from peakops.sources.pages_body import Unpacked
from peakops.sources.patience import CONNECT_SECONDS
from peakops.sources.threads import within

T = TypeVar("T")
BLOCK = 1 << 16
SLOW = {"dns": "slow_dns", "connect": "slow_connect", "tls": "slow_tls"}
"""What it is called where the time ends while a connection is opened: that is the way to the page, not the page."""
HUNG_UP = "hung_up"
"""An open connection that the server closed before it was asked again, which it may at any time."""
MOST_HINTS = 10
"""Answers before the answer (100 Continue, 103 Early Hints); a server that sends more has none."""


class Silence(Exception):
    """No answer, or none that can be read: what it failed at, and after how many milliseconds."""

    def __init__(self, what: str, waited_ms: float = 0.0, detail: int = 0) -> None:
        super().__init__(what)
        self.what, self.waited_ms = what, waited_ms
        self.detail = detail
        """OpenSSL's number for what is wrong with a certificate."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One answer; times are in milliseconds, `sent` are the bytes of the body as they came, before decompression."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    sent: int
    packed: str
    """The body's encoding; one that is not ours to read leaves `body` empty."""
    cut: bool
    closes: bool
    """Whether the connection cannot be used again."""
    spoken: str
    phases: Mapping[str, float]


class Line:
    """One connection. Opening it raises Silence."""

    def __init__(self, url: SplitResult, until: float) -> None:
        """`until` is a moment of the monotonic clock."""
        self._url = url
        self._socket: socket.socket | None = None
        self._opens, self._is_used = "dns", False
        try:
            self.opening = _limited(partial(self._open, until), until, self.close)
        except Silence as silence:
            if silence.what == "timeout":
                silence.what = SLOW[self._opens]
            raise
        # The port is said, too, lest the end of an IPv6 address is taken for one.
        self._http = HTTPConnection(ascii_host(url.hostname or ""), port=port(url), timeout=None)
        # It would connect by itself where the server has hung up, and no clock would see that.
        self._http.sock, self._http.auto_open = self._socket, 0

    def _open(self, until: float) -> dict[str, float]:
        secure = self._url.scheme == "https"
        # Reading the certificates takes 20 ms, which are not the page's.
        trusted = _certificates() if secure else None
        clock = _Clock()
        try:
            host = ascii_host(self._url.hostname or "")
            found = socket.getaddrinfo(host, port(self._url), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as wrong:
            raise Silence("dns", clock.whole()) from wrong
        phases = {"dns_ms": clock.lap()}
        try:
            self._opens = "connect"
            self._socket = _connected(found, until)
            phases["connect_ms"] = clock.lap()
            if trusted:
                self._opens = "tls"
                self._limit(until)
                self._socket = trusted.wrap_socket(self._socket, server_hostname=host)
        except ssl.SSLCertVerificationError as wrong:
            raise Silence("certificate", clock.whole(), wrong.verify_code) from wrong
        except ssl.SSLError as wrong:
            raise Silence("tls", clock.whole()) from wrong
        except TimeoutError as wrong:
            raise Silence("timeout", clock.whole()) from wrong
        except OSError as wrong:
            raise Silence(self._opens, clock.whole()) from wrong
        return {**phases, "tls_ms": clock.lap() if secure else 0.0}

    def get(self, headers: Mapping[str, str], until: float, path: str = "") -> Heard:
        """The answer at the address, or at another path of the same host. Raises Silence."""
        heard = _limited(partial(self._get, headers, until, path or target(self._url)), until, self.close)
        self._is_used = True
        return heard

    def _get(self, headers: Mapping[str, str], until: float, path: str) -> Heard:
        clock = _Clock()
        try:
            self._limit(until)
            response = self._answered(headers, path)
            wait = clock.lap()
            unpacked = Unpacked((response.getheader("content-encoding") or "").strip().lower())
            self._read(response, unpacked, until)
            # Read to its end or not: the next request may be sent only once this answer is closed.
            response.close()
        except TimeoutError as wrong:
            raise Silence("timeout", clock.whole()) from wrong
        except (OSError, HTTPException, ValueError, zlib.error) as wrong:
            raise Silence("broken", clock.whole()) from wrong
        return Heard(
            status=response.status,
            headers=_joined(response.getheaders()),
            body=bytes(unpacked.plain),
            sent=unpacked.sent,
            packed=unpacked.encoding,
            cut=unpacked.full,
            closes=unpacked.full or response.will_close,
            spoken="HTTP/1.1" if response.version == 11 else "HTTP/1.0",
            phases={"wait_ms": wait, "download_ms": clock.lap()},
        )

    def _answered(self, headers: Mapping[str, str], path: str) -> HTTPResponse:
        """The answer's head. Those that come before it say nothing of the page; http.client passes over 100 alone."""
        try:
            self._http.request("GET", path, headers={"Host": host_header(self._url), **headers})
            response = self._http.getresponse()
        except (BrokenPipeError, ConnectionResetError) as wrong:
            if not self._is_used:
                raise
            raise Silence(HUNG_UP) from wrong
        for _ in range(MOST_HINTS):
            if response.status >= 200:
                return response
            response.headers = response.msg = None  # type: ignore[assignment]  # so that it reads another head
            response.begin()
        raise HTTPException("nothing but answers before the answer")

    def _read(self, response: HTTPResponse, unpacked: Unpacked, until: float) -> None:
        while not unpacked.full and (part := response.read1(BLOCK)):
            unpacked.add(part)
            self._limit(until)
        if response.length and not unpacked.full:
            raise HTTPException("the body ended early")

    def _limit(self, until: float) -> None:
        if self._socket:
            self._socket.settimeout(_left(until))

    def close(self) -> None:
        """Hang up; a thread that still waits there ends with it."""
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()


class _Clock:
    """Milliseconds: since the last reading, and since it was made."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()

    def lap(self) -> float:
        last, self._last = self._last, time.perf_counter()
        return (self._last - last) * 1000

    def whole(self) -> float:
        return (time.perf_counter() - self._began) * 1000


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """By name in lower case; a header that came twice as one, which HTTP says it is."""
    joined: dict[str, str] = {}
    for name, value in headers:
        before = joined.get(name.lower())
        joined[name.lower()] = f"{before}, {value}" if before else value
    return joined


def _limited(work: Callable[[], T], until: float, hang_up: Callable[[], None]) -> T:
    """A time limit of a socket counts from byte to byte; this one counts all of it. Raises Silence."""
    seconds = until - time.monotonic()
    try:
        return within(seconds, work)
    except TimeoutError:
        hang_up()
        raise Silence("timeout", max(0.0, seconds * 1000)) from None
    except Silence:
        hang_up()
        raise


def _connected(found: Sequence[tuple[Any, ...]], until: float) -> socket.socket:
    """A connection to the first address that takes one, as a client without a head start for IPv4 makes it."""
    wrong: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(min(CONNECT_SECONDS, _left(until)))
            made.connect(address)
        except OSError as refused:
            made.close()
            wrong = refused
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise wrong


def _left(until: float) -> float:
    return max(0.01, until - time.monotonic())


@cache
def _certificates() -> ssl.SSLContext:
    """The certificates that the house's other clients trust, SSL_CERT_FILE's where it is set."""
    import httpx

    return httpx.create_ssl_context()
