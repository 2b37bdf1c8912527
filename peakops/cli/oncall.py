"""peakops oncall: who is on call, now or at another time."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from peakops import timegrammar
from peakops.cli.commands import Run, list_command
from peakops.cli.contacts.book import called, clock, masked, opened, revealing, warnings, way_words, ways
from peakops.cli.lazy import led_by
from peakops.cli.lists import Listing
from peakops.contacts import Book, Contact, Tier, since, step, until
from peakops.errors import UsageFault
from peakops.model import Report, Row, Status
from peakops.verdict import exit_code

app = typer.Typer(
    add_completion=False,
    cls=led_by("now"),
    rich_markup_mode=None,
    help="Who is on call, now or at another time.",
)

COLUMNS = (
    *("tier", "tier_name", "after_s", "id", "role", "full_name", "instead_of", "there", "since", "until", "local"),
    *("zone", "then", "channels"),
)
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="At this time instead of now: +8h, 2026-12-24, 2026-12-24T03:00:00Z.",
        show_default=False,
    ),
]


@app.callback()
def _group() -> None:
    """Who is on call, now or at another time."""


@list_command(app, "now", "oncall", Listing(columns=COLUMNS))
def now(run: Run, at: At = None) -> Report:
    """
    Tell for each tier who would be called, how, since when and until when, and who is next then.

    'peakops oncall' alone does the same. A deputy is named for who is not there. Ends with 1 where nobody of a tier
    can be called. Names, phone numbers and e-mail addresses are masked unless --reveal.

    Example: peakops oncall now --at +8h
    """
    book, present, faults = opened(run)
    moment, bare, vendors = _moment(at, present), [], 0
    for tier in book.tiers:
        if all(book.contact(id).kind == "vendor" for id in tier.contacts):
            vendors += 1
            continue
        reached = book.reached(tier, moment)
        for each in reached:
            run.emit(_row(run, book, tier, each, moment))
        if not reached:
            bare.append(f"Tier {tier.n}, {tier.name}: nobody can be called.")
    if vendors == len(book.tiers):
        bare.append("No tier has anybody of the team in it: nobody is on call.")
    status = Status.WARNING if bare else Status.OK
    warned = (*bare, *faults, *warnings(book))
    lines = (*warned, f"  {moment:%Y-%m-%d %H:%M} UTC{_away(moment, present)}, by {book.file}", *masked(run))
    return run.frame.report(
        data={"at": moment, "file": str(book.file)},
        lines=lines,
        status=status,
        exit_code=exit_code(status, run.frame.fail_on),
        warnings=warned,
        next=revealing(run, f"oncall now --at {at}" if at else "oncall now"),
    )


def _moment(text: str | None, present: datetime) -> datetime:
    """What --at means; a length with + is ahead of the present. Raises UsageFault."""
    if text is None:
        return present
    try:
        if text.startswith("+"):
            return present + timedelta(seconds=timegrammar.shift(text))
        moment = timegrammar.moment(text, present)
        if abs((moment - present).total_seconds()) > timegrammar.LONGEST:
            raise ValueError(f"'{text}' is more than ten years away")
    except ValueError as wrong:
        raise UsageFault(f"--at: {wrong}.", hint="Write +8h, 2026-12-24, or 2026-12-24T03:00:00Z.") from None
    return moment


def _away(moment: datetime, present: datetime) -> str:
    """How far a moment is from the present: 8h is long past, where +8h may have been meant."""
    from peakops.escalation.words import lasting

    seconds = (moment - present).total_seconds()
    if not seconds:
        return ""
    return f" (in {lasting(seconds)})" if seconds > 0 else f" ({lasting(-seconds)} ago)"


def _row(run: Run, book: Book, tier: Tier, contact: Contact, at: datetime) -> Row:
    def called_now(moment: datetime) -> bool:
        return contact in book.reached(tier, moment)

    minutes = step(book)
    begun, ends = since(called_now, at, minutes), until(called_now, at, minutes)
    then = [each.id for each in book.reached(tier, ends)] if ends else []
    instead_of = [] if contact.id in tier.contacts else [id for id in tier.contacts if not book.contact(id).there(at)]
    row = {
        "tier": tier.n,
        "tier_name": tier.name,
        "after_s": tier.after,
        "id": contact.id,
        "role": contact.role,
        "full_name": contact.name or None,
        "instead_of": instead_of,
        "there": contact.there(at),
        "since": begun,
        "until": ends,
        "local": contact.local(at).isoformat(timespec="minutes"),
        "zone": contact.zone,
        "then": then,
        "channels": ways(run, contact),
    }
    return {**row, "says": _says(run, tier, contact, at, row)}


def _says(run: Run, tier: Tier, contact: Contact, at: datetime, row: Row) -> str:
    begun, ends = row["since"], row["until"]
    times = [f"since {_short(contact, begun)}"] if begun else []
    times += [f"until {_short(contact, ends)}, then {', '.join(row['then']) or 'nobody'}"] if ends else []
    instead = f" for {', '.join(row['instead_of'])}" if row["instead_of"] else ""
    return (
        f"Tier {tier.n}, {tier.name}: {called(run, contact)}{instead}, {' '.join(times) or 'at all hours'}; "
        f"there it is {clock(contact, at)}; {way_words(run, contact)}"
    )


def _short(contact: Contact, moment: datetime) -> str:
    return f"{contact.local(moment):%a %H:%M}"
