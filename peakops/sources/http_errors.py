"""What an HTTP API answers, and what it means in the operator's words when it refuses, fails or stays silent."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from peakops.errors import (
    Denied,
    NotConfigured,
    NotFound,
    PeakopsError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unreachable,
)

REQUEST_IDS = ("sb-request-id", "x-request-id", "request-id", "transid", "x-vercel-id", "cf-ray")
"""Where vendors put what their support asks for; UPS echoes ours, and the last is Cloudflare's, before most of them."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; `body` is its JSON, None where it is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Any = None
    text: str = ""
    """The beginning of a body that is no JSON."""

    @property
    def request_id(self) -> str:
        """The vendor's name for this request; empty where it gives none."""
        return next((self.headers[name] for name in REQUEST_IDS if self.headers.get(name)), "")

    @property
    def retry_after(self) -> float | None:
        """The seconds after which the vendor wants to be asked again, where it says so in a way that can be read."""
        said = self.headers.get("retry-after", "")
        try:
            seconds = float(said)
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
            except (TypeError, ValueError):
                return None
        return max(0.0, seconds) if math.isfinite(seconds) else None


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API as its errors speak of it."""

    source: str
    """The source whose errors they are, and the first part of their codes."""
    title: str
    key: str
    """The setting that holds the key; empty where none is needed."""
    address: str
    """The setting that holds the address."""
    page: str
    """The vendor's status page."""
    refusal: Callable[[Answer], PeakopsError | None] = lambda answer: None  # noqa: ARG005  (no codes of its own)
    """What the vendor's own error code means; None where the HTTP status has to do."""


def translated(api: Api, answer: Answer) -> PeakopsError:
    """The error to raise for an answer that is no good one."""
    error = api.refusal(answer) or _by_status(api, answer)
    error.source, error.request_id, error.http_status = api.source, answer.request_id, answer.status
    if error.retryable and error.retry_after_s is None:
        error.retry_after_s = answer.retry_after
    return error


def _by_status(api: Api, answer: Answer) -> PeakopsError:
    name, status = api.source, answer.status
    match status:
        case 401:
            hint = f"Check {api.key}." if api.key else _later(api)
            return Unauthenticated(f"{api.title} does not accept the key.", code=f"{name}.invalid_key", hint=hint)
        case 403:
            hint = f"Give the key in {api.key} the permission." if api.key else _later(api)
            return Denied(f"{api.title} refuses this to the key.", code=f"{name}.permission_denied", hint=hint)
        case 404:
            says = f"{api.title} does not know what was asked for."
            return NotFound(says, code=f"{name}.not_found", hint=f"Check {api.address}.")
        case 429:
            return rate_limited(name, api.title, answer.retry_after)
    if status >= 500:
        return Unreachable(f"{api.title} failed with HTTP {status}.", code=f"{name}.failed", hint=_later(api))
    if 300 <= status < 400:
        says = f"{api.title} sends us elsewhere (HTTP {status}), where peakops does not go."
        return Unreachable(says, code=f"{name}.redirected", hint=f"Check {api.address}.")
    return Unreachable(f"{api.title} refused a request (HTTP {status}).", code=f"{name}.refused", hint=_later(api))


def rate_limited(source: str, title: str, seconds: float | None) -> RateLimited:
    """The error for a vendor that asks to wait: for so many seconds, where it says how many."""
    wait = "a minute" if seconds is None else f"{seconds:.0f} s"
    return RateLimited(
        f"{title} asks to wait (HTTP 429).",
        code=f"{source}.rate_limited",
        hint=f"Run it again in {wait}.",
        retry_after_s=seconds,
    )


def unreadable(api: Api, answer: Answer, why: str) -> Unreachable:
    """The error for an answer that is not what the API would say."""
    says = f"{api.title}'s answer cannot be read: {why}."
    error = Unreachable(
        says, code=f"{api.source}.unreadable", hint=_later(api), source=api.source, request_id=answer.request_id
    )
    error.http_status = answer.status
    return error


def timed_out(api: Api) -> TimedOut:
    """The error for an answer that has not come, or not the whole of it."""
    says = f"{api.title} did not answer in time."
    return TimedOut(says, code=f"{api.source}.timeout", hint=_later(api), source=api.source)


def unreachable(api: Api, why: str) -> PeakopsError:
    """The error for a connection that was not made or broke; `why` is the transport's text, and is not repeated."""
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return NotConfigured(
            f"The certificate of {_within(api)} could not be verified.",
            code=f"{api.source}.certificate",
            hint=f"Check {api.address}; behind a proxy that reads along, set SSL_CERT_FILE to its CA certificate.",
            source=api.source,
        )
    if re.search(r"Name or service not known|nodename nor servname|name resolution|No address associated", why):
        return Unreachable(
            f"The host name of {_within(api)} does not resolve.",
            code=f"{api.source}.no_such_host",
            hint=f"Check {api.address}, and this machine's network.",
            source=api.source,
        )
    says = f"{api.title} could not be reached."
    return Unreachable(says, code=f"{api.source}.unreachable", hint=_later(api), source=api.source)


def _within(api: Api) -> str:
    """What is spoken to, inside a sentence."""
    return f"the {api.title.removeprefix('The ')}" if api.title.startswith("The ") else api.title


def _later(api: Api) -> str:
    return f"Look at {api.page}, then run it again."
