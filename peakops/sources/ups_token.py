"""UPS's token: asked for once an hour and not once a call, shared by runs beside each other, renewed where refused."""

import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peakops.errors import NotConfigured, PeakopsError, RateLimited, TimedOut
from peakops.sources.http import Http
from peakops.sources.http_errors import Api
from peakops.sources.ups_errors import PORTAL, refusal
from peakops.sources.ups_token_file import TokenFile, key_of

SECRET, ADDRESS = "PEAKOPS_UPS_CLIENT_SECRET", "PEAKOPS_UPS_URL"
PATH = "/security/v1/oauth/token"
"""The one path that is not below /api."""
MARGIN_S = 60.0
"""How long before its end a token is not used any more; of a very short one, half of its life."""
LONGEST_S = 86400.0
"""No token of UPS's lasts a day: one hour since April 2026, four before. What says so is damaged."""
SENDABLE = re.compile(r"[!-~]+")
MOST = 1e12
"""More seconds than any clock has."""
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 900.0
"""How long UPS is not asked for a token after it refused one as one too many: twice as long each time."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where UPS is, and as whom it is asked."""

    url: str
    client_id: str
    secret: str = field(repr=False)
    setting: str = SECRET
    """Which setting holds the secret."""


def access(url: str, client_id: str | None, secret: str | None, *, setting: str = SECRET) -> Access:
    """The access of a pair of credentials. Raises NotConfigured where one of both is missing."""
    if client_id and secret:
        return Access(url=url, client_id=client_id, secret=secret, setting=setting)
    raise NotConfigured(
        "UPS is not configured.",
        code="ups.not_configured",
        hint=f"Set {setting.replace('SECRET', 'ID')} and {setting}, or {setting}_FILE; see docs/settings.md.",
        source="ups",
    )


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token that UPS takes until a moment of the real clock, whatever clock the sandbox has."""

    value: str = field(repr=False)
    expires_at: float
    until: float
    """When it is not used any more."""
    cached: bool = False
    """Whether it was found in the file, so that UPS may have ended it since."""

    @property
    def good(self) -> bool:
        return time.time() < self.until

    @property
    def ends(self) -> datetime:
        return datetime.fromtimestamp(self.expires_at, UTC)


def api(secret: str = SECRET) -> Api:
    """UPS as its errors speak of it; `secret` is the setting with the secret that is used."""
    return Api(source="ups", title="UPS", key=secret, address=ADDRESS, page=PORTAL, refusal=refusal)


class Tokens:
    """
    The token of one pair of credentials. With a folder it is shared, else it is kept in memory alone.

    Each call raises what UPS says to the request for a token; what it has once not given is not asked for again: asked
    again and again with a wrong secret, UPS locks the user, and the looks of a run would each try as often as one may.
    """

    def __init__(self, access: Access, *, deadline: float, folder: Path | None = None) -> None:
        basic = b64encode(f"{access.client_id}:{access.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        self._http = Http(api(access.setting), access.url, deadline=deadline, headers=headers)
        self._deadline, self._key = deadline, key_of(access.url, access.client_id, access.secret)
        self._file = TokenFile(folder) if folder else None
        self._turn = threading.Lock()
        self._token: Token | None = None
        self.refused: PeakopsError | None = None
        """Why UPS gave no token when it was asked for one; it is not asked again."""
        self.request_ids: tuple[str, ...] = ()
        """Of the request that brought the token, where this run made it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the token is not shared, where it should be."""
        return (self._file.trouble,) if self._file and self._file.trouble else ()

    def get(self) -> Token:
        """A token that is good: the one in memory, the one in the file, or a new one."""
        with self._in_turn():
            return self._good(refused="") or self._new(refused="")

    def another(self, refused: Token) -> Token | None:
        """
        A token in the place of one that UPS refused; None where that was no old one, so that another is no use.

        A run beside this one may have put a new one into the file already.
        """
        if not refused.cached:
            return None
        with self._in_turn():
            return self._good(refused=refused.value) or self._new(refused=refused.value)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One thread of this run after the other, each until the deadline."""
        if not self._turn.acquire(timeout=max(0.0, self._deadline - time.monotonic())):
            says = "UPS did not give a token in time."
            raise TimedOut(says, code="ups.timeout", hint=f"Look at {PORTAL}, then run it again.", source="ups")
        try:
            yield
        finally:
            self._turn.release()

    def _good(self, refused: str) -> Token | None:
        """A token that is there, and is not the refused one."""
        if self._token and self._token.good and self._token.value != refused:
            return self._token
        found = _read(self._file.read(self._key)) if self._file else None
        if found and found.value != refused:
            self._token = found
            return found
        return None

    def _new(self, refused: str) -> Token:
        """The token that another run has got by now, or that UPS is asked for."""
        if self.refused:
            raise self.refused
        if not self._file:
            return self._asked()
        with self._file.turn(self._deadline) as ours:
            if not ours:
                says = "Another run on this machine is still asking UPS for the token."
                raise TimedOut(says, code="ups.timeout", hint="Run it again in a minute.", source="ups")
            return self._good(refused) or self._asked()

    def _asked(self) -> Token:
        kept = self._file.read(self._key) if self._file else {}
        self._need_calm(kept)
        try:
            token = self._token = self._heard()
        except PeakopsError as wrong:
            if isinstance(wrong, RateLimited):
                self._calm(kept, wrong)
            self.refused = wrong
            raise
        if self._file:
            self._file.write(self._key, {"token": token.value, "expires_at": token.expires_at, "until": token.until})
        return token

    def _heard(self) -> Token:
        asked_at = time.time()
        answer = self._http.form(PATH, {"grant_type": "client_credentials"})
        self.request_ids = (answer.request_id,) if answer.request_id else ()
        with self._http.reading(answer):
            value, life = answer.body["access_token"], float(answer.body["expires_in"])
            if not (isinstance(value, str) and SENDABLE.fullmatch(value) and 0 <= life <= LONGEST_S):
                raise ValueError("no token that could be sent, or one without an end")
        return Token(value=value, expires_at=asked_at + life, until=asked_at + max(life - MARGIN_S, life / 2))

    def _need_calm(self, kept: Mapping[str, Any]) -> None:
        """Raises RateLimited where UPS has refused a token as one too many a moment ago: other runs ask too."""
        left = _number(kept.get("calm_until")) - time.time()
        if 0 < left <= LONGEST_WAIT_S:
            says = "UPS takes no more requests for a token at the moment, and is left alone for a while."
            hint = f"Run it again in {left:.0f} s."
            raise RateLimited(says, code="ups.10429", hint=hint, source="ups", retry_after_s=left)

    def _calm(self, kept: Mapping[str, Any], wrong: RateLimited) -> None:
        if not self._file:
            return
        wait = min(LONGEST_WAIT_S, max(2 * _number(kept.get("wait_s")), wrong.retry_after_s or FIRST_WAIT_S))
        until = time.time() + wait
        self._file.write(self._key, {"calm_until": until, "wait_s": wait, "until": until + LONGEST_WAIT_S})
        wrong.retry_after_s, wrong.hint = wait, f"Run it again in {wait:.0f} s."


def _read(kept: Mapping[str, Any]) -> Token | None:
    """The token as the file has it; None for one that is over, or that UPS never gave."""
    with suppress(KeyError, TypeError, ValueError, OverflowError):
        token = Token(
            value=str(kept["token"]), expires_at=float(kept["expires_at"]), until=float(kept["until"]), cached=True
        )
        possible = token.until <= token.expires_at <= time.time() + LONGEST_S
        return token if possible and token.good and SENDABLE.fullmatch(token.value) else None
    return None


def _number(given: Any) -> float:
    """A number of the file's; 0 for what is none that could be meant."""
    return float(given) if isinstance(given, int | float) and 0 <= given < MOST else 0.0
