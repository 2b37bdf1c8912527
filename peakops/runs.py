"""When a sweep ran: a row for the team, so that what rests on the sweep can tell whether it is on."""

import socket
from datetime import datetime
from pathlib import Path

from peakops.settings import Settings, WriteKeys
from peakops.sources.writers import Writers


def note(
    sweep: str,
    started_at: datetime,
    settings: Settings,
    keys: WriteKeys,
    folder: Path,
    ended: int | None = None,
) -> None:
    """
    Note that a sweep runs, or, with its exit code, that it has ended.

    A run that dies leaves its beginning, which counts for nothing. Raises what the database does.
    """
    row = {
        "sweep": sweep,
        "started_at": started_at,
        "host": socket.gethostname(),
        "ended_at": None if ended is None else settings.now(),
        "exit_code": ended,
    }
    Writers(settings, keys, folder).commit([("security/note_run", row)])
