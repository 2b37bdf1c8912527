"""What the command line promises, in real processes: streams, one document, exit codes, colours, closed pipes."""

import json
import os
import pty
import re
import signal
import subprocess
import time

import jsonschema
import pytest

from peakops import sandbox
from peakops.render import schema

from ..conftest import PEAKOPS, environment

CHECK = ("--sandbox", "payment", "check")
ESCAPE = "\x1b"


@pytest.fixture(autouse=True, scope="module")
def _paid_not_recorded(load):
    load("paid_not_recorded")


EVERY_OUTCOME = {
    "findings": ((*CHECK, "INV-123"), 2),
    "not_found": ((*CHECK, "NOPE-1"), 14),
    "usage_option": ((*CHECK, "INV-123", "--no-such-option"), 64),
    "usage_argument": (CHECK, 64),
    "usage_value": ((*CHECK, "INV-123", "--timeout", "5"), 64),
    "usage_command": (("--sandbox", "payment", "chekc"), 64),
    "usage_group": (("nope",), 64),
    "usage_nothing": ((), 64),
    "usage_environments": (("--env", "x", *CHECK, "INV-123"), 64),
    "config": (("--env", "nowhere", "payment", "check", "INV-123"), 78),
    "no_time": ((*CHECK, "INV-123", "--timeout", "0.00001s"), 124),
    "bad_world": (("sandbox", "load", "/nowhere.json"), 65),
    "no_world": (("sandbox", "load", "nowhere"), 14),
    "decline": (("payment", "decline", "expired_card"), 0),
    "unknown_decline": (("payment", "decline", "expird_card"), 14),
    "guide": (("payment", "check", "--guide"), 0),
    "say": ((*CHECK, "INV-123", "--say", "customer"), 2),
    "reveal": ((*CHECK, "INV-123", "--reveal"), 64),
    "status": (("sandbox", "status"), 0),
    "worlds": (("sandbox", "worlds"), 0),
    "schema": (("schema", "payment", "check"), 0),
    "no_schema": (("schema", "payment", "chekc"), 14),
}


@pytest.mark.parametrize("name", EVERY_OUTCOME)
def test_one_document_and_one_exit_code(name, peakops):
    """--json prints one document in every outcome, with the exit code of the process; people get the same code."""
    args, code = EVERY_OUTCOME[name]
    script, person = peakops(*args, "--json"), peakops(*args)

    assert (code, code, code) == (script.code, script.json["exit_code"], person.code)
    assert person.out or person.err
    for text in (script.err, person.out, person.err):
        assert "Traceback" not in text
        assert ESCAPE not in text
    assert ESCAPE not in script.out


@pytest.mark.parametrize("name", EVERY_OUTCOME)
def test_envelope_keeps_its_schema(name, peakops):
    """Every document validates against the envelope, and against the command's own schema where it has one."""
    document = peakops(*EVERY_OUTCOME[name][0], "--json").json
    known = document["command"] if document["command"] in schema.known() else "payment check"
    rules = schema.of(known)
    if known != document["command"]:
        rules["properties"].update({"schema": {"type": "string"}, "command": {"type": "string"}, "data": {}})

    jsonschema.Draft202012Validator(rules).validate(document)


def test_errors_go_to_stderr(peakops):
    """A refused command line leaves stdout empty for people, and says on stderr what to do."""
    ran = peakops("--sandbox", "payment", "check", "--nope")

    assert "" == ran.out
    assert ["error: No such option: --nope.", "  Run 'peakops payment check --help'."] == ran.err.splitlines()


def test_json_keeps_stderr_empty(peakops):
    """With --json nothing but the document is printed when all is well."""
    assert "" == peakops(*CHECK, "INV-123", "--json").err


@pytest.mark.parametrize("spelt", ["inv-123", " INV-123 ", "Inv-123"])
def test_the_number_in_any_spelling(spelt, peakops):
    """Case and blanks around an invoice number do not matter."""
    assert "paid_not_recorded" == peakops(*CHECK, spelt, "--json").json["verdict"]["code"]


def test_every_kind_of_subject(peakops):
    """Number, UUID, PaymentIntent, charge: each leads to the same invoice."""
    first = peakops(*CHECK, "INV-123", "--json").json
    rows = {each["name"]: each["rows"] for each in first["evidence"]}
    for subject in (rows["invoice"][0]["id"], rows["intent"][0]["id"], rows["charges"][0]["id"]):
        ran = peakops(*CHECK, subject, "--json")

        assert rows["invoice"][0]["id"] == {e["name"]: e["rows"] for e in ran.json["evidence"]}["invoice"][0]["id"]
        assert "paid_not_recorded" == ran.json["verdict"]["code"]


