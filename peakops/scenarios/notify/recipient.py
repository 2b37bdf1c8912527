"""What the fixes of notifications share: the person, the provider, and why it sends the person nothing. Pure."""

from peakops.errors import Refused
from peakops.fix import Subject
from peakops.scenario import Facts, Row
from peakops.scenarios.fixes import named
from peakops.scenarios.mails import OF_A_GROUP
from peakops.scenarios.notify import standing
from peakops.scenarios.notify.delivery import COMPLAINT, WISHES
from peakops.scenarios.user import person_fixes

COMPLAINED = "A complaint is a legal matter: only the person can take it back, in writing, with the provider."
LEFT = "Who unsubscribed is written to again only at their own wish: they subscribe again by themselves."


def subject(facts: Facts) -> Subject:
    """The person, by id: the journal holds no address. Raises Refused where only a masked address was given."""
    named(facts["person"], "person")
    return person_fixes.of(facts, standing.profile(facts) if facts.known("preferences") else None)


def provider(facts: Facts) -> str:
    """The e-mail provider in use. Raises Refused where none is configured."""
    used = standing.configured(facts)
    if used is None:
        says = "No e-mail provider is configured."
        raise Refused(says, hint="Set PEAKOPS_EMAIL_PROVIDER; see docs/settings.md.", code="fix.no_provider")
    return used


def undeliverable(facts: Facts) -> list[Row]:
    """Why the provider sends nothing, apart from what the person asked for. Raises Refused where they asked for it."""
    rows: list[Row] = facts["suppressions"]
    against = next((each for each in rows if each["kind"] in WISHES), None)
    if against:
        why = COMPLAINED if against["kind"] == COMPLAINT else LEFT
        raise Refused(f"The address is on the provider's list ({against['kind']}). {why}", code="fix.forbidden")
    return rows


def groups(facts: Facts) -> tuple[str, ...]:
    """What to know where the person left a group of mails: ours names none, so that the provider would send it."""
    left = [str(each["reason"]) for each in facts["suppressions"] if each["kind"] == OF_A_GROUP]
    told = (f"The person has left the group {' and '.join(left)}: send no mail of that kind.",) if left else ()
    return (*told, *facts.notes("suppressions"))


def existing(rows: list[Row], what: str) -> None:
    """Raises Refused where a server said that there is no such mailbox: then `what` is of no use."""
    hard = next((each for each in rows if each["kind"] == "bounce" and each["hard"]), None)
    if hard:
        why = f" ({hard['reason']})" if hard["reason"] else ""
        says = f"The receiving server says that there is no such mailbox{why}: {what}."
        hint = "Ask the person for the right address, and correct it in the portal."
        raise Refused(says, hint=hint, code="fix.no_mailbox")
