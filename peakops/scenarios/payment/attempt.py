"""The newest attempt to pay: who refused it, with which code, and whether it may be tried again. Pure."""

from dataclasses import dataclass
from datetime import datetime

from peakops import playbook
from peakops.scenario import Facts, Row
from peakops.scenarios.payment.money import hanging, intents

BARE = ("card_declined", "payment_method_provider_decline", "payment_intent_payment_attempt_failed")
"""Error codes that say only that it failed: the reason is the decline code beside them, or it was not given."""
AUTHENTICATION = "payment_intent_authentication_failure"
NOT_A_CODE = (
    *("highest_risk_level", "elevated_risk_level", "low_probability_of_authorization", "rule"),
    "previously_declined_do_not_retry",
)
"""Values of outcome.reason that are Radar's or Stripe's own, not a decline code."""

STRICTNESS = (
    *("never", "other_method", "check_first", "fix_first", "if_fixed", "new_code", "reader", "once", "later"),
    *("unknown", "advice"),
)
"""Every retry class, the strictest first; the last two leave it to the advice."""
ADVICE = {"do_not_try_again": "never", "confirm_card_data": "fix_first", "try_again_later": "later"}
NETWORK_ADVICE = {
    **dict.fromkeys(("03", "04", "21", "22", "40", "41", "42", "43", "99"), "never"),
    "01": "fix_first",
    **dict.fromkeys(("02", "24", "25", "26", "27", "28", "29", "30"), "later"),
}
"""Mastercard's advice codes by what they allow; 24 to 30 name a waiting time (facts, section 1b)."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One failed attempt, whichever of Stripe's objects told of it."""

    charge: str | None
    at: datetime | None
    method: str
    blocked: bool
    code: str | None
    """The reason: a decline code, or an error code that is one; None where only 'declined' is known."""
    reason: str | None
    """outcome.reason as it stands."""
    error_code: str | None
    authentication: str | None
    """Why 3D Secure failed: abandoned, rejected …; None where it did not."""
    advice: str | None
    network_advice: str | None
    network_code: str | None

    @property
    def advice_words(self) -> list[str]:
        """The advice that came with the attempt, as Stripe spells it."""
        named = {"advice_code": self.advice, "network advice": self.network_advice}
        return [f"{name} {code}" for name, code in named.items() if code]


UNDER_WAY = ("requires_action", "processing", "requires_capture", "succeeded")
"""States of a PaymentIntent that is being tried, or was, without a charge that failed."""


def newest(facts: Facts) -> Attempt | None:
    """The newest attempt, if it failed. Raises Missing where charges or intent are silent."""
    charges, intent = hanging(facts, "charges"), newest_intent(facts)
    if intent and intent["status"] in UNDER_WAY:
        return None
    errors = {each["last_payment_error_charge"]: each for each in intents(facts) if each["last_payment_error_code"]}
    # An error without a listed charge was the last thing that happened: an update would have wiped it.
    listed = {each["id"] for each in charges}
    if intent and intent["last_payment_error_code"] and intent["last_payment_error_charge"] not in listed:
        return _of_error(intent)
    if not charges or charges[0]["status"] != "failed":
        return None
    return _of_charge(charges[0], errors.get(charges[0]["id"], {}))


def newest_intent(facts: Facts) -> Row | None:
    """
    The PaymentIntent that was tried last: by its newest charge, or by when it was made.

    One that nobody has tried yet is no attempt, however new it is, and a canceled one is over.
    """
    charges = hanging(facts, "charges")
    tried: dict[str, datetime] = {each["payment_intent"]: each["created"] for each in reversed(charges)}

    def rank(intent: Row) -> tuple[bool, datetime]:
        touched = intent["id"] in tried or intent["last_payment_error_code"] or intent["status"] in UNDER_WAY
        return bool(touched), tried.get(intent["id"]) or intent["created"]

    alive = [each for each in intents(facts) if each["status"] != "canceled"] or intents(facts)
    return max(alive, key=rank, default=None)


