"""
Data deletion request: what is held on a person, table by table, and what a deletion would do with it.

Walks the database's own foreign keys and what refers to the person without one, then searches every text and JSON
column.

Example: peakops data check member@smilecare.example
"""

from peakops import playbook
from peakops.model import Row, Severity
from peakops.scenario import Facts, Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import Person
from peakops.scenarios.data import looks, standing
from peakops.scenarios.user.looks import absent, candidate, near

ESSENTIAL = (
    *("person", "accounts", "profiles", "references", "holdings", "audit", "erased", "holds", "incidents"),
    *("colleagues", "readiness"),
)
"""The looks without which nothing is deleted."""


def gather(look: Look, user: Person) -> None:
    """Declare the looks; all wait for the person alone."""
    looks.held(look, looks.person(look, user), None)


def data(facts: Facts) -> Row:
    """What is held and where else, for scripts."""
    return {
        "user_id": facts["person"]["id"],
        "held": standing.lines(facts),
        "named_in": [dict(each) for each in facts["residue"]] if facts.known("residue") else None,
        "outside": list(playbook.words("data")["outside"].values()),
    }


def searched(facts: Facts) -> bool:
    """Whether the search went through every table that may be read."""
    return facts.known("residue") and all(each["rows"] is not None for each in facts["residue"])


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        standing.hold,
        standing.incident,
        standing.classes,
        standing.obstacles,
        standing.returned,
        standing.owner,
        standing.holdings,
    ),
    subject=("person",),
    needs={
        Severity.WARNING: ESSENTIAL,
        Severity.OK: (*ESSENTIAL, "residue"),
    },
    brief=standing.summary,
    called=looks.named,
    plural="people",
    absent=absent,
    near=near,
    candidate=candidate,
    data=data,
    whole=searched,
)
