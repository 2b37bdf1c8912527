"""What each system says of a shipment, side by side, and the same as data for scripts. Pure."""

from datetime import datetime
from typing import Any

from peakops.scenario import Facts
from peakops.scenarios import systems
from peakops.scenarios.shipping import parcel, standing
from peakops.scenarios.systems import Line
from peakops.scenarios.words import day


def truth(facts: Facts) -> list[dict[str, Any]]:
    """One line a system; `state` is None where it could not be read."""
    told = {
        "shipment": _shipment,
        "case": _case,
        "practice": _practice,
        "portal's log": _log,
        "labels at UPS": _labels,
        "address": _address,
        "UPS": _ups,
    }
    return systems.truth(facts, told)


def _shipment(facts: Facts) -> Line:
    row, status = facts["parcel"], standing.status(facts)
    number = standing.held(facts) or "no tracking number"
    error = f", error {row['error_code']}" if row["error_code"] else ""
    tried = f", last attempt {day(row['attempted_at'])}" if row["attempted_at"] else ""
    carrier = facts["shipment"]["carrier"]
    return status, f"{status}, {number}{error}{tried}; {carrier} {row['service_code']}, {row['direction']}"


def _case(facts: Facts) -> Line:
    row = facts["case"]
    return (row["status"], f"{row['case_number']}, {row['status']}") if row else ("none", "of no case")


def _practice(facts: Facts) -> Line:
    row = facts["practice"]
    return row["status"], f"{row['practice']}, {row['status']}; UPS account {row['account'] or 'missing'}"


def _log(facts: Facts) -> Line:
    newest = next(iter(facts["audit"]), None)
    if newest is None:
        return "none", "nothing of its label"
    state, code = str(newest["action"]).removeprefix("shipping."), f" with {newest['code']}" if newest["code"] else ""
    count = len(facts["audit"])
    return state, f"{state}{code}, {day(newest['created_at'])}; {count} line{'s' * (count != 1)} in all"


def _labels(facts: Facts) -> Line:
    if not standing.of_ups(facts):
        return "not asked", "not asked: another carrier"
    live = standing.live(facts)
    gone = [number for number in standing.labels(facts) if standing.voided(facts, number)]
    seen = {each: row["at"] for each, row in standing.labels(facts).items()}
    told = [f"{each} {'in force' if each in live else 'voided'}{_since(seen.get(each))}" for each in (*live, *gone)]
    return ("in force" if live else "voided" if gone else "none"), "; ".join(told) or "none that it shows"


def _since(at: datetime | None) -> str:
    return f", {day(at)}" if at else ""


def _address(facts: Facts) -> Line:
    place = f"{parcel.town(facts['parcel'])}, {facts['parcel']['country']}"
    if not standing.of_ups(facts) or not parcel.covered(facts) or parcel.incomplete(facts):
        return "not asked", f"{place}; not validated"
    checked = parcel.validation(facts)
    instead = f" {parcel.candidates(checked)}" if checked["result"] == "ambiguous" else ""
    return checked["result"], f"{place}; UPS's validation: {checked['result']}, {checked['classification']}.{instead}"


def _ups(facts: Facts) -> Line:
    facts["probe"]
    return "answers", "answers a cheap question"


def shipment(facts: Facts) -> dict[str, Any]:
    """The shipment in fields: where it stands, and what UPS has of it."""
    found, row = facts["shipment"], facts["parcel"]
    known = facts.known("by_reference", "tracked")
    return {
        "id": found["id"],
        "number": found["shipment_number"],
        "status": found["status"],
        "carrier": found["carrier"],
        "service": row["service_code"],
        "direction": row["direction"],
        "tracking_number": found["tracking_number"],
        "error_code": row["error_code"],
        "attempted_at": row["attempted_at"],
        "created_at": found["created_at"],
        "account": facts["practice"]["account"] if facts.known("practice") and facts["practice"] else None,
        "in_force": standing.live(facts) if known else None,
        "voided": [each for each in standing.labels(facts) if standing.voided(facts, each)] if known else None,
        "address": _validated(facts),
    }


def _validated(facts: Facts) -> dict[str, Any] | None:
    row = facts["address"] if facts.known("address") else None
    return {key: row[key] for key in ("result", "classification", "candidates")} if row else None


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    if not standing.of_ups(facts):
        says = f"It goes with {facts['shipment']['carrier']}, and peakops judges shipments with UPS alone."
        return f"{says} The portal stores it as '{standing.status(facts)}'."
    told = "; ".join(f"{each['system']}: {each['says'].rstrip('.')}" for each in truth(facts))
    code = standing.stored(facts)
    refusal = f"{standing.told(code)} " if code else ""
    number = standing.held(facts)
    if (
        standing.status(facts) == "labelled"
        and number
        and facts.known("by_reference", "tracked")
        and not standing.labelled(facts)
    ):
        refusal = f"UPS does not know {number}, or not any more: it forgets labels after some months. "
    return f"{refusal}{told}."
