"""One table of the file, with what is wrong in it: each fault is a sentence with its line, and all are told at once."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from peakops.contacts.lines import Lines, Path
from peakops.contacts.shapes import Flaw

UNKNOWN_YET = ("tbd", "tba", "tbc", "t.b.d.", "todo", "to be determined", "to be defined")
"""What people write where they do not know yet, in lower case."""
LONGEST = 200
"""Characters of a sentence, which may hold a value."""
_IN_A_WORD = re.compile(r"\b(?:tbd|tba|tbc)\b", re.IGNORECASE)
_PLAIN = re.compile(r"[a-z0-9_-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def is_open(text: str) -> bool:
    """Whether a text only says that it is not known yet."""
    return text.strip().lower() in UNKNOWN_YET or bool(_IN_A_WORD.search(text))


def shown(path: Iterable[str]) -> str:
    """Names of keys and tables as they are told: what is none may be a person's name or address, and is not said."""
    return ".".join(each if _PLAIN.fullmatch(each) else "…" for each in path)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class Faults:
    """What was found wrong in one file."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.found: list[Flaw] = []

    def note(self, path: Path, says: str, hint: str = "", *, value: str = "", code: str = "malformed") -> None:
        """Note a fault of a table or key, or of a text in its value."""
        self.found.append(Flaw(code=code, line=self.lines.of(path, value), says=_cut(says), hint=_cut(hint)))

    def open(self, path: Path, says: str, value: str = "") -> None:
        """Note what is not known yet."""
        self.note(path, says, "Fill it in.", value=value, code="tbd")


class Table:
    """A table that is read key by key; what stands in it is checked as it is asked for."""

    def __init__(self, faults: Faults, path: Path, values: Mapping[str, Any]) -> None:
        self.path, self._values, self._faults = path, values, faults
        self.name = f"{shown(path)}." if path else ""

    def only(self, known: Collection[str]) -> None:
        """Note each key that nothing reads, with the nearest that is read."""
        for key in self._values:
            if key in known:
                continue
            near = get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"What is read: {', '.join(known)}."
            self.wrong(key, "nothing reads this key", hint)

    def wrong(self, key: str, says: str, hint: str = "", value: str = "") -> None:
        """Note a fault of a key: the sentence begins with its name."""
        self._faults.note((*self.path, key), f"{self.name}{shown((key,))}: {says}.", hint, value=value)

    def misnamed(self, says: str, like: str) -> None:
        """Note that the table's own name is none; it is not said again."""
        self._faults.note(self.path, f"A table of {self.path[0]} has a name that is none: {says}.", f"Like {like}.")

    def open(self, key: str, says: str = "is not known yet (TBD)", value: str = "") -> None:
        """Note that a key is not known yet."""
        self._faults.open((*self.path, key), f"{self.name}{key} {says}.", value)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def unknown_yet(self, key: str) -> bool:
        """Whether all that a key says is that it is not known yet."""
        value = self._values.get(key)
        return isinstance(value, str) and is_open(value)

    def text(self, key: str, *, needed: str = "") -> str:
        """
        A key's text, in one line; empty where it is missing, not known yet, or wrong.

        `needed` is the hint where it must be.
        """
        value = self._values.get(key)
        if isinstance(value, str) and is_open(value):
            self.open(key)
        elif isinstance(value, str) and value.strip():
            return " ".join(_CONTROL.sub(" ", value).split())
        elif value is not None and not isinstance(value, str):
            self.wrong(key, "it is no text", 'Write it in quotation marks: "…".')
        elif needed or value is not None:
            self.wrong(key, "it is empty" if self.has(key) else "it is missing", needed or "Leave the key out.")
        return ""

    def settled(self, key: str, *, needed: str = "") -> str:
        """As `text`, of a key whose value cannot be left open: what is called when would be another thing."""
        if self.unknown_yet(key):
            self.wrong(key, "it must be known before anybody can be called", "Decide on it, or leave the key out.")
        return self.text(key, needed=needed)

    def texts(self, key: str, hint: str) -> tuple[str, ...]:
        """A key's list of texts, as they are written; none where it is missing or wrong."""
        value = self._values.get(key, [])
        if isinstance(value, str) and is_open(value):
            self.open(key)
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(each.strip() for each in value)
        else:
            self.wrong(key, "it is no list of texts", hint)
        return ()

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """A key's text that is one of these; the first where it is missing."""
        text = self.settled(key)
        if text and text not in choices:
            self.wrong(key, f"'{text}' is none of {', '.join(choices)}", "Write one of them.")
        return text if text in choices else choices[0]

    def tables(self, key: str) -> dict[str, "Table"]:
        """The tables under a key, by name."""
        value = self._values.get(key, {})
        if not isinstance(value, Mapping):
            self._faults.note((key,), f"'{key}' is no table of tables.", f"Write [{key}.NAME], and the keys under it.")
            return {}
        found = {}
        for name, values in value.items():
            path = (*self.path, key, name)
            if isinstance(values, Mapping):
                found[name] = Table(self._faults, path, values)
            else:
                self._faults.note(path, f"{shown(path)} is no table.", f"Write [{key}.NAME], and the keys under it.")
        return found
