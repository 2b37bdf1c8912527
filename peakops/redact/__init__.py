"""What may leave the house: no secrets and control characters, personal data only masked; and what is one."""

from peakops.redact.door import Door, Open
from peakops.redact.shapes import REMOVED

__all__ = ["REMOVED", "Door", "Open"]
