"""What Vercel knows of a page: what its visitors measured, what was deployed before, and whether it reports trouble."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peakops.model import Row, spelt
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_checks import measured
from peakops.scenarios.perf.page_words import NAMES, ms, named
from peakops.scenarios.words import ago

VITALS: Mapping[str, tuple[str, float, float]] = {
    "lcp_ms": ("LCP", 2500, 4000),
    "inp_ms": ("INP", 200, 500),
    "cls": ("CLS", 0.1, 0.25),
    "fcp_ms": ("FCP", 1800, 3000),
    "ttfb_ms": ("TTFB", 800, 1800),
}
"""Each metric of the p75 with its name, up to where it is good, and beyond what it is poor: web-vitals, 2026."""
OF_TIME = ("lcp_ms", "inp_ms", "fcp_ms", "ttfb_ms")
"""Those that are slowness; CLS is how much a page jumps."""
LEAST_COUNT = 20
"""Of fewer measurements three quarters say nothing."""
RATINGS = ("good", "needs_improvement", "poor")
LEFT_OUT = tuple(f"vercel.{each}" for each in ("not_configured", "plan", "history", "unknown_metric", "project_token"))
"""Faults that are a choice of whoever set Vercel up; any other leaves the question open."""
BEFORE = timedelta(hours=24)
"""How long before now a deployment may be that a slow page is put beside."""
LIVE = "READY"
DISTURBED = ("minor", "major", "critical")
"""What status pages say of a disturbance."""
PARAMETER = re.compile(r"\[\[?(\.\.\.)?[^\]]+\]\]?")
"""A part of a route that stands for any: [id], [...rest], [[...rest]]."""


def rated(row: Row) -> str | None:
    """How good a p75 is; None for a metric that has no thresholds, and for too few measurements."""
    if row["metric"] not in VITALS or row["p75"] is None or (row["count"] or LEAST_COUNT) < LEAST_COUNT:
        return None
    _, good, poor = VITALS[row["metric"]]
    return RATINGS[(row["p75"] > good) + (row["p75"] > poor)]


def of_page(rows: list[Row], page: Row) -> list[Row]:
    """The measurements of a page's route; a route that names the path itself outranks one with parameters."""
    if not page["portal"]:
        return []
    routes = sorted(
        {each["route"] for each in rows if _fits(each["route"], page["path"])}, key=lambda each: "[" in each
    )
    return [each for each in rows if routes and each["route"] == routes[0]]


def _fits(route: str, path: str) -> bool:
    """Whether a route of Next.js is that of a path."""
    wanted, given = route.strip("/").split("/"), path.strip("/").split("/")
    for index, part in enumerate(wanted):
        parameter = PARAMETER.fullmatch(part)
        if parameter and parameter[1]:
            return part.startswith("[[") or index < len(given)
        if index >= len(given) or (part != given[index] and not parameter):
            return False
    return len(wanted) == len(given)


def passed_over(facts: Facts, look: str) -> Outcome | None:
    """The outcome where Vercel is not configured, or gives this to nobody of its plan: the probe speaks alone."""
    fault = facts.fault(look)
    if fault and fault.code in LEFT_OUT:
        return skip(f"{fault.message} The probe speaks alone.")
    return None


def worst(facts: Facts) -> tuple[Row, Row, str] | None:
    """The page, measurement and rating of what its visitors wait for the most; None where nothing was measured."""
    ranked = [
        (RATINGS.index(rating), each["p75"] / VITALS[each["metric"]][2], page, each, rating)
        for page in facts["probes"]
        for each in of_page(facts["vitals"], page)
        if each["metric"] in OF_TIME and (rating := rated(each))
    ]
    if not ranked:
        return None
    *_, page, row, rating = max(ranked, key=lambda each: each[:2])
    return page, row, rating


def visitors(facts: Facts) -> Outcome:
    if outcome := passed_over(facts, "vitals"):
        return outcome
    seen = worst(facts)
    if seen is None:
        return skip("Vercel has too few measurements of these pages, or none.")
    page, row, rating = seen
    says = told(page, row)
    if rating == "poor":
        also = figures.good(page) and figures.is_good(page)
        beside = f", while the probe needs {ms(figures.whole_ms(page))}" if also else ""
        return found("slow_for_visitors", f"{says}{beside}.", cause=VITALS[row["metric"]][0].lower())
    return ok(f"{says}: {rating.replace('_', ' ')}.")


