"""The questions of `shipping check` about what is shipped, and where to: address, service, packages. Pure."""

from typing import Any

from peakops.playbook.codes import plain
from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.shipping import standing
from peakops.scenarios.shipping.labels import MADE, OTHER
from peakops.scenarios.shipping.looks import COVERED
from peakops.scenarios.shipping.standing import instead

VALIDATED = ("120202", "120205", "120206", "120207", "120802", "120804", "120805", "120806")
"""Refusals of what address validation checks too: street, city, state, postal code; not a name or a phone."""
SHOWN = 3
"""How many candidates a sentence names; the evidence has all."""


def address(facts: Facts) -> Outcome:
    if not standing.of_ups(facts) or standing.labelled(facts):
        return skip(MADE if standing.of_ups(facts) else OTHER)
    if missing := incomplete(facts):
        return found("invalid_address", f"The portal has no {missing} of it.", cause="incomplete", curable=False)
    code = standing.refused(facts, "address")
    if code and not _asked(facts):
        return found("invalid_address", f"{standing.told(code)} {_unchecked(facts)}", curable=False)
    if not code and not covered(facts):
        return skip(_unchecked(facts))
    checked = validation(facts)
    if checked["result"] == "none":
        says = f"UPS knows no such address in {town(facts['parcel'])}."
        return found("invalid_address", f"{standing.told(code)} {says}" if code else says, curable=False)
    if code:
        return _refused_before(facts, code, checked)
    return ok(f"UPS's validation: {checked['result']}, {checked['classification']}.")


def _refused_before(facts: Facts, code: str, checked: Row) -> Outcome:
    """UPS refused the address of the last attempt; whether it is the one that the portal has now, validation tells."""
    if checked["result"] == "ambiguous":
        return found("invalid_address", f"{standing.told(code)} {candidates(checked)}", curable=False)
    says = f"{standing.told(code)} UPS's validation accepts what the portal has now."
    if plain(code) in VALIDATED:
        return found("invalid_address", says, cause="accepted_now", **made_again(facts, "address_accepted"))
    words = instead("address_not_checked")
    return found("invalid_address", f"{says} It does not check names and phones.", instead=words, curable=False)


def ambiguity(facts: Facts) -> Outcome:
    if not standing.of_ups(facts) or standing.labelled(facts):
        return skip(MADE if standing.of_ups(facts) else OTHER)
    if not covered(facts) or incomplete(facts):
        return skip(_unchecked(facts))
    checked = validation(facts)
    if checked["result"] == "none" or standing.refused(facts, "address"):
        return skip("UPS does not accept it.")
    if checked["result"] == "ambiguous":
        return found("ambiguous_address", candidates(checked))
    return ok("UPS knows no other that could be meant.")


def service(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    if code := standing.refused(facts, "service"):
        says = f"Service {facts['parcel']['service_code']}. {standing.told(code)}"
        return found("service_not_available", says, curable=False)
    return ok(f"Service {facts['parcel']['service_code']}; nothing was refused for it.")


def package(facts: Facts) -> Outcome:
    if not standing.of_ups(facts) or standing.labelled(facts):
        return skip(MADE if standing.of_ups(facts) else OTHER)
    if says := unweighed(facts):
        words = instead("packages_unweighed")
        return found("package_invalid", says, cause="no_weight", instead=words, curable=False)
    if code := standing.refused(facts, "package"):
        return found("package_invalid", f"{_weighed(facts)}. {standing.told(code)}", curable=False)
    return ok(f"{_weighed(facts)}; nothing was refused for it.")


def unweighed(facts: Facts) -> str:
    """Why UPS would refuse the packages as they are; empty where that cannot be said."""
    weights = facts["parcel"]["weights"]
    if not weights:
        return "The portal has no package of it."
    return "" if all(each and each > 0 for each in weights) else "The portal has a package without a weight."


def _weighed(facts: Facts) -> str:
    weights = facts["parcel"]["weights"]
    return f"{len(weights)} package{'s' * (len(weights) != 1)}, {' + '.join(f'{each:g}' for each in weights)} lb"


def covered(facts: Facts) -> bool:
    """Whether UPS validates addresses of that country."""
    return facts["parcel"]["country"] in COVERED


def incomplete(facts: Facts) -> str:
    """What the portal's address lacks, without which there is no label; empty where it is complete."""
    row = facts["parcel"]
    wanted = {"street": row["lines"], "city": row["city"]}
    if covered(facts):
        wanted |= {"state": row["state"], "postal code": row["postal_code"]}
    return next((name for name, value in wanted.items() if not value), "")


def unfit(facts: Facts) -> str:
    """What is against the address as it is now; empty where nothing is known to be."""
    if missing := incomplete(facts):
        return f"The portal has no {missing} of the address."
    if not covered(facts) or not facts.known("address"):
        return ""
    checked = validation(facts)
    if checked["result"] == "ambiguous":
        return f"UPS finds the address ambiguous. {candidates(checked)}"
    return f"UPS knows no such address in {town(facts['parcel'])}." if checked["result"] == "none" else ""


def makeable(facts: Facts) -> bool:
    """Whether nothing known is against making a label now, of what the portal has and with the app of peakops."""
    if not facts.known("practice", "audit", "token", "by_reference", "tracked", "label"):
        return False
    account = facts["practice"]["account"] if facts["practice"] else None
    return bool(account) and not (unweighed(facts) or unfit(facts) or standing.under_way(facts))


def made_again(facts: Facts, words: str = "") -> dict[str, Any]:
    """Of a refusal that is over: that the label may be made now, with words for that; else what is to be done first."""
    if makeable(facts):
        return {"instead": instead(words) if words else {}}
    return {"instead": instead("else_first"), "curable": False}


def validation(facts: Facts) -> Row:
    """What UPS makes of the address. Raises Missing where that is not known."""
    row: Row = facts["address"] or {"result": "unknown", "classification": "unknown", "candidates": []}
    return row


def candidates(checked: Row) -> str:
    """The addresses that UPS knows instead, without their streets, which are personal."""
    listed = [town(each) for each in checked["candidates"]]
    if not listed:
        return "UPS finds it ambiguous, and names no candidate."
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    known = "address" if len(listed) == 1 else "addresses"
    return f"UPS knows {len(listed)} {known} instead: {'; '.join(listed[:SHOWN])}{more}."


def town(row: Row) -> str:
    """City, state and postal code."""
    state = " ".join(str(row[each]) for each in ("state", "postal_code") if row[each])
    return f"{row['city']}, {state}" if state else str(row["city"])


def _asked(facts: Facts) -> bool:
    return covered(facts) and facts.known("address")


def _unchecked(facts: Facts) -> str:
    if not covered(facts):
        return (
            f"UPS validates addresses of the US and Puerto Rico alone, and this one is in {facts['parcel']['country']}."
        )
    return "UPS's validation of it is not known."
