"""One request at Auth: what was asked, and the connection by which it is answered."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peakops.sandbox.vendors.supabase.config import config_of
from peakops.sandbox.vendors.supabase.envelope import Refusal
from peakops.sandbox.wire import Request, State

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

AUDIENCE = "authenticated"
ADDRESS = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?")
"""What Auth takes for an e-mail address (checkmail): neither quoted local parts nor letters beyond ASCII."""


@dataclass(frozen=True)
class Asked:
    """A request, its body read, and the world's database in a transaction that ends with the answer."""

    state: State
    request: Request
    connection: "Connection"
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.request.now

    @property
    def audience(self) -> str:
        """The users that are asked about; other audiences are as if they were not there."""
        return self.request.headers.get("x-jwt-aud") or AUDIENCE

    @property
    def config(self) -> dict[str, Any]:
        """The project's Auth configuration."""
        return config_of(self.state)

    def text(self, name: str) -> str:
        """A text of the body, empty if it is not there. Raises Refusal for anything else."""
        value = self.body.get(name) or ""
        if not isinstance(value, str):
            raise Refusal(400, "bad_json", f"Could not parse request body as JSON: {name} is no string")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object of the body, empty if it is not there. Raises Refusal for anything else."""
        value = self.body.get(name) or {}
        if not isinstance(value, dict):
            raise Refusal(400, "bad_json", f"Could not parse request body as JSON: {name} is no object")
        return value

    def email(self, name: str = "email") -> str:
        """An address of the body, in lower case as Auth keeps it. Raises Refusal if it is none."""
        value = self.text(name)
        if not value:
            raise Refusal(400, "validation_failed", "An email address is required")
        if len(value) > 255 or not ADDRESS.fullmatch(value):
            raise Refusal(400, "validation_failed", "Unable to validate email address: invalid format")
        return value.lower()


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal if it is none."""
    try:
        found = json.loads(request.body)
    except ValueError as error:
        raise Refusal(400, "bad_json", f"Could not parse request body as JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refusal(400, "bad_json", "Could not parse request body as JSON: it is no object")
    return found
