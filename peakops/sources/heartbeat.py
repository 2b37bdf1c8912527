"""What watches the watchers: an address that is told of each beginning and end, and calls people when it is not."""

import time
from urllib.parse import urlsplit, urlunsplit

from peakops.errors import PeakopsError
from peakops.settings import Settings

BEAT_SECONDS = 5.0
"""What it may take: the job is what counts."""
FINDINGS = range(4)
"""Exit codes of a job that did its work: what it found is told elsewhere, and must not look like a job that failed."""


class Heartbeat:
    """
    Tells the address of each beginning and each end, as Healthchecks takes it: <url>/start, <url>, <url>/<exit code>.

    Each call says what went wrong, for the report's warnings, or nothing; neither raises, nor tells the address, which
    is a secret. Without an address nobody is told.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url

    def started(self) -> str:
        """Tell that the job begins."""
        return self._told("/start")

    def ended(self, exit_code: int) -> str:
        """Tell that it has ended: done, whatever it found (0 to 3), or failed with its exit code."""
        return self._told("" if exit_code in FINDINGS else f"/{exit_code}")

    def _told(self, what: str) -> str:
        if not self._url:
            return ""
        # What identifies the check may stand in the query, too: it goes behind the path.
        parts = urlsplit(self._url)
        address = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}{what}"))
        # httpx takes a while to import, and most have no such address.
        from peakops.sources.http import Http
        from peakops.sources.http_errors import Api

        api = Api(source="heartbeat", title="The heartbeat", key="", address="PEAKOPS_HEARTBEAT_URL", page="")
        try:
            Http(api, address, deadline=time.monotonic() + BEAT_SECONDS, retries=0).write("POST", "", kind=object)
        except PeakopsError as wrong:
            return f"The heartbeat was not told. {wrong.says}"
        return ""


def beating(settings: Settings) -> Heartbeat:
    """Who is told that a job has begun and ended; nobody where no address is configured."""
    return Heartbeat(settings.heartbeat_url)
