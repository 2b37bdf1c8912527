"""Work in threads that may be left behind: what does not answer in time must not keep anybody waiting."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """
    What `work` brings, in a thread of its own; raises what it raises, and TimeoutError where nothing comes in time.

    A time limit of a socket counts from byte to byte, and the look-up of a host's name has none at all.
    """
    heard: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            heard.put((work(), None))
        except BaseException as wrong:  # noqa: BLE001  (it is raised where it is waited for)
            heard.put((None, wrong))

    threading.Thread(target=run, daemon=True).start()
    try:
        brought, wrong = heard.get(timeout=max(0.0, seconds))
    except Empty:
        raise TimeoutError from None
    if wrong:
        raise wrong
    return brought  # type: ignore[return-value]  # without an error it is what work brought


def at_once(ways: Sequence[Callable[[], T]]) -> list[T]:
    """What every way brings, all at the same time, in the order given. Raises the first error once all are done."""
    brought: dict[int, T] = {}
    failed: dict[int, BaseException] = {}

    def run(index: int) -> None:
        try:
            brought[index] = ways[index]()
        except BaseException as wrong:  # noqa: BLE001  (it is raised where it is waited for)
            failed[index] = wrong

    # The first way runs here: most looks have one, and need no thread of their own for it.
    crew = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(1, len(ways))]
    for thread in crew:
        thread.start()
    if ways:
        run(0)
    for thread in crew:
        thread.join()
    if failed:
        raise failed[min(failed)]
    return [brought[index] for index in range(len(ways))]
