"""
The address that a shipment goes to: whether UPS knows it, what it knows instead, and what kind of place it is.

What UPS knows instead is told field by field, and is never taken over: the practice says which is meant.

Example: peakops shipping address SHP-77
"""

from functools import partial
from typing import Any

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.arguments import Shipped
from peakops.scenarios.shipping import looks, parcel, places
from peakops.scenarios.systems import Line, truth

ASKED = ("lines", "city", "state", "postal_code", "country")
SHOWN = 5
"""How many addresses a sentence tells of; the data has all."""
ABSENT, UNKNOWN = "The address is not complete.", "UPS does not know it."


def gather(look: Look, shipment: Shipped) -> None:
    """Declare the looks; UPS waits for the address, and is not asked where it would have nothing to say."""
    row = looks.shipment(look, shipment)
    goods = look.at("database", "parcel", "find", ways=[["shipping/parcel", {"id": row["id"]}]])
    look.at(looks.UPS, "address", "address", **{name: goods.then(partial(_part, name)) for name in ASKED})


def _part(name: str, row: Row | None) -> Any:
    """A part of the address, whatever the carrier; None of one that UPS does not validate."""
    return row[name] if row and row["country"] in looks.COVERED and row["lines"] else None


def complete(facts: Facts) -> Outcome:
    if missing := parcel.incomplete(facts):
        return found("address_incomplete", f"The portal has no {missing} of the address.")
    return ok(f"It goes to {parcel.town(facts['parcel'])}, {facts['parcel']['country']}.")


def covered(facts: Facts) -> Outcome:
    country = facts["parcel"]["country"]
    if not parcel.covered(facts):
        return found(
            "address_not_covered", f"UPS validates addresses of the US and Puerto Rico; this one is in {country}."
        )
    return ok(f"UPS validates addresses in {country}.")


def possible(facts: Facts) -> Outcome:
    if left := _left(facts):
        return left
    row = facts["parcel"]
    if places.belong(row["postal_code"], row["state"]) or (facts.known("address") and _result(facts) == "valid"):
        return ok(f"{row['postal_code']} can be of {row['state']}.")
    return found(
        "postal_code_mismatch",
        f"No postal code of {row['state']} begins with {row['postal_code'].strip()[0]}: {row['postal_code']}.",
    )


def known(facts: Facts) -> Outcome:
    if left := _left(facts):
        return left
    if _result(facts) == "none":
        return found("address_unknown", f"UPS knows no such address in {parcel.town(facts['parcel'])}.")
    return ok("UPS knows it, or something like it.")


def unambiguous(facts: Facts) -> Outcome:
    if left := _left(facts):
        return left
    if _result(facts) == "ambiguous":
        return found("address_ambiguous", _instead(facts))
    return skip(UNKNOWN) if _result(facts) == "none" else ok("UPS knows no other that could be meant.")


def _instead(facts: Facts) -> str:
    """The addresses that UPS knows instead, with what differs."""
    row, instead = facts["parcel"], parcel.validation(facts)["candidates"]
    if not instead:
        return "UPS finds it ambiguous, and names no other."
    listed = "; ".join(places.told(row, each) for each in instead[:SHOWN])
    more = f"; and {len(instead) - SHOWN} more" if len(instead) > SHOWN else ""
    return f"UPS knows {len(instead)} instead: {listed}{more}."


def same(facts: Facts) -> Outcome:
    if left := _left(facts):
        return left
    if _result(facts) != "valid":
        return skip("UPS does not take it as it is.")
    # How a street is abbreviated, and a postal code's last four digits, are not for people to correct; a town is.
    row = {**facts["parcel"], "postal_code": facts["parcel"]["postal_code"].strip()[: places.FIVE]}
    others = [each for each in parcel.validation(facts)["candidates"] if set(places.differences(row, each)) - {"lines"}]
    if others:
        return found("address_differs", f"UPS takes it, and writes it as {places.told(row, others[0])}.")
    return ok("UPS writes it in the same way.")


def settled(facts: Facts) -> Outcome:
    if left := _left(facts):
        return left
    checked = parcel.validation(facts)
    if checked["result"] != "valid":
        return skip("UPS does not take it as it is.")
    kind = checked["classification"]
    place = "It does not say what kind of place it is." if kind == "unknown" else f"It is {kind}."
    return found("address_valid", f"UPS knows the address in {parcel.town(facts['parcel'])}. {place}", cause=kind)


def _left(facts: Facts) -> Outcome | None:
    """The outcome where UPS was not asked."""
    if parcel.incomplete(facts):
        return skip(ABSENT)
    return None if parcel.covered(facts) else skip("UPS validates no address of that country.")


def _result(facts: Facts) -> str:
    """What UPS makes of it. Raises Missing where that is not known."""
    return str(parcel.validation(facts)["result"])


def _portal(facts: Facts) -> Line:
    row = facts["parcel"]
    lines = len(row["lines"])
    return "stored", f"{parcel.town(row)}, {row['country']}; {lines} line{'s' * (lines != 1)} of street"


def _ups(facts: Facts) -> Line:
    if parcel.incomplete(facts) or not parcel.covered(facts):
        return "not asked", "not asked"
    checked = parcel.validation(facts)
    instead = f"; knows {len(checked['candidates'])} instead" if checked["result"] == "ambiguous" else ""
    return checked["result"], f"{checked['result']}; kind of place: {checked['classification']}{instead}"


def data(facts: Facts) -> dict[str, Any]:
    """The stored address without the person, and what UPS knows instead, each with the fields that differ."""
    row = facts["parcel"]
    checked = facts["address"] if facts.known("address") else None
    stored = {name: row[name] for name in ASKED}
    validated = {
        "result": checked["result"] if checked else None,
        "classification": checked["classification"] if checked else None,
        "candidates": places.compared(row, checked["candidates"]) if checked else [],
    }
    said = {"shipment": looks.called(facts), **stored, **validated}
    return {"address": said, "truth": truth(facts, {"portal": _portal, "UPS": _ups})}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(complete, covered, possible, known, unambiguous, same, settled),
    subject=looks.FINDERS,
    needs={Severity.WARNING: ("shipment", "parcel", "address"), Severity.OK: ("shipment", "parcel", "address")},
    called=looks.called,
    plural="shipments",
    absent=looks.absent,
    candidate=looks.candidate,
    data=data,
)
