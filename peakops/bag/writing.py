"""Write a bag: every file once, hashed as it is written, and the whole as one step."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from peakops.bag import layout, seal
from peakops.errors import BadInput, Refused, UsageFault

Files = Iterable[tuple[str, Iterable[bytes]]]
TAKEN = (errno.EEXIST, errno.ENOTEMPTY)
"""How a rename fails where a folder has appeared meanwhile, and one that is not empty."""


class Made(NamedTuple):
    """A bag that was written: where, its payload's files and bytes, and the SHA-256 of its tag manifest."""

    path: Path
    files: int
    bytes: int
    digest: str


def write(folder: Path, files: Files, info: Mapping[str, str], *, key: str | None) -> Made:
    """
    Write the files into a new bag, each piece as it comes, and seal it where there is a key (PEM, Ed25519).

    It is written beside `folder` and takes its name when all of it is on the disk; whatever goes wrong, `files` itself
    included, leaves nothing. Only its owner may read it. Bagging-Date is today's unless `info` says another.

    Raises Refused where `folder` is there already, UsageFault where it cannot be written, BadInput for a name that a
    bag cannot hold, NotConfigured for a key that is none.
    """
    vacant(folder)
    try:
        with _beside(folder) as part:
            made = _filled(part, files, info, key)
            for each in (part, *(path for path in part.rglob("*") if path.is_dir())):
                _settled(each)
            _placed(part, folder)
        with contextlib.suppress(OSError):
            # It stands; whoever may write into a folder and not read it cannot wait for its names.
            _settled(folder.parent)
    except OSError as wrong:
        hint = "Make room there, or give another folder with --to."
        raise UsageFault(f"{folder} cannot be written: {wrong.strerror or wrong}.", hint=hint) from wrong
    except layout.Unfit as wrong:
        raise BadInput(f"A bag cannot hold this: {wrong}.") from wrong
    return made._replace(path=folder)


def vacant(folder: Path) -> None:
    """Whether a bag may be written there. Raises Refused where something is there, be it an empty folder."""
    if os.path.lexists(folder) or folder.name == "..":
        raise _taken(folder)


def _taken(folder: Path) -> Refused:
    return Refused(f"{folder} is there already, and nothing is written over.", hint="Give another folder with --to.")


def _placed(part: Path, folder: Path) -> None:
    """The finished bag in its place. Raises Refused where somebody has made a folder there meanwhile."""
    vacant(folder)
    try:
        part.rename(folder)
    except OSError as wrong:
        if wrong.errno in TAKEN:
            raise _taken(folder) from wrong
        raise


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder of ours where the bag will stand, gone when something goes wrong."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        yield part
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _filled(part: Path, files: Files, info: Mapping[str, str], key: str | None) -> Made:
    """The payload, then what describes it, then the seal."""
    payload: dict[str, str] = {}
    taken: dict[str, str] = {}
    size = 0
    (part / layout.PAYLOAD).mkdir(mode=0o700)
    for name, pieces in files:
        inside = f"{layout.PAYLOAD}/{layout.named(name)}"
        if (other := taken.setdefault(layout.folded(inside), inside)) != inside or inside in payload:
            raise layout.Unfit(f"{other!r} and {inside!r} are one name on other systems")
        payload[inside], length = _written(part / inside, pieces)
        size += length
    told = {layout.DATE: datetime.now(UTC).date().isoformat(), **info, layout.OXUM: f"{size}.{len(payload)}"}
    if key:
        told[layout.SEALED] = layout.SEAL
    texts = {
        layout.DECLARATION: layout.DECLARED,
        layout.INFO: layout.described(told),
        layout.MANIFEST: layout.lines(payload),
    }
    tags = layout.lines({name: _written(part / name, (text,))[0] for name, text in texts.items()})
    digest, _ = _written(part / layout.TAGS, (tags,))
    if key:
        _written(part / layout.SEAL, (seal.made(tags, key),))
    return Made(part, len(payload), size, digest)


def _written(path: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """A new file of these pieces, on the disk: its SHA-256 and its length in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    taken, length = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
            taken.update(piece)
            length += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return taken.hexdigest(), length


def _settled(folder: Path) -> None:
    """The names in a folder are on the disk too."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
