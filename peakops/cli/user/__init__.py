"""peakops user: the playbook's section on access; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.user.check",
        "User can't log in: \"invalid credentials\", locked out, or the wrong practice's data.",
    ),
    "resend-confirmation": (
        "peakops.cli.user.resend_confirmation",
        "Send the confirmation mail, or the invitation of an account, once more.",
    ),
    "reset-password": (
        "peakops.cli.user.reset_password",
        "Send the mail with which the person sets a new password; staff never set one.",
    ),
    "enable": (
        "peakops.cli.user.enable",
        "Let a banned or switched-off person in again; refused where a security action is open.",
    ),
    "set-practice": (
        "peakops.cli.user.set_practice",
        "Move a person to another practice; the plan shows what becomes visible.",
    ),
}

app = lazy.group("People who cannot log in, or see the wrong practice.", COMMANDS)
