"""peakops escalation: who must be told of an open incident; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "show": (
        "peakops.cli.escalation.show",
        "Who has been told of an incident, who is next and when; the whole matrix.",
    ),
    "tick": ("peakops.cli.escalation.tick", "Tell whoever must be told now, each once; for cron, every minute."),
}

app = lazy.group("Who must be told of an open incident, and since when.", COMMANDS)
