"""What the fixes of a shipment share: how they name it, where a label's file goes, and how the portal notes it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Plan, Subject
from peakops.scenario import Facts
from peakops.scenarios.shipping import looks, standing

NOTED = "shipping/labelled"


def subject(facts: Facts) -> Subject:
    """The shipment, by its id and number."""
    row = facts["shipment"]
    return Subject(kind="shipment", id=str(row["id"]), name=looks.called(facts), practice_id=str(row["practice_id"]))


def file_of(facts: Facts, to: str | None) -> str:
    """Where the label is saved: the named file, else one that is called as the shipment, in the current folder."""
    return to.strip() if to and to.strip() else f"{re.sub(r'[^A-Za-z0-9_-]', '_', looks.called(facts))}.gif"


def repeated(**options: str | None) -> tuple[str, ...]:
    """The options that were given, as they are typed again."""
    given = [(f"--{name}", value.strip()) for name, value in options.items() if value and value.strip()]
    return tuple(each for pair in given for each in pair)


def exists(file: str) -> bool:
    """Whether there is such a file."""
    return not _unusable(file) and Path(file).expanduser().exists()


def new_file(file: str) -> None:
    """Raises Refused where it is there already, since no label is written over anything, or where it cannot be made."""
    hint = "Name another file with --to FILE."
    if wrong := _unusable(file):
        raise Refused(f"{file!r} {wrong}.", hint=hint, code="fix.no_file")
    if os.path.lexists(Path(file).expanduser()):
        says = f"{file} is there already, and nothing is written over it."
        raise Refused(says, hint=f"Move it away if it is of an older label. {hint}", code="fix.file_exists")


def _unusable(file: str) -> str:
    """Why no label can be saved there, whether or not something is there; empty where it can."""
    if file == "-" or not file.isprintable():
        return "is no name of a file: a label is not printed, but saved"
    try:
        path = Path(file).expanduser()
        path.exists()
    except (OSError, RuntimeError):
        return "cannot be a file"
    return "" if path.parent.is_dir() and os.access(path.parent, os.W_OK) else "is in no folder that can be written"


def ours(facts: Facts) -> None:
    """Raises Refused for a shipment that does not go with UPS."""
    if not standing.of_ups(facts):
        raise Refused("It does not go with UPS.", hint="Ask the carrier.", code="fix.other_carrier")


def note(facts: Facts, tracking: Any, told: str) -> Action:
    """The portal holds the number of a label, where it holds none, or one that is not in force."""
    was, number = standing.status(facts), standing.held(facts)
    return Action(
        via="database",
        call=NOTED,
        params={
            "shipment": str(facts["shipment"]["id"]),
            "tracking": tracking,
            "was_tracking": facts["shipment"]["tracking_number"],
        },
        target=f"shipment {looks.called(facts)}",
        was=f"{was}, {number or 'no tracking number'}",
        becomes=f"labelled, {told}; its error is cleared",
        undo=f"Set it to '{was}' again; the audit log keeps what it was.",
    )


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """
    Which steps of a plan that gets a label are done: UPS has it in force, and its file is there.

    Noting it is done too where the portal holds another number by now than the plan saw: its own, or this one.
    """
    label = next((each for each in plan.actions if each.at_vendor), None)
    noted = next((each for each in plan.actions if each.call == NOTED), None)
    numbers = standing.live(facts)
    wanted = label.params.get("tracking_number") if label else None
    number = wanted if wanted in numbers else _first(facts, numbers) if wanted is None else None
    if label is None or number is None or not exists(str(label.params["to"])):
        return {}
    done: dict[int, Mapping[str, Any]] = {1: {"id": number, "status": "found", "already": True}}
    if noted and facts["shipment"]["tracking_number"] != noted.params["was_tracking"]:
        done[2] = {"already": True}
    return done


def _first(facts: Facts, numbers: list[str]) -> str | None:
    """The label in force that the portal does not hold yet; the newest, where there are several."""
    fresh = [each for each in numbers if each != standing.held(facts)]
    return next(reversed(fresh), None) or next(iter(numbers), None)


def not_in_force(facts: Facts, plan: Plan) -> str:  # noqa: ARG001  (as every fix that says what it must show)
    """Why the look afterwards does not show a label that both know; empty where it does."""
    number = standing.held(facts)
    both = standing.status(facts) == "labelled" and number in standing.live(facts)
    return "" if both else f"shows the shipment as '{standing.status(facts)}', with {number or 'no number'}."


def saved(file: str) -> str:
    """Where the label is, and what a person does with it."""
    return (
        f"The label is in {file}. peakops does not know where the portal keeps its label files: put it there by hand."
    )
