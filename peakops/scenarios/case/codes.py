"""Salesforce's error codes as the playbook's table tells them: which kind of trouble a code is. Pure."""

from collections.abc import Mapping

from peakops.playbook.codes import code_row


def kind(code: str | None) -> str:
    """The kind of a code (auth, limit, account, validation …); empty for one that the table does not know."""
    return _row(code).get("kind", "")


def means(code: str | None) -> str:
    """What a code means, as a sentence; empty for one that the table does not know."""
    return _row(code).get("means", "")


def cause(code: str | None) -> str | None:
    """A code as a verdict's cause: required_field_missing."""
    return code.lower() if code else None


def _row(code: str | None) -> Mapping[str, str]:
    """A row of the table; the errors of a log-in stand there in lower case."""
    return code_row("salesforce", code or "") or code_row("salesforce", (code or "").lower())
