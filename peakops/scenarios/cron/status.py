"""
What ran by itself, when and how it ended; what is overdue, died, or has never run.

A finding of a job (1 to 3) is no error of the job. Runs are noted in Postgres by whichever machine ran them: overdue is
a job that none of them has begun in time. A job that is not wanted is left out by naming the others.

Example: peakops cron status
"""

from collections.abc import Sequence

from peakops.errors import Exit
from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.cron import jobs, runs
from peakops.scenarios.cron.runs import Standing

FIELDS = (
    *("job", "state", "host", "started_at", "ended_at", "exit_code", "every_seconds", "overdue_after_seconds"),
    *("says", "next"),
)
CALLED = (Exit.OK, Exit.WARNING, Exit.PARTIAL)
"""Codes of what calls people where it did, or found nobody to call; partial is that a channel failed on the way."""
NO_RUNS = "There are no runs to be looked at."
FEW = 4
"""How many a sentence tells of."""


def gather(look: Look, names: tuple[str, ...] = ()) -> None:
    """The last runs of these jobs, or of all."""
    look.rows("team", "change/team_tables")
    runs_of(look, jobs.named(names))


def runs_of(look: Look, wanted: Sequence[jobs.Job]) -> None:
    """The look that the doctor has too."""
    look.at("database", "runs", "team", query="cron/last_runs", jobs=[each.name for each in wanted])


def standings(facts: Facts) -> tuple[Standing, ...]:
    """Every job that was asked for, as it stands now; the look has a row of each, be it empty."""
    if "standings" not in facts.kept:
        rows, now = facts["runs"], facts.at("runs")
        assert now is not None, "an answer has its moment"
        wanted = jobs.named(tuple({each["job"]: None for each in rows})) if rows else ()
        facts.kept["standings"] = tuple(runs.standing(each, rows, now) for each in wanted)
    standing: tuple[Standing, ...] = facts.kept["standings"]
    return standing


def place(facts: Facts) -> Outcome:
    if not facts.known("team"):
        return skip("It could not be read.")
    if not facts["team"][0]["schema"]:
        says = "The schema peakops is not there: no run is noted, and no job is kept from running twice at once."
        return found("no_place", says, next=("peakops setup",))
    return ok("The team's tables are there.")


def calling(facts: Facts) -> Outcome:
    """Whether the job that calls people does its work: one that fails each minute calls nobody either."""
    urgent = [each for each in standings(facts) if each.job.severity is Severity.CRITICAL]
    if silent := [each for each in urgent if _calls_nobody(each)]:
        return found("nobody_called", told(silent), next=by_hand(silent))
    if not urgent:
        return skip("It was not asked for.")
    if any(each.word == "never_ran" for each in urgent):
        return skip("No run of it was ever noted; see below.")
    return ok(told(urgent))


def overdue(facts: Facts) -> Outcome:
    return _none("overdue", "None is overdue.", facts)


def died(facts: Facts) -> Outcome:
    return _none("died", "None has died.", facts)


def failed(facts: Facts) -> Outcome:
    return _none("failed", "None ended in an error.", facts)


def never_ran(facts: Facts) -> Outcome:
    absent = [each for each in standings(facts) if each.word == "never_ran"]
    if absent:
        says = f"{len(absent)} of {len(standings(facts))}: {', '.join(each.job.name for each in absent)}."
        return found("never_ran", says, next=("peakops cron render",))
    return ok("Each has run.") if standings(facts) else skip(NO_RUNS)


def all_ran(facts: Facts) -> Outcome:
    every = standings(facts)
    good = [each for each in every if each.word in ("ran", "running") and not _calls_nobody(each)]
    says = f"{len(good)} of {len(every)} ran in time, or run now."
    if not every:
        return skip(NO_RUNS)
    return found("all_ran", says) if len(good) == len(every) else ok(says)


def _none(word: str, good: str, facts: Facts) -> Outcome:
    """The finding of this name where a job stands so; that nobody is called is a finding of its own."""
    if not standings(facts):
        return skip(NO_RUNS)
    those = [each for each in standings(facts) if each.word == word and not _calls_nobody(each)]
    return found(word, told(those), next=by_hand(those)) if those else ok(good)


def _calls_nobody(standing: Standing) -> bool:
    """Whether it is what calls people, and does not run, or ended without: a 2 of it says so, and a 3 saw nothing."""
    if standing.job.severity is not Severity.CRITICAL or standing.word in ("never_ran", "running"):
        return False
    return standing.word == "overdue" or (standing.last or {}).get("exit_code") not in CALLED


def told(standing: Sequence[Standing]) -> str:
    """The first of some jobs as they stand, and how many more there are."""
    more = f"; and {len(standing) - FEW} more" if len(standing) > FEW else ""
    return f"{'; '.join(f'{each.job.name} {each.says}' for each in standing[:FEW])}{more}."


def by_hand(standing: Sequence[Standing]) -> tuple[str, ...]:
    """What runs the jobs now, and tells why they do not run."""
    return tuple(f"peakops {each.job.command}" for each in standing[:FEW])


def row(standing: Standing) -> Row:
    """A job as it is listed."""
    job, last = standing.job, standing.last or {}
    width = max(len(each.name) for each in jobs.every())
    return {
        "job": job.name,
        "state": standing.word,
        **{name: last.get(name) for name in ("host", "started_at", "ended_at", "exit_code")},
        "every_seconds": round(job.every.total_seconds()),
        "overdue_after_seconds": round(job.missed_after.total_seconds()),
        "says": f"{standing.word.replace('_', ' '):<9}  {job.name:<{width}}  {standing.says}",
        "next": [] if standing.word in ("ran", "running") else [f"peakops {job.command}"],
    }


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(place, calling, overdue, died, failed, never_ran, all_ran),
    subject=(),
    needs={Severity.WARNING: ("runs",), Severity.OK: ("runs", "team")},
    data=lambda facts: {"items": [row(each) for each in standings(facts)]},
    plural="jobs",
)
