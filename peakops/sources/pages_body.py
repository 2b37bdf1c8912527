"""The body of a page's answer as it comes: counted, decompressed, and cut."""

import zlib

from peakops.sources.patience import LARGEST_BYTES

PLAIN = ("", "identity")
PACKED = ("gzip", "x-gzip", "deflate")
READABLE = ("", *PACKED)
"""How a body is packed that is ours to read, as it is told."""
EITHER_HEAD = zlib.MAX_WBITS | 32
"""zlib finds out by itself whether it is gzip or deflate."""


class Unpacked:
    """A body that is cut where it is too large either way: a bomb stays small."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding if encoding not in PLAIN else ""
        self.sent, self.plain, self.full = 0, bytearray(), False
        self._inflate = zlib.decompressobj(EITHER_HEAD) if encoding in PACKED else None

    def add(self, part: bytes) -> None:
        self.sent += len(part)
        room = LARGEST_BYTES - len(self.plain)
        if self._inflate:
            self.plain += self._inflate.decompress(part, max(1, room))
        elif not self.encoding:
            self.plain += part[:room]
        self.full = max(self.sent, len(self.plain)) >= LARGEST_BYTES
