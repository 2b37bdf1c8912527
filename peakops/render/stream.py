"""
The rows of a list on their way out, each as soon as it is known: `emit` each row, then `end` with the report.

Once a row is out it cannot be taken back, so every outcome ends here, errors too:

- `--jsonl`: a line `{"type": "item", …}` a row, `{"type": "finding", …}` a finding, and one `{"type": "summary", …}`;
  the rows of a list of findings are of the type `finding` themselves.
- `--csv`: RFC 4180 with CRLF, the header always; the verdict goes to stderr.
- `--json`: the rows are kept for the one envelope's `data.items`.
- for people: each row's `says`, then the page of the report.

A row is plain data with the fields of `columns`, and without a field `type`. Rows beyond the limit are counted, not
shown. With a file as output nothing has its name before all is written.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from peakops.model import Report, Row
from peakops.redact import Door
from peakops.render import writer
from peakops.render.envelope import dumps, envelope, line, moment, summary
from peakops.render.page import Line, lines
from peakops.render.style import Style, complain, cut, notice

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text must not begin with in a spreadsheet, which would compute it."""


class Unread(Exception):
    """Nobody reads the rows any more (`| head`)."""


class Stream:
    """One list's way out, used by the command's own thread alone."""

    def __init__(
        self,
        style: Style,
        columns: tuple[str, ...] = (),
        *,
        limit: int,
        typed: tuple[str, ...] = (),
        kind: str = "item",
    ) -> None:
        self.limit, self._kind = limit, kind
        self._style, self._columns = style, columns
        self._door = Door(typed=typed, reveal=style.reveal, addresses=style.addresses)
        self._part: writer.Part | None = None
        self._begun = False
        self._seen, self._skipped, self._items = 0, 0, list[Row]()
        self.told: Callable[[], None] = lambda: None
        """What is to happen once the report has been written."""
        self.untold: Callable[[], None] = lambda: None
        """What is to happen where it could not be."""
        self._ended = False

    @property
    def full(self) -> bool:
        """Whether the next row would not be shown any more."""
        return self._seen - self._skipped >= self.limit

    def emit(self, row: Row) -> None:
        """Let one row out, or count it where the limit is reached. Raises Unread."""
        self._seen += 1
        if self._seen - self._skipped > self.limit:
            return
        if self._style.json:
            self._items.append(row)
        elif self._style.csv:
            self._csv(row)
        elif self._style.jsonl:
            self._write(line({"type": self._kind, **self._door.clean(row)}) + "\n")
        elif not self._style.quiet:
            self._page([((self._door.line(str(row["says"])), ""),)])
            self._begun = True

    def skip(self, rows: int) -> None:
        """Count rows that are not shown: the oldest of a time line, of which the newest are kept."""
        self._seen += rows
        self._skipped += rows

    def end(self, report: Report, style: Style) -> None:
        """Let the report out after its rows; `style` is the run's, without its file where the run failed."""
        if self._part and not style.output:
            self._part.drop()
            self._part, self._begun = None, False
        report = replace(report, truncated=report.truncated or self._cut(report))
        cut(report, style)
        self._style = style
        if style.json:
            self._write(dumps(envelope(replace(report, data={**report.data, "items": self._items}), self._door)) + "\n")
        elif style.jsonl:
            last = summary(report, self._door)
            for each in last["findings"]:
                self._write(line({"type": "finding", **each}) + "\n")
            self._write(line(last) + "\n")
        elif style.csv:
            self._header()
            self._tell(report)
        else:
            self._page([*([()] if self._begun else []), *self._lines(report)])
            if report.error and not report.verdict:
                complain(report.error, style)
        if self._part:
            self._part.keep()
        if not report.error:
            self.told()
            self._ended = True

    def close(self) -> None:
        """After `end`, whether or not there was one; of rows before an error nobody knows who has read them."""
        if not self._ended:
            self.untold()

    def _cut(self, report: Report) -> dict[str, int] | None:
        """How many rows there are, by `data.total` where the sources know of more than were read."""
        shown = min(self._seen - self._skipped, self.limit)
        total = max(self._seen, report.data.get("total") or 0)
        return {"shown": shown, "total": total} if total > shown else None

    def _csv(self, row: Row) -> None:
        self._header()
        clean = self._door.clean(row)
        self._write(_record(_cell(clean.get(each)) for each in self._columns))

    def _header(self) -> None:
        if not self._begun and self._columns:
            self._begun = True
            self._write(_record(self._columns))

    def _tell(self, report: Report) -> None:
        """What people are told beside a CSV, where only the rows are data."""
        if report.verdict:
            notice(self._door.line(f"{report.verdict.code}: {report.verdict.says}"), self._style)
            for each in report.evidence:
                for note in each.notes:
                    notice(self._door.line(f"{each.name}: {note}"), self._style)
        if report.error and not (report.verdict and report.verdict.code == report.error.code):
            complain(report.error, self._style)

    def _lines(self, report: Report) -> list[Line]:
        report = cleaned(report, self._door) if self._style.verbose else report
        page = lines(report, quiet=self._style.quiet, verbose=self._style.verbose)
        return [tuple((self._door.line(text), look) for text, look in each) for each in page]

    def _page(self, page: list[Line]) -> None:
        if self._style.output:
            self._write("".join(f"{writer.plain(each)}\n" for each in page))
            return
        stdout = writer.standard_output()
        try:
            writer.write(page, stdout, colour=writer.in_colour(stdout, self._style.colour))
        except BrokenPipeError as gone:
            raise Unread from gone

    def _write(self, text: str) -> None:
        if self._style.output:
            self._part = self._part or writer.Part(self._style.output)
            self._part.write(text)
            return
        stdout = writer.standard_output()
        try:
            stdout.write(text)
            stdout.flush()
        except BrokenPipeError as gone:
            raise Unread from gone


def cleaned(report: Report, door: Door) -> Report:
    """Rows are cleaned by key before they become text, where a key would be lost."""
    evidence = tuple(replace(each, rows=tuple(door.clean(each.rows))) for each in report.evidence)
    return replace(report, evidence=evidence)


def _record(cells: Iterable[str]) -> str:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell; a text that a spreadsheet would compute gets a quote in front, a number never does."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(FORMULA) else value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return moment(value)
    return line(value)
