"""The questions of `case check` about a case that is not there: refused, unanswered, locked, not submitted. Pure."""

from datetime import datetime, timedelta

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.case import access, attempts, codes, data, records, standing
from peakops.scenarios.case.attempts import Ended
from peakops.scenarios.words import ago, day

GRACE = timedelta(minutes=2)
"""A submission or an attempt that is younger may be on its way: the portal notes an attempt once it is over."""
NOTHING = f"Salesforce has no record of it, looked for {records.WAYS}."
OBSTACLES = (access.login, access.allowance, access.rights, data.mapping, data.account, data.fields, data.rules)
"""The questions about what keeps a case out; where one of them has found something, that is what is to be remedied."""
TOLD = "What keeps it out of Salesforce is told above."
UNCERTAIN = (Ended.TIMED_OUT, Ended.UNREAD, Ended.OPEN)
"""Ends of an attempt after which a record may have been made."""


def _not_asked(facts: Facts) -> str:
    """Why the question does not arise: nothing is to be sent, or an obstacle is the answer; empty where it does."""
    if why := standing.settled(facts):
        return why
    return TOLD if any(check(facts).code for check in OBSTACLES) else ""


def arrival(facts: Facts) -> Outcome:
    if why := _not_asked(facts):
        return skip(why)
    case = facts["case"]
    if gone := standing.deleted(facts):
        says = f"{records.told(gone)} was this case, and is in Salesforce's recycle bin."
        return found("missing_in_salesforce", says, cause="deleted", **standing.retry(facts))
    if case["salesforce_case_id"]:
        says = f"The portal stored {case['salesforce_case_id']}, which Salesforce does not show. {NOTHING}"
        return found("missing_in_salesforce", says, cause="gone", **standing.retry(facts))
    at = standing.attempt(facts)
    if case["status"] in standing.SENT and (at is None or at.ended is not Ended.REFUSED):
        says = f"The portal says '{case['status']}' and has stored no record. {NOTHING}"
        return found("missing_in_salesforce", says, cause="never_linked", **standing.retry(facts))
    if at is None:
        return _unsent(facts)
    if at.ended is Ended.MADE:
        return found("missing_in_salesforce", f"{at.says} {NOTHING}", cause="gone", **standing.retry(facts))
    if at.ended is Ended.REFUSED and codes.kind(at.code) != "lock":
        hidden = codes.kind(at.code) == "duplicate"
        more = standing.instead("hidden_there") if hidden else standing.retry(facts)
        return found("missing_in_salesforce", f"{at.says} {NOTHING}", cause=codes.cause(at.code), **more)
    return skip(at.says)


def _unsent(facts: Facts) -> Outcome:
    """No attempt was made."""
    case, line = facts["case"], attempts.submitted(facts["audit"])
    if line is None or case["status"] not in standing.WAITING:
        return skip("No submission is logged, and no attempt was made.")
    if _under_way(facts):
        return skip("It was submitted just now.")
    says = f"It was submitted {day(line['created_at'])}, and no attempt to send it is noted. {NOTHING}"
    return found("missing_in_salesforce", says, cause="never_attempted", **standing.retry(facts))


def outcome(facts: Facts) -> Outcome:
    if why := _not_asked(facts):
        return skip(why)
    case, at = facts["case"], standing.attempt(facts)
    if since := _under_way(facts):
        begun = "last tried" if at else "submitted"
        says = f"It was {begun} {ago(since, facts.at('case') or since)} and may be on its way."
        return found("outcome_unknown", says, cause="under_way", **standing.instead("under_way"))
    if at is None or at.ended not in UNCERTAIN:
        return ok("The end of the last attempt is known." if at else "No attempt was made.")
    if case["salesforce_case_id"] or case["status"] in standing.SENT or standing.deleted(facts):
        return skip("What became of it is known.")
    cause = {Ended.TIMED_OUT: "timeout", Ended.UNREAD: "no_code", Ended.OPEN: "no_end"}[at.ended]
    return found("outcome_unknown", f"{at.says} {NOTHING}", cause=cause, **standing.retry(facts))


def lock(facts: Facts) -> Outcome:
    if why := _not_asked(facts):
        return skip(why)
    at = standing.attempt(facts)
    if at and codes.kind(at.code) == "lock":
        return found("row_locked", f"{at.says} {NOTHING}", cause=codes.cause(at.code), **standing.retry(facts))
    return ok("No lock ended the last attempt.")


def submission(facts: Facts) -> Outcome:
    case = facts["case"]
    rows = standing.ours(facts)
    if rows:
        return ok("The case is in Salesforce.")
    if case["status"] == standing.DRAFT:
        says = f"{case['case_number']} is a draft of {day(case['created_at'])}: the practice has not submitted it."
        return found("never_submitted", says, cause="draft", **standing.instead("unsubmitted"))
    if why := _not_asked(facts):
        return skip(why)
    if case["status"] not in standing.WAITING or standing.attempt(facts) or attempts.submitted(facts["audit"]):
        return ok("The audit log knows of the submission, or of an attempt.")
    if _under_way(facts):
        return skip("It was submitted just now.")
    says = f"The portal says '{case['status']}', and its audit log knows of no submission and no attempt. {NOTHING}"
    return found("never_submitted", says, cause="not_logged", **standing.retry(facts))


def _under_way(facts: Facts) -> datetime | None:
    """The moment since which it may be on its way; None where its end is known, or is long due."""
    case, at, now = facts["case"], standing.attempt(facts), facts.at("case")
    if case["status"] not in standing.WAITING or case["salesforce_case_id"] or (at and at.ended is not Ended.OPEN):
        return None
    line = attempts.submitted(facts["audit"])
    moments = (case["created_at"], line and line["created_at"], at and at.at)
    # A clock may be a little ahead of ours, and one that is far ahead says nothing.
    return max((each for each in moments if each and now and abs(now - each) < GRACE), default=None)
