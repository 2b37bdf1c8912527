"""peakops payment mark-paid: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.payment import mark_paid

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, mark_paid.FIX)
