"""The ledger of the incidents: chained, never forked, never lost, and merged once from wherever it was kept."""

import shutil
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.errors import BadInput, NotConfigured, NotFound
from peakops.ledger import Incident, Ledger, breaches, subject_of
from peakops.ledger.event import FIRST, Breach, plain, sealed
from peakops.ledger.local import Local
from peakops.ledger.merging import merge
from peakops.ledger.names import distinct
from peakops.ledger.team import Team
from peakops.settings import WriteKeys

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WRITER = Path(__file__).with_name("incident_writer.py")
NOWHERE = "postgresql://peakops_writer@127.0.0.1:9/postgres"
"""Nobody listens on the port `discard` here."""
ID = "55555555-5555-4555-8555-000000000101"
OPENED = {"opened_at": NOW, "opened_by": "ann"}


@pytest.fixture
def up(load):
    return load("data/held")


@pytest.fixture
def ledger(up, tmp_path):
    """A ledger of a station: `ledger()`, `ledger(writes=False)`, `ledger(down=True)`, `ledger(folder="other")`."""

    def made(*, writes=True, down=False, folder="state", **more):
        keys, settings = write_keys_of(up), settings_of(up)
        if down:
            keys, settings = replace(keys, database_url=NOWHERE), replace(settings, database_url=NOWHERE)
        return Ledger(settings, keys if writes else replace(keys, database_url=None), tmp_path / folder, **more)

    return made


@pytest.fixture
def owner(up):
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as connection:
        yield connection


def kinds(events):
    return [(each.seq, each.kind, each.says) for each in events]


def files(folder):
    return sorted(each.name for each in folder.glob("*.ndjson"))


def test_an_incident_is_a_chain(ledger):
    """Each event carries the hash of the one before; the number is the next; times and details come back as given."""
    earlier = NOW - timedelta(minutes=20)
    first = ledger().open(
        "INV-1", "critical", "It broke.", at=earlier, detail={"share": 0.5, "when": NOW, "whole": 2.0}
    )
    ledger().append(first, "acked", "I have it.")
    again = ledger()
    events = again.events(again.find("inc-1"))

    assert ("INC-1", "INV-1", "critical", earlier, False) == (
        first.number,
        first.subject,
        first.severity,
        first.opened_at,
        first.local,
    )
    assert [(1, "opened", "It broke."), (2, "acked", "I have it.")] == kinds(events)
    assert [FIRST, events[0].hash] == [each.prev for each in events]
    assert (earlier, NOW) == (events[0].at, events[0].recorded_at)
    assert (0.5, "2026-11-20T15:00:00+00:00", 2) == tuple(events[0].detail[key] for key in ("share", "when", "whole"))
    assert [] == breaches(first.id, events)
    assert "INC-2" == ledger().open("INV-2", "warning", "Another.").number
    assert () == again.warnings


def test_a_change_in_the_database_is_named(ledger, owner):
    """What is changed in a row, or removed, shows by the number of the event."""
    made = ledger().open("INV-1", "warning", "One.")
    for count in range(2, 6):
        ledger().append(made, "note", f"line {count}")
    owner.execute("update peakops.incident_events set says = 'nothing' where seq = 2")
    owner.execute("update peakops.incident_events set detail = detail || '{\"x\": 1}' where seq = 3")
    owner.execute("delete from peakops.incident_events where seq = 4")
    found = breaches(made.id, ledger().events(made))

    assert [(2, "changed"), (3, "changed"), (5, "removed")] == [(each.seq, each.what) for each in found]
    assert "Before it 4 is missing." == found[-1].says


def test_a_chain_that_was_forged_shows():
    """An event sealed behind another than the one before it, and one that stands twice."""
    told = {"at": NOW, "recorded_at": NOW, "operator": "ann", "kind": "note", "says": "x", "detail": {}}
    one = sealed("id", (0, FIRST), told)
    two = sealed("id", (1, "f" * 64), told)

    assert [Breach(2, "removed", "The event after which it was written is not there.")] == breaches("id", [one, two])
    assert [Breach(1, "repeated", "It stands in the time line twice.")] == breaches("id", [one, one])
    assert [Breach(1, "changed", "It is not as it was written.")] == breaches("other", [one])
    assert [] == breaches("id", [])


