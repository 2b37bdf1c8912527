"""peakops security: the playbook's section on security incidents; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "investigate": (
        "peakops.cli.security.investigate",
        "Suspected unauthorised access: one time line of a person, what is unusual in it, and what could not be seen.",
    ),
    "hunt": (
        "peakops.cli.security.hunt",
        "Look for accounts in the wrong hands among everybody, as 'security investigate' judges one; for cron.",
    ),
    "contain": (
        "peakops.cli.security.contain",
        "Keep a person out: evidence first, then the ban, then every session and token; all of it can be resumed.",
    ),
    "verify": (
        "peakops.cli.security.verify",
        "Whether a person is kept out: the ban, what is left of sessions, and until when old access tokens still work.",
    ),
    "release": (
        "peakops.cli.security.release",
        "Let a contained person in again; says what cannot be undone.",
    ),
    "ratelimit": (
        "peakops.cli.security.ratelimit",
        "Rate limit exceeded: who asked, from where, when and for what, in files of Vercel's log drain.",
    ),
    "block": (
        "peakops.cli.security.block",
        "Block a network at Vercel's firewall for a while; 'security leases --sweep' takes it back.",
    ),
    "unblock": ("peakops.cli.security.unblock", "Take a block of a network back now, and end its lease."),
    "blocks": ("peakops.cli.security.blocks", "List what Vercel's firewall blocks, who asked for it, and until when."),
    "limit": (
        "peakops.cli.security.limit",
        "Change a rate limit of Vercel's firewall for a while; the old value is kept and put back.",
    ),
    "restore": (
        "peakops.cli.security.restore",
        "Put a rate limit back now that 'security limit' has changed, and end its lease.",
    ),
    "leases": (
        "peakops.cli.security.leases",
        "List what must be taken back, and with --sweep take back what is due; for cron.",
    ),
}
GROUPS = {"evidence": ("peakops.cli.security.evidence", "Evidence that can be checked: collected, sealed, verified.")}

app = lazy.group("Accounts in the wrong hands, and too many requests.", COMMANDS, GROUPS)
