"""The command groups and single commands: where each is, and what `peakops --help` says of it without importing it."""

GROUPS: dict[str, tuple[str, str]] = {
    "payment": ("peakops.cli.payment", "Payments that failed, or that the portal does not show."),
    "journal": ("peakops.cli.journal", "What was done and shown: a record that can be verified."),
    "sandbox": ("peakops.cli.sandbox", "A portal with its vendors on this machine, to try and to drill."),
}
COMMANDS: dict[str, tuple[str, str]] = {
    "setup": (
        "peakops.cli.setup",
        "Make the schema peakops in the portal's database: locks, journal, and the memory of sweeps.",
    ),
    "schema": ("peakops.cli.schema", "The JSON Schema of what a command prints with --json."),
}
