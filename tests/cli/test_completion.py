"""What a shell is offered: what earlier commands have met, masked, from a file; and nothing where anything is wrong."""

import json
import re
import stat
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typer.main

from peakops.cli import completion
from peakops.cli.root import app
from peakops.model import Evidence, Report

from ..conftest import PEAKOPS, environment
from ..sandbox.conftest import NOW

PRACTICE, ODD = "22222222-2222-4222-8222-000000000001", "22222222-2222-4222-8222-000000000002"
ANNA, BOB = "a5555555-5555-4555-8555-000000000001", "b5555555-5555-4555-8555-000000000002"
CARL = "c6666666-6666-4666-8666-000000000003"
NAME = "[red]\x1b[31m$(touch owned)`touch owned`'\"*"
WORLD = {
    "world": "small",
    "says": "Two people in two practices, one of an odd name.",
    "now": NOW,
    "tables": {
        "practices": [{"id": PRACTICE, "name": "Smile & Care"}, {"id": ODD, "name": NAME}],
        "users": [
            {"id": ANNA, "email": "anna.Smith@smilecare.example", "full_name": "Anna Smith", "practice_id": PRACTICE},
            {"id": BOB, "email": "bob@oddly.example", "full_name": "Bob Roe", "practice_id": ODD},
        ],
        "invoices": [
            {"invoice_number": "INV-123", "practice_id": PRACTICE, "amount_due": 12000},
            {"invoice_number": "INV-77", "practice_id": ODD, "amount_due": 500},
        ],
        "invitations": [
            {
                "id": CARL,
                "email": "carl@smilecare.example",
                "practice_id": PRACTICE,
                "token": "canary",
                "expires_at": "+3d",
            }
        ],
    },
}


@pytest.fixture
def met(peakops, load, state):
    """The small world, about all of which a command was run; gives the cache's file."""
    load(WORLD)
    for args in (("payment", "check", "INV-123"), ("payment", "check", "INV-77")):
        peakops("--sandbox", *args)
    for user in (ANNA, BOB):
        peakops("--sandbox", "user", "check", user)
    peakops("--sandbox", "invitation", "check", "Carl@smilecare.example")
    return state / "cache" / "peakops" / "completion-sandbox.json"


