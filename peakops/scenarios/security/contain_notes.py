"""What to know before a containment is confirmed. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from peakops.scenario import Facts
from peakops.scenarios.doctor.left_out import several
from peakops.scenarios.security import access
from peakops.scenarios.user import person
from peakops.scenarios.words import day

CUT = (
    "To cut that short: (a) let the row-level security policies demand that the token's session_id is still in "
    "auth.sessions; (b) lower jwt_exp, which is for next time; (c) rotate the JWT signing key, which signs out "
    "everybody."
)
"""The three ways to end an access token early (facts on containment: PostgREST asks no one but the signature)."""
NO_RECORD = (
    "The team's schema is missing, so that the containment is recorded in the audit log and the journal alone, and "
    "'user enable' does not refuse: run 'peakops setup' once."
)
NO_TEAM_JOURNAL = (
    "The team's copies of other journals could not be read: what another station began is neither known nor closed."
)
NO_RIGHTS_KNOWN = (
    "Whether the role that writes may end sessions could not be asked: if not, nothing of that step is done."
)


def notes(facts: Facts) -> Iterator[str]:
    """Until when old tokens work and how to cut that, and what the containment does not cover or could not ask."""
    seconds, known = access.lifetime(facts)
    now = facts.at("accounts")
    if now and person.living(facts):
        until = day(now + timedelta(seconds=seconds))
        whence = (
            f"jwt_exp {seconds} s" if known else f"the default of {seconds} s is assumed; at most {access.MOST_S} s"
        )
        yield (
            "Access tokens that were issued keep working against the REST, Storage and Realtime APIs until about "
            f"{until} ({whence})."
        )
        yield CUT
    if facts.known("record") and not access.has_table(facts):
        yield NO_RECORD
    if person.account(facts) and not facts.known("rights"):
        yield NO_RIGHTS_KNOWN
    if not facts.known("team_changes"):
        yield NO_TEAM_JOURNAL
    if others := access.open_elsewhere(facts):
        yield f"The address has another account, which this does not contain: {several(others)}."
