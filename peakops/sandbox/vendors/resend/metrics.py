"""Resend's figures of a span of time, rates in percent (Resend's documentation: `"open_rate": 50.0`)."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.asked import plain
from peakops.sandbox.vendors.resend.completion import COUNTS, METRICS
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

RATES = {
    "delivery_rate": ("delivered", "sent"),
    "open_rate": ("unique_opened", "delivered"),
    "click_rate": ("unique_clicked", "delivered"),
    "bounce_rate": ("bounced", "sent"),
    "complaint_rate": ("complained", "delivered"),
    "unsubscribe_rate": ("unsubscribed", "delivered"),
}
"""Each rate's parts: so many of so many."""

IN = {
    "sent": ("sent", "delivered", "delivery_delayed", "opened", "clicked", "bounced", "complained"),
    "delivered": ("delivered", "opened", "clicked", "complained"),
    "opened": ("opened", "clicked"),
    "unique_opened": ("opened", "clicked"),
    "clicked": ("clicked",),
    "unique_clicked": ("clicked",),
    "bounced": ("bounced",),
    "bounced_permanent": ("bounced",),
    **{name: (name,) for name in ("complained", "suppressed", "delivery_delayed", "failed")},
}
"""The last events of the mails that each figure counts."""

SENT = 1000
"""How many were sent where a world says rates alone."""

USUAL_DAYS = 6
NAMED = {"period": "period", "domain": "domain_name", "email": "email_id", "broadcast": "broadcast_id"}
"""The dimensions, and the field of a row that says which one of them it is of."""
GRANULARITIES = ("hourly", "daily", "weekly", "monthly")


def read(state: State, request: Request) -> Answer:
    """GET /emails/metrics: the totals; a breakdown is of the mails that the world has, by day and by domain."""
    query = dict(request.query)
    end = min(moment(query.get("end_date"), "end_date", request.now), request.now)
    start = moment(query.get("start_date"), "start_date", end - timedelta(days=USUAL_DAYS))
    if start > end:
        raise Refusal("validation_error", "The `start_date` must be on or before `end_date`.")
    metrics = listed(request, "metrics", METRICS) or list(METRICS)
    dimensions = listed(request, "dimensions", NAMED)
    mails = [each for each in state["emails"] if start <= datetime.fromisoformat(each["created_at"]) <= end]
    figures = said(state["metrics"]) if state["metrics"] else counted(mails)
    body = {
        "object": "metrics",
        "start_date": written(start),
        "end_date": written(end),
        "metrics": metrics,
        "dimensions": dimensions,
        "granularity": one_of(query.get("granularity", "daily")),
        "totals": {name: figures[name] for name in metrics},
    }
    return Answer(body=body | ({"data": rows(mails, metrics, dimensions)} if dimensions else {}))


def moment(text: str | None, field: str, usual: datetime) -> datetime:
    """A time of the query; one without a zone is UTC. Raises Refusal."""
    try:
        found = datetime.fromisoformat(text) if text else usual
    except ValueError as wrong:
        raise Refusal("validation_error", f"The `{field}` must be a valid ISO 8601 date.") from wrong
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def written(at: datetime) -> str:
    """A time as this answer writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def listed(request: Request, name: str, known: Collection[str]) -> list[str]:
    """The words of a parameter, separated by commas, repeated, or both. Raises Refusal."""
    found = [word for key, value in request.query if key == name for word in value.split(",") if word]
    if not set(found) <= set(known):
        raise Refusal("validation_error", f"The `{name}` must be one of {', '.join(known)}.")
    return found


def one_of(granularity: str) -> str:
    """The size of a period. Raises Refusal."""
    if granularity not in GRANULARITIES:
        raise Refusal("validation_error", f"The `granularity` must be one of {', '.join(GRANULARITIES)}.")
    return granularity


def said(given: Object) -> Object:
    """The figures of a world that says some: counts follow from rates, and rates from counts, where it does not."""
    sent = given.get("sent", SENT)
    bounced = given.get("bounced", round(sent * given.get("bounce_rate", 0) / 100))
    delivered = given.get(
        "delivered", round(sent * given.get("delivery_rate", 100 * (sent - bounced) / (sent or 1)) / 100)
    )
    complained = given.get("complained", round(delivered * given.get("complaint_rate", 0) / 100))
    counts = {
        **dict.fromkeys(COUNTS, 0),
        **{"sent": sent, "bounced": bounced, "delivered": delivered, "complained": complained},
    }
    return rated({**counts, **given}) | given


def counted(mails: Iterable[Object]) -> Object:
    """The figures of some mails."""
    counts: Object = dict.fromkeys(COUNTS, 0)
    for each in mails:
        for name, events in IN.items():
            counts[name] += each["last_event"] in events
    return rated(counts)


def rated(counts: Object) -> Object:
    """The counts, with their rates."""
    return counts | {name: round(100 * counts[part] / (counts[of] or 1), 4) for name, (part, of) in RATES.items()}


def rows(mails: Iterable[Object], metrics: list[str], dimensions: list[str]) -> list[Object]:
    """One row for each day, domain or mail that occurs, by as many of these as are asked for."""
    groups: dict[tuple[str, ...], list[Object]] = {}
    for each in reversed(list(mails)):
        names = {"period": each["created_at"][:10], "domain": host(each), "email": each["id"]}
        groups.setdefault(tuple(names.get(dimension, "") for dimension in dimensions), []).append(each)
    return [
        {
            **{NAMED[dimension]: value for dimension, value in zip(dimensions, key, strict=True)},
            **{name: figure for name, figure in counted(group).items() if name in metrics},
        }
        for key, group in groups.items()
    ]


def host(mail: Object) -> str:
    """The domain from which a mail was sent."""
    return plain(mail["from"]).rpartition("@")[2]
