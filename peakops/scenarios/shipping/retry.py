"""
Have a shipment's label made once more, unless UPS has one already: that one is fetched instead, and none is made.

Refused where it would be refused again: what UPS said is corrected in the portal first, and then named by --corrected.
After a time-out nothing is sent again by itself; should a second label turn up, `peakops shipping void` takes it back.

Example: peakops shipping retry SHP-77 --dry-run
"""

from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.playbook.codes import plain
from peakops.scenario import Facts
from peakops.scenarios.arguments import Corrected, LabelFile
from peakops.scenarios.shipping import labelling, looks, parcel, recover, standing
from peakops.scenarios.shipping.check import SCENARIO

FINAL_KINDS = ("account", "shipper", "address", "service", "package")
"""Refusals that come again, however often it is tried, until something is corrected."""
OF_THE_PORTAL = ("credentials", "product")
"""Refusals of the portal's own app: peakops makes the label with another one."""
OWN_APP = (
    "The label is made with the credentials of peakops. Those of the portal were refused, and have to be set right."
)
CHARGED = "UPS charges the account for a label that is used; one that is not used can be voided: peakops shipping void"
MAY_BE_SECOND = (
    "The last attempt may have made a label that UPS does not show yet: then this one is the second, and "
    "'peakops shipping void' takes one of them back."
)
ONE_ACCOUNT = (
    "UPS was searched under the practice's present account alone: a label that was made under another one is not seen."
)
NOT_VALIDATED = "UPS's validation of the address is not known."


def propose(facts: Facts, *, to: LabelFile = None, corrected: Corrected = None) -> Proposal:
    """The label that is there is fetched; where there is none, it is made; then the portal notes it."""
    labelling.ours(facts)
    file = labelling.file_of(facts, to)
    again = labelling.repeated(to=to, corrected=corrected)
    if standing.live(facts):
        return _fetched(facts, file, again)
    _against(facts, corrected)
    labelling.new_file(file)
    actions = (_ship(facts, file), labelling.note(facts, {"of": 1, "field": "id"}, "with the number of the new label"))
    code = standing.stored(facts)
    lost = standing.last(facts) == "requested" or bool(code and standing.open_ended(code))
    unchecked = () if facts.known("address") and facts["address"] else (NOT_VALIDATED,)
    own = (OWN_APP,) if standing.refused(facts, *OF_THE_PORTAL) else ()
    other = (ONE_ACCOUNT,) if code and standing.kind(code) == "account" else ()
    notes = (*((MAY_BE_SECOND,) if lost else ()), *other, *own, CHARGED, *unchecked, labelling.saved(file))
    return Proposal(actions=actions, notes=notes, arguments=again)


def _fetched(facts: Facts, file: str, again: tuple[str, ...]) -> Proposal:
    if standing.status(facts) == "voided" and standing.held(facts) in standing.live(facts):
        says = f"{standing.held(facts)} is in force at UPS, though the portal stores it as voided."
        hint = f"Void it first: peakops shipping void {looks.called(facts)} --tracking {standing.held(facts)}"
        raise Refused(says, hint=hint, code="fix.still_in_force")
    return recover.proposal(facts, file, again)


def _against(facts: Facts, corrected: str | None) -> None:
    """Raises Refused where UPS would refuse the label again, or an attempt may still be under way."""
    again = "Correct it in the portal first, then run it again."
    if standing.under_way(facts):
        says = "The portal asked for a label less than two minutes ago, and the answer may still come."
        raise Refused(says, hint="Run it again in some minutes.", code="fix.under_way")
    if not (facts["practice"] and facts["practice"]["account"]):
        raise Refused("The practice has no UPS account number.", hint=again, code="fix.no_account")
    if says := parcel.unweighed(facts) or parcel.unfit(facts):
        raise Refused(says, hint=again, code="fix.not_corrected")
    _corrected(facts, corrected.strip() if corrected else None)


def _corrected(facts: Facts, named: str | None) -> None:
    """A refusal that would come again is named by its code, by whoever has corrected what it is about."""
    code = standing.stored(facts)
    if named and named != code:
        stored = f"'{code}'" if code else "none"
        says = f"--corrected names the code '{named}', and the portal stores {stored}."
        raise Refused(says, hint="Run the check again.", code="fix.other_code")
    valid = code and plain(code) in parcel.VALIDATED and parcel.covered(facts) and facts.known("address")
    if code and not named and not valid and standing.kind(code) in FINAL_KINDS:
        says = f"{standing.told(code)} It would be refused again."
        hint = f"Correct it in the portal, then: peakops shipping retry {looks.called(facts)} --corrected {code}"
        raise Refused(says, hint=hint, code="fix.not_corrected")


def _ship(facts: Facts, file: str) -> Action:
    row, id = facts["parcel"], str(facts["shipment"]["id"])
    return Action(
        via="ups",
        call="ship",
        params={
            "shipment": id,
            "reference": looks.called(facts),
            "account": facts["practice"]["account"],
            "service": row["service_code"],
            "ship_to": {"read": "shipping/recipient", "shipment": id, "as_seen": row["as_seen"]},
            "packages": [{"weight_lb": _plain(each)} for each in row["weights"]],
            "to": file,
        },
        target=f"label to {parcel.town(row)}, service {row['service_code']}, {len(row['weights'])} package(s)",
        was="none that UPS shows",
        becomes=f"made on account {facts['practice']['account']} and saved as {file}",
        undo=f"peakops shipping void {looks.called(facts)} --tracking NUMBER, before it is used",
    )


def _doubt(plan: Plan) -> str:
    """Of a plan that makes a label after a run whose outcome UPS does not show: that it may be the second."""
    return MAY_BE_SECOND if any(each.call == "ship" for each in plan.actions) else ""


def _plain(weight: float) -> Any:
    """A weight without the fraction that it does not have."""
    return int(weight) if weight == int(weight) else weight


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=(
        *("label_not_stored", "ups_credentials", "ups_product_missing", "ups_account", "ups_down", "invalid_address"),
        *("service_not_available", "package_invalid", "ups_rate_limited", "outcome_unknown", "voided"),
        "never_requested",
    ),
    settled=("labelled",),
    needs=("shipment", "parcel", "practice", "audit", "token", "by_reference", "tracked", "label"),
    grade=Grade.CONSEQUENTIAL,
    audit="shipping.label_made",
    subject=labelling.subject,
    propose=propose,
    further=("to", "corrected"),
    doubt=_doubt,
    happened=labelling.happened,
    own_guards=True,
)
