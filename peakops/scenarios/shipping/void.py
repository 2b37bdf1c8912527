"""
Take a label back at UPS: of several the one that the portal does not hold, or the one that --tracking names.

A voided label cannot be used any more; UPS voids none that is on its way, or is too old.

Example: peakops shipping void SHP-77 --tracking 1Z… --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Facts
from peakops.scenarios.arguments import Voided
from peakops.scenarios.shipping import labelling, looks, standing
from peakops.scenarios.shipping.check import SCENARIO

NOTED = "shipping/voided"
WHOLE = (
    "The shipment has several packages: UPS voids the labels of all of them with the first one's number, and refuses "
    "the number of another one."
)


def propose(facts: Facts, *, tracking: Voided = None) -> Proposal:
    """Each label is voided at UPS; the portal notes it of the one that it holds."""
    labelling.ours(facts)
    numbers = _chosen(facts, _plain(tracking))
    actions = [_void(facts, each) for each in numbers]
    if standing.held(facts) in numbers and standing.status(facts) != "voided":
        actions.append(_note(facts))
    notes = (WHOLE,) if standing.expected(facts) > 1 else ()
    return Proposal(actions=tuple(actions), notes=notes, arguments=labelling.repeated(tracking=_plain(tracking)))


def _plain(tracking: str | None) -> str | None:
    return "".join(tracking.split()).upper() if tracking and tracking.strip() else None


def _chosen(facts: Facts, named: str | None) -> list[str]:
    """The labels to void. Raises Refused where none is named, and none is surplus."""
    live, known = standing.live(facts), standing.labels(facts)
    hint = f"Name one with --tracking: {', '.join(live)}." if live else "Run the check again."
    if named is None:
        extra = standing.surplus(facts)
        if not extra:
            says = "Which label is to be voided has to be said: none is surplus for sure."
            raise Refused(says, hint=hint, code="fix.name_the_label")
        return extra
    if named not in live and not (named in known and named == standing.held(facts)):
        raise Refused(f"UPS shows no label {named} of this shipment in force.", hint=hint, code="fix.no_such_label")
    return [named]


def _void(facts: Facts, number: str) -> Action:
    holds = number == standing.held(facts)
    return Action(
        via="ups",
        call="void",
        params={"shipment_id": number, "tracking_number": number},
        target=f"label {number}{', which the portal holds' if holds else ''}",
        was="voided" if standing.voided(facts, number) else "in force",
        becomes="voided: UPS neither carries nor charges it",
        final="A voided label cannot be used again; another one has to be made.",
    )


def _note(facts: Facts) -> Action:
    row = facts["shipment"]
    return Action(
        via="database",
        call=NOTED,
        params={"shipment": str(row["id"]), "tracking": row["tracking_number"]},
        target=f"shipment {looks.called(facts)}",
        was=f"{row['status']}, {row['tracking_number']}",
        becomes=f"voided, {row['tracking_number']}",
        undo=f"Set it to '{row['status']}' again.",
    )


def holds(facts: Facts, options: Mapping[str, Any]) -> bool:
    """Whether the named label, or a surplus one, is voided already, and the portal knows it."""
    named, noted = _plain(options.get("tracking")), standing.status(facts) == "voided"
    gone = [each for each in standing.labels(facts) if standing.voided(facts, each)]
    if named:
        return named in gone and (noted or named != standing.held(facts))
    if standing.surplus(facts):
        return False
    return (noted and not standing.live(facts)) or bool(set(gone) - {standing.held(facts)})


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The steps of a plan that are done: labels that UPS shows as voided, and a note that is no longer to be made."""
    done: dict[int, Mapping[str, Any]] = {}
    for number, actions in plan.steps():
        one = actions[0] if actions else None
        if one and one.at_vendor and standing.voided(facts, one.params["tracking_number"]):
            done[number] = {"id": one.params["tracking_number"], "status": "voided", "already": True}
        if one and one.call == NOTED and facts["shipment"]["tracking_number"] != one.params["tracking"]:
            done[number] = {"already": True}
    return done


def still_there(facts: Facts, plan: Plan) -> str:
    """Why the look afterwards does not show the labels as voided; empty where it does."""
    wanted = [each.params["tracking_number"] for each in plan.actions if each.at_vendor]
    left = [each for each in wanted if each in standing.live(facts)]
    return f"still shows {', '.join(left)} in force." if left else ""


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("two_labels", "label_not_stored", "voided", "labelled"),
    settled=("two_labels", "label_not_stored", "labelled", "voided"),
    needs=("shipment", "parcel", "by_reference", "tracked"),
    grade=Grade.CONSEQUENTIAL,
    audit="shipping.label_voided",
    subject=labelling.subject,
    propose=propose,
    own=("tracking",),
    holds=holds,
    happened=happened,
    shows=still_there,
    own_guards=True,
)
