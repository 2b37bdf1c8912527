"""Whether what answered is the page, and whole: errors, certificates, refusals and log-ins. Pure."""

import re

from peakops.model import Row
from peakops.scenario import Outcome, found
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_words import named, several

INVALID = (10, 62, 64)
"""OpenSSL's numbers of a certificate that is over, or of another host or IP address: no browser takes it."""
LOG_IN = re.compile(
    r"/(?:service)?(?:log|sign)-?_?in\b|/(?:auth|authorize|oauth2?|sso|sso-api|saml2?)(?:/|\?|$)", re.IGNORECASE
)
"""The portal's own, those of identity providers, and Vercel's for a deployment that is protected (/sso-api)."""
REFUSALS = {401: "log_in", 403: "log_in", 404: "not_found", 410: "not_found", 429: "rate_limited"}


def failed(pages: list[Row]) -> Outcome | None:
    failing = [each for each in pages if any(sample["status"] >= 500 for sample in each["samples"])]
    if not failing:
        return None
    page = failing[0]
    bad = [each["status"] for each in page["samples"] if each["status"] >= 500]
    says = f"{named(page)} answers HTTP {bad[-1]}: {len(bad)} of {len(page['samples'])} times."
    at_times = len(bad) < len(page["samples"])
    return found("page_error", several(failing, says), cause="at_times" if at_times else None)


def uncertified(pages: list[Row]) -> Outcome | None:
    wrong = [each for each in pages if each["ended"] == "certificate" and each["detail"] in INVALID]
    if not wrong:
        return None
    why = "is over" if wrong[0]["detail"] == INVALID[0] else "is for another host"
    return found("page_error", several(wrong, f"{named(wrong[0])}: its certificate {why}."), cause="certificate")


def without_files(pages: list[Row]) -> Outcome | None:
    bare = [each for each in pages if each["bundle"] and 0 < each["bundle"]["files"] <= each["bundle"]["failed"]]
    if not bare:
        return None
    says = f"{named(bare[0])} came, but none of its scripts and styles did ({bare[0]['bundle']['files']} fail)."
    return found("page_error", several(bare, says), cause="files")


def empty(pages: list[Row]) -> Outcome | None:
    blank = [each for each in pages if figures.is_empty(each)]
    if not blank:
        return None
    says = f"{named(blank[0])} answers HTTP {blank[0]['status']}, and nothing with it."
    return found("page_refused", several(blank, says), cause="empty")


def refused(pages: list[Row]) -> Outcome | None:
    shut = [each for each in pages if 400 <= (each["status"] or 0) < 500]
    if shut:
        page = shut[0]
        cause = "challenge" if page["challenged"] else REFUSALS.get(page["status"])
        return found("page_refused", several(shut, f"{named(page)} answers HTTP {page['status']}."), cause=cause)
    outside = [each for each in pages if is_log_in(each)]
    if not outside:
        return None
    page = outside[0]
    known = "although it was sent PEAKOPS_PORTAL_COOKIE" if page["cookie_at_first"] else "where no cookie was sent"
    says = f"{page['url']} sends us on to the log-in, {page['measured']}, {known}."
    return found("page_refused", several(outside, says), cause="log_in")


def is_log_in(page: Row) -> bool:
    """Whether what answered is the log-in, in the place of what was asked for."""
    asked = LOG_IN.search(page["url"])
    return bool(page["redirects"] and not asked and LOG_IN.search(page["measured"]))


ERRORS = (failed, uncertified, without_files)
"""In their order; the first that finds something speaks, be another page silent or not."""
REFUSALS_OF_PAGES = (refused, empty)
"""Likewise, where no page was silent: it is a warning, which stands for no page that was not seen."""