@pytest.mark.parametrize(
    "subject", ["pi_nowhere", "ch_nowhere", "who@nowhere.example", "0" * 8 + "-0000" * 3 + "-" + "0" * 12]
)
def test_absent_subjects(subject, peakops):
    """An id, an address or a number that nobody knows is not found: 14."""
    ran = peakops(*CHECK, subject, "--json")

    assert (14, "not_found", "not_found") == (ran.code, ran.json["verdict"]["code"], ran.json["error"]["category"])


def test_hostile_subjects(peakops):
    """What is typed is data: quotes and SQL and markup end in not found, and are shown as typed."""
    for subject in ("'; drop table invoices; --", "[red]INV[/red]", "' OR '1'='1", "INV-123' -- "):
        ran = peakops(*CHECK, subject)

        assert 14 == ran.code
        assert subject.strip() in ran.out
    assert 2 == peakops(*CHECK, "INV-123").code


def test_text_of_others_is_no_markup(peakops, load):
    """Brackets in a practice's name stay, and its escape sequences do not reach the terminal."""
    load("brackets")
    ran = peakops(*CHECK, "INV-123", "-v")
    load("paid_not_recorded")

    assert "[red]Smile[/red] Care" in ran.out
    assert ESCAPE not in ran.out


@pytest.mark.parametrize(("level", "code"), [("never", 0), ("warning", 2), ("critical", 2)])
def test_fail_on_changes_findings(level, code, peakops):
    """--fail-on decides which findings make an exit code."""
    assert code == peakops(*CHECK, "INV-123", "--fail-on", level).code


def test_fail_on_never_hides_a_warning_but_not_silence(peakops, load):
    """'Could not check' is never 0, whatever --fail-on says."""
    load("never_attempted")
    warned = peakops(*CHECK, "INV-123", "--fail-on", "critical")
    load("paid", faults=[{"vendor": "stripe", "route": "*", "status": 403}])
    silent = peakops(*CHECK, "INV-123", "--fail-on", "never")
    load("paid_not_recorded")

    assert (0, 3) == (warned.code, silent.code)


def test_a_closed_pipe_ends_quietly(state):
    """`| head -1` gets its line; nothing complains on stderr."""
    command = f"{PEAKOPS} --sandbox sandbox dump | head -1"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment(state), check=False)

    assert ("{\n", "") == (ran.stdout, ran.stderr)


def test_output_goes_into_a_new_file_only(peakops, tmp_path):
    """-o writes the document whole; a file that exists is refused before anything is asked, and kept."""
    file = tmp_path / "report.json"
    first, again = peakops(*CHECK, "INV-123", "--json", "-o", str(file)), peakops(*CHECK, "INV-123", "-o", str(file))

    assert (2, "") == (first.code, first.out)
    assert "paid_not_recorded" == json.loads(file.read_text())["verdict"]["code"]
    assert 64 == again.code
    assert [file] == list(tmp_path.iterdir())


def on_terminal(args, env, stream="stdout"):
    """Run a command with a terminal for one of its streams, and return what it printed there."""
    main, side = pty.openpty()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: side}
    child = subprocess.Popen([PEAKOPS, *args], stdin=subprocess.DEVNULL, env=env, **streams)
    os.close(side)
    printed = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        printed += piece
    os.close(main)
    return child.wait(), printed.decode()


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
    ],
)
def test_colour_on_a_terminal(variables, coloured, state):
    """A terminal gets colour unless NO_COLOR or TERM=dumb says otherwise; the exit code stays."""
    code, printed = on_terminal([*CHECK, "INV-123"], environment(state, **variables))

    assert (2, coloured) == (code, ESCAPE in printed)


