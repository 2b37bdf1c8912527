"""The house agrees with itself: files, tables, words, queries and functions that must match."""

import inspect
import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

import peakops
from peakops import playbook
from peakops.cli import case, invitation, notify, payment, perf, shipping, user
from peakops.cli.groups import COMMANDS, GROUPS
from peakops.cli.perf import index
from peakops.cli.station import Station
from peakops.scenario import Listed, Look
from peakops.scenarios import FIXES, PRECONDITIONS, SCENARIOS
from peakops.sources import queries
from peakops.sources.bags import Bags
from peakops.sources.changes import Changes
from peakops.sources.contacts import Contacts
from peakops.sources.database_probe import DatabaseProbe
from peakops.sources.email import Email
from peakops.sources.firewall import Firewall
from peakops.sources.pages import Pages
from peakops.sources.performance import Performance
from peakops.sources.personal import Personal
from peakops.sources.plans import Plans
from peakops.sources.salesforce import Salesforce
from peakops.sources.scanner import Scanner
from peakops.sources.status import Status
from peakops.sources.stripe_probe import StripeProbe
from peakops.sources.supabase import Supabase
from peakops.sources.supabase_logs import SupabaseLogs
from peakops.sources.ups import Ups
from peakops.sources.vercel import Vercel
from peakops.sources.weblogs import WebLogs
from peakops.sources.writing_probe import WritingProbe

from . import command_tree

ROOT = Path(peakops.__file__).parent
SQL = sorted(str(each.relative_to(ROOT.parent / "sql"))[:-4] for each in (ROOT.parent / "sql").rglob("*.sql"))
LONGEST = 250
EVERY = (*SCENARIOS, *PRECONDITIONS)


WINDOW = (datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))


def looks(scenario, *given):
    """What a scenario looks at; one without a subject looks at a stretch of time."""
    listed = Listed()
    names = list(inspect.signature(scenario.gather).parameters)[1:]
    asked = given * len(names) if scenario.subject else WINDOW if "since" in names else ()
    scenario.gather(Look(listed), *asked[: len(names)])
    return listed.asked


def scenario_of(name):
    return import_module(f"peakops.scenarios.{name}").SCENARIO


def fix_of(name):
    return import_module(f"peakops.scenarios.{name}").FIX


def cures():
    """Each row of the playbook that names a fix: its section, its code, the command and its class."""
    for name in EVERY:
        scenario = scenario_of(name)
        for question in scenario.guide.questions:
            for entry in question.entries:
                if entry.fix:
                    yield name, entry.code, entry.fix, entry.grade


def leads():
    """Each row of the playbook and the commands that it names: its fix, and what else it leads to."""
    for name in EVERY:
        for question in scenario_of(name).guide.questions:
            for entry in question.entries:
                yield from ((name, entry.code, command) for command in (entry.fix, *entry.next) if command)


TAKING_AWAY = ("invitation revoke", "invitation delete", "shipping void", "security release")
"""Fixes that remedy nothing by themselves: the words of a row tell of them, and no row leads there."""


def command_names():
    return {" ".join(words) for words, _ in command_tree.every()}


def declared():
    """Every look of every scenario, for each kind of subject."""
    kinds = ("INV-1", "pi_1", "ch_1", "a@b.example", "00000000-0000-4000-8000-000000000000", "1ZA1B2C30300000001")
    return [look for name in EVERY for kind in kinds for look in looks(scenario_of(name), kind)]


def named_queries():
    found = set()
    for _, _, call, params in declared():
        found |= {params["query"]} if "query" in params else set()
        found |= {query for query, _ in params["ways"]} if call == "find" else set()
    return found


