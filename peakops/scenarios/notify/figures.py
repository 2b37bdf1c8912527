"""What the rates of a window mean: thresholds, and how few mails say little. Pure."""

from dataclasses import dataclass

from peakops.model import Fault, Row, Severity, spelt
from peakops.scenario import Facts
from peakops.scenarios.notify import standing

FEW = 500
"""Mails in a window below which a rate says little: one bounce more, and it is another one."""
HANDFUL = 5
"""Mails that are no rate yet: of fewer than FEW mails, so many at least must have gone wrong, and it is a warning."""
SHOWN_DAYS = 3
"""The worst days that a sentence tells; --json has all of them."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A rate: of which counts it is, in whose words, and from where on it is raised, and high (fractions of 0 to 1)."""

    rate: str
    part: str
    whole: str
    says: str
    raised: float
    high: float

    def level(self, rate: float | None, part: int | None, whole: int | None) -> Severity:
        """What a rate means; where the provider tells no counts it stands as it is told."""
        if rate is None or rate < self.raised:
            return Severity.OK
        few = whole is not None and whole < FEW
        if few and part is not None and part < HANDFUL:
            return Severity.OK
        return Severity.CRITICAL if rate >= self.high and not few else Severity.WARNING


COMPLAINTS = Kind(
    rate="complaint_rate", part="complaints", whole="delivered", says="were reported as spam", raised=0.001, high=0.003
)
"""Gmail's rules for senders of many mails: below 0.10 %, and never 0.30 % or more; Yahoo's are the same."""
BOUNCES = Kind(rate="bounce_rate", part="bounces", whole="requests", says="came back", raised=0.02, high=0.05)
"""No mailbox provider publishes a figure: those who send mails for others act at 4 to 5 %."""
FAILING = Kind(rate="rate", part="failed", whole="notifications", says="could not be sent", raised=0.02, high=0.05)
"""Our own, as for bounces: what the portal fails to send has arrived as little."""


def percent(rate: float) -> str:
    """A fraction in per cent: 2.40 %."""
    return f"{rate * 100:.2f} %"


def caution(whole: int | None) -> str:
    """What limits a rate, as a part of a sentence; empty where nothing does."""
    if whole is None:
        return "; of how many mails, the provider does not tell"
    return f"; below {FEW} mails a rate says little" if whole < FEW else ""


def told(row: Row, kind: Kind) -> str:
    """A rate with its counts, and the thresholds, as a sentence."""
    rate, part, whole = row[kind.rate], row[kind.part], row[kind.whole]
    if rate is None:
        return f"No mail was sent in that time, so that none {kind.says.replace('were', 'was')}."
    of = f" ({part} of {whole} mails)" if part is not None and whole is not None else ""
    limits = f"raised is {percent(kind.raised)}, high {percent(kind.high)}"
    return f"{percent(rate)}{of} {kind.says}; {limits}{caution(whole)}.{_worst(row, kind)}"


def _worst(row: Row, kind: Kind) -> str:
    """The days that stand out, as a further sentence; empty where the provider tells no days, or nothing went wrong."""
    days = sorted((each for each in row["days"] if each[kind.part]), key=lambda each: -each[kind.part])[:SHOWN_DAYS]
    said = ", ".join(f"{each['date']} ({each[kind.part]} of {each[kind.whole]})" for each in days)
    return f" The days with most of them: {said}." if said else ""


def of_portal(rows: list[Row]) -> dict[str, int]:
    """The portal's own counts over all providers."""
    return {name: sum(each[name] for each in rows) for name in ("notifications", "sent", "failed", "waiting")}


def refused(facts: Facts) -> Fault | None:
    """The provider's refusal of our key for what is asked here; None for silence, and where nothing was refused."""
    faults = (facts.fault(look) for look in ("rates", "domains"))
    return next((fault for fault in faults if fault and fault.category in ("auth", "permission")), None)


def warns(facts: Facts) -> tuple[str, ...]:
    """Mails that went out with another provider than the one that is asked."""
    if not facts.known("provider", "sent") or not (mine := standing.configured(facts)):
        return ()
    others = [each for each in facts["sent"] if each["sent"] and each["provider"] not in (mine, "none")]
    return tuple(
        f"The portal sent {each['sent']} of these mails with {spelt(each['provider'])}, which is not asked: "
        f"{spelt(mine)} is the provider in use."
        for each in others
    )
