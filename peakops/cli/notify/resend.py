"""peakops notify resend: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.notify import resend

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, resend.FIX)
