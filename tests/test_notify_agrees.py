"""Sweep and check are one judgement: of notifications and mails that make no sense together, they say the same."""

import os
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from peakops import report
from peakops.backlog import judge, of_backlog
from peakops.investigate import Terms
from peakops.report import Frame
from peakops.scenarios.notify import at_provider, check, practice, sweep

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PEOPLE, NOTIFICATIONS = 30, 60
ERRORS = (
    *(None, "timeout", "ETIMEDOUT", "401", "403", "daily_quota_exceeded", "validation_error: x", "550 5.1.1 unknown"),
    *("452 4.2.2 full", "words about somebody", "503", "Maximum credits exceeded", "ECONNRESET"),
)
FATES = {
    "sendgrid": ("delivered", "bounced", "dropped", "blocked", "deferred", "processed"),
    "resend": ("delivered", "bounced", "complained", "suppressed", "delivery_delayed", "sent", "opened"),
}
REASONS = (None, "550 5.1.1 No such user", "552 5.2.2 full", "451 4.7.1 Greylisted", "550 5.7.1 Policy")
OFF = ({}, {}, {}, {"email": False}, {"email": {"invoice": False}}, {"in_app": {"invoice": False}, "email": {"x": 1}})
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")


def at_sendgrid(mails, lists, pick):
    """Mails and entries of lists as SendGrid has them: an address is once in a list, and most of them have a reason."""
    names = {"id": "sg_message_id", "to": "to_email", "at": "created_at"}
    kept = [{names.get(name, name): value for name, value in each.items() if value} for each in mails]
    found = {name: [] for name in LISTS}
    for name, email, at in lists:
        if not any(each["email"] == email for each in found[name]):
            why = {} if name in ("spam_reports", "unsubscribes") else {"reason": pick(REASONS[1:])}
            found[name].append({"email": email, "created": at.isoformat(), **why})
    return {"messages": kept, "suppressions": found}


