"""peakops cron: what runs by itself; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "render": (
        "peakops.cli.cron.render",
        "Print crontab lines or systemd timers of the jobs, with jitter, time limit and environment.",
    ),
    "status": (
        "peakops.cli.cron.status",
        "What ran by itself, when and how it ended; what is overdue, died, or has never run.",
    ),
}

app = lazy.group("What runs by itself: made for crontab or systemd, and whether it did run.", COMMANDS)
