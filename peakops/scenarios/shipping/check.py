"""
Label generation failed: whether UPS made a label, who knows it, and what is against making one.

Looks at the shipment, its practice and log, and at UPS: labels by number and reference, the address, a cheap probe.

Example: peakops shipping check SHP-77
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import Shipped
from peakops.scenarios.shipping import labels, looks, parcel, refusals, sight


def gather(look: Look, shipment: Shipped) -> None:
    """Declare the looks; those at UPS wait for the shipment, its practice and what is shipped."""
    found = looks.shipment(look, shipment)
    pending.look_for(look, found, "shipment")
    goods = look.at("database", "parcel", "find", ways=[["shipping/parcel", {"id": found["id"]}]])
    practice = look.at("database", "practice", "find", ways=[["shipping/practice", {"id": found["practice_id"]}]])
    look.at("database", "case", "find", ways=[["shipping/case", {"id": found["case_id"]}]])
    look.rows("audit", "shipping/audit", id=found["id"])
    looks.at_ups(look, found, practice, goods)


NEEDED = ("shipment", "parcel", "practice")
"""What the mildest verdict rests on. A verdict that rests on UPS or on the log reads those looks itself."""

SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        labels.single,
        labels.stored,
        refusals.credentials,
        refusals.product,
        refusals.account,
        refusals.service_up,
        parcel.address,
        parcel.service,
        parcel.package,
        refusals.limit,
        parcel.ambiguity,
        labels.outcome,
        labels.voiding,
        labels.request,
        labels.settled,
    ),
    subject=looks.FINDERS,
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    brief=sight.brief,
    called=looks.called,
    plural="shipments",
    absent=looks.absent,
    candidate=looks.candidate,
    data=lambda facts: {"shipment": sight.shipment(facts), "truth": sight.truth(facts)},
)
