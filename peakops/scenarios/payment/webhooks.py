"""
Webhooks of a stretch of time: which payment events were not delivered, failed, or were not processed.

Compares Stripe's list with the portal's log, for everybody's payments at once, and looks at the endpoints.

Example: peakops payment webhooks --since 24h
"""

from collections.abc import Sequence
from datetime import datetime

from peakops.model import Severity
from peakops.scenario import Facts, Look, Missing, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.payment.events_line import GRACE_S
from peakops.scenarios.payment.looks import each
from peakops.scenarios.payment.webhook import TELLING, resend
from peakops.scenarios.payment.webhooks_line import data, in_all, troubled

DELIVERABLE = ("undelivered", "not_received", "failed")
"""What it helps to send again; what only waits in the portal is there already."""
FEW = 3
"""How many events a sentence names, and how many commands are given to send one again."""


def gather(look: Look, since: datetime, until: datetime) -> None:
    """Declare the looks: one list of Stripe's, one statement for its events, one for what the portal did not finish."""
    events = look.at("stripe", "events", "events_within", since=since, until=until)
    look.at("stripe", "endpoints", "endpoints")
    look.rows("received", "payment/webhooks_received", ids=(events.then(each("id")),))
    # Those that failed and those that wait take turns, those that tell of money first, so that no kind hides the other.
    told_first = {"grace": GRACE_S, "telling": list(TELLING)}
    look.rows("unfinished", "payment/webhooks_unfinished", since=since, until=until, **told_first)


def endpoint(facts: Facts) -> Outcome:
    """Whether an enabled endpoint takes what tells the portal of money."""
    endpoints: list[Row] = facts["endpoints"]
    enabled = _taken([row for row in endpoints if row["status"] == "enabled"])
    disabled = [row for row in endpoints if row["status"] != "enabled"]
    lost = [row for row in disabled if _taken([row]) - enabled]
    if lost:
        kinds = ", ".join(sorted(set(_taken(lost)) - enabled))
        return found(
            "endpoint_disabled", f"{lost[0]['url']} ({lost[0]['id']}) is disabled, and no other takes {kinds}."
        )
    if not enabled:
        count = len(endpoints)
        says = f"None of {count} endpoint(s) takes any of {', '.join(TELLING)}." if count else "Stripe has no endpoint."
        return found("no_endpoint", says)
    idle = f"; {len(disabled)} further one(s) disabled, which nothing rests on" if disabled else ""
    return ok(f"{len(endpoints) - len(disabled)} enabled endpoint(s){idle}.")


def _taken(endpoints: Sequence[Row]) -> set[str]:
    """The events that tell of money which these endpoints take."""
    wanted = {kind for row in endpoints for kind in row["enabled_events"] or ()}
    return set(TELLING) if "*" in wanted else set(TELLING) & wanted


def delivered(facts: Facts) -> Outcome:
    """Events that no endpoint of the portal has acknowledged, and that the portal has no trace of."""
    return _of("undelivered", facts, "events", "received")


def failed(facts: Facts) -> Outcome:
    """Events that the portal received and failed on."""
    return _of("failed", facts, "received", "unfinished")


def processed(facts: Facts) -> Outcome:
    """Events that the portal received, and has neither processed nor failed on."""
    return _of("unprocessed", facts, "received", "unfinished")


def received(facts: Facts) -> Outcome:
    """Events that were acknowledged, and that the portal has no trace of."""
    return _of("not_received", facts, "events", "received", "endpoints")


def _of(gap: str, facts: Facts, *needs: str) -> Outcome:
    lines = [line for line in troubled(facts) if line["gap"] == gap]
    count = in_all(facts, gap, lines)
    if not lines:
        _read_whole(facts, *needs)
        if count:
            raise Missing(f"{count} event(s), of which none was read.")
        return ok("None.")
    named = ", ".join(f"{line['event_type']} {line['event']}" for line in lines[:FEW])
    errors = dict.fromkeys(line["error"] for line in lines if line["error"])
    why = f": {next(iter(errors))}" if errors else ""
    more = f", and {len(lines) - FEW} more" if len(lines) > FEW else ""
    again = _again(lines, facts) if gap in DELIVERABLE else []
    further = f" Of {len(again)} that can be sent again, {FEW} are named." if len(again) > FEW else ""
    many = f"{len(lines)} of {count}" if count > len(lines) else f"{count}"
    return found(gap, f"{many} event(s): {named}{more}{why}.{further}", next=tuple(again[:FEW]))


def _read_whole(facts: Facts, *names: str) -> None:
    """Raises Missing where one of these looks was silent, or did not bring all there is."""
    for name in names:
        _ = facts[name]
    notes = [each for name in names for each in facts.notes(name)]
    if notes:
        raise Missing(f"Not everything was read. {' '.join(notes)}")


def _again(lines: Sequence[Row], facts: Facts) -> list[str]:
    """
    The commands that send these events again, those that tell of money first.

    There is one where Stripe has the event, and an enabled endpoint takes it.
    """
    sent = {row["id"]: row for row in facts["events"]} if facts.known("events") else {}
    first = sorted(lines, key=lambda line: line["event_type"] not in TELLING)
    return [command for line in first if line["event"] in sent for command in resend(sent[line["event"]], facts)]


def whole(facts: Facts) -> Outcome:
    """Whether nothing is wrong, and all of it was read."""
    if troubled(facts):
        return skip("Something is wrong.")
    _read_whole(facts, "events", "received", "unfinished")
    return found("all_delivered", f"{len(facts['events'])} event(s) of Stripe, and none of them is missing or waits.")


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(endpoint, delivered, failed, processed, received, whole),
    subject=(),
    needs={
        Severity.WARNING: ("events", "received", "unfinished"),
        Severity.OK: ("events", "received", "unfinished", "endpoints"),
    },
    warns=lambda facts: facts.notes("events"),
    data=data,
)
