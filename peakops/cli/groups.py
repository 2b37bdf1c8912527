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
    "journal": ("peakops.cli.journal", "What was done and shown: a record that can be verified."),
    "sandbox": ("peakops.cli.sandbox", "A portal with its vendors on this machine, to try and to drill."),
}
COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": (
        "peakops.cli.doctor",
        "Whether everything that is configured answers, and may do what the commands need it for; nothing is changed.",
    ),
    "config": (
        "peakops.cli.config",
        "Every setting with its value and its origin; of a secret only whether it is there.",
    ),
    "init": ("peakops.cli.init", "Write a commented config file and env file, and test what was written."),
    "setup": (
        "peakops.cli.setup",
        "Make the schema peakops in the portal's database: locks, journal, and the memory of sweeps.",
    ),
    "schema": ("peakops.cli.schema", "The JSON Schema of what a command prints with --json."),
}
