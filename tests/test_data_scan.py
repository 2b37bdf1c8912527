"""`data scan` as an operator runs it: files of every form, verdicts and exit codes, and never a value."""

import gzip
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import jsonschema
import pytest

from peakops.cli.data.scan import asks
from peakops.model import Severity
from peakops.render import schema
from peakops.sources import scanner

from .bench import planted_log
from .test_worlds import Envelope, Page, steady

PLANTED = Path(__file__).parent / "scenarios" / "data" / "planted.log"
"""A log with one of most kinds; the word canary is in every value that has words."""
VALUES = ("hunter2", "canary", "Canary", "4242", "219-09", "555 0147", "198.51", "9x@", "MfKQ9")
VALIDATOR = jsonschema.Draft202012Validator(schema.of("data scan"))
LINE = b"2026-11-20T15:00:00Z INFO all is well\n"
SECRET = b"ok\nlogin password=hunter2x\n"


@pytest.fixture
def scan(peakops, tmp_path):
    """Run the command on files of these contents: `scan(SECRET, "--json")`; gives the run."""

    def run(*contents, named="a.log", stdin=None):
        options = [each for each in contents if isinstance(each, str)]
        paths = []
        for number, each in enumerate(each for each in contents if isinstance(each, bytes)):
            paths.append(tmp_path / (named if not number else f"{number}{named}"))
            paths[-1].write_bytes(each)
        if stdin is None:
            return peakops("--sandbox", "data", "scan", *map(str, paths), *options)
        (tmp_path / "stdin").write_bytes(stdin)
        with (tmp_path / "stdin").open("rb") as file:
            return peakops("--sandbox", "data", "scan", "-", *options, stdin=file)

    return run


def found(run):
    """What was found, by kind, line and column."""
    VALIDATOR.validate(run.json)
    return [(each["kind"], each["line"], each["column"]) for each in run.json["data"]["items"]]


def test_a_log_as_it_is_told(scan, load, snapshot):
    """Verdict, page and envelope of a log with one of most kinds, from stdin; no value is among what is told."""
    load("paid")
    text = PLANTED.read_bytes()
    person, script, listed = scan(stdin=text), scan("--json", stdin=text), scan("--csv", stdin=text)

    assert (2, 2, 2) == (person.code, script.code, listed.code)
    assert ("never_log_found", "health") == (script.json["verdict"]["code"], script.json["verdict"]["cause"])
    VALIDATOR.validate(script.json)
    assert snapshot(extension_class=Page) == steady(person.out)
    assert snapshot(extension_class=Envelope) == steady(script.out)
    told = person.out + script.out + listed.out + person.err + script.err + listed.err
    assert [] == [each for each in VALUES if each in told]
    assert 12 == len(listed.out.splitlines())


def test_each_verdict_and_its_code(scan):
    """Clean is 0 and says how much was read; a caution is 1, a secret 2; what cannot be read to its end is 3."""
    clean, caution, secret = scan(LINE * 3), scan(b"from 203.0.113.9\n", "--json"), scan(SECRET, LINE, "--json")
    cut = scan(gzip.compress(LINE * 1_000)[:-9], "--json")
    both = scan(SECRET, gzip.compress(os.urandom(5_000))[:4_000])

    assert (0, "OK  Nothing was found  [clean]") == (clean.code, clean.out.splitlines()[0])
    assert "(114 bytes, 3 lines)" in clean.out
    assert (1, [("ip", 1, 6)]) == (caution.code, found(caution))
    assert (2, [("password", 2, 16)]) == (secret.code, found(secret))
    assert (3, "unknown") == (cut.code, cut.json["verdict"]["code"])
    assert "ends in its middle" in cut.json["verdict"]["says"]
    assert 2 == both.code
    assert "Not complete" in both.out


