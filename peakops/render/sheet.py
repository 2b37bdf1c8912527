"""The figures of probed pages as one HTML page that asks for nothing: no script, no picture, no font of elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from peakops.render.phases import KINDS, PARTS, PHASES

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch for it: nothing; the styles stand in it."""
COLOURS = {
    "dns_ms": "#8e5bb5",
    "connect_ms": "#3b6fb6",
    "tls_ms": "#2a9aa5",
    "wait_ms": "#d99a1c",
    "download_ms": "#4c9a4a",
}
WIDE, HIGH = 640, 22
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .75rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.verdict { border-left: 4px solid #888; padding: .25rem 1rem; }
.critical { border-color: #c0392b; } .warning { border-color: #d99a1c; } .ok { border-color: #4c9a4a; }
.legend span { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; }
svg { display: block; max-width: 100%; } p { max-width: 46rem; }
"""
Document = Mapping[str, Any]
"""The envelope of `perf page`, cleaned at the door."""


def page(document: Document) -> str:
    """The whole page; every text in it is escaped."""
    return "".join(f"{each}\n" for each in _page(document))


def _page(document: Document) -> Iterator[str]:
    verdict = document["verdict"] or {"title": "No verdict", "code": "", "says": ""}
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
    yield f"<title>{text(verdict['title'])}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{text(verdict['title'])}</h1>"
    yield f'<p class="verdict {text(document["status"])}"><b>{text(verdict["code"])}</b> {text(verdict["says"])}</p>'
    yield f"<p>peakops perf page, {text(document['environment'])}, {text(document['started_at'])}. A probe fetches "
    yield "the document and the files that it names; it runs no script and draws nothing, so that it is no LCP.</p>"
    for each in document["data"].get("pages", ()):
        yield from _measured(each)
    yield from _vitals(document["data"].get("vitals"))
    yield from _findings(document["findings"])
    yield "</body></html>"


def _measured(each: Document) -> Iterator[str]:
    yield f"<section><h2>{text(each['measured'])}</h2>"
    if not each["kinds"]:
        yield f"<p>No answer: {text(each['ended'])}.</p></section>"
        return
    yield from _bars(each["kinds"])
    yield from _samples(each["kinds"])
    yield from _parts(each["parts"])
    told = {
        "HTTP": f"{each['status']}, {each['spoken']}",
        "Document": f"{_count(each['bytes'])} bytes as it travels, {_count(each['plain_bytes'])} unpacked",
        "Cache": f"{each['cache'] or 'not told'}, region {each['region'] or 'not told'}",
    }
    if each["bundle"]:
        told["Scripts and styles"] = f"{_count(each['bundle']['bytes'])} bytes, {each['bundle']['fetched']} fetched"
    yield from table((), list(told.items()))
    yield "</section>"


def _bars(kinds: Sequence[Document]) -> Iterator[str]:
    """One bar a kind of sample, its phases side by side, all to the scale of the longest."""
    scale = max(each["p50"]["total_ms"] for each in kinds) or 1
    yield f'<svg role="img" aria-label="phases" viewBox="0 0 {WIDE} {HIGH * len(kinds)}" width="{WIDE}">'
    for row, each in enumerate(kinds):
        left = 0.0
        for phase, (_, name, _) in PHASES.items():
            width = each["p50"][phase] / scale * WIDE
            yield (
                f'<rect x="{left:.1f}" y="{row * HIGH + 3}" width="{width:.1f}" height="{HIGH - 6}" '
                f'fill="{COLOURS[phase]}"><title>{KINDS[each["kind"]]}: {name} {each["p50"][phase]} ms</title></rect>'
            )
            left += width
        yield f'<text x="6" y="{row * HIGH + 15}" font-size="12" fill="#fff">{KINDS[each["kind"]]}</text>'
    yield "</svg>"
    keys = "".join(f'<span style="background:{COLOURS[phase]}"></span>{PHASES[phase][1]}' for phase in PHASES)
    yield f'<p class="legend">{keys}</p>'


def _samples(kinds: Sequence[Document]) -> Iterator[str]:
    head = ("p50 (p95), ms", "samples", *(name for _, name, _ in PHASES.values()), "total")
    rows = [
        (
            KINDS[each["kind"]],
            each["samples"],
            *(f"{each['p50'][name]} ({each['p95'][name]})" for name in (*PHASES, "total_ms")),
        )
        for each in kinds
    ]
    yield from table(head, rows)


def _parts(parts: Sequence[Document]) -> Iterator[str]:
    rows = [(PARTS[each["part"]], round(each["ms"]), f"{each['share'] * 100:.0f} %") for each in parts]
    yield from table(("what takes the time", "ms", "share"), rows)


def _vitals(vitals: Sequence[Document] | None) -> Iterator[str]:
    if vitals:
        yield "<section><h2>What visitors measured</h2>"
        rows = [(each["route"], each["metric"], each["p75"], each["count"], each["rating"] or "") for each in vitals]
        yield from table(("route", "metric", "p75", "measurements", "rating"), rows)
        yield "</section>"


def _findings(findings: Sequence[Document]) -> Iterator[str]:
    if not findings:
        return
    yield "<section><h2>Findings</h2>"
    for each in findings:
        yield f"<p><b>{text(each['title'])}</b> ({text(each['code'])}). {text(each['says'])} {text(each['do'])}</p>"
    yield "</section>"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A table with its head, where it has one; every cell is escaped."""
    yield "<table>"
    if head:
        yield f"<tr>{''.join(f'<th>{text(each)}</th>' for each in head)}</tr>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{text(each)}</td>' for each in row)}</tr>"
    yield "</table>"


def _count(number: int | None) -> str:
    return "an unknown number of" if number is None else f"{number:,}"


def text(value: Any) -> str:
    """A value as HTML shows it."""
    return escape("" if value is None else str(value), quote=True)
