"""peakops user set-practice: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.user import set_practice

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, set_practice.FIX)
