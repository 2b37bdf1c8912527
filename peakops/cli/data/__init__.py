"""peakops data: the playbook's section on people's data; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.data.check",
        "Data deletion request: what is held on a person, table by table, and what a deletion would do with it.",
    ),
    "export": (
        "peakops.cli.data.export",
        "Write everything that is held on a person into a folder, with a manifest; without secrets and other people.",
    ),
    "delete": (
        "peakops.cli.data.delete",
        "Erase a person: delete, pseudonymise or keep, table by table, in one transaction, Supabase Auth last.",
    ),
    "log": ("peakops.cli.data.log", "List the deletions that were made: when, for which request, and what."),
    "replay": (
        "peakops.cli.data.replay",
        "After a restore: find the people who were erased since, and are there again.",
    ),
    "scan": (
        "peakops.cli.data.scan",
        "Look through files for what must never be logged: passwords, cards, social security numbers, keys, patients.",
    ),
}

app = lazy.group("What is held on a person: shown, exported, erased; and what must not be logged.", COMMANDS)