def told(page: Row, row: Row) -> str:
    """A measurement as a part of a sentence."""
    name, good, poor = VITALS[row["metric"]]
    count = f" of {row['count']:,} measurements" if row["count"] else ""
    return f"{named(page)}: {name} {ms(row['p75'])} (p75{count}; good up to {ms(good)}, poor from {ms(poor)})"


def improvable(facts: Facts) -> Outcome:
    pages = measured(facts)
    between = [each for each in pages if not figures.is_good(each) and not figures.is_slow(each)]
    if between:
        page, part = between[0], figures.leading(between[0])
        says = f"{named(page)} takes {ms(figures.ttfb_ms(page))} to its first byte (good up to "
        says += f"{ms(figures.TTFB_GOOD_MS)}), {ms(figures.whole_ms(page))} in all; most of it is {NAMES[part]}."
        return found("could_be_faster", says, cause=part)
    now_and_then = [each for each in pages if not figures.is_slow(each) and _at_times(each)]
    if now_and_then:
        return found("could_be_faster", _at_times(now_and_then[0]), cause="at_times")
    seen = worst(facts) if facts.known("vitals") else None
    if seen and seen[2] == "needs_improvement":
        return found("could_be_faster", f"{told(seen[0], seen[1])}.", cause="visitors")
    if not pages or any(map(figures.is_slow, pages)):
        return skip("Nothing was measured that is only a little slow.")
    return ok("No.")


def _at_times(page: Row) -> str:
    """What a page did now and then; empty where it was steady. The first visit is judged as a cold start."""
    later = [each["total_ms"] for each in figures.good(page) if each["kind"] != "first"]
    slow = [each for each in later if each > figures.PAGE_MS]
    if page["dropped"]:
        return f"{named(page)} gave no whole answer {len(page['dropped'])} times, beside {len(later)} that it gave."
    return f"{named(page)} took up to {ms(max(slow))}, {len(slow)} of {len(later)} times." if slow else ""


def deployed(facts: Facts) -> Outcome:
    if outcome := passed_over(facts, "deployments"):
        return outcome
    live = [each for each in facts["deployments"] if each["state"] == LIVE]
    now = facts.at("deployments")
    if not live or now is None:
        return ok("Nothing was deployed in the time that was looked at.")
    newest = live[0]
    says = f"{_called(newest)} was deployed {ago(newest['created_at'], now)}"
    recent = [each for each in live if now - each["created_at"] <= BEFORE]
    if recent and _is_anything_wrong(facts):
        more = f", the newest of {len(recent)} in 24 hours" if recent[1:] else ""
        return found("deployed_before", f"{says}{more}.")
    return ok(f"{says}.")


def _called(row: Row) -> str:
    sha = f" ({row['sha'][:7]})" if row["sha"] else ""
    return f"{row['id']}{sha}"


def _is_anything_wrong(facts: Facts) -> bool:
    pages = facts["probes"]
    unhappy = any(each["ended"] or (each["status"] or 0) >= 500 for each in pages)
    seen = worst(facts) if facts.known("vitals") else None
    slow = any(not figures.is_good(each) for each in pages if figures.good(each))
    return bool(unhappy or slow or (seen and seen[2] != "good"))


def weather(facts: Facts) -> Outcome:
    fault = facts.fault("vercel_page")
    if fault:
        return skip("Vercel's status page did not answer.")
    page: dict[str, Any] | None = facts["vercel_page"]
    if not page or page["indicator"] not in DISTURBED:
        return ok("Vercel reports nothing.")
    says = reported(page)
    return found("vercel_incident", says) if _is_anything_wrong(facts) else ok(says)


def reported(page: Row) -> str:
    """What a vendor's status page says, with its first incident."""
    incident = next((f": {each['name']}" for each in page["incidents"]), "")
    return f"{spelt(page['vendor'])}'s page says '{page['indicator']}'{incident}."
