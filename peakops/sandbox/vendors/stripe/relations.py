"""Which charge, refund and dispute belongs to which payment, so that a world need not say everything twice."""

from typing import Any

from peakops.sandbox.vendors.stripe.store import Object, identifier_of
from peakops.sandbox.wire import State

GIVES_BACK = ("succeeded", "pending", "requires_action")
"""Statuses of a refund whose amount counts as refunded."""


class Relations:
    """The objects of a world by id, and by the object that they name."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._by_id: dict[str, dict[Any, Object]] = {}
        self._children: dict[tuple[str, str], dict[Any, list[Object]]] = {}

    def get(self, collection: str, named: Any) -> Object | None:
        """The object that a field names, by id or in full."""
        if collection not in self._by_id:
            self._by_id[collection] = {found["id"]: found for found in self.state.get(collection, [])}
        return self._by_id[collection].get(identifier_of(named))

    def children(self, collection: str, field: str, identifier: str) -> list[Object]:
        """The objects of a list whose field names an id."""
        if (collection, field) not in self._children:
            groups: dict[Any, list[Object]] = {}
            for found in self.state.get(collection, []):
                groups.setdefault(identifier_of(found.get(field)), []).append(found)
            self._children[collection, field] = groups
        return self._children[collection, field].get(identifier, [])

    def refunded(self, charge: Object) -> int:
        """What the world's refunds give back of a charge."""
        refunds = self.children("refunds", "charge", charge["id"])
        intent = self.get("payment_intents", charge.get("payment_intent"))
        if intent is not None and identifier_of(intent.get("latest_charge")) in (None, charge["id"]):
            others = self.children("refunds", "payment_intent", intent["id"])
            refunds = refunds + [refund for refund in others if not refund.get("charge")]
        counted = [refund for refund in refunds if refund.get("status", "succeeded") in GIVES_BACK]
        return sum(refund["amount"] if "amount" in refund else charge["amount"] for refund in counted)
