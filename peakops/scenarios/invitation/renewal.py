"""A fresh invitation in the place of an older one: what is against it, and which rows it changes. Pure."""

from datetime import timedelta
from typing import Any

from peakops import playbook
from peakops.errors import Refused
from peakops.fix import Action, Plan
from peakops.plan import Params
from peakops.scenario import Facts, Row
from peakops.scenarios.invitation import closing, looks, standing
from peakops.scenarios.user.portal import CLOSED
from peakops.scenarios.words import day, lasting

ESSENTIAL = ("invitation", "invitations", "accounts")
"""The looks that must have answered: an account, or a practice that is closed, forbids another invitation."""
LIFETIME = timedelta(days=7)
"""How long a fresh invitation lasts where the old one's dates do not tell."""


def offer(facts: Facts) -> dict[str, Any]:
    """Whether a fresh invitation may be named as the remedy, and what is said instead where not: for a finding."""
    if not facts.known("accounts"):
        return {"curable": False}
    against = _against(facts)
    return {"curable": False, "instead": playbook.words("invitation")["instead"][against]} if against else {}


def _against(facts: Facts) -> str:
    """What forbids another invitation, by its name in the playbook; empty where nothing does."""
    if standing.confirmed(facts):
        return "has_account"
    return "practice_closed" if original(facts)["practice_status"] in CLOSED else ""


def original(facts: Facts) -> Row:
    """The invitation that a fresh one is like: the newest whose link works where there are several, else the newest."""
    live = standing.live(facts)
    return live[0] if len(live) > 1 else standing.newest(facts)


def allowed(facts: Facts) -> None:
    """Raises Refused where no fresh invitation may be made."""
    closing.listed(facts)
    against, row = _against(facts), original(facts)
    if against == "has_account":
        says = "The address has a confirmed account, which needs no invitation."
        raise Refused(says, hint=looks.user_check(facts), code="fix.has_account")
    if against:
        says = f"{row['practice']} is {row['practice_status']}: nobody of it gets in."
        raise Refused(says, hint="Ask the technical lead.", code="fix.practice_closed")


def actions(facts: Facts) -> tuple[Action, ...]:
    """Every pending invitation of the address is closed, and the fresh one made, all in one transaction."""
    rows = standing.pending(facts)
    closes = [closing.close(each, "expired" if standing.over(facts, each) else "revoked") for each in rows]
    return (*closes, _renew(original(facts)))


def _renew(row: Row) -> Action:
    seconds = _seconds(row)
    return Action(
        via="database",
        call="invitation/renew",
        params={"invitation": str(row["id"]), "seconds": seconds, "fresh": {"private": "token"}},
        target=f"fresh invitation to {row['practice']} ({row['role']})",
        was="none",
        becomes=f"pending for {lasting(seconds)} from now, with a link of its own",
        undo="peakops invitation revoke EMAIL",
    )


def _seconds(row: Row) -> int:
    """How long the old invitation was to last."""
    lasts: timedelta = row["expires_at"] - row["created_at"]
    return round((lasts if lasts > timedelta() else LIFETIME).total_seconds())


def notes(facts: Facts) -> tuple[str, ...]:
    """What to know of the rows before they are changed."""
    row, told = original(facts), []
    if row["expires_at"] <= row["created_at"]:
        told.append(
            f"The old invitation's dates do not tell how long it was to last: {lasting(_seconds(row))} are taken."
        )
    others = {each["practice"] for each in standing.live(facts)} - {row["practice"]}
    if others:
        told.append(
            f"Another one is pending to {', '.join(sorted(others))}; the fresh one is to {row['practice']} alone."
        )
    return tuple(told)


def hold(facts: Facts) -> tuple[str, Params]:
    """The newest invitation as it was seen, which the transaction finds and locks."""
    row = standing.newest(facts)
    return "invitation/lock_newest", {"invitation": str(row["id"]), "was_status": row["status"]}


def not_made(facts: Facts, plan: Plan) -> str:
    """Why the look afterwards does not show the fresh invitation; empty where it does."""
    row = standing.newest(facts)
    made = str(row["id"]) != plan.subject.id and row["status"] == "pending" and not standing.over(facts, row)
    return "" if made else f"shows no fresh invitation: the newest is of {day(row['created_at'])}, '{row['status']}'."
