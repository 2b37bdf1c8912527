"""peakops incident: the time line of what went wrong; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "open": ("peakops.cli.incident.open", "Open an incident: its number, and the clock of the escalation, begin."),
    "list": ("peakops.cli.incident.list", "List the open incidents, or all."),
    "status": ("peakops.cli.incident.status", "What is open, who has it, what is overdue, and which legal clocks run."),
    "note": ("peakops.cli.incident.note", "Write something down in the time line of an incident."),
    "ack": ("peakops.cli.incident.ack", "Say that you have it; --undo that you have not any more."),
    "severity": ("peakops.cli.incident.severity", "Make an incident critical, or a warning."),
    "confirm": ("peakops.cli.incident.confirm", "Confirm which vendor's part it is, so that its support may be told."),
    "snooze": ("peakops.cli.incident.snooze", "Page nobody for a while."),
    "handover": (
        "peakops.cli.incident.handover",
        "What the next shift must know: open incidents, and leases, mutes and jobs that need somebody.",
    ),
    "resolve": ("peakops.cli.incident.resolve", "Say that it is over: nobody is paged any more."),
    "close": ("peakops.cli.incident.close", "Close an incident with its reason, and list what is left to do."),
    "report": ("peakops.cli.incident.report", "The facts of an incident as Markdown, or as one HTML page."),
    "verify": ("peakops.cli.incident.verify", "Prove that no event was changed, removed or repeated."),
}
GROUPS = {"hold": ("peakops.cli.incident.hold", "Legal holds: what must not be deleted until somebody says so.")}

app = lazy.group("Incidents: who did what when, who has it, and what it was.", COMMANDS, GROUPS)
