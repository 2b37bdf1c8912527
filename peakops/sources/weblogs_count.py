"""Counting the rows of one stretch: each request once, each client, minute, path and agent, in bounded memory."""

from array import array
from collections.abc import Sequence
from pathlib import Path

from peakops.sources.weblogs_counted import NAMES, Counted, Named, entry, fold
from peakops.sources.weblogs_lines import BOM, STDIN
from peakops.sources.weblogs_record import (
    AUTH,
    BROKEN,
    EARLIEST,
    LATEST,
    LIMITED,
    LOGIN,
    LONGEST_HELD,
    LONGEST_NAME,
    Line,
    Request,
    decode,
    decode_several,
    folded,
    is_request,
    request_of,
)
from peakops.sources.weblogs_tally import MINUTE, NONE, Tally

NEAR = 50_000
"""Requests between two rows of one request beyond which the second is not known again; see Counted.repeated."""
EDGE = 10_000
"""Requests at the beginning of a second stretch that are held back: rows of them may be in the first one."""
WAITING = 20_000
"""Requests of which only rows without a client were seen so far."""
MARKED = 2_000_000
"""Requests of a stretch, of which it is known afterwards whether any was counted twice: 8 bytes each."""
PARTS = 16
ADDRESSES = 100_000
"""Clients of a stretch that are counted one by one, about 500 bytes each; see Counted.folded."""
LONGEST_ADDRESS = 60
"""Characters; of IPv6, with a zone. What is longer is no address, and counted as if none was told."""
RULES = 1_000
MINUTES = 100_000
"""Ten weeks of them."""


