"""`peakops security hunt`: take-overs among everybody, on made-up data of a new seed each time; each told once."""

import json
from itertools import chain

import pytest

from peakops.scenarios.security import hunt
from peakops.sources import queries

from .bench import filled, logins
from .test_notify_agrees import drawn

PEOPLE, TAKEOVERS = 300, 16
WORLD = {"world": "logins", "says": "People log in.", "tables": {}}


@pytest.fixture(scope="module")
def book(load):
    """A book of log-ins in the sandbox, with accounts in other hands."""
    made = logins.generate(drawn(), people=PEOPLE, takeovers=TAKEOVERS)
    up = load(WORLD, now=made.now.isoformat())
    filled.fill(up.url_as("postgres"), made)
    return made


def lines(ran):
    return [json.loads(each) for each in ran.out.splitlines()]


def test_it_finds_the_take_overs(book, peakops):
    """
    Nearly all of them on a day of theirs, at few alerts a day; each with the lines that show it, and what to run next.

    The gate at scale is tests/bench/takeovers.py; of sixteen take-overs chance may hide three.
    """
    ran = peakops("--sandbox", "security", "hunt", "--since", "60d", "--jsonl")
    told = lines(ran)
    recall, alerts, missed = filled.told(book, told)

    assert (2, "waiting") == (ran.code, told[-1]["verdict"]["code"])
    assert recall >= 0.8, missed
    assert alerts <= 2
    item = told[0]
    assert "likely_compromised" == item["verdict"]
    assert f"peakops security investigate {item['subject']} --since 60d" == item["next"][0]
    assert item["score"] == sum(each["points"] for each in item["signals"]) >= 6.5
    assert all(each["record"].startswith(("audit_logs ", "auth.sessions ")) for each in item["signals"])
    assert f"{item['subject']}:{item['day']}" == item["days"][0]["key"]
    assert "…@" in item["email"]
    assert [] == told[-1]["data"]["summary"]["missing"]


def test_each_day_is_told_once(book, peakops):
    """With --new-only the second run lists nobody and ends 0; without it everybody is there still."""
    first = peakops("--sandbox", "security", "hunt", "--since", "60d", "--new-only", "--jsonl")
    again = peakops("--sandbox", "security", "hunt", "--since", "60d", "--new-only", "--jsonl")

    assert (2, 0) == (first.code, again.code)
    assert ["summary"] == [each["type"] for each in lines(again)]
    assert "nothing_new" == lines(again)[-1]["verdict"]["code"]


def test_the_unusual_are_counted_and_listed_with_all(book, peakops):
    """They decide nothing else; the limit cuts and says so; a table for a spreadsheet has its header."""
    every = peakops("--sandbox", "security", "hunt", "--since", "60d", "--all", "--json").json
    counts = every["data"]["summary"]["counts"]
    few = peakops("--sandbox", "security", "hunt", "--since", "60d", "--limit", "2", "--csv")

    assert {"likely_compromised", "unusual"} == {each["verdict"] for each in every["data"]["items"]}
    assert counts["likely_compromised"] + counts["unusual"] == len(every["data"]["items"])
    assert PEOPLE >= sum(counts.values())
    assert 3 == len(few.out.splitlines())
    assert few.out.startswith("subject,email,practice,verdict,severity,score,day,signals,")


@pytest.mark.parametrize(("table", "code"), [("auth.sessions", 2), ("audit_logs", 3)])
def test_a_table_that_is_denied_is_no_all_clear(table, code, load, peakops):
    """Nobody is cleared by half of what is to be seen; what the other half proves holds; the reason is told once."""
    load("clinic", faults=[{"vendor": "database", "fault": "deny", "table": table}])
    found = peakops("--sandbox", "security", "hunt", "--json").json

    assert code == found["exit_code"]
    assert {"unknown"} == found["data"]["summary"]["counts"].keys() - {"likely_compromised"}
    assert not found["verdict"]["complete"]
    assert table.split(".")[-1] in "".join(found["warnings"])


def test_what_could_not_be_seen_is_said(load, peakops):
    """A portal that notes nobody's log-ins has no signals, and that is no all-clear either."""
    load({**WORLD, "tables": {"auth.users": [{"id": "0f3fcfad-0ef9-4df2-b32d-0aadbe6491f7", "email": "a@b.example"}]}})
    ran = peakops("--sandbox", "security", "hunt", "--json")
    page = peakops("--sandbox", "security", "hunt")

    assert (1, {"unclassified": 1}) == (ran.code, ran.json["data"]["summary"]["counts"])
    assert {"new_network", "mass_reading", "failures_then_success", "new_country"} <= {
        each["signal"] for each in ran.json["data"]["summary"]["missing"]
    }
    assert "mass_reading could not be had: The portal's log notes no reading." in page.out
    assert "Nobody can tell of some, for instance:" in page.out


def test_of_whom_nobody_can_tell_is_listed_with_all(load, peakops):
    """In the clinic, whose log begins within the window: the planted one alone, and with --all everybody else too."""
    load("clinic")
    alone, every = (
        peakops("--sandbox", "security", "hunt", "--since", "60d", *more, "--jsonl") for more in ((), ("--all",))
    )
    told = [[json.loads(line).get("verdict") for line in each.out.splitlines()[:-1]] for each in (alone, every)]

    assert (2, 2, ["likely_compromised"]) == (alone.code, every.code, told[0])
    assert {"likely_compromised", "unclassified"} == set(told[1])


def test_of_one_person_no_more_is_held_than_an_investigation_reads():
    """Half a million refused log-ins fill no memory and push nothing else out; what is kept says that it is not all."""
    failed = ({"at": n, "kind": "login_failed"} for n in range(500_000))
    told = hunt.newest(chain([{"at": -1, "kind": "login"}], failed), *hunt.MOST["history"])
    few = [{"at": 1, "kind": "login"}]

    assert (1001, {"at": -1, "kind": "login", "left_off": False}) == (len(told), told[0])
    assert {"at": 499_999, "kind": "login_failed", "left_off": True} == told[-1]
    assert few == hunt.newest(iter(few), *hunt.MOST["history"])
    assert "then {1} else {0} end".format(*hunt.MOST["history"]) in queries.load("security/history").text
    assert f"limit {hunt.MOST['sessions'][0]}" in queries.load("security/sessions").text
