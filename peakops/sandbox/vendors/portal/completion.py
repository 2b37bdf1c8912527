"""Checks a world's `portal` part, and fills in what a page does that says no more than its path."""

from datetime import datetime

from peakops.sandbox.refusals import mapping, only, refuse
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.objects import Object, number, objects, once, one_of, text
from peakops.sandbox.wire import State

PAGE = (
    *("path", "status", "location", "cache", "html_kb", "scripts", "styles"),
    *("wait_ms", "cold_ms", "db_ms", "external", "chunk_ms"),
)
ASSET = ("path", "kb")
CACHED = ("HIT", "PRERENDER", "STALE")
"""What Vercel says of a page that it has not made anew."""
CACHES = (*CACHED, "MISS", "BYPASS", "REVALIDATED")
REDIRECTED = (307, 301, 302, 303, 308)
"""How a page may send elsewhere; Next.js does it by the first."""
LONGEST_MS = 60_000
"""Longer than any probe waits."""
LARGEST_KB = 64 << 10


def complete(part: State, now: datetime) -> State:  # noqa: ARG001 - a page does not depend on the time
    """The world's part, checked; `kb` are sizes before they are compressed, and times add up to what a page takes."""
    only(part, RESOURCES["portal"], "portal", "resource")
    pages = [page(*each) for each in objects(part.get("pages", []), PAGE, "portal.pages")]
    once((each["path"] for each in pages), "portal.pages")
    sizes: dict[str, float] = {}
    for each in (asset for page in pages for asset in (*page["scripts"], *page["styles"])):
        if sizes.setdefault(each["path"], each["kb"]) != each["kb"]:
            refuse("portal.pages", f"{each['path']} has two sizes.")
    once((*(each["path"] for each in pages), *sizes), "portal.pages")
    return {"pages": pages}


def page(given: Object, place: str) -> Object:
    """A page with all that it may say; one with a location is a redirect."""
    external = mapping(given.get("external", {}), f"{place}.external")
    status = int(number(given, "status", place, 200, most=599))
    if status < 200:
        refuse(f"{place}.status", "must be a status of an answer, from 200 to 599.")
    return {
        "path": path(given, place),
        "status": status,
        "location": text(given, "location", place, ""),
        "cache": one_of(given, "cache", CACHES, place, "MISS"),
        "html_kb": number(given, "html_kb", place, 4, most=LARGEST_KB),
        "scripts": assets(given, "scripts", place),
        "styles": assets(given, "styles", place),
        **{name: number(given, name, place, 0, most=LONGEST_MS) for name in PAGE if name.endswith("_ms")},
        "external": {name: number(external, name, f"{place}.external", 0, most=LONGEST_MS) for name in external},
    }


def assets(given: Object, key: str, place: str) -> list[Object]:
    """The files that a page loads."""
    found = objects(given.get(key, []), ASSET, f"{place}.{key}")
    return [{"path": path(each, here), "kb": number(each, "kb", here, 1, most=LARGEST_KB)} for each, here in found]


def path(given: Object, place: str) -> str:
    """Where something is, from the portal's root."""
    value = text(given, "path", place)
    return value if value.startswith("/") else refuse(f"{place}.path", "must begin with a slash.")
