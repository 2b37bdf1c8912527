"""Opens an incident and adds events to another, as one of several processes: `incident_writer.py HOME NUMBER COUNT`."""

import sys
from pathlib import Path

from peakops import sandbox
from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.ledger import Ledger

HOME, NUMBER, COUNT = sys.argv[1:]
up = sandbox.ensure(Path(HOME))
ledger = Ledger(settings_of(up), write_keys_of(up), Path(HOME) / "writer", seconds=60)
shared = ledger.find(NUMBER)
for count in range(int(COUNT)):
    ledger.append(shared, "note", f"line {count}")
    print(ledger.open(f"INV-{count}", "warning", "One of many.").number)
for warning in ledger.warnings:
    print(warning, file=sys.stderr)
