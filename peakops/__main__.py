"""Where a run begins and ends: with as little as possible before the first import."""

import atexit
import gc
import sys


def run() -> None:
    """
    The console script.

    The garbage collector is off from the first import on, and what is there at the end is not swept: a quarter
    of a short run's time.
    """
    gc.disable()
    atexit.register(gc.freeze)
    from peakops.cli import main

    sys.exit(main())


if __name__ == "__main__":
    run()
