"""The record of what was done and shown: hash-chained lines in a folder, written before anything happens."""

import fcntl
import getpass
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peakops.errors import NotConfigured
from peakops.redact import Door

FIRST = "0" * 64
"""What the first line's `prev` says."""


def record(folder: Path, *, kind: str, command: str, subject: str, detail: dict[str, Any]) -> None:
    """
    Append one line and wait until it is on the disk. Raises NotConfigured when it cannot be written.

    Every line carries the hash of the one before, so that a changed, removed or reordered line shows.
    """
    path = folder / "journal.ndjson"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = file.readlines()
            before: dict[str, Any] = json.loads(lines[-1]) if lines else {"seq": 0, "hash": FIRST}
            line = Door(reveal=True).clean(
                {
                    "seq": before["seq"] + 1,
                    "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                    "operator": getpass.getuser(),
                    "kind": kind,
                    "command": command,
                    "subject": subject,
                    "detail": detail,
                    "prev": before["hash"],
                }
            )
            line["hash"] = hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except (OSError, ValueError, KeyError) as wrong:
        raise NotConfigured(
            f"The journal {path} cannot be written: {wrong}.",
            code="journal.failed",
            hint="Make the folder writable, or set XDG_STATE_HOME.",
        ) from wrong
