"""peakops init: the files that configure peakops, written once, and tested."""

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from peakops import render
from peakops.cli import options, prompt
from peakops.cli.commands import Run, command
from peakops.errors import BadInput, Exit, NotConfigured, UsageFault
from peakops.model import Report, Row, Status
from peakops.report import of_lines
from peakops.settings import apply_env_file, environments, files_for, origin, told, wrong

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Write commented files of settings, secrets and contacts, and test what was written.",
)

NAME = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)
"""An environment that is a bare key of TOML, and a part of a file's name."""
PRIVATE = 0o600
ASKED = ("database_url", "stripe_api_key", "supabase_url", "supabase_key", "email_provider")
"""
What a person is asked for; the rest has a default, or is only needed to change something.

Salesforce and UPS are left to the files: what they need depends on the way of logging in, and the doctor names it.
"""
OPEN = ("supabase_url", "email_provider")
"""Those of them that are no secret."""
PROVIDERS = ("sendgrid", "resend")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an environment's settings belong, and what of it is there already."""

    environment: str
    config: Path
    env_file: Path
    contacts: Path
    has_config: bool
    has_env_file: bool
    has_contacts: bool
    has_table: bool
    """Whether config.toml knows the environment."""

    @property
    def to_paste(self) -> bool:
        """Whether config.toml lacks the environment's table: it is not written into a file that somebody made."""
        return self.has_config and not self.has_table

    def takes(self, setting: str) -> bool:
        """Whether an answer would get anywhere: what is in a file already is not asked for."""
        return not self.has_table if setting in OPEN else not self.has_env_file

    def files(self, answers: Mapping[str, str]) -> dict[Path, str]:
        """What is to be written: the files that are not there."""
        there = {self.config: self.has_config, self.env_file: self.has_env_file, self.contacts: self.has_contacts}
        return {path: text for path, text in files_for(self.environment, answers).items() if not there[path]}

    def table(self, answers: Mapping[str, str]) -> str:
        """The environment's table of config.toml, to be pasted; empty where there is nothing to paste."""
        text = files_for(self.environment, answers)[self.config]
        return text[text.index("[env.") :] if self.to_paste else ""


@command(app, "init")
def init(run: Run, dry_run: options.DryRun = False) -> Report:
    """
    Write commented files of settings, secrets and contacts, and test what was written.

    They are config.toml, and beside it the env file of the environment that --env names, and contacts.toml with whom to
    call, readable by their owner alone.
    On a terminal the main settings are asked for, secrets without showing them, and the doctor looks at them at once;
    an empty answer leaves a setting out. In a script the files are templates. A file that exists is never overwritten:
    for a further environment the env file is written, and the table that config.toml lacks is printed to be pasted.

    Example: peakops init --dry-run
    """
    place = _place(run)
    if dry_run:
        return _planned(run, place)
    answers = dict(_asked(run, place)) if prompt.on_terminal() else {}
    files = place.files(answers)
    _write(files)
    for path in files:
        render.notice(f"{path} was written.", run.style)
    if place.to_paste or not answers:
        return _left_to_do(run, place, answers)
    return _tested(run, place, answers)


def _place(run: Run) -> Place:
    """What the files are for. Raises UsageFault where it cannot be, or is all there; NotConfigured for a bad config."""
    if run.invocation.in_sandbox:
        raise UsageFault("The sandbox configures itself.", hint="Run 'peakops --sandbox doctor'.")
    name = run.invocation.environment or "default"
    if not NAME.fullmatch(name):
        raise UsageFault(f"'{name}' cannot be the name of an environment.", hint="Use letters, digits, _ and -.")
    files = files_for(name, {})
    config, env_file, contacts = files
    has_config, has_env_file, has_contacts = map(os.path.lexists, files)
    if has_config and has_env_file and has_contacts:
        says = f"{config} exists, {env_file} and {contacts} too, and peakops does not overwrite."
        raise UsageFault(says, hint="Change them by hand, or name another environment with --env.")
    return Place(
        environment=name,
        config=config,
        env_file=env_file,
        contacts=contacts,
        has_config=has_config,
        has_env_file=has_env_file,
        has_contacts=has_contacts,
        has_table=has_config and name in environments(),
    )


