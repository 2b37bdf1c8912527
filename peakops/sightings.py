"""What a sweep has told before: the team's rows where they may be written, else a file of this machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from peakops.errors import PeakopsError
from peakops.model import Row
from peakops.seen import Seen
from peakops.settings import Settings, WriteKeys
from peakops.sources.writers import Writers

SWEEP = "sweep"
"""The name under which the run is noted; what was told is remembered under it and the window: see memory()."""
AT_ONCE = 1000
"""How many findings one statement notes; sql/sweep/claim.sql expects no more."""


EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""A window that leaves nothing out: what a run with this memory's own window has not met is gone."""


def memory(since: str) -> str:
    """
    The name under which the runs with a window, as it is typed, remember what they have told: sweep 24h.

    Each window has its own: a run that reaches less far would take for gone, and forget, what it does not reach.
    """
    return f"{SWEEP} {since.strip()}"


@dataclass
class TeamSightings:
    """
    The rows of peakops.seen: several machines run the same crontab, and of two at once only one tells a finding.

    A finding is claimed before it is told, and noted as told once the report is out; what is claimed and not told, by a
    run that died, is another's at once where that is `alone`, else after an hour.
    """

    writers: Writers
    now: datetime
    name: str = SWEEP
    alone: bool = False
    """Whether the team's lock keeps out every other run, until what is claimed is told."""
    claimed: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """What is claimed and not shown, since a limit cuts it."""
    met: set[str] = field(default_factory=set)
    warning: str = ""

    def news(self, found: Sequence[Row], room: int) -> set[str]:
        """
        Of some findings the fingerprints that nobody has told; they are ours to tell now. Raises PeakopsError.

        Those beyond the `room` are not shown: nobody is told of them by this run.
        """
        told = {str(each["fingerprint"]): str(each["verdict"]) for each in found if each["fingerprint"] not in self.met}
        given = {"sweep": self.name, "fingerprints": list(told), "verdicts": list(told.values()), "now": self.now}
        given |= {"alone": self.alone}
        new = {str(each["fingerprint"]) for each in self.writers.commit([("sweep/claim", given)])[0]}
        ours = [each for each in told if each in new]
        self.claimed += ours[:room]
        self.hidden += ours[room:]
        self.met.update(told)
        return new

    def keep(self, complete: Sequence[str]) -> None:
        """What was met is noted as told; of the sections that were read whole, what is gone is forgotten."""
        met = sorted(self.met)
        notes = [("sweep/told", {"fingerprints": each, "claimed": True}) for each in _parts(self.claimed)]
        notes += [("sweep/told", {"fingerprints": each, "claimed": False}) for each in _parts(met)]
        notes += [("sweep/forget", {"sections": list(complete), "fingerprints": met})]
        self.writers.commit([(name, {"sweep": self.name, "now": self.now, **more}) for name, more in notes])
        self.claimed = []
        self.release()

    def release(self) -> None:
        """Give back what was claimed and could not be told."""
        left, self.claimed, self.hidden = [*self.claimed, *self.hidden], [], []
        given = [("sweep/release", {"sweep": self.name, "fingerprints": each}) for each in _parts(left)]
        self.writers.commit(given)


def _parts(marks: list[str]) -> list[list[str]]:
    return [marks[each : each + AT_ONCE] for each in range(0, len(marks), AT_ONCE)]


@dataclass
class LocalSightings:
    """The same in files of the state folder, one for each section, where the team's rows cannot be written."""

    folder: Path
    environment: str
    name: str
    now: datetime
    warning: str
    files: dict[str, Seen] = field(default_factory=dict)

    def news(self, found: Sequence[Row], room: int) -> set[str]:
        """As of the team. Raises NotConfigured where a file is not ours."""
        new = set[str]()
        for each in found:
            if self._is_new(each, shown=len(new) < room):
                new.add(str(each["fingerprint"]))
        return new

    def _is_new(self, row: Row, *, shown: bool) -> bool:
        section = str(row["section"])
        if section not in self.files:
            self.files[section] = self._file(section)
        return self.files[section].is_new(str(row["fingerprint"]), self.now, shown=shown)

    def keep(self, complete: Sequence[str]) -> None:
        """As of the team. Raises OSError."""
        for section in {*complete, *self.files}:
            seen = self.files.get(section) or self._file(section)
            seen.keep(*EVER, self.now, complete=section in complete)

    def _file(self, section: str) -> Seen:
        return Seen(self.folder, f"{self.name.replace(' ', '.')}.{section}", self.environment)

    def release(self) -> None:
        """Nothing is written before the report is out."""


Sightings = TeamSightings | LocalSightings


def opened(settings: Settings, keys: WriteKeys, folder: Path, since: str, *, alone: bool) -> Sightings:
    """
    The team's memory of a window, if it can be written, else this machine's, with a warning that says why.

    `alone` is whether the team's lock is held until the report is out.
    """
    now, name = settings.now(), memory(since)
    if lacking := keys.missing(("database",)):
        why = f"{lacking} is not set."
    else:
        writers = Writers(settings, keys, folder)
        try:
            if writers.rows("change/team_tables")[0]["schema"]:
                return TeamSightings(writers=writers, now=now, name=name, alone=alone)
            why = "The schema peakops is not there: run 'peakops setup' once."
        except PeakopsError as wrong:
            why = wrong.says
    says = f"--new-only rests on what this machine alone has told: the team's memory cannot be written. {why}"
    return LocalSightings(folder=folder, environment=settings.environment, name=name, now=now, warning=says)