@pytest.mark.parametrize(
    ("args", "variables", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"CLICOLOR_FORCE": "1"}, True),
        ((), {"CLICOLOR_FORCE": "0"}, False),
        ((), {"PEAKOPS_COLOR": "always"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_in_a_pipe(args, variables, coloured, peakops):
    """A pipe gets colour only when it is asked for; --color outranks the variables."""
    assert coloured == (ESCAPE in peakops(*args, *CHECK, "INV-123", **{"TERM": "xterm", **variables}).out)


def test_a_pipe_cuts_nothing(peakops):
    """Lines in a pipe are as long as they are, and hold no box drawing."""
    out = peakops(*CHECK, "INV-123").out

    assert max(map(len, out.splitlines())) > 120
    assert not re.search("[─-╿]", out)


def test_a_terminal_shows_the_same_words(state, peakops):
    """The same page on a terminal and in a pipe, but for wrapping and colour."""
    _, printed = on_terminal([*CHECK, "INV-123"], environment(state, TERM="xterm", NO_COLOR="1"))

    def words(text):
        return re.sub(r"\d+ ms", "ms", text).split()

    assert words(peakops(*CHECK, "INV-123").out) == words(printed)


def test_progress_is_for_terminals(state, peakops):
    """On a terminal stderr counts the answers and wipes the line; in a pipe, or with --quiet, it is silent."""
    _, told = on_terminal([*CHECK, "INV-123"], environment(state, TERM="xterm"), stream="stderr")
    _, hushed = on_terminal([*CHECK, "INV-123", "-q"], environment(state, TERM="xterm"), stream="stderr")

    assert "1 of 17 looks answered" in told
    assert told.endswith("\r" + " " * 40 + "\r")
    assert ("", "") == (hushed, peakops(*CHECK, "INV-123").err)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_from_outside(number, code, state, load):
    """Interrupted or terminated: one document still, with the code of the signal, at once."""
    load("paid", faults=[{"vendor": "stripe", "route": "*", "delay_s": 30}])
    child = subprocess.Popen(
        [PEAKOPS, *CHECK, "INV-123", "--json"], stdout=subprocess.PIPE, text=True, env=environment(state)
    )
    time.sleep(1.5)
    child.send_signal(number)
    out, _ = child.communicate(timeout=3)
    load("paid_not_recorded")

    assert (code, code) == (child.returncode, json.loads(out)["exit_code"])


def test_options_have_twins(peakops):
    """PEAKOPS_JSON, PEAKOPS_SANDBOX and PEAKOPS_TIMEOUT are the options of that name."""
    ran = peakops("payment", "check", "INV-123", PEAKOPS_SANDBOX="1", PEAKOPS_JSON="1", PEAKOPS_TIMEOUT="0.00001s")

    assert (124, "sandbox") == (ran.code, ran.json["environment"])


def test_a_flag_outranks_the_environment(peakops):
    """--sandbox is typed, PEAKOPS_ENV is not: the sandbox it is."""
    assert 2 == peakops(*CHECK, "INV-123", PEAKOPS_ENV="production").code


def test_an_env_file_counts_below_the_environment(peakops, tmp_path):
    """The env file sets options and settings alike, and what is set already stays."""
    file = tmp_path / "env"
    file.write_text("PEAKOPS_SANDBOX=1\nPEAKOPS_JSON=1\nPEAKOPS_FAIL_ON=never\n")
    ran = peakops("--env-file", str(file), "payment", "check", "INV-123", PEAKOPS_FAIL_ON="warning")

    assert (2, 2, "sandbox") == (ran.code, ran.json["exit_code"], ran.json["environment"])


def test_the_next_command_has_the_env_file_too(peakops, tmp_path):
    """A page's commands can be typed as they stand; a document has them without what stood before the group."""
    file = tmp_path / "an env"
    file.write_text("PEAKOPS_TIMEOUT=20s\n")
    page, script = (peakops("--env-file", str(file), *CHECK, "INV-123", *args) for args in ((), ("--json",)))

    assert "peakops payment mark-paid INV-123" in script.json["next"]
    assert f"  peakops --sandbox --env-file '{file}' payment mark-paid INV-123" in page.out.splitlines()


def test_reveal_is_journalled_before_it_is_shown(peakops, state):
    """--reveal with a reason leaves a line in the sandbox's journal; without a journal nothing is shown."""
    ran = peakops(*CHECK, "INV-123", "--reveal", "--reason", "customer on the phone", "--json")
    (journal,) = sandbox.status(state / "peakops").journal.glob("journal.ndjson")
    line = json.loads(journal.read_text().splitlines()[-1])

    assert 2 == ran.code
    assert ("revealed", "payment check", "INV-123") == (line["kind"], line["command"], line["subject"])
    assert {"reason": "customer on the phone"} == line["detail"]


def test_unset_configuration_is_unknown(peakops):
    """Nothing is configured: unknown, 3, with the names of the settings; never ok and never not found."""
    ran = peakops("payment", "check", "INV-123", "--json")

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert {"database", "stripe"} == set(ran.json["verdict"]["sources"]["missing"])
    assert "PEAKOPS_DATABASE_URL" in ran.json["evidence"][0]["error"]["hint"]


def test_malformed_configuration_is_refused(peakops):
    """A key that is no key ends 78, and is not printed."""
    ran = peakops("payment", "check", "INV-123", "--json", PEAKOPS_STRIPE_API_KEY="pk_live_notasecretkey")

    assert (78, "config.invalid") == (ran.code, ran.json["error"]["code"])
    assert "notasecretkey" not in ran.out + ran.err


def test_a_next_command_exists(peakops):
    """What is named as the next command can be typed."""
    for subject in ("NOPE-1", "INV-123"):
        for command in peakops(*CHECK, subject, "--json").json["next"]:
            assert command.startswith("stripe events resend evt_") or 0 == peakops(*command.split()[1:], "--help").code


def test_help_of_every_group(peakops):
    """Help is printed on stdout and ends with 0."""
    for args in ((), ("payment",), ("payment", "check"), ("sandbox",), ("schema",)):
        ran = peakops(*args, "--help")

        assert (0, "") == (ran.code, ran.err)
        assert "Usage: peakops" in ran.out


@pytest.mark.parametrize(
    ("typed", "offered"), [("pay", "payment"), ("payment ch", "check"), ("payment check --js", "--json")]
)
def test_completion(typed, offered, peakops):
    """The shell completes groups, commands and options."""
    words = f"peakops {typed}"
    ran = peakops(_PEAKOPS_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))

    assert offered in ran.out.split()


def test_an_address_that_only_stripe_knows(peakops, load):
    """The payer's address at Stripe leads to the invoice where no user of the portal has it."""
    world = sandbox.named("never_attempted")
    (customer,) = world["stripe"]["customers"]
    load(world)
    ran = peakops(*CHECK, customer["email"], "--json")
    load("paid_not_recorded")

    assert ("never_attempted", 1) == (ran.json["verdict"]["code"], ran.code)


def test_a_silent_look_up_is_unknown(peakops, load):
    """Nobody in the portal has the address, and Stripe could not be asked: unknown, never not found."""
    load("never_attempted", faults=[{"vendor": "stripe", "route": "*", "status": 503}])
    ran = peakops(*CHECK, "who@nowhere.example", "--json", "--timeout", "5s")
    load("paid_not_recorded")

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)