def test_several_processes_lose_and_fork_nothing(ledger, state):
    """Four processes at once: every event is in one chain without a gap, and no number is given twice."""
    shared = ledger().open("INV-1", "warning", "Shared.")
    command = [sys.executable, str(WRITER), str(state / "peakops"), shared.number, "6"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(4)]
    said = [each.communicate(timeout=60) for each in running]
    # Why one of them failed, or kept an event to itself, comes first: it is the reason of all that follows.
    assert [""] * 4 == [wrong for _, wrong in said]
    assert [0] * 4 == [each.returncode for each in running]
    numbers = [line for out, _ in said for line in out.split()]
    events = ledger().events(shared)

    assert sorted(f"INC-{number}" for number in range(2, 26)) == sorted(numbers)
    assert list(range(1, 26)) == [each.seq for each in events]
    assert [] == breaches(shared.id, events)
    assert {f"line {count}" for count in range(6)} == {each.says for each in events[1:]}


def test_without_write_access_it_is_kept_here_and_merged(ledger, tmp_path):
    """A private file, a number of its own, a warning; then the next number, `at` as it was, recorded when merged."""
    alone = ledger(writes=False)
    made = alone.open("INV-1", "critical", "No key here.", at=NOW - timedelta(hours=1))
    alone.append(made, "note", "And a line.")
    (path,) = (tmp_path / "state" / "incidents" / "sandbox").glob("*.ndjson")
    kept = alone.events(made)

    assert (f"INC-L-{made.id[:4]}", True) == (made.number, made.local)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["kept on this machine" in each for each in alone.warnings] == [True]
    assert "PEAKOPS_DATABASE_WRITE_URL" in alone.warnings[0]
    assert [] == breaches(made.id, kept)

    again = ledger()
    merged = again.find(made.number)
    events = again.events(merged)

    assert ("INC-1", made.id, False) == (merged.number, merged.id, merged.local)
    assert (f"{made.number} was kept on this machine, and is merged now as INC-1.",) == again.warnings
    assert [each.hash for each in kept] == [each.hash for each in events]
    assert [NOW - timedelta(hours=1), NOW] == [each.at for each in events]
    assert [] == files(tmp_path / "state" / "incidents" / "sandbox")
    assert "INC-1" == ledger(folder="other").find(made.number).number


def test_the_database_is_down(ledger, tmp_path):
    """An incident that is in Postgres is noted to by its number; the run is not kept; all of it is merged in order."""
    there = ledger().open("INV-1", "warning", "Before.")
    began = time.monotonic()
    down = ledger(down=True)
    unseen = down.find("inc-1")
    down.append(unseen, "note", "While it was down.")
    down.append(there, "note", "By one who had seen it.")
    fresh = down.open("INV-2", "critical", "The database is down.")

    assert ("INC-1", "INC-1", True) == (unseen.id, unseen.number, unseen.local)
    assert {"INC-1", fresh.number} == {each.number for each in down.all()}
    assert down.silent is not None
    assert time.monotonic() - began < 3

    again = ledger()
    found = again.all()
    events = again.events(again.find("INC-1"))

    assert {"INC-1", "INC-2"} == {each.number for each in found}
    assert ["Before.", "By one who had seen it.", "While it was down."] == sorted(each.says for each in events)
    assert [] == breaches(there.id, events)
    assert [] == files(tmp_path / "state" / "incidents" / "sandbox")


def test_the_number_of_a_machine_is_good_when_the_database_is_down_again(ledger, tmp_path):
    """Opened here, merged, and noted to by the same number in the next silence: it is merged, and blocks no write."""
    alone = ledger(writes=False)
    number = alone.open("INV-1", "warning", "x").number
    ledger().all()
    down = ledger(down=True)
    down.append(down.find(number), "note", "The shell still names it so.")
    again = ledger()
    found = again.find(number)
    again.append(found, "note", "And now it is up.")

    assert "INC-1" == found.number
    assert ["x", "The shell still names it so.", "And now it is up."] == [each.says for each in ledger().events(found)]
    assert [] == files(tmp_path / "state" / "incidents" / "sandbox")


def test_environments_are_kept_apart(ledger, up, tmp_path):
    """What was kept of one environment is neither seen nor merged by another; no name leads out of the folder."""
    for name in ("staging", "..", "a/b"):
        alone = Ledger(replace(settings_of(up), environment=name), WriteKeys(), tmp_path / "state")
        alone.open("INV-1", "warning", name)
        assert [name] == [each.says for made in alone.all() for each in alone.events(made)]

    assert [] == ledger().all(open_only=False)
    assert ["%2E%2E", "a%2Fb", "staging"] == sorted(each.name for each in (tmp_path / "state" / "incidents").iterdir())


