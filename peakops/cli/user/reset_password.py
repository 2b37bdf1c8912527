"""peakops user reset-password: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.user import reset_password

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, reset_password.FIX)