class Chaos:
    """People, notifications, mails and lists that refer to one another as chance will have it."""

    def __init__(self, seed, provider, off=({},)):
        self.chance, self.provider, self.off = random.Random(seed), provider, off
        self.practice = {"id": self.uuid(), "name": "Smile Care"}
        self.people = [self.person(number) for number in range(PEOPLE)]
        self.accounts, self.notifications, self.mails, self.lists = [], [], [], []
        for each in self.people:
            email = self.pick((each["email"],) * 5 + (f"other-{each['email']}",))
            self.accounts.append({"id": each["id"], "email": email, "email_confirmed_at": "-200d"})
        for number in range(NOTIFICATIONS):
            self.notification(number)

    def pick(self, values):
        return self.chance.choice(values)

    def uuid(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def person(self, number):
        return {
            "id": self.uuid(),
            "email": f"Person{number}@smilecare.example",
            "practice_id": self.practice["id"],
            "is_active": self.pick((True, True, True, False)),
            "notification_preferences": self.pick(self.off),
            "created_at": "-200d",
        }

    def notification(self, number):
        at, who = NOW - timedelta(minutes=self.chance.uniform(1, 3000)), self.pick(self.people)
        status = self.pick(("sent", "sent", "sent", "failed", "queued", "read", "odd"))
        id = self.pick((f"m-{number:04}", f"m-{number:04}", None)) if status in ("sent", "read", "odd") else None
        row = {
            "id": self.uuid(),
            "user_id": who["id"],
            "practice_id": self.practice["id"],
            "type": self.pick(("invoice", "case_update")),
            "channel": self.pick(("email",) * 5 + ("in_app",)),
            "provider": self.provider if id else None,
            "provider_message_id": id,
            "status": status,
            "error": self.pick(ERRORS) if status == "failed" else None,
            "read_at": self.pick((None, at.isoformat())) if status == "read" else None,
            "created_at": at.isoformat(),
        }
        self.notifications.append(row)
        if self.pick((0, 1, 1, 1)):
            self.mail(id or f"m-{number:04}", self.pick((who, who, who, self.pick(self.people))), at)
        if self.pick((0, 0, 0, 1)):
            self.lists.append((self.pick(LISTS), who["email"].lower(), at))

    def mail(self, id, who, at):
        tail = self.pick(("", ".recvd-1")) if self.provider == "sendgrid" else ""
        mail = {
            "id": f"{id}{tail}",
            "to": who["email"].lower(),
            "status": self.pick(FATES[self.provider]),
            "reason": self.pick(REASONS),
            # A provider's log holds nothing of the future.
            "at": min(NOW, at + timedelta(seconds=self.chance.uniform(-20, 300))).isoformat(),
        }
        self.mails.append(mail)

    def world(self):
        tables = {
            "practices": [self.practice],
            "users": self.people,
            "auth.users": self.accounts,
            "notifications": self.notifications,
        }
        made = at_sendgrid(self.mails, self.lists, self.pick) if self.provider == "sendgrid" else self.resend()
        named = {"world": "chaos", "says": "Nothing fits.", "now": NOW.isoformat(), "email_provider": self.provider}
        return {**named, "tables": tables, self.provider: made}

    def resend(self):
        every = {email: (name, at) for name, email, at in self.lists}
        origin = {"spam_reports": "complaint", "unsubscribes": "manual"}
        return {
            "emails": [
                {"id": each["id"], "to": [each["to"]], "last_event": each["status"], "created_at": each["at"]}
                for each in self.mails
            ],
            "suppressions": [
                {"email": email, "origin": origin.get(name, "bounce"), "created_at": at.isoformat()}
                for email, (name, at) in every.items()
            ],
        }


def drawn():
    """A seed of its own for each run, or PEAKOPS_SEED; it is printed where the test fails."""
    seed = int(os.environ.get("PEAKOPS_SEED") or random.SystemRandom().getrandbits(32))
    print(f"seed {seed}")
    return seed


def swept(reader):
    """What the sweep says of each notification, verdict and cause."""
    since, silent, items = NOW - timedelta(days=10), {}, []
    provider = at_provider.AtProvider(read=reader.read, stream=reader.stream, silent=silent, since=since)
    found = sweep.subjects(reader.stream, provider, since, NOW)
    judged = (judge(check.SCENARIO, each, at_provider.SOURCES, NOW) for each in found)
    frame = Frame(command="notify sweep", environment="sandbox")
    assert of_backlog(frame, check.SCENARIO, judged, silent, items.append, words="sweep").whole
    told = {each.subject.name: (each.code, each.judged.ruling.cause) for each in items}
    assert len(told) == len(items)
    return told


def checked(id, reader, **asked):
    frame = Frame(command="notify check", environment="sandbox", given={"user": id, "since": "10d", **asked})
    found = report.of_scenario(check.SCENARIO, frame, reader.read, Terms(seconds=60, now=lambda: NOW)).verdict
    return found.code, found.cause


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_the_sweep_says_what_the_check_says(provider, load, opened):
    """Of each e-mail notification of a random world both have the same verdict and cause; the sweep has each once."""
    seed = drawn()
    chaos = Chaos(seed, provider)
    up = load(chaos.world())
    found, reader = swept(opened(up)), opened(up)
    mails = [each["id"] for each in chaos.notifications if each["channel"] == "email"]

    assert {id: checked(id, reader) for id in mails} == {id: found[id] for id in mails}
    assert {"failed", "queued"} >= {
        each["status"] for each in chaos.notifications if each["id"] in found and each["channel"] == "in_app"
    }


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
@pytest.mark.parametrize("type", [None, "invoice"])
def test_the_check_of_a_practice_says_what_that_of_each_person_says(type, provider, load, opened):
    """Of whoever is active and was notified, with what is switched off; of the others it says nothing."""
    seed = drawn()
    chaos = Chaos(seed, provider, OFF)
    up = load(chaos.world())
    found, reader = of_practice(chaos.practice["id"], type, opened(up)), opened(up)
    meant = [each for each in chaos.notifications if type in (None, each["type"])]
    active = {each["id"] for each in chaos.people if each["is_active"]}

    assert {id: checked(id, reader, type=type) for id in found} == found
    assert {each["user_id"] for each in meant} & active == set(found)


def of_practice(id, type, reader):
    """What `notify check --practice` says of each person, verdict and cause."""
    since, silent = NOW - timedelta(days=10), {}
    provider = at_provider.AtProvider(read=reader.read, stream=reader.stream, silent=silent, since=since)
    asked = practice.Asked(practice=id, since=since, until=NOW, type=type, channel=None)
    people = practice.People(reader.read, provider, asked).subjects()
    judged = [judge(check.SCENARIO, each, at_provider.SOURCES, NOW) for each in people]
    assert {} == silent
    return {each.subject.name: (each.code, each.judged.ruling.cause) for each in judged}
