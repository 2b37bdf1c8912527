"""peakops notify: the playbook's section on e-mail and notifications; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.notify.check",
        "Notification not received: whether it was made, sent and delivered, and what kept it back.",
    ),
    "rates": (
        "peakops.cli.notify.rates",
        "How well the portal's e-mail gets through as a whole: bounces, complaints, and what the portal could not "
        "send.",
    ),
    "sweep": (
        "peakops.cli.notify.sweep",
        "Judge every notification of a window as 'notify check' does, and list those that did not arrive; for cron.",
    ),
    "resend": (
        "peakops.cli.notify.resend",
        "Send the newest e-mail notification to a person once more, as it was written.",
    ),
    "release": (
        "peakops.cli.notify.release",
        "Take an address off the e-mail provider's list of bounces, so that mail is tried again.",
    ),
    "allow": (
        "peakops.cli.notify.allow",
        "Put a person's address on SendGrid's allowlist: mail goes there whatever SendGrid noted of earlier ones.",
    ),
    "enable": (
        "peakops.cli.notify.enable",
        "Switch one kind of notification on again that a person has switched off; at their own wish alone.",
    ),
}

app = lazy.group("Notifications and e-mail that did not arrive.", COMMANDS)
