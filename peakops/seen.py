"""What a repeated sweep has reported before, so that it can report what is new: a file of the state folder."""

import json
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from peakops.errors import NotConfigured

KEPT = timedelta(days=90)
"""How long something is remembered that the sweep's window no longer reaches."""


class Seen:
    """The findings of one sweep in one environment, each by a fingerprint of what it says."""

    def __init__(self, folder: Path, sweep: str, environment: str) -> None:
        self._path, self._environment = folder / "seen" / f"{sweep}.json", environment
        self._all = _read(self._path)
        self._before: dict[str, Any] = self._all.get(environment, {})
        self._met: dict[str, datetime] = {}

    def is_new(self, fingerprint: str, at: datetime, *, shown: bool = True) -> bool:
        """
        Whether the last run did not report this; `at` is what puts it into a window.

        It is remembered by `keep`, unless it is new and not `shown`, since a limit cuts it.
        """
        known = fingerprint in self._before
        if known or shown:
            self._met[fingerprint] = at
        return not known

    def keep(self, since: datetime, until: datetime, now: datetime, *, complete: bool) -> None:
        """
        Remember what was met, as one step. Raises OSError.

        What was in the window and is gone is forgotten, so that it is new when it comes again; a run that was not
        complete forgets nothing.
        """
        kept = {
            fingerprint: entry
            for fingerprint, entry in self._before.items()
            if now - _moment(entry["last_at"]) <= KEPT and not (complete and since <= _moment(entry["at"]) <= until)
        }
        for fingerprint, at in self._met.items():
            first = self._before.get(fingerprint, {}).get("first_at", now.isoformat())
            kept[fingerprint] = {"at": at.isoformat(), "first_at": first, "last_at": now.isoformat()}
        _write(self._path, {**self._all, self._environment: kept})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
        for entry in (entry for each in found.values() for entry in each.values()):
            _ = _moment(entry["at"]), _moment(entry["last_at"])
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise NotConfigured(
            f"{path} is not what --new-only wrote: {wrong}.",
            code="config.file",
            hint="Remove it; everything is new then.",
        ) from wrong
    return dict(found)


def _write(path: Path, document: dict[str, Any]) -> None:
    """The whole file or none of it, for nobody else to read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as part:
        json.dump(document, part, indent=1)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
