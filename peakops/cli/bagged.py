"""What the commands that write a bag have in common: its description, the journal's entry, and what is told of it."""

from typing import Any

from peakops import __version__, bag, journal
from peakops.cli.commands import Run
from peakops.errors import NotConfigured
from peakops.model import Row, typed


def info(about: str, taken_at: str) -> dict[str, str]:
    """What bag-info.txt says: one line each."""
    return {
        "Bagging-Date": taken_at[:10],
        "External-Description": f"{about}, taken {taken_at}",
        "Bag-Software-Agent": f"peakops {__version__}",
    }


def note(run: Run, kind: str, subject: str, made: bag.Made, more: Row) -> None:
    """
    The journal's entry, by which the folder can be told from one that was made anew.

    Raises NotConfigured where it cannot be written; the folder is there all the same, and the sentence says so.
    """
    detail = {
        "folder": str(made.path.resolve()),
        "digest": made.digest,
        "files": made.files,
        "bytes": made.bytes,
        "reason": run.reason,
        **more,
    }
    folder, now = run.invocation.journal(), run.invocation.now()
    try:
        journal.record(folder, kind=kind, command=run.frame.command, subject=subject, detail=detail, now=now)
    except NotConfigured as wrong:
        says = f"It was written into {made.path} (digest {made.digest}), and not noted. {wrong.says}"
        raise NotConfigured(says, hint=wrong.hint, code="journal.failed") from wrong


def where(made: bag.Made, key: str | None) -> str:
    """The sentence that says where it is."""
    seal = f"sealed by the key {bag.key_of(key)}" if key else "not sealed: set PEAKOPS_EVIDENCE_KEY"
    return f"Written to {made.path}: {made.files} files, {made.bytes:,} bytes, {seal}."


def verify(made: bag.Made) -> str:
    """The command that verifies it."""
    return typed("peakops security evidence verify", str(made.path))


def told(made: bag.Made, key: str | None) -> dict[str, Any]:
    """The bag in a report's data."""
    return {
        "folder": str(made.path),
        "files": made.files,
        "bytes": made.bytes,
        "digest": made.digest,
        "key": bag.key_of(key) if key else None,
    }
