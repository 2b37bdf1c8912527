"""A report for people: the same lines on a terminal and in a pipe; only colour and wrapping differ."""

from collections.abc import Iterator

from peakops.model import Evidence, Outcome, Report, Ruling, Status, Verdict, placed
from peakops.render import causes, checkup, held, loads, phases, plan, timeline, why

Span = tuple[str, str]
"""A piece of text and its style; the text is never markup."""
Line = tuple[Span, ...]

MARK = {
    Verdict.OK: ("✓", "green"),
    Verdict.FOUND: ("✗", "red"),
    Verdict.SKIPPED: ("–", "dim"),
    Verdict.UNKNOWN: ("?", "yellow"),
    Verdict.BY_HAND: ("☐", "cyan"),
}
HEAD = {
    Status.OK: ("OK", "bold green"),
    Status.WARNING: ("WARNING", "bold yellow"),
    Status.CRITICAL: ("CRITICAL", "bold red"),
    Status.UNKNOWN: ("UNKNOWN", "bold magenta"),
    Status.ERROR: ("ERROR", "bold red"),
    Status.REFUSED: ("REFUSED", "bold red"),
    Status.PLANNED: ("PLANNED", "bold cyan"),
    Status.CHANGED: ("CHANGED", "bold green"),
    Status.PARTIAL: ("PARTIAL", "bold red"),
}


def lines(report: Report, *, quiet: bool, verbose: bool) -> Iterator[Line]:
    """The page of a report, line by line; quiet keeps the verdict alone, verbose adds every row that was read."""
    if report.lines or report.verdict is None:
        for text in report.lines[:1] if quiet else report.lines:
            yield ((_typable(text, report), ""),)
        if quiet and report.verdict:
            yield from _ended(report, report.verdict)
        return
    yield from _verdict(report, report.verdict)
    yield from _ended(report, report.verdict)
    if quiet:
        return
    yield from _candidates(report)
    yield from _truth(report)
    if "timeline" in report.data:
        yield from timeline.lines(report.data)
    yield from held.lines(report.data.get("held") or ())
    yield from causes.lines(report.data.get("causes") or ())
    yield from phases.lines(report.data.get("pages") or ())
    yield from loads.lines(report.data)
    if checks := report.data.get("checks"):
        yield from checkup.lines(checks)
        yield from why.lines(report.data["why"]) if "why" in report.data else ()
    else:
        yield from _judged(report, report.verdict)
    yield from _section("Next", tuple(_typable(each, report) for each in report.next))
    yield from _evidence(report, verbose=verbose)
    yield from _change(report)


def _judged(report: Report, verdict: Ruling) -> Iterator[Line]:
    """How the questions were answered, and what is to be done about the verdict."""
    path = report.data.get("why")
    yield from why.lines(path) if path is not None else _questions(report.outcomes, told=verdict.says)
    yield from _others(report, verdict)
    if not report.data.get("plan"):
        yield from _section("What to do", [verdict.do])


def _verdict(report: Report, verdict: Ruling) -> Iterator[Line]:
    word, style = HEAD.get(report.status, ("", ""))
    code = verdict.code + (f" · {verdict.cause}" if verdict.cause else "")
    yield ((word, style), (f"  {verdict.title}", "bold"), (f"  [{code}]", "dim"))
    yield ((f"  {verdict.says}", ""),)
    if verdict.sources.missing:
        yield ((f"  Not complete: {', '.join(verdict.sources.missing)} did not answer everything.", "yellow"),)
    elif not verdict.complete:
        yield (("  Not complete: not everything could be asked.", "yellow"),)


def _ended(report: Report, verdict: Ruling) -> Iterator[Line]:
    """Why a fix went no further; an absent or ambiguous subject is told by the verdict itself."""
    if report.error and report.error.code != verdict.code and report.error.message != verdict.says:
        yield ((f"  {report.error.message}", "bold"),)
        if report.error.hint:
            yield ((f"  {_typable(report.error.hint, report)}", ""),)


