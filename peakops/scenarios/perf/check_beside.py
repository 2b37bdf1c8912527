"""What `perf check` takes from Vercel and the status pages: visitors, deployments, and disturbances. Pure."""

from typing import Any

from peakops.model import Outcome, Row, spelt, typed
from peakops.scenario import Facts, found, ok, skip
from peakops.scenarios.perf import page_field as field
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.check_causes import NO_PAGE, of_page

START = "/"
"""The page that is measured where none is named: its visitors are not those of the page that somebody complains of."""
WITH_PAGE = ("stripe", "sendgrid", "resend")
"""Vendors besides those that the portal runs on whose status page a program can read."""
PAGES = ("vercel_page", "supabase_page", "vendor_page")
"""Looks at status pages: of those that the portal runs on, and of the API that a slow page waits for."""


def blamed(probes: list[Row]) -> str | None:
    """The vendor that a slow page waits for, where its status page can be read; else None."""
    for page in probes:
        sample = figures.typical(page)
        if sample and not figures.is_good(page) and figures.leading(page) == "external":
            return next((each for each in figures.services(sample) if each in WITH_PAGE), None)
    return None


def visitors(facts: Facts) -> Outcome:
    """Whether the page is slow for its visitors; where no page was named, whether any is."""
    if passed_over := field.passed_over(facts, "vitals"):
        return passed_over
    if "probes" not in facts:
        return _elsewhere(facts)
    own = field.visitors(facts)
    named = any(each["path"] != START or not each["portal"] for each in facts["probes"])
    return own if own.code or named else _elsewhere(facts)


def _elsewhere(facts: Facts) -> Outcome:
    """The worst of all routes; the page behind it is the one to look at."""
    rows = [each for each in facts["vitals"] if each["metric"] in field.OF_TIME and field.rated(each)]
    if not rows:
        return skip("Vercel has too few measurements of any page, or none.")
    row = max(rows, key=lambda each: each["p75"] / field.VITALS[each["metric"]][2])
    says, poor = field.told(as_page(row["route"]), row), sum(field.rated(each) == "poor" for each in rows)
    if field.rated(row) != "poor":
        return ok(f"{says}: {str(field.rated(row)).replace('_', ' ')}, the worst of all routes.")
    more = f"; {poor} figures of all routes are poor" if poor > 1 else ""
    closer = (
        () if "[" in row["route"] or not row["route"].startswith("/") else (typed("peakops perf check", row["route"]),)
    )
    return found("slow_for_visitors", f"{says}{more}.", cause=field.VITALS[row["metric"]][0].lower(), next=closer)


def as_page(route: str) -> Row:
    """A route of the portal's, as sentences about pages take it."""
    return {"portal": True, "path": route, "measured": route}


def improvable(facts: Facts) -> Outcome:
    return of_page(field.improvable, facts)


def deployed(facts: Facts) -> Outcome:
    return skip(NO_PAGE) if "probes" not in facts else field.deployed(facts)


def vendors(facts: Facts) -> Outcome:
    """What the vendors' own pages say; a page that does not answer says nothing of its vendor."""
    rows: list[dict[str, Any]] = [facts[name] for name in PAGES if facts.known(name) and facts[name]]
    told = dict.fromkeys(field.reported(each) for each in rows if each["indicator"] in field.DISTURBED)
    if told:
        return found("vendor_incident", " ".join(told))
    if not rows:
        return skip("No status page answered.")
    return ok(f"{' and '.join(dict.fromkeys(spelt(each['vendor']) for each in rows))} report nothing.")
