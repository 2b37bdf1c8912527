"""The files that hold secrets: named only where they are files, since a secret may stand in a path's place."""

import os
import stat
from pathlib import Path


def text_of(variable: str, path: Path) -> str:
    """What the file that a variable names holds, without blanks around it. Raises ValueError, which names both."""
    if not os.path.isfile(path):  # noqa: PTH113  (Path.is_file raises for a name that is too long)
        raise ValueError(f"{variable} names no file that is there")
    try:
        text = path.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{variable} names {path}, which is no text in UTF-8") from None
    except OSError as wrong:
        raise ValueError(f"{variable} names {path}, which cannot be read ({wrong.strerror})") from None
    if not text:
        raise ValueError(f"{variable} names {path}, which is empty")
    return text


def origin_of(variable: str, path: object) -> str:
    """Where a secret comes from that a variable names a file of: the file, or the variable where it names none."""
    named = str(path)
    return f"file {named}" if os.path.isfile(named) else f"no file, named by {variable}"  # noqa: PTH113  (as above)


def is_open(path: str | Path) -> bool:
    """Whether everybody on this machine can read a file; a group is given its right on purpose."""
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH)  # noqa: PTH116  (a name that is too long is an OSError)
    except (OSError, ValueError):
        return False
