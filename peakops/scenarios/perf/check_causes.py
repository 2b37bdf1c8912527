"""The causes of slowness that `perf check` asks for: the page's share, and beside it what the database shows. Pure."""

from dataclasses import replace

from peakops.endpoints import UNTOLD
from peakops.model import Outcome, Row, Verdict, spelt, typed
from peakops.scenario import Check, Facts, found, ok, skip
from peakops.scenarios.perf import db, suspects
from peakops.scenarios.perf import page_checks as checks
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_field import DISTURBED
from peakops.scenarios.perf.page_words import named, split, took
from peakops.scenarios.perf.suspects import Suspect

NO_PAGE = "No page was measured: none was named, and PEAKOPS_PORTAL_URL is not set."
NO_DATABASE = "The database was not looked at: neither PEAKOPS_DATABASE_PERF_URL nor PEAKOPS_DATABASE_URL is set."
RENAMED = {
    "slow_external_api": "api_bottleneck",
    "large_bundle": "bundle_size",
    "large_bundle_slow": "bundle_size",
    "large_data": "large_data_sets",
}
"""The rows of `perf page` by the causes that the playbook calls them."""
NOTICED = "_noticed"
"""What ends the name of a cause's second row: it is there, and not known to be what takes a slow page's time."""


def measured(facts: Facts) -> Row | None:
    """The page that was measured; None where it was not, whatever kept it from being."""
    return next(iter(checks.measured(facts)), None) if facts.known("probes") else None


def waits(facts: Facts) -> Row | None:
    """The page, where it is not good and more of its time is the database's than anything else's."""
    page = measured(facts)
    return page if page and not figures.is_good(page) and figures.leading(page) == "database" else None


def of_page(check: Check, facts: Facts) -> Outcome:
    """A question of `perf page` under the name that the playbook has for its cause."""
    if "probes" not in facts:
        return skip(NO_PAGE)
    outcome = check(facts)
    code = RENAMED.get(outcome.code, outcome.code)
    row = f"{code}{NOTICED}" if outcome.row in ("large_bundle", "large_data") else code
    return replace(outcome, code=code, row=row, next=closer(facts)) if outcome.code else outcome


def closer(facts: Facts) -> tuple[str, ...]:
    """The command that measures the page longer, where it answered at all; none where its query would be missing."""
    page = measured(facts)
    if page is None or page["url"].endswith(UNTOLD):
        return ()
    return (typed("peakops perf page", named(page) if page["portal"] else page["url"]),)


def of_database(facts: Facts, code: str) -> Outcome:
    """Whether the database's statistics speak for a cause, and what share of the page it has, as far as it is known."""
    if "server" not in facts:
        return skip(NO_DATABASE)
    seen = suspects.suspect(facts, code)
    if seen:
        return _suspected(facts, seen)
    # A look that is missing makes the question unknown.
    outcomes = [suspects.CHECKS[name](facts) for name in dict.fromkeys(suspects.questions(code))]
    well = next((each for each in outcomes if each.verdict is Verdict.OK), None)
    return well or outcomes[0]


def _suspected(facts: Facts, seen: Suspect) -> Outcome:
    page = waits(facts)
    chief = suspects.first(facts) if page else None
    is_chief = bool(chief and chief.code == seen.code)
    if page and is_chief:
        says = f"{took(page)}: {split(page, 'database')}. What the database shows first: {seen.says}"
    else:
        says = f"{seen.says}{unshared(facts)}"
    row = seen.code if _is_critical(facts, seen, is_chief=is_chief) else f"{seen.code}{NOTICED}"
    return found(seen.code, says, row=row, next=seen.next)


def _is_critical(facts: Facts, seen: Suspect, *, is_chief: bool) -> bool:
    """
    Whether a cause stops work by itself, or is what a slow page waits for, or no page speaks against it.

    Where a slow page's time goes elsewhere, or it is quick, what the statistics say is worth a warning.
    """
    if seen.code in ("sessions_blocked", "connections_spent") or measured(facts) is None:
        return seen.critical
    page = waits(facts)
    return bool(page and figures.is_slow(page) and (is_chief or seen.critical))


def unshared(facts: Facts) -> str:
    """Why nobody knows what share of the page a cause in the database has; empty where the page tells."""
    page = measured(facts)
    if page is None:
        return " No page's time was measured, so that its share of one is not known."
    if figures.tells_apart(page) or figures.is_good(page):
        return ""
    return f" Its share of {named(page)} is not known: the page sends no Server-Timing that tells."


