"""
Keep a person out: evidence first, then the ban, then every session, token and link; resumable at any point.

It asks for no score and no other verdict than 'security verify': whoever is not kept out can be contained. Where the
role that writes may not end sessions in the database, it says which grant is missing; '--by password' ends them with
a password that nobody knows instead, after which the person needs a reset.

Example: peakops security contain owner@smilecare.example --dry-run
"""

from collections.abc import Iterator, Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal, Rights
from peakops.model import Row
from peakops.scenario import Facts
from peakops.scenarios.arguments import EndBy
from peakops.scenarios.doctor.left_out import counted, several
from peakops.scenarios.security import access, contain_notes
from peakops.scenarios.security.verify import SCENARIO
from peakops.scenarios.user import person, person_fixes
from peakops.scenarios.words import day

EVIDENCE = 1
"""The step that keeps the evidence: what comes after it names what it brought."""
ENDS = {
    "sessions": "security/end_sessions",
    "refresh_tokens": "security/end_refresh",
    "flow_state": "security/end_flows",
    "one_time_tokens": "security/end_links",
}
"""Each table of Supabase Auth in which something lets the person in, and what empties it of the person."""


def propose(facts: Facts, by: EndBy = None) -> Proposal:
    """Evidence, the ban, the end of whatever lets the person in, the profile, the record; what is so already is not."""
    account, mine = person.account(facts), person.profile(facts)
    living = person.living(facts)
    if account and by is None:
        _permitted(facts)
    at_vendors = [_snapshot(facts)]
    if living and access.kept_out(facts) is None:
        at_vendors.append(_ban(living))
    if living and by:
        at_vendors.append(_shut(living))
    inside = list(_ends(facts, str(account["id"]))) if account and by is None else []
    if mine and mine["is_active"]:
        inside.append(_switch_off(mine))
    if access.has_table(facts) and not _recorded(facts):
        inside.append(_record(facts, account, mine))
    arguments = ("--by", by) if by else ()
    return Proposal(actions=(*at_vendors, *inside), notes=tuple(contain_notes.notes(facts)), arguments=arguments)


def _permitted(facts: Facts) -> None:
    """Raises Refused where the role that writes may not do it, with the grant that it lacks."""
    if not facts.known("rights") or not facts["rights"]:
        return
    lacking, hidden = facts["rights"], [each["name"] for each in facts["rights"] if each["hidden"]]
    names = several([f"auth.{each['name']}" for each in lacking], len(ENDS))
    says = f"The role that writes may not end what is in {names}, so that sessions and tokens would stay."
    if len(hidden) == len(lacking):
        says = f"Row-level security hides {names} from the role that writes, so that sessions and tokens would stay."
    hint = "Grant it as docs/safety.md says, or end them with a password that nobody knows: --by password."
    raise Refused(says, hint=hint, code="fix.no_right_to_end")


def _snapshot(facts: Facts) -> Action:
    row = facts["left"][0] if facts.known("left") else {"sessions": 0, "links": 0}
    return Action(
        via="evidence",
        call="snapshot",
        params={"user": str(facts["person"]["id"])},
        target="evidence",
        was="not kept",
        becomes=f"account, profile, {counted(row['sessions'], 'session')} and logs in a folder of this machine",
        undo="Nothing is to be taken back: it changes nothing.",
    )


def _ban(row: Row) -> Action:
    until = row["banned_until"]
    return Action(
        via="supabase",
        call="ban",
        params={"user": str(row["id"]), "was_banned_until": until.isoformat() if until else "", "until": ""},
        target=f"account {row['email']}",
        was=f"banned until {day(until)}" if until else "not banned",
        becomes="banned for a hundred years: log-in and refresh are refused",
        undo="peakops security release",
    )


def _shut(row: Row) -> Action:
    return Action(
        via="supabase",
        call="shut",
        params={"user": str(row["id"])},
        target=f"password of {row['email']}",
        was="the person's own",
        becomes="one that nobody knows; Supabase ends sessions and one-time links with it",
        final="The old password is gone: the person needs a reset mail after the release.",
    )


def _ends(facts: Facts, user: str) -> Iterator[Action]:
    """What ends, in one transaction; what came up since it was counted ends too."""
    left = facts["left"][0] if facts.known("left") else {}
    further = facts["left_refresh"][0] if facts.known("left_refresh") else {}
    what = {
        "sessions": (
            "session",
            left.get("sessions"),
            "A session that ended does not come back: the person logs in anew.",
        ),
        "refresh_tokens": ("refresh token", further.get("refreshes"), ""),
        "flow_state": ("pending log-in", further.get("flows"), ""),
        "one_time_tokens": ("one-time link", left.get("links"), "A link that ended does not come back."),
    }
    for table, (noun, number, final) in what.items():
        yield Action(
            via="database",
            call=ENDS[table],
            params={"user": user},
            target=f"auth.{table}",
            was="not counted" if number is None else counted(number, noun),
            becomes="none",
            final=final,
        )


def _switch_off(mine: Row) -> Action:
    return Action(
        via="database",
        call="security/switch_off",
        params={"user": str(mine["id"])},
        target=f"profile {mine['email']}",
        was="switched on",
        becomes="switched off",
        undo="peakops security release",
    )


def _record(facts: Facts, account: Row | None, mine: Row | None) -> Action:
    """The row by which `user enable` knows that the ban is on purpose, and `release` how it was before."""
    until = account["banned_until"] if account else None
    return Action(
        via="database",
        call="security/note_containment",
        params={
            "user": str(facts["person"]["id"]),
            "reason": {"private": "reason"},
            "was_banned_until": until.isoformat() if until else None,
            "was_active": mine["is_active"] if mine else None,
            "jwt_exp": {"private": "jwt_exp"},
            "evidence": {"of": EVIDENCE, "field": "status"},
        },
        target="record of the team",
        was="no security action is open",
        becomes="open, with the reason, how it was before, and the digest of the evidence",
        undo="peakops security release",
    )


def _lifetime(facts: Facts) -> Mapping[str, str]:
    """
    How long an access token works, as the project says now; empty where it does not.

    It is no part of the plan, which a Management API that answers at one look and not at the next must not change.
    """
    seconds, known = access.lifetime(facts)
    return {"jwt_exp": str(seconds) if known else ""}


def _recorded(facts: Facts) -> bool:
    """Whether the action is recorded already; what could not be read is recorded, which is done once anyway."""
    return facts.known("containment") and access.open_action(facts) is not None


def done(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The steps at Supabase that the account shows: it is banned for good, and a password has nothing left to end."""
    user = str(facts["person"]["id"])
    ended = facts.known("left") and not facts["left"][0]["sessions"] and not facts["left"][0]["links"]
    shown = {"ban": access.kept_out(facts) is not None, "shut": access.kept_out(facts) is not None and ended}
    return {
        number: {"id": user, "status": actions[0].becomes, "already": True}
        for number, actions in plan.steps()
        if actions and shown.get(actions[0].call)
    }


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("not_contained", "partly_contained"),
    settled=("tokens_may_work", "other_account", "contained"),
    needs=("person", "accounts", "profiles"),
    grade=Grade.CONSEQUENTIAL,
    audit="user.contained",
    subject=person_fixes.subject,
    propose=propose,
    happened=done,
    further=("by",),
    outranks=True,
    private=_lifetime,
    rights=Rights(query="security/rights", params={"tables": list(ENDS), "right": "delete"}),
)
