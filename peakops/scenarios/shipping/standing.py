"""How a shipment stands: the portal's row, the labels that UPS has for it, and what was refused. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from peakops import playbook
from peakops.model import Fault
from peakops.playbook.codes import code_row, plain
from peakops.scenario import Facts, Row
from peakops.scenarios.shipping.looks import UPS

LOST = ("timeout", "ETIMEDOUT", "ECONNRESET", "408", "504")
"""What the portal stores where it never heard UPS's answer, itself or a gateway: UPS may have made the label."""
STATUSES = {"401": "credentials", "403": "product", "429": "rate"}
"""The kind of a bare HTTP status, which the portal stores where UPS sent no code; from 500 on UPS is down."""
CATEGORIES = {"auth": "credentials", "permission": "product", "rate_limit": "rate"}
"""The kind of a refusal that our own looks met and whose code is not in the table."""
PRODUCTS = {
    "pointer": "tracking",
    "tracked": "tracking",
    "by_reference": "tracking",
    "label": "shipping",
    "address": "address validation",
    "probe": "address validation",
}
"""Which product of UPS's each look needs; the token needs none."""
LOOKS = ("token", *PRODUCTS)
SEVERAL = "ups.300001"
"""Label recovery by a reference that several labels carry."""
UNREAD = "other"
"""What sql/shipping/parcel.sql makes of an error that is no code."""
DONE = ("labelled", "voided")
"""The stored states in which an error of an earlier attempt says nothing any more."""
OPEN = ("pending", "failed")
"""The stored states in which a label is still to be made."""
GRACE = timedelta(minutes=2)
"""An attempt that is younger may still be under way: the portal waits no longer than that."""


def of_ups(facts: Facts) -> bool:
    """Whether the shipment goes with UPS; no other carrier is judged."""
    return bool(facts["shipment"]["carrier"] == UPS)


def status(facts: Facts) -> str:
    """The shipment's state as the portal stores it."""
    return str(facts["shipment"]["status"])


def held(facts: Facts) -> str | None:
    """The tracking number that the portal holds."""
    number = facts["shipment"]["tracking_number"]
    return str(number).upper() if number else None


def labels(facts: Facts) -> dict[str, Row]:
    """Every label that tracking shows, by number: those with its reference, and the one that the portal holds."""
    return {str(each["tracking_number"]).upper(): each for each in (*facts["by_reference"], *facts["tracked"])}


def live(facts: Facts) -> list[str]:
    """The numbers of the labels in force, oldest first. Raises Missing where tracking was silent."""
    shown = labels(facts)
    rows = [row for row in shown.values() if not row["voided"]]
    # A fresh label can be recovered before tracking shows it; a voided one cannot.
    fetched = facts["label"] if facts.known("label") else []
    unseen = [str(each["tracking_number"]).upper() for each in fetched if each["tracking_number"].upper() not in shown]
    ages = sorted(rows, key=lambda row: (row["at"] is None, row["at"], row["tracking_number"]))
    return list(dict.fromkeys([*(str(row["tracking_number"]).upper() for row in ages), *unseen]))


def none_live(facts: Facts) -> bool:
    """Whether UPS has no label in force. Raises Missing where tracking, or label recovery, was silent."""
    return not live(facts) and not facts["label"]


def labelled(facts: Facts) -> bool:
    """Whether a label in force is known, so that what is against making one does not matter."""
    return facts.known("by_reference", "tracked") and bool(live(facts))


def expected(facts: Facts) -> int:
    """How many labels there may be: one a package."""
    return max(1, len(facts["parcel"]["weights"]))


def surplus(facts: Facts) -> list[str]:
    """
    Of too many labels in force those that the portal does not hold; all but the first where it holds none.

    None of a shipment of several packages: their numbers do not tell which belong together.
    """
    numbers = live(facts)
    if len(numbers) <= expected(facts) or expected(facts) > 1:
        return []
    kept = held(facts) if held(facts) in numbers else numbers[0]
    return [each for each in numbers if each != kept]


def voided(facts: Facts, number: str) -> bool:
    """Whether UPS shows a label as taken back."""
    return bool(number in labels(facts) and labels(facts)[number]["voided"])


def several_hidden(facts: Facts) -> bool:
    """Whether label recovery knows several labels of which tracking does not show too many yet."""
    fault = facts.fault("label")
    return fault is not None and fault.code == SEVERAL and len(live(facts)) <= expected(facts)


