"""The pages are as the code is: nothing generated is stale, nothing quoted is missing, no link leads nowhere."""

import ast
import importlib.util
import os
import re
import shlex
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from peakops.cli.root import app
from peakops.scenarios import SCENARIOS
from peakops.settings import STRIPE_URL, Settings, env_file
from peakops.settings.given import SECRETS, Given, variable
from peakops.settings.page_addresses import PAGE
from peakops.settings.reading import read

from . import command_tree

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
PROSE = [page for page in PAGES if page.name != "settings.head.md"]
"""A page that is only a part of another has its links checked there."""
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
QUOTED = re.compile(r"(?<![\w./-])(?:[\w.]+/)*peakops (?=\S)([^|&;#\n]*)")
REDIRECTION = re.compile(r" \d?>(?:&\d?|>? *[\w./-]+)")
"""Where a shell lets the output go."""
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def generator():
    """docs/generate.py as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
        sys.modules.pop("playbook_page", None)


def text_of(page):
    return page.read_text("utf-8")


def name_of(page):
    return str(page.relative_to(ROOT))


@cache
def root_context():
    return typer.main.get_command(app).make_context("peakops", [], resilient_parsing=True)


def all_commands():
    """Every command, and no group, as its words: ("payment", "check")."""
    return [words for words, is_group in command_tree.every() if not is_group]


def quoted_lines(text):
    """Every `peakops …` of the code spans and of the blocks that are not output."""
    blocks = [body.replace("\\\n", " ") for language, body in FENCE.findall(text) if language != "text"]
    for piece in [*blocks, *SPAN.findall(FENCE.sub("", text))]:
        yield from QUOTED.findall(piece)


def unknown_in(line):
    """What of a quoted command line does not exist; None if all of it does."""
    context, words = root_context(), shlex.split(REDIRECTION.sub("", line).replace("…", ""), comments=True)
    while words:
        word = words.pop(0).rstrip(".,:)")
        if word.startswith("-") and hasattr(context.command, "leads_to"):
            words, word = [word, *words], context.command.leads_to
        if word.startswith("-"):
            option = word.partition("=")[0]
            if option in ("--help", "-h"):
                continue
            params = {name: each for each in context.command.params for name in each.opts}
            if option not in params:
                return option
            if not params[option].is_flag and "=" not in word:
                words = words[1:]
        elif hasattr(context.command, "get_command"):
            command = context.command.get_command(context, word)
            if command is None:
                return word
            context = command.make_context(word, [], parent=context, resilient_parsing=True)
        elif not any(each.param_type_name == "argument" for each in context.command.params):
            return word
    return None


def test_generated_pages_are_not_stale(generator):
    """
    What docs/generate.py would write is what is there.
    """
    assert {} == generator.stale()


def test_stale_page_is_named(generator, monkeypatch, capsys):
    """
    With --check a stale page is named, nothing is written, and the exit code is 1.
    """
    before = text_of(DOCS / "commands.md")
    monkeypatch.setattr(generator, "commands_page", lambda: "another page\n")

    assert 1 == generator.main(["--check"])
    assert "docs/commands.md is stale: run python docs/generate.py\n" == capsys.readouterr().out
    assert before == text_of(DOCS / "commands.md")


@pytest.mark.parametrize("columns", ["40", "200"])
def test_pages_do_not_depend_on_the_machine(generator, monkeypatch, columns):
    """
    Neither the width of the terminal nor an option's twin in the environment changes a page.
    """
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("PEAKOPS_TIMEOUT", "7s")
    monkeypatch.setenv("PEAKOPS_ENV", "staging")

    assert {} == generator.stale()


@pytest.mark.parametrize("words", list(all_commands()), ids=" ".join)
def test_every_command_has_its_help_and_an_example(words):
    """
    Each command is in commands.md, and its help ends with an example of this very command.
    """
    name = f"peakops {' '.join(words)}"
    found = re.search(rf"^## {re.escape(name)}\n\n```text\n(.*?)^```$", text_of(DOCS / "commands.md"), re.M | re.S)

    assert found, f"{name} is not in docs/commands.md"
    # A long one is broken by the help, which breaks at blanks.
    example = re.search(rf"^  Example: ({re.escape(name)}\b.*(?:\n  \S.*)*)", found[1], re.M)
    assert example, f"{name} has no example of its own"
    assert unknown_in(example[1].replace("\n  ", " ").removeprefix("peakops ")) is None


@pytest.mark.parametrize("page", [DOCS / "settings.md", ROOT / ".env.example"], ids=name_of)
def test_every_setting_is_said(page):
    """
    Each setting is there with its description, and with the default that it has.
    """
    text = text_of(page)
    for name, field in Given.model_fields.items():
        assert re.search(rf"\b{variable(name)}\b(?!_)", text), variable(name)
        assert field.description
        assert field.description in text


def test_every_variable_of_the_code_is_in_the_settings():
    """
    Each PEAKOPS_… that the product's code names is in settings.md.
    """
    strings = [
        node.value
        for path in sorted((ROOT / "peakops").rglob("*.py"))
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    named = {each for text in strings for each in re.findall(r"\bPEAKOPS_[A-Z][A-Z_]*[A-Z]\b", text)}

    named = {each for each in named if not each.startswith(PAGE)}  # the operator names them
    assert set() == named - set(re.findall(r"\bPEAKOPS_[A-Z_]+\b", text_of(DOCS / "settings.md")))


def test_env_example_is_an_env_file(monkeypatch, tmp_path):
    """
    The example is taken as it is: it sets nothing but defaults, and holds no secret.
    """
    for name in [each for each in os.environ if each.startswith("PEAKOPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    env_file.apply(ROOT / ".env.example")

    assert Settings(stripe_url=STRIPE_URL, contacts=tmp_path / "contacts.toml") == read(None, tmp_path / "config.toml")
    for name in SECRETS:
        assert f"\n{variable(name)}=\n" in text_of(ROOT / ".env.example")


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_on_its_page(name):
    """
    The page has the scenario's command, its questions, its looks, and every row of the playbook.
    """
    scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
    page = text_of(DOCS / "playbook" / f"{scenario.section}.md")
    part = re.search(rf"^## [^\n]*`peakops {re.escape(scenario.command)}`\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    guide = scenario.guide

    assert part, f"{name} is not on its page"
    for number, question in enumerate(guide.questions, 1):
        assert f"\n#### {number}. `{question.name}`: {question.asks}\n" in part[1]
    for code in (*guide.precedence(), *guide.ends):
        assert f"\n| `{code}` | " in part[1]
    for look in {*scenario.subject, *(each for several in scenario.needs.values() for each in several)}:
        assert f"\n| `{look}` | " in part[1]
    for erratum in guide.errata:
        assert f". {erratum}\n" in part[1]


@pytest.mark.parametrize("path", sorted((ROOT / "sql").rglob("*.sql")), ids=name_of)
def test_every_query_is_on_its_page(path):
    """
    Each SQL file is listed on the page of its section, or on that of the writes, with the sentence of its header.
    """
    sentence = text_of(path).partition("\n")[0].partition(": ")[2]
    section = DOCS / "playbook" / f"{path.parent.name}.md"
    listed = section.exists() and f"\n- `{name_of(path)}`: {sentence}\n" in text_of(section)

    assert listed or f"\n| `{name_of(path)}` | {sentence} | " in text_of(DOCS / "writes.md")


@pytest.mark.parametrize("page", PROSE, ids=name_of)
def test_links_lead_somewhere(page):
    """
    Each relative link names a file that is there, and a heading that is in it.
    """
    for link in LINK.findall(FENCE.sub("", text_of(page))):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, heading = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if heading:
            assert heading in slugs(text_of(target)), link


def slugs(text):
    """The anchors of a page's headings, as the forges make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_quoted_commands_exist(page):
    """
    Each command line of peakops that a page quotes is made of commands and options that there are.
    """
    assert {} == {line: wrong for line in quoted_lines(text_of(page)) if (wrong := unknown_in(line))}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("payment check INV-123 --json", None),
        ("--env staging payment check INV-123 --timeout 5s --say customer", None),
        ("payment mark-payed INV-123", "mark-payed"),
        ("payment check INV-123 --jsonl", "--jsonl"),
        ("sandbox stop INV-123", "INV-123"),
        ("nothing", "nothing"),
    ],
)
def test_a_command_that_is_not_there_is_noticed(line, wrong):
    """
    The walk over the commands finds what does not exist, so that the test before this one can fail.
    """
    assert wrong == unknown_in(line)


