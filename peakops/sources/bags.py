"""Evidence on this machine's disk: whether it is as it was sealed, and what the journal says of it."""

import os
from pathlib import Path

from peakops import bag, journal
from peakops.errors import NotConfigured
from peakops.model import Brought, Row
from peakops.redact import Door
from peakops.settings import Settings

KINDS = ("evidence", "exported")
"""The journal's entries about a folder that was written."""


class Bags:
    """The look at a bag; `folder` is where the journal is. It asks nobody."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    def check(self, *, folder: str) -> Brought:
        """
        One bag, every byte of it read; no row where there is no such folder.

        A seal is held against PEAKOPS_EVIDENCE_PUBLIC_KEY, else against the key that seals here. Raises NotConfigured
        for a key that is none.
        """
        place = Path(folder)
        if not os.path.isdir(place):  # noqa: PTH112  (a name that is too long is no folder, and no error)
            return Brought(asked=bag.MANIFEST, single=True)
        expected = self._expected()
        found = bag.check(place, expected)
        try:
            noted, unread = self._noted(place, found.digest), None
        except NotConfigured as wrong:
            noted, unread = None, wrong.says
        row = {
            "folder": str(place),
            "made": found.info.get("Bagging-Date"),
            "about": found.info.get("External-Description"),
            "files": found.files,
            "bytes": found.bytes,
            "sealed": found.sealed,
            "key": found.key or None,
            "key_expected": expected is not None,
            "digest": found.digest,
            "faults": [each._asdict() for each in found.faults],
            "noted": noted,
            "journal_unread": unread,
        }
        return Brought(rows=(row,), single=True, asked=bag.MANIFEST)

    def _expected(self) -> str | None:
        """The public key that seals are held against."""
        if self._settings.evidence_public_key:
            return self._settings.evidence_public_key
        return bag.public_key(self._settings.evidence_key) if self._settings.evidence_key else None

    def _noted(self, place: Path, digest: str) -> Row | None:
        """
        What this machine's journal noted last of a folder of this name, or of that which a link of this name leads to.

        The journal has paths masked, so that two may read alike: then an entry with the same digest is this folder's.
        """
        names = {str(place.resolve()), str(place.parent.resolve() / place.name)}
        masked = {Door().clean(each) for each in names}
        entries = (each for each in journal.read(self._folder) if each.kind in KINDS)
        here = [each for each in entries if each.detail.get("folder") in masked]
        if masked != names:
            here = [each for each in here if each.detail["digest"] == digest] or here
        return {"at": here[-1].at, "operator": here[-1].operator, "digest": here[-1].detail["digest"]} if here else None
