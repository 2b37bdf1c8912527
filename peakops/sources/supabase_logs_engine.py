"""The engine behind a project's logs: which of the two it is, how it is asked, and what it says when it refuses."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from peakops.errors import Denied, NotFound, PeakopsError, Refused
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer
from peakops.sources.moments import moment
from peakops.sources.supabase_calls import ADDRESS, TOKEN, management
from peakops.sources.supabase_logs_sql import BIGQUERY, CLICKHOUSE, Dialect


def opened(token: str, *, url: str, deadline: float) -> Http:
    """Supabase's Management API with an access token, as the logs speak of it."""
    return management(token, url=url, deadline=deadline, refusal=_refusal)


class Engine:
    """One project's logs; the first answer settles in which language they are asked."""

    def __init__(self, http: Http, ref: str) -> None:
        self._http, self._project = http, f"/v1/projects/{ref}"
        self._dialect: Dialect | None = None

    @property
    def asked(self) -> str:
        """What is asked, for the evidence."""
        return f"GET /v1/projects/{{ref}}/analytics/endpoints/{(self._dialect or CLICKHOUSE).endpoint}"

    def ask(
        self, text: Callable[[Dialect], str], start: datetime, end: datetime
    ) -> tuple[Answer, list[dict[str, Any]]]:
        """The rows of a query within a stretch of a day at most; raises what Http raises, and Refused."""
        if self._dialect:
            return self._told(self._dialect, text, start, end)
        try:
            told = self._told(CLICKHOUSE, text, start, end)
            self._dialect = CLICKHOUSE
        except (NotFound, Refused):
            # A project that has not been moved yet; one that does not exist is told by the second answer.
            told = self._told(BIGQUERY, text, start, end)
            self._dialect = BIGQUERY
        return told

    def state(self) -> str:
        """The project's state in Supabase's own word: ACTIVE_HEALTHY, INACTIVE (paused), …"""
        answer = self._http.get(self._project)
        with self._http.reading(answer):
            return str(answer.body["status"])

    def _told(
        self, dialect: Dialect, text: Callable[[Dialect], str], start: datetime, end: datetime
    ) -> tuple[Answer, list[dict[str, Any]]]:
        wanted = {"sql": text(dialect), "iso_timestamp_start": _iso(start), "iso_timestamp_end": _iso(end)}
        answer = self._http.get(f"{self._project}/analytics/endpoints/{dialect.endpoint}", wanted)
        if answer.body.get("error"):
            says = "Supabase's logs refuse the query: their engine, or the names of its fields, are others than known."
            hint = "Use a newer peakops; the Logs Explorer in Supabase's dashboard shows them meanwhile."
            raise Refused(says, code="supabase.logs_query", hint=hint, source="supabase", request_id=answer.request_id)
        with self._http.reading(answer):
            rows = [_row(each) for each in answer.body["result"]]
        # Supabase rounds both ends to the minute: a line of the border would come twice.
        return answer, [each for each in rows if start < each["at"] <= end]


def _row(found: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen fields of a line of either engine; the map of the newer one has '' for what a line lacks."""
    status = int(found.get("status") or 0)
    kind = "requests" if "requests" in found else "refused" if status >= 400 else "event"
    return {
        "at": _at(found["last_at"] if kind == "requests" else found["timestamp"]),
        "kind": kind,
        "action": found.get("action") or None,
        **{name: found.get(name) or None for name in ("ip", "agent", "country", "session")},
        "asn": int(found.get("asn") or 0) or None,
        "count": int(found.get("requests") or 1),
        "code": found.get("error_code") or None,
    }


def _at(written: Any) -> datetime:
    """A time as either engine writes it: microseconds, or ISO 8601 without a zone. Raises ValueError for neither."""
    read = moment(written / 1_000_000 if isinstance(written, int) else written)
    if read is None:
        raise ValueError("a line without a time")
    return read


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _refusal(answer: Answer) -> PeakopsError | None:
    if answer.status == 403:
        says = "Supabase does not let the access token read the project's logs: it lacks the scope analytics:read."
        hint = f"Make a token with the scope analytics:read in the account's settings, and set {TOKEN}."
        return Denied(says, code="supabase.logs_denied", hint=hint)
    if answer.status == 404:
        says = f"Supabase's Management API has no project of the ref in {ADDRESS}, or does not show it to the token."
        hint = f"Check {ADDRESS}, and that {TOKEN} belongs to the project's organisation."
        return NotFound(says, code="supabase.no_project", hint=hint)
    if answer.status == 400:
        says = "Supabase's logs refuse the query."
        return Refused(
            says, code="supabase.logs_query", hint="Use a newer peakops, or ask for a shorter time: --since."
        )
    return None
