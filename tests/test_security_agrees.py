"""Hunt and investigate are one judgement: of people who make no sense together, they say the same."""

import random
from datetime import timedelta

from peakops import report
from peakops.backlog import judge
from peakops.investigate import Terms
from peakops.report import Frame
from peakops.scenarios.security import investigate
from peakops.scenarios.security.hunt import SOURCES, Hunt

from .bench import filled, logins
from .test_notify_agrees import drawn

PEOPLE, SINCE = 40, timedelta(days=30)


def chaos(seed):
    """A book of log-ins in which chance has left out, moved and added what a portal may have."""
    book, chance = logins.generate(seed, people=PEOPLE, takeovers=8), random.Random(seed)
    users, log, sessions = (book.tables[name] for name in ("users", "audit_logs", "auth.sessions"))
    for row in log:
        if chance.random() < 0.05:
            row["ip_address"] = None
        if chance.random() < 0.05:
            row["user_agent"] = chance.choice((None, "", "curl/8.5.0"))
        if chance.random() < 0.01:
            row["practice_id"] = chance.choice(users)["practice_id"]
        if chance.random() < 0.01:
            row["action"] = chance.choice(
                ("user.email_changed", "user.mfa_removed", "case.exported", "auth.login_failed")
            )
        if chance.random() < 0.02:
            row["details"] = chance.choice(({}, {"rows": "many"}, {"count": 900}, {"country": "Atlantis"}))
    for user in chance.sample(users, 8):
        user["practice_id"] = chance.choice((None, user["practice_id"], chance.choice(users)["practice_id"]))
        moved = {"action": "user.practice_set", "resource_type": "user", "resource_id": user["id"], "user_id": None}
        log.append({**moved, "created_at": book.now - timedelta(days=chance.uniform(0, 60)), "details": {}})
    held = {"made_at": "-1d", "operator": "ops", "reason": "held", "previous": {}}
    book.tables["peakops.containments"] = [{**held, "user_id": each["id"]} for each in chance.sample(users, 4)]
    if chance.random() < 0.5:  # the portal's own server
        for row in sessions:
            row["ip"] = "192.0.2.80"
    return book


def swept(readers, now):
    """What the hunt says of each person: the verdict, and the score."""
    *streams, beside = readers
    everybody = Hunt(read=beside.read, streams=[each.stream for each in streams], since=now - SINCE, until=now)
    told = {
        each.subject.id: (judge(investigate.SCENARIO, each.subject, SOURCES, now).code, each.judged.score)
        for each in everybody.suspects()
    }
    assert {} == everybody.silent
    return told


def asked(id, reader, now):
    given = {"user": id, "since": now - SINCE, "until": now}
    frame = Frame(command="security investigate", environment="sandbox", given=given)
    found = report.of_scenario(investigate.SCENARIO, frame, reader.read, Terms(seconds=60, now=lambda: now))
    return found.verdict.code, found.data["score"]


def test_the_hunt_says_what_the_investigation_says(load, opened):
    """Of everybody in a random world both have the same verdict, for the same visit with the same points."""
    book = chaos(drawn())
    team = {"peakops.containments": book.tables.pop("peakops.containments")}
    up = load({"world": "chaos", "says": "Nothing fits.", "now": book.now.isoformat(), "tables": team})
    filled.fill(up.url_as("postgres"), book)
    told = swept([opened(up) for _ in range(4)], book.now)
    reader = opened(up, supabase_token=None, vercel_token=None)

    assert {id: asked(id, reader, book.now) for id in told} == told
