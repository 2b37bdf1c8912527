"""The journal as an operator reads and proves it, in real processes."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from peakops import journal, sandbox
from peakops.render import schema

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path):
    """A journal of three entries: two of yesterday, one of now."""
    entries = (
        (NOW - timedelta(hours=30), "intended", "invoice:INV-1", {"step": 1, "of": 2, "plan": {"big": ["x"]}}),
        (NOW - timedelta(hours=29), "done", "invoice:INV-1", {"step": 1, "of": 2}),
        (NOW, "revealed", "INV-2", {"reason": "mail of j.doe@smilecare.example"}),
    )
    for now, kind, subject, detail in entries:
        journal.record(
            tmp_path / "peakops", kind=kind, command="payment refund", subject=subject, detail=detail, now=now,
            operator="ann",
        )  # fmt: skip
    return tmp_path / "peakops"


@pytest.fixture
def ask(peakops, folder):
    """Run `peakops journal …` on that journal; its document is checked against its schema."""

    def run(*args, **env):
        ran = peakops("journal", *args, home=folder.parent, **env)
        if "--json" in args and ran.json["error"] is None:
            name = "journal verify" if "verify" in args else "journal"
            jsonschema.Draft202012Validator(schema.of(name)).validate(ran.json)
        return ran

    return run


def seqs(ran):
    return [each["seq"] for each in ran.json["data"]["items"]]


def test_the_bare_group_lists_newest_first(ask):
    """`peakops journal` is `peakops journal list`; each entry is a line, and mail addresses are masked."""
    ran, same = ask(), ask("list")
    at = NOW.isoformat(timespec="seconds").replace("+00:00", "Z")

    assert (0, ran.out, "") == (same.code, same.out, ran.err)
    assert (
        f"{at}  3  revealed  payment refund  INV-2  by ann  reason mail of j…@smilecare.example"
        == (ran.out.splitlines()[0])
    )
    assert "  1  intended  payment refund  invoice:INV-1  by ann  step 1, of 2" in ran.out.splitlines()[2]
    assert "3 entries." == ran.out.splitlines()[-1]


def test_an_empty_journal_is_no_error(peakops, tmp_path):
    """Without a journal the list is empty and the chain is whole; exactly one document, exit 0."""
    listed, proved = (peakops("journal", *more, "--json", home=tmp_path) for more in ((), ("verify",)))

    assert (0, [], "ok") == (listed.code, listed.json["data"]["items"], listed.json["status"])
    assert (0, {"entries": 0, "last": None, "breaches": []}) == (
        proved.code,
        {key: value for key, value in proved.json["data"].items() if key != "file"},
    )


def test_the_list_is_narrowed(ask):
    """By kind, subject, time and number; a cut is said."""
    assert [3, 2, 1] == seqs(ask("--json"))
    assert [2] == seqs(ask("--kind", "done", "--json"))
    assert [2, 1] == seqs(ask("list", "--json", "--subject", "invoice:INV-1"))
    assert [3] == seqs(ask("--since", "24h", "--json"))
    assert [2, 1] == seqs(ask("--until", "24h", "--json"))
    cut = ask("--limit", "2", "--json")
    assert ([3, 2], {"shown": 2, "total": 3}) == (seqs(cut), cut.json["truncated"])


def test_every_form_has_every_field(ask):
    """JSON lines and CSV carry the whole entry, so that it can be proved elsewhere."""
    *items, summary = [json.loads(line) for line in ask("--jsonl").out.splitlines()]
    header, first, *_ = csv.reader(io.StringIO(ask("--csv").out))

    assert (["item"] * 3, "summary") == ([each["type"] for each in items], summary["type"])
    assert items[1]["hash"] == items[0]["prev"]
    assert ["seq", "at", "operator", "kind", "command", "subject", "detail", "prev", "hash"] == header
    assert (items[0]["hash"], {"reason": "mail of j…@smilecare.example"}) == (first[-1], json.loads(first[6]))


def test_a_whole_journal_is_proved(ask, folder):
    """Exit 0, how many entries there are, and where."""
    ran = ask("verify")

    assert (0, f"The journal is whole: 3 entries.\n  {folder}/journal.ndjson\n", "") == (ran.code, ran.out, ran.err)
    assert (3, 3, []) == tuple(ask("verify", "--json").json["data"][key] for key in ("entries", "last", "breaches"))


def test_a_broken_chain_is_critical(ask, folder):
    """A changed line ends 2 with its number, for people and for scripts; the list says so too."""
    path = folder / "journal.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"kind": "done"', b'"kind": "dome"'))
    ran, told, listed = ask("verify"), ask("verify", "--json"), ask("--json")

    assert 2 == ran.code
    assert [
        "The journal was tampered with: line 2.",
        "  line 2 (entry 2)  changed  It is not as it was written.",
    ] == ran.out.splitlines()[:2]
    assert (2, "critical") == (told.code, told.json["status"])
    assert [{"line": 2, "seq": 2, "what": "changed", "says": "It is not as it was written."}] == (
        told.json["data"]["breaches"]
    )
    assert ([3, 1], ["The journal was tampered with: line 2. Run 'peakops journal verify'."]) == (
        seqs(listed),
        listed.json["warnings"],
    )
    assert listed.json["warnings"][0] in ask().out
    assert 0 == ask("verify", "--fail-on", "never").code


def test_what_was_cut_off_is_critical(ask, folder):
    """A journal that ends too early, or a head that is damaged, ends 2."""
    path = folder / "journal.ndjson"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert [(3, "truncated")] == [
        (each["line"], each["what"]) for each in ask("verify", "--json").json["data"]["breaches"]
    ]
    (folder / "journal.head").write_text("{}")
    ran = ask("verify")

    assert (2, "  journal.head  changed  journal.head is not as peakops writes it.") == (
        ran.code,
        ran.out.splitlines()[1],
    )


def test_a_torn_line_is_a_warning(ask, folder):
    """A crash is no tampering: it is named and ends 1, before and after the next entry; the list stays quiet."""
    with (folder / "journal.ndjson").open("a") as file:
        file.write('{"seq": 4')
    ran = ask("verify")
    assert (1, "The journal is whole: 3 entries, and line 4 was torn by a crash.") == (
        ran.code,
        ran.out.splitlines()[0],
    )
    journal.record(folder, kind="done", command="c", subject="s", detail={})

    assert (1, "warning") == ((told := ask("verify", "--json")).code, told.json["status"])
    assert ([5, 4, 3, 2, 1], []) == (seqs(ask("--json")), ask("--json").json["warnings"])


def test_a_journal_that_cannot_be_read_is_said(ask, folder):
    """A folder in its place is 78 for both, with the path, and never a whole journal."""
    (folder / "journal.ndjson").unlink()
    (folder / "journal.ndjson").mkdir()
    for args in (("verify", "--json"), ("--json",)):
        ran = ask(*args)
        assert (78, "journal.failed") == (ran.code, ran.json["error"]["code"])
        assert str(folder / "journal.ndjson") in ran.json["error"]["message"]


@pytest.mark.parametrize("args", [("--kind",), ("nothing",), ("verify", "INV-1"), ("--no-such-option",)])
def test_a_wrong_command_line_is_64(ask, args):
    """What the group does not know is a usage error in one document."""
    ran = ask("--json", *args) if args[0] != "verify" else ask(*args, "--json")

    assert (64, "usage") == (ran.code, ran.json["error"]["category"])


def test_the_sandbox_has_a_journal_of_its_own(peakops, load, state):
    """In the sandbox the list is its own, and a new world begins a new one."""
    load("paid")
    folder = sandbox.status(state / "peakops").journal
    journal.record(folder, kind="done", command="c", subject="s", detail={})

    assert [1] == seqs(peakops("--sandbox", "journal", "--json"))
    assert str(folder / "journal.ndjson") == peakops("--sandbox", "journal", "verify", "--json").json["data"]["file"]
    load("paid")
    assert [] == seqs(peakops("--sandbox", "journal", "--json"))
