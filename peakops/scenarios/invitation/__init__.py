"""Invitations: people who did not get theirs, or whose link has expired."""
