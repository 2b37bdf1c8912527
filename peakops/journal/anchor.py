"""The number and the hash of the last entry, in a file beside the journal: without it, a cut at the end is unseen."""

import json
import os
from pathlib import Path

from peakops.journal.entry import Entry, Mark

NAME = "journal.head"


def read(folder: Path) -> Mark | None:
    """The last entry that is known to have been written; None without the file. Raises ValueError, OSError."""
    try:
        text = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        mark = Mark(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        mark = None
    if mark is None or _text(mark) != text or type(mark.seq) is not int:
        raise ValueError(f"{NAME} is not as peakops writes it")
    return mark


def write(folder: Path, entry: Entry) -> None:
    """Let an entry be the last one, as one step. A crash before it leaves the mark of an earlier entry, which holds."""
    beside = folder / f".{NAME}.new"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_text(entry.mark))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(mark: Mark) -> bytes:
    return json.dumps(mark._asdict()).encode() + b"\n"
