"""
A process that counts one stretch of the log, and hands over what it counted in frames.

`python -m peakops.sources.weblogs_worker FD`: its job comes on the descriptor FD, and nothing more; when whoever
started it is gone, FD ends, and so does the process. The frames go to standard output: eight bytes of length, and
MessagePack. First a Head, then the marks of its requests in PARTS frames, then the clients, some at a time.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from peakops.sources.weblogs_count import Counter
from peakops.sources.weblogs_counted import Counted
from peakops.sources.weblogs_lines import DAMAGED, STDIN, Stretch, blocks
from peakops.sources.weblogs_record import Request

CLIENTS = 2_000
"""In a frame."""
LENGTH = 8


class Job(Struct):
    """What one process counts; `second` where another stretch lies before it."""

    stretches: tuple[Stretch, ...]
    second: bool = False
    first_of_two: bool = False


class Head(Struct):
    """What a stretch holds, without its clients; `failed` names a file that could not be read, and why."""

    counted: Counted
    edge: list[tuple[int, Request]] = []
    waiting: dict[int, Request] = {}
    recent: set[int] = set()
    failed: str = ""


def main() -> None:
    """Do the job that comes on the descriptor."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    watched = os.fdopen(int(sys.argv[1]), "rb", buffering=0)
    job = msgspec.json.decode(_line(watched), type=Job)
    threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
    out = sys.stdout.buffer
    for frame in frames(job):
        out.write(len(frame).to_bytes(LENGTH) + frame)
    out.flush()


def frames(job: Job) -> Iterator[bytes]:
    """Count, and tell; what was told is given back, so that both do not fill the memory at once."""
    encode = msgspec.msgpack.Encoder().encode
    counter = Counter(edge=job.second)
    failed = ""
    try:
        for stretch in job.stretches:
            counter.begin(stretch.file, whole=not stretch.start)
            _read(stretch, counter)
    except OSError as wrong:
        failed = f"{stretch.file}: {wrong.strerror or wrong}"
    addresses, counter.counted.addresses = counter.counted.addresses, {}
    recent = counter.recent() if job.first_of_two else set()
    yield encode(Head(counter.counted, counter.edge, counter.waiting, recent, failed))
    for part in counter.marks:
        yield encode(part.tobytes())
    names = list(addresses)
    for start in range(0, len(names), CLIENTS):
        yield encode([(each, addresses.pop(each)) for each in names[start : start + CLIENTS]])


def _read(stretch: Stretch, counter: Counter) -> None:
    """Count a stretch; of a damaged file what comes before the damage. Raises OSError."""
    try:
        for lines in blocks(stretch):
            counter.take(lines)
    except DAMAGED:
        counter.counted.damaged.append("standard input" if stretch.file == STDIN else Path(stretch.file).name)


def _line(watched: BinaryIO) -> bytes:
    said = b""
    while not said.endswith(b"\n") and (more := watched.read(1 << 16)):
        said += more
    return said


def _end_with(watched: BinaryIO) -> None:
    """Wait until the other end is closed: nobody wants the answer any more."""
    watched.read(1)
    os._exit(1)


if __name__ == "__main__":
    main()
