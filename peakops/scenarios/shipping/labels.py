"""The questions of `shipping check` about the label itself: how many there are, who knows it. Pure."""

from peakops.model import typed
from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.shipping import looks, standing
from peakops.scenarios.shipping.standing import instead
from peakops.scenarios.words import ago, day

OTHER = "It does not go with UPS."
MADE = "There is a label."
NO_LABEL = "UPS has no label of it in force."


def single(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    numbers = standing.live(facts)
    if len(numbers) > standing.expected(facts):
        extra = standing.surplus(facts)
        says = f"UPS has {len(numbers)} labels in force: {', '.join(numbers)}; {_kept(facts)}."
        return found("two_labels", says, arguments=("--tracking", *extra) if len(extra) == 1 else ())
    if standing.several_hidden(facts):
        says = f"UPS's label recovery knows several labels of it, and tracking shows {len(numbers)} of them so far."
        return found("two_labels", says, cause="not_tracked_yet", curable=False)
    return ok(f"UPS has {len(numbers) or 'none'} in force.")


def _kept(facts: Facts) -> str:
    number = standing.held(facts)
    return f"the portal holds {number}" if number in standing.live(facts) else "the portal holds none of them"


def stored(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    numbers = standing.live(facts)
    if not numbers or len(numbers) > standing.expected(facts):
        return skip("There are too many labels." if numbers else NO_LABEL)
    holds = standing.held(facts)
    number = holds if holds in numbers else numbers[0]
    if number == holds and standing.status(facts) in standing.OPEN:
        says = f"The portal holds {number}, which UPS knows, and stores the shipment as '{standing.status(facts)}'."
        return found("label_not_stored", says, cause="not_marked")
    if number != holds:
        other = f"{holds}, which is not in force" if holds else "no number"
        return found("label_not_stored", f"UPS has the label {number}; the portal holds {other}.")
    return ok(f"The portal holds {number}.")


def outcome(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    if not standing.none_live(facts):
        return skip(MADE)
    code = standing.stored(facts)
    if code in standing.LOST:
        return _unknown(facts, f"The portal's last attempt ended with '{code}'", "timeout")
    if standing.status(facts) == "labelled" and not standing.held(facts):
        return _unknown(facts, "The portal stores it as labelled, without a number", "no_number")
    if standing.status(facts) == "pending" and not code and standing.last(facts) == "created":
        return _unknown(facts, "The portal's log says that a label was made, and it holds no number", "no_number")
    if standing.status(facts) == "pending" and not code and _unanswered(facts):
        return _unknown(facts, "A label was asked for, and no answer is logged", "no_answer")
    return ok("No attempt is without its answer.")


def _unanswered(facts: Facts) -> bool:
    last = standing.last(facts)
    return last == "requested" or (last is None and standing.attempted(facts) is not None)


def _unknown(facts: Facts, says: str, cause: str) -> Outcome:
    """Nothing was found at UPS: what is young may be on its way, and is not to be made again."""
    at, now = standing.attempted(facts), facts.at("parcel")
    when = f", {ago(at, now)}" if at and now else ""
    young = standing.under_way(facts)
    rest = " It may be under way." if young else " UPS shows no label of it, neither by its reference nor to recover."
    words = instead("under_way") if young else {}
    return found("outcome_unknown", f"{says}{when}.{rest}", cause=cause, instead=words, curable=not young)


def voiding(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    number, status = standing.held(facts), standing.status(facts)
    if status == "voided" and number in standing.live(facts):
        says = f"The portal stores {number} as voided, and at UPS it is in force: it may be used, and is charged."
        line = typed("peakops shipping void", looks.called(facts))
        return found(
            "voided",
            says,
            cause="in_force_at_ups",
            instead=instead("in_force_at_ups"),
            curable=False,
            next=(f"{line} --tracking {number}",),
        )
    if not standing.none_live(facts):
        return ok("Its label is not voided.")
    if status == "voided":
        return found("voided", f"The label{f' {number}' if number else ''} was voided; UPS has none in force.")
    if number and standing.voided(facts, number):
        says = f"UPS shows {number} as voided, and the portal stores the shipment as '{status}'."
        return found("voided", says, cause="voided_at_ups")
    return skip("No label of it was voided.")


def request(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    if not standing.none_live(facts):
        return ok(MADE)
    if standing.status(facts) != "pending" or standing.stored(facts):
        return ok("A label was asked for.")
    if standing.last(facts) == "failed":
        says = "The last attempt failed, and the portal has set the shipment back: it has not asked again since."
        return found("never_requested", says, cause="set_back")
    if standing.attempted(facts) is None and standing.last(facts) is None:
        made = day(facts["shipment"]["created_at"])
        return found("never_requested", f"The shipment was made {made}; neither its row nor the log knows an attempt.")
    return ok("A label was asked for.")


def settled(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    number = standing.held(facts)
    known = standing.live(facts)
    if standing.status(facts) == "labelled" and number in known and len(known) <= standing.expected(facts):
        return found("labelled", f"UPS has the label {number}, in force, and the portal holds it.")
    return skip("They do not both have one label.")
