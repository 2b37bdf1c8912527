"""What the portal's pages are made of: text of the size that a world says, which compresses as true pages do."""

import gzip
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from http import HTTPStatus

from peakops.sandbox.vendors.objects import Object

KIB = 1024
KEPT = 64
"""Files that are kept once they are made; a world has fewer."""
CALL = 'e.d(t,"%s",function(){return n("%s")});'
"""Minified code, of which two thirds is the same again and again: gzip makes a third of it, as it does of a bundle."""
DRAWN = 14
"""Letters of a name in it that no other has."""
ROW = '<tr class="border-b text-sm"><td>%s</td></tr>\n'


def document(status: int, base: str, kb: float, scripts: Iterable[Object], styles: Iterable[Object]) -> bytes:
    """A page of about this size, which loads the files with the base before their paths."""
    links = "".join(f'<link rel="stylesheet" href="{base}{escape(each["path"])}">' for each in styles)
    loads = "".join(f'<script src="{base}{escape(each["path"])}" defer></script>' for each in scripts)
    title = "Peak Dental Studio" if status < 400 else f"{status}: {phrase(status)}"
    head = f"<!DOCTYPE html><html lang=en><head><title>{title}</title>{links}</head><body><table>\n"
    tail = f"</table>{loads}</body></html>"
    return (head + filled(title, ROW, int(kb * KIB) - len(head) - len(tail)) + tail).encode()


def phrase(status: int) -> str:
    """The usual name of a status."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


@lru_cache(KEPT)
def asset(path: str, kb: float) -> bytes:
    """A script or a style sheet of this size, the same at each call."""
    return filled(path, CALL, int(kb * KIB)).encode().ljust(int(kb * KIB))


def filled(seed: str, line: str, size: int) -> str:
    """Lines of at most this many bytes, each with names of its own, which are the same at each call."""
    names = line.count("%s")
    count = max(0, size) // (len(line) + names * (DRAWN - 2))
    drawn = hashlib.shake_256(seed.encode()).hexdigest(count * names * DRAWN // 2)
    words = [drawn[start : start + DRAWN] for start in range(0, len(drawn), DRAWN)]
    return "".join(line % tuple(words[at : at + names]) for at in range(0, len(words), names))


@lru_cache(KEPT)
def squeezed(body: bytes) -> bytes:
    """The bytes as gzip makes them, the same at each call."""
    return gzip.compress(body, 6, mtime=0)
