"""What the sandbox's server and its vendors hand each other: a request, an answer, and what a vendor is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg

State = dict[str, Any]
"""One vendor's part of a world, completed with the vendor's defaults; handlers may change it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request, without the vendor's prefix: `GET /v1/charges`, not `GET /stripe/v1/charges`."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    now: datetime
    """The sandbox's clock, in UTC."""
    database: "Callable[[], psycopg.Connection[tuple[Any, ...]]] | None" = None
    """Opens the world's database as its owner, in autocommit, for a vendor whose state is in it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer; a `body` that is not bytes is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    """The time before its first byte, which holds up no other request."""
    pause_s: float = 0.0
    """The time between two parts of its body."""


class Vendor(Protocol):
    """A vendor as the sandbox plays it: a module with these names."""

    NAME: str
    ROUTES: tuple[tuple[str, str], ...]
    """Each known route as (method, path template): ("GET", "/v1/charges/{id}"). Faults are checked against it."""

    def complete(self, part: State, now: datetime) -> State:
        """The world's part, validated, relative times made absolute, vendor defaults filled in. Raises BadInput."""

    def handle(self, state: State, request: Request) -> Answer:
        """Answer as the vendor would; an unknown route answers as the vendor answers one."""

    def refuse(self, status: int, error: str, retry_after: float | None) -> Answer:
        """A fault in the vendor's own error envelope and headers."""
