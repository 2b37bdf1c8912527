"""peakops security contain: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.security import contain

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, contain.FIX)
