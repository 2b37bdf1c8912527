"""
Whether UPS makes labels at all: the token, the products of the app, its limit, the practices' account numbers.

Asks UPS for nothing but cheap reads; 'peakops shipping check' looks at one shipment.

Example: peakops shipping ups
"""

from collections.abc import Callable
from typing import Any

from peakops.model import Fault, Severity
from peakops.scenario import Facts, Look, Missing, Outcome, Scenario, found, ok, skip
from peakops.scenarios.shipping import accounts, standing
from peakops.scenarios.shipping.looks import UPS
from peakops.scenarios.systems import Line, truth
from peakops.scenarios.words import lasting

AT_UPS = ("token", "products", "probe")
"""The looks at UPS alone."""
STANDINGS = {
    "well_formed": "well formed",
    "account_malformed": "malformed",
    "account_missing": "missing",
    "account_missing_unused": "missing where nothing is shipped",
    "closed": "of closed practices",
}
"""How the account numbers stand, in words."""
REFUSED = ("credentials", "product")
"""Kinds of refusals that UPS does not keep apart: of the credentials, and of a product that the app lacks."""
NAMES = {"shipping": "Shipping", "address_validation": "Address Validation", "tracking": "Tracking"}
"""The products, as UPS's developer portal calls them."""


def gather(look: Look) -> None:
    """Declare the looks; none waits for another."""
    for name in AT_UPS:
        look.at(UPS, name, name)
    look.rows("accounts", "shipping/accounts")


def credentials(facts: Facts) -> Outcome:
    if fault := _no_token(facts):
        return found("ups_credentials", _told(fault))
    token = facts["token"]
    if refused := _no_other_token(facts):
        says = "UPS does not take the kept token any more, and gives no other one."
        return found("ups_credentials", f"{says} {_told(refused)}", cause="kept_token")
    kept = "kept from an earlier run" if token["cached"] else "fresh"
    return ok(f"UPS gives a token: {kept}, good for another {lasting(token['lasts_s'])}.")


def products(facts: Facts) -> Outcome:
    if _no_token(facts) or _no_other_token(facts):
        return skip("The credentials are not accepted.")
    rows = facts["products"]
    missing = [each["product"] for each in rows if each["granted"] is False]
    if missing:
        every = len(missing) == len(NAMES)
        says = f"UPS gives the app a token, and refuses it {_listed(missing)}."
        return found("ups_product_missing", says, cause="all" if every else None)
    silent = [each["product"] for each in rows if each["granted"] is None]
    if silent:
        raise Missing(f"products: UPS did not say whether the app may use {_listed(silent)}.")
    return ok(f"The app may use {_listed([each['product'] for each in rows])}.")


def _no_token(facts: Facts) -> Fault | None:
    """What UPS says where it refuses a token."""
    fault = facts.fault("token")
    return fault if fault and standing.blamed(fault) in REFUSED else None


def _no_other_token(facts: Facts) -> Fault | None:
    """What UPS says where it refuses a token that was kept, and another one too."""
    fault = facts.fault("products")
    return fault if fault and standing.blamed(fault) in REFUSED and facts.known("token") else None


def _listed(names: list[str]) -> str:
    said = [NAMES[each] for each in names]
    return " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def service_up(facts: Facts) -> Outcome:
    if says := _met(facts, "down"):
        return found("ups_down", says)
    return _answered(facts, "UPS answers.")


def limit(facts: Facts) -> Outcome:
    if says := _met(facts, "rate"):
        return found("ups_rate_limited", says)
    return _answered(facts, "UPS refuses nothing for a limit.")


def _answered(facts: Facts, says: str) -> Outcome:
    """All is well where UPS has answered, be it with a refusal. Raises Missing where it stayed silent."""
    fault = facts.fault("probe")
    if not (fault and standing.blamed(fault)):
        _ = facts["probe"]
    return ok(says)


def _met(facts: Facts, kind: str) -> str:
    """What UPS says where it refuses for this reason, be it one product alone; empty where it does not."""
    faults = [fault for each in AT_UPS if (fault := facts.fault(each)) and standing.blamed(fault) == kind]
    if faults:
        return _told(faults[0])
    rows = facts["products"] if facts.known("products") else []
    said = [each for each in rows if each["granted"] is None and each["code"] and standing.kind(each["code"]) == kind]
    return f"UPS refuses {_listed([each['product'] for each in said])} (code {said[0]['code']})." if said else ""


def _told(fault: Fault) -> str:
    """What UPS said; what to do is for the row to say, since the hint leads here."""
    wait = f" Try again in {lasting(fault.retry_after_s)}." if fault.retry_after_s else ""
    return f"{fault.message}{wait}"


ASKED = (
    *(credentials, products, service_up, limit),
    *(accounts.accounts_written, accounts.accounts_there, accounts.accounts_unused),
)


def ready(facts: Facts) -> Outcome:
    if any(each(facts).code for each in ASKED):
        return skip("Something is wrong.")
    good = accounts.counts(facts).get("well_formed", 0)
    return found("ready", f"The app may use every product, and {good} practice{'s' * (good != 1)} can be billed.")


def _token(facts: Facts) -> Line:
    row = facts["token"]
    return "kept" if row["cached"] else "fresh", f"good for another {lasting(row['lasts_s'])}"


def _products(facts: Facts) -> Line:
    words = {True: "granted", False: "refused", None: "not answered"}
    rows = facts["products"]
    told = ", ".join(f"{NAMES[each['product']]} {words[each['granted']]}" for each in rows)
    return "all granted" if all(each["granted"] for each in rows) else "incomplete", told


def _probe(facts: Facts) -> Line:
    _ = facts["probe"]
    return "answers", "answers a cheap question"


def _accounts(facts: Facts) -> Line:
    counted = accounts.counts(facts)
    told = ", ".join(f"{counted[state]} {words}" for state, words in STANDINGS.items() if state in counted)
    return "in order" if not accounts.wrong(facts) else "incomplete", told or "no practice"


SYSTEMS: dict[str, Callable[[Facts], Line]] = {
    "token": _token,
    "products": _products,
    "UPS": _probe,
    "account numbers": _accounts,
}


def data(facts: Facts) -> dict[str, Any]:
    """What each says, and the practices whose number is not in order."""
    read = facts.known("accounts")
    return {"truth": truth(facts, SYSTEMS), "accounts": accounts.wrong(facts) if read else None}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(*ASKED, ready),
    subject=(),
    needs={Severity.WARNING: (*AT_UPS, "accounts"), Severity.OK: (*AT_UPS, "accounts")},
    plural="apps",
    data=data,
)
