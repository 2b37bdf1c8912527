"""The playbook's emergency contacts: whether somebody can be called."""
