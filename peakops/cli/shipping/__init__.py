"""peakops shipping: the playbook's section on shipping labels; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.shipping.check",
        "Label generation failed: whether UPS made a label, who knows it, and what is against making one.",
    ),
    "retry": (
        "peakops.cli.shipping.retry",
        "Have a shipment's label made once more, unless UPS has one already: that one is fetched instead, and none is "
        "made.",
    ),
    "recover": (
        "peakops.cli.shipping.recover",
        "Fetch a label that UPS has already, save it to a file, and note its number in the portal; nothing is made or "
        "charged.",
    ),
    "backlog": (
        "peakops.cli.shipping.backlog",
        "Judge every shipment of a window that has no label as 'shipping check' does, and list them with the next "
        "command.",
    ),
    "address": (
        "peakops.cli.shipping.address",
        "The address that a shipment goes to: whether UPS knows it, what it knows instead, and what kind of place it "
        "is.",
    ),
    "ups": (
        "peakops.cli.shipping.ups",
        "Whether UPS makes labels at all: the token, the products of the app, its limit, the practices' account "
        "numbers.",
    ),
    "void": (
        "peakops.cli.shipping.void",
        "Take a label back at UPS: of several the one that the portal does not hold, or the one that --tracking names.",
    ),
}

app = lazy.group("Shipping labels that UPS did not make, or that the portal does not know.", COMMANDS)
