"""The portal's own pages, as the sandbox serves them in Vercel's place: how long each takes, and how much it sends."""

import hashlib

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.portal.completion import CACHED, REDIRECTED, complete
from peakops.sandbox.vendors.portal.documents import asset, document, squeezed
from peakops.sandbox.vendors.vercel.envelope import request_id
from peakops.sandbox.wire import Answer, Request, State

NAME = "portal"
DEEPEST = 8
"""How many parts a path may have; a fault's route can name any of them."""
ROUTES: tuple[tuple[str, str], ...] = tuple(
    (method, "/" + "/".join(f"{{part{number}}}" for number in range(depth)))
    for method in ("GET", "HEAD")
    for depth in range(DEEPEST + 1)
)
BASE = f"/{NAME}"
"""What the server puts before each path; pages link and redirect below it, as Next.js does by its basePath."""
FRESH = "private, no-cache, no-store, max-age=0, must-revalidate"
REVALIDATED = "public, max-age=0, must-revalidate"
FOREVER = "public,max-age=31536000,immutable"
HTML = "text/html; charset=utf-8"
KEPT_S = 3600
"""The age of what comes from the cache."""


def handle(state: State, request: Request) -> Answer:
    """A page, a script or a style sheet that the world lists; anything else is Vercel's 404."""
    if request.method not in ("GET", "HEAD"):
        return Answer(status=405, body=document(405, BASE, 1, (), ()), headers={"Content-Type": HTML})
    for page in state["pages"]:
        if page["path"] == request.path:
            return redirected(page, request) if page["location"] else shown(page, request)
        for each in (*page["scripts"], *page["styles"]):
            if each["path"] == request.path:
                return sent(asset(each["path"], each["kb"]), request, kind_of(each["path"]), "HIT", FOREVER)
    headers = {**vercel("MISS", request), "X-Vercel-Error": "NOT_FOUND", "Content-Type": HTML}
    return Answer(status=404, body=document(404, BASE, 1, (), ()), headers=headers)


def shown(page: Object, request: Request) -> Answer:
    """A page, after the time that it takes."""
    took_s = begun(page)
    body = document(page["status"], BASE, page["html_kb"], page["scripts"], page["styles"])
    answer = sent(body, request, HTML, page["cache"], REVALIDATED if page["cache"] in CACHED else FRESH)
    return Answer(
        status=page["status"] if answer.status == 200 else answer.status,
        body=answer.body,
        headers={**answer.headers, **timing(page)},
        after_s=took_s,
        pause_s=page["chunk_ms"] / 1000,
    )


def redirected(page: Object, request: Request) -> Answer:
    """To another page of the portal's, or to another host where the location is a whole address."""
    location = page["location"] if "://" in page["location"] else BASE + page["location"]
    headers = {**vercel("MISS", request), "Location": location, "Content-Type": "text/plain", "Cache-Control": FRESH}
    status = page["status"] if page["status"] in REDIRECTED else REDIRECTED[0]
    return Answer(status=status, body=b"Redirecting...", headers=headers, after_s=begun(page))


def begun(page: Object) -> float:
    """The seconds that a page takes: its own work, the database, others, and the first time its function's start."""
    took_ms = page["wait_ms"] + page["db_ms"] + sum(page["external"].values()) + page["cold_ms"]
    page["cold_ms"] = 0
    return float(took_ms) / 1000


def timing(page: Object) -> dict[str, str]:
    """Server-Timing: the database and who else was asked, each with its milliseconds."""
    parts = {**({"db": page["db_ms"]} if page["db_ms"] else {}), **page["external"]}
    return {"Server-Timing": ", ".join(f"{name};dur={ms:g}" for name, ms in parts.items())} if parts else {}


def sent(body: bytes, request: Request, kind: str, cache: str, control: str) -> Answer:
    """Bytes as Vercel sends them: compressed where the client takes that, and not again where it has them."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**vercel(cache, request), "Content-Type": kind, "Cache-Control": control, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Answer(status=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Answer(body=body, headers={**headers, "Vary": "Accept-Encoding"})
    return Answer(body=squeezed(body), headers={**headers, "Vary": "Accept-Encoding", "Content-Encoding": "gzip"})


def vercel(cache: str, request: Request) -> dict[str, str]:
    """The headers that each answer of Vercel's carries."""
    return {
        "Server": "Vercel",
        "X-Vercel-Cache": cache,
        "X-Vercel-Id": request_id(request),
        "Age": str(KEPT_S if cache in CACHED else 0),
        "Strict-Transport-Security": "max-age=63072000",
    }


def kind_of(path: str) -> str:
    """The type of a script or a style sheet."""
    return "text/css; charset=utf-8" if path.endswith(".css") else "application/javascript; charset=utf-8"


def refuse(status: int, error: str, retry_after: float | None) -> Answer:
    """A fault, as Vercel's own page of an error says it; `error` is Vercel's code (FUNCTION_INVOCATION_TIMEOUT)."""
    status = status or 500
    wait = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    headers = {"Server": "Vercel", "X-Vercel-Error": error or f"HTTP_{status}", "Content-Type": HTML, **wait}
    return Answer(status=status, body=document(status, BASE, 1, (), ()), headers=headers)


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
