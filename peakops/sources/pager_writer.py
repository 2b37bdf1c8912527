"""Where people are called by a machine: Slack's incoming webhooks, and any webhook that takes JSON."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from peakops.errors import Denied, NotConfigured, NotFound, PeakopsError, Refused, Unreachable, unsent
from peakops.sources.http import Http
from peakops.sources.http_errors import Answer, Api, unreadable

PAGE_SECONDS = 5.0
"""What one call may take: a tick has a minute for all, and a channel that hangs must not keep the others."""
OK = "ok"
"""What Slack answers to a message that it took; a page of a proxy's with 200 is something else."""
SLACK_STATUS = "https://slack-status.com"
Made = Mapping[str, Any]


class PagerWriter:
    """
    The calls, by the variables that hold the addresses: an address is a secret, and stands in no error.

    A call is made once. It raises what went wrong; `nothing_done` says that nobody was called for certain.
    """

    def __init__(self, pages: Mapping[str, str]) -> None:
        self._pages = pages

    def slack(self, *, variable: str, text: str) -> Made:
        """
        Post a text to a channel of Slack's.

        Slack answers in plain words (docs.slack.dev, "Sending messages using incoming webhooks").
        """
        api = Api(
            source="slack",
            title="Slack",
            key=variable,
            address=variable,
            page=SLACK_STATUS,
            refusal=partial(_slack, variable),
        )
        answer = self._posted(api, variable, {"text": escaped(text)})
        if answer.text.strip() != OK:
            raise unreadable(api, answer, "it is not what Slack says of a message that it took")
        return {"id": OK, "status": "sent", "already": False}

    def webhook(self, *, variable: str, body: Mapping[str, Any]) -> Made:
        """Post a page as JSON to whatever is there; any answer of 200 to 299 has taken it."""
        api = Api(
            source="webhook",
            title=f"The webhook of {variable}",
            key=variable,
            address=variable,
            page="the status page of whoever runs it",
        )
        self._posted(api, variable, body)
        return {"id": OK, "status": "sent", "already": False}

    def _posted(self, api: Api, variable: str, body: Mapping[str, Any]) -> Answer:
        address = self._pages.get(variable)
        if not address:
            hint = f"Set {variable} or {variable}_FILE; see docs/settings.md."
            raise unsent(NotConfigured(f"{variable} is not set.", code=f"{api.source}.not_configured", hint=hint))
        try:
            parts = urlsplit(address)
        except ValueError:
            raise unsent(_malformed(api)) from None
        http = Http(api, f"{parts.scheme}://{parts.netloc}", deadline=time.monotonic() + PAGE_SECONDS, retries=0)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return http.write("POST", path, body, kind=object)


def escaped(text: str) -> str:
    """A text in which Slack finds no link and no mention: its three special characters are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack(variable: str, answer: Answer) -> PeakopsError | None:
    """What Slack's own word means, where it is one that an operator can act on."""
    word, hint = answer.text.strip(), f"Make a new incoming webhook in Slack, and set {variable} to it."
    match answer.status, word:
        case 404 | 410, "no_service" | "no_team" | "channel_not_found" | "channel_is_archived" | "no_active_hooks":
            return NotFound(f"The webhook of {variable} is gone: {word}.", code=f"slack.{word}", hint=hint)
        case 403, "invalid_token" | "action_prohibited" | "team_disabled" | "posting_to_general_channel_denied":
            return Denied(f"Slack refuses the webhook of {variable}: {word}.", code=f"slack.{word}", hint=hint)
        case 400, "invalid_payload" | "no_text" | "too_many_attachments" | "user_not_found":
            return Refused(f"Slack cannot take the message: {word}.", code=f"slack.{word}", hint="Report it.")
        case 500, "rollup_error":
            return Unreachable(
                "Slack failed: rollup_error.", code="slack.rollup_error", hint=f"Look at {SLACK_STATUS}."
            )
    return None


def _malformed(api: Api) -> NotConfigured:
    says = f"{api.address} is not an https address."
    return NotConfigured(says, code=f"{api.source}.malformed_address", hint="See docs/settings.md.")
