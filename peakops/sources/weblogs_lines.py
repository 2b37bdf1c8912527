"""Files of log rows as blocks of whole lines: a stretch of a file, a packed file, standard input, a JSON array."""

import gzip
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from queue import Queue
from typing import BinaryIO

STDIN = "-"
GZIP = b"\x1f\x8b"
BLOCK = 1 << 17
"""Bytes that are read at once: a hundred lines, which stay in the processor's cache until they are counted."""
LINES = 100
"""That are taken from a file at once."""
AHEAD = 8
"""Blocks that are unpacked before they are asked for."""
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What a file raises that ends before it should, or whose bytes are not what was packed."""
LONGEST = 1 << 24
"""Bytes of a line beyond which it is no row of a log; it is passed over without being kept."""
BOM = b"\xef\xbb\xbf"
BETWEEN = re.compile(rb"(?<=\})\s*(?:,|\]\s*\[)\s*(?=\{)")
"""Between two rows of a JSON array, or of two arrays one behind the other."""
MOST_HELD = 16
"""Pieces of one row of an array, whose texts look like the ends of rows."""
TOO_LONG = b"a line that is longer than any row"

Read = Callable[[int], bytes]


@dataclass(frozen=True)
class Stretch:
    """A part of a file; without an end it is all of it, read from its beginning."""

    file: str
    start: int = 0
    end: int | None = None


def packed(file: str) -> bool:
    """Whether a file is gzip's, by its first bytes."""
    with Path(file).open("rb") as opened:
        return opened.read(2) == GZIP