def test_without_the_schema_all_is_kept_here(load, tmp_path):
    """Where `peakops setup` was never run there is no incident of the team, which is no silence."""
    up = load("data/held_without_setup")
    ledger = Ledger(settings_of(up), write_keys_of(up), tmp_path)
    made = ledger.open("INV-1", "warning", "No place.")

    assert [made] == Ledger(settings_of(up), write_keys_of(up), tmp_path).all()
    assert ledger.silent is None
    assert "The schema peakops is not set up." in ledger.warnings[0]
    with pytest.raises(NotFound):
        ledger.find("INC-7")


class Dying(Team):
    """The team's tables as a process sees them that is killed after so many transactions."""

    left = 0

    def commit(self, statements):
        brought = super().commit(statements)
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return brought


@pytest.mark.parametrize(("at_once", "steps"), [(500, 1), (1, 1), (1, 2), (1, 3), (1, 4)])
def test_a_merge_that_is_killed_goes_on_without_a_twin(ledger, up, tmp_path, at_once, steps, monkeypatch):
    """After each of its transactions in turn: the next merge brings what is left, and nothing again."""
    monkeypatch.setattr("peakops.ledger.merging.AT_ONCE", at_once)
    alone = ledger(writes=False)
    made = alone.open("INV-1", "warning", "opened")
    for count in range(3):
        alone.append(made, "note", f"line {count}")
    dying = Dying(settings_of(up), write_keys_of(up), tmp_path / "state", 20)
    dying.left = steps
    with pytest.raises(KeyboardInterrupt):
        merge(dying, Local(tmp_path / "state", "sandbox"), NOW)
    again = ledger()

    assert ["INC-1"] == [each.number for each in again.all()]
    assert ["opened", "line 0", "line 1", "line 2"] == [each.says for each in again.events(again.find("INC-1"))]


def test_two_stations_that_keep_the_same_merge_it_once(ledger, tmp_path):
    """A state folder that was copied, merged from both at once."""
    alone = ledger(writes=False)
    made = alone.open("INV-1", "warning", "opened")
    for count in range(8):
        alone.append(made, "note", f"line {count}")
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    both = [threading.Thread(target=ledger(folder=each).all) for each in ("state", "copy")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    again = ledger()
    events = again.events(again.find("INC-1"))

    assert ["INC-1"] == [each.number for each in again.all(open_only=False)]
    assert ["opened", *(f"line {count}" for count in range(8))] == [each.says for each in events]
    assert [] == breaches(made.id, events)
    assert [[], []] == [files(tmp_path / each / "incidents" / "sandbox") for each in ("state", "copy")]


def test_what_is_added_while_it_is_merged_waits(up, tmp_path):
    """A file that has grown since it was read is not put away."""
    local = Local(tmp_path, "sandbox")
    alone = Ledger(settings_of(up), replace(write_keys_of(up), database_url=None), tmp_path)
    made = alone.open("INV-1", "warning", "opened")
    (kept,) = local.kept()
    alone.append(made, "note", "later")

    assert not local.done(kept)
    assert local.done(local.kept()[0])
    assert [] == local.kept()


def test_a_file_that_was_changed_is_not_merged(ledger, tmp_path):
    """It stays where it is, and is named with the event; a line that a crash cut short is passed over."""
    alone = ledger(writes=False)
    made = alone.open("INV-1", "warning", "opened")
    (path,) = (tmp_path / "state" / "incidents" / "sandbox").glob("*.ndjson")
    with path.open("ab") as file:
        file.write(b'{"event": {"seq": 2, "a')
    alone.append(made, "note", "after the crash")

    assert ["opened", "after the crash"] == [each.says for each in alone.events(made)]

    path.write_bytes(path.read_bytes().replace(b"after the crash", b"after the trial"))
    again = ledger()

    assert [made.number] == [each.number for each in again.all()]
    assert f"{path} is not merged: event 2 of {made.number} was changed." in again.warnings


def test_events_of_an_incident_that_is_not_there_stay(ledger, tmp_path):
    """A number that was mistyped while the database was down: the file is named, and nothing is lost."""
    down = ledger(down=True)
    down.append(down.find("INC-99"), "note", "To nobody.")
    again = ledger()

    assert "INC-99" in {each.number for each in again.all()}
    path = tmp_path / "state" / "incidents" / "sandbox" / "inc-99.ndjson"
    way_out = "resolve it, if the number was mistyped."
    assert (f"{path} is not merged: there is no incident INC-99: {way_out}",) == again.warnings

    again.append(again.find("INC-99"), "resolved", "Mistyped.")

    assert [] == ledger().all()


def test_an_ended_incident_is_not_open(ledger):
    """Resolved or closed, in Postgres or on this machine alone, it is listed only among all."""
    made = [ledger().open(f"INV-{number}", "warning", "x") for number in range(3)]
    ledger().append(made[0], "resolved", "Over.")
    ledger().append(made[1], "closed", "Over.")
    alone = ledger(writes=False)
    alone.append(made[2], "resolved", "Over, and kept here.")

    assert [] == alone.all()
    assert ["INC-1", "INC-2", "INC-3"] == sorted(each.number for each in alone.all(open_only=False))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("INV-2024-0117", "INV-2024-0117"),
        (" payments: webhooks ", "payments: webhooks"),
        (ID.upper(), f"user:{ID}"),
        (f"user:{ID}", f"user:{ID}"),
        ("anna@smilecare.example", None),
        ("Anna <anna@smilecare.example>", None),
        ("+1 415 555 2671", None),
        ("sk_live_51ABCDEFGHIJKLMNOPQRSTUVWX", None),
        ("  ", None),
    ],
)
def test_a_subject_is_no_personal_data(text, stored):
    """A bare id is a person's; an address, a phone number and a secret are refused with what to name instead."""
    if stored is None:
        with pytest.raises(BadInput) as refused:
            subject_of(text)
        assert "peakops user check" in refused.value.hint
        assert "anna" not in refused.value.says
    else:
        assert stored == subject_of(text)


