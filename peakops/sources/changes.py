"""This station's journal as a source: what it says of the changes of a subject."""

from pathlib import Path

from peakops import journal, unfinished
from peakops.errors import NotConfigured
from peakops.model import Brought


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
