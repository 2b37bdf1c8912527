"""A scenario's decision tree, shown without asking anybody."""

from peakops.model import Report
from peakops.report import Frame, of_lines
from peakops.scenario import Scenario


def guide(scenario: Scenario, frame: Frame) -> Report:
    """The tree for people as lines, for scripts as `data.guide`."""
    tree = scenario.guide
    lines = [tree.title, "", "Symptoms", *(f"  {each}" for each in tree.symptoms), "", "Questions, in order"]
    for number, question in enumerate(tree.questions, 1):
        lines.append(f"{number:>3}. {question.asks}")
        if question.by_hand:
            lines.append(f"       by hand: {question.by_hand}")
        for entry in question.entries:
            lines.append(f"       {entry.severity.value:<8}  {entry.code}: {entry.means} {entry.do}")
    lines += ["", "Where none of these applies"]
    lines += [f"       {code}: {entry.means} {entry.do}" for code, entry in tree.ends.items()]
    if tree.errata:
        lines += ["", "Errata of the playbook", *(f"  {each}" for each in tree.errata)]
    data = {
        "guide": {
            "title": tree.title,
            "symptoms": tree.symptoms,
            "questions": [
                {
                    "name": question.name,
                    "asks": question.asks,
                    "by_hand": question.by_hand or None,
                    "rows": [
                        {"code": each.code, "severity": each.severity.value, "means": each.means, "do": each.do}
                        for each in question.entries
                    ],
                }
                for question in tree.questions
            ],
            "errata": tree.errata,
        }
    }
    return of_lines(frame, lines, data)
