"""peakops payment: the playbook's section on payments; each command is imported when it is used."""

from peakops.cli import lazy

COMMANDS = {
    "check": (
        "peakops.cli.payment.check",
        "Payment failed: the customer says it did not go through, or the invoice still shows as unpaid.",
    ),
    "events": (
        "peakops.cli.payment.events",
        "The events of a payment on one time line, oldest first: Stripe's and the portal's webhook log, with the gaps.",
    ),
    "webhooks": (
        "peakops.cli.payment.webhooks",
        "Webhooks of a stretch of time: which payment events were not delivered, failed, or were not processed.",
    ),
    "decline": (
        "peakops.cli.payment.decline",
        "What a decline code means, who acts, what to do, and what the customer may be told. Asks nobody.",
    ),
    "duplicates": (
        "peakops.cli.payment.duplicates",
        "Duplicate payment: the customer was charged twice, or an invoice has two payment records.",
    ),
    "reconcile": (
        "peakops.cli.payment.reconcile",
        "Compare every invoice, payment, charge and refund of a window on both sides, and list what does not agree.",
    ),
    "refund": (
        "peakops.cli.payment.refund",
        "Give a duplicate payment back: the surplus charge alone, its row in the portal, a message to the practice.",
    ),
    "cancel-hold": (
        "peakops.cli.payment.cancel_hold",
        "Cancel a pre-authorisation beside a payment: what was only set aside is released, not refunded.",
    ),
    "mark-paid": (
        "peakops.cli.payment.mark_paid",
        "Record a payment that Stripe took and the portal does not know: the invoice and its payments row.",
    ),
}

app = lazy.group("Payments that failed, or that the portal does not show.", COMMANDS)
