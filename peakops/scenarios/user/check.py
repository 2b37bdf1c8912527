"""
User can't log in: "invalid credentials", locked out, or the wrong practice's data.

Looks at Supabase Auth and the portal at once: account, profile, practice, invitations, second factor, security actions.

Example: peakops user check owner@smilecare.example
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import ExpectPractice, Person
from peakops.scenarios.user import account, entry, looks, portal, sight


def gather(look: Look, user: Person, expect_practice: ExpectPractice = None) -> None:
    """Declare the looks; all wait for one answer alone, which says who is meant."""
    who = looks.person(look, user)
    id, emails = looks.identifier(who), looks.addresses(who)
    pending.look_for(look, who, "user")
    accounts = look.rows("accounts", "user/accounts", id=id, emails=emails)
    profiles = look.rows("profiles", "user/profiles", id=id, emails=emails)
    look.rows("invitations", "user/invitations", emails=emails)
    look.at("database", "containment", "team", query="user/containment", id=id)
    for name in ("identities", "factors", "second_factor", "sessions", "tokens", "activity"):
        look.rows(name, f"user/{name}", id=id)
    log = {"query": "user/auth_events", "size": "user/size", "table": "auth.audit_log_entries"}
    look.at("database", "auth_events", "modest", id=id, **log)
    look.at("email", "suppressions", "suppressions", email=who.then(looks.address))
    look.at("email", "messages", "messages", **looks.confirmation_mail(accounts))
    look.at("supabase", "limits", "limits")
    if expect_practice:
        wanted = look.rows("expected", "user/practices", practice=expect_practice)
        both = (profiles.then(looks.each("practice_id")), wanted.then(looks.each("id")))
        look.rows("holdings", "user/holdings", practices=both)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        account.deletion,
        account.containment,
        account.ban,
        account.existence,
        account.invitation,
        account.confirmation,
        portal.profile,
        portal.address,
        portal.activity,
        portal.practice,
        portal.expectation,
        entry.identity,
        entry.factor,
        entry.login,
        portal.others,
        entry.mail,
    ),
    subject=("person",),
    needs={
        Severity.WARNING: ("person", "accounts", "profiles"),
        Severity.OK: ("person", "accounts", "profiles", "containment", "identities", "factors"),
    },
    brief=sight.brief,
    called=looks.called,
    plural="people",
    absent=looks.absent,
    near=looks.near,
    candidate=looks.candidate,
    data=lambda facts: {"access": sight.access(facts), "truth": sight.truth(facts)},
)
