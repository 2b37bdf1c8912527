"""`notify rates`, `notify sweep` and `notify check --practice` in real processes: every world of theirs."""

import csv
import io
import json

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import Envelope, Page, steady

EXPECTED = {
    "notify_practice/nobody_notified": ("no_notification", "warning", 1),
    "notify_practice/some_bounced": ("waiting", "critical", 2),
    "notify_rates/bounces_resend": ("bounce_rate_high", "critical", 2),
    "notify_rates/complaints": ("complaint_rate_high", "critical", 2),
    "notify_rates/domain_unverified": ("domain_unverified", "critical", 2),
    "notify_rates/failing": ("failing_some", "warning", 1),
    "notify_rates/few_mails": ("rates_in_order", "ok", 0),
    "notify_rates/in_order": ("rates_in_order", "ok", 0),
    "notify_rates/key_refused": ("key_without_scope", "critical", 2),
    "notify_rates/no_provider": ("unknown", "unknown", 3),
    "notify_sweep/after_an_outage": ("waiting", "critical", 2),
    "notify_sweep/all_arrived": ("clear", "ok", 0),
    "notify_sweep/key_refused": ("key_without_scope", "critical", 2),
    "notify_sweep/provider_silent": ("unknown", "unknown", 3),
    "notify_sweep/resend": ("waiting", "critical", 2),
}
"""Each world with its verdict, status and exit code; its folder names the command."""
COMMANDS = {
    "notify_practice": ("notify", "check", "--practice", "Smile Care"),
    "notify_rates": ("notify", "rates"),
    "notify_sweep": ("notify", "sweep"),
}
OUTAGE = {
    "02": ("bounced", "check"),
    "03": ("suppressed_complaint", "check"),
    "04": ("deferred", "check"),
    "05": ("send_failed", "resend"),
    "06": ("not_sent", "resend"),
    "07": ("not_sent", "resend"),
    "08": ("not_sent", "resend"),
    "09": ("send_failed", "check"),
    "10": ("bounced", "resend"),
}
"""By the end of each notification's id its verdict, and the command that is named first."""


def rows_of(ran):
    return [json.loads(each) for each in ran.out.splitlines()][:-1]


def test_every_world_is_expected_somewhere():
    """No world of these commands is without its verdict here, and none is named that does not exist."""
    files = [each for folder in COMMANDS for each in (WORLDS / folder).glob("*.json")]

    assert sorted(EXPECTED) == sorted(f"{each.parent.name}/{each.stem}" for each in files)


@pytest.mark.parametrize("name", EXPECTED, ids=[each.replace("/", "-") for each in EXPECTED])
def test_world(name, peakops, load, snapshot):
    """The verdict, the status and the exit code, the same in both forms; the envelope keeps its schema."""
    load(name)
    command = COMMANDS[name.partition("/")[0]]
    script, person = (peakops("--sandbox", *command, *form) for form in (("--json",), ()))

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.json["status"], script.code)
    assert script.code == person.code == script.json["exit_code"]
    jsonschema.Draft202012Validator(schema.of(" ".join(command[:2]))).validate(script.json)
    assert "canary" not in script.out + person.out
    assert "Holloway" not in script.out + person.out
    assert snapshot(extension_class=Page) == steady(person.out)
    assert snapshot(extension_class=Envelope) == steady(script.out)


def test_each_notification_has_its_verdict_and_its_command(peakops, load, state):
    """As `notify check` has it; the provider is asked by whole pages, whoever many people there are."""
    load("notify_sweep/after_an_outage")
    before = len(sandbox.requests(state / "peakops"))
    rows = rows_of(peakops("--sandbox", "notify", "sweep", "--jsonl"))
    asked = [each["path"] for each in sandbox.requests(state / "peakops")[before:] if each["vendor"] == "sendgrid"]

    assert OUTAGE == {each["subject"][-2:]: (each["verdict"], each["next"][0].split()[2]) for each in rows}
    assert {"05": "validation_error"} == {each["subject"][-2:]: each["code"] for each in rows if each["code"]}
    assert 10 > len(asked)
    assert not [each for each in asked if "@" in each or "%40" in each]


def test_cron_hears_of_each_of_them_once(peakops, load):
    """With --new-only a second run has nothing to report, and does not say that all arrived; what is new decides."""
    load("notify_sweep/after_an_outage")
    first, second = (peakops("--sandbox", "notify", "sweep", "--new-only", "--jsonl") for _ in range(2))
    third = peakops("--sandbox", "notify", "sweep", "--new-only", "--json").json
    longer = peakops("--sandbox", "notify", "sweep", "--new-only", "--since", "2d", "--jsonl")

    assert (len(OUTAGE), 2) == (len(rows_of(first)), first.code)
    assert ([], 0) == (rows_of(second), second.code)
    assert ("nothing_new", "ok", []) == (third["verdict"]["code"], third["status"], third["next"])
    assert (["13"], 2) == ([each["subject"][-2:] for each in rows_of(longer)], longer.code)


def test_the_list_may_be_cut_and_has_other_forms(peakops, load):
    """--limit shows so many and says how many there are, --all shows what arrived too, --csv has a header."""
    load("notify_sweep/after_an_outage")
    cut = peakops("--sandbox", "notify", "sweep", "--limit", "2", "--json").json
    every = rows_of(peakops("--sandbox", "notify", "sweep", "--all", "--jsonl"))
    table = list(csv.DictReader(io.StringIO(peakops("--sandbox", "notify", "sweep", "--csv").out)))

    assert (2, {"shown": 2, "total": len(OUTAGE)}) == (
        len(cut["data"]["items"]),
        {key: cut["truncated"][key] for key in ("shown", "total")},
    )
    assert {"01", "11"} == {each["subject"][-2:] for each in every} - set(OUTAGE)
    assert "bounced" in {each["verdict"] for each in table}