def _of_error(intent: Row) -> Attempt:
    code = intent["last_payment_error_code"]
    return Attempt(
        charge=intent["last_payment_error_charge"],
        at=None,
        method=intent["last_payment_error_payment_method_type"] or "card",
        blocked=False,
        code=intent["last_payment_error_decline_code"] or (code if code not in BARE else None),
        reason=None,
        error_code=code,
        authentication="failed" if code == AUTHENTICATION else None,
        advice=intent["last_payment_error_advice_code"],
        network_advice=intent["last_payment_error_network_advice_code"],
        network_code=intent["last_payment_error_network_decline_code"],
    )


def _of_charge(charge: Row, error: Row) -> Attempt:
    reason = charge["outcome_reason"]
    failure = error.get("last_payment_error_code") or charge["failure_code"]
    named = error.get("last_payment_error_decline_code") or (reason if reason not in NOT_A_CODE else None)
    return Attempt(
        charge=charge["id"],
        at=charge["created"],
        method=charge["payment_method_details_type"] or "card",
        blocked=charge["outcome_type"] == "blocked",
        code=named or (failure if failure not in BARE else None),
        reason=reason,
        error_code=failure,
        authentication=_authentication(charge, failure),
        advice=charge["outcome_advice_code"] or error.get("last_payment_error_advice_code"),
        network_advice=charge["outcome_network_advice_code"] or error.get("last_payment_error_network_advice_code"),
        network_code=charge["outcome_network_decline_code"] or error.get("last_payment_error_network_decline_code"),
    )


def _authentication(charge: Row, failure: str | None) -> str | None:
    result = charge["payment_method_details_card_three_d_secure_result"]
    declined = charge["outcome_type"] == "issuer_declined" and failure != AUTHENTICATION
    if failure != AUTHENTICATION and (result != "failed" or declined):
        return None
    return charge["payment_method_details_card_three_d_secure_result_reason"] or "failed"


def row_of(attempt: Attempt) -> str | None:
    """
    The row of declines.toml that fits: `card.expired_card`, or `local.expired_card` for any other method.

    Both kinds of method use some codes with different meanings; `payment_method_details.type` decides, and a code
    of one kind alone is of that kind. A local method's code can also be told by its own `outcome.reason`.
    """
    words = playbook.words("declines")
    by_card = attempt.method in ("card", "card_present", "interac_present")
    for kind in ("card", "local") if by_card else ("local", "card"):
        if attempt.code in words[kind]:
            return f"{kind}.{attempt.code}"
    by_reason = {each["reason"]: code for code, each in words["local"].items() if each["reason"] not in words["card"]}
    return f"local.{by_reason[attempt.reason]}" if attempt.reason in by_reason else None


def retry(attempt: Attempt, row: str | None) -> str | None:
    """
    Whether to try again: the strictest of the row's class, `advice_code` and the network's advice.

    Advice so outranks a row that is laxer, and never loosens one: an expired card is not retried because the bank
    advises a later attempt. None where nobody says anything.
    """
    classes = [*_advised(attempt), *([_table(row)] if row else [])]
    return min(classes, key=STRICTNESS.index, default=None)


def outranked(attempt: Attempt, row: str | None) -> bool:
    """Whether advice is stricter than the row, so that the row's own words do not hold."""
    return bool(_advised(attempt)) and retry(attempt, row) != (_table(row) if row else None)


def _advised(attempt: Attempt) -> list[str]:
    own = "never" if attempt.reason == "previously_declined_do_not_retry" else None
    given = (own, ADVICE.get(attempt.advice or ""), NETWORK_ADVICE.get(attempt.network_advice or ""))
    return [each for each in given if each]


def _table(row: str) -> str:
    kind, code = row.split(".")
    said: str = playbook.words("declines")[kind][code]["retry"]
    return said
