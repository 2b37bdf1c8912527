"""The env file: variables that count as if they were set, below those that are."""

import os
from pathlib import Path

from peakops.errors import NotConfigured

PREFIX = "PEAKOPS_"
_taken: dict[str, Path] = {}
"""Which variables of this process were set by a file, and by which: the environment itself does not tell."""


def apply(path: Path) -> None:
    """
    Set the file's PEAKOPS_ variables that are not set yet, for settings and options alike.

    Raises NotConfigured when the file is not there or has no such variable.
    """
    from dotenv import dotenv_values

    if not path.is_file():
        raise NotConfigured(f"The env file {path} does not exist.", hint="Give another with --env-file.")
    # A password may hold what looks like another variable.
    values = dotenv_values(path, interpolate=False)
    found = {key: value for key, value in values.items() if key.startswith(PREFIX) and value}
    if not found:
        raise NotConfigured(f"The env file {path} sets no {PREFIX} variable.", hint="See .env.example.")
    for key, value in found.items():
        if not os.environ.get(key):
            os.environ[key], _taken[key] = value, path


def origin(variable: str) -> str:
    """Where a variable that is set comes from, in the words of the docs: the environment, or an env file by name."""
    return f"env file {_taken[variable]}" if variable in _taken else "environment"


def file_of(variable: str) -> Path | None:
    """The env file that a variable was taken from; None where it was set already."""
    return _taken.get(variable)
