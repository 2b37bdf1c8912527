"""
One line of Vercel's log drain, of which only the fields that are counted are decoded.

Fields as in Vercel's reference of log drains (docs/drains/reference/logs), and those of `vercel logs --json` beside
them, which has neither a client's address nor an agent. `message` and the query of a path are never decoded further:
they may hold anything.
"""

import re
from datetime import UTC, datetime

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

LIMITED = 429
LONGEST_NAME = 200
"""Characters of an agent or a path that are told."""
LONGEST_HELD = 4 * LONGEST_NAME
"""Characters of one as the row has it, beyond which it is cut before it is kept anywhere."""
EARLIEST, LATEST = 1_000_000_000_000, 4_000_000_000_000
"""Milliseconds since 1970, in 2001 and 2096: seconds, micro- and nanoseconds of a log's time are none of these."""
LET_THROUGH = ("", "log", "bypass")
"""What Vercel's firewall did where it answered nothing itself (proxy.wafAction)."""
UNITS = (1, 1000, 1e-3, 1e-6)
"""What makes milliseconds of a time: they are usual, then seconds, micro- and nanoseconds."""
GREATEST_STATUS = 999
BROKEN = (MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises of a line that is no row: no JSON, other fields, no UTF-8, or nested without end."""
Moment = int | float | str | None
"""A time as rows have it: Vercel's are milliseconds; what went through another tool may have anything."""
PLAIN, AUTH, ASSET, LOGIN = range(4)
"""Kinds of paths; LOGIN is AUTH that was asked with POST."""
_AUTH = re.compile(
    r"(?i)(?:^|[/_-])(?:auth|log-?in|sign-?in|sign-?up|token|otp|password|reset|recover|session|oauth\d?|sso|verify|"
    r"magic-?link|callback)(?:$|[/_-])"
)
_ASSET = re.compile(
    r"(?i)^/(?:_next/(?:static|image)|static|assets|fonts|images)(?:$|/)|"
    r"\.(?:js|mjs|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|txt|webmanifest)$"
)
_ID = re.compile(
    r"(?i)^(?:\d+|[0-9a-f-]{12,}|[a-z]{1,8}[_-](?=\w*\d)\w+|(?=.*\d)[\w~%.+=-]{24,}|.*(?:@|%(?:25)*40).*)$"
)
"""Parts of a path that name one thing: numbers, UUIDs, digests, CASE-1042, e-mail addresses, long tokens."""
_TAIL = re.compile("[?#;]")
_SUPABASE = re.compile(r"^/(?:auth|rest|storage|realtime|functions|graphql)/v1(?:$|/)")


class Proxy(Struct, rename="camel", gc=False):
    """What Vercel's proxy says of the request."""

    client_ip: str | None = None
    path: str | None = None
    method: str | None = None
    user_agent: list[str] | str | None = None
    status_code: int | None = None
    waf_action: str | None = None
    waf_rule_id: str | None = None
    timestamp: Moment = None


class Line(Struct, rename="camel", gc=False):
    """A row of the log: of a request, or of what a function wrote while it answered one."""

    request_id: str | None = None
    timestamp: Moment = None
    source: str | None = None
    path: str | None = None
    status_code: int | None = None
    proxy: Proxy | None = None
    destination: str | None = None
    # As `vercel logs --json` has them.
    timestamp_in_ms: Moment = None
    request_path: str | None = None
    request_method: str | None = None
    response_status_code: int | None = None


class Request(Struct, array_like=True, gc=False, frozen=True):
    """One request as it is counted; `at` in milliseconds since 1970, 0 where the row does not tell."""

    address: str
    path: str
    agent: str
    method: str
    status: int
    at: int
    answered_by: str
    rule: str


decode = Decoder(Line, strict=False).decode
decode_several = Decoder(list[Line], strict=False).decode


def is_request(line: Line) -> bool:
    """Whether a row without an id is of a request: the output of a build is of none."""
    status = line.response_status_code if line.status_code is None else line.status_code
    return line.proxy is not None or status is not None


def request_of(line: Line) -> Request:
    """The request of a row: what the proxy says, else what the row itself says; what is far too long is cut."""
    proxy = line.proxy
    if proxy is None:
        proxy = Proxy(method=line.request_method)
    status = proxy.status_code
    if status is None:
        status = (line.response_status_code if line.status_code is None else line.status_code) or 0
    said = proxy.user_agent or ""
    agent = said if isinstance(said, str) else " ".join(said)
    path = (proxy.path or line.path or line.request_path or "").partition("?")[0]
    return Request(
        (proxy.client_ip or "")[:LONGEST_NAME],
        path[:LONGEST_HELD],
        agent[:LONGEST_HELD],
        (proxy.method or "")[:LONGEST_NAME],
        status if 0 <= status <= GREATEST_STATUS else 0,
        moment(proxy.timestamp) or moment(line.timestamp) or moment(line.timestamp_in_ms),
        answered_by(line, proxy, path) if status == LIMITED else "",
        (proxy.waf_rule_id or "")[:LONGEST_NAME] if status == LIMITED else "",
    )


def moment(said: Moment) -> int:
    """Milliseconds since 1970, of a number in whatever unit or of a date in ISO 8601; 0 where it is no such time."""
    if isinstance(said, str):
        said = _number(said)
    return next((int(said * unit) for unit in UNITS if said and EARLIEST <= said * unit <= LATEST), 0)


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return 0.0


def answered_by(line: Line, proxy: Proxy, path: str) -> str:
    """
    Who answered 429, by what the row shows: Vercel's firewall, Supabase behind a rewrite, another host, or the portal.

    Supabase's limits of its own (log-ins, tokens, mails) reach this log only where the portal passes them on.
    """
    if line.source == "firewall" or (proxy.waf_action or "") not in LET_THROUGH:
        return "vercel_firewall"
    if _SUPABASE.match(path) or "supabase" in (line.destination or ""):
        return "supabase"
    if line.source == "external":
        return "elsewhere"
    return "portal" if line.source in ("lambda", "edge", "static", "redirect") else "unknown"


def folded(path: str) -> tuple[str, int]:
    """A path without its query and with its ids as [id], and its kind: AUTH, ASSET or PLAIN."""
    plain = _TAIL.split(path[:LONGEST_HELD], maxsplit=1)[0]
    kind = ASSET if _ASSET.search(plain) else AUTH if _AUTH.search(plain) else PLAIN
    if kind == ASSET:
        return f"{plain.rpartition('/')[0][:LONGEST_NAME]}/…", kind
    parts = ("[id]" if part and _ID.match(part) else part for part in plain.split("/"))
    return "/".join(parts)[:LONGEST_NAME], kind
