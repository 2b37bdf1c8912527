"""How UPS is called: below /api, with the token and an id for each request, and once more where a token is refused."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from peakops.errors import Unauthenticated, before_writing
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer, timed_out
from peakops.sources.patience import LEAST_READ_S, LEAST_WRITE_S
from peakops.sources.ups_token import Access, Token, Tokens, api

SOURCE = "peakops"
"""The transactionSrc: who asks."""
ID_LENGTH = 32
"""Of a transId, which UPS gives back and otherwise ignores: it is no protection against doing a thing twice."""
LATER_S = 1.0
"""UPS had days in January 2026 on which it refused good credentials: one more try before they are blamed."""
Headers = Mapping[str, str]


class Calls:
    """
    The API for one pair of credentials. `spare_s` is kept back from the time of a write, for the look afterwards.

    With a folder the token is shared with other runs.
    """

    def __init__(self, access: Access, *, deadline: float, folder: Path | None = None, spare_s: float = 0.0) -> None:
        base = f"{access.url.rstrip('/')}/api"
        self._deadline, self._last_write = deadline, deadline - spare_s - LEAST_WRITE_S
        self._api = api(access.setting)
        self._http = Http(self._api, base, deadline=deadline)
        self._writing = Http(self._api, base, deadline=deadline - spare_s)
        self.tokens = Tokens(access, deadline=deadline, folder=folder)
        self.reading = self._http.reading

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """The JSON at a path."""
        return self._read(partial(self._http.get, path, params))

    def search(self, path: str, body: Mapping[str, Any]) -> Answer:
        """A POST that only reads."""
        return self._read(partial(self._http.search, path, body))

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str) -> Answer:
        """
        A request that changes something, sent once and under an id made of `key`.

        Its token is new: where UPS refuses it, nothing is done and another one would be no better.
        """
        with before_writing():
            token = self.tokens.get()
            if time.monotonic() > self._last_write:
                raise timed_out(self._api)
        return self._writing.write(method, path, body, headers=_headers(token, id_of(key)))

    def _read(self, ask: Callable[..., Answer]) -> Answer:
        """A read; where UPS refuses the token once more, with another one, or with a new one a moment later."""
        token = self.tokens.get()
        try:
            return ask(headers=_headers(token, secrets.token_hex(ID_LENGTH // 2)))
        except Unauthenticated:
            other = self.tokens.another(token)
            if other is None and time.monotonic() + LATER_S + LEAST_READ_S >= self._deadline:
                raise
            if other is None:
                time.sleep(LATER_S)
        return ask(headers=_headers(other or token, secrets.token_hex(ID_LENGTH // 2)))


def id_of(key: str) -> str:
    """The id of a write: the same for the same step of the same plan."""
    return hashlib.sha256(key.encode()).hexdigest()[:ID_LENGTH]


def _headers(token: Token, id: str) -> Headers:
    return {"Authorization": f"Bearer {token.value}", "transId": id, "transactionSrc": SOURCE}
