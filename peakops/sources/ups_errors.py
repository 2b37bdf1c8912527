"""What UPS says when it refuses, in the operator's words: its code, our table of them, and the error that it makes."""

import re
from collections.abc import Mapping

from peakops.errors import Denied, NotFound, PeakopsError, RateLimited, Refused, Unauthenticated, Unreachable
from peakops.playbook.codes import code_row, plain
from peakops.sources.http_errors import Answer

PORTAL = "UPS's developer portal (https://developer.ups.com)"
"""Where somebody reads how UPS is: there is no status page that a program could."""
MINUTE_S = 60.0
"""How long to leave UPS alone after a 429: it has never been seen to say."""
KINDS: Mapping[str, type[PeakopsError]] = {
    "credentials": Unauthenticated,
    "product": Denied,
    "rate": RateLimited,
    "down": Unreachable,
}
"""The error of a code's kind in the table; every other kind is a refusal of what was sent."""
STATUSES: Mapping[int, tuple[type[PeakopsError], str]] = {
    401: (Unauthenticated, "does not accept the credentials"),
    403: (Denied, "refuses this to the app"),
    404: (NotFound, "does not know what was asked for"),
    429: (RateLimited, "asks to wait"),
}
CODE = re.compile(r"[A-Z]{0,5}\d{1,9}")
"""What is a code and no text: 120202, TW0001."""
NO_LABEL = ("300002", "300007")
"""UPS has the label no longer, or knows none of the number or the reference."""
NO_PACKAGE = ("TV1002",)
"""UPS does not take what was asked for for a number."""
SEVERAL = "300001"
VOIDED = "190117"


def codes_of(answer: Answer) -> tuple[str, ...]:
    """
    The codes of an answer that refuses, without the 9 that some of UPS's APIs put before six digits.

    The envelope is {"response": {"errors": […]}}, of Time in Transit {"errors": […]} alone.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    inner = body.get("response") if isinstance(body.get("response"), dict) else body
    errors = inner.get("errors") if isinstance(inner, dict) else None
    told = [each.get("code") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return tuple(plain(str(code)) for code in told if CODE.fullmatch(str(code)))


def code_of(wrong: PeakopsError) -> str:
    """UPS's own code of an error; empty where UPS gave none."""
    code = wrong.code.removeprefix("ups.")
    return code if CODE.fullmatch(code) else ""


def refusal(answer: Answer) -> PeakopsError | None:
    """
    The error for an answer with a code of UPS's; None for one without, where the HTTP status has to do.

    UPS's own text is not repeated: it may quote what was sent, and with it a name. Of several codes the first decides.
    """
    codes = codes_of(answer)
    if not codes:
        return _without_code(answer)
    known = code_row("ups", codes[0])
    # What UPS does not have is not what it refuses.
    error = _known(codes, known) if known and answer.status != 404 else _unknown(codes, answer.status)
    return _waiting(error, answer)


def _without_code(answer: Answer) -> PeakopsError | None:
    if answer.status != 429:
        return None
    return _waiting(
        _of("10429", code_row("ups", "10429"), "UPS takes no more requests at the moment (HTTP 429)."), answer
    )


def _known(codes: tuple[str, ...], known: Mapping[str, str]) -> PeakopsError:
    return _of(codes[0], known, f"{known['means'].rstrip('.')} ({_listed(codes)}).")


def _of(code: str, known: Mapping[str, str], says: str) -> PeakopsError:
    return KINDS.get(known["kind"], Refused)(says, code=f"ups.{code}", hint=known["do"])


def _unknown(codes: tuple[str, ...], status: int) -> PeakopsError:
    """A code that the table does not have: the HTTP status says whose matter it is."""
    later = (Unreachable, f"failed with HTTP {status}") if status >= 500 else (Refused, "refused the request")
    kind, says = STATUSES.get(status, later)
    hint = f"Look the code up in {PORTAL}."
    return kind(f"UPS {says} ({_listed(codes)}).", code=f"ups.{codes[0]}", hint=hint)


def _waiting(error: PeakopsError, answer: Answer) -> PeakopsError:
    """The error, which says when to come back where it asks to; `ups.rate_limited` has a wait, whatever UPS says."""
    if isinstance(error, RateLimited):
        error.retry_after_s = MINUTE_S if answer.retry_after is None else answer.retry_after
    return error


def _listed(codes: tuple[str, ...]) -> str:
    """The codes in brackets: that which decides first."""
    also = dict.fromkeys(codes[1:])
    also.pop(codes[0], None)
    return f"UPS's code {codes[0]}" + (f", with {', '.join(also)}" if also else "")
