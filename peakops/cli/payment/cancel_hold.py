"""peakops payment cancel-hold: the fix as a command."""

import typer

from peakops.cli.fixes import fix_command
from peakops.scenarios.payment import cancel_hold

app = typer.Typer(add_completion=False, rich_markup_mode=None)

fix_command(app, cancel_hold.FIX)