def named(each):
    """A test's name by its words alone: random bytes and a packed file's time differ between pytest's workers."""
    return each if isinstance(each, str) else "file"


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (SECRET, "text"),
        (gzip.compress(b"ok\n", mtime=0) + gzip.compress(b"login password=hunter2x\n", mtime=0), "gzip"),
        (SECRET.decode().encode("utf-16"), "UTF-16"),
        ((LINE.decode() + "é…\U0001f600\n" + SECRET.decode()).encode("utf-16-be"), "UTF-16"),
        (b"\xef\xbb\xbf" + SECRET, "text"),
        (b"\xff\xc3\x28\xe2\x82 " + SECRET, "text"),
        (b"\x7fELF\0\0\0\1" + os.urandom(900).replace(b"\n", b"") + b"\n" + SECRET, "binary"),
        (b"x" * 700_000 + SECRET, "text"),
        (
            gzip.compress((LINE * 5).decode().encode("utf-16") + ("login password=hunter2x\n" * 2).encode("utf-16-le")),
            "UTF-16",
        ),
    ],
    ids=named,
)
def test_every_form_of_text(scan, content, form):
    """Packed, wide, broken, binary, or a line without an end: what is in it is found."""
    run = scan(content, "--json")

    assert 2 == run.code
    assert {"password"} <= {kind for kind, *_ in found(run)}
    assert form == run.json["data"]["files"][0]["form"]


def test_places_in_a_wide_text_are_bytes(scan):
    """In UTF-16 a column and an offset count bytes, as they do everywhere; the mark is a part of the first line."""
    run = scan("password=hunter2x é\nx password=hunter2y\n".encode("utf-16"), "--json")

    assert [("password", 1, 21), ("password", 2, 23)] == found(run)
    assert [20, 64] == [each["offset"] for each in run.json["data"]["items"]]


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh9", b"\xfd7zXZ\0", b"%PDF-1.7"])
def test_what_is_packed_otherwise_is_not_called_clean(scan, head):
    """An archive that is not unpacked is unknown, and told by its name."""
    run = scan(head + os.urandom(64), "--json")

    assert (3, "packed") == (run.code, run.json["data"]["files"][0]["form"])
    assert "whose text is not looked into" in run.json["verdict"]["says"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(gzip.compress(SECRET, mtime=0), mtime=0), "packed twice"),
        (SECRET.decode().encode("utf-32"), "UTF-32"),
        (LINE * 20 + "password=hunter2x\nand so on\n".encode("utf-16-le"), "a part of it is UTF-16"),
        (LINE + os.urandom(9_000), "no text"),
    ],
    ids=named,
)
def test_what_is_no_text_is_not_called_clean(scan, content, says):
    """Packed twice, wider than wide, wide or packed from the middle on: unknown, and no question is ok."""
    run = scan(content, "--json")

    assert (3, "unknown") == (run.code, run.json["verdict"]["code"])
    assert says in run.json["verdict"]["says"]
    assert "ok" not in {each["verdict"] for each in run.json["questions"]}


def test_zeros_of_an_emptied_log_are_no_reason(scan):
    """A log that is emptied while it is written begins with zeros; its text is looked through."""
    assert 0 == scan(b"\0" * 5_000 + LINE).code
    assert 2 == scan(b"\0" * 5_000 + SECRET).code


def test_a_pipe_is_opened_once(tmp_path):
    """Whoever writes into it is not cut off, and its text is there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SECRET,), daemon=True)
    writer.start()
    asked = asks([str(pipe)])
    row = scanner.Scanner(Settings(), deadline=time.monotonic() + 9).scan(asked["files"]).rows[0]

    assert (len(SECRET), None) == (row["bytes"], row["ended"])
    writer.join(9)


@pytest.mark.parametrize("said", [b"", SECRET])
def test_a_silent_pipe_ends_with_the_time(tmp_path, said):
    """Nobody writes, or nothing more: it ends before the deadline, and what came is looked through."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    os.write(held, said)
    deadline = time.monotonic() + 0.8
    row = scanner.Scanner(Settings(), deadline=deadline).scan((str(pipe),)).rows[0]
    assert time.monotonic() < deadline
    os.close(held)

    assert ("the time limit was reached", len(said)) == (row["ended"], row["bytes"])
    assert bool(said) == bool(row["kinds"])


def test_bytes_one_by_one_are_told_as_what_they_are(tmp_path):
    """A packed text from a slow pipe, whose first piece is a single byte."""
    pipe, packed = tmp_path / "pipe", gzip.compress(SECRET)
    os.mkfifo(pipe)

    def write():
        with pipe.open("wb", buffering=0) as file:
            for each in packed:
                file.write(bytes([each]))
                time.sleep(0.002)

    threading.Thread(target=write, daemon=True).start()
    row = scanner.Scanner(Settings(), deadline=time.monotonic() + 9).scan((str(pipe),)).rows[0]

    assert ("gzip", None, ["password"]) == (row["form"], row["ended"], [each["kind"] for each in row["kinds"]])


