"""peakops case: the playbook's section on cases; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.case.check",
        "Case not created in Salesforce: whether it is there, once, and linked; and if not, what keeps it out.",
    ),
    "retry": (
        "peakops.cli.case.retry",
        "Bring a case to Salesforce that is not there: a search for a twin, then an upsert on the portal's id, then "
        "the link.",
    ),
    "link": (
        "peakops.cli.case.link",
        "Link a case to the one record of it that Salesforce has and the portal does not know; nothing is made there.",
    ),
    "backlog": (
        "peakops.cli.case.backlog",
        "Judge every submitted case of a window as 'case check' does, and list those that have not arrived as they "
        "should.",
    ),
    "mapping": (
        "peakops.cli.case.mapping",
        "The Salesforce accounts of all practices at once: which are not set, malformed, gone, merged, or shared.",
    ),
    "salesforce": (
        "peakops.cli.case.salesforce",
        "Whether Salesforce takes cases at all: the log-in, the user, the limits, the API's version, the fields.",
    ),
}

app = lazy.group("Cases that did not reach Salesforce, or reached it twice.", COMMANDS)
