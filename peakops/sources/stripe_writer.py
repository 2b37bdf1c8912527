"""Stripe, to change: each write looks for its twin first, compares what was seen, and carries an idempotency key."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from peakops.errors import Changed, Refused
from peakops.sources.stripe_calls import Calls
from peakops.sources.stripe_fields import CHARGE_FIELDS, INTENT_FIELDS, REFUND_FIELDS, row

PLAN = "peakops_plan"
"""The metadata in which a refund says of which plan it is, so that its twin is found after the key's 24 hours."""
SETTLED_DISPUTE = ("won", "warning_closed", "prevented")
"""Disputes that are over and took nothing."""
GONE = ("failed", "canceled")
"""Refunds that gave nothing back."""


class StripeWriter:
    """The writes. Each returns the object's row, with `already` where it had been done before."""

    def __init__(self, key: str, *, url: str, deadline: float) -> None:
        self._calls = Calls(key, url=url, deadline=deadline)

    def refund(
        self, *, charge: str, amount: int, was_refunded: int, reason: str, invoice: str, plan: str, key: str
    ) -> Mapping[str, Any]:
        """
        Give `amount` (minor units) of a charge back, of which `was_refunded` had been given back when it was seen.

        Raises Changed where more has been given back since, Refused where the charge is disputed or not captured.
        """
        made = self._calls.listing("refunds", charge=charge)
        ours = [each for each in made.items if (each.get("metadata") or {}).get(PLAN) == plan]
        twin = next((each for each in ours if each["status"] not in GONE), None)
        if twin:
            return {**row(twin, REFUND_FIELDS), "already": True}
        self._refundable(charge, was_refunded)
        params = {
            "charge": charge,
            "amount": amount,
            "reason": reason,
            "metadata": {PLAN: plan, "invoice_number": invoice},
        }
        # One that failed is made anew: under its own key Stripe would only repeat what became of the first.
        page = self._calls.write("refunds", "create", params, key=f"{key}-{len(ours)}", kind="refund")
        return {**row(page.body, REFUND_FIELDS), "already": False}

    def _refundable(self, charge: str, was_refunded: int) -> None:
        seen = row(self._calls.one("charges", charge).body, CHARGE_FIELDS)
        disputes = self._calls.listing("disputes", charge=charge).items
        live = [each for each in disputes if each["status"] not in SETTLED_DISPUTE]
        if live or (seen["disputed"] and not disputes):
            raise Refused(
                f"{charge} is disputed and must not be refunded.",
                hint="Answer the dispute in Stripe's dashboard.",
                code="fix.disputed",
                source="stripe",
            )
        if seen["status"] != "succeeded" or not seen["captured"]:
            says = f"{charge} is not captured, so there is nothing to give back."
            raise Refused(says, hint="Run the check again.", code="fix.not_captured", source="stripe")
        if seen["amount_refunded"] != was_refunded:
            says = f"{charge} has {seen['amount_refunded']} refunded by now, not {was_refunded}; nothing was done."
            raise Changed(says, hint="Run the check again.", source="stripe")

    def cancel(self, *, intent: str, was_status: str, plan: str, key: str) -> Mapping[str, Any]:  # noqa: ARG002  (as every write)
        """Cancel a PaymentIntent, which releases what it holds. Raises Changed where its status is another by now."""
        seen = row(self._calls.one("payment_intents", intent).body, INTENT_FIELDS)
        if seen["status"] == "canceled":
            return {**seen, "already": True}
        if seen["status"] != was_status:
            says = f"{intent} is '{seen['status']}' by now, not '{was_status}'; nothing was done."
            raise Changed(says, hint="Run the check again.", source="stripe")
        ask = partial(self._calls.write, "payment_intents", "cancel", intent, key=key, kind="payment_intent")
        return {**row(ask({"cancellation_reason": "duplicate"}).body, INTENT_FIELDS), "already": False}
