"""peakops drill: practice in the sandbox; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "list": ("peakops.cli.drill.list", "List the drills that there are."),
    "start": ("peakops.cli.drill.start", "Put a fault into the sandbox, and let the clock run."),
    "status": (
        "peakops.cli.drill.status",
        "The complaint, the clock, whom the matrix calls next, and your steps so far.",
    ),
    "finish": ("peakops.cli.drill.finish", "End the drill, and see what your steps were worth."),
}

app = lazy.group("Practice: a fault in the sandbox, with the clock running.", COMMANDS)
