"""Salesforce's error codes as the playbook's table tells them: which kind of trouble a code is. Pure."""

from collections.abc import Mapping
from typing import Any

from peakops import playbook


def kind(code: str | None) -> str:
    """The kind of a code (auth, limit, account, validation …); empty for one that the table does not know."""
    return str(_row(code).get("kind", ""))


def means(code: str | None) -> str:
    """What a code means, as a sentence; empty for one that the table does not know."""
    return str(_row(code).get("means", ""))


def cause(code: str | None) -> str | None:
    """A code as a verdict's cause: required_field_missing."""
    return code.lower() if code else None


def _row(code: str | None) -> Mapping[str, Any]:
    """A row of the table; the errors of a log-in stand there in lower case."""
    table = playbook.words("salesforce")["codes"]
    found: Mapping[str, Any] = table.get(code or "") or table.get((code or "").lower()) or {}
    return found
