"""The recipes of docs/recipes.md do what they say: each is run by a shell, in the sandbox, and prints what is shown."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import PEAKOPS, environment

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "recipes.md"
RECIPE = re.compile(
    r"^## (?P<title>.+?)$(?:(?!^## ).)*?^```sh\n(?P<script>.*?)^```\n(?:\n```text\n(?P<says>.*?)^```)?",
    re.MULTILINE | re.DOTALL,
)
RECIPES = [each.groupdict() for each in RECIPE.finditer(PAGE.read_text("utf-8"))]
JQ = shutil.which("jq")
WORLD = "clinic"


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """A folder with peakops and jq, for the shell's PATH."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "peakops").symlink_to(PEAKOPS)
    if not JQ:
        (folder / "jq").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "tests" / "jq_shim.py"} "$@"\n')
        (folder / "jq").chmod(0o755)
    return folder


def test_there_are_recipes_and_each_has_a_title_of_its_own():
    """Every script of the page is a recipe: none is passed over because of how it is written."""
    assert PAGE.read_text("utf-8").count("```sh\n") == len({each["title"] for each in RECIPES}) > 0


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe["title"])
def test_a_recipe_prints_what_is_shown(recipe, state, load, tools, tmp_path):
    """What the page shows below a recipe is what the shell prints, and nothing is complained of."""
    load(WORLD)
    env = environment(state, PEAKOPS_SANDBOX="1", PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    ran = subprocess.run(
        ["sh", "-c", recipe["script"]], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert (recipe["says"] or "", "") == (ran.stdout, ran.stderr)


@pytest.mark.skipif(not JQ, reason="jq is not installed")
def test_the_library_answers_as_jq_does():
    """The stand-in for jq prints what jq prints, so that a recipe is proven on either machine."""
    program, given = '.[] | "\\(.a)", {b: .a}', '[{"a": "ü"}, {"a": null}]'
    ran = [
        subprocess.run([*command, "-r", "-c", program], input=given, capture_output=True, text=True, check=True).stdout
        for command in ([JQ], [sys.executable, str(ROOT / "tests" / "jq_shim.py")])
    ]
    assert ran[0] == ran[1]
