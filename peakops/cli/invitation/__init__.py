"""peakops invitation: the playbook's section on invitations; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.invitation.check",
        "Invitation not received, or its link expired: whether it was sent, arrived, was accepted, or has ended.",
    ),
    "backlog": (
        "peakops.cli.invitation.backlog",
        "Judge the newest invitation to each address of a window as 'invitation check' does; list what did not work.",
    ),
    "reissue": (
        "peakops.cli.invitation.reissue",
        "Make a fresh invitation with the same role, practice and inviter; every pending one ends in the same "
        "transaction.",
    ),
    "revoke": (
        "peakops.cli.invitation.revoke",
        "End every pending invitation to an address; the rows stay, so that the history does.",
    ),
    "delete": (
        "peakops.cli.invitation.delete",
        "Delete the invitations to an address for good, history and all; only where none was ever accepted.",
    ),
    "link": (
        "peakops.cli.invitation.link",
        "Make a fresh invitation and show its link once, to hand over where no mail arrives; the older links end.",
    ),
}

app = lazy.group("Invitations that did not arrive, or have ended.", COMMANDS)
