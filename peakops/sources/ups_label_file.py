"""The files that labels are saved to: each is new, and for its owner alone, since a label has a name and an address."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from peakops.errors import Refused, Unverified


class LabelFiles:
    """
    The place of a shipment's labels: the first is `to` itself, the second of to.gif is to-2.gif.

    It is found to be writable before a label is asked for. Until there are images, no file is left that a run which
    is killed could leave behind.
    """

    def __init__(self, to: str, count: int = 1) -> None:
        """Raises Refused where a file is there already, or the folder cannot be written."""
        first = _named(to)
        more = [first.with_name(f"{first.stem}-{number}{first.suffix}") for number in range(2, count + 1)]
        self.count, self._files = count, [first, *more]
        for file in self._files:
            if os.path.lexists(file):
                raise _refused(f"{file} is there already")
            try:
                _begun(file).unlink()
            except OSError as wrong:
                raise _refused(f"{file} cannot be written ({wrong.strerror})") from wrong

    def save(self, images: Sequence[bytes], number: str) -> None:
        """
        Put the images into the files, `number` being the first label's.

        Raises Unverified where that fails: the label is there, and can be had again.
        """
        try:
            for file, image in zip(self._files, images, strict=False):
                _written(file, image)
        except OSError as wrong:
            says = f"UPS has the label {number}, and {self._files[0]} could not be written: {wrong.strerror}."
            hint = "Run the same command again with another file: the label is found, and not made again."
            raise Unverified(says, code="ups.label_unsaved", hint=hint, source="ups") from wrong


def _named(to: str) -> Path:
    try:
        return Path(to).expanduser()
    except RuntimeError:
        raise _refused(f"{to} names a home folder that is not known") from None


def _begun(file: Path) -> Path:
    """A new and empty file beside `file`, for its owner alone."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    return part


def _written(file: Path, image: bytes) -> None:
    """The image under its name as a whole, or nothing of it."""
    part = _begun(file)
    try:
        with part.open("wb") as opened:
            opened.write(image)
            opened.flush()
            os.fsync(opened.fileno())
        _name(part, file)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _name(part: Path, file: Path) -> None:
    """Give the whole file its name; unlike a rename, this fails where a file of that name has appeared meanwhile."""
    try:
        file.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: claim the name first, then put the file in its place.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(file)


def _refused(what: str) -> Refused:
    hint = "Name another file with --to."
    return Refused(f"{what}; no label was asked for.", code="ups.label_file", hint=hint, source="ups")
