"""This station's journal as a source: what it says of the changes of a subject."""

from datetime import datetime
from pathlib import Path
from typing import Any

from peakops import journal, unfinished
from peakops.errors import NotConfigured
from peakops.model import Brought

ERASURE = "data delete"
LOGGED = ("request", "basis", "identity", "counts", "kept")
"""What of a deletion the log in the database has too."""


class Changes:
    """The looks at this operator's journal, in the state folder `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def changes(self, *, subject: str) -> Brought:
        """
        The lines about changes of a subject (invoice:<id>), oldest first.

        Raises NotConfigured for a journal that is not as it was written: it may hide one.
        """
        wrong = [each for each in journal.verify(self._folder) if each.what != journal.TORN]
        if wrong:
            says = f"The journal is not as it was written (line {wrong[0].line}: {wrong[0].what})."
            raise NotConfigured(
                says,
                hint="Run 'peakops journal verify'; docs/safety.md says how a new journal begins.",
                code="journal.damaged",
            )
        return Brought(rows=tuple(unfinished.lines(self._folder, subject)), asked="journal.ndjson")

    def erasures(self, *, since: datetime, until: datetime) -> Brought:
        """
        The deletions of people that this station carried out in a time: what a restored database has forgotten.

        One whose transaction is not known to be committed is not among them.
        """
        begun = unfinished.runs(unfinished.lines(self._folder))
        done = [each for each in begun if each.body.get("fix") == ERASURE and each.done]
        rows = (each for each in map(_erasure, done) if since <= each["executed_at"] <= until)
        return Brought(rows=tuple(rows), asked=journal.NAME)

    def chain(self) -> Brought:
        """Whether the journal is as it was written: how many entries, torn lines and other breaches it has."""
        found = journal.verify(self._folder)
        broken = [each for each in found if each.what != journal.TORN]
        row = {
            "entries": sum(1 for _ in journal.read(self._folder)),
            "torn": len(found) - len(broken),
            "broken": len(broken),
            "first": f"line {broken[0].line}: {broken[0].what}" if broken else None,
        }
        return Brought(rows=(row,), single=True, asked=journal.NAME)


def _erasure(begun: unfinished.Begun) -> dict[str, Any]:
    actions = begun.body["actions"]
    log: dict[str, Any] = next((each["params"] for each in actions if each["call"] == "data/log_deletion"), {})
    return {
        **{name: log.get(name) for name in LOGGED},
        "user_id": begun.body["subject"]["id"],
        "executed_at": datetime.fromisoformat(begun.since),
        "operator": begun.operator,
        "finished": not begun.open,
    }
