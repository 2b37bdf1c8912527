"""peakops config: every setting, and where it comes from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import typer

from peakops.cli.commands import Run, command
from peakops.cli.station import every, unread
from peakops.errors import NotConfigured
from peakops.investigate import fault_of
from peakops.model import Report, Row, Status
from peakops.report import of_lines
from peakops.settings import Told, cache_home, config_path, environments, state_home

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Every setting with its value and its origin; of a secret only whether it is there.",
)

WIDEST = 40
"""Of the column of values: a longer one moves its origin to the right, not all others."""


@command(app, "config")
def show(run: Run) -> Report:
    """
    Every setting with its value and its origin; of a secret only whether it is there.

    Of a value that is malformed only what is wrong with it is shown; the command then ends with 78.

    Example: peakops config
    """
    settings, strangers, file = every(run.invocation), unread(), config_path()
    unknown = [f"{name} is read by nothing{f'; the nearest is {near}' if near else ''}." for name, near in strangers]
    data = {
        "config_file": {"path": str(file), "exists": file.is_file()},
        "environments": list(environments()),
        "state": str(state_home()),
        "cache": str(cache_home()),
        "settings": [_row(each) for each in settings],
        "unknown": [{"variable": name, "nearest": near or None} for name, near in strangers],
    }
    lines = [*_places(run.frame.environment, data), "", *_table(settings), *([""] if unknown else []), *unknown]
    report = of_lines(run.frame, lines, data, warnings=tuple(unknown))
    malformed = _malformed(run)
    return replace(report, **_error(malformed)) if malformed else report


def _malformed(run: Run) -> NotConfigured | None:
    try:
        run.invocation.settings()
    except NotConfigured as wrong:
        return wrong
    return None


def _error(wrong: NotConfigured) -> dict[str, Any]:
    return {"status": Status.ERROR, "exit_code": wrong.exit_code, "error": fault_of(wrong)}


def _row(told: Told) -> Row:
    return {
        "setting": told.setting,
        "variable": told.variable,
        "hidden": told.secret,
        "present": told.present,
        "value": told.value,
        "origin": told.origin or None,
        "says": told.says,
    }


def _places(environment: str, data: Row) -> list[str]:
    """Which environment this is, which others there are, and where files are looked for."""
    file = data["config_file"]
    return [
        f"environment   {environment}",
        f"config file   {file['path']}{'' if file['exists'] else ' (not there)'}",
        f"environments  {', '.join(data['environments']) or 'none in the config file'}",
        f"state         {data['state']}",
        f"cache         {data['cache']}",
    ]


def _table(settings: Sequence[Told]) -> list[str]:
    """The settings in columns: variable, value, origin; a secret is there or not."""
    values = ["–" if not each.present else "(set)" if each.secret else str(each.value) for each in settings]
    name, value = max(len(each.variable) for each in settings), max(map(len, values))
    return [
        f"{each.variable:<{name}}  {shown:<{min(value, WIDEST)}}  {each.origin}".rstrip()
        for each, shown in zip(settings, values, strict=True)
    ]