class Counter:
    """Counts lines; `edge` for a stretch before which another one lies."""

    def __init__(self, counted: Counted | None = None, *, edge: bool = False) -> None:
        self.counted = counted or Counted()
        self._addresses = self.counted.addresses
        self.edge: list[tuple[int, Request]] = []
        self.waiting: dict[int, Request] = {}
        self.marks = [array("q") for _ in range(PARTS)]
        self._edge_left = EDGE if edge else 0
        self._now: set[int] = set()
        self._before: set[int] = set()
        self._paths: dict[str, Named] = {}
        self._agents: dict[str, Named] = {}
        self._minute, self._of_minute = -1, [0, 0]
        self._file, self._line, self._whole = "", 0, True

    def begin(self, file: str, *, whole: bool) -> None:
        """Say what the next lines are of."""
        self._file, self._line, self._whole = "standard input" if file == STDIN else Path(file).name, 0, whole

    def take(self, lines: Sequence[bytes]) -> None:
        """Count these lines, and those that cannot be read. Nothing is called here that can be done in place."""
        self._make_room()
        now, before, waiting, marks = self._now, self._before, self.waiting, self.marks
        self.counted.lines += len(lines)
        self.counted.rows += len(lines)
        for number, line in enumerate(lines, self._line + 1):
            try:
                row = decode(line)
            except BROKEN:
                self._odd(line, number)
                continue
            if not row.request_id:
                self._nameless(row)
                continue
            mark = hash(row.request_id)
            if mark in now or mark in before:
                continue
            proxy = row.proxy
            if proxy is None or not proxy.client_ip:
                self._wait(mark, row)
                continue
            now.add(mark)
            marks[mark % PARTS].append(mark)
            if waiting:
                waiting.pop(mark, None)
            status, at, path, agent = proxy.status_code, proxy.timestamp, proxy.path, proxy.user_agent
            at = at or row.timestamp
            # Most rows are plain: nothing is made of them. What is held back or limited takes the long way.
            if (
                self._edge_left
                or not status
                or status == LIMITED
                or at.__class__ is not int
                or not EARLIEST <= at <= LATEST
                or not path
                or agent.__class__ is not list
                or len(agent) != 1
            ):
                self._hold_back(mark, request_of(row))
            else:
                path = path.partition("?")[0] if "?" in path else path
                self._count(proxy.client_ip, path, agent[0], proxy.method, status, at)
        self._line += len(lines)

    def recent(self) -> set[int]:
        """The requests that would be known again."""
        return self._now | self._before

    def _make_room(self) -> None:
        """Between two blocks of lines: forget what is too far behind."""
        if len(self._now) >= NEAR:
            self._before, self._now = self._now, set()
        if sum(map(len, self.marks)) > MARKED:
            self.counted.unmarked += sum(map(len, self.marks))
            self.marks = [array("q") for _ in range(PARTS)]
        if len(self.waiting) > WAITING:
            for mark in list(self.waiting)[: WAITING // 2]:
                self._now.add(mark)
                self.add(self.waiting.pop(mark))

    def _odd(self, line: bytes, number: int) -> None:
        """A line that is no row: blank, an array of rows, an element of an array in a line of its own, or broken."""
        self.counted.rows -= 1
        # Whoever sends a path or an agent that is no UTF-8 is counted all the same.
        bare = line.decode(errors="replace").encode().removeprefix(BOM).strip().rstrip(b",")
        if bare in (b"", b"[", b"]"):
            self.counted.lines -= 1
            return
        try:
            rows = decode_several(bare if bare.startswith(b"[") else b"[%s]" % bare)
        except BROKEN:
            self.counted.unreadable += 1
            where = f"{self._file}:{number}" if self._whole else f"{self._file}, in its second half"
            self.counted.where = self.counted.where or where
            return
        self.counted.rows += len(rows)
        for row in rows:
            self._row(row)

    def _row(self, row: Line) -> None:
        """As `take` does with each, for the rows of an array."""
        if not row.request_id:
            self._nameless(row)
            return
        mark = hash(row.request_id)
        if mark in self._now or mark in self._before:
            return
        if row.proxy is None or not row.proxy.client_ip:
            self._wait(mark, row)
            return
        self._now.add(mark)
        self.marks[mark % PARTS].append(mark)
        self.waiting.pop(mark, None)
        self._hold_back(mark, request_of(row))

    def _nameless(self, row: Line) -> None:
        """A row without an id: a request by itself, or none."""
        if is_request(row):
            self._hold_back(0, request_of(row))
        else:
            self.counted.output += 1

    def _hold_back(self, mark: int, request: Request) -> None:
        """A request at the edge is kept for whoever knows the stretch before; any other is counted."""
        if self._edge_left:
            self._edge_left -= 1
            self.edge.append((mark, request))
        else:
            self.add(request)

    def _wait(self, mark: int, row: Line) -> None:
        """A row without a client; the one that has it may come. Of several, the first with a status counts."""
        held = self.waiting.get(mark)
        if held is None or not held.status:
            self.waiting[mark] = request_of(row)

    def add(self, request: Request) -> None:
        """Count one request."""
        self._count(request.address, request.path, request.agent, request.method, request.status, request.at)
        if request.status == LIMITED:
            self._limited(request)

    def _count(self, client: str, path: str, agent: str, method: str | None, status: int, at: int) -> None:
        self.counted.requests += 1
        place = self._paths.get(path) or self._path(path)
        who = self._agents.get(agent) or self._agent(agent)
        place.requests += 1
        who.requests += 1
        minute = at // MINUTE
        if minute != self._minute:
            self._turn(at)
        self._of_minute[0] += 1
        kind = place.kind
        if kind == AUTH and method == "POST":
            kind = LOGIN
        tally = self._addresses.get(client) or self.client(client)
        tally.add(status, at, self._minute, who.name, place.name, kind)

    def client(self, address: str) -> Tally:
        """The figures of a client; where there are too many of them, room is made."""
        if len(address) > LONGEST_ADDRESS:
            address = ""
        tally = self._addresses.get(address)
        if tally is None:
            if len(self._addresses) >= ADDRESSES:
                fold(self.counted, ADDRESSES // 2)
            tally = self._addresses[address] = Tally()
        return tally

    def _limited(self, request: Request) -> None:
        self.counted.limited += 1
        self._of_minute[1] += 1
        self._paths[request.path].limited += 1
        self._agents[request.agent].limited += 1
        by = self.counted.answered_by
        by[request.answered_by] = by.get(request.answered_by, 0) + 1
        rules = self.counted.rules
        if request.rule and (request.rule in rules or len(rules) < RULES):
            rules[request.rule] = rules.get(request.rule, 0) + 1

    def _turn(self, at: int) -> None:
        """Another minute than that of the row before. Rows without a time, and of too many minutes, are put at 0."""
        minutes, minute = self.counted.minutes, at // MINUTE
        if minute not in minutes and len(minutes) >= MINUTES:
            minute = 0
        self._minute, self._of_minute = at // MINUTE, minutes.setdefault(minute, [0, 0])

    def _path(self, path: str) -> Named:
        if len(self._paths) >= NAMES:
            self._paths.clear()
        name, kind = folded(path)
        named = entry(self.counted.paths, name or NONE, kind)
        if len(path) <= LONGEST_HELD:
            self._paths[path] = named
        return named

    def _agent(self, agent: str) -> Named:
        if len(self._agents) >= NAMES:
            self._agents.clear()
        named = entry(self.counted.agents, agent[:LONGEST_NAME] or NONE, 0)
        if len(agent) <= LONGEST_HELD:
            self._agents[agent] = named
        return named
