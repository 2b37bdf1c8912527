"""What the fixes of an invoice share: how they name it, and which looks must have answered. Pure."""

from peakops.fix import Subject
from peakops.scenario import Facts

EVERYTHING = (
    *("invoice", "payments", "intent", "charges", "refunds", "disputes", "claims"),
    *("siblings", "sibling_charges", "sibling_refunds", "sibling_disputes"),
)
"""Money that was taken, given back, disputed or claimed elsewhere: each may speak against a change."""


def subject(facts: Facts) -> Subject:
    """The invoice, as a fix names it."""
    invoice = facts["invoice"]
    practice = str(invoice["practice_id"])
    return Subject(kind="invoice", id=str(invoice["id"]), name=invoice["invoice_number"], practice_id=practice)
