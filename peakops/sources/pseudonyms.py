"""What an erased person is called: a keyed hash, which only the key's holder can make again from an id."""

import hashlib
import hmac
from uuid import UUID

from peakops.errors import NotConfigured

SETTING = "PEAKOPS_PSEUDONYM_KEY"
LOG, AUDIT = "peakops/deletions/v1/", "peakops/audit/v1/"
"""Part of what is hashed: without the key nobody can tell whose rows of the audit log a line of the other is about."""
THE_KEY = "the key itself"
"""What is hashed to know a key again; no id and no address."""


def digest(key: str | None, named: str, purpose: str = LOG) -> str:
    """The HMAC-SHA256 of an id or an address, in hexadecimal; upper and lower case are one. Raises NotConfigured."""
    if not key:
        says = f"{SETTING} is not set, so that nobody can be given a pseudonym."
        hint = f"Make one with 'openssl rand -hex 32', keep it outside the database, and set {SETTING}."
        raise NotConfigured(says, hint=hint, code="data.no_pseudonym_key")
    return hmac.new(key.encode(), f"{purpose}{named.strip().lower()}".encode(), hashlib.sha256).hexdigest()


def mark(key: str | None) -> str | None:
    """By what a line of the log tells under which key it was written, and nothing else of the key; None without one."""
    return digest(key, THE_KEY) if key else None


def pseudonym(key: str | None, named: str) -> str:
    """
    What takes an id's place in the audit log: the same as a UUID, for that purpose alone.

    Its version is 8, which says that it is made by an application's own rule (RFC 9562, 5.8).
    """
    number = int(digest(key, named, AUDIT)[:32], 16)
    number = number & ~(0xF << 76) | 8 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))
