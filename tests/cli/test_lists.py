"""What every list promises, in real processes: its forms, its limit, its window, and how it ends."""

import csv
import io
import json
import signal
import subprocess
import sys
import time

import pytest

from ..conftest import Ran, environment
from . import counting

COUNT = (sys.executable, counting.__file__, "count")


@pytest.fixture
def count(tmp_path, forks):
    """Run the counting list in a process of its own."""

    def run(*args, **env):
        start = time.monotonic()
        # Not text mode: it would turn the line ends of CSV into others.
        done = forks.run([*COUNT, *args], env=environment(tmp_path, **env), text=False)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - start)

    return run


def lines(ran):
    return [json.loads(each) for each in ran.out.splitlines()]


def test_json_lines(count):
    """A line a row, a line a finding, and the summary last: the envelope without its items."""
    ran = count("2", "--jsonl")
    *rows, finding, last = lines(ran)

    assert [("item", 1, "row"), ("item", 2, "row")] == [(row["type"], row["number"], row["word"]) for row in rows]
    assert ("finding", "counted") == (finding["type"], finding["code"])
    assert ("summary", "peakops/count/v1", 1, {}) == (last["type"], last["schema"], last["exit_code"], last["data"])
    assert ["counted"] == [each["code"] for each in last["findings"]]
    assert (1, "") == (ran.code, ran.err)


def test_one_document(count):
    """--json keeps the rows for the one envelope."""
    ran = count("2", "--json")

    assert [1, 2] == [row["number"] for row in ran.json["data"]["items"]]
    assert (1, "counted", "") == (ran.code, ran.json["verdict"]["code"], ran.err)


def test_for_people(count):
    """A line a row, then the verdict; quiet keeps the verdict alone."""
    ran, quiet = count("2"), count("2", "-q")

    assert ["1: row", "2: row", "", "WARNING  Counted  [counted]"] == ran.out.splitlines()[:4]
    assert ["WARNING  Counted  [counted]", "  2 of them, 1 day, 0:00:00."] == quiet.out.splitlines()
    assert (1, 1) == (ran.code, quiet.code)


def test_csv(count):
    """The header, then a record a row, each ended by CRLF; what is nested is JSON; the verdict is on stderr."""
    ran = count("2", "--csv", "--word", 'a "b", c')

    assert 'number,word,detail\r\n1,"a ""b"", c","{""of"": 2}"\r\n' == ran.out[: ran.out.index("2,")]
    assert ["2", 'a "b", c', '{"of": 2}'] == list(csv.reader(io.StringIO(ran.out)))[-1]
    assert (1, "counted: 2 of them, 1 day, 0:00:00.\n") == (ran.code, ran.err)


def test_csv_without_rows_has_its_header(count):
    """No row is no empty output."""
    assert "number,word,detail\r\n" == count("0", "--csv").out
    assert "number,word,detail\r\n" == count("0", "--csv", "--fails", "yes").out


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_computes_nothing(word, count):
    """A text that begins as a formula does gets a quote in front."""
    assert f"'{word}" == list(csv.reader(io.StringIO(count("1", "--csv", f"--word={word}").out)))[1][1]


@pytest.mark.parametrize(
    ("args", "code", "category"),
    [
        (("2", "--fails", "yes"), 69, "upstream"),
        (("2", "--fails", "bug"), 70, "internal"),
        (("2", "--no-such-option"), 64, "usage"),
        (("2", "--limit", "0"), 64, "usage"),
        (("2", "--limit", "some"), 64, "usage"),
        (("2", "--limit", "9" * 5000), 64, "usage"),
        (("2", "--since", "5"), 64, "usage"),
        (("2", "--since", "2099-01-01"), 64, "usage"),
        (("2", "--since", "1h", "--until", "2h"), 64, "usage"),
        (("2", "--reveal"), 64, "usage"),
        (("2", "-o", "/nowhere/file"), 64, "usage"),
    ],
)
def test_every_outcome_ends_in_a_summary(args, code, category, count):
    """Whatever went wrong, the last line is the one summary, with the exit code of the process."""
    ran = count(*args, "--jsonl")
    *rows, last = lines(ran)

    assert (code, code, category) == (ran.code, last["exit_code"], last["error"]["category"])
    assert ["summary"] == [each["type"] for each in (*rows, last) if each["type"] != "item"]
    assert "Traceback" not in ran.err
    document = count(*args, "--json")
    assert (code, category) == (document.code, document.json["error"]["category"])
    assert (code, code) == (count(*args).code, count(*args, "--csv").code)


def test_a_window_is_a_sentence(count):
    """What is wrong with a window is said in words."""
    assert "'2099-01-01' is in the future: it is 20" in count("1", "--since", "2099-01-01", "--json").out
    assert "'1h' is after '2h'." in count("1", "--since", "1h", "--until", "2h").err


@pytest.mark.parametrize("forms", [("--json", "--jsonl"), ("--jsonl", "--csv"), ("--json", "--csv")])
def test_forms_exclude_one_another(forms, count):
    """Two forms are a usage error, told in the stricter of the two."""
    ran = count("1", *forms)

    assert 64 == ran.code
    assert forms[0] == "--json" or ["summary"] == [each["type"] for each in lines(ran)]
    assert f"{forms[0]} and {forms[1]} exclude one another." == json.loads(ran.out)["error"]["message"]


