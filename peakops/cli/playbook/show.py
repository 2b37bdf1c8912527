"""peakops playbook show: a section of the playbook as it is carried out."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from peakops import guided
from peakops.cli.commands import Run, command
from peakops.cli.playbook import sections
from peakops.cli.playbook.ageing import warned
from peakops.model import Report
from peakops.report import of_lines

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Section = Annotated[
    str | None,
    typer.Argument(
        metavar="[SECTION]",
        autocompletion=lambda: list(sections.every()),
        help="A section, or one scenario of it: payment, payment.check; without one they are listed.",
        show_default=False,
    ),
]


@command(app, "show", section="playbook")
def show(run: Run, section: Section = None) -> Report:
    """
    Show a section: every scenario with its symptoms, questions, rows and what to do; without one, which there are.

    A row has its severity, what it means, what to do, and the commands that it leads to; a fix has its class (B, C, D),
    which says how it must be confirmed.

    Example: peakops playbook show payment
    """
    names = sections.names_of(section) if section else []
    lines = list(_section(names) if names else _overview())
    scenarios = [_data(each) for each in names]
    codes = [{"code": code, **_told(each)} for code, each in _codes(names)]
    data = {"sections": [_listed(*each) for each in sections.every().items()], "scenarios": scenarios, "codes": codes}
    return of_lines(run.frame, lines, data, warnings=warned(run))


def _overview() -> Iterator[str]:
    yield "The playbook's sections; peakops playbook show SECTION has the scenarios of one."
    for section, names in sections.every().items():
        yield from ("", section)
        yield from (f"  {name}: {sections.guide_of(name).title}" for name in names)


def _section(names: list[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        tree = sections.guide_of(name)
        yield from ("",) * (number > 0)
        yield f"{tree.title}: peakops {sections.command_of(name)}"
        if judged_as := sections.judged_as(name):
            yield f"  Each subject is judged by the questions of peakops {judged_as}."
        yield from guided.lines(tree)
    codes = list(_codes(names))
    if codes:
        yield from ("", "The vendor's codes")
    yield from (f"  {code}: {each['means']} {each['do']}" for code, each in codes)


def _codes(names: list[str]) -> list[tuple[str, Any]]:
    """The codes of the section, where all of it is shown."""
    section = names[0].partition(".")[0] if names else ""
    return list(sections.codes_of(section)) if names and names == sections.every()[section] else []


def _told(code: Any) -> dict[str, str]:
    return {"means": code["means"], "do": code["do"]}


def _listed(section: str, names: list[str]) -> dict[str, Any]:
    return {"section": section, "scenarios": names}


def _data(name: str) -> dict[str, Any]:
    tree = sections.guide_of(name)
    ends = [guided.row(each) for each in tree.ends.values()]
    command = f"peakops {sections.command_of(name)}"
    return {"name": name, "command": command, **guided.data(tree), "ends": ends}
