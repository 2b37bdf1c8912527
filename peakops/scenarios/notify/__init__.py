"""Notifications: what a person was to be told, and did not hear."""
