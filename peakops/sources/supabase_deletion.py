"""Deletes an account of Supabase Auth for good; it looks first, and once more afterwards."""

from typing import Any

from peakops.errors import NotFound, Unverified, before_writing
from peakops.sources.http import Http
from peakops.sources.supabase_calls import account_of, account_path
from peakops.sources.supabase_errors import USER_NOT_FOUND
from peakops.sources.supabase_outcome import AGAIN, afterwards, made


def delete_user(auth: Http, *, user: str) -> dict[str, Any]:
    """
    Delete an account with its sessions, identities, factors and tokens: a hard delete, which cannot be undone.

    GoTrue's soft delete keeps the row with hashes of the addresses, which is not an erasure. Raises Unverified where
    the account is still there afterwards.
    """
    with before_writing():
        there = _is_there(auth, user)
    if not there:
        return made(user, "deleted", already=True)
    auth.write("DELETE", account_path(user), {"should_soft_delete": False})
    with afterwards("to delete the account"):
        left = _is_there(auth, user)
    if left:
        says = "Supabase Auth answered that the account is deleted, and still has it."
        hint = f"Look at the account in Supabase's dashboard. {AGAIN}"
        raise Unverified(says, code="supabase.still_there", hint=hint, source="supabase")
    return made(user, "deleted", already=False)


def _is_there(auth: Http, user: str) -> bool:
    try:
        account_of(auth, user)
    except NotFound as absent:
        if absent.code != f"supabase.{USER_NOT_FOUND}":
            raise
        return False
    return True
