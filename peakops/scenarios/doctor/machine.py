"""This machine, and what the vendors say of themselves: settings, status pages, journal, sandbox, version. Pure."""

from collections import Counter

from peakops.model import spelt
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.doctor.left_out import counted, left_out, several
from peakops.scenarios.words import day

MAIN = ("database_url", "stripe_api_key", "supabase_url", "salesforce_url", "ups_client_id")
"""Settings without any of which there is nothing to look at."""
QUIET = ("none", "maintenance")


def settings_given(facts: Facts) -> Outcome:
    if left := left_out(facts, "variables"):
        return left
    rows = facts["settings"]
    given = Counter(each["origin"] for each in rows if each["origin"] not in ("", "default"))
    if not any(each["present"] for each in rows if each["setting"] in MAIN):
        says = f"{sum(given.values())} of {len(rows)} settings are set, and none that leads to a source."
        return found("nothing_configured", says)
    origins = ", ".join(f"{number} by {origin}" for origin, number in given.items())
    return ok(f"{sum(given.values())} of {len(rows)} settings are set: {origins}.")


def settings_known(facts: Facts) -> Outcome:
    if left := left_out(facts, "variables"):
        return left
    rows = facts["variables"]
    said = [f"{each['variable']}, the nearest is {each['nearest'] or 'none'}" for each in rows]
    return (
        found("unknown_variable", f"Nothing reads {'; '.join(said)}.")
        if said
        else ok("Every PEAKOPS_ variable is read.")
    )


def settings_private(facts: Facts) -> Outcome:
    if left := left_out(facts, "variables"):
        return left
    exposed = [each for each in facts["settings"] if each["exposed"]]
    said = [f"{each['variable']} ({each['origin']})" for each in exposed]
    if said:
        return found("secret_exposed", f"Everybody on this machine can read {several(said)}.")
    return ok("No file that a secret comes from is open to everybody on this machine.")


def status_stripe(facts: Facts) -> Outcome:
    return _page(facts, "status_stripe") or found("stripe_incident", _incident(facts, "status_stripe"))


def status_supabase(facts: Facts) -> Outcome:
    return _page(facts, "status_supabase") or found("supabase_incident", _incident(facts, "status_supabase"))


def status_email(facts: Facts) -> Outcome:
    return _page(facts, "status_email", "email_provider") or found("email_incident", _incident(facts, "status_email"))


def status_vercel(facts: Facts) -> Outcome:
    return _page(facts, "status_vercel") or found("vercel_incident", _incident(facts, "status_vercel"))


def _page(facts: Facts, look: str, *settings: str) -> Outcome | None:
    """The outcome of a page that reports no incident; one that says nothing says nothing of the vendor either."""
    if left := left_out(facts, look, *settings):
        return left
    if fault := facts.fault(look):
        return skip(fault.message)
    row = facts[look]
    return ok(f"{spelt(row['vendor'])}: {row['description']}.") if row["indicator"] in QUIET else None


def _incident(facts: Facts, look: str) -> str:
    row = facts[look]
    incidents = "; ".join(f"'{each['name']}', {each['status']}" for each in row["incidents"])
    return f"{spelt(row['vendor'])} ({row['indicator']}): {incidents or row['description']}."


def journal_chain(facts: Facts) -> Outcome:
    if left := left_out(facts, "chain"):
        return left
    chain = facts["chain"]
    if chain["broken"]:
        verb = "is not as it was" if chain["broken"] == 1 else "are not as they were"
        says = f"{counted(chain['broken'], 'line')} {verb} written: {chain['first']}."
        return found("journal_broken", says)
    entries = counted(chain["entries"], "entry")
    if chain["torn"]:
        verb = "was" if chain["torn"] == 1 else "were"
        return found("journal_torn", f"{entries}, and {counted(chain['torn'], 'line')} that {verb} cut short.")
    return ok(f"The journal is whole: {entries}." if chain["entries"] else "The journal has no entry yet.")


def sandbox_state(facts: Facts) -> Outcome:
    if "sandbox" not in facts or facts["sandbox"] is None:
        return skip("This is not the sandbox.")
    row = facts["sandbox"]
    clock = f"its clock stands at {day(row['clock'])}" if row["clock"] else "its clock is the real one"
    return ok(f"The world is '{row['world']}', and {clock}.")


def playbook_age(facts: Facts) -> Outcome:
    if left := left_out(facts, "playbook"):
        return left
    row = facts["playbook"]
    return found("playbook_old", row["says"]) if row["old"] else ok(row["says"])


def version_installed(facts: Facts) -> Outcome:
    if left := left_out(facts, "installed"):
        return left
    return ok(f"peakops {facts['installed']['peakops']} on Python {facts['installed']['python']}.")


def all_in_order(facts: Facts) -> Outcome:
    answered = sum(1 for name in facts if facts.known(name))
    return found("ready", f"All {answered} looks were answered." if answered == len(facts) else f"{answered} answered.")
