"""Where people are called: addresses that are secrets, each in a variable that contacts.toml names."""

import os
from pathlib import Path

from peakops.errors import NotConfigured
from peakops.settings.secret_files import text_of

PAGE = "PEAKOPS_PAGE_"
"""How the variables begin."""
FILE = "_FILE"


def pages() -> dict[str, str]:
    """
    The address in each such variable, or in the file that its _FILE names.

    Raises NotConfigured for a bad file, and where both are set, as with every secret.
    """
    given = {name: value for name, value in os.environ.items() if name.startswith(PAGE) and value}
    named = {name: path for name, path in given.items() if name.endswith(FILE)}
    try:
        if twice := sorted(name for name in named if name.removesuffix(FILE) in given):
            raise ValueError(f"both {twice[0].removesuffix(FILE)} and {twice[0]} are set; keep one")
        read = {name.removesuffix(FILE): text_of(name, Path(path)) for name, path in named.items()}
    except ValueError as wrong:
        raise NotConfigured(f"{wrong}.", code="config.invalid", hint="See docs/settings.md.") from None
    return read | {name: value for name, value in given.items() if name not in named}
