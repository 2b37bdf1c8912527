"""Supabase Auth, to change: GoTrue has no idempotency keys, so each write looks for its twin and is read back."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from peakops.errors import Bug, Changed, NotConfigured, Refused, Unverified, before_writing
from peakops.sources import supabase_access, supabase_deletion
from peakops.sources.moments import moment
from peakops.sources.supabase_calls import account, account_of, account_path, auth
from peakops.sources.supabase_keys import need_admin
from peakops.sources.supabase_outcome import AGAIN, LOOK, afterwards, made, same

KEY = "PEAKOPS_SUPABASE_WRITE_KEY"
LOOKS_AFTER_S = (0.0, 0.5, 1.0)
"""The pauses before the looks that prove a mail: GoTrue writes the time before it answers, a replica may lag."""
LINKS = ("signup", "invite", "magiclink", "recovery")
Made = Mapping[str, Any]
Times = tuple[datetime | None, ...]
present = partial(datetime.now, UTC)


class SupabaseWriter:
    """
    The writes. Each returns the account's id, its `status`, and `already` where it had been done before.

    An account is named by its id; its address is taken from Supabase Auth, so that no plan and no journal holds it.

    Errors say `nothing_done` where they are raised before the request that writes, or are its certain refusal. Once
    that request is answered well, all of them are Unverified.
    """

    def __init__(
        self, key: str | None, *, url: str | None, deadline: float, now: Callable[[], datetime] = present
    ) -> None:
        self._now = now
        with before_writing():
            if not key:
                says = f"{KEY} is not set."
                raise NotConfigured(says, code="supabase.no_write_key", hint="See docs/settings.md.", source="supabase")
            need_admin(key, KEY)
            self._auth = auth(key, url=url, deadline=deadline, setting=KEY)

    def resend(self, *, user: str, was_sent_at: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Send the confirmation mail again, the last of which went out at `was_sent_at` (ISO 8601, or empty for none).

        Raises Changed where the account is confirmed by now, Unverified where nothing was sent.
        """
        seen = self._unconfirmed(user)
        body = {"type": "signup", "email": seen["email"]}
        return self._mailed(seen, ("confirmation_sent_at",), was_sent_at, "/resend", body)

    def recover(self, *, user: str, was_sent_at: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Send a recovery mail, the last of which went out at `was_sent_at`. Raises Unverified where none was sent."""
        with before_writing():
            seen = self._reachable(user)
        return self._mailed(seen, ("recovery_sent_at",), was_sent_at, "/recover", {"email": seen["email"]})

    def invite(self, *, user: str, was_sent_at: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Send the invitation of an account that is not confirmed again, the last of which went out at `was_sent_at`.

        Raises Changed where the account is confirmed by now, Unverified where nothing was sent.
        """
        seen = self._unconfirmed(user)
        return self._mailed(
            seen, ("confirmation_sent_at", "invited_at"), was_sent_at, "/invite", {"email": seen["email"]}
        )

    def unban(self, *, user: str, was_banned_until: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Lift a ban that lasts until `was_banned_until` (ISO 8601). Raises Changed where it is another one by now."""
        with before_writing():
            until = self._account(user)["banned_until"]
            if until is not None and not same(until, moment(was_banned_until)):
                says = "The account is banned until another time than it was; nothing was done."
                raise Changed(says, hint=LOOK, source="supabase")
        if until is None:
            return made(user, "unbanned", already=True)
        self._auth.write("PUT", account_path(user), {"ban_duration": "none"})
        with afterwards("to lift the ban"):
            left = self._account(user)["banned_until"]
        if left is not None:
            says = "Supabase Auth answered that the ban is lifted, and still has it."
            hint = f"Look at the account in Supabase's dashboard. {AGAIN}"
            raise Unverified(says, code="supabase.still_banned", hint=hint, source="supabase")
        return made(user, "unbanned", already=False)

    def ban(self, *, user: str, was_banned_until: str, until: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Ban an account until a time, or for good; see `supabase_access.ban`."""
        return supabase_access.ban(
            self._auth, user=user, was_banned_until=was_banned_until, until=until, now=self._now()
        )

    def shut(self, *, user: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Give an account a password that nobody knows; see `supabase_access.shut`."""
        return supabase_access.shut(self._auth, user=user)

    def delete_user(self, *, user: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Delete an account for good; see `supabase_deletion.delete_user`."""
        return supabase_deletion.delete_user(self._auth, user=user)

    def generate_link(self, *, type: str, email: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Make a link that logs in, and send no mail: `link` is a credential, to be shown once and kept nowhere.

        It ends every earlier link of the kind. GoTrue makes an account for an address that it does not know, unless
        `type` is recovery.
        """
        with before_writing():
            if type not in LINKS:
                raise Bug(f"A link of the type {type} was asked for.", source="supabase")
        answer = self._auth.write("POST", "/admin/generate_link", {"type": type, "email": email})
        with afterwards("to make a link"), self._auth.reading(answer):
            whose, link = account(answer.body)["id"], answer.body["action_link"]
        return {**made(whose, "made", already=False), "link": link}

    def _mailed(
        self, seen: Mapping[str, Any], marks: tuple[str, ...], was_sent_at: str, path: str, body: Mapping[str, str]
    ) -> Made:
        """
        One mail, unless one has gone out since; GoTrue answers 200 for people whom it does not know too.

        The proof is the time that it writes into the account.
        """
        user, before = seen["id"], _times(seen, marks)
        if not any(same(moment(was_sent_at), each) for each in before):
            return made(user, _sent(before), already=True)
        self._auth.write("POST", path, body)
        for pause in LOOKS_AFTER_S:
            time.sleep(pause)
            with afterwards("to send the mail"):
                after = _times(self._account(user), marks)
            if after != before:
                return made(user, _sent(after), already=False)
        says = "Supabase Auth answered well, and its record shows that no mail was sent."
        hint = f"Look at the mail settings and limits of the project in Supabase's dashboard. {AGAIN}"
        raise Unverified(says, code="supabase.not_sent", hint=hint, source="supabase")

    def _unconfirmed(self, user: str) -> dict[str, Any]:
        with before_writing():
            seen = self._reachable(user)
            if seen["email_confirmed_at"]:
                says = "The account's address is confirmed by now; nothing was done."
                raise Changed(says, hint=LOOK, source="supabase")
        return seen

    def _reachable(self, user: str) -> dict[str, Any]:
        """The account, which has an address. Raises Changed where it is deleted by now, Refused where it has none."""
        seen = self._account(user)
        if seen["deleted_at"]:
            raise Changed("The account is deleted by now; nothing was done.", hint=LOOK, source="supabase")
        if not seen["email"]:
            says = "The account has no e-mail address that a mail could be sent to."
            hint = "Give the account an address in Supabase's dashboard."
            raise Refused(says, hint=hint, code="supabase.no_address", source="supabase")
        return seen

    def _account(self, user: str) -> dict[str, Any]:
        return account_of(self._auth, user)[1]


def _times(seen: Mapping[str, Any], marks: tuple[str, ...]) -> Times:
    return tuple(seen[name] for name in marks)


def _sent(times: Times) -> str:
    """That a mail was sent, and when the last one was, by the account's own record."""
    return " ".join(("sent", *(each.isoformat() for each in sorted(filter(None, times))[-1:])))
