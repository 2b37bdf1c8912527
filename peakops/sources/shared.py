"""What several runs, one after the other, need not open or read again."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shared:
    """What the runs of a sweep leave to the next of them."""

    idle: list[Any] = field(default_factory=list)
    """Connections that nobody uses."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What one of them has read and another needs too, by a name."""
    opened: list[dict[str, Any]] = field(default_factory=list)
    """What each of the readers has opened, by its name."""

    def collect(self) -> None:
        """Take back what the readers until now have opened, and do not use any more."""
        while self.opened:
            if database := self.opened.pop().get("database"):
                database.part()

    def forsake(self) -> None:
        """What a run that did not end has opened, and may still read, is not for the others."""
        self.opened.clear()
        self.kept.clear()