def locks(facts: Facts) -> Outcome:
    return _plainly(of_database(facts, "sessions_blocked"))


def connections(facts: Facts) -> Outcome:
    outcome = of_database(facts, "connections_spent")
    return replace(outcome, code="connections_high", row="connections_high") if _is_noticed(outcome) else outcome


def policies(facts: Facts) -> Outcome:
    return of_database(facts, "policy_per_row")


def data_size(facts: Facts) -> Outcome:
    """Large data sets: a document that carries them, or a statement that brings them."""
    if measured(facts) and (carried := of_page(checks.download, facts)).cause == "large_data":
        return replace(carried, code="large_data_sets", row="large_data_sets", cause="document")
    if suspects.suspect(facts, "large_data_sets"):
        return replace(of_database(facts, "large_data_sets"), cause="statement")
    document = of_page(checks.data_size, facts)
    if document.code:
        return replace(document, cause="document")
    brought = of_database(facts, "large_data_sets")
    return document if brought.verdict is Verdict.SKIPPED else brought


def indexes(facts: Facts) -> Outcome:
    return of_database(facts, "missing_indexes")


def statements(facts: Facts) -> Outcome:
    return of_database(facts, "slow_statement")


def database(facts: Facts) -> Outcome:
    """The page waits for the database, and nothing that its statistics tell explains it."""
    outcome = of_page(checks.database, facts)
    if not outcome.code:
        return outcome
    if suspects.first(facts):
        return ok("It does; see above what the database shows.")
    return replace(outcome, says=" ".join((outcome.says, *_unexplained(facts))))


def _unexplained(facts: Facts) -> tuple[str, ...]:
    """Why nothing in the database explains it: it shows no cause, or was not asked, or did not answer."""
    if "server" not in facts:
        return (NO_DATABASE,)
    faults = (fault.message for name in db.LOOKS if (fault := facts.fault(name)))
    silent = tuple(f"Its statistics were not all read: {each}" for each in dict.fromkeys(faults))
    return (*(silent[:1] or ("Its statistics show no cause.",)), *db.warns(facts))


def external(facts: Facts) -> Outcome:
    """The page waits for another API; whether that one's own page reports a disturbance is said beside it."""
    outcome = of_page(checks.external, facts)
    vendor = facts["vendor_page"] if outcome.code and facts.known("vendor_page") else None
    if vendor is None or vendor["indicator"] not in DISTURBED:
        return outcome
    says = f"{outcome.says} {spelt(vendor['vendor'])} reports a disturbance: {vendor['indicator']}."
    return replace(outcome, says=says)


def bundle(facts: Facts) -> Outcome:
    return of_page(checks.bundle, facts)


def server(facts: Facts) -> Outcome:
    """The server takes the time; where the database may be in it, what that one shows is named, and no share."""
    outcome = of_page(checks.server, facts)
    seen = suspects.first(facts) if outcome.cause in ("not_told_apart", "gave_up") else None
    if seen is None:
        return outcome
    says = f"{outcome.says} What share the database has is not known; it shows: {seen.says}"
    return replace(outcome, says=says, next=(*seen.next, *outcome.next))


def download(facts: Facts) -> Outcome:
    """The document is slow to arrive; where it is because of its size, that is a large data set."""
    outcome = of_page(checks.download, facts)
    return ok("Yes, because of what it carries: see above.") if outcome.cause == "large_data" else outcome


def network(facts: Facts) -> Outcome:
    return of_page(checks.network, facts)


def cold_start(facts: Facts) -> Outcome:
    return of_page(checks.cold_start, facts)


def transactions(facts: Facts) -> Outcome:
    return _plainly(of_database(facts, "open_transaction"))


def upkeep(facts: Facts) -> Outcome:
    """Whatever else 'perf db' would warn of."""
    outcome = _plainly(of_database(facts, suspects.OTHER))
    if outcome.verdict is not Verdict.OK:
        return outcome
    names = dict.fromkeys(suspects.questions(suspects.OTHER))
    passed = sum(suspects.CHECKS[name](facts).verdict is Verdict.SKIPPED for name in names)
    also = f" {passed} could not be asked: 'perf db' says why." if passed else ""
    return ok(f"{len(names) - passed} further questions to the database found nothing.{also}")


def _is_noticed(outcome: Outcome) -> bool:
    return outcome.row.endswith(NOTICED)


def _plainly(outcome: Outcome) -> Outcome:
    """An outcome whose cause has but one row."""
    return replace(outcome, row=outcome.code) if outcome.code else outcome