def _asked(run: Run, place: Place) -> Iterator[tuple[str, str]]:
    """What a person types, asked again while it is malformed. Raises NotConfirmed where nobody answers."""
    known = {each.setting: each for each in told(run.invocation.environment if place.has_table else None)}
    wanted = [each for each in ASKED if place.takes(each)]
    if place.has_table and known["email_provider"].value in PROVIDERS:
        wanted.append(f"{known['email_provider'].value}_api_key")
    for setting in wanted:
        render.notice(known[setting].says, run.style)
        while True:
            answer = prompt.line(f"PEAKOPS_{setting.upper()} (empty: none): ", hidden=setting not in OPEN).strip()
            fault = wrong(setting, answer) if answer else ""
            if not fault:
                break
            render.notice(fault, run.style)
        if setting == "email_provider" and answer in PROVIDERS and place.takes(f"{answer}_api_key"):
            wanted.append(f"{answer}_api_key")
        if answer:
            yield setting, answer


def _write(files: dict[Path, str]) -> None:
    """All of the files, or none: never over another, and readable by their owner alone. Raises BadInput."""
    made: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            made.append(path)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as wrong:
        for path in made:
            path.unlink(missing_ok=True)
        says = f"{wrong.filename or path} could not be written: {wrong.strerror}; nothing was."
        raise BadInput(says, code="output.failed") from wrong


def _planned(run: Run, place: Place) -> Report:
    files, table = place.files({}), place.table({})
    shown = {**{f"==> {path}": text for path, text in files.items()}, f"==> to paste into {place.config}": table}
    lines = [line for head, text in shown.items() if text for line in (head, *text.splitlines(), "")]
    data = {"files": [{**_file(path), "text": text} for path, text in files.items()], **_pasted(table)}
    return of_lines(run.frame, lines, data, status=Status.PLANNED, exit_code=Exit.PLANNED)


def _file(path: Path) -> Row:
    return {"path": str(path), "mode": f"{PRIVATE:04o}"}


def _pasted(table: str) -> Row:
    return {"table": table} if table else {}


def _doctor(place: Place, *, with_file: bool = True) -> str:
    return f"peakops {f'--env-file {shlex.quote(str(place.env_file))} ' if with_file else ''}doctor"


def _left_to_do(run: Run, place: Place, answers: Mapping[str, str]) -> Report:
    """What a person has to do before there is anything to test: fill templates in, and paste the table."""
    files, table = place.files(answers), place.table(answers)
    lines = [f"{place.config} exists. Add this to it:", "", *table.splitlines(), ""] if table else []
    if not answers:
        lines.append(f"To be filled in, since nothing was asked: {', '.join(map(str, files))}.")
    again, environment = _doctor(place), run.invocation.environment
    named = again.replace("peakops", f"peakops --env {environment}", 1) if environment else again
    lines += ["Then run:", f"  {named}"]
    data = {"files": [_file(path) for path in files], **_pasted(table)}
    return of_lines(run.frame, lines, data, status=Status.CHANGED, next=(again,))


def _tested(run: Run, place: Place, answers: Mapping[str, str]) -> Report:
    """What the doctor says of the answers, whatever variables are set; which of these count again, a warning says."""
    warnings = tuple(_outranking(answers))
    for each in warnings:
        render.notice(each, run.style)
    with_file = place.has_env_file or bool(answers.keys() - set(OPEN))
    if with_file:
        with suppress(NotConfigured):  # the file of an earlier run is still a template
            apply_env_file(place.env_file)
    from peakops.cli import doctor

    # The time that a person took to type is not the doctor's.
    frame = replace(run.frame, began=time.monotonic(), env_file=str(place.env_file) if with_file else "")
    report = doctor.examined(replace(run, frame=frame), (), strict=False)
    return replace(
        report,
        data={"files": [_file(path) for path in place.files(answers)], **report.data},
        next=(*report.next, _doctor(place, with_file=with_file)),
        warnings=(*warnings, *report.warnings),
    )


def _outranking(answers: Mapping[str, str]) -> Iterator[str]:
    """Let the answers count instead of the variables that are set, and say which of these will outrank them again."""
    typed = {f"PEAKOPS_{setting.upper()}": answer for setting, answer in answers.items()}
    for name in sorted(os.environ):
        answer = typed.get(name.upper().removesuffix("_FILE"))
        if answer is None or not os.environ[name]:
            continue
        if origin(name) == "environment" and os.environ[name] != answer:
            does = "collides with" if name.upper().endswith("_FILE") else "outranks"
            yield f"{name} is set in the environment and {does} what was written: unset it before the next command."
        del os.environ[name]
