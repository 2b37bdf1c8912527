"""What may be measured: a whole address of HTTP, or a path of the portal's."""

from collections.abc import Sequence

from peakops.endpoints import is_web
from peakops.errors import NotConfigured, UsageFault
from peakops.settings import Settings

MOST = 10
"""Pages that one run measures; of more each would have too little of the time."""
LONGEST = 2000
"""Characters of an address."""
HINT = "Give an address such as https://portal.example/cases, or a path of the portal's such as /cases."


def addresses(given: Sequence[str], settings: Settings) -> list[str]:
    """The addresses to measure, each once. Raises UsageFault, and NotConfigured where a path has no portal to be of."""
    if not given:
        raise UsageFault("No page was named.", hint=HINT)
    found = list(dict.fromkeys(_address(each.strip(), settings) for each in given))
    if len(found) > MOST:
        raise UsageFault(f"{len(found)} pages were named; one run measures {MOST}.", hint="Run it several times.")
    return found


def _address(given: str, settings: Settings) -> str:
    """One address. No error repeats it: it may hold a password."""
    if len(given) > LONGEST:
        raise UsageFault("A page's address is too long.", hint=HINT)
    if given.startswith("/") and not given.startswith("//"):
        if not settings.portal_url:
            says = "A path was named, and PEAKOPS_PORTAL_URL is not set."
            raise NotConfigured(says, hint="Set it, or give the whole address.")
        given = f"{settings.portal_url}{given}"
    if not is_web(given):
        says = "A page's address must begin with http:// or https://, and name a host, but neither user nor password."
        raise UsageFault(says, hint=HINT)
    return given.partition("#")[0]