def test_every_scenario_file_is_listed():
    """A module with a SCENARIO is in the table, and the table names no other."""
    modules = sorted(
        ".".join(each.relative_to(ROOT / "scenarios").with_suffix("").parts)
        for each in (ROOT / "scenarios").rglob("*.py")
        if "\nSCENARIO = " in each.read_text()
    )

    assert modules == sorted(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_every_question_has_its_function(name):
    """A question of the TOML is answered by a function of its name or by hand, and no function is left over."""
    scenario = scenario_of(name)
    asked = {each.name for each in scenario.guide.questions if not each.by_hand}

    assert asked == {check.__name__ for check in scenario.checks}


@pytest.mark.parametrize("name", EVERY)
def test_every_end_has_words(name):
    """Unknown and unclassified are told in the playbook's words; not found and ambiguous where there is a subject."""
    scenario = scenario_of(name)
    of_subject = {"not_found", "ambiguous"} if scenario.subject else set()

    assert {"unknown", "unclassified", *of_subject} == set(scenario.guide.ends)


@pytest.mark.parametrize("name", EVERY)
def test_every_need_is_a_look(name):
    """What a verdict needs is looked at."""
    scenario = scenario_of(name)
    known = {look for look, *_ in looks(scenario, "INV-1")}

    assert set() == {look for needed in scenario.needs.values() for look in needed} - known


@pytest.mark.parametrize("section", sorted({name.partition(".")[0] for name in EVERY}))
def test_every_code_named_in_a_file_has_a_row(section):
    """A literal code of `found(...)` is a row of a scenario of the file's section."""
    rows = {code for name in EVERY for code in scenario_of(name).guide.precedence() if name.startswith(section)}
    files = (ROOT / "scenarios" / section).glob("*.py")
    codes = {code for file in files for code in re.findall(r'found\(\s*"(\w+)"', file.read_text())}

    assert codes
    assert set() == codes - rows


def test_every_fix_file_is_listed():
    """A module with a FIX is in the table, and the table names no other."""
    modules = sorted(
        ".".join(each.relative_to(ROOT / "scenarios").with_suffix("").parts)
        for each in (ROOT / "scenarios").rglob("*.py")
        if "\nFIX = " in each.read_text()
    )

    assert modules == sorted(FIXES)


def test_a_row_and_its_fix_name_each_other():
    """The playbook names for a code a fix that remedies it, with its class; a further one is among what it leads to."""
    named = {(scenario, code, fix, grade) for scenario, code, fix, grade in cures()}
    made = {
        (f"{fix.scenario.section}.{fix.scenario.name}", code, fix.command, fix.grade.value)
        for fix in map(fix_of, FIXES)
        for code in fix.remedies
    }

    assert set() == named - made
    assert set() == {each[:3] for each in made if each[2] not in TAKING_AWAY} - set(leads())


@pytest.mark.parametrize("name", FIXES)
def test_a_fix_keeps_to_its_scenario(name):
    """What it needs is looked at; what settles and forbids it are verdicts of its scenario."""
    fix = fix_of(name)
    known = {look for look, *_ in looks(fix.scenario, "INV-1")}
    codes = set(fix.scenario.guide.precedence())

    assert set() == set(fix.needs) - known
    assert set() == {*fix.remedies, *fix.settled, *fix.forbids} - codes


def test_every_command_that_is_named_exists():
    """The commands of the playbook's rows are commands of peakops."""
    named = {
        command
        for name in EVERY
        for question in scenario_of(name).guide.questions
        for entry in question.entries
        for command in (*entry.next, *([entry.fix] if entry.fix else []))
    }

    known = {name: name.split() for name in command_names()}
    split = {each: each.partition(" --") for each in named}

    assert named
    assert set() == {command for command, _, _ in split.values()} - known.keys()
    for command, _, typed in split.values():
        wanted = {f"--{word}" for word in typed.split()[:1]}
        assert wanted <= command_tree.options(known[command]), (command, typed)


def test_every_row_has_words_for_the_customer():
    """Each verdict has a sentence that may be sent, unless its reason must be concealed."""
    for name in EVERY:
        for question in scenario_of(name).guide.questions:
            for entry in question.entries:
                assert bool(entry.customer) == entry.tell, entry.code


def test_every_retry_class_has_words():
    """Each retry class of the decline table has its sentence, and each class that advice can ask for its remedy."""
    from peakops.scenarios.payment.attempt import ADVICE, NETWORK_ADVICE

    words = playbook.words("declines")
    used = {row["retry"] for kind in words.values() for row in kind.values()}

    assert set() == used - set(playbook.words("payment")["retry"])
    assert {*ADVICE.values(), *NETWORK_ADVICE.values()} <= set(playbook.words("payment")["advised"])


def test_every_query_is_asked_and_every_question_has_a_query():
    """A file of sql/ that reads is named by a look or by the write path, and a look names a file of sql/."""
    reading = {name for name in SQL if not queries.load(name).writes}
    code = "".join(each.read_text() for each in ROOT.rglob("*.py"))

    assert reading >= named_queries()
    assert set() == {name for name in reading - named_queries() if f'"{name}"' not in code}


@pytest.mark.parametrize("name", SQL)
def test_a_query_keeps_the_rules(name):
    """Header and placeholders agree; columns are named; the clock is given; a limit is said and kept."""
    query = queries.load(name)
    text = query.text.lower()

    assert query.placeholders == set(query.params)
    assert not re.search(r"\bselect\s+\*|\.\*", text)
    assert not re.search(r"\bnow\(\)|current_timestamp|current_date", text)
    assert query.limit is None or f"limit {query.limit}" in text.splitlines()[-1]
    assert bool(query.writes) == bool(re.search(r"\b(insert|update|delete|alter|drop|create|grant|set_config)\b", text))
    harmless = re.sub(r"\b(one_time_tokens|refresh_tokens|token_type)\b", "", text if not query.writes else "")
    assert not re.search(r"token|password|secret|patient_name|clinical_notes", harmless)


WRITES = [name for name in SQL if queries.load(name).writes]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_used_and_says_what_it_expects(name):
    """A write is named in the code that plans or applies it; what changes rows returns them, so that they count."""
    query = queries.load(name)
    code = "".join(each.read_text() for each in ROOT.rglob("*.py"))
    changes_rows = re.match(r"(insert|update|delete)\b", query.text)

    assert f'"{name}"' in code
    assert bool(changes_rows) == bool(re.search(r"\breturning \w+$", query.text))
    assert not changes_rows or query.expects != (0, 0)


def test_a_query_without_its_header_is_refused():
    """A file that does not say its name, or what it reads, is no query."""
    for text in ("select 1", "-- other: x\n-- reads: a\nselect 1", "-- a/b: x\nselect 1"):
        with pytest.raises(ValueError, match=r"sql/a/b\.sql"):
            queries.parse("a/b", text)


def test_every_call_is_a_method_of_its_source():
    """A look names a call that its source has, with the parameters that it takes."""
    sources = {
        **{"database": DatabaseProbe, "stripe": StripeProbe, "writing": WritingProbe, "station": Station},
        **{"journal": Changes, "supabase": Supabase, "email": Email, "status": Status, "bags": Bags},
        **{
            "salesforce": Salesforce,
            "ups": Ups,
            "performance": Performance,
            "plans": Plans,
            "pages": Pages,
            "vercel": Vercel,
            "firewall": Firewall,
            "personal": Personal,
            "supabase_logs": SupabaseLogs,
            "weblogs": WebLogs,
            "scanner": Scanner,
            "contacts": Contacts,
        },
    }
    for name, source, call, params in declared():
        signature = inspect.signature(getattr(sources[source], call))
        signature.bind(None, **params)
        assert name


def test_help_of_the_table_is_the_help_of_the_group():
    """What `peakops --help` says of a group is what the group says of itself."""
    for _, (module, text) in {**GROUPS, **COMMANDS, **perf.GROUPS}.items():
        assert text == import_module(module).app.info.help
    for module, text in (
        each
        for group in (payment, user, invitation, case, shipping, notify, perf, index)
        for each in group.COMMANDS.values()
    ):
        (command,) = import_module(module).app.registered_commands
        assert text == command.short_help


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda each: str(each.relative_to(ROOT)))
def test_no_file_is_long(file):
    """A file over 250 lines hides a second noun."""
    assert LONGEST >= len(file.read_text().splitlines())


def test_money_is_never_a_float():
    """No division and no float() in a file that handles amounts."""
    for file in (ROOT / "scenarios" / "payment").glob("*.py"):
        assert not re.search(r"\bfloat\(|[^/]/[^/]|round\(", re.sub(r'"[^"]*"', "", file.read_text())), file.name


def test_no_swallowed_exception_without_a_reason():
    """A broad except says on its line why it is allowed."""
    for file in ROOT.rglob("*.py"):
        for line in file.read_text().splitlines():
            if re.search(r"except(\s+Exception\b.*)?:", line):
                assert re.search(r"# noqa: BLE001 +(-|\()\W*\w+", line), f"{file.name}: {line}"


def test_a_table_alone_is_the_table_in_its_file():
    """Reading one table of the declines gives what reading the whole file gives, for each of them."""
    for kind, rows in playbook.words("declines").items():
        for code, row in rows.items():
            assert row == playbook.table("declines", f"{kind}.{code}")
    assert {} == playbook.table("declines", "card.no_such_code")
    assert playbook.words("payment")["retry"] == playbook.table("payment", "retry")
