"""
Whom to call, and when: the team's file contacts.toml, read, validated with file and line, and asked who is there.

No source and no setting is needed: the file is read at three in the morning, when everything else may be down.
"""

from peakops.contacts.coverage import Gap, gaps
from peakops.contacts.reading import Reading, load, read
from peakops.contacts.shapes import SENT, Book, Channel, Contact, Flaw, Tier
from peakops.contacts.shifts import since, step, until

__all__ = [
    "SENT",
    "Book",
    "Channel",
    "Contact",
    "Flaw",
    "Gap",
    "Reading",
    "Tier",
    "gaps",
    "load",
    "read",
    "since",
    "step",
    "until",
]
