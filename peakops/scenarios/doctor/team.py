"""The people who are called: whether the file of contacts holds what an incident would need. Pure."""

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.doctor.left_out import counted, left_out, several


def contacts_file(facts: Facts) -> Outcome:
    if left := left_out(facts, "contacts_file"):
        return left
    row = facts["contacts_file"]
    if row["absent"]:
        return skip(f"{row['absent']} The escalation would call nobody.")
    if row["flaws"]:
        first = row["flaws"][0]
        where = f"line {first['line']}: " if first["line"] else ""
        says = f"{row['file']} has {counted(len(row['flaws']), 'fault')}; {where}{first['says']}"
        return found("contacts_faulty", says)
    return ok(f"{row['file']} can be used.")


def contacts_reached(facts: Facts) -> Outcome:
    if left := left_out(facts, "contacts_file"):
        return left
    if not facts["contacts_file"]["usable"]:
        return skip("There is no file of contacts that can be used.")
    stretches = [each["stretch"] for each in facts["contacts_gaps"]]
    told = [f"the week has {counted(len(stretches), 'gap')} in which nobody can be called"] if stretches else []
    told += [f"{each['variable']} is {each['why']}" for each in facts["contacts_unset"]]
    if told:
        says = several(told)
        return found("contacts_out_of_reach", f"{says[0].upper()}{says[1:]}.")
    return ok("Somebody can be called at every minute of the week.")
