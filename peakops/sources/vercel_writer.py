"""Vercel's firewall, to change: a network is blocked or let in again, and a rule's limit is set, each once."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from peakops.errors import (
    SETTLED,
    Changed,
    NotConfigured,
    NotFound,
    PeakopsError,
    Unreachable,
    Unverified,
    before_writing,
)
from peakops.networks import same
from peakops.settings import Settings, WriteKeys
from peakops.sources.firewall import CONFIG
from peakops.sources.firewall_rows import Config, config
from peakops.sources.http import Http
from peakops.sources.vercel_errors import of_firewall, project_of

WRITE_TOKEN = "PEAKOPS_VERCEL_WRITE_TOKEN"  # noqa: S105  (the name of a setting)
EVERYWHERE, DENY = "*", "deny"
LOOKS_AFTER_S = (0.0, 0.5, 1.0)
"""The pauses before the looks for a change whose answer was lost; Vercel spreads one in about 0.3 s."""
AGAIN = "Run the same command again: it looks at what Vercel has, and does nothing twice."
Row = Mapping[str, Any]


class VercelWriter:
    """
    The writes, with the token that may change the firewall. Each looks at what is in force before and afterwards.

    Vercel has no idempotency keys: a block is known again by the lease that its notes name, a limit by its value.
    Errors say `nothing_done` where that is certain; what cannot be read back is Unverified.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, *, deadline: float) -> None:
        if not keys.vercel_token:
            raise NotConfigured(
                f"{WRITE_TOKEN} is not set.", code="vercel.no_write_token", hint="See docs/settings.md."
            )
        with before_writing():
            project = project_of(settings)
            self._http: Http = of_firewall(settings, keys.vercel_token, WRITE_TOKEN, deadline=deadline)
        self._query = "&".join(f"{name}={value}" for name, value in project.items())
        self._project = project

    def block(self, *, network: str, notes: str, lease: str, plan: str, key: str) -> Row:  # noqa: ARG002  (as every write)
        """
        Deny a network (an address or CIDR) everywhere; `notes` (at most 500 characters) name the lease.

        One that has this lease is there already. Raises Changed where somebody else's entry, or a draft, is there.
        """
        with before_writing():
            held = self._held()
            twin = next((each for each in held.entries if same(each["ip"], network)), None)
            if twin and _of_lease(twin, lease):
                return _made(twin["id"], "found", already=True)
            if twin:
                raise _changed(f"Vercel has an entry of {network} already, which is not of this lease.")
            _without_draft(held)
        value = {"hostname": EVERYWHERE, "ip": network, "notes": notes, "action": DENY}
        change = {"action": "ip.insert", "id": None, "value": value}

        def there(now: Config) -> Row | None:
            entry = next((each for each in now.entries if same(each["ip"], network) and _of_lease(each, lease)), None)
            return _made(entry["id"], "blocked", already=False) if entry else None

        return self._changed(change, there)

    def unblock(self, *, network: str, entry: str, plan: str, key: str) -> Row:  # noqa: ARG002  (as every write)
        """
        Take one entry of the firewall away, by its id; one that is gone was taken away before.

        Raises Changed where it is not this network's any more, or does not deny.
        """
        with before_writing():
            found = next((each for each in self._held().entries if each["id"] == entry), None)
            if found is None:
                return _made(entry, "gone", already=True)
            if not same(found["ip"], network) or (found["action"], found["hostname"]) != (DENY, EVERYWHERE):
                raise _changed(f"Vercel's entry {entry} is another one now.")

        def there(now: Config) -> Row | None:
            left = any(each["id"] == entry for each in now.entries)
            return None if left else _made(entry, "unblocked", already=False)

        try:
            return self._changed({"action": "ip.remove", "id": entry, "value": None}, there)
        except NotFound:
            return _made(entry, "gone", already=True)

    def set_limit(self, *, rule: str, limit: int, held: int, despite_draft: bool, plan: str, key: str) -> Row:  # noqa: ARG002  (as every write)
        """
        Set the limit of a rule (requests in its window) that has the value `held`; all else of it stays as it is.

        One that has the new value was set before. Raises Changed where it has another, or a draft is in the way.
        """
        with before_writing():
            now = self._held()
            value = next((each["limit"] for each in now.rules if each["id"] == rule), None)
            if value == limit:
                return _made(rule, f"set to {limit}", already=True)
            if value != held:
                raise _changed(f"The limit of the rule is {value} now, and was {held}.")
            if not despite_draft:
                _without_draft(now)
            change = {"action": "rules.update", "id": rule, "value": _with_limit(now.whole[rule], limit)}

        def there(now: Config) -> Row | None:
            done = any(each["id"] == rule and each["limit"] == limit for each in now.rules)
            return _made(rule, f"set to {limit}", already=False) if done else None

        return self._changed(change, there)

    def _held(self) -> Config:
        """What is in force now, and whether there is a draft."""
        answer = self._http.get(CONFIG, self._project)
        with self._http.reading(answer):
            return config(answer.body)

    def _changed(self, change: Row, there: Any) -> Row:
        """Send a change once; what is read back decides whether it was made, and not an answer that was lost."""
        try:
            self._http.write("PATCH", f"{CONFIG}?{self._query}", change, kind=object)
        except PeakopsError as wrong:
            if wrong.nothing_done or isinstance(wrong, SETTLED):
                raise
            return self._after(there, wrong)
        return self._after(there, None)

    def _after(self, there: Any, lost: PeakopsError | None) -> Row:
        for pause in LOOKS_AFTER_S:
            time.sleep(pause)
            with _afterwards(lost):
                made: Row | None = there(self._held())
            if made:
                return made
        raise _open(lost) if lost else _unseen()