def test_a_cut_list_says_so(peakops, load):
    """More invoices than are listed: in `truncated`, in the sentence and on stderr, in both formats."""
    world = sandbox.named("ambiguous_email")
    (first, *_) = world["tables"]["invoices"]
    others = [{**first, "id": f"33333333-3333-4333-8333-{n:012}", "invoice_number": f"INV-9{n}"} for n in range(30)]
    load({**world, "tables": {**world["tables"], "invoices": [*world["tables"]["invoices"], *others]}})
    script = peakops(*CHECK, "billing@smilecare.example", "--json")
    person = peakops(*CHECK, "billing@smilecare.example")
    load("paid_not_recorded")

    assert (15, 15) == (script.code, person.code)
    assert {"shown": 20, "total": None} == script.json["truncated"]
    assert "more than 20" in script.json["verdict"]["says"]
    assert "Only the first 20 are listed; there are more.\n" == script.err == person.err


@pytest.mark.parametrize(("redirect", "code"), [(">/dev/full", 65), (">&-", 2), ("2>&-", 2), ("| true", None)])
@pytest.mark.parametrize("form", ["--json", "-v"])
def test_streams_that_nobody_reads(redirect, code, form, state):
    """A full disk, a closed stream, a reader that has gone: no traceback, and the code that was earned or 65."""
    command = f"{PEAKOPS} {' '.join(CHECK)} INV-123 {form} {redirect}"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment(state), check=False)

    assert code is None or code == ran.returncode
    assert "Traceback" not in ran.stderr


def test_a_refused_output_is_told_on_stdout(peakops, tmp_path):
    """--json with a file that exists: the document of the refusal is on stdout, and the file stays as it was."""
    (tmp_path / "there").write_text("mine")
    ran = peakops(*CHECK, "INV-123", "--json", "-o", str(tmp_path / "there"))

    assert (64, 64) == (ran.code, ran.json["exit_code"])
    assert "mine" == (tmp_path / "there").read_text()


def test_a_state_folder_of_somebody_else(peakops, tmp_path):
    """A state folder that cannot be used is a setting to correct: 78, and no bug."""
    (tmp_path / "file").write_text("")
    ran = peakops(*CHECK, "INV-123", "--json", XDG_STATE_HOME=str(tmp_path / "file"))

    assert 78 == ran.code


@pytest.mark.parametrize("typed", [b"\xff\xfe", b"urn:uuid:00000000-0000-4000-8000-000000000000", "💳".encode()])
def test_odd_arguments(typed, state, forks):
    """Bytes that are no UTF-8 are a usage error; a UUID is one in any of its spellings; any text is a number."""
    ran = forks.run([PEAKOPS, *CHECK, typed, "--json"], env=environment(state))
    document = json.loads(ran.stdout)

    assert (64 if typed.startswith(b"\xff") else 14) == ran.returncode == document["exit_code"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"world": "a", "world": "b"}', "occurs twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "is not an object"),
        (b"{", "line 1"),
    ],
)
def test_a_world_that_is_none(content, says, peakops, tmp_path):
    """What is wrong with the file is said, with 65, and the world stays."""
    (tmp_path / "world").write_bytes(content)
    ran = peakops("sandbox", "load", str(tmp_path / "world"), "--json")

    assert 65 == ran.code
    assert says in ran.json["error"]["message"]
    assert "paid_not_recorded" == peakops("sandbox", "status", "--json").json["data"]["world"]
