"""How incidents and their subjects are named."""

import re
from collections.abc import Sequence

from peakops.errors import BadInput, Exit, PeakopsError
from peakops.ledger.event import Incident
from peakops.redact import Door

NUMBER = re.compile(r"inc-([0-9]{1,9}|l-[0-9a-f]{4})", re.ASCII | re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class Ambiguous(PeakopsError):
    """A number means two incidents: stations without write access number by themselves."""

    exit_code, category, code = Exit.AMBIGUOUS, "ambiguous", "ambiguous"


def subject_of(text: str) -> str:
    """What an incident is about, as it is stored: a person as user:<uuid>. Raises BadInput for personal data."""
    subject = text.strip()
    if UUID.fullmatch(subject.lower().removeprefix("user:")):
        return f"user:{subject.lower().removeprefix('user:')}"
    if not subject or Door().line(subject) != subject:
        says = (
            "The subject is empty." if not subject else "The subject holds personal data, which no incident may hold."
        )
        raise BadInput(says, hint="Name a person by the id that 'peakops user check' tells, a payment by its number.")
    return subject


def distinct(here: Sequence[Incident], found: Sequence[Incident]) -> list[Incident]:
    """Each incident once: as Postgres has it where it is there, and rather with its id than by its number alone."""
    known, names = list[Incident](), set[str]()
    for each in (*found, *sorted(here, key=lambda each: not UUID.fullmatch(each.id))):
        # Where the id is known, it alone tells: two stations may have given the same number.
        if each.id not in names:
            known.append(each)
        names |= {each.id, each.number}
    return known


def names_of(incident: Incident) -> tuple[str, str]:
    """What an incident may be called by, as it is compared."""
    return incident.number.lower(), incident.id.lower()
