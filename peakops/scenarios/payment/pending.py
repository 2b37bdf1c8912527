"""The question that comes before all others: was a change of this invoice begun and not finished? Pure."""

from peakops import unfinished as journals
from peakops.model import typed
from peakops.scenario import Answer, Facts, Look, Missing, Outcome, Row, found, ok, skip


def look_for(look: Look, bill: Answer) -> None:
    """The looks at this station's journal, and at the team's copies, for changes of the invoice."""
    look.at("journal", "changes", "changes", subject=bill.then(_key))
    look.at("database", "team_changes", "team", query="change/team_journal", subject=bill.then(_key))


def _key(invoice: Row | None) -> str:
    if invoice is None:
        raise Missing("It needs 'invoice' first, and there is none.")
    return f"invoice:{invoice['id']}"


def unfinished(facts: Facts) -> Outcome:
    known = [name for name in ("changes", "team_changes") if facts.known(name)]
    if not known:
        return skip("No journal could be read.")
    both = len(known) == 2
    if both and (station := journals.busy(facts["changes"], facts["team_changes"])):
        return skip(f"{station} is changing this invoice just now.")
    begun = [each for each in journals.runs(*(facts[name] for name in known)) if each.open]
    if not begun:
        return ok("No journal knows of a change that was begun and not finished.")
    one = begun[0]
    if not one.readable:
        says = f"A change was begun at {one.since} by {one.operator}; this version of peakops cannot read which."
        return found("unfinished_change", says)
    fix, name = one.plan.fix, one.plan.subject.name
    says = (
        f"'{fix}' was begun at {one.since} by {one.operator}; {len(one.done)} of {one.of} steps are known to be done."
    )
    return found("unfinished_change", says, next=(typed(f"peakops {fix}", name),))
