"""Backlog and check of invitations are one judgement: of what makes no sense together they say the same."""

import random
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from peakops import report, sandbox
from peakops.backlog import judge, of_backlog
from peakops.investigate import Terms
from peakops.render import schema
from peakops.report import Frame
from peakops.scenarios.invitation import backlog, check
from peakops.scenarios.notify.at_provider import AtProvider

from .test_notify_agrees import FATES, LISTS, REASONS, at_sendgrid, drawn

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
EVER = NOW - timedelta(days=400)
PEOPLE = 50
SILENT = "invitations_blinded"
"""The world whose database tells nothing: there the whole backlog is unknown."""
WORLDS = (
    *(SILENT, "never_sent_no_provider", "pending_no_provider", "provider_down", "provider_down_accepted"),
    *("accepted_account_deleted", "blocked", "blocked_before", "invited_plus", "invited_unicode", "several_addresses"),
)
"""Those of `invitation check` that have what chance does not bring about."""


class Chaos:
    """Addresses with invitations, profiles, accounts and mails as chance will have it."""

    def __init__(self, seed, provider):
        self.chance, self.provider = random.Random(seed), provider
        self.practices = [
            {"id": self.uuid(), "name": f"Practice {number}", "status": status}
            for number, status in enumerate(("active", "active", "suspended"))
        ]
        self.invitations, self.users, self.accounts, self.mails, self.lists = [], [], [], [], []
        for number in range(PEOPLE):
            self.person(f"{self.pick(('person', 'person', 'pérson'))}{number}@smilecare.example")

    def pick(self, values):
        return self.chance.choice(values)

    def uuid(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def ago(self, days):
        return NOW - timedelta(days=self.chance.uniform(0.01, days))

    def person(self, email):
        for _ in range(self.pick((1, 1, 1, 2, 3))):
            self.invite(self.pick((email, unicodedata.normalize("NFD", email), f" {email.title()} ")))
        id = self.uuid()
        confirmed = {"email_confirmed_at": self.pick((self.ago(9).isoformat(), None))}
        account = {"id": id, "email": email, "created_at": self.ago(9).isoformat(), **confirmed}
        kind = self.pick(("nobody", "nobody", "account", "both", "deleted"))
        if kind in ("both", "deleted"):
            practice = self.pick(self.practices)["id"]
            self.users.append({"id": id, "email": email, "practice_id": practice, "created_at": "-200d"})
        if kind in ("account", "both"):
            self.accounts.append(account)
        if kind == "deleted":
            self.accounts.append({**account, "email": None, "deleted_at": self.ago(3).isoformat()})
        if self.pick((0, 0, 1)):
            self.lists.append((self.pick(LISTS), email, self.ago(9)))

    def invite(self, email):
        made, status = self.ago(20), self.pick(("pending", "pending", "accepted", "expired", "revoked", "odd"))
        number = len(self.invitations)
        id = self.pick((f"m-{number:04}", None))
        self.invitations.append(
            {
                "id": self.uuid(),
                "email": email,
                "practice_id": self.pick(self.practices)["id"],
                "status": status,
                "token": f"t-{number}",
                "provider_message_id": id,
                "expires_at": (made + timedelta(days=self.pick((7, 30)))).isoformat(),
                "accepted_at": self.ago(5).isoformat() if status == "accepted" else None,
                "created_at": made.isoformat(),
            }
        )
        if self.pick((0, 1, 1)):
            at = (made + timedelta(seconds=self.chance.uniform(1, 300))).isoformat()
            told = {"status": self.pick(FATES[self.provider]), "reason": self.pick(REASONS), "at": at}
            self.mails.append({"id": id or f"m-{number:04}", "to": email.strip().lower(), **told})

    def world(self):
        tables = {
            "practices": self.practices,
            "users": self.users,
            "auth.users": self.accounts,
            "invitations": self.invitations,
        }
        made = at_sendgrid(self.mails, self.lists, self.pick) if self.provider == "sendgrid" else self.resend()
        named = {"world": "chaos", "says": "Nothing fits.", "now": NOW.isoformat(), "email_provider": self.provider}
        return {**named, "tables": tables, self.provider: made}

    def resend(self):
        mails = [{"id": e["id"], "to": [e["to"]], "last_event": e["status"], "created_at": e["at"]} for e in self.mails]
        lists = [{"email": email, "origin": "bounce", "created_at": at.isoformat()} for _, email, at in self.lists]
        return {"emails": mails, "suppressions": lists}


def swept(first, second, now):
    """What the backlog says of each invitation, verdict and cause, and what it calls itself."""
    silent, items = {}, []
    provider = AtProvider(read=second.read, stream=second.stream, silent=silent, since=EVER)
    found = backlog.Invited(stream=first.stream, read=second.read, provider=provider, since=EVER, until=now).subjects()
    judged = (judge(check.SCENARIO, each, backlog.SOURCES, now) for each in found)
    frame = Frame(command="invitation backlog", environment="sandbox")
    whole = of_backlog(frame, check.SCENARIO, judged, silent, items.append).report
    told = {each.subject.name: (each.code, each.judged.ruling.cause) for each in items}
    assert len(told) == len(items)
    return told, whole.verdict.code


def checked(id, reader, now):
    frame = Frame(command="invitation check", environment="sandbox", given={"invitation": id})
    found = report.of_scenario(check.SCENARIO, frame, reader.read, Terms(seconds=30, now=lambda: now)).verdict
    return found.code, found.cause


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_the_backlog_says_what_the_check_says(provider, load, opened):
    """Of each address of a random world both have the same verdict and cause, and the backlog has it once."""
    chaos = Chaos(drawn(), provider)
    up = load(chaos.world())
    found, _ = swept(opened(up), opened(up), NOW)
    reader = opened(up)

    assert PEOPLE == len(found)
    assert 5 < len({code for code, _ in found.values()})
    assert {id: checked(id, reader, NOW) for id in found} == found


@pytest.mark.parametrize("name", WORLDS)
def test_the_worlds_of_check(name, load, opened):
    """In each world of `invitation check` the backlog has its verdicts; where nothing is let out, it is unknown."""
    up = load(sandbox.named(f"invitation/{name}"))
    found, whole = swept(opened(up), opened(up), up.now)
    reader = opened(up)

    assert (name == SILENT) == (whole == "unknown" and not found)
    assert {id: checked(id, reader, up.now) for id in found} == found


def test_the_command(load, peakops):
    """It lists what did not work, with the command that looks at it, and counts the rest; the code is the worst's."""
    load("invitation/pending_expired")
    person = peakops("--sandbox", "invitation", "backlog", "--since", "30d")
    script = peakops("--sandbox", "invitation", "backlog", "--since", "30d", "--json")
    (item,) = script.json["data"]["items"]
    jsonschema.validate(script.json, schema.of("invitation backlog"))

    assert (1, 1, "waiting") == (person.code, script.code, script.json["verdict"]["code"])
    assert ("pending_expired", "warning", "n…@smilecare.example") == (item["verdict"], item["severity"], item["email"])
    assert f"peakops invitation check {item['subject']}" == item["next"][-1]
    assert person.out.startswith(f"{item['subject']}  pending_expired  ")
    assert {"pending_expired": 1} == script.json["data"]["summary"]["counts"]


def test_a_silent_provider_leaves_the_portal_its_time(load, peakops):
    """The invitations are looked at all the same, and it is the provider that is named, not the database."""
    world = sandbox.named("invitation/pending_expired")
    load({**world, "email_provider": "sendgrid", "faults": [{"vendor": "sendgrid", "route": "*", "delay_s": 9}]})
    ran = peakops("--sandbox", "invitation", "backlog", "--since", "30d", "--timeout", "2s", "--json").json

    assert 1 == ran["data"]["summary"]["subjects"]
    assert any("SendGrid did not answer in time" in each for each in ran["warnings"])
