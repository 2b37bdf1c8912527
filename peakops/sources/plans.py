"""PostgreSQL's plans of single statements: as ourselves, as a role of the portal's, and with an index to be."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql

from peakops.errors import Denied, NotConfigured, PeakopsError
from peakops.model import Brought, Row
from peakops.settings import Settings
from peakops.sources import plans_proof, queries
from peakops.sources.database import Database
from peakops.sources.database_errors import PERFORMANCE, READER
from peakops.sources.plans_effects import acting
from peakops.sources.plans_play import Cursor, Given, Player, acts, enter, explained, refusal, stage
from peakops.sources.plans_text import READING, is_reading, shown

STATEMENT_MS = 10_000
"""What explaining one statement may cost; whoever waits longer for a page has gone."""
SLOW_MS = 20
"""Statements whose calls are quicker on average need no index (PgHero's limit)."""
GIVEN = "given"
"""The id of a statement that was given as text."""
SPARE_MS = 2000
"""What is left of the time for an index that is being tried, over a slow network."""
LATE = refusal("no_time", "The time was up before it was explained.")
ASKED = "sql/perf/plan_statements.sql"
STATISTICS = "pg_stat_statements"
KEPT = ("id", "roles", "calls", "rows", "total_ms", "mean_ms", "max_ms")


class Plans(Database):
    """
    The portal's database under the role of `peakops perf`, or the reader's where it has none of its own.

    Every plan is made in a READ ONLY transaction that is rolled back, whose statements have a time limit. The whole
    text of a statement stays here; rows have it without its values.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        url = settings.database_perf_url or settings.database_url
        super().__init__(url, ca=settings.database_ca, now=settings.now(), deadline=deadline)
        self.setting = PERFORMANCE if settings.database_perf_url else READER
        self._texts: dict[str, str] = {}

    def statement(self, *, id: str | None, text: str | None) -> Brought:
        """One statement: by its number in pg_stat_statements, or as it was given. Raises NotConfigured, Denied."""
        if text is not None:
            self._texts[GIVEN] = text
            return Brought(rows=(_given(text),), single=True, asked="the statement that was given")
        number = re.fullmatch(r"q?(-?\d{1,19})", id or "")
        if number is None or abs(int(number[1])) >= 1 << 63:
            return Brought(single=True, asked=STATISTICS)
        rows = self._statements(int(number[1]))
        return Brought(rows=rows, single=True, asked=ASKED)

    def statements(self, *, id: str | None, text: str | None) -> Brought:
        """The statement that is named, else those that took the most time. Raises NotConfigured, Denied."""
        if id is not None or text is not None:
            one = self.statement(id=id, text=text)
            return Brought(rows=one.rows, asked=one.asked)
        return Brought(rows=self._statements(None), asked=ASKED)

    def explain(
        self, *, id: str, role: str | None, claims: str, sub: str, values: Sequence[str], analyze: bool
    ) -> Brought:
        """
        The plan of a statement that was looked up before, as a role, or as ourselves past row-level security.

        A row with `refused` says why there is none. With `analyze`, and a value for each parameter, the statement is
        carried out and `time_ms` is its; `ended` says that the time limit came first. Raises PeakopsError.
        """
        given = Given(text=self._texts[id], values=tuple(values), analyze=analyze)
        player = Player(role=role, claims=claims, sub=sub)
        row = self._play(given, player)
        notes = _limits(row, sub) if role else ()
        return Brought(
            rows=({"role": role, **row},), single=True, asked=f"explain as {role or 'the operator'}", notes=notes
        )

    def estimates(self, *, ids: Sequence[str], role: str | None) -> Brought:
        """
        The plans of several statements, without carrying any out. Raises PeakopsError.

        They take half of the time at most, since their indexes are to be tried in the rest.
        """
        player, rows = Player(role=role, claims=json.dumps({"role": role})), list[Row]()
        least = self._left_ms() / 2
        for each in ids:
            in_time = self._left_ms() >= least
            row = self._play(Given(text=self._texts[each]), player, softly=True) if in_time else LATE
            rows.append({"id": each, **row})
        return Brought(rows=tuple(rows), asked=f"explain, of {len(rows)} statements")

    def prove(self, *, trials: Sequence[Row], role: str | None) -> Brought:
        """
        What the planner would make of each of these indexes, if it were there: rows with `before`, `after` and `used`.

        A trial has the statement's `id`, a `table` and `columns`, both quoted. hypopg makes the index in the mind of
        this session alone; where it is missing `used` is None, and a note says so. Raises PeakopsError.
        """
        place = self._extensions.get("hypopg")
        if trials and (place is None or not place["may_use"]):
            unproven = tuple({**each, "before": None, "after": None, "used": None} for each in trials)
            says = f"hypopg is not there for us, so that no index is proven: {_hypopg(place)}"
            return Brought(rows=unproven, asked="hypopg", notes=(says,))
        if not trials or place is None:
            return Brought(asked="hypopg")
        player = Player(role=role, claims=json.dumps({"role": role}))
        with self._stage() as (cursor, _):
            rows = plans_proof.proven(
                cursor, place["schema"], self._texts, trials, player, lambda: self._left_ms() >= SPARE_MS
            )
        cut = f"Of {len(trials)} indexes {len(rows)} were tried: those that serve most of a statement come first."
        return Brought(rows=tuple(rows), asked="hypopg", notes=(cut,) if len(rows) < len(trials) else ())

    def _play(self, given: Given, player: Player, *, softly: bool = False) -> dict[str, Any]:
        """The plan as a row; a right that we lack ourselves is a refusal where it is to be taken `softly`."""
        if not is_reading(given.text):
            return refusal("not_one_select", "It is no SELECT, or makes a table (INTO).")
        if given.analyze and (name := acting(given.text)):
            return refusal("not_one_select", acts(name))
        with self._stage() as (cursor, milliseconds):
            enter(cursor, player)
            row = explained(cursor, given, softly=softly or player.role is not None)
        return {**row, "limit_ms": milliseconds}

    def _statements(self, number: int | None) -> tuple[Row, ...]:
        """Rows of pg_stat_statements, in whichever schema it is; whole texts are kept here. Raises PeakopsError."""
        place = self._extensions.get(STATISTICS)
        if place is None:
            raise _absent("is not there", "create extension pg_stat_statements;")
        if useless := _useless(place):
            raise useless
        named = queries.load("perf/plan_statements")
        params = {"id": number, "words": list(READING), "least": SLOW_MS}
        with self._stage(named.reads) as (cursor, _):
            path = sql.SQL("set local search_path = pg_catalog, {}").format(sql.Identifier(place["schema"]))
            cursor.execute(path)
            rows = cursor.execute(sql.SQL(named.text), self._given(named, params)).fetchall()
        self._texts |= {row["id"]: row["query"] or "" for row in rows}
        return tuple({**{key: row[key] for key in KEPT}, "text": shown(row["query"] or "")} for row in rows)

    @contextmanager
    def _stage(self, reads: Sequence[str] = ()) -> Iterator[tuple[Cursor, int]]:
        """A transaction for plans, in our turn, and its statements' time limit in milliseconds. Raises PeakopsError."""
        with self._turn:
            milliseconds = min(STATEMENT_MS, self._left_ms())
            try:
                with stage(self._connection, milliseconds) as cursor:
                    yield cursor, milliseconds
            except psycopg.Error as wrong:
                raise self._translated(wrong, milliseconds, reads) from wrong

    @cached_property
    def _extensions(self) -> dict[str, Row]:
        return {each["name"]: each for each in self.rows("perf/plan_extensions").rows}


def _given(text: str) -> dict[str, Any]:
    return {**dict.fromkeys(KEPT), "id": GIVEN, "roles": [], "text": shown(text)}


def _useless(place: Row) -> PeakopsError | None:
    """Why statistics that are there cannot be read; None where they can."""
    if not place["is_loaded"]:
        return _absent("is not loaded", "Add it to shared_preload_libraries, and restart the server;")
    if place["is_old"]:
        return _absent("is older than the server", "alter extension pg_stat_statements update;")
    if place["reads_all"] and place["may_use"]:
        return None
    needed = "pg_read_all_stats" if not place["reads_all"] else f"usage on schema {place['schema']}"
    return Denied(
        f"The role {place['own']} may not read the statements of other roles.",
        code="database.statements_hidden",
        hint=f"grant {needed} to {place['own']};",
        source="database",
    )


def _absent(how: str, remedy: str) -> NotConfigured:
    return NotConfigured(
        f"The database keeps no statistics of statements: pg_stat_statements {how}.",
        code="database.no_statements",
        hint=f"{remedy} or give the statement itself with --file.",
        source="database",
    )


def _hypopg(place: Row | None) -> str:
    """What makes hypopg ours."""
    if place is None:
        return "create extension hypopg;"
    return f"grant usage on schema {place['schema']}, and execute on its functions, to {place['own']};"


def _limits(row: Row, sub: str) -> tuple[str, ...]:
    """What limits the plan that a role gets."""
    notes = ["No claims say who it is, and policies that ask see nobody: --claims sub=UUID."] if not sub else []
    if row["planned"] == "generic":
        notes.append("Its parameters have no values: it is the plan for any. With --param VALUE it is that of yours.")
    if row["planned"] and not row["analyzed"]:
        notes.append("Rows and costs are estimates" + (": it did not end in time." if row["ended"] else "."))
    return tuple(notes)