def test_a_practice_is_named_by_its_id_or_exactly(peakops, load):
    """14 with what may be meant; by its id it is found; a person beside it, or neither of both, is a usage error."""
    load("notify_practice/some_bounced")
    run = ("--sandbox", "notify", "check")
    absent = peakops(*run, "--practice", "smile", "--json")
    by_id = peakops(*run, "--practice", absent.json["data"]["candidates"][0]["id"], "--type", "case_update", "--json")
    both, neither = peakops(*run, "anna@smilecare.example", "--practice", "Smile Care"), peakops(*run)

    assert (14, "not_found") == (absent.code, absent.json["verdict"]["code"])
    assert ["bounced", "preference_off", "delivered"] == [each["verdict"] for each in by_id.json["data"]["people"]]
    assert (64, 64) == (both.code, neither.code)


def test_two_practices_of_one_name_are_told_apart(peakops, load):
    """15 with both, each by a command that names its id."""
    twins = [{"id": f"22222222-2222-4222-8222-00000000000{number}", "name": "Smile Care"} for number in (1, 2)]
    load({"world": "twins", "says": "x", "now": "2026-11-20T15:00:00Z", "tables": {"practices": twins}})
    ran = peakops("--sandbox", "notify", "check", "--practice", "Smile Care", "--json")

    assert (15, "ambiguous") == (ran.code, ran.json["verdict"]["code"])
    assert [each["id"] for each in twins] == [each.split()[-1] for each in ran.json["next"]]


@pytest.mark.parametrize("fault", [{"fault": "down"}, {"fault": "blind"}, {"fault": "deny", "table": "notifications"}])
def test_a_practice_that_cannot_be_read_is_unknown(fault, peakops, load):
    """As it is of one person: 3, never absent, and never without a verdict."""
    load("notify_practice/some_bounced", faults=[{"vendor": "database", **fault}])
    ran = peakops("--sandbox", "notify", "check", "--practice", "Smile Care", "--json")

    assert (3, "unknown", "unknown") == (ran.code, ran.json["status"], ran.json["verdict"]["code"])
    assert ran.json["warnings"]
    jsonschema.Draft202012Validator(schema.of("notify check")).validate(ran.json)


def test_the_check_of_each_of_them_asks_the_same(peakops, load):
    """What was typed beside the practice stands in the command of each: else it would judge another mail."""
    load("notify_practice/some_bounced")
    options = ("--type", "case_update", "--since", "3d")
    ran = peakops("--sandbox", "notify", "check", "--practice", "Smile Care", *options, "--json")
    asked = [each["next"][-1].split()[-4:] for each in ran.json["data"]["people"]]

    assert [[*options]] * len(asked) == asked != []


def test_a_practice_without_anybody_says_so(peakops, load):
    """That nobody is active is another thing than that nothing was sent."""
    practice = {"id": "22222222-2222-4222-8222-000000000001", "name": "Smile Care"}
    load({"world": "empty", "says": "x", "now": "2026-11-20T15:00:00Z", "tables": {"practices": [practice]}})
    ran = peakops("--sandbox", "notify", "check", "--practice", "Smile Care")

    assert 1 == ran.code
    assert "Nobody of the practice is active." in ran.out


def test_a_mail_of_another_notification_is_nobodys_proof(peakops, load):
    """Of two of one minute the first arrived and the second never went out: by type, by id, swept, of the practice."""
    load("notify_practice/some_bounced", **second_never_sent())
    command = ("--sandbox", "notify")
    invoice = {"88888888-8888-4888-8888-000000000002": "not_sent"}
    by_type = peakops(*command, "check", "anna@smilecare.example", "--type", "invoice", "--json").json
    by_id = peakops(*command, "check", *invoice, "--json").json
    swept = rows_of(peakops(*command, "sweep", "--jsonl"))
    people = peakops(*command, "check", "--practice", "Smile Care", "--json").json["data"]["people"]

    assert ["not_sent"] * 2 == [each["verdict"]["code"] for each in (by_type, by_id)]
    assert invoice == {each["subject"]: each["verdict"] for each in swept}
    assert ["not_sent"] == [each["verdict"] for each in people]


def second_never_sent():
    """What takes the place of a world's tables and provider: one person, two notifications, one mail."""
    person, practice = "33333333-3333-4333-8333-000000000001", "22222222-2222-4222-8222-000000000001"
    mine = {"user_id": person, "practice_id": practice, "channel": "email", "status": "sent"}
    id, email = "88888888-8888-4888-8888-00000000000", "anna@smilecare.example"
    tables = {
        "practices": [{"id": practice, "name": "Smile Care"}],
        "users": [{"id": person, "email": email, "practice_id": practice, "is_active": True, "created_at": "-200d"}],
        "auth.users": [{"id": person, "email": email, "email_confirmed_at": "-200d"}],
        "notifications": [
            {**mine, "id": f"{id}1", "type": "case_update", "provider_message_id": "m-1", "created_at": "-5h"},
            {**mine, "id": f"{id}2", "type": "invoice", "provider_message_id": None, "created_at": "-299m"},
        ],
    }
    mail = {"sg_message_id": "m-1.recvd-1", "to_email": email, "status": "delivered", "created_at": "-299m"}
    return {"tables": tables, "email_provider": "sendgrid", "sendgrid": {"messages": [mail]}}
