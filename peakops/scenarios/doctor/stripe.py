"""Stripe: the key, what it may read, and the clock. Pure."""

from collections.abc import Iterator

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.doctor import usage
from peakops.scenarios.doctor.database import MOST_NAMED, SKEW_S, difference
from peakops.scenarios.doctor.left_out import left_out, refused, several

SETTING = "stripe_api_key"
EVENTS = ("events",)
RESOURCES: dict[str, tuple[str, ...]] = {
    "pointer": ("payment_intents", "charges"),
    "customers": ("customers",),
    "intent": ("payment_intents",),
    "siblings": ("payment_intents",),
    "charges": ("charges",),
    "refunds": ("refunds",),
    "disputes": ("disputes",),
    "events": EVENTS,
    "history": EVENTS,
    "these_events": EVENTS,
    "events_within": EVENTS,
    "endpoints": ("webhook_endpoints",),
}
"""The lists of Stripe's that each call of the source reads."""
LISTS = tuple(dict.fromkeys(resource for resources in RESOURCES.values() for resource in resources))
LOOKS = tuple(f"permission_{each}" for each in LISTS)
"""The look at each list, in the same order."""
SWEPT = {"payment reconcile": ("payment_intents", "charges", "refunds", "disputes")}
"""Those that a sweep reads, whose calls no look declares."""


def needed() -> dict[str, tuple[str, ...]]:
    """The commands that read each list of Stripe's."""
    found: dict[str, dict[str, None]] = {}
    for resource, command in _pairs():
        found.setdefault(resource, {})[command] = None
    return {resource: tuple(commands) for resource, commands in found.items()}


def _pairs() -> Iterator[tuple[str, str]]:
    for call, commands in usage.stripe_calls().items():
        yield from ((resource, command) for resource in RESOURCES[call] for command in commands)
    for command, resources in SWEPT.items():
        yield from ((resource, command) for resource in resources)


def stripe_key(facts: Facts) -> Outcome:
    if left := left_out(facts, LOOKS[0], SETTING):
        return left
    if why := _refused(facts):
        return found("stripe_key_refused", why)
    key = facts["stripe_key"]
    _answered(facts)  # without an answer nobody has accepted it
    if key["kind"] == "unrestricted" and key["mode"] == "live":
        return found("stripe_key_unrestricted", "PEAKOPS_STRIPE_API_KEY is a secret key of the live mode (sk_live_…).")
    return ok(f"Stripe accepts the key: {key['kind']}, {key['mode']} mode.")


def _refused(facts: Facts) -> str:
    """What Stripe says of a key that it does not accept; empty where it accepted it, or stayed silent."""
    return next(filter(None, (refused(facts, each) for each in LOOKS)), "")


def _answered(facts: Facts) -> list[Row]:
    """The lists that were answered for, be it with a refusal. Raises Missing where there is none."""
    return [facts[each] for each in LOOKS if facts.known(each)] or [facts[LOOKS[0]]]


def stripe_permissions(facts: Facts) -> Outcome:
    if left := left_out(facts, LOOKS[0], SETTING):
        return left
    if _refused(facts):
        return skip("The key is not accepted at all.")
    denied = [each for each in _answered(facts) if not each["granted"]]
    if denied:
        return found("stripe_permission_missing", " ".join(map(_lacking, denied)))
    # A list that stayed silent may be denied.
    return ok(f"The key may read all {len([facts[each] for each in LOOKS])} lists that the commands read.")


def _lacking(row: Row) -> str:
    """One list that is denied, why, and the commands that read it."""
    suffering = several(list(needed()[row["resource"]]), MOST_NAMED)
    return f"{row['resource']}: {row['says']} {suffering} will answer unknown."


def stripe_clock(facts: Facts) -> Outcome:
    if left := left_out(facts, LOOKS[0], SETTING):
        return left
    if _refused(facts):
        return skip("The key is not accepted at all.")
    seen = [each["clock_ahead_s"] for each in _answered(facts) if each["clock_ahead_s"] is not None]
    if not seen:
        return skip("No answer bore a date.")
    # Of several answers the slowest makes the clock look late: the nearest one is right.
    ahead = min(seen, key=abs)
    if abs(ahead) > SKEW_S:
        return found("stripe_clock_differs", f"Stripe's clock is {difference(ahead)} this machine's.")
    return ok(f"Its clock and this machine's differ by {abs(ahead):.1f} s.")


def writing_stripe(facts: Facts) -> Outcome:
    if left := left_out(facts, "stripe_write_key"):
        return left
    if why := refused(facts, "stripe_write_key"):
        return found("stripe_write_key_refused", why)
    key = facts["stripe_write_key"]
    if key is None:
        return skip("PEAKOPS_STRIPE_WRITE_KEY is not set: a fix of payments shows its plan, and ends with 77.")
    if key["kind"] == "unrestricted" and key["mode"] == "live":
        says = "PEAKOPS_STRIPE_WRITE_KEY is a secret key of the live mode (sk_live_…)."
        return found("stripe_write_key_unrestricted", says)
    reads = "" if key["reads"] else "; it may not read refunds"
    return ok(f"Stripe accepts the key that writes: {key['kind']}, {key['mode']} mode{reads}. Only a write shows more.")
