"""The journal: what is written is on the disk and chained, and whatever is done to its lines is named by line."""

import json
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakops import journal
from peakops.errors import NotConfigured

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def write(folder, kind="done", subject="invoice:INV-1", **more):
    detail = {"step": 1, **more.pop("detail", {})}
    return journal.record(
        folder, kind=kind, command="payment refund", subject=subject, detail=detail, now=NOW, operator="ann", **more
    )


def filled(folder, count):
    for number in range(1, count + 1):
        write(folder, detail={"number": number, "says": "x" * (number % 3)})
    return folder / "journal.ndjson"


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def named(folder):
    return [(each.line, each.what) for each in journal.verify(folder)]


def test_an_entry_is_returned_as_it_is_read_and_written(tmp_path):
    """What record returns is the line in the file, chained to the one before; a file is for its owner alone."""
    first, second = write(tmp_path, kind="intended"), write(tmp_path)
    path = tmp_path / "journal.ndjson"

    assert [first, second] == list(journal.read(tmp_path))
    assert [vars(first), vars(second)] == [json.loads(line) for line in lines(path)]
    assert (1, "0" * 64, 2, first.hash) == (first.seq, first.prev, second.seq, second.prev)
    assert ("2026-11-20T15:00:00Z", "ann", "intended", "payment refund") == (
        first.at,
        first.operator,
        first.kind,
        first.command,
    )
    assert {"seq": 2, "hash": second.hash} == json.loads((tmp_path / "journal.head").read_text())
    assert [0o600, 0o600] == [
        stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("journal.ndjson", "journal.head")
    ]
    assert [] == journal.verify(tmp_path)


def test_what_may_not_be_kept_is_not_written(tmp_path):
    """Secrets stop at the door; times become text; the chain is over what was written."""
    key = "rk_live_" + "a" * 20
    entry = write(tmp_path, detail={"key": key, "password": "hunter2", "at": NOW, "note": "J\u00f6rg\n\x1b[1m"})

    assert key.encode() not in (tmp_path / "journal.ndjson").read_bytes()
    assert ("[secret removed]", "[secret removed]", "2026-11-20T15:00:00+00:00", "J\u00f6rg\n") == (
        entry.detail["key"],
        entry.detail["password"],
        entry.detail["at"],
        entry.detail["note"],
    )
    assert ([entry], []) == (list(journal.read(tmp_path)), journal.verify(tmp_path))


def test_the_operator_is_who_says_so_or_the_user(tmp_path, monkeypatch):
    """PEAKOPS_OPERATOR comes before the system's user; the time is the real one unless it is given."""
    plain = {"kind": "revealed", "command": "payment check", "subject": "INV-1", "detail": {}}
    monkeypatch.setenv("LOGNAME", "bob")
    monkeypatch.setenv("PEAKOPS_OPERATOR", " ")
    before = datetime.now(UTC).replace(microsecond=0)
    user = journal.record(tmp_path, **plain)
    monkeypatch.setenv("PEAKOPS_OPERATOR", "ann@ops")
    said = journal.record(tmp_path, **plain)

    assert ("bob", "ann@ops") == (user.operator, said.operator)
    assert before <= user.time <= datetime.now(UTC)


def test_entries_are_found_by_time_kind_and_subject(tmp_path):
    """Both ends of the time are included; kind and subject are whole words."""
    for hours, kind, subject in ((0, "intended", "a"), (1, "done", "a"), (2, "done", "ab")):
        journal.record(tmp_path, kind=kind, command="c", subject=subject, detail={}, now=NOW + timedelta(hours=hours))

    def found(**how):
        return [each.seq for each in journal.read(tmp_path, **how)]

    assert [1, 2, 3] == found()
    assert [2, 3] == found(since=NOW + timedelta(hours=1))
    assert [1, 2] == found(until=NOW + timedelta(hours=1))
    assert ([2, 3], [1, 2], [2]) == (found(kind="done"), found(subject="a"), found(kind="done", subject="a"))
    assert [] == list(journal.read(tmp_path / "none"))


