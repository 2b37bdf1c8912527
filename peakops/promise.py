"""What a look will bring, and what a later look makes of it: promises that are kept as answers come in."""

import threading
from collections.abc import Callable
from typing import Any

from peakops.model import Evidence, Row


class Missing(Exception):
    """A check, or a look, needs an answer that was not had."""


class Answer:
    """What a look will bring; a field of it, or a function of it, makes a promise for a later look."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._done = threading.Event()
        self._evidence: Evidence | None = None

    def keep(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._done.set()

    def wait(self) -> Evidence:
        self._done.wait()
        assert self._evidence is not None, "keep() sets the evidence before the event"
        return self._evidence

    def __getitem__(self, key: str) -> "Promise":
        def pick(row: Row | None) -> Any:
            if row is None:
                raise Missing(f"It needs '{self.name}' first, and there is none.")
            return row[key]

        return Promise(self, pick)

    def then(self, pick: Callable[[Any], Any]) -> "Promise":
        """A promise of whatever `pick` makes of this look's value (None where there is no row)."""
        return Promise(self, pick)


class Promise:
    """A value that an earlier look must bring first: the invoice's PaymentIntent, say."""

    def __init__(self, answer: Answer, pick: Callable[[Any], Any], *instead: Any) -> None:
        self._answer, self._pick, self._instead = answer, pick, instead

    def otherwise(self, instead: Any) -> "Promise":
        """The same promise; where the earlier look is silent, `instead` (a value or a promise) keeps it."""
        return Promise(self._answer, self._pick, instead)

    def kept(self) -> Any:
        """The value, once it is there. Raises Missing when the earlier look was silent and nothing stands in."""
        evidence = self._answer.wait()
        if not evidence.error:
            return self._pick(evidence.value)
        for instead in self._instead:
            value = kept(instead)
            if value is not None or not isinstance(instead, Promise):
                return value
        first = "" if evidence.consequence else f"It needs '{evidence.name}' first: "
        raise Missing(f"{first}{evidence.error.message}")


def kept(param: Any) -> Any:
    """
    A look's parameter with every promise in it kept. Raises Missing.

    A tuple becomes one flat tuple of different values, without what was not there: ids from several looks.
    """
    match param:
        case Promise():
            return param.kept()
        case dict():
            return {key: kept(each) for key, each in param.items()}
        case list():
            return [kept(each) for each in param]
        case tuple():
            return tuple(dict.fromkeys(each for group in map(kept, param) for each in _several(group)))
    return param


def _several(value: Any) -> tuple[Any, ...]:
    several = value if isinstance(value, list | tuple) else (value,)
    return tuple(each for each in several if each is not None)
