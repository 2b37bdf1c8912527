"""How vendors without an SDK are asked: with time limits, back-off, JSON only, and errors said in our words."""

import json
import re
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from peakops import __version__
from peakops.endpoints import is_loopback, is_safe
from peakops.errors import NotConfigured, PeakopsError, RateLimited, Refused, TimedOut, Unreachable, unsent
from peakops.sources.http_errors import Answer, Api, timed_out, translated, unreachable, unreadable
from peakops.sources.patience import (
    CONNECT_SECONDS,
    LARGEST_BYTES,
    LONGEST_READ_S,
    PATIENCE,
    READ_SHARE,
    RETRIES,
    jittered,
    longest_read,
    patiently,
)
from peakops.sources.threads import within

USER_AGENT = f"peakops/{__version__}"
"""Supabase answers 401 to a secret key in the hands of what calls itself a browser."""
ADVISORY_SECONDS = 5.0
"""What a look may take that only adds to an answer: one that hangs is silence, and holds no check up."""
CERTAIN = (400, 401, 403, 404, 422, 429)
"""Refusals of a write before anything is done; others leave that open, as one does that the vendor gave up on."""
READING = threading.Lock()
TEXT_BYTES = 200
"""What is kept of a body that is no JSON: Slack answers in a word or two."""
HOPS = 2
REDIRECTS = (301, 302, 303, 307, 308)
Headers = Mapping[str, str] | None
"""Those of one request, beside those of all."""
SENDABLE = re.compile(r"[ -~]+")
"""What a header may hold; httpx would quote anything else, a key too, in its error."""


