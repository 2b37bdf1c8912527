"""Every scenario of the playbook, in the playbook's order; each is imported when its group is used."""

SCENARIOS = ("payment.check",)
"""By command: payment.check is peakops/scenarios/payment/check.py and `peakops payment check`."""
