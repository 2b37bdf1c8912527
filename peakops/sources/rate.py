"""How fast a vendor may be asked: a ceiling that all threads share, and that a refusal lowers for a while."""

import threading
import time

SLACK_S = 0.25
"""How much of the time that nobody asked may be made up for in one go."""
FACTOR = 0.5
"""What is left of the rate after a refusal."""
CALM_S = 5.0
"""How long nothing is refused before the rate goes up again by half."""
LEAST = 0.5
"""The lowest rate, in requests a second."""


class Ceiling:
    """At most so many requests a second, evenly, whoever asks."""

    def __init__(self, per_second: float) -> None:
        self.most = self.rate = per_second
        self._turn = self._changed = self._shut = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is one's turn to ask; after a refusal those who wait take a new turn behind the pause."""
        while not self._passed():
            pass

    def _passed(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self.rate < self.most and now - self._changed > CALM_S:
                self.rate, self._changed = min(self.most, self.rate * 1.5), now
            turn = max(self._turn, now - SLACK_S)
            self._turn = turn + 1 / self.rate
        time.sleep(max(0.0, turn - now))
        return time.monotonic() >= self._shut

    def lower(self, pause_s: float | None) -> None:
        """The vendor refused: nobody asks for `pause_s` (1 s if it does not say), and then half as often."""
        with self._lock:
            now = time.monotonic()
            if now - self._changed > 1 or self.rate == self.most:
                # Refusals of requests that were under way together count once.
                self.rate, self._changed = max(min(LEAST, self.most), self.rate * FACTOR), now
            self._shut = max(self._shut, now + (1.0 if pause_s is None else pause_s))
            self._turn = max(self._turn, self._shut)