def test_readme_quotes_its_commands():
    """
    The walk sees the main command of the README, inside a longer line.
    """
    assert "--sandbox payment check INV-123" in [line.strip() for line in quoted_lines(text_of(ROOT / "README.md"))]


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=name_of)
def test_decisions_are_short(page):
    """
    A decision says what, why and what it costs, in at most 30 lines, and is in the index.
    """
    text = text_of(page)

    assert ["What", "Why", "What it costs"] == re.findall(r"^## (.+)$", text, re.M)
    assert len(text.splitlines()) <= 30
    assert f"(decisions/{page.name})" in text_of(DOCS / "index.md")


@pytest.mark.parametrize("page", sorted((DOCS / "man").iterdir()), ids=lambda page: page.name)
def test_a_manual_page_is_plain_roff(page):
    """
    A page has nothing but the requests and escapes that every man knows, so that no help text is taken for one.
    """
    lines = text_of(page).splitlines()
    requests = {line.split()[0] for line in lines if line.startswith((".", "'"))}
    escapes = set(re.findall(r"\\(f[A-Z]|.)", "\n".join(line for line in lines if not line.startswith('.\\"'))))

    assert requests <= {'.\\"', ".TH", ".SH", ".SS", ".PP", ".TP"}
    assert escapes <= {"fB", "fR", "-", "e", "&"}
