"""
The subjects of `security hunt`: everybody who did anything, each with the answers that `security investigate` gets.

The portal's log, the sessions and the accounts are streams that run side by side in the order of people, so that one
person is held at a time. What all of them have in common is asked once. Not asked of everybody are Supabase's platform
logs and Vercel's firewall: each person would cost a request a day.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

from peakops.errors import PeakopsError
from peakops.model import Evidence
from peakops.scenario import Facts, Missing, Row
from peakops.scenarios.addresses import known
from peakops.scenarios.backlogs import Read, Stream, Subject
from peakops.scenarios.security import context, score, suspicion, timeline, unseen
from peakops.scenarios.security.cannot import Noted
from peakops.scenarios.security.events import FAILED

SOURCE = "database"
COMMON = {
    "networks": ("rows", {"query": "security/networks"}),
    "agents": ("rows", {"query": "security/agents"}),
    "sprays": ("rows", {"query": "security/sprays"}),
}
"""The looks at what everybody uses, since a time."""
LOOKS = (
    *("person", "window", "accounts", "profiles", "containment", "history", "sessions", "portal_log", "auth_events"),
    *("networks", "agents", "sprays", "shared", "worked_out"),
)
SOURCES = dict.fromkeys(LOOKS, SOURCE)
"""From where each look of a subject is."""
STREAMED = {
    "history": "security/hunt_log",
    "sessions": "security/hunt_sessions",
    "accounts": "security/hunt_accounts",
}
"""The looks that come person by person, in the order of ids."""
MOST = {"history": (2000, 1000), "sessions": (200, 0), "accounts": (1, 0)}
"""Rows of one person that are held at most, the newest: those of history.sql and sessions.sql; failed log-ins apart."""
Looks = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A person with what their events come to; `quiet` where nothing of it needs anybody."""

    subject: Subject
    judged: score.Judged
    quiet: bool


