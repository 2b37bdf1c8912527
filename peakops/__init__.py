"""The operations playbook of the Peak Dental Studio Client Portal, as a command line."""

__version__ = "0.1.0"
