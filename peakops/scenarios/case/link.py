"""
Link a case to the one record of it that Salesforce has and the portal does not know; nothing is made there.

Refuses where there are several records, or where the one is on another account or another case's.

Example: peakops case link CASE-1042 --dry-run
"""

from peakops.errors import Refused
from peakops.fix import Fix, Grade, Proposal
from peakops.scenario import Facts
from peakops.scenarios.case import linking
from peakops.scenarios.case.check import SCENARIO
from peakops.scenarios.case.looks import SEARCHED


def propose(facts: Facts) -> Proposal:
    """The portal's row gets the record's id."""
    row = linking.only(facts)
    if row is None:
        raise Refused("Salesforce does not have exactly one record of it.", code="fix.not_one_record")
    return linking.linked(facts, row)


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("created_not_linked",),
    settled=("synced",),
    needs=SEARCHED,
    grade=Grade.REVERSIBLE,
    audit="case.linked",
    subject=linking.subject,
    propose=propose,
)
