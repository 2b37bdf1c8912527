"""Supabase Auth: its key, its settings, and the limits of its mails. Pure."""

from datetime import datetime

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.doctor.left_out import left_out, refused
from peakops.scenarios.words import day

SETTINGS = ("supabase_url", "supabase_key")
BUILT_IN_MAILS = 2
"""Mails an hour of Supabase's own mail server, which is meant for trying."""
MINUTE_S = 60


def supabase_reachable(facts: Facts) -> Outcome:
    if left := left_out(facts, "supabase_health", *SETTINGS):
        return left
    if why := refused(facts, "supabase_health"):
        return found("supabase_refused", why)
    health = facts["supabase_health"]
    return ok(f"{health['name']} {health['version']} answers.")


def supabase_key(facts: Facts) -> Outcome:
    if left := left_out(facts, "supabase_key", *SETTINGS):
        return left
    key = facts["supabase_key"]
    if why := _useless(key, facts.at("supabase_key")):
        return found("supabase_key_wrong", f"PEAKOPS_SUPABASE_KEY {why}.")
    if key["legacy"]:
        return found("supabase_key_legacy", f"PEAKOPS_SUPABASE_KEY is {_kind(key)}.")
    return ok(f"The key is {_kind(key)}.")


def writing_supabase(facts: Facts) -> Outcome:
    if left := left_out(facts, "supabase_write_key"):
        return left
    if why := refused(facts, "supabase_write_key"):
        return found("supabase_write_key_wrong", f"PEAKOPS_SUPABASE_WRITE_KEY: {why}")
    key = facts["supabase_write_key"]
    if key is None:
        return skip("PEAKOPS_SUPABASE_WRITE_KEY is not set: a fix of access shows its plan, and ends with 77.")
    why = _useless(key, facts.at("supabase_write_key"))
    if why or not key["admin"]:
        return found("supabase_write_key_wrong", f"PEAKOPS_SUPABASE_WRITE_KEY {why or f'is {_kind(key)}'}.")
    if key["legacy"]:
        return found("supabase_write_key_legacy", f"PEAKOPS_SUPABASE_WRITE_KEY is {_kind(key)}.")
    return ok(f"Supabase Auth accepts the key that writes, which is {_kind(key)}.")


def _useless(key: Row, now: datetime | None) -> str:
    """Why no request will be served under a key; empty where nothing is known against it."""
    if key["kind"] == "unknown":
        return "is none of Supabase's keys"
    ends = key["expires_at"]
    return f"expired on {day(ends)}" if ends and now and ends <= now else ""


def _kind(key: Row) -> str:
    sees = "sees and changes accounts" if key["admin"] else "sees no accounts"
    ends = f", and ends on {day(key['expires_at'])}" if key["expires_at"] else ""
    return f"of the kind {key['kind']}, which {sees}{ends}"


def supabase_settings(facts: Facts) -> Outcome:
    if left := left_out(facts, "supabase_settings", *SETTINGS):
        return left
    if refused(facts, "supabase_health"):
        return skip("Supabase Auth refuses us.")
    row = facts["supabase_settings"]
    if not row["email_enabled"]:
        return found("password_login_off", f"The providers are: {', '.join(row['providers']) or 'none'}.")
    signs_up = "closed" if row["disable_signup"] else "open"
    confirms = "confirmed by themselves" if row["autoconfirm"] else "confirmed by mail"
    return ok(f"Log-in by e-mail is on, sign-up is {signs_up}, new accounts are {confirms}.")


def supabase_limits(facts: Facts) -> Outcome:
    if left := left_out(facts, "supabase_limits", *SETTINGS):
        return left
    if why := refused(facts, "supabase_limits"):
        return found("supabase_token_refused", why)
    # The token is a convenience: without the limits nothing else is in doubt.
    if fault := facts.fault("supabase_limits"):
        return skip(fault.message)
    row = facts["supabase_limits"]
    apart, minutes = row["smtp_max_frequency"], row["mailer_otp_exp"] // MINUTE_S
    says = f"It sends {row['rate_limit_email_sent']} mails an hour, and one to a person every {apart} s."
    says = f"{says} Their links last {minutes} min."
    if row["known_by"] == "defaults":
        return ok(f"{says} These are the defaults: PEAKOPS_SUPABASE_TOKEN is not set.")
    return found("few_mails", says) if row["rate_limit_email_sent"] <= BUILT_IN_MAILS else ok(says)