def instead(name: str) -> Mapping[str, str]:
    """Words of the playbook that take the place of a row's own."""
    found: Mapping[str, str] = playbook.words("shipping")["instead"][name]
    return found


def words(code: str) -> Mapping[str, str]:
    """What the table says of a code of UPS's: kind, means, do; empty for one that it does not have."""
    return code_row("ups", plain(code))


def kind(code: str) -> str:
    """Whose matter a stored code is, as ups.toml has it; also lost (no answer was heard) and other."""
    if code in LOST:
        return "lost"
    if known := words(code):
        return known["kind"]
    return "down" if re.fullmatch(r"5\d\d", code) else STATUSES.get(code, "other")


def open_ended(code: str) -> bool:
    """Whether a label may have been made all the same: no answer was heard, or one that is no refusal, such as 500."""
    return code in LOST or (kind(code) == "down" and not words(code) and code != "503")


def stored(facts: Facts) -> str | None:
    """The code with which the portal's last attempt ended; None where it has none, or a label was made since."""
    if status(facts) in DONE:
        return None
    code: str | None = facts["parcel"]["error_code"]
    if code or status(facts) != "failed" or not facts.known("audit"):
        return code
    return next((each["code"] for each in facts["audit"] if each["code"]), None)


def refused(facts: Facts, *kinds: str) -> str | None:
    """The stored code where it is of one of these kinds, and no label is known that makes it a thing of the past."""
    code = None if labelled(facts) else stored(facts)
    return code if code and kind(code) in kinds else None


def told(code: str) -> str:
    """What UPS said to the portal's last attempt, as a sentence."""
    if code == UNREAD:
        return "The portal stored words instead of a code, which are not read: they may name a patient."
    means = words(code).get("means", "").rstrip(".")
    because = (
        f": {means[0].lower()}{means[1:]}" if means and not means.startswith("UPS") else f": {means}" * bool(means)
    )
    return f"The portal's last attempt was refused with code {code}{because}."


def met(facts: Facts, *kinds: str) -> tuple[str, Fault] | None:
    """The first of our own looks that UPS refused for such a reason, and the refusal."""
    for look in LOOKS:
        fault = facts.fault(look)
        if fault and _of_fault(facts, look, fault) in kinds:
            return look, fault
    return None


def _of_fault(facts: Facts, look: str, fault: Fault) -> str:
    """
    The kind of a refusal; empty for silence, which says nothing of UPS.

    An app without a product is refused as if its secret were wrong: but its token was given.
    """
    known = blamed(fault)
    return "product" if known == "credentials" and look != "token" and _granted(facts) else known


def blamed(fault: Fault) -> str:
    """The kind of a refusal as UPS tells it; empty for silence."""
    name, _, code = fault.code.partition(".")
    if name != UPS:
        return ""
    return words(code).get("kind") or CATEGORIES.get(fault.category) or _down(fault, code)


def _granted(facts: Facts) -> bool:
    """Whether UPS gives us a token, and a product to go with it: one that was kept may have been ended since."""
    return facts.known("token") and (facts.known("probe") or facts.known("by_reference"))


def _down(fault: Fault, code: str) -> str:
    """UPS answered that it cannot: a code of its own, or HTTP 500 and more; not a time-out, nor a broken connection."""
    return "down" if fault.category == "upstream" and (code.isdecimal() or code == "failed") else ""


def attempted(facts: Facts) -> datetime | None:
    """When a label was asked for last, by the portal's row or its log."""
    asked = [each["created_at"] for each in facts["audit"] if each["action"] == "shipping.label_requested"]
    return max((each for each in (facts["parcel"]["attempted_at"], *asked[:1]) if each), default=None)


def last(facts: Facts) -> str | None:
    """The last thing that the portal logged of its label: requested, failed or created."""
    return next((str(each["action"]).removeprefix("shipping.label_") for each in facts["audit"]), None)


def under_way(facts: Facts) -> bool:
    """Whether the last attempt is so young that its answer, or its label, may still come: it was not refused."""
    at, now = attempted(facts), facts.at("parcel")
    over = status(facts) == "voided" or (last(facts) == "failed" and stored(facts) not in LOST)
    return bool(at and now and now - at < GRACE) and not over