@dataclass
class Hunt:
    """Everybody's events of a window, with the ninety days before it to learn from."""

    read: Read
    streams: tuple[Stream, Stream, Stream]
    """Of a connection each: for the log, the sessions and the accounts."""
    since: datetime
    until: datetime
    silent: dict[str, PeakopsError] = field(default_factory=dict)
    """The looks for all that brought nothing, with the reason."""
    noted: Noted = field(default_factory=Noted)
    """What the events of all of them told, from which one sees what signals could not be had."""

    def suspects(self) -> Iterator[Suspect]:
        """
        Every person with an event, in the order of their ids.

        Raises PeakopsError where neither the log nor the sessions can be read, or one breaks off in the middle.
        """
        common, company = self._common()
        changes = dict[str, list[Row]]()
        for row in self._changes():
            changes.setdefault(row["user"], []).append(row)
        contained = {row["user"] for row in self._asked("contained", "team", {"query": "security/hunt_contained"})}
        for id, own in self._people():
            told = {**own, "auth_events": changes.get(id, [])}
            looks = {**common, **{name: self.silent.get(name, rows) for name, rows in told.items()}}
            if "accounts" not in self.silent:
                looks["accounts"] = [{**row, "id": row["user"]} for row in own["accounts"]]
            looks["profiles"] = [{"id": id, **_belongs(row)} for row in (*own["sessions"], *told["auth_events"])[:1]]
            yield self._suspect(id, looks, company, contained)

    def _suspect(self, id: str, looks: Looks, company: context.Context, contained: set[str]) -> Suspect:
        looks["person"] = {"id": id}
        if "shared" not in self.silent and "sessions" not in self.silent:
            ips = {row["ip"] for row in looks["sessions"]}
            looks["shared"] = [row for row in looks["shared"] if row["ip"] in ips]
        facts = _facts(looks)
        told = suspicion.told(facts)
        self.noted.add(told)
        judged = score.judge(told, company, self.since)
        quiet = judged.score < score.UNUSUAL and id not in contained and _seen(facts)
        looks["worked_out"] = {"judged": judged}
        if not quiet:
            self._closer(id, looks)
        worst = judged.days[0] if judged.days else None
        at = worst.signals[0].at if worst else told[-1]["at"] if told else self.until
        practice = looks["person"].get("practice") or "no practice"
        return Suspect(
            subject=Subject(id=id, name=id, practice=practice, at=at, looks=looks), judged=judged, quiet=quiet
        )

    def _closer(self, id: str, looks: Looks) -> None:
        """What is asked of the few that stand out alone."""
        found = self._one("user/person", id=id, emails=None, masked=None)
        person = next((row for row in found if str(row["id"]) == id), None) if isinstance(found, list) else None
        looks["person"] = person = person or {"id": id}
        emails = known(person) if "email" in person else []
        looks["accounts"] = self._one("user/accounts", id=id, emails=emails)
        looks["profiles"] = self._one("user/profiles", id=id, emails=emails)
        looks["containment"] = self._one("user/containment", call="team", id=id)

    def _one(self, query: str, call: str = "rows", **params: Any) -> list[Row] | PeakopsError:
        try:
            return list(self.read(SOURCE, call, {"query": query, **params}).rows)
        except PeakopsError as wrong:
            self.silent.setdefault(query.partition("/")[2], wrong)
            return wrong

    def _common(self) -> tuple[Looks, context.Context]:
        window = {"since": self.since - score.LEARNS, "until": self.until}
        looks: Looks = {name: self._asked(name, call, {**way, **window}) for name, (call, way) in COMMON.items()}
        company = context.Context() if self.silent else context.of(*(looks[name] for name in COMMON))
        looks |= {name: self.silent[name] for name in COMMON if name in self.silent}
        many = {"query": "security/hunt_shared", "many": timeline.MANY}
        looks["shared"] = self._asked("shared", "modest", {**many, "size": "user/size", "table": "auth.sessions"})
        looks["portal_log"] = self._asked("portal_log", "rows", {"query": "security/logs_kept"})
        looks |= {name: self.silent[name] for name in ("shared", "portal_log") if name in self.silent}
        looks["window"] = [{"since": self.since, "until": self.until}]
        looks["containment"] = []
        return looks, company

    def _asked(self, name: str, call: str, params: Looks) -> list[Row]:
        """The rows of a look for all; none where it is silent, which is remembered."""
        try:
            return list(self.read(SOURCE, call, params).rows)
        except PeakopsError as wrong:
            self.silent[name] = wrong
            return []

    def _changes(self) -> list[Row]:
        size = {"size": "user/size", "table": "auth.audit_log_entries"}
        asked = {"query": "security/hunt_auth_events", **size, "actions": timeline.RIGHTS}
        return self._asked("auth_events", "modest", {**asked, "since": self.since, "until": self.until})

    def _people(self) -> Iterator[tuple[str, dict[str, list[Row]]]]:
        """Each person's rows of the three streams; a stream that cannot begin is silent."""
        window = {"since": self.since - score.LEARNS, "until": self.until}
        more = {"history": {**window, "begin": self.since}, "sessions": window, "accounts": {}}
        with ExitStack() as open_:
            groups = dict[str, Iterator[tuple[str, list[Row]]]]()
            for (name, query), stream in zip(STREAMED.items(), self.streams, strict=True):
                rows = stream(SOURCE, "stream", {"query": query, **more[name]})
                groups[name] = self._begun(name, open_.enter_context(closing(rows)))  # type: ignore[type-var]  # a generator
            if "history" in self.silent and "sessions" in self.silent:
                raise self.silent["history"]
            heads = {name: next(each, None) for name, each in groups.items()}
            while any(heads.values()):
                id = min(head[0] for head in heads.values() if head)
                own = {name: head[1] if head and head[0] == id else [] for name, head in heads.items()}
                yield id, own
                heads |= {name: next(groups[name], None) for name, head in heads.items() if head and head[0] == id}

    def _begun(self, name: str, rows: Iterator[Row]) -> Iterator[tuple[str, list[Row]]]:
        """A stream's rows by person, once its first row is there."""
        try:
            first = next(rows, None)
        except PeakopsError as wrong:
            self.silent[name] = wrong
            return iter(())
        every = chain([first] if first else [], rows)
        return ((id, newest(own, *MOST[name])) for id, own in groupby(every, key=itemgetter("user")))


def newest(rows: Iterator[Row], most: int, failed: int) -> list[Row]:
    """
    The newest rows of one person, which come in order of time; failed log-ins push nothing else out.

    Where any are left off, those that are kept say so: half a million refused log-ins of one account fill no memory.
    """
    head = list(islice(rows, (failed or most) + 1))
    if len(head) <= (failed or most):
        return head
    kept = {False: deque[Row](maxlen=most), True: deque[Row](maxlen=failed)}
    every = {False: 0, True: 0}
    for row in chain(head, rows):
        which = row.get("kind") == FAILED
        kept[which].append(row)
        every[which] += 1
    told = [{**row, "left_off": every[which] > len(own)} for which, own in kept.items() for row in own]
    return sorted(told, key=lambda row: row["at"])


def _belongs(row: Row) -> Row:
    return {"practice_id": row["practice_id"], "role": row["role"]}


def _seen(facts: Facts) -> bool:
    """Whether the logs can have seen what there was to be seen of a person."""
    try:
        return next(unseen.reasons(facts), None) is None
    except Missing:
        return False


def _facts(looks: Mapping[str, Any]) -> Facts:
    """What the time line is made of, of the looks that answered."""
    names = ("person", "window", "profiles", "history", "sessions", "auth_events", "shared", "accounts", "portal_log")
    told = {name: looks[name] for name in names if not isinstance(looks[name], PeakopsError)}
    return Facts(
        tuple(
            Evidence(
                name=name, source=SOURCE, single=name == "person", rows=(rows,) if name == "person" else tuple(rows)
            )
            for name, rows in told.items()
        )
    )
