"""peakops mute: what a sweep raises no alarm for until a moment; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "add": ("peakops.cli.mute.add", "Mute a finding of 'peakops sweep', or a whole subject, for a while."),
    "list": ("peakops.cli.mute.list", "List what is muted, by whom, why and until when."),
    "end": ("peakops.cli.mute.end", "End a mute now, or settle one that is over."),
}

app = lazy.group("What a sweep is not to tell for a while, by whom and why.", COMMANDS)
