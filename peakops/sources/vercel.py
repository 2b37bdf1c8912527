"""Vercel, read only: what was deployed when, what the portal's visitors measured, and what the token may see."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.http import Http, soon
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought
from peakops.sources.moments import moment
from peakops.sources.vercel_errors import PROJECT, missing, opened, team_of
from peakops.sources.vercel_vitals import ASKED, measured

PAGE = 100
MOST_PAGES = 3
"""More than 300 deployments are cut, and the look says so."""
HOSTS = ("github", "gitlab", "bitbucket")
"""Where the portal's code may be; Vercel names what it knows of a commit after the host."""


class Vercel:
    """
    The looks at Vercel, each of which raises NotConfigured (vercel.not_configured) where a setting is missing.

    What Vercel knows only adds to an answer: each look ends soon, whatever time there is.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline

    def deployments(self, *, since: datetime, until: datetime, target: str = "production") -> Brought:
        """
        The project's deployments that were begun in a time, the newest first.

        Each row has id, state (Vercel's own word; unknown ones too), created_at, target, branch, sha, url. Neither a
        commit's message nor who made it is read: both may name people.
        """
        http, answers = opened(self._settings, deadline=soon(self._deadline)), list[Answer]()
        wanted: dict[str, str | int] = {"projectId": self._project_setting, "target": target, "limit": PAGE}
        wanted |= {"since": _ms(since), **self._team}
        rows: dict[str, dict[str, Any]] = {}
        before = _ms(until)
        for _ in range(MOST_PAGES):
            answer = http.get("/v7/deployments", {**wanted, "until": before})
            answers.append(answer)
            with http.reading(answer):
                rows |= {each["uid"]: _deployment(each) for each in answer.body["deployments"]}
                before = answer.body["pagination"]["next"]
            if before is None:
                return brought(answers, _newest_first(rows), "GET /v7/deployments")
        note = f"Only the newest {len(rows)} deployments were read."
        return brought(answers, _newest_first(rows), "GET /v7/deployments", notes=(note,))

    def vitals(self, *, since: datetime, until: datetime) -> Brought:
        """
        What three of four visits were faster than, by route: Speed Insights' p75, in production.

        Each row has route (with its parameters' names: /cases/[id]), metric (lcp_ms, inp_ms, cls, fcp_ms, ttfb_ms),
        p75 (milliseconds; cls has no unit), count (of measurements; None where Vercel did not tell it).
        """
        # Vercel's own command gives such a query 45 s: one answer may take all of the time.
        http = opened(self._settings, deadline=soon(self._deadline), retries=0)
        answer, project = self._project(http)
        answers, rows, notes = measured(http, project["accountId"], project["id"], self._team, since, until)
        return brought([answer, *answers], rows, ASKED, notes=notes)

    def token(self) -> Brought:
        """The token's name, when it ends, and of whom it is; one of a project alone may not ask (vercel.forbidden)."""
        http = opened(self._settings, deadline=soon(self._deadline))
        # No team: a token is its user's.
        answer = http.get("/v5/user/tokens/current")
        with http.reading(answer):
            token = answer.body["token"]
            row = {
                "name": str(token["name"]),
                "expires_at": _at(token.get("expiresAt")),
                "scopes": [_scope(each) for each in token.get("scopes") or ()],
            }
        return brought([answer], [row], "GET /v5/user/tokens/current", single=True)

    def project(self) -> Brought:
        """The portal's project. Raises NotFound vercel.not_found where Vercel does not show it."""
        http = opened(self._settings, deadline=soon(self._deadline))
        answer, project = self._project(http)
        row = {name: project[name] for name in ("id", "name")}
        return brought([answer], [row], "GET /v9/projects/{id}", single=True)

    def _project(self, http: Http) -> tuple[Answer, dict[str, str]]:
        """The project's id, name and owner: figures are kept by owner, whose id is in no setting where a slug is."""
        answer = http.get(f"/v9/projects/{quote(self._project_setting, safe='')}", self._team)
        with http.reading(answer):
            return answer, {name: str(answer.body[name]) for name in ("id", "name", "accountId")}

    @property
    def _project_setting(self) -> str:
        if not self._settings.vercel_project:
            raise missing(PROJECT)
        return self._settings.vercel_project

    @property
    def _team(self) -> dict[str, str]:
        """The team, without which Vercel looks in the account of the token's user."""
        return team_of(self._settings)


def _newest_first(rows: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows.values(), key=lambda each: each["created_at"], reverse=True)


def _deployment(found: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen fields of a deployment. Raises KeyError, TypeError or ValueError for what is none."""
    created, meta = _at(found["created"]), found.get("meta") or {}
    if created is None:
        raise ValueError("a deployment without a time")
    return {
        "id": found["uid"],
        "state": str(found.get("readyState") or found["state"]),
        "created_at": created,
        "target": found.get("target"),
        "branch": next((meta[name] for host in HOSTS if (name := f"{host}CommitRef") in meta), None),
        "sha": next((meta[name] for host in HOSTS if (name := f"{host}CommitSha") in meta), None),
        "url": found["url"],
    }


def _scope(given: Mapping[str, Any]) -> str:
    """A scope in one word: user, team:team_…, project:prj_…"""
    of = given.get("projectId") or given.get("teamId")
    return f"{given['type']}:{of}" if of else str(given["type"])


def _ms(at: datetime) -> int:
    """A moment as Vercel writes it: in milliseconds."""
    return int(at.timestamp() * 1000)


def _at(written: Any) -> datetime | None:
    return None if written is None else moment(written / 1000)
