"""
Whether a person is kept out: the ban, the profile, what is left of sessions, and until when old access tokens work.

Run it after 'security contain', and once more when the time that it names has passed.

Example: peakops security verify owner@smilecare.example
"""

from collections.abc import Iterator, Mapping

from peakops import playbook
from peakops.model import Row, Severity, typed
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip
from peakops.scenarios import pending
from peakops.scenarios.arguments import Person
from peakops.scenarios.doctor.left_out import several
from peakops.scenarios.security import access
from peakops.scenarios.user import looks, person
from peakops.scenarios.words import day

VERBS = ("security contain", "security release")
UNRECORDED = "The team has no table of security actions, so that 'user enable' lets the person in: run 'peakops setup'."


def gather(look: Look, user: Person) -> None:
    """Declare the looks; all wait for one answer alone, which says who is meant."""
    who = looks.person(look, user)
    id = looks.identifier(who)
    pending.look_for(look, who, "user")
    for name in ("accounts", "profiles"):
        look.rows(name, f"user/{name}", id=id, emails=looks.addresses(who))
    action = look.at("database", "containment", "team", query="security/containment", id=id)
    look.rows("record", "security/record")
    revoked = look.rows("revoked", "security/revoked", id=id)
    look.rows("left", "security/left", id=id)
    look.rows("left_refresh", "security/left_refresh", id=id)
    logged = revoked.then(access.last_containment)
    recorded = action.then(access.made_at).otherwise(None)
    look.rows("since", "security/since", id=id, logged=logged, recorded=recorded)
    whose = {"id": revoked.then(access.whom), "addresses": [], "since": logged, "until": revoked.then(access.asked_at)}
    look.at("supabase_logs", "platform", "person", **whose)
    look.at("database", "incidents", "team", query="security/incidents", subject=who.then(_subject))
    look.at("supabase", "limits", "limits")


def _subject(row: Row | None) -> str | None:
    """How an incident names the person."""
    return f"user:{row['id']}" if row and row["id"] else None


def unfinished(facts: Facts) -> Outcome:
    """Of what was begun, that which keeps people out or lets them in; no other verb is to be gone on with before it."""
    return pending.unfinished(facts, VERBS)


def containment(facts: Facts) -> Outcome:
    if facts["person"]["id"] is None:
        says = "There is neither an account nor a profile, only an invitation; there is nothing to contain."
        return found(
            "not_contained", says, cause="only_invited", curable=False, next=_invitation(facts), instead=_instead()
        )
    if access.begun(facts):
        return skip("A containment was begun.")
    living, mine = person.living(facts), person.profile(facts)
    if living is None and (mine is None or not mine["is_active"]):
        return skip("There is no account, and no profile that is switched on.")
    left = "; ".join(says for code, says in access.gaps(facts) if code != "not_recorded")
    return found("not_contained", f"Nothing keeps the person out for good: {left}.")


def _instead() -> Mapping[str, str]:
    words: Mapping[str, str] = playbook.words("security")["instead"]["only_invited"]
    return words


def _invitation(facts: Facts) -> tuple[str, ...]:
    return (typed("peakops invitation check", facts["person"]["given"] or facts["person"]["email"]),)


def whole(facts: Facts) -> Outcome:
    if facts["person"]["id"] is None or not access.begun(facts):
        return skip("No containment was begun.")
    missing = list(access.gaps(facts))
    if missing:
        says = f"The containment is not complete: {'; '.join(says for _, says in missing)}."
        return found("partly_contained", says, cause=missing[0][0])
    access.require(facts)
    return ok(f"{_shut(facts)}, no profile is switched on, and no session, token or link is left.")


def _shut(facts: Facts) -> str:
    until = access.kept_out(facts)
    return f"The account is banned until {day(until)}" if until else "There is no account that could log in"


def issued(facts: Facts) -> Outcome:
    ends, now = access.tail(facts), facts.at("accounts")
    if facts["person"]["id"] is None or ends is None or now is None:
        return skip("It is not known that sessions were ended.")
    access.require(facts)
    if now < ends.until:
        says = (
            f"Access tokens that were issued before {day(ends.since)} may work until {day(ends.until)}{_sure(facts)}."
        )
        return found("tokens_may_work", f"{says} {access.activity(facts)}")
    if now < ends.at_most:
        says = (
            f"Access tokens that were issued before {day(ends.since)} may work until {day(ends.at_most)}, if the "
            f"project set the most{_sure(facts)}."
        )
        cause = "still_active" if facts.known("since") and facts["since"] else "lifetime_unknown"
        return found("tokens_may_work", f"{says} {access.activity(facts)}", cause=cause)
    return ok(f"Access tokens that were issued before have ended at {day(ends.until)}{_sure(facts)}.")


