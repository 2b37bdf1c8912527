"""What the role that writes may do, asked before a plan is made: where it may not, the plan must be another one."""

from pathlib import Path

from peakops.errors import NotConfigured, PeakopsError
from peakops.fix import Rights
from peakops.investigate import fault_of
from peakops.model import Evidence, Fault, Row
from peakops.settings import Settings, WriteKeys
from peakops.sources.writers import Writers

NAME = "rights"


def asked(rights: Rights, settings: Settings, keys: WriteKeys, folder: Path) -> Evidence:
    """What the role lacks, one row each; the reason instead, where there is no such role, or it does not answer."""
    rows: tuple[Row, ...] = ()
    error: Fault | None = None
    try:
        if lacking := keys.missing(("database",)):
            raise NotConfigured(f"{lacking} is not set.", code="fix.no_write_access")
        rows = Writers(settings, keys, folder).rows(rights.query, **rights.params)
    except PeakopsError as wrong:
        error = fault_of(wrong, "database")
    asked = f"sql/{rights.query}.sql"
    return Evidence(name=NAME, source="database", asked=asked, at=settings.now(), rows=rows, error=error)
