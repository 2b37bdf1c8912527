"""Evidence on this machine's disk, taken before anything is changed: what a change would destroy is kept first."""

import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from peakops import __version__, bag, journal
from peakops.errors import NotConfigured, PeakopsError, Refused, UsageFault, before_writing
from peakops.model import Brought
from peakops.redact import Door
from peakops.settings import Settings, WriteKeys
from peakops.sources import queries
from peakops.sources.database import Database

ELSEWHERE = "Make room or the folder writable; in an emergency run the same with XDG_STATE_HOME set to another folder."
FOLDER = "evidence"
"""In the state folder, beside the journal."""
VITAL = {
    "account": "security/evidence_account",
    "profile": "security/evidence_profile",
    "sessions": "security/evidence_sessions",
}
"""Without these nothing is changed: how it was before, and what ends with the change."""
FURTHER = {
    "identities": "security/evidence_identities",
    "refreshes": "security/evidence_refresh",
    "factors": "security/evidence_factors",
    "links": "security/evidence_links",
    "flows": "security/evidence_flows",
    "auth_log": "security/evidence_auth_log",
    "portal_log": "security/evidence_portal_log",
}
"""What is kept where it can be read in time; the reason why it could not is kept instead, and holds nothing up."""


class EvidenceWriter:
    """Snapshots of a person's access: bags that can be checked, masked as all output is, readable by their owner."""

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path, *, deadline: float) -> None:
        del keys  # What is looked at is asked under the role that reads.
        self._settings, self._folder = settings, folder
        self._database = Database(settings.database_url, ca=settings.database_ca, now=settings.now(), deadline=deadline)

    def snapshot(self, *, user: str, plan: str, key: str) -> Mapping[str, Any]:  # noqa: ARG002  (as every write)
        """
        Keep what is known of a person's access in a new bag, and its digest in the journal.

        Each call makes a bag of its own. Errors say `nothing_done`; a database that does not answer is one of them.
        """
        now = self._settings.now()
        place = self._folder / FOLDER / f"{now:%Y%m%dT%H%M%SZ}-{user[:8]}-{secrets.token_hex(3)}"
        info = {
            "Source-Organization": self._settings.environment,
            "External-Identifier": f"user:{user}",
            "External-Description": "Access of a person, as it was before it was contained",
            "Bag-Software-Agent": f"peakops {__version__}",
            "Bagging-Date": f"{now:%Y-%m-%d}",
            "Peakops-Plan": plan,
        }
        with before_writing():
            missing: list[str] = []
            made = self._written(place, self._files(user, missing), info)
            self._note(user, made, missing)
        return {"id": str(made.path), "status": f"sha256:{made.digest}", "already": False}

    def _written(self, place: Path, files: bag.Files, info: Mapping[str, str]) -> bag.Made:
        try:
            return bag.write(place, files, info, key=self._settings.evidence_key)
        except (Refused, UsageFault) as wrong:
            says = f"The evidence could not be kept, so that nothing was changed: {wrong.says}"
            raise NotConfigured(says, code="evidence.failed", hint=ELSEWHERE, source="evidence") from wrong

    def _files(self, user: str, missing: list[str]) -> bag.Files:
        for name, query in VITAL.items():
            yield f"{name}.json", (self._asked(query, user, missing),)
        for name, query in FURTHER.items():
            try:
                yield f"{name}.json", (self._asked(query, user, missing),)
            except PeakopsError as wrong:
                missing.append(query)
                yield f"{name}.json", (_document({"query": query, "error": wrong.code, "says": wrong.says}),)

    def _asked(self, query: str, user: str, missing: list[str]) -> bytes:
        """A query with its parameters, when it was asked, and its rows, masked."""
        named, began, start = queries.load(query), self._settings.now(), time.monotonic()
        asked = {"id": user, **({"since": None} if "since" in named.params else {})}
        given = {**asked, **({"now": began} if "now" in named.params else {})}
        brought: Brought = self._database.rows(query, **asked)
        missing += [query] if brought.notes else []
        told = {
            "query": query,
            "statement": named.text,
            "params": given,
            "asked_at": began,
            "took_ms": round((time.monotonic() - start) * 1000),
            "notes": brought.notes,
            "count": len(brought.rows),
        }
        # The statement is our own text, and no person's.
        rows = Door(addresses=True).clean([dict(row) for row in brought.rows])
        return _document({**told, "rows": rows})

    def _note(self, user: str, made: bag.Made, missing: list[str]) -> None:
        """The digest in the journal, so that a bag that was made anew is found out; and what is not whole."""
        detail = {
            "folder": str(made.path.resolve()),
            "digest": made.digest,
            "files": made.files,
            "bytes": made.bytes,
            "sealed": self._settings.evidence_key is not None,
            "missing": missing,
        }
        try:
            journal.record(
                self._folder,
                kind="evidence",
                command="peakops security contain",
                subject=f"user:{user}",
                detail=detail,
                now=self._settings.now(),
            )
        except PeakopsError as wrong:
            wrong.says = f"{wrong.says} The evidence is in {made.path}."
            raise


def _document(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, indent=1, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
