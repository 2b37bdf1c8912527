"""The scripts and style sheets that a page names, each fetched once: the bundle, in bytes as they travel."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from typing import Any
from urllib.parse import SplitResult

from peakops.sources.pages_address import target
from peakops.sources.pages_body import READABLE
from peakops.sources.pages_walk import BASE, joined
from peakops.sources.pages_wire import HUNG_UP, Heard, Line, Silence

TAG = re.compile(rb"<(?:script|link)\b[^<>]{0,4000}>", re.IGNORECASE)
"""All that is read of a document: parsing 16 MiB of a long list whole would take the time of the probes."""
MOST_TAGS = 1000
MOST_FILES = 60
"""A page of Next.js names some twenty."""
BUNDLE_SECONDS = 6.0
"""What all files of a page may take: they are a beside, and the page's own probes must have their time."""
SHOWN = 3
SMALL_BYTES = 10_000
"""Below this it does not matter whether a file is compressed."""
STYLES = {"stylesheet"}
SCRIPTS = {"modulepreload"}


@dataclass(frozen=True, kw_only=True)
class Named:
    """One file that the page names."""

    url: SplitResult
    kind: str


class _Names(HTMLParser):
    """Reads tags for what they load, however broken they are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.named: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "script" and said.get("src"):
            self.named.append(("script", said["src"]))
        elif tag == "link" and said.get("href"):
            relations = set(said.get("rel", "").lower().split())
            preloaded = "preload" in relations and said.get("as", "").lower()
            if relations & STYLES or preloaded == "style":
                self.named.append(("style", said["href"]))
            elif relations & SCRIPTS or preloaded == "script":
                self.named.append(("script", said["href"]))


def bundle(page: SplitResult, heard: Heard, until: float) -> dict[str, Any] | None:
    """
    The files of a page's own host, fetched one after the other; None where the page is no HTML that can be read.

    Those of other hosts are counted alone: nothing is asked of a host that the operator did not name.
    """
    if "html" not in heard.headers.get("content-type", "").lower() or heard.packed not in READABLE:
        return None
    every = list(_named(page, heard.body))
    own = [each for each in every if (each.url.scheme, each.url.netloc) == (page.scheme, page.netloc)]
    began = time.perf_counter()
    fetched = list(_fetched(own[:MOST_FILES], min(until, time.monotonic() + BUNDLE_SECONDS)))
    good = [(each, answer) for each, answer in fetched if answer and answer.status == 200]
    return {
        "files": len(own),
        "fetched": len(good),
        "failed": sum(1 for _, answer in fetched if answer and _is_gone(answer.status)),
        "foreign": len(every) - len(own),
        "bytes": sum(answer.sent for _, answer in good),
        "script_bytes": sum(answer.sent for each, answer in good if each.kind == "script"),
        "plain_bytes": sum(len(answer.body) for _, answer in good),
        "uncompressed": sum(1 for _, answer in good if not answer.packed and answer.sent > SMALL_BYTES),
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "largest": [
            {"path": each.url.path[:200], "bytes": answer.sent}
            for each, answer in sorted(good, key=lambda pair: -pair[1].sent)[:SHOWN]
        ],
    }


def _is_gone(status: int) -> bool:
    """Whether nobody gets the file; a refusal may be ours alone, since it is asked for without the cookie."""
    return status in (404, 410) or status >= 500


def _named(page: SplitResult, body: bytes) -> Iterator[Named]:
    """Each file once, in the document's order."""
    reader = _Names()
    for tag in islice(TAG.finditer(_uncommented(body)), MOST_TAGS):
        reader.feed(tag[0].decode("utf-8", "replace"))
        reader.reset()
    seen = set()
    for kind, link in reader.named:
        there = joined(page, link.strip())
        if there and there.geturl() not in seen:
            seen.add(there.geturl())
            yield Named(url=there, kind=kind)


def _uncommented(body: bytes) -> bytes:
    """A document without its comments, which load nothing."""
    shown, *rest = body.split(b"<!--")
    return shown + b"".join(each.partition(b"-->")[2] for each in rest)


def _fetched(files: list[Named], until: float) -> Iterator[tuple[Named, Heard | None]]:
    """Each file with its answer, over one connection as long as it holds; None where none came in time."""
    line: Line | None = None
    for each in files:
        if time.monotonic() >= until:
            break
        try:
            line, answer = _asked(line, each, until)
        except Silence:
            line = None
            yield each, None
            continue
        yield each, answer
        if answer.closes:
            line.close()
            line = None
    if line:
        line.close()


def _asked(line: Line | None, file: Named, until: float) -> tuple[Line, Heard]:
    """A file's answer over the line, or a new one where the server closed that meanwhile. Raises Silence."""
    try:
        line = line or Line(file.url, until)
        return line, line.get(BASE, until, path=target(file.url))
    except Silence as silence:
        if silence.what != HUNG_UP:
            raise
    line = Line(file.url, until)
    return line, line.get(BASE, until, path=target(file.url))
