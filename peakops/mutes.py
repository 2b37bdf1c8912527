"""Mutes: what a sweep is not to raise an alarm for until a moment, by whom and why; the team's own rows, no plan."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from peakops.errors import BadInput, Denied, NotFound, PeakopsError
from peakops.model import Row
from peakops.redact import Door
from peakops.settings import Settings, WriteKeys
from peakops.sources.writers import Writers

LONGEST = timedelta(days=90)
"""How long a mute may last: what is muted for longer is not watched any more, which somebody decides anew."""
MARK = re.compile(r"[a-z]+-[0-9a-f]{12}")
"""A finding's fingerprint."""
TORN = re.compile(r"[a-z]+-[0-9a-f]+")
"""A part of one, or one with too much, which would be taken for a subject's id and mute nothing."""
SUBJECT = "subject:"
"""How the key of a mute of a whole subject begins, whatever is found about it."""
LONGEST_SUBJECT = 100


def key_of(given: str) -> str:
    """
    What a mute is kept by: a finding's fingerprint, or `subject:` with the id of what it is about.

    Raises BadInput for what is no id: an address would be a person's.
    """
    text = given.strip().removeprefix("[").removesuffix("]")
    if MARK.fullmatch(text):
        return text
    if text.startswith(SUBJECT):
        text = text.removeprefix(SUBJECT)
    if TORN.fullmatch(text):
        says = f"'{given}' is no whole fingerprint: twelve hexadecimal digits follow the section."
        raise BadInput(says, hint="Take it as 'peakops sweep' shows it in brackets.", code="mute.key")
    if not text or len(text) > LONGEST_SUBJECT or Door(addresses=True).line(text) != text:
        says = f"'{given}' is neither a fingerprint nor the id of a subject."
        raise BadInput(says, hint="Name the fingerprint that 'peakops sweep' shows in brackets.", code="mute.key")
    return f"{SUBJECT}{text}"


@dataclass(frozen=True, kw_only=True)
class Mutes:
    """The newest mute of each key that was not ended."""

    rows: Mapping[str, Row]
    now: datetime

    @classmethod
    def of(cls, rows: Iterable[Row], now: datetime) -> "Mutes":
        """Of the rows of sql/sweep/mutes.sql."""
        return cls(rows={each["fingerprint"]: each for each in rows if each["state"] != "ended"}, now=now)

    def of_finding(self, fingerprint: str, subject: str) -> Row | None:
        """The mute of a finding, or of its whole subject; one that holds before one that is over."""
        found = [self.rows[each] for each in (fingerprint, f"{SUBJECT}{subject}") if each in self.rows]
        return next((each for each in found if each["state"] == "active"), found[0] if found else None)


class Writing:
    """The mutes as somebody changes them. Raises Denied where nothing may be written."""

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path) -> None:
        if lacking := keys.missing(("database",)):
            says = f"{lacking} is not set, so that no mute can be kept."
            raise Denied(says, hint=f"Set {lacking}; see docs/settings.md.", code="fix.no_write_access")
        self._settings, self._writers = settings, Writers(settings, keys, folder)

    def add(self, key: str, *, owner: str, reason: str, lasts: float) -> dict[str, Any]:
        """
        Mute a finding, or a subject, for so many seconds; who and why are kept as they may leave the house.

        Raises Denied where `peakops setup` was not run.
        """
        now = self._settings.now()
        who, why = (Door().line(each) for each in (owner, reason))
        row = {"fingerprint": key, "owner": who, "reason": why, "expires_at": now + timedelta(seconds=lasts)}
        self._commit("sweep/mute", row)
        made = self._newest(key)
        return {name: made[name] for name in (*row, "made_at")}

    def end(self, key: str) -> tuple[dict[str, Any], bool]:
        """End the mute of a key, one too that is over; and whether it was not ended before. Raises NotFound."""
        ended = self._commit("sweep/end_mute", {"fingerprint": key})
        return self._newest(key), bool(ended)

    def _newest(self, key: str) -> dict[str, Any]:
        for each in self._writers.rows("sweep/mutes"):
            if each["fingerprint"] == key:
                return dict(each)
        raise NotFound(f"Nobody has muted '{key}'.", hint="peakops mute list", code="not_found")

    def _commit(self, query: str, params: Row) -> list[dict[str, Any]]:
        try:
            return self._writers.commit([(query, params)])[0]
        except PeakopsError:
            if self._writers.rows("change/team_tables")[0]["schema"]:
                raise
            says = "The schema peakops is not there, so that there is no place for a mute."
            raise Denied(says, hint="peakops setup", code="fix.no_place") from None
