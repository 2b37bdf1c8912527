"""Where every request to Salesforce passes, the library's own too: to the org alone, within the time, and whole."""

import re
import threading
import time
from collections.abc import Collection
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from peakops import __version__
from peakops.endpoints import is_loopback
from peakops.sources.http_errors import Answer
from peakops.sources.patience import CONNECT_SECONDS, LARGEST_BYTES, READ_SHARE, longest_read
from peakops.sources.threads import within

PART_BYTES = 1 << 16


class Door(HTTPAdapter):
    """
    What a `requests.Session` sends through; the library sets no time limit of its own, and knows https alone.

    Raises only what requests raises. `answer` is what this thread heard last: the library's errors have no headers.
    """

    def __init__(self, url: str, *, hosts: Collection[str], deadline: float) -> None:
        """`url` is the org's address; one on this machine takes the place of every host that the library asks."""
        super().__init__()
        self._url, self._hosts, self._deadline = url.rstrip("/"), hosts, deadline
        self._here = is_loopback(urlsplit(url).hostname or "")
        self.longest = longest_read((deadline - time.monotonic()) * READ_SHARE)
        """What one answer may take, in seconds."""
        self.usage: tuple[int, int] | None = None
        """The requests of the day, used and allowed, as the last answer said."""
        self._heard = threading.local()

    @property
    def answer(self) -> Answer:
        """What this thread heard last; its status is 0 where that was nothing."""
        found: requests.Response | None = getattr(self._heard, "response", None)
        if found is None:
            return Answer(status=0)
        try:
            body = found.json()
        except (ValueError, RecursionError):
            body = found.text[:PART_BYTES]
        return Answer(status=found.status_code, headers={k.lower(): v for k, v in found.headers.items()}, body=body)

    def send(self, request: requests.PreparedRequest, *_: Any, **given: Any) -> requests.Response:
        """The whole answer to one request. Raises requests.ReadTimeout for one that does not come to its end."""
        self._heard.response = None
        request.url = self._target(request.url or "")
        # The library would have every answer indented.
        request.headers.pop("X-PrettyPrint", None)
        seconds = min(self.longest, self._deadline - time.monotonic())
        if seconds <= 0:
            raise requests.ConnectTimeout("no time is left")
        try:
            response = within(seconds, partial(self._fetched, request, seconds, given))
        except TimeoutError:
            raise requests.ReadTimeout("it did not come in time") from None
        used = re.search(r"\bapi-usage=(\d{1,12})/(\d{1,12})", response.headers.get("Sforce-Limit-Info", ""))
        self.usage = (int(used[1]), int(used[2])) if used else self.usage
        self._heard.response = response
        return response

    def _fetched(self, request: requests.PreparedRequest, seconds: float, given: dict[str, Any]) -> requests.Response:
        until, data = time.monotonic() + seconds, bytearray()
        limits = {"stream": True, "timeout": (min(CONNECT_SECONDS, seconds), seconds)}
        response = super().send(request, **{**given, **limits})
        try:
            for part in response.iter_content(PART_BYTES):
                data += part
                if len(data) > LARGEST_BYTES or time.monotonic() > until:
                    response.close()
                    raise requests.ReadTimeout("the body does not end")
        except requests.ConnectionError as wrong:
            # requests calls a body that stops coming a broken connection.
            if wrong.args and isinstance(wrong.args[0], ReadTimeoutError):
                raise requests.ReadTimeout("the body does not end") from wrong
            raise
        response._content = bytes(data)
        return response

    def _target(self, url: str) -> str:
        """Where a request goes. Raises requests' InvalidURL for a host that the token is not for."""
        parts = urlsplit(url)
        if self._here:
            return f"{self._url}{parts.path}{'?' if parts.query else ''}{parts.query}"
        if parts.scheme != "https" or parts.netloc not in self._hosts:
            raise requests.exceptions.InvalidURL("another host than the org's")
        return url


class Straight(requests.Session):
    """A session that follows no redirect, and takes no password from a .netrc in place of the token."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"peakops/{__version__}"
        self.auth = lambda request: request
        # A proxy of the environment is for the world outside.
        self.trust_env = not door._here
        self.mount("https://", door)
        self.mount("http://", door)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: the answer itself is what comes back, and is an error."""
