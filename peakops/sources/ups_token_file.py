"""The file in which runs beside each other share UPS's token: for its owner alone, written as a whole or not at all."""

import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME, LOCK = "ups-token.json", "ups-token.lock"
LARGEST_BYTES = 1 << 16
"""A few tokens of some two kilobytes each."""
TURN_S = 0.05
"""How often the lock is tried: flock has no time limit of its own."""
UNSHARED = "UPS's token cannot be kept in the state folder ({why}), so that every run asks for one of its own."


def key_of(url: str, client_id: str, secret: str) -> str:
    """The name of a token in the file: of one address and one pair of credentials, which it does not tell."""
    return hashlib.sha256(json.dumps([url, client_id, secret]).encode()).hexdigest()


class TokenFile:
    """
    The tokens in a folder, each by the name of its credentials.

    Whatever is wrong with it, nobody fails of it: what cannot be read is not there, and `trouble` says why it is not
    kept. A file of another owner, a link, and one that others may read are not believed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / NAME
        self.trouble = ""

    def read(self, key: str) -> Mapping[str, Any]:
        """What is kept under a name; empty where nothing is, or nothing that can be believed."""
        kept = self._all().get(key)
        return kept if isinstance(kept, dict) else {}

    def write(self, key: str, kept: Mapping[str, Any]) -> None:
        """Keep this under a name; what others keep stays, unless its time is over."""
        now = time.time()
        others = {name: each for name, each in self._all().items() if _later(each, now)}
        try:
            self._replace(json.dumps({**others, key: kept}))
        except OSError as wrong:
            self._troubled(wrong)

    @contextmanager
    def turn(self, deadline: float) -> Iterator[bool]:
        """
        The lock around asking for a token: false where somebody else has it until the deadline.

        Where there can be no lock there is no sharing either, and the turn is everybody's.
        """
        try:
            held = self._locked()
        except OSError as wrong:
            self._troubled(wrong)
            yield True
            return
        try:
            yield _waited_for(held, deadline)
        finally:
            os.close(held)

    def _all(self) -> dict[str, Any]:
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as opened:
                found = json.loads(opened.read(LARGEST_BYTES)) if _private(os.fstat(descriptor)) else None
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _replace(self, text: str) -> None:
        self._need_own_folder()
        part = self._folder / f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as new:
                new.write(text)
            part.replace(self._file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _locked(self) -> int:
        self._need_own_folder()
        return os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def _need_own_folder(self) -> None:
        """The folder, made where it is not there. Raises PermissionError where others could put a file in our place."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = self._folder.stat()
        if seen.st_uid != os.geteuid() or seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(0, "others may write into it")

    def _troubled(self, wrong: OSError) -> None:
        self.trouble = UNSHARED.format(why=wrong.strerror or "it cannot be written")


def _private(seen: os.stat_result) -> bool:
    """Whether it is a file of ours that nobody else may touch."""
    return stat.S_ISREG(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077


def _waited_for(held: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() + TURN_S >= deadline:
                return False
            time.sleep(TURN_S)
        else:
            return True


def _later(kept: Any, now: float) -> bool:
    until = kept.get("until") if isinstance(kept, dict) else None
    return isinstance(until, int | float) and until > now
