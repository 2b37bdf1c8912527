"""The tables of the vendors' codes: what one is about (its kind), what it means, and what to do."""

import re
from collections.abc import Mapping

from peakops.playbook import words


def code_row(vendor: str, code: str) -> Mapping[str, str]:
    """What a vendor's table says of a code; empty for one that it does not have."""
    found: Mapping[str, str] = words(vendor)["codes"].get(code, {})
    return found


def plain(code: str) -> str:
    """A code of UPS's as its table has it: some of its APIs put a 9 before six digits, and 9264028 is 264028."""
    return code[1:] if re.fullmatch(r"9\d{6}", code) else code
