"""The reports in which a fix may end: planned, changed, refused, or with nothing to do."""

from dataclasses import replace
from typing import Any

from peakops.errors import Exit, PeakopsError
from peakops.investigate import fault_of
from peakops.model import Report, Status
from peakops.plan import Plan, Step
from peakops.report import status_of


def planned(found: Report, plan: Plan) -> Report:
    """The report of a plan that was not carried out."""
    return replace(found, status=Status.PLANNED, exit_code=Exit.PLANNED, data=_data(found, plan), next=())


def _data(found: Report, plan: Plan | None, steps: tuple[Step, ...] = ()) -> dict[str, Any]:
    """What scripts are told of a fix: the plan, what of it was carried out, and the verdict that it acted on."""
    did = [
        {
            "step": each.number,
            "targets": [action.target for action in each.actions] or ["audit log"],
            "already": each.already,
            "brought": {key: value for key, value in each.brought.items() if key != "already"},
        }
        for each in steps
    ]
    return {
        "plan": plan.as_data() if plan else None,
        "steps": did,
        "before": found.verdict.code if found.verdict else None,
        "customer": plan.customer if plan else "",
    }


def changed(again: Report, plan: Plan, steps: tuple[Step, ...], found: Report, warnings: tuple[str, ...]) -> Report:
    """The report of a plan that was carried out: the verdict is that of the look afterwards."""
    return replace(
        again,
        status=Status.CHANGED,
        exit_code=Exit.OK,
        data=_data(found, plan, steps),
        next=tuple(each for each in again.next if not each.startswith(f"peakops {plan.fix} ")),
        warnings=(*again.warnings, *warnings),
        error=None,
    )


def unverified(changed: Report, wrong: PeakopsError) -> Report:
    """The report of a change that no look afterwards confirms."""
    return replace(changed, exit_code=wrong.exit_code, error=fault_of(wrong))


def partial(changed: Report, wrong: PeakopsError) -> Report:
    """The report of a change that is not all that is to be done."""
    return replace(changed, status=Status.PARTIAL, exit_code=wrong.exit_code, error=fault_of(wrong))


def refused(found: Report, plan: Plan | None, wrong: PeakopsError) -> Report:
    """The report of an investigation whose fix an error ended: what was found, planned and done, and the error."""
    status = {Exit.PARTIAL: Status.PARTIAL}.get(wrong.exit_code, status_of(wrong))
    data = _data(found, plan, getattr(wrong, "steps", ()))
    return replace(found, status=status, exit_code=wrong.exit_code, data=data, error=fault_of(wrong), next=())


def unknown(found: Report) -> Report:
    """The report where nothing can be said, and so nothing be done."""
    return replace(found, data=_data(found, None))


def nothing_to_do(found: Report) -> Report:
    """The report where the desired state holds already."""
    return replace(found, status=Status.OK, exit_code=Exit.OK, data=_data(found, None), next=())
