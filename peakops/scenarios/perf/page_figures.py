"""What the samples of a page come to: percentiles by phase, and what each part takes of the whole. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from peakops.model import Row

PHASES = ("dns_ms", "connect_ms", "tls_ms", "wait_ms", "download_ms")
OPENING = PHASES[:3]
KINDS = ("first", "cold", "warm")
PAGE_MS = 3000
"""The operations playbook's limit for a page."""
TTFB_GOOD_MS, TTFB_POOR_MS = 800, 1800
"""web-vitals: up to the first it is good, beyond the second poor."""
DATABASES = ("db", "database", "sql", "postgres", "postgresql", "query", "queries", "supabase", "prisma")
"""What pages call the database in Server-Timing."""
VENDORS = ("salesforce", "ups", "stripe", "sendgrid", "resend", "vercel")
"""Who else the portal asks."""
ABROAD = ("ext", "external", "api", "fetch", "upstream", "vendor")
"""The first word of another API's name, where it is none of those: `ext-crm`, `api_rates`."""
PARTS = ("redirects", "network", "server", "database", "external", "download", "bundle")
COLD_START_MS = 1000
"""What the first visit must take longer than the later ones, so that a start shows in it."""


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: a value that was measured; of five the 95th percentile is the slowest."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def good(page: Row, kind: str = "") -> list[Row]:
    """The samples in which the page was answered, of one kind where it is named."""
    return [each for each in page["samples"] if each["status"] < 400 and each["kind"] in (kind or KINDS)]


def by_kind(page: Row) -> list[dict[str, Any]]:
    """Each kind of sample with its number, and the 50th and 95th percentile of each phase in whole milliseconds."""
    told = []
    for kind in KINDS:
        samples = good(page, kind)
        if samples:
            p50, p95 = (
                {name: round(percentile([each[name] for each in samples], share)) for name in (*PHASES, "total_ms")}
                for share in (0.5, 0.95)
            )
            told.append({"kind": kind, "samples": len(samples), "p50": p50, "p95": p95})
    return told


def typical(page: Row) -> Row | None:
    """The median sample over a new connection, else the first visit; None where the page was never answered."""
    samples = sorted(good(page, "cold") or good(page), key=lambda each: each["total_ms"])
    return samples[(len(samples) - 1) // 2] if samples else None


def ttfb_ms(page: Row) -> float:
    """Till the first byte of the typical sample, with what leads there, as web-vitals counts it."""
    sample = typical(page)
    if sample is None:
        return 0.0
    return redirects_ms(page) + float(sum(sample[name] for name in (*OPENING, "wait_ms")))


def whole_ms(page: Row) -> float:
    """Redirects, the document, and the files of its bundle one after the other; what is drawn comes on top."""
    return float(sum(each["ms"] for each in parts(page)))


def redirects_ms(page: Row) -> float:
    """What the way to the page took; it was gone once."""
    return float(sum(each["ms"] for each in page["redirects"]))


def parts(page: Row) -> list[dict[str, Any]]:
    """
    What takes the time of the typical sample, longest first: {part, ms, share}, the share of them all from 0 to 1.

    Database and other APIs are what Server-Timing says; what ran beside one another is cut to the time there was.
    """
    sample = typical(page)
    if sample is None:
        return []
    database, external = _within(sample)
    took = {
        "redirects": redirects_ms(page),
        "network": sum(sample[name] for name in OPENING),
        "server": sample["wait_ms"] - database - external,
        "database": database,
        "external": external,
        "download": sample["download_ms"],
        "bundle": page["bundle"]["ms"] if page["bundle"] else 0.0,
    }
    whole = sum(took.values()) or 1.0
    ranked = sorted(PARTS, key=lambda each: -took[each])
    return [{"part": each, "ms": round(took[each], 1), "share": round(took[each] / whole, 3)} for each in ranked]


def share(page: Row, part: str) -> tuple[float, float]:
    """A part's milliseconds and its share."""
    return next(((each["ms"], each["share"]) for each in parts(page) if each["part"] == part), (0.0, 0.0))


def leading(page: Row) -> str:
    """The part that takes the most."""
    return str(parts(page)[0]["part"])


def is_slow(page: Row) -> bool:
    """Whether it takes longer than the playbook allows, or its first byte is poor by web-vitals."""
    return whole_ms(page) > PAGE_MS or ttfb_ms(page) > TTFB_POOR_MS


def is_good(page: Row) -> bool:
    """Whether both are good."""
    return whole_ms(page) <= PAGE_MS and ttfb_ms(page) <= TTFB_GOOD_MS


def starts_cold(page: Row) -> bool:
    """Whether the first visit had to wait for something to start, and the later ones did not."""
    first, usual = good(page, "first"), typical(page)
    if not (first and usual):
        return False
    wait = first[0]["wait_ms"]
    return bool(wait > TTFB_POOR_MS and wait - usual["wait_ms"] >= COLD_START_MS)


def mostly(page: Row) -> str | None:
    """How most visits after the first one failed, where more of them gave no whole answer than gave one."""
    dropped = page["dropped"]
    later = [each for each in page["samples"] if each["kind"] != "first"]
    return max(sorted(set(dropped)), key=dropped.count) if len(dropped) > len(later) else None


def is_empty(page: Row) -> bool:
    """Whether what answered last is no page: a redirect to nowhere, or an answer without a body."""
    status = page["status"]
    return bool(status and not page["ended"] and (300 <= status < 400 or (status < 300 and not page["bytes"])))


def services(sample: Row) -> dict[str, float]:
    """The other APIs that Server-Timing names, with their milliseconds, longest first."""
    named: dict[str, float] = {}
    for each in sample["server_timing"]:
        if _is_abroad(each["name"]):
            named[each["name"]] = named.get(each["name"], 0.0) + each["ms"]
    return dict(sorted(named.items(), key=lambda pair: -pair[1]))


def tells_apart(page: Row) -> bool:
    """Whether the page says what its server waits for."""
    return any(
        each["name"] in DATABASES or _is_abroad(each["name"])
        for sample in good(page)
        for each in sample["server_timing"]
    )


def _within(sample: Row) -> tuple[float, float]:
    database = sum(each["ms"] for each in sample["server_timing"] if each["name"] in DATABASES)
    external = sum(services(sample).values())
    scale = min(1.0, sample["wait_ms"] / (database + external)) if database + external else 1.0
    return database * scale, external * scale


def _is_abroad(name: str) -> bool:
    return name not in DATABASES and re.split(r"[-_.]", name, maxsplit=1)[0] in (*VENDORS, *ABROAD)