def test_only_the_end_of_the_file_is_read(tmp_path):
    """A line more costs the same in a journal of 8 GB: what is before the last line is not even looked at."""
    path = filled(tmp_path, 2)
    last = lines(path)[-1]
    with path.open("r+b") as file:
        file.seek(8 << 30)
        file.write(b"\n" + last)
    entry = write(tmp_path)

    assert (3, json.loads(last)["hash"]) == (entry.seq, entry.prev)


def test_a_long_last_line_is_read_whole(tmp_path):
    """An entry that is longer than what is read of the end at once is still the last one."""
    long = write(tmp_path, detail={"plan": ["step"] * 50_000})
    entry = write(tmp_path)

    assert (2, long.hash) == (entry.seq, entry.prev)
    assert [] == journal.verify(tmp_path)


def test_many_writers_make_one_chain(tmp_path):
    """Threads and processes that append at once end in one whole chain with every entry in it."""
    code = (
        "import sys, pathlib; from peakops import journal\nfor n in range(20): journal.record("
        "pathlib.Path(sys.argv[1]), kind='done', command='c', subject='s', detail={'n': n})"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    threads = [threading.Thread(target=filled, args=(tmp_path, 20)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [0, 0] == [process.wait(30) for process in processes]
    assert (list(range(1, 81)), []) == ([each.seq for each in journal.read(tmp_path)], journal.verify(tmp_path))


@pytest.mark.parametrize("left", ['{"seq": 4, "at": "2026', "x", " ", '{"seq": 9}'])
def test_a_torn_line_stays_and_is_told_of(tmp_path, left):
    """A line that a crash cut short is ended by the next append, which tells of it; verify names it, and no more."""
    path = filled(tmp_path, 3)
    with path.open("a") as file:
        file.write(left)
    assert [(4, "torn")] == named(tmp_path)
    entry = write(tmp_path)

    assert (left.encode() + b"\n", 6) == (lines(path)[3], len(lines(path)))
    assert [1, 2, 3, 4, 5] == [each.seq for each in journal.read(tmp_path)]
    assert ["done", "done", "done", "torn", "done"] == [each.kind for each in journal.read(tmp_path)]
    assert (5, [(4, "torn")]) == (entry.seq, named(tmp_path))


@pytest.mark.parametrize(("line", "what"), [(b"", "removed"), (b"y\n", "changed"), (b"x\nx\n", "changed")])
def test_a_torn_line_cannot_be_tampered_with_either(tmp_path, line, what):
    """The entry behind a torn line knows its hash: removed, changed or repeated, it shows."""
    path = filled(tmp_path, 2)
    with path.open("ab") as file:
        file.write(b"x")
    write(tmp_path)
    one, two, _, *rest = lines(path)
    path.write_bytes(b"".join([one, two, line, *rest]))

    assert (3, what) == named(tmp_path)[0]


def test_a_line_that_lacks_only_its_end_is_whole(tmp_path):
    """Where the crash took the end of the line alone, the entry counts, and the chain goes on behind it."""
    path = filled(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-1])
    assert [(2, "torn")] == named(tmp_path)
    write(tmp_path)

    assert ([1, 2, 3], []) == ([each.seq for each in journal.read(tmp_path)], named(tmp_path))


def test_a_line_that_could_not_be_written_is_taken_back(tmp_path):
    """When the disk is full, record says so and leaves the file as it was, so that nothing looks as if it was meant."""
    path = filled(tmp_path, 2)
    before = path.read_bytes()
    code = (
        "import resource, sys, pathlib; from peakops import journal\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 50}, {len(before) + 50}))\n"
        "journal.record(pathlib.Path(sys.argv[1]), kind='intended', command='c', subject='s', detail={})"
    )
    failed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (1, True) == (failed.returncode, "NotConfigured: The journal" in failed.stderr)
    assert (before, []) == (path.read_bytes(), journal.verify(tmp_path))


def test_a_killed_writer_leaves_a_journal_that_goes_on(tmp_path):
    """kill -9 at any moment: every line that was returned is there, and the next append ends in a chain that holds."""
    code = (
        "import sys, pathlib; from peakops import journal\n"
        "while True:\n"
        "    entry = journal.record(pathlib.Path(sys.argv[1]), kind='k', command='c', subject='s', detail={})\n"
        "    print(entry.seq, flush=True)"
    )
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        seen = [writer.stdout.readline() for _ in range(5)]
        writer.send_signal(signal.SIGKILL)
        seen += writer.stdout.read().splitlines()
        writer.wait()
        entry = write(tmp_path)
        assert entry.seq > int(seen[-1])

    assert [] == [each for each in named(tmp_path) if each[1] != "torn"]


def test_lines_cut_off_at_the_end_are_missed(tmp_path):
    """The head knows the last entry: a shorter file shows, and after the next append the gap shows for ever."""
    path = filled(tmp_path, 5)
    path.write_bytes(b"".join(lines(path)[:3]))
    (breach,) = journal.verify(tmp_path)
    assert (4, "truncated", "Entries 4 to 5 are missing at the end.") == (breach.line, breach.what, breach.says)

    assert 6 == write(tmp_path).seq
    assert [(4, "removed")] == named(tmp_path)


def test_a_journal_that_was_removed_is_missed(tmp_path):
    """Without its file the journal is cut off at the first line, and stays so."""
    filled(tmp_path, 2).unlink()
    assert [(1, "truncated")] == named(tmp_path)
    write(tmp_path)

    assert [(1, "removed")] == named(tmp_path)


def test_an_older_head_or_none_is_no_breach(tmp_path):
    """A crash between the line and the head leaves the earlier head; it still holds, and the next append renews it."""
    filled(tmp_path, 2)
    head = tmp_path / "journal.head"
    older = head.read_bytes()
    last = write(tmp_path)
    head.write_bytes(older)
    assert [] == journal.verify(tmp_path)
    head.unlink()
    assert [] == journal.verify(tmp_path)

    assert last.hash == write(tmp_path).prev
    assert 4 == json.loads(head.read_text())["seq"]


def test_a_chain_that_was_made_anew_does_not_fit_the_head(tmp_path):
    """Who writes the last line again with a hash that fits has the head against him."""
    path = filled(tmp_path, 2)
    kept = (tmp_path / "journal.head").read_bytes()
    path.write_bytes(lines(path)[0])
    (tmp_path / "journal.head").unlink()
    write(tmp_path, subject="invoice:INV-2")
    (tmp_path / "journal.head").write_bytes(kept)

    assert [(2, "changed")] == named(tmp_path)


def test_an_entry_that_was_made_anew_does_not_fit_the_next(tmp_path):
    """A line in the middle, written again with a hash that fits, is not the one that the next line names."""
    path, other = filled(tmp_path / "one", 3), filled(tmp_path / "two", 1)
    write(tmp_path / "two", subject="invoice:INV-2")
    path.write_bytes(lines(path)[0] + lines(other)[1] + lines(path)[2])

    assert [(3, "removed")] == named(tmp_path / "one")


def test_every_single_byte_counts(tmp_path):
    """Each byte of the file, and of the head, shows when it is another: blanks between the fields and line ends too."""
    path = filled(tmp_path, 2)
    for file in (path, tmp_path / "journal.head"):
        whole = file.read_bytes()
        for at, byte in enumerate(whole):
            file.write_bytes(whole[:at] + (b"\t" if byte == ord(" ") else b" ") + whole[at + 1 :])
            assert journal.verify(tmp_path), (file.name, at)
        file.write_bytes(whole)


def test_a_last_line_whose_end_was_changed_is_no_torn_one(tmp_path):
    """The head knows that the line was written to its end."""
    path = filled(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    assert [(2, "changed")] == named(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", '{"seq": 2}\n', '{"seq": "2", "hash": "0"}\n', "[" * 100_000])
def test_a_head_that_is_none_is_named_and_stops_the_writer(tmp_path, text):
    """A damaged head is a breach at line 0; nothing is written over what it may have known."""
    path = filled(tmp_path, 2)
    (tmp_path / "journal.head").write_text(text)
    before = path.read_bytes()

    assert [(0, "changed")] == named(tmp_path)
    with pytest.raises(NotConfigured, match=r"cannot be continued: journal\.head") as wrong:
        write(tmp_path)
    assert ("journal.failed", "Run 'peakops journal verify'.", before) == (
        wrong.value.code,
        wrong.value.hint,
        path.read_bytes(),
    )


def test_a_journal_that_cannot_be_used_is_said(tmp_path):
    """A folder in the place of the file, or a file in the place of the folder, is a NotConfigured with the path."""
    (tmp_path / "a" / "journal.ndjson").mkdir(parents=True)
    (tmp_path / "b").write_text("")
    for act in (write, journal.verify, lambda folder: list(journal.read(folder))):
        for folder in (tmp_path / "a", tmp_path / "b"):
            with pytest.raises(NotConfigured, match=re.escape(str(folder / "journal.ndjson"))):
                act(folder)


def test_a_changed_last_line_is_not_taken_for_a_torn_one(tmp_path):
    """The head knows that it was whole once; the chain goes on behind it, and the line stays named as changed."""
    path = filled(tmp_path, 3)
    path.write_bytes(path.read_bytes().replace(b'"number": 3', b'"number": 4'))
    assert [(3, "changed")] == named(tmp_path)
    assert 4 == write(tmp_path).seq

    assert [(3, "changed")] == named(tmp_path)


def prepared(folder, count, torn):
    """A journal in which the line of this number, if any, is torn."""
    for number in range(count):
        if number + 1 == torn:
            with (folder / "journal.ndjson").open("ab") as file:
                file.write(b'{"seq": 99, "at"')
        write(folder, detail={"number": number})
    return folder / "journal.ndjson"


def damaged(rows, kind, random):
    """The rows with one damage, and the numbers of the lines that it is at."""
    at = random.randrange(len(rows))
    other = random.choice([each for each in range(len(rows)) if each != at])
    row = rows[at]
    match kind:
        case "byte":
            offset = random.randrange(len(row))
            byte = random.choice([each for each in range(256) if each != row[offset]])
            return [*rows[:at], row[:offset] + bytes([byte]) + row[offset + 1 :], *rows[at + 1 :]], {at + 1}
        case "remove":
            return [*rows[:at], *rows[at + 1 :]], {at + 1}
        case "repeat":
            return [*rows[:at], row, *rows[at:]], {at + 2}
    swapped = list(rows)
    swapped[at], swapped[other] = rows[other], row
    return swapped, {at + 1, other + 1}


@settings(max_examples=300, deadline=None)
@given(
    count=st.integers(2, 7),
    torn=st.integers(0, 7),
    kind=st.sampled_from(["byte", "remove", "swap", "repeat"]),
    random=st.randoms(use_true_random=True),
)
def test_any_damage_is_named_by_its_line(count, torn, kind, random):
    """A changed byte, a removed line, two swapped ones and a repeated one are named, each with its line's number."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = prepared(folder, count, torn)
        known = named(folder)
        assert [(torn, "torn")] * (1 <= torn <= count) == known

        rows, where = damaged(lines(path), kind, random)
        path.write_bytes(b"".join(rows))
        found = {line for line, _ in named(folder)}
        if known:
            # A torn line whose telling entry is gone reads as the entry itself, changed: one line further up.
            assert known != named(folder)
            assert (where | {each - 1 for each in where}) & found
        elif kind == "byte":
            assert where <= found <= where | {each + 1 for each in where}
        else:
            assert where == found
