"""The ceiling that all of a crew share: even in time, and shut for everybody after a refusal."""

import threading
import time

from peakops.sources.rate import Ceiling


def test_a_refusal_holds_back_those_who_wait_already():
    """Of six that wait for their turn none asks before the pause is over, but those who had asked by then."""
    ceiling, asked = Ceiling(20), []

    def ask():
        ceiling.wait()
        asked.append(time.monotonic())

    crew = [threading.Thread(target=ask) for _ in range(6)]
    for each in crew:
        each.start()
    time.sleep(0.02)
    refused = time.monotonic()
    ceiling.lower(0.6)
    for each in crew:
        each.join()
    late = [each for each in asked if each > refused]

    assert len(late) >= 4
    assert min(late) - refused >= 0.6
