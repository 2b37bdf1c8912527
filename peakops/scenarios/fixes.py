"""What the fixes of people and invitations share. Pure."""

from peakops.errors import Refused
from peakops.scenario import Row


def named(row: Row, what: str) -> None:
    """
    Whether a subject was named so that it can be changed; `what` is what it is called.

    A masked address fits whoever is the only one left: enough to look at somebody, and not to change anything. Raises
    Refused for one.
    """
    if row["by_mask"]:
        says = "A masked address names nobody for sure, and nothing is changed by it."
        hint = f"Name the {what} by the id: {row['id']}." if row["id"] else f"Name the {what} by the whole address."
        raise Refused(says, hint=hint, code="fix.masked")
