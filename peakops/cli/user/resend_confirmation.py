"""peakops user resend-confirmation: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.user import resend_confirmation

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, resend_confirmation.FIX)
