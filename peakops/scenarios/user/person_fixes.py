"""What the fixes of a person share: how they name the person, and what is said of mails. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Plan, Proposal, Subject
from peakops.scenario import Facts, Row
from peakops.scenarios import mails
from peakops.scenarios.fixes import named
from peakops.scenarios.user import looks, person
from peakops.scenarios.words import day, lasting

ESSENTIAL = ("person", "accounts", "profiles", "containment")
"""The looks that must have answered before anything is changed: a security action may be open."""


def subject(facts: Facts) -> Subject:
    """The person, by id: the journal holds no address. Raises Refused where only a masked address was given."""
    named(facts["person"], "person")
    return of(facts, person.profile(facts))


def of(facts: Facts, profile: Row | None) -> Subject:
    """Whoever is named for sure, with the practice of this profile."""
    id = str(facts["person"]["id"])
    practice = str(profile["practice_id"]) if profile and profile["practice_id"] else None
    return Subject(kind="user", id=id, name=id, practice_id=practice, known_as=looks.called(facts))


def account(facts: Facts) -> Row:
    """The account that is to be changed. Raises Refused where there is none."""
    row = person.living(facts)
    if row is None:
        says = "There is no account in Supabase Auth yet, so that there is nobody to send a mail to."
        raise Refused(says, hint="Look at the invitation: peakops invitation check EMAIL", code="fix.no_account")
    return row


def mail(facts: Facts, column: str, *, call: str, what: str, becomes: str) -> Proposal:
    """One mail to the account's own address, the last of which went out at `column`. Raises Refused where none may."""
    row = account(facts)
    deliverable(facts)
    in_time(facts, row, column)
    send = Action(
        via="supabase",
        call=call,
        params={"user": str(row["id"]), "was_sent_at": sent(row, column)},
        target=f"{what} mail to {row['email']}",
        was=f"last sent {day(row[column])}" if row[column] else "never sent",
        becomes=becomes,
        final="A mail that was sent cannot be taken back.",
    )
    return Proposal(actions=(send,), notes=mail_notes(facts))


def sent(row: Row, column: str) -> str:
    """When a mail was last sent, as a plan holds it; empty where none was."""
    return row[column].isoformat() if row[column] else ""


def deliverable(facts: Facts) -> None:
    """Raises Refused where the e-mail provider suppresses the address: a mail would be sent into the void."""
    held = person.suppressions(facts)
    if held:
        says = f"{mails.suppressed(held[0])}, so that no mail arrives."
        raise Refused(says, hint="Lift the suppression in the provider's dashboard first.", code="fix.suppressed")


def in_time(facts: Facts, row: Row, column: str) -> None:
    """Raises Refused where the last mail to this address is younger than Supabase allows a next one."""
    least, now, last = facts["limits"]["smtp_max_frequency"], facts.at("accounts"), row[column]
    if last is None or now is None:
        return
    wait = min(least, (last + timedelta(seconds=least) - now).total_seconds())
    if wait <= 0:
        return
    says = f"A mail went to this address at {day(last)}; Supabase sends one every {lasting(least)} at most."
    hint = f"Run it again in {lasting(wait)}."
    if last > now:
        says = f"Supabase notes a mail to this address at {day(last)}, and it is {day(now)} now: the clocks differ."
        hint = f"Compare the clocks with: peakops doctor. {hint}"
    raise Refused(says, hint=hint, code="fix.too_soon", retry_after_s=wait)


def mail_notes(facts: Facts) -> tuple[str, ...]:
    """What limits the mail that is about to be sent."""
    limits = facts["limits"]
    apart, hourly = lasting(limits["smtp_max_frequency"]), limits["rate_limit_email_sent"]
    return (
        f"Supabase sends one mail every {apart} to an address, and {hourly} an hour in the whole "
        f"project{_whence(limits)}; the next one waits for that.",
    )


def _whence(limits: Mapping[str, Any]) -> str:
    builtin = " (Supabase's defaults; 2 an hour with its built-in mail server)"
    return builtin if limits["known_by"] == "defaults" else ""


def not_sent(facts: Facts, plan: Plan, column: str) -> str:
    """Why the look afterwards does not show that a mail went out: Supabase answers 200 to anybody."""
    row = person.living(facts)
    before = plan.actions[0].params["was_sent_at"]
    if row and sent(row, column) not in ("", before):
        return ""
    return f"shows no new mail: {column} is what it was."


def mail_went(facts: Facts, plan: Plan, column: str) -> dict[int, Mapping[str, Any]]:
    """The step that sent the mail, where the account shows that one went out since the plan was made."""
    row = person.living(facts)
    if row is None or not_sent(facts, plan, column):
        return {}
    return {1: {"id": str(row["id"]), "status": f"sent {sent(row, column)}", "already": True}}
