"""peakops notify rates: how well the portal's e-mail gets through as a whole."""

from dataclasses import replace

import typer

from peakops.cli import options
from peakops.cli.answers import answered
from peakops.cli.commands import Run, command
from peakops.model import Report
from peakops.scenarios.notify.rates import SCENARIO

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(app, "rates", "notify")
def rates(run: Run, since: options.Since = "30d", guide: options.Guide = False, say: options.Say = None) -> Report:
    """
    How well the portal's e-mail gets through as a whole: bounces, complaints, and what the portal could not send.

    Rates are told with the counts behind them and by day where the provider tells; below 500 mails a rate says little,
    and is no more than a warning. Gmail tells nobody of single complaints: see Google's Postmaster Tools.

    Example: peakops notify rates --since 30d
    """
    windowed = replace(run, since=since)
    return answered(run, SCENARIO, lambda settings: windowed.windowed(settings.now()), guide=guide, say=say)
