"""No output, journal, log or evidence holds a secret of the portal: worlds are full of canaries, and none is heard."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import typer.main

from peakops import sandbox
from peakops.cli.root import app
from peakops.sandbox import clinic
from peakops.sources import queries

from . import canaries, command_tree
from .conftest import WORLDS

WHY = ("--reason", "ticket 4711")
RECORDINGS = Path(__file__).parent / "recordings"
MOVED = "member1@tidewater.example"
SILENT = "member2@junipervale.example"
EXPIRED, PENDING = clinic.PEOPLE["invitation expired"], clinic.PEOPLE["invitation pending"]
ERASURE = ("--request", "R-1", "--basis", "GDPR art. 17", "--identity-confirmed", "call-back")
SUBJECTS = {
    "payment check": ("INV-123",),
    "payment events": ("INV-112",),
    "payment webhooks": ("--since", "30d"),
    "payment decline": ("expired_card",),
    "payment duplicates": ("INV-112",),
    "payment reconcile": ("--since", "30d", "--all"),
    "payment refund": ("INV-112",),
    "payment cancel-hold": ("INV-135",),
    "payment mark-paid": ("INV-123",),
    "user check": ("member3@larkspur.example",),
    "user resend-confirmation": ("member3@larkspur.example",),
    "user reset-password": ("billing@cedarhollow.example",),
    "user enable": ("member2@brightmesa.example",),
    "user set-practice": (MOVED, "Smile Care"),
    "invitation check": (PENDING,),
    "invitation backlog": ("--since", "60d", "--all"),
    "invitation reissue": (EXPIRED,),
    "invitation revoke": (PENDING,),
    "invitation delete": (PENDING,),
    "invitation link": (PENDING,),
    "case backlog": ("--since", "30d", "--all"),
    "case mapping": (),
    "case salesforce": (),
    "shipping address": ("SHP-82",),
    "shipping backlog": ("--since", "60d", "--all"),
    "shipping ups": (),
    "case check": ("CASE-1142",),
    "case retry": ("CASE-1142",),
    "case link": ("CASE-1143",),
    "shipping check": ("SHP-83",),
    "shipping retry": ("SHP-82",),
    "shipping recover": ("SHP-83",),
    "shipping void": ("SHP-60",),
    "perf db": (),
    "perf query": ("--file", str(queries.root() / "doctor" / "server.sql"), "--analyze"),
    "perf index propose": (),
    "perf page": ("/",),
    "perf check": ("/",),
    "notify check": ("member1@pinecrest.example",),
    "notify rates": (),
    "notify sweep": ("--since", "60d", "--all"),
    "security hunt": ("--since", "60d", "--all"),
    "notify resend": ("member1@cedarhollow.example", "--type", "case_update", "--channel", "email", "--since", "30d"),
    "notify release": ("member1@pinecrest.example",),
    "notify allow": ("member1@pinecrest.example",),
    "notify enable": (SILENT, "--type", "invoice"),
    "security ratelimit": (str(Path(__file__).parent / "scenarios" / "security" / "drain.ndjson"),),
    "security investigate": ("member1@cedarhollow.example", "--ip", "192.0.2.45"),
    "security block": ("198.51.100.0/24",),
    "security unblock": ("198.51.100.0/24",),
    "security blocks": (),
    "security limit": ("api-burst", "--to", "900"),
    "security restore": ("api-burst",),
    "security leases": ("--sweep",),
    "security verify": ("member3@larkspur.example",),
    "security contain": ("member3@larkspur.example",),
    "security release": ("member2@brightmesa.example",),
    "security evidence collect": ("member1@pinecrest.example", "--to", "NEW"),
    "security evidence verify": ("NEW",),
    "data check": ("member1@pinecrest.example",),
    "data delete": ("member1@pinecrest.example", *ERASURE),
    "data log": (),
    "data replay": (),
    "data scan": (str(Path(__file__).parent / "scenarios" / "data" / "planted.log"),),
    "data export": ("member1@pinecrest.example", "--to", "NEW"),
    "replay": (str(RECORDINGS / "before.json"),),
    "diff": (str(RECORDINGS / "before.json"), str(RECORDINGS / "after.json")),
    "sweep": ("--since", "30d", "--all"),
    "mute add": ("INV-112", "--owner", "billing"),
    "mute list": ("--all",),
    "mute end": ("INV-112",),
    "playbook show": ("payment",),
    "playbook run": ("payment.check", "INV-123", "--answers", str(Path(__file__).parent / "answers.toml")),
    "playbook coverage": (),
    "playbook errata": (),
    "triage": ("INV-112", "member3@larkspur.example", "CASE-1142", "SHP-83", "192.0.2.45"),
    "drill list": (),
    "drill status": (),
    "incident open": ("INV-112", "--severity", "warning", "--breach-suspected"),
    "incident list": ("--all",),
    "incident status": (),
    "incident note": ("INC-1", "What was seen."),
    "incident ack": ("INC-1",),
    "incident severity": ("INC-1", "--to", "critical"),
    "incident confirm": ("INC-1", "--component", "stripe"),
    "incident snooze": ("INC-1",),
    "incident handover": (),
    "incident report": ("INC-1",),
    "incident verify": (),
    "incident resolve": ("INC-1",),
    "incident close": ("INC-1",),
    "incident hold place": ("practice:22222222-2222-4222-8222-000000000001",),
    "incident hold list": (),
    "incident hold lift": ("practice:22222222-2222-4222-8222-000000000001",),
    "cron render": (),
    "cron status": (),
    "escalation show": (),
    "escalation tick": (),
    "contacts show": (),
    "contacts check": ("--probe",),
    "oncall now": (),
    "journal list": (),
    "journal verify": (),
    "sandbox start": (),
    "sandbox status": (),
    "sandbox worlds": (),
    "sandbox clock": ("+1s",),
    "setup": (),
    "schema": ("payment", "check"),
    "doctor": (),
    "config": (),
}
"""What each command is asked about; there are canaries in everything that it looks at."""
NOT_ASKED = (
    *("sandbox load", "sandbox dump", "sandbox reset", "sandbox stop", "init"),
    *("drill start", "drill finish"),
)
"""Those that print or replace the whole world, or look at none."""
CARRIED_OUT = (
    ("setup", "--confirm", "peakops", *WHY),
    ("payment", "mark-paid", "INV-123", "--confirm", "INV-123", *WHY),
    ("payment", "refund", "INV-112", "--confirm", "INV-112", *WHY),
    ("user", "resend-confirmation", "member3@larkspur.example", "--yes"),
    ("user", "reset-password", "billing@cedarhollow.example", "--yes"),
    ("user", "enable", "member2@brightmesa.example", "--confirm", "member2@brightmesa.example", *WHY),
    ("user", "set-practice", MOVED, "Smile Care", "--confirm", MOVED, *WHY),
    ("invitation", "reissue", EXPIRED, "--yes"),
    ("invitation", "link", EXPIRED, "--confirm", EXPIRED, "--reveal", *WHY),
    ("invitation", "revoke", PENDING, "--yes"),
    ("invitation", "delete", PENDING, "--confirm", f"sandbox/{PENDING}", *WHY),
    ("security", "contain", "member3@larkspur.example", "--confirm", "member3@larkspur.example", *WHY),
    ("security", "release", "member3@larkspur.example", "--confirm", "member3@larkspur.example", *WHY),
    ("security", "leases", "--sweep"),
    ("security", "block", "198.51.100.0/24", "--confirm", "198.51.100.0/24", *WHY),
    ("security", "unblock", "198.51.100.0/24", "--confirm", "198.51.100.0/24", *WHY),
    ("security", "limit", "api-burst", "--to", "900", "--confirm", "api-burst", *WHY),
    ("security", "restore", "api-burst", "--confirm", "api-burst", *WHY),
    ("data", "delete", MOVED, *ERASURE, "--confirm", f"sandbox/{MOVED}", *WHY),
    ("case", "retry", "CASE-1142", "--yes"),
    ("case", "link", "CASE-1143", "--yes"),
    ("notify", "enable", SILENT, "--type", "invoice", "--confirm", SILENT, *WHY),
)


@pytest.fixture(scope="module")
def columns(state):
    """Every column that the reader may not see, by table: the secrets of the schema."""
    up = sandbox.load_named(state / "peakops", "clinic")
    asked = """
        select case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end, a.attname
          from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
         where n.nspname in ('public', 'auth') and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
           and not has_column_privilege('peakops_reader', c.oid, a.attnum, 'select')"""
    with psycopg.connect(up.url_as("postgres")) as connection:
        return sorted(connection.execute(asked).fetchall())


@pytest.fixture(scope="module")
def told(state, peakops, columns):
    """A clinic with a canary in every secret column of every row; gives what a command then tells."""
    world = sandbox.named("clinic")
    for table, column in columns:
        for number, row in enumerate(world["tables"][table]):
            row[column] = f"canary_{column}_{number}"
    for number, row in enumerate(world["tables"]["notifications"]):
        row["body"] = f"Log in: https://portal.example/accept?token=canary_mail_{number}"
    for row in world["tables"]["webhook_events"]:
        row["payload"]["data"]["object"]["client_secret"] = "pi_1_secret_canary"
    sandbox.load(state / "peakops", world, source="test")
    return lambda *args: peakops("--sandbox", *args)


def forms(name):
    """The ways in which a command can tell what it has found: those that tell most."""
    command = typer.main.get_command(app)
    for word in name.split():
        command = command.get_command(None, word)
        command = getattr(command, "real", command)
    has = {each.name for each in command.params}
    dry = ("--dry-run",) if "dry_run" in has else ()
    yield (*dry, "--json", "--reveal", *WHY)
    yield (*dry, "--verbose", "--reveal", *WHY)
    yield from (("--say", who) for who in ("customer", "vendor") if "say" in has)
    yield from (("--guide",) for _ in ("guide",) if "guide" in has)
    yield from ((form,) for form in ("--jsonl", "--csv") if form[2:] in has)


def test_every_command_is_asked():
    """A command that no test asks could tell anything."""
    every = {" ".join(words) for words, is_group in command_tree.every() if not is_group}

    assert every == {*SUBJECTS, *NOT_ASKED}


@pytest.mark.parametrize("name", SUBJECTS)
def test_no_command_tells_a_secret(told, name, tmp_path):
    """In no form, not where personal data is revealed, and not in a folder that it makes (NEW)."""

    def run(form):
        asked = (str(tmp_path / uuid4().hex) if each == "NEW" else each for each in SUBJECTS[name])
        return told(*name.split(), *asked, *form)

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(run, forms(name)))
    canaries.listen_to_files(tmp_path)

    assert set() == {run.code for run in runs} & {64, 65, 70, 78}
    assert [] == [line for run in runs for line in canaries.heard_in(run.out + run.err)]
    assert [] == canaries.heard(tmp_path)


def test_nothing_that_is_carried_out_leaves_a_secret(told, state, tmp_path):
    """Not in what it prints, in the journal and its copy, in the sandbox's log, nor in what else it leaves behind."""
    for args in CARRIED_OUT:
        done = told(*args, "--json")

        assert ("ok" if "--sweep" in args else "changed", None) == (done.json["status"], done.json["error"])
        assert [] == canaries.heard_in(done.out + done.err)
    copies = sandbox.dump(state / "peakops")["tables"]["peakops.journal"]
    canaries.listen_to_files(tmp_path, state)

    assert len(CARRIED_OUT) <= len(copies)
    assert [] == canaries.heard_in(json.dumps(copies, indent=0))
    assert [] == canaries.heard(tmp_path)


