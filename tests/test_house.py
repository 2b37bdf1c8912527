"""The house agrees with itself: files, tables, words, queries and functions that must match."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import peakops
from peakops import playbook
from peakops.cli import payment
from peakops.cli.groups import COMMANDS, GROUPS
from peakops.scenario import Look
from peakops.scenarios import SCENARIOS
from peakops.sources import queries
from peakops.sources.database import Database
from peakops.sources.stripe import Stripe

ROOT = Path(peakops.__file__).parent
SQL = sorted(str(each.relative_to(ROOT.parent / "sql"))[:-4] for each in (ROOT.parent / "sql").rglob("*.sql"))
LONGEST = 250


class Recorder:
    """Remembers what a gather declares, and asks nobody."""

    def __init__(self):
        self.asked = []

    def ask(self, answer, source, call, params):
        self.asked.append((answer.name, source, call, params))


def looks(scenario, *given):
    recorder = Recorder()
    scenario.gather(Look(recorder), *given)
    return recorder.asked


def scenario_of(name):
    return import_module(f"peakops.scenarios.{name}").SCENARIO


def declared():
    """Every look of every scenario, for each kind of subject."""
    kinds = ("INV-1", "pi_1", "ch_1", "a@b.example", "00000000-0000-4000-8000-000000000000")
    return [look for name in SCENARIOS for kind in kinds for look in looks(scenario_of(name), kind)]


def named_queries():
    found = set()
    for _, _, call, params in declared():
        found |= {params["query"]} if call == "rows" else set()
        found |= {query for query, _ in params["ways"]} if call == "find" else set()
    return found


def test_every_scenario_file_is_listed():
    """A module with a SCENARIO is in the table, and the table names no other."""
    modules = sorted(
        ".".join(each.relative_to(ROOT / "scenarios").with_suffix("").parts)
        for each in (ROOT / "scenarios").rglob("*.py")
        if "\nSCENARIO = " in each.read_text()
    )

    assert modules == sorted(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_question_has_its_function(name):
    """A question of the TOML is answered by a function of its name or by hand, and no function is left over."""
    scenario = scenario_of(name)
    asked = {each.name for each in scenario.guide.questions if not each.by_hand}

    assert asked == {check.__name__ for check in scenario.checks}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_end_has_words(name):
    """Unknown, unclassified, not found and ambiguous are told in the playbook's words."""
    assert {"unknown", "unclassified", "not_found", "ambiguous"} == set(scenario_of(name).guide.ends)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_need_is_a_look(name):
    """What a verdict needs is looked at."""
    scenario = scenario_of(name)
    known = {look for look, *_ in looks(scenario, "INV-1")}

    assert set() == {look for needed in scenario.needs.values() for look in needed} - known


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_code_named_in_a_file_has_a_row(name):
    """A literal code of `found(...)` is a row of the question that the function answers."""
    scenario = scenario_of(name)
    folder = ROOT / "scenarios" / scenario.section
    codes = {code for file in folder.glob("*.py") for code in re.findall(r'found\(\s*"(\w+)"', file.read_text())}

    assert set() == codes - set(scenario.guide.precedence())


def test_every_row_has_words_for_the_customer():
    """Each verdict has a sentence that may be sent, unless its reason must be concealed."""
    for name in SCENARIOS:
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
    """A file of sql/ is named by a look, and a look names a file of sql/."""
    assert set(SQL) == named_queries()


@pytest.mark.parametrize("name", SQL)
def test_a_query_keeps_the_rules(name):
    """Header and placeholders agree; columns are named; the clock is given; a limit is said and kept."""
    query = queries.load(name)
    text = query.text.lower()

    assert query.placeholders == set(query.params)
    assert not re.search(r"\bselect\s+\*|\.\*", text)
    assert not re.search(r"\bnow\(\)|current_timestamp|current_date", text)
    assert query.limit is None or f"limit {query.limit}" in text.splitlines()[-1]
    assert not re.search(r"\b(insert|update|delete|truncate|alter|drop)\b", text)
    assert not re.search(r"token|password|secret|patient_name|clinical_notes", text)


def test_a_query_without_its_header_is_refused():
    """A file that does not say its name, or what it reads, is no query."""
    for text in ("select 1", "-- other: x\n-- reads: a\nselect 1", "-- a/b: x\nselect 1"):
        with pytest.raises(ValueError, match=r"sql/a/b\.sql"):
            queries.parse("a/b", text)


def test_every_call_is_a_method_of_its_source():
    """A look names a call that its source has, with the parameters that it takes."""
    import inspect

    sources = {"database": Database, "stripe": Stripe}
    for name, source, call, params in declared():
        signature = inspect.signature(getattr(sources[source], call))
        signature.bind(None, **params)
        assert name


def test_help_of_the_table_is_the_help_of_the_group():
    """What `peakops --help` says of a group is what the group says of itself."""
    for _, (module, text) in {**GROUPS, **COMMANDS}.items():
        assert text == import_module(module).app.info.help
    for module, text in payment.COMMANDS.values():
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
