"""How a job is named on the command line."""

import typer

from peakops.scenarios.cron import jobs


def job(text: str) -> str:
    """The name of a job of playbook/jobs.toml. Raises typer.BadParameter for another."""
    return _one_of(text, [each.name for each in jobs.every()])


def unnoted(text: str) -> str:
    """The name of a job that does not note its runs itself. Raises typer.BadParameter for another."""
    return _one_of(text, [each.name for each in jobs.every() if not each.noted])


def _one_of(text: str, names: list[str]) -> str:
    if text not in names:
        raise typer.BadParameter(f"'{text}' is none of {', '.join(names)}.")
    return text
