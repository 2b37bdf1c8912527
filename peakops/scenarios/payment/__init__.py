"""The playbook's first section: payments."""