def _of_lease(entry: Row, lease: str) -> bool:
    """Whether an entry denies everywhere, for this lease."""
    return lease in entry["notes"] and (entry["action"], entry["hostname"]) == (DENY, EVERYWHERE)


def _with_limit(rule: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """What an update must say of a rule: all of it as it is, but for the limit."""
    value = {name: deepcopy(rule[name]) for name in ("name", "active", "conditionGroup", "action")}
    value["action"]["mitigate"]["rateLimit"]["limit"] = limit
    return value


def _without_draft(held: Config) -> None:
    """Raises Changed where somebody prepares a change: it would undo ours when it is published."""
    if held.draft:
        raise _changed(f"{held.draft['author'] or 'Somebody'} has a draft of the firewall that is not published.")


def _changed(says: str) -> Changed:
    return Changed(f"{says} Nothing was done.", hint="peakops security blocks", code="vercel.changed", source="vercel")


@contextmanager
def _afterwards(lost: PeakopsError | None) -> Iterator[None]:
    """Raises Unverified where what came of a change cannot be read; a refusal of that look says nothing of it."""
    try:
        yield
    except PeakopsError as wrong:
        told = f"{lost.says} " if lost else ""
        says = f"{told}What Vercel's firewall has now could not be read: {wrong.says}"
        raise Unverified(says, code="vercel.unread", hint=AGAIN, source="vercel") from wrong


def _open(lost: PeakopsError) -> PeakopsError:
    """The error that leaves open whether the change is made, and never one of those that say that nothing was."""
    kind = Unreachable if isinstance(lost, SETTLED) else type(lost)
    says = f"{lost.says} The firewall does not show the change so far; whether it is made yet, is not known."
    error = kind(says, code=lost.code, hint=AGAIN, source="vercel", request_id=lost.request_id)
    error.http_status = lost.http_status
    return error


def _unseen() -> Unverified:
    says = "Vercel took the change, and does not show it."
    return Unverified(says, code="vercel.not_there", hint=AGAIN, source="vercel")


def _made(id: str, status: str, *, already: bool) -> Row:
    return {"id": id, "status": status, "already": already}
