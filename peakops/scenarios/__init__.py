"""Every scenario of the playbook, in the playbook's order; each is imported when its group is used."""

SCENARIOS = ("payment.check", "payment.duplicates", "payment.events", "payment.webhooks")
"""By command: payment.check is peakops/scenarios/payment/check.py and `peakops payment check`."""
SWEEPS = ("payment.reconcile",)
"""Commands that judge many subjects by another scenario's checks; peakops/sweep.py does it."""
PRECONDITIONS = ("setup.check",)
"""Scenarios that no complaint leads to: a fix looks at its own precondition, and acts on that."""
FIXES = ("payment.refund", "payment.cancel_hold", "payment.mark_paid", "setup.make")
"""By command likewise: payment.mark_paid is `peakops payment mark-paid`."""
