"""What is counted of one client's requests, and of a network's: small, mergeable, in the order of the rows."""

from msgspec import Struct

from peakops.sources.weblogs_record import ASSET, LIMITED, LOGIN

MOST_KINDS = 32
"""Different agents, and paths, that are told apart of one client; the others are counted together."""
OTHERS = ""
"""Under which those are counted. A request without an agent, or a path, is told apart by a name of its own."""
NONE = "(none)"
REFUSALS = (401, 403)
MINUTE = 60_000
HOUR = 3_600_000
DAY_HOURS = 24
LONGEST_GAP = DAY_HOURS * HOUR
"""Who comes again after a day begins anew."""


class Tally(Struct, array_like=True, gc=False):
    """
    The figures of one client. Times and gaps are in milliseconds; `hours` has a bit for each hour (UTC) of the day.

    A gap is the time from one request to the next, where the rows are in the order of time. `peak` is the most
    requests of a minute before the last one, of rows that follow one another; `in_minute` is of the last one. The first
    agent and path stand beside the others, since most clients have one: a dictionary for each client would take most of
    the memory.
    """

    requests: int = 0
    limited: int = 0
    refused: int = 0
    done: int = 0
    failed: int = 0
    auth: int = 0
    attempts: int = 0
    assets: int = 0
    logins: int = 0
    first: int = 0
    last: int = 0
    gaps: int = 0
    gap_sum: int = 0
    gap_squares: float = 0.0
    hours: int = 0
    minute: int = 0
    in_minute: int = 0
    peak: int = 0
    agent: str = ""
    agent_hits: int = 0
    agents: dict[str, int] | None = None
    path: str = ""
    path_hits: int = 0
    paths: dict[str, int] | None = None

    def add(self, status: int, at: int, minute: int, agent: str, path: str, kind: int) -> None:  # noqa: PLR0912  (the hot path)
        """Count one request, whose path is folded and of this kind."""
        self.requests += 1
        if 200 <= status < 400:
            self.done += 1
        elif status == LIMITED:
            self.limited += 1
        elif status in REFUSALS:
            self.refused += 1
        elif status >= 400:
            self.failed += 1
        if at:
            last = self.last
            if 0 <= (gap := at - last) < LONGEST_GAP:
                self.gaps += 1
                self.gap_sum += gap
                self.gap_squares += gap * gap
            if minute == self.minute:
                self.in_minute += 1
            else:
                self._turn(at, minute)
            self.last = at
        if agent == self.agent:
            self.agent_hits += 1
        else:
            self._agent(agent, 1)
        if path == self.path:
            self.path_hits += 1
        else:
            self._path(path, 1)
        if kind:
            self._kind(kind, status)

    def _kind(self, kind: int, status: int) -> None:
        if kind == ASSET:
            self.assets += 1
            return
        self.auth += 1
        if kind == LOGIN:
            self.attempts += 1
            self.logins += 200 <= status < 400

    def _turn(self, at: int, minute: int) -> None:
        """The first request of a minute."""
        self.minute = minute
        if not self.first:
            self.first = at
        if self.in_minute > self.peak:  # noqa: PLR1730  (the hot path: a call costs more)
            self.peak = self.in_minute
        self.in_minute = 1
        self.hours |= 1 << minute // 60 % DAY_HOURS

    def _agent(self, name: str, hits: int) -> None:
        if not self.agent or name == self.agent:
            self.agent, self.agent_hits = name, self.agent_hits + hits
            return
        self.agents = self.agents or {}
        _more(self.agents, name, hits)

    def _path(self, name: str, hits: int) -> None:
        if not self.path or name == self.path:
            self.path, self.path_hits = name, self.path_hits + hits
            return
        self.paths = self.paths or {}
        _more(self.paths, name, hits)

    def merge(self, later: "Tally", *, joined: bool) -> None:
        """Add what was counted later; `joined` where it is the same client, whose gap between the two counts too."""
        self.requests += later.requests
        self.limited += later.limited
        self.refused += later.refused
        self.done += later.done
        self.failed += later.failed
        self.auth += later.auth
        self.attempts += later.attempts
        self.assets += later.assets
        self.logins += later.logins
        self.gaps += later.gaps
        self.gap_sum += later.gap_sum
        self.gap_squares += later.gap_squares
        if joined and later.first and self.last and 0 <= (gap := later.first - self.last) < LONGEST_GAP:
            self.gaps, self.gap_sum = self.gaps + 1, self.gap_sum + gap
            self.gap_squares += gap * gap
        same = joined and self.minute == later.first // MINUTE == later.minute
        self.minute = later.minute or self.minute
        self.peak = max(self.peak, self.in_minute, later.peak)
        self.in_minute = later.in_minute + self.in_minute if same else later.in_minute
        self.hours |= later.hours
        if joined:
            self.first, self.last = self.first or later.first, later.last or self.last
        else:
            self.first = min(self.first or later.first, later.first or self.first)
            self.last = max(self.last, later.last)
        if later.agent_hits:
            self._agent(later.agent, later.agent_hits)
        for agent, hits in (later.agents or {}).items():
            self._agent(agent, hits)
        if later.path_hits:
            self._path(later.path, later.path_hits)
        for path, hits in (later.paths or {}).items():
            self._path(path, hits)

    def every_agent(self) -> dict[str, int]:
        """Each agent with its requests; those that were not told apart under ''."""
        return ({self.agent: self.agent_hits} if self.agent_hits else {}) | (self.agents or {})

    def every_path(self) -> dict[str, int]:
        """Each folded path with its requests; those that were not told apart under ''."""
        return ({self.path: self.path_hits} if self.path_hits else {}) | (self.paths or {})


def _more(counts: dict[str, int], name: str, hits: int) -> None:
    """One more name, or, where there are too many of them, the others together."""
    name = name if name in counts or len(counts) < MOST_KINDS - 1 else OTHERS
    counts[name] = counts.get(name, 0) + hits
