"""One request at Salesforce's API: what was asked, in which version, and by whom."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.wire import Request, State


@dataclass(frozen=True)
class Asked:
    """A request of somebody who is logged in."""

    state: State
    request: Request
    version: str
    """As in the path: 62.0."""
    user: Object

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.request.now

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(self.request.query)

    @property
    def root(self) -> str:
        """The path of the API in this version."""
        return f"/services/data/v{self.version}"

    def body(self) -> dict[str, Any]:
        """The body, which must be a JSON object. Raises Refusal."""
        try:
            found = json.loads(self.request.body)
        except ValueError as error:
            raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is no JSON.") from error
        if not isinstance(found, dict):
            raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object.")
        return found
