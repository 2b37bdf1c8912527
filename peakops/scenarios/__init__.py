"""Every scenario of the playbook, in the playbook's order; each is imported when its group is used."""

SCENARIOS = (
    *("payment.check", "payment.duplicates", "payment.events", "payment.webhooks"),
    *("user.check", "invitation.check"),
    *("security.investigate", "security.verify", "security.ratelimit"),
    *("security.blocks", "security.leases"),
    *("case.check", "case.mapping", "case.salesforce"),
    *("shipping.check", "shipping.address", "shipping.ups"),
    *("perf.check", "perf.db", "perf.query", "perf.index_propose"),
    *("notify.check", "notify.rates"),
    "perf.page",
    *("data.check", "data.log", "data.replay", "data.scan"),
    "contacts.check",
)
"""By command: payment.check is peakops/scenarios/payment/check.py and `peakops payment check`."""
SWEEPS = (
    *("payment.reconcile", "invitation.backlog", "case.backlog", "shipping.backlog", "notify.sweep"),
    *("notify.practice", "security.hunt"),
)
"""Commands that judge many subjects by another scenario's checks; peakops/sweep.py and peakops/backlog.py do it."""
PRECONDITIONS = (
    "setup.check",
    "doctor.check",
    "security.network",
    "security.rule",
    "security.evidence",
    "security.evidence_verify",
    "data.export",
    "cron.status",
)
"""Scenarios that no complaint leads to: a fix looks at its own precondition; the doctor at that of every command."""
FIXES = (
    *("payment.refund", "payment.cancel_hold", "payment.mark_paid"),
    *("user.resend_confirmation", "user.reset_password", "user.enable", "user.set_practice"),
    *("invitation.reissue", "invitation.revoke", "invitation.delete", "invitation.link"),
    *("case.retry", "case.link"),
    *("shipping.retry", "shipping.recover", "shipping.void"),
    *("notify.resend", "notify.release", "notify.allow", "notify.enable"),
    *("security.contain", "security.release"),
    *("security.block", "security.unblock", "security.limit", "security.restore"),
    "data.delete",
    "setup.make",
)
"""By command likewise: payment.mark_paid is `peakops payment mark-paid`."""
