"""The questions of `notify check` about the provider: its key, its limits, its state, and the domain. Pure."""

from datetime import datetime
from typing import Any

from peakops.model import spelt
from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios import mails
from peakops.scenarios.notify import standing
from peakops.scenarios.notify.looks import UNSENT
from peakops.scenarios.notify.standing import instead
from peakops.scenarios.words import day

NOT_ASKED = "E-mail is not asked about."
BROKEN = ("major", "critical")
"""What a status page says where mails are not sent; minor troubles and works are told, and are no verdict."""


def again(facts: Facts) -> dict[str, Any]:
    """How the fix of a row is told which notification is to be sent again."""
    row = standing.newest(facts, "email")
    return {"arguments": ("--notification", str(row["id"]))} if row else {"curable": False}


def key(facts: Facts) -> Outcome:
    if "email" not in standing.wanted(facts):
        return skip(NOT_ASKED)
    if fault := standing.met(facts, "key", "scope"):
        words = instead("key_of_peakops")
        says = f"That of peakops: {fault.message}"
        return found("key_without_scope", says, cause="of_peakops", instead=words, curable=False)
    if code := standing.refused(facts, "key", "scope"):
        says = f"{standing.told(code)} That was the portal's own key."
        return found("key_without_scope", says, cause="of_the_portal", **again(facts))
    if note := standing.nobody_asked(facts):
        return skip(note)
    return ok("Nothing was refused for the key.")


def quota(facts: Facts) -> Outcome:
    if "email" not in standing.wanted(facts):
        return skip(NOT_ASKED)
    if fault := standing.met(facts, "quota"):
        return _used_up_now(fault.message)
    left = facts["quota"] if facts.known("quota") else None
    row = standing.newest(facts, "email")
    # That no mail is left now says nothing of one that was sent.
    waits = row and row["status"] in UNSENT and not standing.arrived(facts)
    if waits and left and left["remaining"] is not None and left["remaining"] <= 0:
        says = f"{spelt(left['provider'])} has none of its {left['limit']} mails left{_resets(left['resets_at'])}."
        return _used_up_now(says)
    if code := standing.refused(facts, "quota"):
        return _used_up_then(facts, code, left)
    if note := standing.nobody_asked(facts):
        return skip(note)
    if left is None or left["remaining"] is None:
        return ok("Nothing was refused for a limit.")
    return ok(f"{left['remaining']} of {left['limit']} mails are left{_resets(left['resets_at'])}.")


def _used_up_then(facts: Facts, code: str, left: Row | None) -> Outcome:
    """A limit that the portal met: over once some mails are left, or a day has gone by."""
    row, now = standing.newest(facts, "email"), facts.at("notifications")
    some_left = left is not None and left["remaining"] is not None
    if some_left or (row and now and now - row["created_at"] >= standing.DAY):
        return found("quota_reached", f"{standing.told(code)} There is room again.", cause="over", **again(facts))
    return _used_up_now(f"{standing.told(code)} That is less than a day ago.")


def _used_up_now(says: str) -> Outcome:
    """A limit that holds still: nothing is sent before it is over."""
    return found("quota_reached", says, cause="now", instead=instead("quota_now"), curable=False)


def _resets(at: datetime | None) -> str:
    return f" until {day(at)}" if at else ""


def service(facts: Facts) -> Outcome:
    row = standing.newest(facts, "email")
    if row is None:
        return skip("There is no mail to judge.")
    if note := standing.nobody_asked(facts):
        return skip(note)
    page = facts["page"] if facts.known("page") else None
    if standing.settled(facts):
        return ok(f"It took the mail, and told what became of it.{_page(page)}")
    if other := standing.sent_by_another(facts, row):
        return skip(f"The mail was sent by {spelt(other)}, which is not in use any more.")
    fault = standing.met(facts, "down")
    waits = row["status"] != "sent" and not standing.young(facts, row)
    code = standing.refused(facts, "down")
    if (page and page["indicator"] in BROKEN) or (fault and waits):
        says = f"{fault.message} " if fault else ""
        says = f"{says}The mail has not arrived.{_page(page)}"
        return found("provider_down", says, cause="now", instead=instead("down_now"), curable=False)
    if code and fault is None and facts.known("suppressions"):
        says = f"{standing.told(code)} {spelt(str(standing.configured(facts)))} answers again.{_page(page)}"
        return found("provider_down", says, cause="over", **again(facts))
    if code:
        says = f"{standing.told(code)} It has not answered peakops now either."
        return found("provider_down", says, instead=instead("down_now"), curable=False)
    return ok(f"Nothing says that it is down.{_page(page)}")


def _page(page: Row | None) -> str:
    """What the provider's status page says, as a further sentence."""
    if page is None:
        return " Its status page could not be read."
    if page["indicator"] == "none":
        return " Its status page tells of no trouble."
    incidents = [each["name"] for each in page["incidents"]]
    return f" Its status page says '{page['indicator']}'{f': {incidents[0]}' if incidents else ''}."


def _matters_not(facts: Facts) -> str:
    """Why the domain is not what kept the newest mail back, as a sentence; empty where it may be."""
    row = standing.newest(facts, "email")
    if row is None:
        return "There is no mail to judge."
    if standing.arrived(facts):
        return "The mail arrived."
    other = standing.sent_by_another(facts, row) if row["status"] == "sent" else None
    return (
        f"The mail was sent by {spelt(other)}, which is not in use any more." if other else standing.nobody_asked(facts)
    )


def domain(facts: Facts) -> Outcome:
    if why := _matters_not(facts):
        return skip(why)
    code, name = standing.refused(facts, "domain"), facts["provider"]["from_domain"]
    if code and not facts.known("domains"):
        says = f"{standing.told(code)} Whether it is so still could not be read."
        return found("domain_unverified", says, curable=False)
    rows = mails.senders(facts["domains"], name)
    provider = spelt(facts["provider"]["provider"])
    if says := mails.unverified(rows, provider):
        return found("domain_unverified", says, cause="now", curable=False)
    if refused := standing.disowned(facts):
        says = f"The receiving server cannot prove that the mail is ours ({refused}); {provider} finds nothing wrong."
        return found("domain_unverified", says, cause="receiver", instead=instead("domain_receiver"), curable=False)
    if not rows and (code or facts["provider"]["provider"] == "resend"):
        says = f"{provider} has no domain {name or 'at all'}: mail from it is refused."
        return found("domain_unverified", says, cause="absent", curable=False)
    if code:
        says, words = f"{standing.told(code)} The domain is verified now.", instead("domain_over")
        return found("domain_unverified", says, cause="over", instead=words, **again(facts))
    if not rows:
        return ok(f"{provider} has no domain of the sender's; it may know the single address.")
    return ok(mails.verified(rows))