@pytest.fixture
def offered(state, forks):
    """What is offered for the last word of a command line in the sandbox, with the variables of a shell's script."""

    def run(line, shell="zsh", home=state, **env):
        typed = f"peakops --sandbox {line}"
        words = re.split(r"(?<!\\) ", typed)
        bash = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
        other = {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
        variables = {"_PEAKOPS_COMPLETE": f"complete_{shell}", **(bash if shell == "bash" else other), **env}
        done = forks.run([PEAKOPS], env=environment(home, **variables))
        assert "" == done.stderr
        return done.stdout.splitlines()

    return run


@pytest.mark.parametrize("command", ["check", "events", "duplicates", "mark-paid"])
def test_invoices_are_offered_by_number(met, offered, command):
    """For every command about an invoice, in each shell, with nothing or the beginning of a number typed."""
    assert ["INV-123", "INV-77"] == offered(f"payment {command} ", "bash")
    assert ["INV-123"] == offered(f"payment {command} INV-1", "fish")
    assert ["_arguments '*: :((\"INV-77\"))'"] == offered(f"payment {command} INV-7", "zsh")


def test_people_are_offered_masked(met, offered, peakops):
    """By the masked address, which a command then takes; by id, with the masked address, once an id is begun."""
    assert ["a…@smilecare.example", "b…@oddly.example"] == offered("user check ", "fish")
    assert ["a…@smilecare.example"] == offered("user enable a", "fish")
    assert [r"b…\@oddly.example"] == offered(r"user check b…\@", "bash")
    assert [f"{ANNA}\ta…@smilecare.example"] == offered("user check a5", "fish")
    assert (
        ANNA
        == peakops("--sandbox", "user", "check", "a…@smilecare.example", "--json").json["evidence"][0]["rows"][0]["id"]
    )


def test_invitations_are_offered_likewise(met, offered, peakops):
    """By the masked address that was invited, and by the invitation's id."""
    assert ["c…@smilecare.example"] == offered("invitation revoke ", "fish")
    assert [f"{CARL}\tc…@smilecare.example"] == offered("invitation check c6", "fish")
    assert 0 == peakops("--sandbox", "invitation", "check", "c…@smilecare.example").code


def test_practices_are_offered_by_name_or_id(met, offered):
    """By name, quoted where a shell does not quote; one whose name a shell would expand, by id and in plain letters."""
    option = "user check x --expect-practice "

    assert [f"{ODD}\tred 31m touch owned touch owned", "Smile & Care"] == sorted(offered(option, "fish"))
    assert [r"Smile\ \&\ Care"] == offered(rf"{option}Smile\ ", "bash")
    assert [r"Smile\ \&\ Care"] == offered("user set-practice x S", "bash")
    assert ["_arguments '*: :((\"Smile & Care\"))'"] == offered(f"{option}S", "zsh")


def test_bash_takes_what_it_is_offered(met, state, tmp_path):
    """In a real bash with typer's script, a name is one word, and no part of a name is expanded or run."""
    script = """
        source <(_PEAKOPS_COMPLETE=source_bash "$1")
        COMP_WORDS=(peakops --sandbox user check x --expect-practice '') COMP_CWORD=6
        _peakops_completion "$1"
        eval "set -- ${COMPREPLY[*]@Q}"
        printf '%s\\n' "$@"
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", PEAKOPS],
        capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environment(state), check=False,
    )  # fmt: skip

    assert {ODD, r"Smile\ \&\ Care"} == set(done.stdout.splitlines()), done.stderr
    assert [] == list(tmp_path.iterdir())


def test_the_cache_holds_no_personal_data(met):
    """Ids, numbers, names of practices and masked addresses: nothing that names a person, and only for its owner."""
    known = json.loads(met.read_text())

    assert {"INV-123": "", "INV-77": ""} == known["invoices"]
    assert {ANNA: "a…@smilecare.example", BOB: "b…@oddly.example"} == known["people"]
    assert {CARL: "c…@smilecare.example"} == known["invitations"]
    assert {"Smile & Care": "", ODD: "red 31m touch owned touch owned"} == known["practices"]
    assert not re.search(r"anna|smith|bob|roe|carl|\x1b", met.read_text(), re.IGNORECASE)
    assert (0o600, 0o700) == tuple(stat.S_IMODE(each.stat().st_mode) for each in (met, met.parent))


def test_it_is_written_only_when_something_is_new(met, peakops):
    """The same command again leaves the file alone, and nothing else beside it."""
    before = met.stat()
    peakops("--sandbox", "payment", "check", "INV-123")

    assert (before.st_ino, before.st_mtime_ns) == (met.stat().st_ino, met.stat().st_mtime_ns)
    assert [met] == list(met.parent.glob("*completion-sandbox*"))


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "{", "[]", '{"invoices": {"INV-1": ""}}', '{"of": 1, "people": [1]}', "\udcff"]
)
def test_a_broken_cache_is_silent_and_mends(met, offered, peakops, text):
    """What is not whole offers nothing and says nothing; the next command writes it anew."""
    met.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [""] == offered("payment check INV", "bash")

    peakops("--sandbox", "payment", "check", "INV-77")
    assert ["INV-77"] == offered("payment check INV", "bash")


def test_without_a_cache_there_is_nothing(offered, tmp_path, state):
    """No file, a folder in its place, or no sandbox: nothing is offered, nothing is started, nothing is said."""
    (tmp_path / "cache" / "peakops" / "completion-sandbox.json").mkdir(parents=True)

    assert [""] == offered("user check ", "bash", XDG_CACHE_HOME=str(tmp_path / "none"))
    assert [""] == offered("user check ", "bash", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert [""] == offered("user check ", "bash", home=tmp_path)
    assert not (tmp_path / "peakops").exists()


def test_a_cache_that_cannot_be_written_costs_nothing(load, peakops, tmp_path):
    """The command is answered as ever where there is a file in the folder's place."""
    load(WORLD)
    (tmp_path / "file").touch()
    ran = peakops("--sandbox", "payment", "check", "INV-123", XDG_CACHE_HOME=str(tmp_path / "file"))

    assert (1, "") == (ran.code, ran.err)


def test_another_world_offers_nothing_of_this_one(met, load, offered, peakops):
    """The sandbox's next world has its own invoices and people, and only those."""
    assert ["INV-123", "INV-77"] == offered("payment check ", "bash")

    load("paid_not_recorded")
    assert [""] == offered("payment check ", "bash")
    peakops("--sandbox", "payment", "check", "INV-123")
    assert ["INV-123"] == offered("payment check ", "bash")
    assert [""] == offered("user check ", "bash")


def report(**rows):
    """A report whose evidence has these rows, by look."""
    evidence = tuple(Evidence(name=name, source="database", rows=tuple(each)) for name, each in rows.items())
    return Report(command="payment check", environment="default", started_at=datetime.now(UTC), evidence=evidence)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A cache folder of the test's own, and a portal; gives what is offered in this process, by parameter."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PEAKOPS_DATABASE_URL", "postgresql://op:hunter2@db.example/portal?password=hunter2")
    context = typer.Context(typer.main.get_command(app))

    def run(parameter, incomplete=""):
        offer = completion.OFFERS[parameter]
        given = (context, incomplete) if parameter in ("user", "invitation") else (context,)
        return [each[0] for each in offer(*given)]

    return run


def test_the_newest_are_kept(here, tmp_path):
    """Of each kind five hundred; what was met last stays."""
    for first in (0, 300):
        rows = [{"invoice_number": f"INV-{number}"} for number in range(first, first + 400)]
        completion.remember("default", report(invoice=rows))

    assert [f"INV-{number}" for number in range(200, 700)] == here("invoice")
    assert "hunter2" not in (tmp_path / "peakops" / "completion-default.json").read_text()


def test_another_portal_offers_nothing_of_this_one(here, monkeypatch):
    """Where the same environment's database is another one, its subjects are others."""
    completion.remember("default", report(invoice=[{"invoice_number": "INV-1"}]))
    assert ["INV-1"] == here("invoice")

    monkeypatch.setenv("PEAKOPS_DATABASE_URL", "postgresql://op:hunter2@other.example/portal")
    assert [] == here("invoice")


def test_a_portal_in_another_file_is_another_portal(here, monkeypatch, tmp_path):
    """Where a file holds the database's address, its path tells them apart; the file is not opened."""
    monkeypatch.delenv("PEAKOPS_DATABASE_URL")
    for name in ("a", "b"):
        (tmp_path / name).touch(0)
        monkeypatch.setenv("PEAKOPS_DATABASE_URL_FILE", str(tmp_path / name))
        assert [] == here("invoice")
        completion.remember("default", report(invoice=[{"invoice_number": f"INV-{name}"}]))
        assert [f"INV-{name}"] == here("invoice")


def test_a_secret_in_the_place_of_a_file_is_not_kept(here, monkeypatch, tmp_path):
    """What names no file is no name of a portal either."""
    monkeypatch.delenv("PEAKOPS_DATABASE_URL")
    monkeypatch.setenv("PEAKOPS_DATABASE_URL_FILE", "postgresql://op:hunter2@db.example/portal")
    completion.remember("default", report(invoice=[{"invoice_number": "INV-1"}]))

    assert "hunter2" not in (tmp_path / "peakops" / "completion-default.json").read_text()


def test_what_somebody_put_into_the_cache_is_not_offered(here, tmp_path):
    """What comes out of it is looked at as what goes in: nothing that a shell would run, or that is no name."""
    completion.remember("default", report(invoice=[{"invoice_number": "INV-1"}]))
    file = tmp_path / "peakops" / "completion-default.json"
    bad = ["INV-1;id", "$(id)", "`id`", "INV-\x1b[31m", "a\nb", "bob@example.com", "'x", "-rf", "rk_live_hunter2", ""]
    odd = {**dict.fromkeys(bad, ""), ANNA: "$(id)", BOB: 1}
    kinds = {"invoices": {**odd, "INV-2": ""}, "people": odd, "invitations": [1], "practices": {**odd, ODD: "plain"}}
    file.write_text(json.dumps({**json.loads(file.read_text()), **kinds}))

    assert (["INV-2"], [], [], [], [ODD]) == (
        here("invoice"), here("user"), here("user", "a5"), here("invitation"), here("practice")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("Anna@X.example", "a…@x.example"),
        ("jörg+a@münchen.example", "j…@münchen.example"),
        ('"anna smith"@x.example', ""),
        ("anna@[192.0.2.1]", ""),
        ("a\x1b[31m'; rm -rf ~'@x.example", ""),
        ("anna@x.example;$(id)", ""),
        (None, ""),
    ],
)
def test_an_address_that_cannot_be_typed_is_not_offered(here, email, shown):
    """What a command would not find by its first letter, or a shell would expand, is offered by the id alone."""
    completion.remember("default", report(accounts=[{"id": ANNA, "email": email}]))

    assert ([shown] if shown else []) == here("user")
    assert [ANNA] == here("user", "a5")