def test_a_typed_form_outranks_a_variable(count):
    """PEAKOPS_JSON is in the environment, --jsonl is typed: JSON lines; the twins work by themselves."""
    assert "item" == lines(count("1", "--jsonl", PEAKOPS_JSON="1"))[0]["type"]
    assert "item" == lines(count("1", PEAKOPS_JSONL="1"))[0]["type"]
    assert count("1", PEAKOPS_CSV="1").out.startswith("number,")
    assert 1 == len(count("3", "--csv", PEAKOPS_LIMIT="1").out.splitlines()[1:])
    assert "7 days" in count("1", PEAKOPS_SINCE="1w").out
    assert ["summary"] == [each["type"] for each in lines(count("1", "--nope", PEAKOPS_JSONL="1"))]


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv", "--color=never"])
def test_a_cut_is_said(form, count):
    """Rows beyond the limit are counted, and said in `truncated` and on stderr."""
    ran = count("9", "--limit", "4", form) if "color" not in form else count("9", "--limit", "4")

    assert "Only 4 of 9 are listed; see --limit." in ran.err.splitlines()
    if form == "--jsonl":
        assert {"shown": 4, "total": 9} == lines(ran)[-1]["truncated"]
        assert 4 == len([each for each in lines(ran) if each["type"] == "item"])
    if form == "--json":
        assert ({"shown": 4, "total": 9}, 4) == (ran.json["truncated"], len(ran.json["data"]["items"]))


def test_all_is_no_limit(count):
    """--limit all lists them all, and says nothing."""
    ran = count("9", "--limit", "all", "--json")

    assert (9, None, "") == (len(ran.json["data"]["items"]), ran.json["truncated"], ran.err)


def test_rows_pass_the_door(count):
    """Addresses are masked in every form, and secrets removed and counted, each time they occur."""
    args, clean = ("1", "--word", "ann@clinic.example sk_live_0123456789"), "a…@clinic.example [secret removed]"
    item, *_, last = lines(count(*args, "--jsonl"))

    assert (clean, 3) == (item["word"], last["redacted"])
    assert (clean, 3) == (count(*args, "--json").json["data"]["items"][0]["word"], last["redacted"])
    assert clean == list(csv.reader(io.StringIO(count(*args, "--csv").out)))[1][1]
    assert f"1: {clean}" == count(*args).out.splitlines()[0]


def test_rows_come_as_they_are_found(tmp_path):
    """The first row is there before the second is made."""
    child = subprocess.Popen(
        [*COUNT, "2", "--pause", "30", "--jsonl"], stdout=subprocess.PIPE, text=True, env=environment(tmp_path)
    )
    start = time.monotonic()
    first = json.loads(child.stdout.readline())
    child.kill()
    child.communicate()

    assert 1 == first["number"]
    assert time.monotonic() - start < 15


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("file", [False, True])
def test_stopped_from_outside(number, code, file, tmp_path):
    """Interrupted or terminated: the rows so far, one summary with the signal's code; and no file is left."""
    out = tmp_path / "rows.jsonl"
    wanted = ["-o", str(out)] if file else []
    child = subprocess.Popen(
        [*COUNT, "3", "--pause", "30", "--jsonl", *wanted],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    if file:
        deadline = time.monotonic() + 20
        while not list(tmp_path.glob("tmp*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        before = ""
    else:
        before = child.stdout.readline()
    child.send_signal(number)
    rest, _ = child.communicate(timeout=10)
    rows = [json.loads(each) for each in (before + rest).splitlines()]

    assert (code, code) == (child.returncode, rows[-1]["exit_code"])
    assert ["summary"] == [each["type"] for each in rows if each["type"] != "item"]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["--jsonl", "--csv", "--json", ""])
def test_a_closed_pipe_ends_quietly_with_0(form, tmp_path):
    """`| head -1` has read enough: no complaint, and 0."""
    command = f"{' '.join(COUNT)} 500 --limit all {form} --pause 0.001"
    script = f"{{ {command}; echo $? >&2; }} | head -1"
    ran = subprocess.run(script, shell=True, capture_output=True, text=True, env=environment(tmp_path), check=False)

    assert 1 == len(ran.stdout.splitlines())
    assert "Traceback" not in ran.stderr
    assert ran.stderr.strip() in (("0",) if form != "--json" else ("0", "1"))


def test_a_full_disk_is_said(tmp_path):
    """No space left on stdout: 65 and a sentence, no traceback."""
    ran = subprocess.run(
        f"{' '.join(COUNT)} 3 --jsonl > /dev/full",
        shell=True,
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        check=False,
    )

    assert 65 == ran.returncode
    assert "no space is left" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("form", [("--json",), ("--jsonl",), ("--csv",), ()])
def test_a_file_is_whole_or_not_there(form, count, tmp_path):
    """-o holds what stdout would have held; a run that failed leaves no file, and an existing one stays."""
    file, other = tmp_path / "rows", tmp_path / "other"
    plain, filed = count("3", *form), count("3", *form, "-o", str(file))
    failed = count("3", *form, "--fails", "yes", "-o", str(other))

    if form == ("--csv",):
        assert plain.out == file.read_bytes().decode()
    assert len(plain.out.splitlines()) == len(file.read_text().splitlines())
    assert (1, "") == (filed.code, filed.out)
    assert (69, [file]) == (failed.code, [each for each in tmp_path.iterdir() if each.is_file()])
    assert 64 == count("3", *form, "-o", str(file)).code
