"""Who sends the portal's e-mail: what the keys may do there, and the sender's domain. Pure."""

from peakops.model import spelt
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios import mails
from peakops.scenarios.doctor.left_out import left_out, refused, several

SETTING = "email_provider"
PEOPLE = {"suppressions": "can_read_suppressions", "messages": "can_read_messages"}
ACCOUNT = {"figures": "can_read_stats", "domains": "can_read_domains"}
"""What the key may read, and where the row has it: without the first a mail's fate is unknown, else only how many."""
KEYS = "PEAKOPS_SENDGRID_WRITE_KEY or PEAKOPS_RESEND_WRITE_KEY"


def email_key(facts: Facts) -> Outcome:
    if left := left_out(facts, "scopes", SETTING):
        return left
    if why := refused(facts, "scopes"):
        return found("email_key_refused", why)
    row = facts["scopes"]
    if row is None:
        return skip("PEAKOPS_EMAIL_PROVIDER is not set.")
    key = f"The {spelt(row['provider'])} key"
    if lacking := [name for name, field in PEOPLE.items() if not row[field]]:
        return found("email_may_not_read", f"{key} may not read {' and '.join(lacking)}.")
    if lacking := [name for name, field in ACCOUNT.items() if not row[field]]:
        return found("email_may_not_count", f"{key} may not read {' and '.join(lacking)}: it lacks {_missing(row)}.")
    further = f" It lacks {_missing(row)}, which only adds to an answer." if row["missing"] else ""
    return ok(f"{key} may read suppressions, messages, figures and domains.{further}")


def _missing(row: dict[str, list[str]]) -> str:
    return several(row["missing"], most=6)


def email_domain(facts: Facts) -> Outcome:
    if left := left_out(facts, "domains", SETTING):
        return left
    provider = facts["sender"]
    if provider is None:
        return skip("PEAKOPS_EMAIL_PROVIDER is not set.")
    if refused(facts, "domains"):
        return skip("The key may not read the domains: see its own line.")
    name, title = provider["from_domain"], spelt(provider["provider"])
    rows = mails.senders(facts["domains"], name)
    if why := mails.unverified(rows, title):
        return found("email_domain_unverified", why)
    if name is None:
        return skip("PEAKOPS_EMAIL_FROM is not set: 'notify resend' shows its plan, and ends with 77.")
    if not rows and provider["provider"] == "resend":
        return found("email_domain_unverified", f"Resend has no domain {name}: mail from it is refused.")
    if not rows:
        return ok(f"{title} has no domain {name}; it may know the single address.")
    return ok(mails.verified(rows))


def writing_email(facts: Facts) -> Outcome:
    if left := left_out(facts, "email_write_key"):
        return left
    if why := refused(facts, "email_write_key"):
        return found("email_write_key_refused", why)
    row = facts["email_write_key"]
    if row is None:
        return skip(f"{KEYS} is not set for the provider in use: a fix of mails shows its plan, and ends with 77.")
    key = f"The {spelt(row['provider'])} key that writes"
    if not row["can_send"]:
        return found("email_write_key_cannot_send", f"{key} may not send: it lacks {_missing(row)}.")
    if row["missing"]:
        return found("email_write_key_lacks", f"{key} may send, and lacks {_missing(row)}.")
    return ok(f"{spelt(row['provider'])} accepts the key that writes; it may send and release.")
