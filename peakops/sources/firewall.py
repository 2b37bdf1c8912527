"""Vercel's firewall, read only: what it blocks, its rules, a draft that is not published, and what it has stopped."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from peakops.errors import PeakopsError
from peakops.model import Brought
from peakops.networks import beside
from peakops.settings import Settings
from peakops.sources import firewall_rows as rows
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought
from peakops.sources.vercel_errors import TOKEN, missing, of_firewall, project_of

CONFIG, EVENTS = "/v1/security/firewall/config", "/v1/security/firewall/events"
ASKED = f"GET {CONFIG}"


class Firewall:
    """
    The looks at the project's firewall, each of which raises NotConfigured where a setting is missing.

    The configuration is asked for once, whoever looks at it: what is in force and the draft are of one moment.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline
        self._asking = threading.Lock()
        self._heard: tuple[Answer, rows.Config] | PeakopsError | None = None

    def blocks(self) -> Brought:
        """The entries of addresses in force: id, ip (an address or CIDR), hostname (* or one), action, notes."""
        answer, config = self._config()
        return brought([answer], config.entries, ASKED)

    def network(self, *, network: str) -> Brought:
        """
        One network, however the firewall stands to it.

        A single row: id (the network), exact, wider and narrower (the entries of this very network, of one around it,
        of one within it), and ours: which of our own networks it touches, as {network, what}.
        """
        answer, config = self._config()
        row = {"id": network, **beside(network, config.entries), "ours": rows.ours(network, self._settings)}
        return brought([answer], [row], ASKED, single=True)

    def rules(self) -> Brought:
        """The custom rules in force: id, name, active, limit (requests; or None), window_s (seconds), action."""
        answer, config = self._config()
        return brought([answer], config.rules, ASKED)

    def rule(self, *, rule: str, leased: bool) -> Brought:
        """
        The rules with this id, else those of this name in any case, as `rules` has them, and whether they are gone.

        A rule that is not there and has a lease (`leased`) is gone: id, and nothing else of it is known.
        """
        answer, config = self._config()
        named = [each for each in config.rules if each["id"] == rule]
        named = named or [each for each in config.rules if each["name"].lower() == rule.lower()]
        there = [{**each, "gone": False} for each in named]
        return brought([answer], there or [rows.gone(rule)] * leased, ASKED, single=True)

    def draft(self) -> Brought:
        """
        What somebody has prepared and not published: version, updated_at, author, changes (how many); or nothing.

        Whose it is, is told by the draft's changes alone, and by none of Vercel's documents: author may be None.
        """
        answer, config = self._config()
        return brought([answer], [config.draft] if config.draft else [], ASKED, single=True)

    def events(self, *, since: datetime, until: datetime) -> Brought:
        """
        What the firewall stopped or noted in a time, oldest first; what it let through is not told.

        Each row has ip, action, count (requests), host, rule (its name or id; None for a block of an address and for
        Vercel's own mitigation), started_at, ended_at (None while it goes on).
        """
        http = self._opened()
        asked: dict[str, str | int] = {"startTimestamp": _ms(since), "endTimestamp": _ms(until)}
        answer = http.get(EVENTS, {**project_of(self._settings), **asked})
        with http.reading(answer):
            found = [_event(each) for each in answer.body["actions"]]
        return brought([answer], sorted(found, key=lambda each: each["started_at"]), f"GET {EVENTS}")

    def _config(self) -> tuple[Answer, rows.Config]:
        with self._asking:
            if self._heard is None:
                self._heard = self._asked()
        if isinstance(self._heard, PeakopsError):
            raise self._heard
        return self._heard

    def _asked(self) -> tuple[Answer, rows.Config] | PeakopsError:
        try:
            http = self._opened()
            answer = http.get(CONFIG, project_of(self._settings))
            with http.reading(answer):
                return answer, rows.config(answer.body)
        except PeakopsError as wrong:
            return wrong

    def _opened(self) -> Http:
        if not self._settings.vercel_token:
            raise missing(TOKEN)
        return of_firewall(self._settings, self._settings.vercel_token, TOKEN, deadline=self._deadline)


def _event(found: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen fields of an event. Raises KeyError, TypeError or ValueError for what is none."""
    return {
        "ip": str(found["public_ip"]),
        "action": str(found.get("action") or found["action_type"]),
        "count": int(found["count"]),
        "host": str(found["host"]),
        "rule": found.get("ruleName") or found.get("ruleId"),
        "started_at": _time(found["startTime"]),
        "ended_at": None if found["isActive"] else _time(found["endTime"]),
    }


def _time(written: str | float) -> datetime:
    """A time of Vercel's firewall: the specification says a text and not which; RFC 3339 and milliseconds are read."""
    text = str(written)
    if text.isascii() and text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
