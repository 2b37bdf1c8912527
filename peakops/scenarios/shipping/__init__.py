"""Shipping labels: which UPS did not make, or which the portal does not know."""