def test_a_file_that_becomes_shorter_is_not_called_clean(tmp_path):
    """A log that is emptied in its place while it is read: what was in it is not known."""
    log = tmp_path / "a.log"
    log.write_bytes(LINE * 9_000)
    raw = log.open("rb", buffering=0)
    patient = scanner._Patient(raw, time.monotonic() + 9)
    patient.read(100)
    assert patient.short()
    os.truncate(log, 100)

    assert b"" == patient.read(100)
    assert "it became shorter while it was read" == patient.short()
    patient.close()


def test_several_files_are_one_verdict(scan):
    """Each place names its file, and secrets of a later file come before cautions of an earlier one."""
    run = scan(b"from 203.0.113.9\n", SECRET, b"", "--json")
    items = run.json["data"]["items"]

    assert [("1a.log", "password"), ("a.log", "ip")] == [(Path(each["file"]).name, each["kind"]) for each in items]
    assert [1, 2, 0] == [each["lines"] for each in run.json["data"]["files"]]


def test_a_limit_is_said(scan):
    """What is beyond the limit is counted: in `truncated`, and on stderr."""
    run = scan(SECRET * 9, "--limit", "2", "--json")

    assert {"shown": 2, "total": 9} == run.json["truncated"]
    assert 2 == len(run.json["data"]["items"])
    assert "Only 2 of 9 are listed" in run.err


def test_what_cannot_be_opened_is_bad_input(peakops, scan, tmp_path):
    """A file that is not there, a folder, or nothing at all: told before anything is scanned."""
    none, folder = peakops("--sandbox", "data", "scan", "nowhere.log", "--json"), peakops("data", "scan", str(tmp_path))
    nothing = peakops("--sandbox", "data", "scan")

    assert (65, "input") == (none.code, none.json["error"]["category"])
    assert "nowhere.log cannot be read: No such file or directory." == none.json["error"]["message"]
    assert (65, 64) == (folder.code, nothing.code)
    assert 65 == scan(SECRET, "nowhere.log").code


def test_configured_fields_are_looked_for(peakops, tmp_path):
    """The fields of health are the setting's, and no others."""
    (tmp_path / "a.log").write_text('{"shade": "A2", "patient_name": "Ann"}\n')
    run = peakops("data", "scan", str(tmp_path / "a.log"), "--json", PEAKOPS_HEALTH_FIELDS='["shade", "tooth"]')

    assert [("health", 1, 3)] == found(run)


def test_time_ends_a_scan(tmp_path):
    """At the deadline it stops, and says that it has."""
    (tmp_path / "a.log").write_bytes(LINE * 100)
    row = scanner.Scanner(Settings(), deadline=0.0).scan((str(tmp_path / "a.log"),)).rows[0]

    assert "the time limit was reached" == row["ended"]


class Settings:
    """What a scanner wants of the settings."""

    health_fields = planted_log.HEALTH


def test_what_breaks_while_it_is_read_is_said(tmp_path):
    """A file that went away after the command had looked, and packed ones that are damaged or have a tail."""
    packed = gzip.compress(os.urandom(9_000))
    (tmp_path / "b.gz").write_bytes(packed[:3_000] + b"\0" * 9 + packed[3_009:])
    (tmp_path / "c.gz").write_bytes(gzip.compress(LINE) + b"junk")
    names = [str(tmp_path / each) for each in ("gone", "b.gz", "c.gz")]
    rows = scanner.Scanner(Settings(), deadline=time.monotonic() + 9).scan(tuple(names)).rows

    damaged = "the packed file is damaged"
    assert ["No such file or directory", damaged, damaged] == [each["ended"] for each in rows]


IMPORT = """
import collections, dataclasses, datetime, re, time
start = time.process_time()
import peakops.redact.scan
print(time.process_time() - start)
"""


def test_the_module_is_quickly_imported():
    """30 ms of the processor at most, with all that a door needs: the least of three."""
    took = [float(subprocess.check_output([sys.executable, "-c", IMPORT])) for _ in range(3)]

    assert min(took) <= 0.030


def test_words_agree():
    """Each kind has a name for people, and the needs of a verdict are the scan's looks."""
    from peakops.redact.scan import CAUTION, NEVER_LOG
    from peakops.scenarios.data.scan import NAMES, SCENARIO

    assert {*NAMES} == {*NEVER_LOG, *CAUTION}
    assert re.fullmatch(r"[a-z_]+", "".join(NAMES))
    assert ("files", "places") == SCENARIO.needs[Severity.OK]