def test_the_ears_hear(told, tmp_path, state):
    """The world that all of this was asked about is loud, and what is heard is noted with who said it."""
    dumped = told("sandbox", "dump").out
    (tmp_path / "journal.ndjson").write_text('{"detail": "canary_1"}\n')
    canaries.listen_to_run(tmp_path, ("user", "check", "-o", str(tmp_path / "journal.ndjson")), "fine", "")
    canaries.listen_to_files(tmp_path)

    assert len(canaries.heard_in(dumped)) > 1000
    assert 2 == len(canaries.heard(tmp_path))
    assert canaries.heard(tmp_path)[0].startswith("user check -o ")


def test_every_secret_column_of_the_clinic_is_a_canary(columns):
    """As it is shipped, the clinic has a canary in each of them, and in none of them anything else."""
    tables = sandbox.named("clinic")["tables"]
    held = {(table, column): {row[column] for row in tables[table] if row.get(column)} for table, column in columns}

    assert {} == {place: values for place, values in held.items() if not values}
    assert [] == [each for values in held.values() for each in values if "canary" not in each]


@pytest.mark.parametrize("path", sorted(WORLDS.rglob("*.json")), ids=lambda path: path.stem)
def test_a_secret_of_a_world_is_a_canary(columns, path):
    """A world that is shipped has no secret that would not be heard."""
    tables = json.loads(path.read_text(encoding="utf-8")).get("tables", {})
    held = [row[column] for table, column in columns for row in tables.get(table, ()) if row.get(column)]

    assert [] == [each for each in held if "canary" not in each]


def test_no_golden_holds_a_secret():
    """What was recorded as right tells no secret either."""
    recorded = sorted((Path(__file__).parent / "__snapshots__").rglob("*.*"))

    assert recorded
    assert [] == [path.name for path in recorded if canaries.heard_in(path.read_text(encoding="utf-8"))]
