"""Why a page is slow: timed probes, and what Vercel says that its visitors measured."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peakops.model import Row, Severity
from peakops.scenario import Facts, Look, Outcome, Scenario, found, skip
from peakops.scenarios.perf import page_checks as checks
from peakops.scenarios.perf import page_field as field
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_words import ms, named

TIMES = 5
"""Of fewer samples no percentile says anything."""
SHOWN_DEPLOYMENTS = 5


def gather(look: Look, since: datetime, until: datetime, urls: Sequence[str] = (), times: int = TIMES) -> None:
    """Declare the looks; none waits for another, and what Vercel says is of the window."""
    look.at("pages", "probes", "probe", urls=urls, times=times)
    look.at("vercel", "vitals", "vitals", since=since, until=until)
    look.at("vercel", "deployments", "deployments", since=since, until=until)
    look.at("status", "vercel_page", "page", vendor="vercel")


CAUSES = (
    *(checks.answers, checks.redirects, checks.database, checks.external, checks.server, checks.download),
    *(checks.network, field.visitors, checks.bundle, checks.data_size, checks.cold_start, field.improvable),
)
BESIDE = (field.deployed, field.weather)
"""What may explain it, and is no verdict by itself."""


def fast(facts: Facts) -> Outcome:
    if any(each(facts).code for each in CAUSES):
        return skip("Something is wrong.")
    told = (
        f"{named(each)} {ms(figures.ttfb_ms(each))} to its first byte, {ms(figures.whole_ms(each))} in all"
        for each in checks.measured(facts)
    )
    return found("fast", f"{'; '.join(told)}.")


def data(facts: Facts) -> Row:
    """The figures of each page, and what Vercel says of them; null each where it could not be read."""
    pages = facts["probes"] if facts.known("probes") else []
    vitals = facts["vitals"] if facts.known("vitals") else None
    deployments = facts["deployments"] if facts.known("deployments") else None
    return {
        "pages": [_figures(each) for each in pages],
        "vitals": vitals
        and [{**row, "rating": field.rated(row)} for page in pages for row in field.of_page(vitals, page)],
        "deployments": deployments and deployments[:SHOWN_DEPLOYMENTS],
    }


def _figures(page: Row) -> dict[str, Any]:
    sample = figures.typical(page)
    return {
        **{name: page[name] for name in SHOWN},
        "redirects": page["redirects"],
        "kinds": figures.by_kind(page),
        "ttfb_ms": round(figures.ttfb_ms(page)) if sample else None,
        "whole_ms": round(figures.whole_ms(page)) if sample else None,
        "parts": figures.parts(page),
        "server_timing": sample["server_timing"] if sample else [],
        "bundle": page["bundle"],
    }


SHOWN = (
    *("url", "measured", "path", "ended", "status", "spoken", "encoding", "bytes", "plain_bytes", "cut"),
    *("cache", "region", "age_s", "cache_control", "cookie"),
)
"""What is told of each page as it was read."""
SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(*CAUSES, *BESIDE, fast),
    subject=(),
    needs={Severity.WARNING: ("probes",), Severity.OK: ("probes",)},
    must_answer=("answers",),
    plural="pages",
    data=data,
)