def _change(report: Report) -> Iterator[Line]:
    """What a fix would do, or did."""
    if steps := report.data.get("steps"):
        yield from _heading("What was done")
        yield from plan.done(steps)
        yield from plan.notes(report.data["plan"] or {})
    elif report.data.get("plan"):
        yield from _heading("Plan")
        yield from plan.lines(report.data["plan"])


def _candidates(report: Report) -> Iterator[Line]:
    listed = report.data.get("candidates") or []
    if listed:
        yield from _heading("Which one")
    for each in listed:
        yield ((f"  {each['id']}", ""), (f"  {each['says']}" if each.get("says") else "", "dim"))


def _truth(report: Report) -> Iterator[Line]:
    table = report.data.get("truth") or []
    if table:
        yield from _heading("What each system says")
    width = max((len(each["system"]) for each in table), default=0)
    for each in table:
        yield ((f"  {each['system']:<{width}}  ", "dim"), (each["says"], "" if each["state"] else "yellow"))


def _questions(outcomes: tuple[Outcome, ...], told: str) -> Iterator[Line]:
    asked = [each for each in outcomes if each.verdict is not Verdict.SKIPPED]
    if not asked:
        return
    yield from _heading("What was asked")
    for each in asked:
        mark, style = MARK[each.verdict]
        if each.finding and each.finding.severity == "ok":
            mark, style = MARK[Verdict.OK]
        says = "See above." if each.says == told else each.says
        yield ((f"  {mark} ", style), (each.asks, ""), (f"  {says}", "dim"))
    skipped = len(outcomes) - len(asked)
    if skipped:
        yield ((f"  – {skipped} further question{'s' * (skipped > 1)} did not arise", "dim"),)


def _others(report: Report, verdict: Ruling) -> Iterator[Line]:
    others = [each for each in report.findings if each.code != verdict.code and each.severity != "ok"]
    if others:
        yield from _heading("Also found")
    for each in others:
        yield ((f"  {each.title}", ""), (f"  [{each.code}]", "dim"), (f"  {each.do}", ""))


def _typable(command: str, report: Report) -> str:
    """A command of ours as it is to be typed where the report was made."""
    return placed(command, report.environment, report.env_file)


def _section(title: str, entries: list[str] | tuple[str, ...]) -> Iterator[Line]:
    if any(entries):
        yield from _heading(title)
    for each in entries:
        if each:
            yield ((f"  {each}", ""),)


def _heading(title: str) -> Iterator[Line]:
    yield ()
    yield ((title, "bold"),)


def _evidence(report: Report, *, verbose: bool) -> Iterator[Line]:
    if not report.evidence:
        return
    silent = [each for each in report.evidence if each.error and not each.consequence]
    answered = sum(1 for each in report.evidence if not each.error)
    yield from _heading("Evidence")
    yield ((f"  {answered} of {len(report.evidence)} looks answered in {report.duration_ms} ms", "dim"),)
    if not report.data.get("checks"):  # whose lines have told it
        yield from _limits(report, silent)
    if verbose:
        for each in report.evidence:
            yield from _rows(each)


def _limits(report: Report, silent: list[Evidence]) -> Iterator[Line]:
    """What was not answered, and what limits the answers."""
    for each in silent:
        if each.error:
            yield ((f"  ? {each.name} ({each.source}): ", "yellow"), (each.error.message, ""))
            yield ((f"    {each.error.hint}", "dim"),)
    for each in report.evidence:
        yield from (((f"  ! {each.name}: {note}", "yellow"),) for note in each.notes)


def _rows(evidence: Evidence) -> Iterator[Line]:
    asked = f"  {evidence.name}: {evidence.asked}, {evidence.took_ms} ms, {len(evidence.rows)} rows"
    ids = f"  {' '.join(evidence.request_ids)}" if evidence.request_ids else ""
    yield ((asked + ids, "bold"),)
    for row in evidence.rows:
        yield ((f"    {'  '.join(f'{key}={value}' for key, value in row.items() if value is not None)}", ""),)
