"""
Runs a command line of peakops and kills itself with SIGKILL at the Nth step of the write path: `killed.py N args...`.

A step is the moment before or after a line of the journal, a transaction, or a call of Stripe's.
"""

import functools
import os
import signal
import sys

from peakops import journal
from peakops.cli import main
from peakops.sources import writers

AT, *ARGUMENTS = sys.argv[1:]
passed = 0


def step():
    global passed  # noqa: PLW0603  (a counter of the whole process)
    passed += 1
    if passed == int(AT):
        os.kill(os.getpid(), signal.SIGKILL)


def watched(call):
    @functools.wraps(call)
    def watching(*args, **kwargs):
        step()
        brought = call(*args, **kwargs)
        step()
        return brought

    return watching


journal.record = watched(journal.record)
writers.Writers.commit = watched(writers.Writers.commit)
writers.Writers.call = watched(writers.Writers.call)

code = main(ARGUMENTS)
sys.stderr.write(f"steps passed: {passed}\n")
sys.exit(code)
