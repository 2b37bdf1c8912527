"""Which signals could not be had of anybody, and why: a hunt that could not see is not one that saw nothing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from peakops.errors import PeakopsError
from peakops.scenario import Row
from peakops.scenarios.security.events import EXPORT, FAILED, READ

ALONE = "'security investigate' asks Supabase's platform logs for one person"
SIGNALS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ip": (
        ("new_network", "new_provider", "without_login"),
        "Neither the portal's log nor a session notes an address.",
    ),
    "agent": (
        ("new_device", "unseen_agent", "not_a_browser"),
        "Neither the portal's log nor a session notes an agent.",
    ),
    "country": (("new_country", "two_countries"), f"The portal's log notes no country; {ALONE}."),
    "failed": (("failures_then_success", "sprayed_network"), f"The portal's log notes no log-in that failed; {ALONE}."),
    "rows": (("mass_reading",), "The portal's log notes no reading."),
    "practice": (("other_practice",), "The portal's log notes of no reading to which practice it belongs."),
}
"""By what must be noted somewhere: the signals that need it, and what is said where it is not."""
OF_COMPANY = {"networks": ("new_network",), "agents": ("unseen_agent",), "sprays": ("sprayed_network",)}
"""By the look at what everybody uses, the signals that are judged without it."""


@dataclass
class Noted:
    """What the events of everybody told at all."""

    fields: set[str] = field(default_factory=set)

    def add(self, events: Iterable[Row]) -> None:
        """Note what these events tell."""
        if len(self.fields) == len(SIGNALS):
            return
        for event in events:
            self.fields |= {name for name in ("ip", "agent", "country", "practice") if event[name]}
            self.fields |= (
                {"failed"} if event["kind"] == FAILED else {"rows"} if event["kind"] in (READ, EXPORT) else set()
            )

    def missing(self, silent: Mapping[str, PeakopsError]) -> list[dict[str, str]]:
        """A row for each signal that could not be had, and why; for all of them where a look is silent."""
        log = silent.get("history")
        told = {
            signal: log.says if log else why
            for name, (signals, why) in SIGNALS.items()
            if name not in self.fields
            for signal in signals
        }
        told |= {
            signal: silent[name].says for name, signals in OF_COMPANY.items() if name in silent for signal in signals
        }
        return [{"signal": signal, "why": why} for signal, why in told.items()]
