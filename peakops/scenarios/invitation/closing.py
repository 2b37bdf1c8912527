"""What the fixes of an invitation share: how they name it, and how a pending one is closed. Pure."""

from peakops.errors import Refused
from peakops.fix import Action, Subject
from peakops.scenario import Facts, Row
from peakops.scenarios.fixes import named
from peakops.scenarios.invitation import looks, standing
from peakops.scenarios.words import day


def subject(facts: Facts) -> Subject:
    """The newest invitation, by id: the journal holds no address. Raises Refused where only a mask was given."""
    named(facts["invitation"], "invitation")
    id = str(facts["invitation"]["id"])
    practice = str(standing.newest(facts)["practice_id"])
    return Subject(kind="invitation", id=id, name=id, practice_id=practice, known_as=looks.called(facts))


def listed(facts: Facts) -> None:
    """Raises Refused where there are more invitations than were read: one that was not may be pending."""
    if facts.notes("invitations"):
        says = f"The address has more than {len(facts['invitations'])} invitations, and not all were read."
        raise Refused(says, hint="Ask the technical lead why there are so many.", code="fix.too_many")


def close(row: Row, becomes: str) -> Action:
    """A pending invitation ends as `becomes`, if it is pending still."""
    return Action(
        via="database",
        call="invitation/close",
        params={"invitation": str(row["id"]), "becomes": becomes},
        target=told(row),
        was=f"pending, until {day(row['expires_at'])}",
        becomes=f"{becomes}: its link works no longer",
        undo="Set it to 'pending' again, where no other one is.",
    )


def told(row: Row) -> str:
    """An invitation for people, without its address."""
    return f"invitation of {day(row['created_at'])} to {row['practice']} ({row['role']})"
