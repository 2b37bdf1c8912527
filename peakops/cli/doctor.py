"""peakops doctor: everything that is configured, looked at at once."""

import inspect
import time
from dataclasses import replace
from typing import Annotated, Any

import typer

from peakops import guided, render, report
from peakops.cli import checkup, options
from peakops.cli.commands import Run, add, parameter
from peakops.cli.station import Station
from peakops.investigate import Read, Terms
from peakops.model import Brought, Report
from peakops.scenarios.doctor import check
from peakops.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=(inspect.getdoc(check) or "").partition("\n")[0])

TIME_LIMIT = "10s"
"""Long enough for the slowest answer that is still an answer, and short enough to be waited for."""


def _source(text: str) -> str:
    if text not in check.LOOKS:
        raise typer.BadParameter(f"'{text}' is none of {', '.join(check.LOOKS)}.")
    return text


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        parser=_source,
        autocompletion=lambda: list(check.LOOKS),
        help=f"Only these: {', '.join(check.LOOKS)}.",
        show_default=False,
    ),
]
Strict = Annotated[
    bool | None,
    typer.Option(
        "--strict",
        show_default=False,
        help="For pipelines: end with 3 where anything is unknown or not configured, a status page too.",
    ),
]


def _work(run: Run, *, sources: list[str] | None, strict: bool | None, guide: bool) -> Report:
    if guide:
        return guided.guide(check.SCENARIO, run.frame)
    return examined(run, tuple(sources or ()), strict=bool(strict))


def examined(run: Run, sources: tuple[str, ...], *, strict: bool) -> Report:
    """Look at these sources, or at all that are configured, and judge them. Raises NotConfigured, TimedOut."""
    settings, keys = run.invocation.settings(), run.invocation.write_keys()
    from peakops.sources import probing

    seconds = report.seconds_for_looks(run.frame.left(run.timeout))
    others = probing(settings, keys, time.monotonic() + seconds, run.invocation.journal())
    every = tuple(each for each in check.LOOKS if each != "sandbox" or run.invocation.in_sandbox)
    looked_at = sources or tuple(each for each in every if each not in _absent(settings))
    frame = replace(run.frame, given={"sources": looked_at, **_told(settings)})
    terms = Terms(seconds=seconds, now=settings.now, told=render.progress(run.style))
    found = report.of_scenario(check.SCENARIO, frame, _with_this_machine(run, others.read), terms)
    given = {name: each for name, each in (("sources", sources), ("strict", strict)) if each}
    return checkup.judged(replace(found, given=given), wanted=(sources or every) if strict else (), only=sources)


def _with_this_machine(run: Run, others: Read) -> Read:
    """The sources, and the station among them, of which the command line alone knows."""
    station = Station(run.invocation)

    def read(source: str, call: str, params: dict[str, Any]) -> Brought:
        if source != "station":
            return others(source, call, params)
        brought: Brought = getattr(station, call)(**params)
        return brought

    return read


def _told(settings: Settings) -> dict[str, str | None]:
    """The settings that looks are made of."""
    return {"provider": settings.email_provider, "portal": settings.portal_url}


def _absent(settings: Settings) -> tuple[str, ...]:
    """The sources of which nothing is configured: their settings are named, and nobody is asked."""
    there = {
        "database": settings.database_url,
        "stripe": settings.stripe_api_key,
        "supabase": settings.supabase_url or settings.supabase_key,
        "salesforce": settings.salesforce_url or settings.salesforce_consumer_key or settings.salesforce_username,
        "ups": settings.ups_client_id or settings.ups_client_secret,
        "email": settings.email_provider,
        "performance": settings.database_perf_url,
        "vercel": settings.vercel_token,
        "pages": settings.portal_url,
    }
    return tuple(name for name, configured in there.items() if not configured)


add(
    app,
    "doctor",
    "doctor",
    _work,
    [
        parameter("sources", Sources, None),
        parameter("strict", Strict, None),
        parameter("guide", options.Guide, False),
    ],
    inspect.getdoc(check) or "",
    timeout=TIME_LIMIT,
)
