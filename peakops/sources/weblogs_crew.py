"""The processes that count a log, and what they counted put together."""

import os
import random
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from peakops.errors import BadInput, PeakopsError, TimedOut, Unreachable
from peakops.sources.weblogs_count import PARTS, Counter
from peakops.sources.weblogs_counted import SUMS, Counted
from peakops.sources.weblogs_lines import Stretch
from peakops.sources.weblogs_record import Request
from peakops.sources.weblogs_tally import Tally
from peakops.sources.weblogs_worker import LENGTH, Head, Job

SEEDS = 4294967295
"""What PYTHONHASHSEED may be at most: both processes must give an id the same mark, and nobody else may know which."""


@dataclass
class Worker:
    """A process, and the end of its leash: it ends when that is closed."""

    process: "subprocess.Popen[bytes]"
    leash: int
    head: Head | None = None

    def frame(self, kind: Any) -> Any:
        """The next of what it tells. Raises EOFError where it ended before."""
        stdout = self.process.stdout
        assert stdout is not None, "it was started with a pipe"
        size = int.from_bytes(stdout.read(LENGTH))
        said = stdout.read(size)
        if not size or len(said) < size:
            raise EOFError
        return msgspec.msgpack.decode(said, type=kind)

    def clients(self) -> Iterator[tuple[str, Tally]]:
        """The clients, which end with the process."""
        while True:
            try:
                told = self.frame(list[tuple[str, Tally]])
            except EOFError:
                if self.process.wait():
                    raise
                return
            yield from told


def counted(stretches: Sequence[tuple[Stretch, ...]], deadline: float) -> Counted:
    """
    All of the stretches, each by a process of its own, as if one had read them one after the other.

    Raises BadInput for a file that cannot be read, TimedOut at the deadline, Unreachable where a process was killed.
    """
    with ExitStack() as stack:
        crew = [stack.enter_context(worker) for worker in _workers(stretches)]
        alarm = threading.Timer(max(0.0, deadline - time.monotonic()), _kill, (crew,))
        alarm.daemon = True
        alarm.start()
        stack.callback(alarm.cancel)
        try:
            return _joined(crew)
        except (EOFError, msgspec.MsgspecError):
            raise _ended(deadline) from None


def _ended(deadline: float) -> PeakopsError:
    if time.monotonic() >= deadline:
        return TimedOut("The log could not be read to its end in the time.", hint="Give more time with --timeout.")
    says = "A process that counts the log ended early: somebody killed it, or the memory did not suffice."
    return Unreachable(says, hint="Run it again, with fewer files at once.", code="weblogs.killed", source="weblogs")


def _workers(stretches: Sequence[tuple[Stretch, ...]]) -> Iterator[Any]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PEAKOPS_")}
    env = {**own, "PYTHONHASHSEED": str(random.SystemRandom().randint(1, SEEDS))}
    for number, each in enumerate(stretches):
        yield _worker(Job(each, second=number > 0, first_of_two=len(stretches) > 1 and not number), env)


@contextmanager
def _worker(job: Job, env: dict[str, str]) -> Iterator[Worker]:
    """
    A process with its job. It is no fork: threads of ours may hold locks, and it shall be small.

    -P, so that no module is taken from the folder that we happen to be in.
    """
    theirs, leash = os.pipe()
    command = [sys.executable, "-P", "-m", "peakops.sources.weblogs_worker", str(theirs)]
    process = subprocess.Popen(  # noqa: S603  (our own interpreter, and a module of ours)
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[theirs], env=env
    )
    os.close(theirs)
    try:
        os.write(leash, msgspec.json.encode(job) + b"\n")
        yield Worker(process, leash)
    finally:
        process.kill()
        process.communicate()
        os.close(leash)


def _kill(crew: list[Worker]) -> None:
    for each in crew:
        each.process.kill()


def _joined(crew: list[Worker]) -> Counted:
    heads: list[Head] = [each.frame(Head) for each in crew]
    for head in heads:
        if head.failed:
            raise BadInput(f"{head.failed}.", hint="Name files that can be read.")
    total = heads[0].counted
    repeated = _repeated(crew)
    total.addresses = dict(crew[0].clients())
    counter = Counter(total)
    for request in _held_back(heads):
        counter.add(request)
    if len(crew) > 1:
        edge = {mark for mark, _ in heads[1].edge if mark}
        repeated -= len(edge & heads[0].recent)
        _add(counter, heads[1].counted, crew[1])
    total.repeated = repeated
    return counter.counted


def _repeated(crew: list[Worker]) -> int:
    """How many marks there are twice, part by part: all of them at once would not fit."""
    twice = 0
    for parts in zip(*(_parts(each) for each in crew), strict=True):
        marks = array("q")
        for part in parts:
            marks.frombytes(part)
        twice += len(marks) - len(set(marks))
    return twice


def _parts(worker: Worker) -> Iterator[bytes]:
    for _ in range(PARTS):
        yield worker.frame(bytes)


def _held_back(heads: list[Head]) -> Iterator[Request]:
    """The requests at the border, each once, in their order, and those of which no row had a client."""
    recent = heads[0].recent
    waiting = dict(heads[0].waiting)
    if len(heads) > 1:
        for mark, request in heads[1].edge:
            waiting.pop(mark, None)
            if not mark or mark not in recent:
                yield request
        for mark, request in heads[1].waiting.items():
            if mark not in recent and not (mark in waiting and waiting[mark].status):
                waiting[mark] = request
    yield from waiting.values()


def _add(counter: Counter, later: Counted, worker: Worker) -> None:
    """Add what the second process counted to what there is."""
    total = counter.counted
    for name in SUMS:
        setattr(total, name, getattr(total, name) + getattr(later, name))
    total.where = total.where or later.where
    total.damaged = list(dict.fromkeys((*total.damaged, *later.damaged)))
    for minute, (requests, limited) in later.minutes.items():
        there = total.minutes.setdefault(minute, [0, 0])
        there[0], there[1] = there[0] + requests, there[1] + limited
    for of, more in ((total.answered_by, later.answered_by), (total.rules, later.rules)):
        for name, hits in more.items():
            of[name] = of.get(name, 0) + hits
    for names, others in ((total.paths, later.paths), (total.agents, later.agents)):
        for name, entry in others.items():
            known = names.setdefault(name, entry)
            if known is not entry:
                known.requests, known.limited = known.requests + entry.requests, known.limited + entry.limited
    for network, tally in later.networks.items():
        total.networks.setdefault(network, Tally()).merge(tally, joined=False)
    for address, tally in worker.clients():
        client = counter.client(address)
        client.merge(tally, joined=True)
