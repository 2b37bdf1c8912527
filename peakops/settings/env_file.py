"""The env file: variables that count as if they were set, below those that are."""

import os
from pathlib import Path

from peakops.errors import NotConfigured

PREFIX = "PEAKOPS_"


def apply(path: Path) -> None:
    """
    Set the file's PEAKOPS_ variables that are not set yet, for settings and options alike.

    Raises NotConfigured when the file is not there or has no such variable.
    """
    from dotenv import dotenv_values

    if not path.is_file():
        raise NotConfigured(f"The env file {path} does not exist.", hint="Give another with --env-file.")
    found = {key: value for key, value in dotenv_values(path).items() if key.startswith(PREFIX) and value}
    if not found:
        raise NotConfigured(f"The env file {path} sets no {PREFIX} variable.", hint="See .env.example.")
    for key, value in found.items():
        os.environ.setdefault(key, value)
