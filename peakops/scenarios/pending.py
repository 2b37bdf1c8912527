"""The question that comes before all others: was a change of the subject begun and not finished? Pure."""

from peakops import unfinished as journals
from peakops.scenario import Answer, Facts, Look, Missing, Outcome, Row, found, ok, skip


def look_for(look: Look, subject: Answer, kind: str) -> None:
    """The looks at this station's journal, and at the team's copies, for changes of a subject: an invoice, a user."""

    def key(row: Row | None) -> str:
        if row is None:
            raise Missing(f"It needs '{subject.name}' first, and there is none.")
        return f"{kind}:{row['id']}"

    look.at("journal", "changes", "changes", subject=subject.then(key))
    look.at("database", "team_changes", "team", query="change/team_journal", subject=subject.then(key))


def unfinished(facts: Facts, verbs: tuple[str, ...] = ()) -> Outcome:
    """Whether a change was begun and not finished; by one of the verbs that are named, if any are."""
    known = [name for name in ("changes", "team_changes") if facts.known(name)]
    if not known:
        return skip("No journal could be read.")
    both = len(known) == 2
    if both and (station := journals.busy(facts["changes"], facts["team_changes"])):
        return skip(f"{station} is changing it just now.")
    begun = [each for each in journals.runs(*(facts[name] for name in known)) if each.open]
    if not begun:
        return ok("No journal knows of a change that was begun and not finished.")
    named = [each for each in begun if not verbs or not each.readable or each.plan.fix in verbs]
    if not named:
        return ok(f"'{begun[0].plan.fix}' was begun at {begun[0].since} and is not finished, which is another matter.")
    one = named[0]
    if not one.readable:
        says = f"A change was begun at {one.since} by {one.operator}; this version of peakops cannot read which."
        return found("unfinished_change", says)
    done = f"{len(one.done)} of {one.of} steps are known to be done"
    says = f"'{one.plan.fix}' was begun at {one.since} by {one.operator}; {done}."
    return found("unfinished_change", says, next=(one.plan.line,))
