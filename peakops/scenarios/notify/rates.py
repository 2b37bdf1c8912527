"""
How well the portal's e-mail gets through as a whole: bounces, complaints, and what the portal could not send.

Rates are told with the counts behind them and by day where the provider tells; below 500 mails a rate says little, and
is no more than a warning. Gmail does not report single complaints: its own figures are in Google's Postmaster Tools.

Example: peakops notify rates --since 30d
"""

from datetime import datetime

from peakops.model import Severity, spelt
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip, unknown
from peakops.scenarios import mails
from peakops.scenarios.notify import figures, standing

NEEDED = ("provider", "rates", "domains", "sent")
"""What any verdict but a critical one rests on."""


def gather(look: Look, since: datetime, until: datetime) -> None:
    """Declare the looks; only the status page waits, for the provider's name."""
    provider = look.at("email", "provider", "configured")
    look.at("email", "rates", "rates", since=since, until=until)
    look.at("email", "domains", "domains")
    look.at("status", "page", "page", vendor=provider.then(lambda row: row["provider"] if row else None))
    look.rows("sent", "notify/sent", since=since, until=until, waits_s=standing.GRACE.total_seconds())


def configured(facts: Facts) -> Outcome:
    if fault := figures.refused(facts):
        return found("key_without_scope", fault.message)
    if note := standing.nobody_asked(facts):
        return unknown(f"{note} How its mails arrive, nobody can say.")
    return ok(f"{_provider(facts)} sends the portal's mail, and answers.") if facts["rates"] else skip(_silent(facts))


def _provider(facts: Facts) -> str:
    return spelt(str(standing.configured(facts)))


def _silent(facts: Facts) -> str:
    return " ".join(facts.notes("rates")) or "The provider tells no rates."


def service(facts: Facts) -> Outcome:
    if note := standing.nobody_asked(facts):
        return skip(note)
    if not facts.known("page"):
        return skip("Its status page could not be read.")
    page = facts["page"]
    incidents = "".join(f": {each['name']}" for each in page["incidents"][:1])
    if page["indicator"] in ("major", "critical"):
        return found("provider_down", f"{_provider(facts)}'s status page says '{page['indicator']}'{incidents}.")
    return ok(f"{_provider(facts)}'s status page says '{page['description']}'.")


def domain(facts: Facts) -> Outcome:
    if note := standing.nobody_asked(facts):
        return skip(note)
    name = facts["provider"]["from_domain"]
    rows = mails.senders(facts["domains"], name)
    if why := mails.unverified(rows, _provider(facts)):
        return found("domain_unverified", why)
    if not rows and standing.configured(facts) == "resend":
        return found("domain_unverified", f"Resend has no domain {name or 'at all'}: mail from it is refused.")
    if not rows:
        return ok(f"{_provider(facts)} has no domain of the sender's; it may know the single address.")
    return ok(mails.verified(rows))


def complaints(facts: Facts) -> Outcome:
    return _rated(facts, figures.COMPLAINTS, high="complaint_rate_high", raised="complaint_rate_raised")


def bounces(facts: Facts) -> Outcome:
    return _rated(facts, figures.BOUNCES, high="bounce_rate_high", raised="bounce_rate_raised")


def _rated(facts: Facts, kind: figures.Kind, *, high: str, raised: str) -> Outcome:
    if note := standing.nobody_asked(facts):
        return skip(note)
    row = facts["rates"]
    if row is None:
        return skip(_silent(facts))
    level, says = kind.level(row[kind.rate], row[kind.part], row[kind.whole]), figures.told(row, kind)
    if level is Severity.OK:
        return ok(says)
    return found(high if level is Severity.CRITICAL else raised, says)


def sending(facts: Facts) -> Outcome:
    counts = figures.of_portal(facts["sent"])
    if not counts["notifications"]:
        return skip("The portal has made no e-mail notification in that time.")
    lost, whole = counts["failed"] + counts["waiting"], counts["notifications"]
    level = figures.FAILING.level(lost / whole, lost, whole)
    says = (
        f"Of {whole} e-mail notifications the portal could not send {counts['failed']}, and {counts['waiting']} wait "
        f"in its queue: {figures.percent(lost / whole)}{figures.caution(whole)}."
    )
    if level is Severity.OK:
        return ok(says)
    return found("failing" if level is Severity.CRITICAL else "failing_some", says)


def settled(facts: Facts) -> Outcome:
    if standing.nobody_asked(facts) or facts["rates"] is None:
        return skip("There are no rates.")
    if any(each(facts).code for each in (configured, service, domain, complaints, bounces, sending)):
        return skip("Something is wrong.")
    row = facts["rates"]
    return found("rates_in_order", f"{figures.told(row, figures.BOUNCES)} {figures.told(row, figures.COMPLAINTS)}")


def data(facts: Facts) -> Row:
    """The figures of the provider and of the portal; null each where it could not be read."""
    return {
        "provider": standing.configured(facts) if facts.known("provider") else None,
        "rates": facts["rates"] if facts.known("rates") else None,
        "portal": facts["sent"] if facts.known("sent") else None,
        "domains": facts["domains"] if facts.known("domains") else None,
    }


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(configured, service, domain, complaints, bounces, sending, settled),
    subject=(),
    # What the portal could not send may be critical: no warning about the provider stands for it.
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    plural="accounts",
    data=data,
    warns=figures.warns,
)
