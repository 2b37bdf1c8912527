"""Carries an error from the supervisor to the command that asked, so that it is told as if it had happened there."""

from typing import Any

from peakops.errors import BadInput, Bug, NotConfigured, PeakopsError, Unreachable

KINDS: dict[str, type[PeakopsError]] = {kind.__name__: kind for kind in (BadInput, NotConfigured, Unreachable, Bug)}


def written(error: PeakopsError) -> dict[str, str]:
    """The error as JSON."""
    return {"kind": type(error).__name__, "says": error.says, "hint": error.hint, "code": error.code}


def read(problem: dict[str, Any]) -> PeakopsError:
    """The error that was written; one without a kind is our mistake."""
    kind = KINDS.get(str(problem.get("kind")), Bug)
    code = str(problem.get("code") or "")
    return kind(str(problem.get("says")), hint=str(problem.get("hint") or ""), code=code, source="sandbox")
