"""Where a run begins and ends: with as little as possible before the first import."""

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def run() -> None:
    """
    The console script.

    The garbage collector is off from the first import on, and what is there at the end is not swept: a quarter
    of a short run's time.
    """
    gc.disable()
    atexit.register(gc.freeze)
    _open_closed_streams()
    try:
        from peakops.cli import main

        _end(main())
    except KeyboardInterrupt:
        # Before the command line was read there is nobody to tell, and no format to tell it in.
        sys.exit(130)


def _end(code: int) -> NoReturn:
    """
    End the process, at once where a thread was left behind.

    It may be inside OpenSSL, which the interpreter's end would take away under it: a crash instead of an exit code.
    """
    threads = sys.modules.get("threading")
    if threads and threads.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            # Whoever had something to say has flushed it, and has told where that failed.
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _open_closed_streams() -> None:
    """Give a stream that was closed (`>&-`) to nobody, so that a file opened later does not take its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nobody = os.open(os.devnull, os.O_RDWR)
            os.dup2(nobody, number)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


if __name__ == "__main__":
    run()
