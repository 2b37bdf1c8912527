"""The command groups and single commands: where each is, and what `peakops --help` says of it without importing it."""

GROUPS: dict[str, tuple[str, str]] = {
    "payment": ("peakops.cli.payment", "Payments that failed, or that the portal does not show."),
    "user": ("peakops.cli.user", "People who cannot log in, or see the wrong practice."),
    "invitation": ("peakops.cli.invitation", "Invitations that did not arrive, or have ended."),
    "case": ("peakops.cli.case", "Cases that did not reach Salesforce, or reached it twice."),
    "shipping": ("peakops.cli.shipping", "Shipping labels that UPS did not make, or that the portal does not know."),
    "notify": ("peakops.cli.notify", "Notifications and e-mail that did not arrive."),
    "perf": ("peakops.cli.perf", "Pages that are slow, and the database behind them."),
    "security": ("peakops.cli.security", "Accounts in the wrong hands, and too many requests."),
    "data": ("peakops.cli.data", "What is held on a person: shown, exported, erased; and what must not be logged."),
    "incident": ("peakops.cli.incident", "Incidents: who did what when, who has it, and what it was."),
    "contacts": ("peakops.cli.contacts", "Whom to call: people and vendors, and whether somebody is always there."),
    "oncall": ("peakops.cli.oncall", "Who is on call, now or at another time."),
    "escalation": ("peakops.cli.escalation", "Who must be told of an open incident, and since when."),
    "mute": ("peakops.cli.mute", "What a sweep is not to tell for a while, by whom and why."),
    "cron": ("peakops.cli.cron", "What runs by itself: made for crontab or systemd, and whether it did run."),
    "playbook": (
        "peakops.cli.playbook",
        "The operations playbook: read, run step by step, and what became of each line.",
    ),
    "drill": ("peakops.cli.drill", "Practice: a fault in the sandbox, with the clock running."),
    "journal": ("peakops.cli.journal", "What was done and shown: a record that can be verified."),
    "sandbox": ("peakops.cli.sandbox", "A portal with its vendors on this machine, to try and to drill."),
}
COMMANDS: dict[str, tuple[str, str]] = {
    "triage": ("peakops.cli.triage", "Recognise whatever a customer gave you, and run every check that applies."),
    "sweep": ("peakops.cli.sweep", "Look at everything at once for what needs somebody; for cron."),
    "replay": ("peakops.cli.replay", "Judge again what a recording holds; nobody is asked."),
    "diff": ("peakops.cli.diff", "What changed between two recordings."),
    "doctor": (
        "peakops.cli.doctor",
        "Whether everything that is configured answers, and may do what the commands need it for; nothing is changed.",
    ),
    "config": (
        "peakops.cli.config",
        "Every setting with its value and its origin; of a secret only whether it is there.",
    ),
    "init": ("peakops.cli.init", "Write commented files of settings, secrets and contacts, and test what was written."),
    "setup": (
        "peakops.cli.setup",
        "Make the schema peakops in the portal's database: locks, journal, and the memory of sweeps.",
    ),
    "schema": ("peakops.cli.schema", "The JSON Schema of what a command prints with --json."),
}
