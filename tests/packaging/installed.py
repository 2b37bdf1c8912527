"""
Whether an installed peakops has all that it needs: `nox -s wheel` runs this where the checkout is not in sight.

usage: installed.py CHECKOUT
"""

import subprocess
import sys
import tomllib
from pathlib import Path

import peakops
from peakops import playbook, sandbox
from peakops.render import schema
from peakops.sources import queries

INSTALLED = Path(peakops.__file__).parent
COMPLETIONS = {
    "peakops.bash": "bash-completion/completions/peakops",
    "_peakops": "zsh/site-functions/_peakops",
    "peakops.fish": "fish/vendor_completions.d/peakops.fish",
}
"""Where bash, zsh and fish look for what completes a command."""
PEAKOPS = Path(sys.executable).with_name("peakops")


def files(folder: Path) -> set[str]:
    """The files of a folder, without what Python makes of them."""
    return {
        str(each.relative_to(folder))
        for each in folder.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }


def names(folder: Path, suffix: str) -> list[str]:
    """The files of a kind, by the names that the program knows them by; there is at least one."""
    found = sorted(name.removesuffix(suffix) for name in files(folder) if name.endswith(suffix))
    assert found, f"there is no {suffix} in {folder}"
    return found


def said(*arguments: str) -> str:
    """What the installed command prints when it ends well."""
    done = subprocess.run([PEAKOPS, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"peakops {' '.join(arguments)} ended {done.returncode}: {done.stderr}"
    return done.stdout


def assert_shared(checkout: Path) -> None:
    """What the system's own tools look for is where they look for it, as it is in the checkout."""
    shared = Path(sys.prefix) / "share"
    pages = files(checkout / "docs" / "man")
    assert pages, "there is no manual page"
    assert set() == pages - files(shared / "man" / "man1"), "manual pages are missing in the wheel"
    for file, place in COMPLETIONS.items():
        assert (checkout / "docs/completion" / file).read_bytes() == (shared / place).read_bytes()


def main(checkout: Path) -> None:
    assert not INSTALLED.is_relative_to(checkout), f"{INSTALLED} is the checkout, not an installed peakops"
    assert not Path.cwd().is_relative_to(checkout), "this must not be run in the checkout"
    expected = files(checkout / "peakops") | {f"sql/{name}" for name in files(checkout / "sql")}
    assert set() == expected - files(INSTALLED), "files of the checkout are missing in the wheel"
    assert "py.typed" in files(INSTALLED), "the classifier says Typed; a type checker needs peakops/py.typed"

    known_queries = names(INSTALLED / "sql", ".sql")
    for name in known_queries:
        assert name == queries.load(name).name
    known_words = names(INSTALLED / "playbook", ".toml")
    for name in known_words:
        assert playbook.words(name)
    known_worlds = [each["name"] for each in sandbox.worlds()]
    assert len(known_worlds) >= len(names(INSTALLED / "sandbox" / "worlds", ".json"))
    for name in known_worlds:
        assert sandbox.named(name)
    known_schemas = schema.known()
    assert known_schemas
    for name in known_schemas:
        assert "$schema" in schema.of(name)

    assert_shared(checkout)
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["description"].split(",")[0] in said("--help")
    assert f"peakops {peakops.__version__}" == said("--version").strip()
    assert "expired_card" in said("payment", "decline", "expired_card")
    print(
        f"installed: {len(known_queries)} queries, {len(known_words)} playbook files, {len(known_worlds)} worlds, "
        f"{len(known_schemas)} schemas, each found and read"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
