"""What security and people's data need besides: the firewall's tokens, the keys that seal and name, the sweep. Pure."""

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.cron.status import standings, told
from peakops.scenarios.doctor.left_out import app, left_out, refused
from peakops.scenarios.security import leases

WRITE_TOKEN = "PEAKOPS_VERCEL_WRITE_TOKEN"  # noqa: S105  (the name of the setting)
UNSEALED = "PEAKOPS_EVIDENCE_KEY is not set: evidence has checksums and no seal."
NAMELESS = "PEAKOPS_PSEUDONYM_KEY is not set: 'data delete' shows its plan, and erases nobody."


def settings_keys(facts: Facts) -> Outcome:
    if left := left_out(facts, "keys"):
        return left
    if why := refused(facts, "keys"):
        return found("evidence_keys_differ", why)
    row = facts["keys"]
    if row["agree"] is False:
        says = f"The public key of PEAKOPS_EVIDENCE_KEY is {row['seals_as']}, and seals are held against another."
        return found("evidence_keys_differ", says)
    absent = [*(() if row["seals_as"] else (UNSEALED,)), *(() if row["pseudonyms"] else (NAMELESS,))]
    if absent:
        return ok(" ".join(absent))
    checked = "" if row["agree"] else " PEAKOPS_EVIDENCE_PUBLIC_KEY is not set: whose seal it is, nobody can tell."
    return ok(f"Evidence is sealed as {row['seals_as']}, and erased people get pseudonyms.{checked}")


def writing_vercel(facts: Facts) -> Outcome:
    wrong = app(facts, "vercel_write_token", "vercel_write_token_refused", WRITE_TOKEN, "the firewall")
    return wrong or ok(
        "Vercel shows the firewall to the token that writes. Whether it may change it, only a write shows."
    )


def vercel_firewall(facts: Facts) -> Outcome:
    if left := left_out(facts, "vercel_firewall", "vercel_token"):
        return left
    if why := refused(facts, "vercel_firewall"):
        return found("vercel_firewall_refused", why)
    fault = facts.fault("vercel_firewall")
    if fault and fault.code.endswith(".not_configured"):
        return skip(f"{fault.message} It shows what is blocked.")
    return ok(f"Vercel shows the firewall: {len(facts['vercel_firewall'])} entries of addresses.")


def database_leases(facts: Facts) -> Outcome:
    if left := left_out(facts, "leases", "database_url"):
        return left
    late = leases.due(facts)
    if late.code:
        return found("leases_due", late.says)
    missed = leases.swept(facts)
    return found("leases_unswept", missed.says) if missed.code else ok(missed.says)


def database_jobs(facts: Facts) -> Outcome:
    """A job that has never run is not missed here: who wants it is asked by 'peakops cron status'."""
    if left := left_out(facts, "runs", "database_url"):
        return left
    ran = [each for each in standings(facts) if each.word != "never_ran"]
    if late := [each for each in ran if each.word == "overdue"]:
        return found("jobs_overdue", told(late))
    return ok(f"{len(ran)} jobs have run, and none is overdue." if ran else "No run of a job is noted.")