class Http:
    """One API over HTTP. Raises the errors of peakops.errors only; no error holds a header or an address."""

    def __init__(
        self,
        api: Api,
        url: str,
        *,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        retries: int = RETRIES,
        follows: Collection[str] = (),
    ) -> None:
        """
        `deadline` is a moment of the monotonic clock; `follows` are the hosts to which an answer may send us on.

        Without `retries` one answer may take all of the time. Raises NotConfigured where the address or a header
        cannot be used.
        """
        if not all(SENDABLE.fullmatch(value) for value in (headers or {}).values()):
            raise _malformed(api, api.key, "holds a character that no key has", "malformed_key")
        self._api, self._url, self._deadline = api, url.rstrip("/"), deadline
        self._retries, self._follows = retries, follows
        left = deadline - time.monotonic()
        self._longest = longest_read(left * READ_SHARE if retries else left)
        self._client = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})},
            verify=_tls(),
            # A proxy of the environment is for the world outside.
            trust_env=not _checked(api, url),
        )

    def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, kind: type = dict, headers: Headers = None
    ) -> Answer:
        """The JSON at a path, which must be of this kind; asked again where that may help and the time allows it."""
        return self._ask(partial(self._once, "GET", path, kind, self._longest, params=params, headers=headers))

    def search(self, path: str, body: Mapping[str, Any], *, headers: Headers = None) -> Answer:
        """A POST that only reads, as some vendors make their searches; asked again as a GET is."""
        return self._ask(partial(self._once, "POST", path, dict, self._longest, json=body, headers=headers))

    def form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """A form that is posted and changes nothing, as OAuth has it; asked again as a GET is."""
        return self._ask(partial(self._once, "POST", path, dict, self._longest, data=fields))

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Headers = None,
        kind: type = dict,
    ) -> Answer:
        """
        A request that changes something: sent once, since an answer that was lost does not say that nothing was done.

        With the kind `object` a good answer may have no body, as SendGrid's have none.
        Its answer may take all of the time. Errors say `nothing_done` where that is certain; such a refusal without
        a kind of its own is Refused.
        """
        try:
            return self._once(method, path, kind, LONGEST_READ_S, json=body, headers=headers)
        except PeakopsError as wrong:
            # A hook that did not answer in time comes as 422, and may have sent the mail all the same.
            if wrong.http_status not in CERTAIN or isinstance(wrong, TimedOut):
                raise
            wrong.nothing_done = True
            if wrong.code == f"{self._api.source}.refused":
                raise _refused(wrong) from wrong
            raise

    @contextmanager
    def reading(self, answer: Answer) -> Iterator[None]:
        """Raises Unreachable where the body lacks what is read of it, or has it in another shape."""
        try:
            yield
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as wrong:
            raise unreadable(self._api, answer, "it lacks what every such answer has") from wrong

    def _ask(self, once: partial[Answer]) -> Answer:
        return patiently(once, self._pause, tries=PATIENCE + 1, deadline=self._deadline)

    def _pause(self, wrong: PeakopsError, attempt: int) -> float | None:
        """How long to wait before asking again; None where that is no use."""
        wanted = wrong.retry_after_s or jittered(attempt)
        if isinstance(wrong, RateLimited):
            return wanted if attempt < PATIENCE and self._retries else None
        passing = isinstance(wrong, Unreachable | TimedOut) and (not wrong.http_status or wrong.http_status >= 500)
        if not passing or attempt >= self._retries:
            return None
        hopeless = isinstance(wrong, TimedOut) and time.monotonic() + self._longest >= self._deadline
        return None if hopeless else wanted

    def _once(self, method: str, path: str, kind: type, longest: float, **given: Any) -> Answer:
        """One request and its answer, and those to which it was sent on; raises for every answer but a good one."""
        url = f"{self._url}{path}"
        answer = self._heard(method, url, longest, given)
        for _ in range(HOPS):
            if not (target := self._sent_on(answer, url)):
                break
            url = target
            answer = self._heard(method, url, longest, given)
        if not 200 <= answer.status < 300:
            raise translated(self._api, answer)
        if not isinstance(answer.body, kind):
            raise unreadable(self._api, answer, "it is no JSON" if answer.body is None else "it is of another kind")
        return answer

    def _heard(self, method: str, url: str, longest: float, given: Mapping[str, Any]) -> Answer:
        """What comes back within the time that one answer may take, whatever it is."""
        seconds = min(longest, self._deadline - time.monotonic())
        if seconds <= 0:
            raise unsent(timed_out(self._api))
        try:
            status, headers, data = within(seconds, partial(self._fetched, method, url, seconds, given))
        except httpx.ConnectTimeout as wrong:
            raise unsent(timed_out(self._api)) from wrong
        except httpx.ConnectError as wrong:
            raise unsent(unreachable(self._api, str(wrong))) from wrong
        except (TimeoutError, httpx.TimeoutException) as wrong:
            raise timed_out(self._api) from wrong
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as wrong:
            raise unreachable(self._api, str(wrong)) from wrong
        try:
            return Answer(status=status, headers=headers, body=json.loads(data))
        except (ValueError, RecursionError):
            return Answer(status=status, headers=headers, text=data[:TEXT_BYTES].decode(errors="replace"))

    def _fetched(
        self, method: str, url: str, seconds: float, given: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        until, data = time.monotonic() + seconds, bytearray()
        limits = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        with self._client.stream(method, url, timeout=limits, **given) as response:
            for part in response.iter_bytes():
                data += part
                if len(data) > LARGEST_BYTES or time.monotonic() > until:
                    raise httpx.ReadTimeout("the body does not end")
            return response.status_code, dict(response.headers), bytes(data)

    def _sent_on(self, answer: Answer, url: str) -> str:
        """Where an answer sends us on to, if it is a host that we follow to; else empty."""
        if answer.status not in REDIRECTS or not self._follows:
            return ""
        target = urljoin(url, answer.headers.get("location", ""))
        there, here = urlsplit(target), urlsplit(url)
        same = (there.scheme, there.netloc) == (here.scheme, here.netloc)
        return target if same or (there.scheme == "https" and there.netloc in self._follows) else ""


def soon(deadline: float) -> float:
    """The deadline of a look that only adds to an answer, both as moments of the monotonic clock."""
    return min(deadline, time.monotonic() + ADVISORY_SECONDS)


def _refused(wrong: PeakopsError) -> Refused:
    error = Refused(wrong.says, code=wrong.code, hint=wrong.hint, source=wrong.source, request_id=wrong.request_id)
    error.http_status, error.nothing_done = wrong.http_status, wrong.nothing_done
    return error


def _tls() -> ssl.SSLContext:
    """The certificates that are trusted, read once, whichever thread comes first: 20 ms."""
    with READING:
        return _certificates()


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _checked(api: Api, url: str) -> bool:
    """Whether an address is this machine's own. Raises NotConfigured where a key would travel in the clear."""
    if not is_safe(url):
        raise _malformed(api, api.address, "is not an https address", "malformed_address")
    return is_loopback(urlsplit(url).hostname or "")


def _malformed(api: Api, setting: str, what: str, code: str) -> NotConfigured:
    return NotConfigured(
        f"{setting} {what}.", code=f"{api.source}.{code}", hint="See docs/settings.md.", source=api.source
    )