def test_only_what_names_a_subject_is_kept(here):
    """An invitation is no person, a customer's id is none of ours, and what looks like no number is none."""
    row = {"id": ANNA, "email": "anna@x.example"}
    vendor = replace(report(person=[row]).evidence[0], source="stripe")
    odd = [{"invoice_number": each} for each in ("INV-1; rm", "-f", "", None, 7)]
    completion.remember("default", replace(report(invitations=[row], invoice=odd), evidence=(vendor,)))
    completion.remember("default", report(invitations=[row], invoice=odd))

    assert [] == here("user")
    assert ["a…@x.example"] == here("invitation")
    assert ["7"] == here("invoice")


def test_a_full_cache_is_offered_at_once(here):
    """Three times five hundred entries take less than 50 ms: the best of five, since the machine may be busy."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(500)]
    people = [{"id": each, "email": f"a{number}@x{number}.example"} for number, each in enumerate(ids)]
    bills = [{"invoice_number": f"INV-{n}", "practice": f"Practice {n}", "practice_id": ids[n]} for n in range(500)]
    completion.remember("default", report(person=people, invoice=bills))

    def seconds(parameter):
        start = time.perf_counter()
        assert 500 == len(here(parameter))
        return time.perf_counter() - start

    for parameter in ("invoice", "user", "practice"):
        assert 0.05 > min(seconds(parameter) for _ in range(5))
