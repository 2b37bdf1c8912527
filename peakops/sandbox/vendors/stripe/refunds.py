"""Refunds that take time: how a refund begins in this world, and when and how it ends."""

import time
from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import mapping, only, refuse, unknown
from peakops.sandbox.vendors.stripe.relations import GIVES_BACK
from peakops.sandbox.vendors.stripe.store import Object, index_of
from peakops.sandbox.wire import State

BEHAVIOUR = "refund_behaviour"
"""The world's key that says how the refunds go that are made in it."""
KEYS = ("status", "pending_reason", "settles_to", "after_s", "failure_reason")
ENDS = {
    "succeeded": ("failed",),
    "pending": ("succeeded", "failed", "canceled"),
    "requires_action": ("succeeded", "failed", "canceled"),
    "failed": (),
}
"""By the status that a refund begins with: those that it can end with. A bank can send back what has succeeded."""
PENDING_REASONS = ("processing", "insufficient_funds", "charge_pending")
FAILURE_REASONS = (
    *("unknown", "declined", "expired_or_canceled_card", "insufficient_funds", "lost_or_stolen_card"),
    *("merchant_request", "charge_for_pending_refund_disputed"),
)
UNSETTLED = "_unsettled"
"""Where the state keeps what is still to happen; a leading underscore says that it is no part of a world."""


def behaviour(part: State) -> State:
    """What a world says of its refunds, checked, under its key; nothing where it says nothing. Raises BadInput."""
    if BEHAVIOUR not in part:
        return {}
    place = f"stripe.{BEHAVIOUR}"
    given = mapping(part[BEHAVIOUR], place)
    only(given, KEYS, place)
    if "status" not in given:
        refuse(f"{place}.status", "is missing: how does a refund begin?")
    begins = one_of(given, "status", tuple(ENDS), place)
    if "pending_reason" in given and begins != "pending":
        refuse(f"{place}.pending_reason", "only a pending refund has one.")
    one_of(given, "pending_reason", PENDING_REASONS, place)
    if "after_s" in given and "settles_to" not in given:
        refuse(f"{place}.after_s", "needs settles_to: what happens then?")
    if type(given.get("after_s", 0)) not in (int, float) or not given.get("after_s", 0) >= 0:
        refuse(f"{place}.after_s", "must be a number of seconds.")
    ends = one_of(given, "settles_to", ENDS[begins], place) if "settles_to" in given else begins
    if "failure_reason" in given and ends != "failed":
        refuse(f"{place}.failure_reason", "only a failed refund has one.")
    one_of(given, "failure_reason", FAILURE_REASONS, place)
    return {BEHAVIOUR: dict(given)}


def one_of(given: dict[str, Any], name: str, known: tuple[str, ...], place: str) -> str:
    """The word under a name, the first of the known ones if none is given; refused if it is another one."""
    word = given.get(name, known[0] if known else "")
    if word not in known:
        unknown(f"{place}.{name}", name, word, known)
    return str(word)


def begun(said: dict[str, Any], identifier: str) -> Object:
    """How a refund begins: its status, and why it is not there yet, or did not arrive."""
    if said["status"] == "pending":
        return {"status": "pending", "pending_reason": said.get("pending_reason", PENDING_REASONS[0])}
    if said["status"] == "failed":
        return {"status": "failed", **failed(said, identifier)}
    return {"status": said["status"]}


def said_of(state: State, charge: Object) -> dict[str, Any]:
    """How a charge's refund goes: as the world says; else a bank debit's is pending, and a card's has succeeded."""
    bank = (charge.get("payment_method_details") or {}).get("type") == "us_bank_account"
    return {"status": "pending" if bank else "succeeded", **state.get(BEHAVIOUR, {})}


def failed(said: dict[str, Any], identifier: str) -> Object:
    """The fields of a refund that the bank did not take."""
    reason = said.get("failure_reason", FAILURE_REASONS[0])
    return {"failure_reason": reason, "failure_balance_transaction": f"txn_back_{identifier.rpartition('_')[2]}"}


def expect(state: State, said: dict[str, Any], refund: Object, now: datetime) -> None:
    """Remember that a refund is to end otherwise than it begins."""
    if "settles_to" in said:
        later = {**said, "refund": refund["id"], "clock": now.timestamp(), "monotonic": time.monotonic()}
        state.setdefault(UNSETTLED, []).append(later)


def settle(state: State, now: datetime) -> None:
    """
    End the refunds whose time has come, by whichever clock is first: the sandbox's, or the real one.

    The sandbox's mostly stands still, and a command that watches a refund does not move it.
    """
    for later in list(state.get(UNSETTLED, ())):
        passed = max(now.timestamp() - later["clock"], time.monotonic() - later["monotonic"])
        if passed >= later.get("after_s", 0):
            state[UNSETTLED].remove(later)
            end(state, later)


def end(state: State, later: dict[str, Any]) -> None:
    """Give a refund its last status; money that does not arrive goes back to its charge."""
    refund = index_of(state, "refunds").get(later["refund"])
    if refund is None:
        return
    refund.pop("pending_reason", None)
    refund["status"] = later["settles_to"]
    if refund["status"] == "failed":
        refund |= failed(later, refund["id"])
    charge = index_of(state, "charges").get(refund["charge"])
    if refund["status"] not in GIVES_BACK and charge is not None:
        count(charge, -refund["amount"])


def count(charge: Object, amount: int) -> None:
    """Count an amount as given back of a charge, or take it off."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
