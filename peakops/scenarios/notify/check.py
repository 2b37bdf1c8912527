"""
Notification not received: whether it was made, sent and delivered, and what kept it back.

Looks at the person's newest notification of each channel, preferences and the portal's log, and at the e-mail provider:
what became of the mail, suppressions, domain, rates, key, quota, status page.

Example: peakops notify check owner@smilecare.example --type invoice
"""

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios import pending
from peakops.scenarios.arguments import (
    Notification,
    NotificationChannel,
    NotificationSince,
    NotificationType,
    Notified,
)
from peakops.scenarios.notify import delivery, looks, made, records, refusals, sight
from peakops.scenarios.user import looks as people


def gather(
    look: Look,
    user: Notified,
    type: NotificationType = None,
    channel: NotificationChannel = None,
    since: NotificationSince = None,
    notification: Notification = None,
) -> None:
    """Declare the looks; all wait for the person, those at the provider for the newest mail and the address too."""
    looks.declare(look, user, type=type, channel=channel, since=since, notification=notification)


NEEDED = ("person", "notifications", "preferences")
"""What the mildest verdict rests on. A verdict that rests on the provider reads those looks itself."""

SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(
        pending.unfinished,
        refusals.key,
        refusals.quota,
        refusals.service,
        refusals.domain,
        delivery.suppression,
        delivery.delivery,
        delivery.address,
        records.sending,
        made.creation,
        made.preference,
        records.progress,
        records.in_app,
        records.settled,
    ),
    subject=("person",),
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    brief=sight.brief,
    called=people.called,
    plural="people",
    absent=looks.absent,
    near=people.near,
    candidate=people.candidate,
    data=lambda facts: {"notification": sight.notifications(facts), "truth": sight.truth(facts)},
)