def test_an_event_is_written_behind_the_one_it_was_chained_to_alone(up, ledger, owner, tmp_path):
    """Where the last event is another than the one that was read, nothing is written, whatever number is free."""
    made = ledger().open("INV-1", "warning", "x")
    team = Team(settings_of(up), write_keys_of(up), tmp_path, 20)
    (first,) = ledger().events(made)
    told = {"at": NOW, "recorded_at": NOW, "operator": "ann", "kind": "note", "says": "y", "detail": {}}

    for before in ((1, "f" * 64), (2, first.hash)):
        row = {key: value for key, value in vars(sealed(made.id, before, told)).items() if key != "local"}
        assert [[]] == team.commit([("incident/append", {"incident": made.id, **row})])
    assert (1,) == owner.execute("select count(*) from peakops.incident_events").fetchone()


def test_what_is_opened_is_told_without_being_read_again(ledger, up):
    """Its first event is known as it was written; its time is that of the record, also where the clock runs on."""
    one = ledger()
    made = one.open("INV-1", "warning", "x")
    running = Ledger(replace(settings_of(up), clock=None), WriteKeys(), up.journal)
    running.open("INV-2", "warning", "y")

    assert [one.begun.hash] == [each.hash for each in ledger().events(made)]
    assert running.begun.at == running.begun.recorded_at


def test_a_file_that_lost_its_first_line_is_named_and_keeps_no_other(ledger, tmp_path):
    """It is left out with a warning, the rest is merged; with the next event it has its incident again."""
    alone = ledger(writes=False)
    lost, other = (alone.open(f"INV-{number}", "warning", "x") for number in range(2))
    alone.append(lost, "note", "kept")
    path = tmp_path / "state" / "incidents" / "sandbox" / f"{lost.id}.ndjson"
    path.write_bytes(path.read_bytes().replace(b'{"incident"', b'{"inci\xff\x00ent', 1))
    again = ledger()

    assert ["INV-1"] == [each.subject for each in again.all()]
    assert f"{path} is left out, and not merged" in again.missing
    assert again.missing in again.warnings[-1]

    ledger(writes=False).append(lost, "note", "healed")

    assert ["x", "kept", "healed"] == [each.says for each in ledger().events(lost)]
    assert other.id != lost.id


@pytest.mark.parametrize("left", [b'{"incident": {"id', b"", None])
def test_a_file_in_which_no_event_is_yet_holds_nobody_up(ledger, tmp_path, left):
    """A crash, or a full disk, before the first event: nothing is kept, and the next event is written as the first."""
    made = ledger().open("INV-1", "warning", "x")
    down = ledger(down=True)
    down.append(made, "note", "lost")
    (path,) = (tmp_path / "state" / "incidents" / "sandbox").glob("*.ndjson")
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0] if left is None else left)

    assert [made] == ledger().all()
    ledger(down=True).append(made, "note", "kept")
    assert ["x", "kept"] == [each.says for each in ledger().events(made)]


