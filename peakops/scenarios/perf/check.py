"""
Pages are slow: what takes the time, and which cause the database, the bundle, an API or Vercel shows for it.

Measures the page (the portal's start page where none is named), and asks the database's statistics, Vercel and the
status pages at the same time. The causes are ranked by their share of the measured time; a share that nobody measured
is said to be unknown. What is not configured is passed over, and said. 'perf page' and 'perf db' tell more of either.

Example: peakops perf check /cases
"""

from datetime import datetime
from typing import Any

from peakops.model import Severity
from peakops.scenario import Facts, Look, Missing, Outcome, Scenario, found, skip
from peakops.scenarios.perf import check_beside as beside
from peakops.scenarios.perf import check_causes as causes
from peakops.scenarios.perf import db, page, page_checks
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_field import rated
from peakops.scenarios.perf.page_words import ms, named
from peakops.scenarios.perf.ranking import ranked
from peakops.scenarios.perf.triage import forbidden

TIMES = 3
"""Samples of the page: the middle one is told, and no percentile; 'perf page' takes more, which takes longer."""
WORST = 5
"""Routes that are listed with what their visitors measured."""
ABROAD = "{page} is not below PEAKOPS_PORTAL_URL: what the database shows is the portal's, and need not be this page's."


def gather(
    look: Look, since: datetime, until: datetime, url: str = "", *, page: bool = True, database: bool = True
) -> None:
    """Declare the looks: of the page and of the database, but for the one that is not configured; of Vercel always."""
    if page:
        probes = look.at("pages", "probes", "probe", urls=[url], times=TIMES)
        look.at("status", "vendor_page", "page", vendor=probes.then(beside.blamed))
    if database:
        db.gather(look)
    look.at("vercel", "vitals", "vitals", since=since, until=until)
    look.at("vercel", "deployments", "deployments", since=since, until=until)
    for vendor in ("vercel", "supabase"):
        look.at("status", f"{vendor}_page", "page", vendor=vendor)


def answers(facts: Facts) -> Outcome:
    return causes.of_page(page_checks.answers, facts)


def redirects(facts: Facts) -> Outcome:
    return causes.of_page(page_checks.redirects, facts)


CAUSES = (
    *(answers, redirects, causes.locks, causes.connections),
    *(causes.policies, causes.data_size, causes.indexes, causes.statements, causes.database),
    *(causes.external, causes.bundle, causes.server, causes.download, causes.network),
    *(beside.visitors, causes.cold_start, beside.improvable, causes.transactions, causes.upkeep),
)
BESIDE = (beside.deployed, beside.vendors)
"""What may explain it, and is no verdict by itself."""


def quick(facts: Facts) -> Outcome:
    """All is well, as far as could be asked; a role that is blinded cannot tell, and makes the verdict unknown."""
    if any(each(facts).code for each in CAUSES):
        return skip("Something is wrong.")
    if "server" in facts and (reason := forbidden(facts)):
        raise Missing(reason)
    probed = causes.measured(facts)
    told = []
    if probed:
        first, whole = figures.ttfb_ms(probed), figures.whole_ms(probed)
        told.append(f"{named(probed)} needs {ms(first)} to its first byte, {ms(whole)} in all.")
    if "server" in facts:
        told.append("The database shows nothing slow.")
    return found("quick", " ".join((*told, *warns(facts))), row="quick" if probed else "quick_unmeasured")


def data(facts: Facts) -> dict[str, Any]:
    """The ranked causes; the figures of the page and of its visitors; the routes that are slowest for theirs."""
    told = page.data(facts)
    vitals = facts["vitals"] if facts.known("vitals") else None
    slowest = sorted((each for each in vitals or () if each["metric"] == "lcp_ms"), key=lambda each: -each["p75"])
    return {
        "causes": ranked(list(SCENARIO.steps()), facts),
        **told,
        "slowest_routes": vitals and [{**each, "rating": rated(each)} for each in slowest[:WORST]],
    }


def warns(facts: Facts) -> tuple[str, ...]:
    """What was passed over, and limits the answer."""
    missing = (("probes", causes.NO_PAGE), ("server", causes.NO_DATABASE))
    told = (*(says for name, says in missing if name not in facts), *(db.warns(facts) if "server" in facts else ()))
    page = causes.measured(facts)
    return (*told, ABROAD.format(page=named(page))) if page and not page["portal"] and "server" in facts else told


def whole(facts: Facts) -> bool:
    """Whether there was a page and a database to look at, and every question of the database could be asked."""
    return "probes" in facts and db.whole(facts)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(*CAUSES, *BESIDE, quick),
    subject=(),
    needs={Severity.WARNING: ("probes", "server"), Severity.OK: ("probes", *db.LOOKS)},
    plural="pages",
    must_answer=("answers",),
    data=data,
    warns=warns,
    whole=whole,
)
