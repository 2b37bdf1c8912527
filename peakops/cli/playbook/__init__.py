"""peakops playbook: the operations playbook itself; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "show": (
        "peakops.cli.playbook.show",
        "Show a section: every scenario with its questions, what each row means, and what to do.",
    ),
    "run": (
        "peakops.cli.playbook.run",
        "Go through a scenario step by step: what can be looked up is, and what a person must do is asked for.",
    ),
    "coverage": (
        "peakops.cli.playbook.coverage",
        "Whether every line of the operations playbook has a command, a manual step, or an erratum.",
    ),
    "errata": (
        "peakops.cli.playbook.errata",
        "List where peakops deviates from the operations playbook, why, and the question for its owner.",
    ),
}

app = lazy.group("The operations playbook: read, run step by step, and what became of each line.", COMMANDS)