def _sure(facts: Facts) -> str:
    """Whence it is known how long a token works."""
    seconds, known = access.lifetime(facts)
    if known:
        return f" (jwt_exp {seconds} s)"
    return f" (jwt_exp could not be read: the default of {seconds} s is assumed; a project may set {access.MOST_S} s)"


def elsewhere(facts: Facts) -> Outcome:
    """An account of single sign-on has an address that another account may have too; each is contained by its id."""
    if facts["person"]["id"] is None or not access.begun(facts):
        return skip("No containment was begun.")
    others = access.open_elsewhere(facts)
    if not others:
        return ok("No other account of the address is open.")
    says = f"{_shut(facts)}; the address has another account, which nothing keeps out for good: {several(others)}."
    return found("other_account", says, next=(typed("peakops security contain", others[0]),))


def kept_out(facts: Facts) -> Outcome:
    if facts["person"]["id"] is None:
        return skip("There is nobody to keep out.")
    if not access.begun(facts) or any(access.gaps(facts)):
        return skip("It is not so.")
    access.require(facts)
    says = f"Kept out since {day(access.contained_at(facts))}. {_shut(facts)}, and nothing is left to log in with."
    return found("contained", " ".join((says, *_further(facts))))


def _further(facts: Facts) -> Iterator[str]:
    """What to know besides: an incident that a release would wait for."""
    numbers = [each["number"] for each in facts["incidents"]] if facts.known("incidents") else []
    if numbers:
        yield f"Open about the person: {several(numbers)}."


def warns(facts: Facts) -> tuple[str, ...]:
    """That a containment is recorded nowhere but in the logs, where the team has no table for it."""
    lacking = facts.known("record") and not facts["record"][0]["containments"]
    return (UNRECORDED,) if lacking and access.begun(facts) else ()


def brief(facts: Facts) -> str:
    """What the systems say in one sentence, where no row of the playbook fits."""
    if person.living(facts) is None:
        return "There is no account to log in with, and no profile that is switched on; nothing was contained."
    return f"What is missing: {'; '.join(says for _, says in access.gaps(facts)) or 'nothing'}."


def told(facts: Facts) -> Row:
    """The same in fields; None where it could not be read."""
    ends = access.tail(facts)
    action = access.open_action(facts) if facts.known("containment") else None
    left = {**_first(facts, "left"), **_first(facts, "left_refresh")}
    mine = person.profile(facts) if facts.known("profiles") else None
    return {
        "user_id": facts["person"]["id"],
        "banned_until": person.banned(facts) if facts.known("accounts") else None,
        "is_active": mine["is_active"] if mine else None,
        "contained_at": access.contained_at(facts),
        "by": action["operator"] if action else None,
        "reason": action["reason"] if action else None,
        "evidence": action["evidence"] if action else None,
        "left": {name: left.get(name) for name in ("sessions", "links", "refreshes", "flows")},
        "tokens": {
            "until": ends.until if ends else None,
            "at_most": ends.at_most if ends else None,
            "seconds": access.lifetime(facts)[0],
            "known": access.lifetime(facts)[1],
        },
        "activity": [dict(each) for each in facts["since"]] if facts.known("since") else None,
        "incidents": [each["number"] for each in facts["incidents"]] if facts.known("incidents") else None,
    }


def _first(facts: Facts, name: str) -> Row:
    return facts[name][0] if facts.known(name) else {}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(unfinished, whole, containment, issued, elsewhere, kept_out),
    subject=("person",),
    needs={
        Severity.WARNING: ("person", "accounts", "profiles"),
        Severity.OK: ("person", "accounts", "profiles", "left", "left_refresh", "revoked", "containment", "since"),
    },
    must_answer=("whole", "issued"),
    data=told,
    brief=brief,
    warns=warns,
    called=looks.called,
    plural="people",
    absent=looks.absent,
    near=looks.near,
    candidate=looks.candidate,
)
