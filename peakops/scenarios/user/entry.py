"""The questions of `user check` about the way in: password, second factor, and whether nothing is against it. Pure."""

from datetime import datetime

from peakops.model import Verdict
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios import mails
from peakops.scenarios.user import account, person, portal
from peakops.scenarios.words import day

PASSWORD = "email"  # noqa: S105  (the provider's name in auth.identities)
"""The provider of an identity that can have a password, or a link by e-mail; the others are single sign-on."""
FAILED = "auth.login_failed"
"""What the portal's audit log calls a log-in that failed; Supabase's own log never notes one."""
LOGGED_IN = "auth.login"
"""What it calls one that worked."""
VERIFIED = "verification_attempted"
"""What Supabase's log calls a code that was given."""
INSIDE = ("login", "token_refreshed", "logout")
"""What it notes of somebody who has a session."""


def identity(facts: Facts) -> Outcome:
    row = person.living(facts)
    if row is None or not row["email_confirmed_at"]:
        return skip("There is no account that can log in yet.")
    providers = sorted({each["provider"] for each in facts["identities"]})
    if PASSWORD in providers and not row["is_sso_user"]:
        return ok(f"A password can be used.{_another(facts)}")
    by = f"the account logs in by {', '.join(providers)}" if providers else "the account has no identity at all"
    cause, says = "sso" if row["is_sso_user"] else None, f"No password can work: {by}.{_with_password(facts)}"
    return found("no_password_identity", says, cause=cause)


def _another(facts: Facts) -> str:
    """What is told of another account with the address: whoever logs in by single sign-on gets that one."""
    others = [each for each in facts["accounts"] if each["id"] != facts["person"]["id"]]
    if not others:
        return ""
    kind = "of single sign-on" if others[0]["is_sso_user"] else "of the same address"
    return f" There is another account {kind}, {others[0]['id']}: whoever logs in to that one sees what is its own."


def _with_password(facts: Facts) -> str:
    """What is told of a password account with the address where the profile is the single sign-on account's."""
    others = [each for each in facts["accounts"] if each["id"] != facts["person"]["id"] and not each["is_sso_user"]]
    if not others:
        return ""
    id = others[0]["id"]
    return f" The address has an account with a password too, {id}, which is not the one with the profile."


def factor(facts: Facts) -> Outcome:
    if person.living(facts) is None:
        return skip("There is no account.")
    asked = [each for each in facts["factors"] if each["status"] == "verified" and each["last_challenged_at"]]
    if not asked:
        return ok("No second factor stands in the way.")
    newest = max(asked, key=lambda each: each["last_challenged_at"])
    passed = next((each["at"] for each in facts["second_factor"]), None)
    if passed and passed >= newest["last_challenged_at"]:
        return ok(f"The second factor was passed at {day(passed)}.")
    asked_for = f"The {newest['factor_type']} factor was asked for at {day(newest['last_challenged_at'])}"
    if not passed and facts.known("sessions") and not facts["sessions"]:
        return _no_session(facts, asked_for, newest["last_challenged_at"])
    last = f"it was last passed before that, at {day(passed)}" if passed else "no session that is open has passed it"
    return found("mfa_locked", f"{asked_for}; {last}.")


def _no_session(facts: Facts, asked_for: str, since: datetime) -> Outcome:
    """A second factor where no session is left that could show it: the logs may."""
    shown = _passed(facts, since)
    if shown:
        return ok(f"{asked_for}, and was passed before the session ended: {shown}.")
    says = f"{asked_for}; no session is left that would show whether it was passed, and no log does: it is not certain."
    return found("mfa_locked", says, cause="no_session", instead=person.instead("no_session"))


def _passed(facts: Facts, since: datetime) -> str:
    """
    What shows that the second factor was passed since it was asked for, as a part of a sentence; empty where nothing.

    Whoever is stopped there can log out, too: in Supabase's log it takes the verification, and something after it.
    """
    log = facts["auth_events"] if facts.known("auth_events") else []
    mine = [each for each in log if each["created_at"] >= since and not each["by_another"]]
    verified = min((each["created_at"] for each in mine if each["action"] == VERIFIED), default=None)
    after = [each for each in mine if each["action"] in INSIDE and verified and each["created_at"] >= verified]
    if after:
        return f"Supabase Auth noted '{after[-1]['action']}' after the code, at {day(after[-1]['created_at'])}"
    noted = facts["activity"] if facts.known("activity") else []
    seen = [each["created_at"] for each in noted if each["action"] == LOGGED_IN and each["created_at"] > since]
    return f"the portal noted a log-in at {day(seen[-1])}" if seen else ""


def login(facts: Facts) -> Outcome:
    row, mine = person.living(facts), person.profile(facts)
    if row is None or mine is None or not row["email_confirmed_at"] or not row["email"]:
        return skip("There is no confirmed account with a profile.")
    if any(check(facts).verdict in (Verdict.FOUND, Verdict.UNKNOWN) for check in IN_THE_WAY):
        return skip("Something is, or may be: see above.")
    seen = f"last logged in at {day(row['last_sign_in_at'])}" if row["last_sign_in_at"] else "has never logged in"
    says = f"Nothing keeps {row['email']} out: the account {seen}{_failures(facts)}."
    held = person.suppressions(facts)
    return found("can_log_in", says, instead=person.instead("reset_suppressed") if held else {}, curable=not held)


IN_THE_WAY = (
    *(account.containment, account.ban, portal.address, portal.activity, portal.practice, portal.expectation),
    *(identity, factor),
)
"""What may keep a person out who has a confirmed account and a profile."""


def _failures(facts: Facts) -> str:
    if not facts.known("activity"):
        return ""
    failed = [each for each in facts["activity"] if each["action"] == FAILED]
    if not failed:
        return ""
    more = "at least " if facts.notes("activity") else ""
    times = "once" if len(failed) == 1 else f"{more}{len(failed)} times"
    return f"; the portal noted a failed log-in {times} in 30 days, last at {day(failed[0]['created_at'])}"


def mail(facts: Facts) -> Outcome:
    if not facts.known("suppressions"):
        return skip("The e-mail provider could not be asked.")
    held = person.suppressions(facts)
    if not held:
        return ok("; ".join(facts.notes("suppressions")) or "The e-mail provider holds nothing against the address.")
    row = person.living(facts)
    if row and not row["email_confirmed_at"]:
        return skip("Told above, of the mail that is due.")
    return found("mail_suppressed", f"{mails.suppressed(held[0])}: no mail to it arrives.")
