"""
Fetch a label that UPS has already, save it to a file, and note its number in the portal; nothing is made or charged.

The file is ./SHP-77.gif, or what --to names; one that is there already is not written over.

Example: peakops shipping recover SHP-77 --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.fix import Action, Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.arguments import LabelFile
from peakops.scenarios.shipping import labelling, standing
from peakops.scenarios.shipping.check import SCENARIO


def propose(facts: Facts, *, to: LabelFile = None) -> Proposal:
    """The label is saved, and noted where the portal does not hold it."""
    labelling.ours(facts)
    return proposal(facts, labelling.file_of(facts, to), labelling.repeated(to=to))


def proposal(facts: Facts, file: str, arguments: tuple[str, ...]) -> Proposal:
    """The plan that gets a label which is there. Raises Refused where the file is there too."""
    labelling.new_file(file)
    held, numbers = standing.held(facts), standing.live(facts)
    number = held if held in numbers else numbers[0]
    actions = [_save(number, file)]
    if number != held or standing.status(facts) != "labelled":
        actions.append(labelling.note(facts, {"of": 1, "field": "id"}, number))
    return Proposal(actions=tuple(actions), notes=(labelling.saved(file),), arguments=arguments)


def _save(number: str, file: str) -> Action:
    return Action(
        via="ups",
        call="recover",
        params={"tracking_number": number, "to": file},
        target=f"label {number}",
        was="at UPS alone",
        becomes=f"saved as {file}",
        undo="Delete the file.",
    )


def holds(facts: Facts, options: Mapping[str, Any]) -> bool:
    """Of a label that both know: whether its file is there."""
    return labelling.exists(labelling.file_of(facts, options.get("to")))


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("label_not_stored", "labelled"),
    settled=("labelled",),
    needs=("shipment", "parcel", "by_reference", "tracked"),
    grade=Grade.REVERSIBLE,
    audit="shipping.label_recovered",
    subject=labelling.subject,
    propose=propose,
    further=("to",),
    holds=holds,
    happened=labelling.happened,
    shows=labelling.not_in_force,
    own_guards=True,
)