def test_a_folder_that_cannot_be_read_hides_no_incident_of_the_team(ledger, tmp_path):
    """What Postgres has is told; that this machine's may be more, too; a write that has no other place fails."""
    made = ledger().open("INV-1", "warning", "x")
    (tmp_path / "odd" / "incidents").mkdir(parents=True)
    (tmp_path / "odd" / "incidents" / "sandbox").write_text("a file")
    odd = ledger(folder="odd")

    assert [made] == odd.all()
    assert "cannot be kept or read" in odd.missing
    with pytest.raises(NotConfigured):
        ledger(folder="odd", down=True).append(made, "note", "x")


def test_what_was_kept_for_an_incident_that_ended_opens_it_no_more(ledger):
    """Noted to by its number or its id from a station that cannot write: it has ended, as Postgres knows."""
    made = ledger().open("INV-1", "critical", "x")
    down = ledger(down=True, folder="station")
    down.append(down.find("INC-1"), "note", "By its number.")
    ledger(writes=False, folder="station").append(made, "note", "By its id.")
    ledger().append(made, "resolved", "Over.")
    station = ledger(writes=False, folder="station")

    assert [] == station.all()
    assert ["INC-1"] == [each.number for each in station.all(open_only=False)]


def test_two_incidents_of_one_number_are_two():
    """Stations number by themselves: where the ids differ, neither hides the other."""
    one, other = (
        Incident(id=f"{n}" * 8 + ID[8:], number="INC-L-5555", subject="x", severity="warning", **OPENED) for n in (1, 2)
    )
    unseen = Incident(id="INC-7", number="INC-7", subject="", severity="critical", **OPENED)
    seen = replace(one, number="INC-7")

    assert [one, other] == distinct([one, other], [])
    assert [seen] == distinct([unseen], [seen])


def test_a_merge_that_goes_on_asks_once_for_what_is_there(ledger, up, tmp_path):
    """What an earlier try has brought is not asked for event by event: a long silence is merged in a few runs."""
    alone = ledger(writes=False)
    made = alone.open("INV-1", "warning", "x")
    for count in range(12):
        alone.append(made, "note", f"line {count}")
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger().all()
    asked = []

    class Counted(Team):
        def rows(self, query, **params):
            asked.append(query)
            return super().rows(query, **params)

    again = Counted(settings_of(up), write_keys_of(up), tmp_path / "copy", 20)
    merge(again, Local(tmp_path / "copy", "sandbox"), NOW)

    assert ["incident/find", "incident/events"] == asked
    assert [] == files(tmp_path / "copy" / "incidents" / "sandbox")


def test_a_long_note_is_counted_at_once(ledger):
    """A log that somebody pastes in: every part is counted, in the time that reading it takes."""
    one = ledger(writes=False)
    began = time.monotonic()
    one.append(one.open("INV-1", "warning", "x"), "note", "the anna@smilecare.example of the and in " * 2500)

    assert 2500 == one.removed
    assert time.monotonic() - began < 5


def test_what_is_noted_is_cleaned_and_counted(ledger, owner):
    """Secrets go, addresses and phone numbers are masked; how many is told; the database holds none of it."""
    one = ledger()
    made = one.open("INV-1", "warning", "x")
    before = one.removed
    one.append(made, "note", "anna@smilecare.example, +1 415 555 2671 said sk_live_51ABCDEFGHIJKLMNOPQRSTUVWX")
    stored = owner.execute("select says, detail::text from peakops.incident_events").fetchall()

    assert 3 == one.removed - before
    assert not any(word in str(stored) for word in ("anna@", "415", "sk_live"))


def test_a_detail_comes_back_as_it_was_hashed():
    """Only what JSON has; a whole number is one, whatever it was written as; no number that is none."""
    assert {"a": 1, "b": [0.1, 1], "c": "2026-11-20T15:00:00+00:00"} == plain({"a": 1.0, "b": (0.1, 1.0), "c": NOW})
    with pytest.raises(ValueError, match="not JSON compliant"):
        plain({"a": float("nan")})


def test_a_name_is_a_number_or_an_id(ledger):
    """Anything else is refused before the database is asked; what is unknown is not found."""
    made = ledger().open("INV-1", "warning", "x")

    assert made == ledger().find(f" {made.id.upper()} ")
    for name in ("7", "INC", "anna@smilecare.example", "INC-7; drop table"):
        with pytest.raises(BadInput):
            ledger().find(name)
    with pytest.raises(NotFound):
        ledger().find("INC-2")
