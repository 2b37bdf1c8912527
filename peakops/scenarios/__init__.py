"""Every scenario of the playbook, in the playbook's order; each is imported when its group is used."""

SCENARIOS = (
    *("payment.check", "payment.duplicates", "payment.events", "payment.webhooks"),
    *("user.check", "invitation.check"),
    *("case.check", "case.mapping", "case.salesforce"),
    *("shipping.check", "shipping.address", "shipping.ups"),
    *("perf.check", "perf.db", "perf.query", "perf.index_propose"),
    *("notify.check", "notify.rates"),
    "perf.page",
)
"""By command: payment.check is peakops/scenarios/payment/check.py and `peakops payment check`."""
SWEEPS = ("payment.reconcile", "case.backlog", "shipping.backlog", "notify.sweep", "notify.practice")
"""Commands that judge many subjects by another scenario's checks; peakops/sweep.py and peakops/backlog.py do it."""
PRECONDITIONS = ("setup.check", "doctor.check")
"""Scenarios that no complaint leads to: a fix looks at its own precondition; the doctor at that of every command."""
FIXES = (
    *("payment.refund", "payment.cancel_hold", "payment.mark_paid"),
    *("user.resend_confirmation", "user.reset_password", "user.enable", "user.set_practice"),
    *("invitation.reissue", "invitation.revoke", "invitation.delete", "invitation.link"),
    *("case.retry", "case.link"),
    *("shipping.retry", "shipping.recover", "shipping.void"),
    *("notify.resend", "notify.release", "notify.allow", "notify.enable"),
    "setup.make",
)
"""By command likewise: payment.mark_paid is `peakops payment mark-paid`."""
