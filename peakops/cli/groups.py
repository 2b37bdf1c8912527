"""The command groups and single commands: where each is, and what `peakops --help` says of it without importing it."""

GROUPS: dict[str, tuple[str, str]] = {
    "payment": ("peakops.cli.payment", "Payments that failed, or that the portal does not show."),
    "sandbox": ("peakops.cli.sandbox", "A portal with its vendors on this machine, to try and to drill."),
}
COMMANDS: dict[str, tuple[str, str]] = {
    "schema": ("peakops.cli.schema", "The JSON Schema of what a command prints with --json."),
}
