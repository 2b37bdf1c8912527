"""
Evidence that replays: what a check saw, kept in a file, judged again without asking anybody, and compared.

A recording is made of a report (`of_report`), written as text (`text`), read and held against its hashes (`read`), and
judged by today's rules (`judged`). docs/decisions/0026 says how masks keep the verdict.
"""

from peakops.recording.differences import Difference, between
from peakops.recording.document import Recorded, Recording, read, text
from peakops.recording.judging import judged, of_report, replayed, told

__all__ = ["Difference", "Recorded", "Recording", "between", "judged", "of_report", "read", "replayed", "text", "told"]