def halves(files: tuple[str, ...], least: int) -> tuple[tuple[Stretch, ...], ...]:
    """
    The files in their order, cut into two stretches of about as many bytes; one where there is too little to do.

    Only files that can be read from the middle are cut: not standard input, not what gzip packed, no JSON array.
    """
    sizes = [Path(each).stat().st_size if each != STDIN else 0 for each in files]
    middle = sum(sizes) // 2
    if STDIN in files or sum(sizes) < least:
        return (tuple(map(Stretch, files)),)
    first, second, before = list[Stretch](), list[Stretch](), 0
    for file, size in zip(files, sizes, strict=True):
        cut = middle - before
        before += size
        if not 0 < cut < size:
            (first if cut >= size else second).append(Stretch(file))
        elif packed(file) or is_array(_head(file)):
            (first if cut > size // 2 else second).append(Stretch(file))
        else:
            first.append(Stretch(file, 0, cut))
            second.append(Stretch(file, cut, size))
    return tuple(tuple(each) for each in (first, second) if each)


def is_array(head: bytes) -> bool:
    """Whether a file that begins so is one JSON array, and not an array in each line."""
    head = head.removeprefix(BOM).lstrip()
    return head.startswith(b"[") and not re.match(rb"\[[^\n]*\][ \r]*\n", head)


def _head(file: str) -> bytes:
    with Path(file).open("rb") as opened:
        return opened.read(BLOCK)


def blocks(stretch: Stretch) -> Iterator[list[bytes]]:
    """
    The lines of a stretch, block by block; of an array, its elements.

    A line belongs to the stretch in which it begins. Raises OSError, and DAMAGED where there should be more.
    """
    if stretch.file == STDIN:
        # A descriptor, and not sys.stdin: whoever started us may have closed that.
        with open(0, "rb", closefd=False) as plain:
            is_packed = plain.peek(2)[:2] == GZIP
            yield from _whole((gzip.GzipFile(fileobj=plain) if is_packed else plain).read1)
        return
    if packed(stretch.file):
        with gzip.open(stretch.file) as opened:
            yield from _whole(_ahead(opened.read))
        return
    with Path(stretch.file).open("rb", buffering=BLOCK) as opened:
        if stretch.end is None:
            yield from _whole(opened.read)
            return
        if stretch.start:
            opened.seek(stretch.start - 1)
            # What begins before the stretch belongs to the one before it.
            while (before := opened.readline(BLOCK)) and not before.endswith(b"\n"):
                pass
        yield from _until(stretch.end, opened)
        if opened.tell() < stretch.end:
            raise EOFError


def _ahead(read: Read) -> Read:
    """Unpack in a thread, while the rows before are counted: zlib lets go of the interpreter meanwhile."""
    ready: Queue[bytes | Exception] = Queue(AHEAD)

    def unpack() -> None:
        try:
            while block := read(BLOCK):
                ready.put(block)
            ready.put(b"")
        except (OSError, *DAMAGED) as wrong:
            ready.put(wrong)

    def take(size: int) -> bytes:  # noqa: ARG001  (as read has it; a block is a block)
        block = ready.get()
        if isinstance(block, Exception):
            raise block
        if not block:
            ready.put(b"")
        return block

    threading.Thread(target=unpack, daemon=True).start()
    return take


def _whole(read: Read) -> Iterator[list[bytes]]:
    head = read(BLOCK)
    while len(head) < BLOCK and (more := read(BLOCK - len(head))):
        head += more
    began = [head.removeprefix(BOM)]

    def again(size: int) -> bytes:
        return began.pop() if began else read(size)

    yield from _elements(again) if is_array(head) else _lines(again)


def _until(end: int, opened: BinaryIO) -> Iterator[list[bytes]]:
    """
    The lines that begin before this byte. Twice as fast as cutting blocks, which only a file can do: a line is copied
    once. What is longer than a block comes in pieces.
    """
    read = iter(partial(opened.readline, BLOCK), b"")
    while (left := end - opened.tell()) > 0 and (pieces := list(islice(read, max(1, min(LINES, left // BLOCK))))):
        if not pieces[-1].endswith(b"\n"):
            pieces += _to_its_end(read)
        yield pieces if max(map(len, pieces)) < BLOCK else _whole_lines(pieces)


def _to_its_end(read: Iterator[bytes]) -> Iterator[bytes]:
    """The other pieces of a line, of which those beyond the longest are not kept."""
    kept = 0
    for piece in read:
        if kept <= LONGEST:
            yield piece
        kept += len(piece)
        if piece.endswith(b"\n"):
            return


def _whole_lines(pieces: list[bytes]) -> list[bytes]:
    lines = b"".join(pieces).removesuffix(b"\n").split(b"\n")
    return [TOO_LONG if len(each) > LONGEST else each for each in lines]


def _lines(read: Read) -> Iterator[list[bytes]]:
    """The lines of whatever can be read, and not be told how far."""
    rest, lost = b"", False
    while block := read(BLOCK):
        lines = block.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        if lost and lines:
            lines[0], lost = TOO_LONG, False
        lost = lost or len(rest) > LONGEST
        rest = b"" if lost else rest
        yield lines
    if rest or lost:
        yield [TOO_LONG if lost else rest]


def _elements(read: Read) -> Iterator[list[bytes]]:
    """The elements of an array of rows, or of several arrays one behind the other."""
    rest, first = b"", True
    while more := _as_much(read, len(rest)):
        pieces = BETWEEN.split(rest + more)
        if first:
            pieces[0], first = pieces[0].lstrip().removeprefix(b"["), False
        rest = pieces.pop()
        whole, held = _rejoined(pieces)
        rest = held + rest
        if len(rest) > LONGEST:
            whole, rest = [*whole, TOO_LONG], b""
        yield whole
    if rest := rest.rstrip().removesuffix(b"]"):
        yield [rest]


def _as_much(read: Read, least: int) -> bytes:
    """A block, or, behind a long beginning of a row, as much again: else that would be looked through for each."""
    found = [read(BLOCK)]
    size = len(found[0])
    while found[-1] and size < least:
        found.append(read(BLOCK))
        size += len(found[-1])
    return b"".join(found)


def _rejoined(pieces: list[bytes]) -> tuple[list[bytes], bytes]:
    """
    Rows that were cut within a text, which looked like the end of one, are put together; and what is not whole yet.

    A piece that holds half of a text has an odd number of quotes. Where a row is broken nothing makes it whole: after
    some more pieces it is given up, and they stand for themselves.
    """
    whole, held = list[bytes](), list[bytes]()
    for piece in pieces:
        if not held and not _is_half(piece):
            whole.append(piece)
            continue
        held.append(piece)
        if len(held) > 1 and _is_half(piece):
            whole.append(b",".join(held))
            held.clear()
        elif len(held) > MOST_HELD:
            whole += held
            held.clear()
    return whole, b"".join(each + b"," for each in held)


def _is_half(piece: bytes) -> bool:
    bare = piece.replace(rb"\\", b"") if b"\\" in piece else piece
    return bool((bare.count(b'"') - bare.count(rb"\"")) % 2)
