"""peakops perf index: indexes; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "propose": (
        "peakops.cli.perf.index.propose",
        "Indexes that would make slow statements quick: from their plans, proven where that can be done; none is made.",
    ),
}

app = lazy.group("Indexes that would help, and their proof.", COMMANDS)
