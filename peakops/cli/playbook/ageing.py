"""That the playbook is old, said beside whatever is shown of it."""

from peakops import render
from peakops.cli.commands import Run
from peakops.playbook import operations


def warned(run: Run) -> tuple[str, ...]:
    """The warning that an old playbook gets, by the environment's clock; for a person it is said on stderr."""
    warnings = operations.age(run.invocation.now()).warnings
    style = run.style
    for each in () if style.json or style.jsonl or style.csv or style.quiet else warnings:
        render.notice(each, style)
    return warnings
