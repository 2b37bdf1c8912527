"""The files of the cache folder: whatever is, or is not, in one of them, no command fails of it or waits for it."""

import json
import os
import stat
from pathlib import Path
from typing import Any

LARGEST_BYTES = 4 << 20
"""No cache of ours comes near; what is larger is not ours."""


def read(file: Path) -> Any:
    """The document in a file; None where it is not there, cannot be read, or is no regular file: a pipe would hang."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return json.loads(opened.read(LARGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        pass
    return None


def write(file: Path, document: dict[str, Any]) -> None:
    """The whole file or none of it, for nobody else to read. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    private = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(private, "w", encoding="utf-8") as new:
        json.dump(document, new, indent=1)
    part.replace(file)
