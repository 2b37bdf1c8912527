"""
Write the pages that are made from the code: commands, settings, the playbook, the writes, and .env.example.

`python docs/generate.py` writes them; with `--check` it writes nothing, names those that are stale, and ends with 1.
Neither the network nor a database is needed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage_page
import doctor_page
import man_pages
import playbook_page
import typer.main
import verdicts_page
import writes_page
from playbook_page import MADE, table

from peakops.cli.root import app
from peakops.scenarios import SCENARIOS
from peakops.settings.given import Given, variable
from peakops.settings.origins import OUTSIDE
from peakops.settings.templates import variables

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 88
"""Of the help texts; fixed, so that the pages are the same on every machine."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command and group by its full name with its context, in the order of the help."""
    yield from _commands(root())


def root() -> Any:
    """The context of the whole command line."""
    return typer.main.get_command(app).make_context("peakops", [], resilient_parsing=True, terminal_width=WIDTH)


def _commands(context: Any) -> Iterator[tuple[str, Any]]:
    yield context.command_path, context
    group = context.command
    for name in group.list_commands(context) if hasattr(group, "list_commands") else ():
        made = group.get_command(context, name).make_context(name, [], parent=context, resilient_parsing=True)
        yield from _commands(made)


def commands_page() -> str:
    """docs/commands.md: the help of every command."""
    says = "The help of every command, as `--help` prints it. Of the options before the group, see the first entry."
    parts = ["# Commands", MADE.format("the help texts"), says]
    for name, context in commands():
        parts += [f"## {name}", f"```text\n{context.get_help().strip()}\n```"]
    return "\n\n".join(parts) + "\n"


def twins() -> dict[str, tuple[str, Any, str]]:
    """The environment variables of the options: option, default and help."""
    found: dict[str, tuple[str, Any, str]] = {}
    for _, context in commands():
        for param in context.command.params:
            if param.envvar:
                default = {None: "", False: "", True: "1"}.get(param.default, param.default)
                found.setdefault(str(param.envvar), (param.opts[0], default, param.help))
    return found


def settings_page() -> str:
    """docs/settings.md: its hand-written part is docs/settings.head.md."""
    head = (ROOT / "docs/settings.head.md").read_text("utf-8").strip()
    made = MADE.format("peakops/settings/given.py, peakops/cli/options.py and docs/settings.head.md")
    parts = ["# Settings", made, head]
    rows = [("Variable", "In config.toml", "Default", "What it is")]
    for name, field in Given.model_fields.items():
        default = f"`{_default(field)}`" if _has_default(field) else ""
        rows.append((f"`{variable(name)}`", f"`{name}`", default, field.description or ""))
    parts += ["## Settings", table(rows), "## Options as variables"]
    parts += ["A flag outranks its variable. They may stand in the environment or in the env file."]
    options = [("Variable", "Option", "Default", "What it does")]
    for name, (option, default, says) in twins().items():
        options.append((f"`{name}`", f"`{option}`", f"`{default}`" if default else "", says))
    parts += [table(options)]
    parts += ["## Other variables", table([("Variable", "What it is"), *((f"`{k}`", v) for k, v in OUTSIDE.items())])]
    return "\n\n".join(parts) + "\n"


def env_example() -> str:
    """.env.example: every setting, empty or at its default, and the options' twins."""
    lines = ["# Made by docs/generate.py from peakops/settings/given.py; docs/settings.md explains it.", ""]
    lines += ["# Settings: in the environment, or in a file that --env-file names."]
    defaults = {name: _default(field) for name, field in Given.model_fields.items() if _has_default(field)}
    lines += variables(Given.model_fields, defaults)
    lines += ["", "# Options: a flag outranks its variable."]
    for name, (option, value, says) in twins().items():
        lines += ["", f"# {option}: {says}", f"# {name}={value}"]
    lines += ["", "# Others: in the environment alone."]
    for name, says in OUTSIDE.items():
        lines += ["", f"# {says}", f"# {name}="]
    return "\n".join(lines) + "\n"


def _default(field: Any) -> str:
    """A default as the environment would give it: a list as JSON."""
    return json.dumps(field.default) if isinstance(field.default, tuple) else str(field.default)


def _has_default(field: Any) -> bool:
    """Whether a setting has a value where nobody gives one."""
    return not field.is_required() and field.default is not None and field.default_factory is None


def pages() -> dict[str, str]:
    """Every generated file by its path, as it should be."""
    sections = dict.fromkeys(each.partition(".")[0] for each in SCENARIOS)
    return {
        "docs/commands.md": commands_page(),
        "docs/settings.md": settings_page(),
        **{f"docs/playbook/{each}.md": playbook_page.page(each) for each in sections},
        "docs/playbook/doctor.md": doctor_page.page(),
        "docs/playbook/coverage.md": coverage_page.coverage(),
        "docs/playbook/errata.md": coverage_page.errata(),
        **{f"docs/verdicts/{each}.md": verdicts_page.page(each) for each in verdicts_page.sections()},
        **{f"docs/{path}": text for path, text in man_pages.pages(root())},
        "docs/writes.md": writes_page.page(),
        ".env.example": env_example(),
    }


def stale() -> dict[str, str]:
    """The files that are not as they should be, with what they should hold."""
    return {
        path: text
        for path, text in pages().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """Write what is stale; with --check only name it, and say 1."""
    found, checking = stale(), "--check" in arguments
    for path, text in found.items():
        if not checking:
            (ROOT / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path} {'is stale: run python docs/generate.py' if checking else 'was written'}\n")
    return 1 if found and checking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
