"""peakops perf: the playbook's section on performance; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.perf.check",
        "Pages are slow: what takes the time, and which cause the database, the bundle, an API or Vercel shows for it.",
    ),
    "page": (
        "peakops.cli.perf.page",
        "Pages taking more than 3 seconds to load: timed probes, and which part takes the time.",
    ),
    "db": (
        "peakops.cli.perf.db",
        "What makes the database slow: policies, statements, indexes, locks, connections, memory and upkeep.",
    ),
    "query": (
        "peakops.cli.perf.query",
        "Why a statement is slow for the portal's people: its plan as their role, under their policies, beside the "
        "operator's.",
    ),
}
GROUPS = {"index": ("peakops.cli.perf.index", "Indexes that would help, and their proof.")}

app = lazy.group("Pages that are slow, and the database behind them.", COMMANDS, GROUPS)
